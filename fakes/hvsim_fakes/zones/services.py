"""What Solaris commands tell about processes, services, packages and links."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim.zones import interior
from hvsim.zones.commands import InsideShutdown
from hvsim.zones.zone import GLOBAL, State
from hvsim_fakes.zones.getopt import OptionError, getopt
from hvsim_fakes.zones.place import place_of

if TYPE_CHECKING:
    from hvsim.zones.interior import Running
    from hvsim.zones.zone import Zone
    from hvsim_fakes.shell.program import Process

_OWN = (
    "sched",
    "/sbin/init",
    "/lib/svc/bin/svc.startd",
    "/lib/svc/bin/svc.configd",
    "/usr/lib/zones/zonestatd",
    "/usr/lib/ssh/sshd",
    "/usr/lib/saf/ttymon -g -d /dev/console -l console -m ldterm,ttcompat",
)
_COLUMNS = {
    "pid": "PID",
    "ppid": "PPID",
    "args": "COMMAND",
    "comm": "COMMAND",
    "user": "USER",
    "uid": "UID",
    "zone": "ZONE",
    "zoneid": "ZONEID",
    "s": "S",
    "tty": "TT",
    "time": "TIME",
    "fname": "COMMAND",
}


def ps(process: Process) -> int:
    """Print processes: ``-e``, ``-f``, ``-o`` columns, ``-z`` zones, ``-p`` process IDs."""
    try:
        found, _ = getopt("ps", "aAdefFjlLPyZo:z:p:t:u:U:g:G:n:s:", process.argv[1:])
    except OptionError as error:
        return process.fail(f"{error}\nusage: ps [ -aAdefHlcjLPyZ ] [ -o format ] ...", 1)
    options = dict(found)
    zones = [name for letter, value in found if letter == "z" for name in value.split(",")]
    rows = _processes(process, zones)
    if isinstance(rows, str):
        return process.fail(rows)
    if "p" in options:
        wanted = options["p"].replace(",", " ").split()
        rows = [row for row in rows if str(row[1].pid) in wanted]
        if not rows:
            process.out(f"{'PID':>6} TTY         TIME CMD\n")
            return 1
    process.out(_listing(rows, options))
    return 0


def _processes(process: Process, names: list[str]) -> list[tuple[str, Running]] | str:
    """Return zone names and processes, or what is wrong with the names."""
    place = place_of(process)
    with process.world.access():
        if place.zone is not None:
            return [(place.zone.name, one) for one in interior.processes(place.host, place.zone)]
        known = {zone.name: zone for zone in place.host.zones.values()}
        by_id = {str(zone.id): zone for zone in known.values() if zone.id is not None}
        rows: list[tuple[str, Running]] = []
        for name in names or [GLOBAL, *known]:
            if name in (GLOBAL, "0"):
                rows += [
                    (GLOBAL, interior.Running(n, n and 1, args)) for n, args in enumerate(_OWN)
                ]
                continue
            zone = known.get(name) or by_id.get(name)
            if zone is None or (names and not zone.active):
                return f"ps: unknown zone {name}"
            rows += [(zone.name, one) for one in interior.processes(place.host, zone)]
        return rows


def _listing(rows: list[tuple[str, Running]], options: dict[str, str]) -> str:
    if "o" in options:
        return _columns(rows, options["o"])
    if "f" in options:
        lines = [f"{'UID':>8} {'PID':>5} {'PPID':>5}   C    STIME TTY         TIME CMD"]
        lines += [
            f"{'root':>8} {one.pid:>5} {one.parent:>5}   0   Jan 01 ?           0:01 {one.args}"
            for _, one in rows
        ]
    else:
        lines = [f"{'PID':>6} TTY         TIME CMD"]
        lines += [f"{one.pid:>6} ?           0:01 {_base(one.args)}" for _, one in rows]
    return "".join(f"{line}\n" for line in lines)


def _columns(rows: list[tuple[str, Running]], wanted: str) -> str:
    parts = [part.partition("=") for part in wanted.replace(" ", ",").split(",") if part]
    names = [name for name, _, _ in parts]
    heads = [head if equals else _COLUMNS.get(name, name.upper()) for name, equals, head in parts]
    last = len(names) - 1
    lines = []
    if any(heads):
        lines.append(" ".join(h if n == last else f"{h:>5}" for n, h in enumerate(heads)))
    for zone, one in rows:
        cells = [_cell(name, zone, one) for name in names]
        lines.append(" ".join(c if n == last else f"{c:>5}" for n, c in enumerate(cells)))
    return "".join(f"{line}\n" for line in lines)


def _cell(name: str, zone: str, one: Running) -> str:
    cells = {
        "pid": str(one.pid),
        "ppid": str(one.parent),
        "args": one.args,
        "comm": one.args.partition(" ")[0],
        "fname": _base(one.args),
        "user": "root",
        "uid": "0",
        "zone": zone,
        "s": "S",
        "tty": "?",
        "time": "0:01",
    }
    return cells.get(name, "-")


def _base(args: str) -> str:
    return args.partition(" ")[0].rpartition("/")[2][:8]


_SERVICES = (
    ("svc:/milestone/single-user:default", "Single-user milestone"),
    ("svc:/milestone/multi-user:default", "Multi-user milestone"),
    ("svc:/milestone/multi-user-server:default", "Multi-user plus exports milestone"),
    ("svc:/system/console-login:default", "Console login"),
    ("svc:/network/ssh:default", "SSH server"),
    ("svc:/system/cron:default", "Clock daemon"),
)
_GLOBAL_SERVICES = (("svc:/system/zones:default", "Zones autoboot and graceful shutdown"),)


def svcs(process: Process) -> int:
    """Print services and their states."""
    try:
        found, rest = getopt("svcs", "aHo:pvxd:", process.argv[1:])
    except OptionError as error:
        return process.fail(str(error), 2)
    options = dict(found)
    place = place_of(process)
    known = _SERVICES if place.zone is not None else (*_SERVICES, *_GLOBAL_SERVICES)
    with process.world.access():
        state = "online" if place.zone is None or place.zone.serves else "offline"
    chosen = [one for one in known if not rest or any(_named(word, one[0]) for word in rest)]
    if "x" in options:
        return 0
    if not chosen:
        text = "".join(f"svcs: Pattern '{word}' doesn't match any instances\n" for word in rest)
        process.err(text)
        return 1
    columns = options.get("o", "state,stime,fmri").lower().split(",")
    if "H" not in options:
        process.out(_service_line([column.upper() for column in columns]))
    for fmri, name in chosen:
        cells = {"state": state, "stime": "Jan_01", "fmri": fmri, "desc": name}
        process.out(_service_line([cells.get(column, "-") for column in columns]))
    return 0


def _service_line(cells: list[str]) -> str:
    widths = {0: 14, 1: 8}
    last = len(cells) - 1
    return (
        " ".join(c if n == last else c.ljust(widths.get(n, 14)) for n, c in enumerate(cells)) + "\n"
    )


def _named(pattern: str, fmri: str) -> bool:
    """Tell whether a pattern is a service's name, whole or in part."""
    short = fmri.removeprefix("svc:/").removesuffix(":default")
    bare = pattern.removeprefix("svc:/").removesuffix(":default").strip("/")
    return bare == short or short.endswith(f"/{bare}")


