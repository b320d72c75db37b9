"""Where a VMM server is entered: WS-Management on its machine, with PowerShell behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hvsim.clock import LAB_BEGINS
from hvsim_fakes.powershell.host import MemoryDrive
from hvsim_fakes.powershell.standard import library
from hvsim_fakes.scvmm.cmdlets import table
from hvsim_fakes.scvmm.context import VmmContext
from hvsim_fakes.winrm.accounts import Account
from hvsim_fakes.winrm.ansible.shim import AnsibleEngine
from hvsim_fakes.winrm.endpoint import WinRmEndpoint
from hvsim_fakes.winrm.machine import Machine, Settings
from hvsim_fakes.winrm.powershell import PowerShellEngine
from hvsim_fakes.winrm.troubles import Troubles

if TYPE_CHECKING:
    from hvsim.scvmm.server import VmmServer
    from hvsim_fakes.wirelog import WireLog

_SYSTEMS: Final = {
    "scvmm-2008r2": ("6.1.7601", "2.0"),
    "scvmm-2012r2": ("6.3.9600", "3.0"),
    "scvmm-2019": ("10.0.17763", "3.0"),
}
"""By profile, the versions of Windows and of WS-Management on VMM's own machine."""


class VmmDirectory:
    """The accounts of the domain, as they are at each login."""

    def __init__(self, vmm: VmmServer) -> None:
        self._vmm = vmm

    def account(self, user: str, domain: str) -> Account | None:
        """See :class:`hvsim_fakes.winrm.accounts.Directory`."""
        vmm = self._vmm
        names = ("", ".", vmm.netbios, vmm.domain, vmm.server.name, vmm.fqdn)
        if domain.lower() not in (name.lower() for name in names):
            return None
        found = vmm.account(user)
        if found is None:
            return None
        return Account(found.user, found.password, vmm.netbios, found.enabled)


def endpoint_of(vmm: VmmServer, wirelog: WireLog) -> WinRmEndpoint:
    """Return what a VMM server's machine serves."""
    drive, troubles = MemoryDrive(), Troubles()
    computer, epoch = vmm.server.name.upper()[:15], LAB_BEGINS.timestamp()
    shell = PowerShellEngine(
        vmm.world,
        library(table(vmm.release)),
        VmmContext(vmm, wirelog),
        computer=computer,
        domain=vmm.domain,
        drive=drive,
        epoch=epoch,
    )
    windows, stack = _SYSTEMS[vmm.profile]
    machine = Machine(
        vmm.world,
        computer,
        vmm.netbios,
        VmmDirectory(vmm),
        AnsibleEngine(shell),
        Settings(version=windows, stack=stack),
        drive,
        troubles,
        epoch,
    )
    vmm.on_disturbed.append(lambda: _disturb(vmm, troubles))
    _disturb(vmm, troubles)
    endpoint = WinRmEndpoint(machine, wirelog)
    vmm.observers.append(lambda: _end_shells(vmm, endpoint))
    vmm.world.hardware.observe(lambda _: _end_shells(vmm, endpoint))
    return endpoint


def _end_shells(vmm: VmmServer, endpoint: WinRmEndpoint) -> None:
    """End all shells with the service that they are of, or with its machine."""
    if vmm.winrm == "stopped" or not vmm.server.runs_own_system:
        endpoint.close()


def _disturb(vmm: VmmServer, troubles: Troubles) -> None:
    """Let go wrong what the lab wants to."""
    for name, value in vmm.disturbances.items():
        setattr(troubles, name, value)
