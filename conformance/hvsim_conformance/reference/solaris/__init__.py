"""The reference manager's part for Solaris zones, over SSH."""
