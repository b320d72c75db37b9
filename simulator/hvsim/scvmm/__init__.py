"""Hyper-V hosts, the Windows failover cluster and System Center VMM over them, no wire."""
