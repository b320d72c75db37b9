"""``zlogin`` and ``zonename``: into a zone, and which one this is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim.systems import Account
from hvsim.zones.zone import GLOBAL, State
from hvsim_fakes.shell.numerals import is_number
from hvsim_fakes.zones.getopt import OptionError, getopt
from hvsim_fakes.zones.place import place_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim.zones.zone import Zone
    from hvsim_fakes.shell.program import Argv, Host, Process

_USAGE = (
    "usage: zlogin [-dnQCES] [-e cmdchar] [-l user] zonename [command [args ...]]\n"
    "       zlogin [-n] [-e cmdchar] [-l user] zonename utility [argument...]\n"
)
_SPEC = "diNnECR:Se:l:Q"
_CLOSED = frozenset({State.CONFIGURED, State.INCOMPLETE, State.UNAVAILABLE})


def zonename(process: Process) -> int:
    """Print the name of the zone it runs in."""
    process.out(f"{place_of(process).zonename}\n")
    return 0


def writes(argv: Argv) -> bool:
    """Take a command in a zone for a change: what it does is not known."""
    try:
        _, rest = getopt("zlogin", _SPEC, argv[1:])
    except OptionError:
        return False
    return len(rest) > 1


def make(inside: Callable[[Process, Zone], Host]) -> Callable[[Process], int]:
    """Return the program; ``inside`` gives the host that a zone is for its own commands."""

    def zlogin(process: Process) -> int:
        try:
            found, rest = getopt("zlogin", _SPEC, process.argv[1:])
        except OptionError as error:
            process.err(f"{error}\n{_USAGE}")
            return 2
        options = dict(found)
        console = "C" in options
        wrong = _misused(options, rest)
        if wrong is not None:
            process.err(f"{wrong}{_USAGE}")
            return 2
        zone = _zone(process, rest[0], console=console)
        if isinstance(zone, str):
            return process.fail(f"zlogin: {zone}")
        if console:
            return _console(process, zone)
        return _enter(process, zone, inside, options.get("l", "root"), rest[1:])

    return zlogin


def _misused(options: dict[str, str], rest: list[str]) -> str | None:
    """Return what to say before the usage, when a command line is wrong; None when it is not."""
    if "S" in options and "l" in options:
        return "zlogin: -l may not be specified for failsafe login\n"
    if "C" in options and len(rest) > 1:
        return "zlogin: Commands may not be specified for console login.\n"
    return "" if not rest or "R" in options else None


def _zone(process: Process, name: str, *, console: bool) -> Zone | str:
    """Return the zone to enter, or why that cannot be."""
    place = place_of(process)
    if place.zone is not None:
        return f"'{process.argv[0]}' may only be used from the global zone"
    if name == GLOBAL:
        return "'zlogin' not applicable to the global zone"
    if not process.account.privileged:
        return "You lack sufficient privilege to run this command (all privs required)"
    with process.world.access():
        zone = place.host.zones.get(name)
        return f"zone '{name}' unknown" if zone is None else _open(zone, console=console)


def _open(zone: Zone, *, console: bool) -> Zone | str:
    if zone.state in _CLOSED:
        return f"cannot login to a zone which is '{zone.state}'"
    if not console and zone.state is not State.RUNNING:
        return f"login allowed only to running zones ({zone.name} is '{zone.state}')."
    return zone


def _enter(
    process: Process,
    zone: Zone,
    inside: Callable[[Process, Zone], Host],
    user: str,
    command: list[str],
) -> int:
    host = inside(process, zone)
    account = _account(process, zone, user)
    if account is None:
        return process.fail(f"su: Unknown id: {user}")
    if command:
        return process.shell(" ".join(command), host=host, account=account, login=True)
    shown = process.stdin.is_tty
    if shown:
        process.out(f"[Connected to zone '{zone.name}' {process.tty}]\n")
    status = process.shell(None, host=host, account=account, login=True)
    if shown:
        process.out(f"\n[Connection to zone '{zone.name}' {process.tty} closed]\n")
    return status


def _account(process: Process, zone: Zone, user: str) -> Account | None:
    """Return an account of the zone, as its own file of users has it."""
    files = place_of(process).host.system.files
    with process.world.access():
        path = f"{zone.root}/etc/passwd"
        text = files.read(path).decode("utf-8", "replace") if files.exists(path) else ""
    for line in text.splitlines():
        fields = line.split(":")
        if fields[0] == user and len(fields) >= 6 and is_number(fields[2]):
            gid = int(fields[3]) if is_number(fields[3]) else 1
            return Account(user, int(fields[2]), gid, home=fields[5] or "/")
    return Account("root", 0, 0) if user == "root" else None


def _console(process: Process, zone: Zone) -> int:
    """Show a zone's console until the client leaves it with ``~.``."""
    process.out(f"[Connected to zone '{zone.name}' console]\n")
    while True:
        with process.world.access():
            name = place_of(process).host.nodename(zone)
            asks = zone.serves
        line = process.prompt(f"\n{name} console login: " if asks else "")
        if line is None or line.strip() == "~.":
            break
    process.out(f"\n[Connection to zone '{zone.name}' console closed]\n")
    return 0
