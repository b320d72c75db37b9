"""Pytest plug-in of hvsim; every import happens inside a hook or fixture so start-up stays fast."""
