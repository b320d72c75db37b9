"""Who and where: uname, hostname, id, whoami, date, tty."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hvsim_fakes.shell.tools import tool
from hvsim_fakes.shell.tools.dates import formatted
from hvsim_fakes.shell.tools.options import UsageError, getopt

if TYPE_CHECKING:
    from hvsim.systems import Account
    from hvsim_fakes.shell.program import Process


@tool("uname")
def uname(process: Process) -> int:
    """Write the system's name and release."""
    options, _ = getopt(process.argv[1:], "asnrvmpioX")
    facts, name = process.host.uname, process.host.name
    values = {
        "s": facts.sysname,
        "n": name,
        "r": facts.release,
        "v": facts.version,
        "m": facts.machine,
        "p": facts.processor,
        "i": facts.platform,
        "o": "Solaris" if facts.sysname == "SunOS" else "GNU/Linux",
    }
    wanted = {letter for letter, _ in options} or {"s"}
    if "a" in wanted:
        wanted = set("snrvmpi") if facts.sysname == "SunOS" else set("snrvmpio")
    process.out(" ".join(values[letter] for letter in "snrvmpio" if letter in wanted) + "\n")
    return 0


@tool("hostname")
def hostname(process: Process) -> int:
    """Write the host's name; it cannot be changed this way."""
    _, names = getopt(process.argv[1:], "fsdi")
    if names:
        return process.fail("hostname: error in setting name: Not owner", 1)
    process.out(process.host.name + "\n")
    return 0


@tool("whoami", "logname", "/usr/ucb/whoami")
def whoami(process: Process) -> int:
    """Write the account's name."""
    process.out(process.account.name + "\n")
    return 0


@tool("id")
def identify(process: Process) -> int:
    """Write the account's numbers and names."""
    options, names = getopt(process.argv[1:], "aGgunr")
    flags = {letter for letter, _ in options}
    account: Account | None = process.account
    if names:
        account = process.host.system.accounts.get(names[0])
    if account is None:
        return process.fail(f'id: invalid user name: "{names[0]}"', 1)
    if "u" in flags:
        process.out(f"{account.name if 'n' in flags else account.uid}\n")
    elif flags & {"g", "G"}:
        process.out(f"{account.group if 'n' in flags else account.gid}\n")
    else:
        process.out(f"uid={account.uid}({account.name}) gid={account.gid}({account.group})\n")
    return 0


@tool("groups")
def groups(process: Process) -> int:
    """Write the account's groups."""
    process.out(process.account.group + "\n")
    return 0


@tool("tty")
def tty(process: Process) -> int:
    """Write the name of the terminal."""
    if process.tty is None or not process.stdin.is_tty:
        process.out("not a tty\n")
        return 1
    process.out(f"/dev/{process.tty}\n")
    return 0


@tool("stty")
def stty(process: Process) -> int:
    """Accept settings of the terminal; it has only one kind of them."""
    if process.tty is None:
        return process.fail("stty: standard input: Inappropriate ioctl for device", 1)
    if process.argv[1:] == ["size"]:
        process.out("24 80\n")
    return 0


@tool("date")
def date(process: Process) -> int:
    """Write the simulated date, in UTC."""
    args = [arg for arg in process.argv[1:] if arg not in ("-u", "--utc")]
    seconds = process.world.clock.now()
    if args[:1] == ["-d"] and len(args) > 1:
        match = re.fullmatch(r"@(\d{1,10})", args[1])
        if match is None:
            raise UsageError(f"invalid date '{args[1]}'", 1)
        seconds = int(match.group(1)) - process.host.epoch
        args = args[2:]
    if args and not args[0].startswith("+"):
        return process.fail("date: no permission", 1)
    form = args[0][1:] if args else "%a %b %e %H:%M:%S %Z %Y"
    process.out(formatted(process, seconds, form) + "\n")
    return 0


@tool("mktemp")
def mktemp(process: Process) -> int:
    """Make a temporary file or directory."""
    options, names = getopt(process.argv[1:], "dp:qtu")
    chosen = dict(options)
    template = names[0] if names else "tmp.XXXXXX"
    if not names or "t" in chosen:
        template = f"{chosen.get('p', '/tmp')}/{template}"  # noqa: S108 - of the simulated host
    stem = template.rstrip("X")
    if len(template) - len(stem) < 3:
        raise UsageError(f"too few X's in template '{template}'", 1)
    number = 0
    while process.files.exists(path := f"{stem}{number:0{len(template) - len(stem)}d}"):
        number += 1
        process.step()
    if "d" in chosen:
        process.files.make_directory(path, mode=0o700)
    else:
        process.files.write(path, b"", mode=0o600)
    process.out(path + "\n")
    return 0


@tool("sync", "clear")
def sync(_: Process) -> int:
    """Do nothing: there is nothing to write back, and no screen."""
    return 0
