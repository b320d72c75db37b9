"""SCVMM as its PowerShell cmdlets show it, over WinRM."""
