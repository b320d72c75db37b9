"""The cmdlets that come with PowerShell itself."""
