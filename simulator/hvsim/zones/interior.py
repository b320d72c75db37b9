"""What is inside a zone: its files, and the processes it runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hvsim.zones.zone import State

if TYPE_CHECKING:
    from hvsim.zones.host import ZoneHost
    from hvsim.zones.zone import Zone

_DIRECTORIES = (
    "dev",
    "etc/default",
    "etc/ssh",
    "export/home",
    "lib/svc",
    "proc",
    "root",
    "sbin",
    "tmp",
    "usr/bin",
    "usr/lib",
    "usr/sbin",
    "var/adm",
    "var/log",
    "var/sadm/system/logs",
    "var/svc",
)
_SECRETS = "root:NP:14000::::::\ndaemon:NP:6445::::::\nbin:NP:6445::::::\nsys:NP:6445::::::\n"
_USERS = "root:x:0:0:Super-User:/:/sbin/sh\ndaemon:x:1:1::/:\nbin:x:2:2::/usr/bin:\n"


@dataclass(frozen=True, slots=True)
class Running:
    """A process: its IDs and its command line."""

    pid: int
    parent: int
    args: str


_KERNEL = "zsched"
_CORE = ("/sbin/init", "/lib/svc/bin/svc.startd", "/lib/svc/bin/svc.configd")
_SERVICES = (
    "/usr/sbin/nscd",
    "/usr/lib/utmpd",
    "/usr/sbin/cron",
    "/usr/sbin/syslogd",
    "/usr/lib/ssh/sshd",
    "/usr/lib/saf/sac -t 300",
)


def furnish(host: ZoneHost, zone: Zone, nodename: str | None = None) -> None:
    """Give a zone that is being installed the files of a system nobody has set up yet."""
    files, root = host.system.files, zone.root
    files.make_directories(zone.config.zonepath)
    files.set_mode(zone.config.zonepath, 0o700)
    for name in _DIRECTORIES:
        files.make_directories(f"{root}/{name}")
    texts = {
        "etc/passwd": _USERS,
        "etc/shadow": _SECRETS,
        "etc/nodename": f"{zone.name if nodename is None else nodename}\n",
        "etc/release": f"{host.release.profile}\n",
        "etc/.UNCONFIGURED": "",
        "var/sadm/system/logs/install_log": f"installation of {zone.name}\n",
    }
    for name, text in texts.items():
        files.write(f"{root}/{name}", text.encode())


def processes(host: ZoneHost, zone: Zone) -> list[Running]:
    """Return a zone's processes; none unless the kernel has the zone."""
    if not zone.active:
        return []
    first = 10_000 + (zone.id or 0) * 100
    found = [Running(first, 1, _KERNEL)]
    if zone.state is State.READY or zone.state is State.DOWN:
        return found
    found += [Running(first + 1 + n, first, args) for n, args in enumerate(_CORE)]
    if zone.serves:
        console = (
            f"/usr/lib/saf/ttymon -g -h -p {host.nodename(zone)} console login:"
            " -T sun -d /dev/console -l console -m ldterm,ttcompat"
        )
        more = (*_SERVICES, console)
        found += [Running(first + 10 + n, first + 1, args) for n, args in enumerate(more)]
    return found
