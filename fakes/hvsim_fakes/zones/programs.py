"""The commands of hosts with zones and of the zones on them, and where each host is entered."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Final

from hvsim_fakes.sandbox.program import allowed_like
from hvsim_fakes.shell.program import Host, Registry, Uname
from hvsim_fakes.shell.standard import STANDARD
from hvsim_fakes.ssh.door import ShellDoor
from hvsim_fakes.zones import kernel, machine, services, zlogin, zoneadm, zonecfg
from hvsim_fakes.zones.place import Place

if TYPE_CHECKING:
    from hvsim.zones.host import ZoneHost
    from hvsim.zones.zone import Zone
    from hvsim_fakes.shell.program import Process
    from hvsim_fakes.wirelog import WireLog

UNAMES: Final = {
    "solaris-10": Uname(release="5.10", version="Generic_147148-26"),
    "solaris-11": Uname(release="5.11", version="11.3"),
    "omnios": Uname(release="5.11", version="omnios-r151046-f7e6ae1f7a"),
}
BANNERS: Final = {
    "solaris-10": "Sun_SSH_1.1.5",
    "solaris-11": "Sun_SSH_2.2",
    "omnios": "OpenSSH_9.3",
}
_PATH: Final = "/usr/sbin:/usr/bin:/sbin:/bin"


@cache
def registry() -> Registry:
    """Return the commands of the global zone."""
    made = _common()
    made.add(zoneadm.zoneadm, "/usr/sbin/zoneadm", writes=zoneadm.writes, label=zoneadm.label)
    made.add(zonecfg.zonecfg, "/usr/sbin/zonecfg", writes=zonecfg.writes, label=zonecfg.label)
    made.add(zlogin.make(inside), "/usr/sbin/zlogin", writes=zlogin.writes)
    return made


@cache
def zone_registry() -> Registry:
    """Return the commands of other zones."""
    made = registry_without_leaving()
    for name in ("/usr/sbin/shutdown", "/usr/sbin/init", "/usr/sbin/halt", "/usr/sbin/reboot"):
        made.add(services.leave, name, writes=services.leaves)
    made.add(services.leave, "/usr/sbin/poweroff", writes=services.leaves)
    return made


def registry_without_leaving() -> Registry:
    """Return what every zone has of the global one's commands."""
    return Registry(registry())


def _common() -> Registry:
    made = Registry(STANDARD)
    made.add(zlogin.zonename, "/usr/bin/zonename")
    for program, name in (
        (machine.prtconf, "/usr/sbin/prtconf"),
        (machine.psrinfo, "/usr/sbin/psrinfo"),
        (machine.isainfo, "/usr/bin/isainfo"),
        (machine.zfs, "/usr/sbin/zfs"),
        (machine.df, "/usr/sbin/df"),
        (kernel.ifconfig, "/usr/sbin/ifconfig"),
        (kernel.kstat, "/usr/bin/kstat"),
        (kernel.swap, "/usr/sbin/swap"),
        (services.ps, "/usr/bin/ps"),
        (services.svcs, "/usr/bin/svcs"),
        (services.pkginfo, "/usr/bin/pkginfo"),
        (services.dladm, "/usr/sbin/dladm"),
    ):
        made.add(program, name)
    made.remove("df")
    return made


def host_of(host: ZoneHost, wirelog: WireLog | None = None) -> Host:
    """Return a host as its shell sees it; the log notes every run of a product's command."""
    return Host(
        host.world,
        host.system,
        registry(),
        product="zones",
        owner=host.name,
        context=Place(host),
        uname=UNAMES[host.profile],
        path=_PATH,
        wirelog=wirelog,
    )


def inside(process: Process, zone: Zone) -> Host:
    """Return a zone as its own shell sees it."""
    outer = process.host
    place: Place = outer.context
    with process.world.access():
        nodename, root = place.host.nodename(zone), zone.root
    made = replace(
        outer,
        registry=zone_registry(),
        context=Place(place.host, zone),
        root=root,
        nodename=nodename,
    )
    return allowed_like(outer, made)


def door_of(host: ZoneHost, wirelog: WireLog) -> ShellDoor:
    """Return where a host is entered."""
    return ShellDoor(
        host.name,
        host.name,
        host.server,
        host_of(host, wirelog),
        host.answers,
        host.observers.append,
        banner=BANNERS[host.profile],
    )
