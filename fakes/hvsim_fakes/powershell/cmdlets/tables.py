"""Tables of the modules that come with PowerShell; the modules beside this one fill them."""

from __future__ import annotations

from typing import Final

from hvsim_fakes.powershell.cmdlet import Parameter, Table

UTILITY: Final = Table("Microsoft.PowerShell.Utility", "Microsoft.PowerShell.Commands", "3.1.0.0")


CORE: Final = Table("Microsoft.PowerShell.Core", "Microsoft.PowerShell.Commands", "3.0.0.0")


SECURITY: Final = Table("Microsoft.PowerShell.Security", "Microsoft.PowerShell.Commands", "3.0.0.0")


MANAGEMENT: Final = Table(
    "Microsoft.PowerShell.Management", "Microsoft.PowerShell.Commands", "3.1.0.0"
)

INPUT: Final = Parameter("InputObject", pipeline=True)
"""What most cmdlets take from the pipeline."""
