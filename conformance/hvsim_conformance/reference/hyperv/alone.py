"""A Hyper-V host that answers for itself, without VMM: what it tells of itself and its guests."""

from collections.abc import Callable
from typing import Any, Final

Ask = Callable[[str], list[Any]]

_NAME: Final = "$env:COMPUTERNAME"
_MODULE: Final = """
Get-VM | Select-Object Name, @{n='Id'; e={[string]$_.Id}}, @{n='State'; e={[string]$_.State}}
"""
_WMI: Final = r"""
Get-WmiObject -Namespace root\virtualization -Class Msvm_ComputerSystem |
    Where-Object { $_.Caption -ne 'Hosting Computer System' } |
    Select-Object ElementName, Name, EnabledState
"""
_ENABLED: Final = {2: "Running", 3: "Off", 32768: "Paused", 32769: "Saved"}


def name_of(ask: Ask) -> str:
    """Return the host's name, in small letters."""
    return str(ask(_NAME)[0]).lower()


def guests_of(ask: Ask, *, module: bool) -> list[tuple[str, str, str]]:
    """Return the guests: their GUIDs, names and states, in the words of the Hyper-V module.

    Args:
        ask: runs a script on the host.
        module: whether the host has the Hyper-V module; Windows Server 2008 has WMI only.
    """
    if module:
        rows = [row.extended_properties for row in ask(_MODULE)]
        return [(row["Id"], row["Name"], row["State"]) for row in rows]
    rows = [row.extended_properties for row in ask(_WMI)]
    return [
        (str(row["Name"]).lower(), row["ElementName"], _ENABLED.get(row["EnabledState"], ""))
        for row in rows
    ]
