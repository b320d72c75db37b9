"""Where a Hyper-V host is entered: WS-Management on its own address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim.clock import LAB_BEGINS
from hvsim_fakes.hyperv import changing, cluster, wmi
from hvsim_fakes.hyperv.context import HostContext
from hvsim_fakes.powershell.host import MemoryDrive
from hvsim_fakes.powershell.standard import library
from hvsim_fakes.winrm.accounts import Account
from hvsim_fakes.winrm.ansible.shim import AnsibleEngine
from hvsim_fakes.winrm.endpoint import WinRmEndpoint
from hvsim_fakes.winrm.machine import Machine, Settings
from hvsim_fakes.winrm.powershell import PowerShellEngine
from hvsim_fakes.winrm.troubles import Troubles

if TYPE_CHECKING:
    from hvsim.scvmm.fabric import Host
    from hvsim.scvmm.release import Windows
    from hvsim.scvmm.server import VmmServer
    from hvsim_fakes.powershell.engine.library import Library
    from hvsim_fakes.wirelog import WireLog


class HostDirectory:
    """Who may log in at a host: administrators of the domain."""

    def __init__(self, vmm: VmmServer, host: Host) -> None:
        self._vmm = vmm
        self._host = host

    def account(self, user: str, domain: str) -> Account | None:
        """See :class:`hvsim_fakes.winrm.accounts.Directory`."""
        vmm, host = self._vmm, self._host
        names = ("", ".", vmm.netbios, vmm.domain, host.name, host.fqdn)
        found = vmm.account(user)
        known = domain.lower() in (name.lower() for name in names)
        if not known or found is None or found.role != "Administrator":
            return None
        return Account(found.user, found.password, vmm.netbios, found.enabled)


def has_module(windows: Windows) -> bool:
    """Whether a release of Windows has the Hyper-V module (2012 and later)."""
    return tuple(int(part) for part in windows.version.split(".")[:2]) >= (6, 2)


def library_of(windows: Windows) -> Library:
    """Return the commands of a host: of 2008 and 2008 R2, WMI alone shows virtual machines."""
    if not has_module(windows):
        return library(wmi.TABLE)
    return library(changing.TABLE, cluster.TABLE)


def endpoint_of(vmm: VmmServer, host: Host, wirelog: WireLog) -> WinRmEndpoint:
    """Return what a host's machine serves."""
    drive, computer, epoch = MemoryDrive(), host.name.upper()[:15], LAB_BEGINS.timestamp()
    shell = PowerShellEngine(
        vmm.world,
        library_of(host.windows),
        HostContext(vmm, host, wirelog),
        computer=computer,
        domain=vmm.domain,
        drive=drive,
        epoch=epoch,
    )
    stack = "3.0" if has_module(host.windows) else "2.0"
    machine = Machine(
        vmm.world,
        computer,
        vmm.netbios,
        HostDirectory(vmm, host),
        AnsibleEngine(shell),
        Settings(version=host.windows.version, stack=stack),
        drive,
        Troubles(),
        epoch,
    )
    endpoint = WinRmEndpoint(machine, wirelog)
    vmm.fabric.on_host.append(lambda: _end_shells(host, endpoint))
    vmm.world.hardware.observe(lambda _: _end_shells(host, endpoint))
    return endpoint


def _end_shells(host: Host, endpoint: WinRmEndpoint) -> None:
    """End all shells with the system that they are of."""
    if not host.alive:
        endpoint.close()
