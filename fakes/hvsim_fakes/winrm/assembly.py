"""A Windows host put together: its WinRM service with PowerShell and Ansible's shim behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hvsim_fakes.powershell.host import MemoryDrive
from hvsim_fakes.winrm.ansible.shim import AnsibleEngine
from hvsim_fakes.winrm.machine import Machine, Settings
from hvsim_fakes.winrm.powershell import PowerShellEngine
from hvsim_fakes.winrm.troubles import Troubles

if TYPE_CHECKING:
    from hvsim.world import World
    from hvsim_fakes.powershell.engine.library import Library
    from hvsim_fakes.winrm.accounts import Directory


def windows_host(
    world: World,
    library: Library,
    context: Any,
    directory: Directory,
    *,
    computer: str,
    domain: str,
    dns_domain: str = "",
    settings: Settings | None = None,
    troubles: Troubles | None = None,
    epoch: float = 0.0,
) -> Machine:
    """Return a host whose shells run our PowerShell; ``WinRmEndpoint(machine)`` serves it.

    Args:
        library: the commands of its PowerShell.
        context: what the product's cmdlets get as ``call.context``.
        directory: who may log in.
        computer, domain: NetBIOS names, in capitals.
        dns_domain: the DNS name of the domain; empty in a workgroup.
        troubles: what goes wrong on purpose.
        epoch: seconds of Unix at which the lab begins.
    """
    drive, found = MemoryDrive(), troubles or Troubles()
    engine = PowerShellEngine(
        world,
        library,
        context,
        computer=computer,
        domain=dns_domain,
        drive=drive,
        epoch=epoch,
        latency=lambda: found.latency,
    )
    return Machine(
        world,
        computer,
        domain,
        directory,
        AnsibleEngine(engine),
        settings or Settings(),
        drive,
        found,
        epoch,
    )