_PACKAGES = (
    ("system", "SUNWcsr", "Core Solaris, (Root)"),
    ("system", "SUNWcsu", "Core Solaris, (Usr)"),
    ("system", "SUNWzoner", "Solaris Zones (Root)"),
    ("system", "SUNWzoneu", "Solaris Zones (Usr)"),
    ("system", "SUNWsshdr", "SSH Server, (Root)"),
)


def pkginfo(process: Process) -> int:
    """Print the packages of the old kind."""
    words = [word for word in process.argv[1:] if not word.startswith("-")]
    quiet = "-q" in process.argv
    chosen = [one for one in _PACKAGES if not words or one[1] in words]
    missing = [word for word in words if all(one[1] != word for one in _PACKAGES)]
    if not quiet:
        for category, name, text in chosen:
            process.out(f"{category:<11} {name:<32} {text}\n")
        for word in missing:
            process.err(f'ERROR: information for "{word}" was not found\n')
    return 1 if missing else 0


def dladm(process: Process) -> int:
    """Print the machine's links; the rest of ``dladm`` is not there."""
    words = process.argv[1:]
    if not words or words[0] not in ("show-link", "show-dev", "show-phys"):
        return process.fail("usage:  dladm <subcommand> <args> ...\n\tshow-link [-p]\n\tshow-phys")
    nics = place_of(process).host.server.nics
    names = [nic.name for nic in nics] or ["e1000g0"]
    process.out(f"{'LINK':<16}{'CLASS':<11}{'MTU':<7}{'STATE':<9}OVER\n")
    for name in names:
        process.out(f"{name:<16}{'phys':<11}{1500:<7}{'up':<9}--\n")
    return 0


def leave(process: Process) -> int:
    """Shut a zone down, or reboot it, from inside; the global zone does not do that here."""
    place = place_of(process)
    name = process.argv[0].rpartition("/")[2]
    if place.zone is None:
        return process.fail(f"{name}: not supported by this simulated host")
    if not process.account.privileged:
        return process.fail(f"{name}: permission denied")
    reboot = name == "reboot" or "-i6" in process.argv or process.argv[1:2] == ["6"]
    zone: Zone = place.zone
    with process.world.access():
        running = zone.state is State.RUNNING
    if running:
        process.execute(InsideShutdown(host=place.host.name, zone=zone.name, reboot=reboot))
    return 0


def leaves(_: object) -> bool:
    """Tell that it changes something, always."""
    return True
