"""The SSH doors of RHEL5-Xen hosts, and the commands behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hvsim_fakes.rhel5xen import truth, virsh, xm
from hvsim_fakes.rhel5xen.netcat import netcat
from hvsim_fakes.shell.program import Host as ShellHost
from hvsim_fakes.shell.program import Registry, Uname
from hvsim_fakes.shell.standard import STANDARD
from hvsim_fakes.ssh.door import ShellDoor

if TYPE_CHECKING:
    from hvsim.rhel5xen.site import Host, Site
    from hvsim_fakes.wirelog import WireLog

__all__ = ["commands", "doors_of_site", "truth"]

UNAME: Final = Uname(
    sysname="Linux",
    release="2.6.18-164.el5xen",
    version="#1 SMP Tue Aug 18 15:59:52 EDT 2009",
    machine="x86_64",
    processor="x86_64",
    platform="x86_64",
)


def commands() -> Registry:
    """Return what a host's shell knows."""
    registry = Registry(STANDARD)
    registry.add(xm.xm, "/usr/sbin/xm", writes=xm.is_write, label=xm.label)
    registry.add(virsh.virsh, "/usr/bin/virsh", writes=virsh.is_write, label=virsh.label)
    registry.add(netcat, "/usr/bin/nc", noted=False)
    return registry


def doors_of_site(site: Site, wirelog: WireLog) -> list[ShellDoor]:
    """Return the doors of a site's hosts."""
    registry = commands()
    return [_door(host, registry, wirelog) for host in site.hosts.values()]


def _door(host: Host, registry: Registry, wirelog: WireLog) -> ShellDoor:
    shell = ShellHost(
        host.world,
        host.system,
        registry,
        product="rhel5xen",
        owner=host.site.name,
        context=host,
        uname=UNAME,
        wirelog=wirelog,
    )
    return ShellDoor(
        host.site.name,
        host.name,
        host.server,
        shell,
        host.answers,
        host.observers.append,
    )
