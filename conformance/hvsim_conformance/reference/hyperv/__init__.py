"""The reference manager's part for Hyper-V, built on pypsrp and VMM's cmdlets."""
