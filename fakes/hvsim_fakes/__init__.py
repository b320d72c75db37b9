"""Endpoints that speak the real wire protocols of the simulated products."""
