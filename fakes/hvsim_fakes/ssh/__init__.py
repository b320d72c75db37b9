"""The SSH server that simulated hosts are driven through."""
