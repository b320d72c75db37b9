"""What Solaris commands tell about the machine: processors, memory, disks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim_fakes.shell.numerals import is_number
from hvsim_fakes.zones.getopt import OptionError, getopt
from hvsim_fakes.zones.place import place_of

if TYPE_CHECKING:
    from hvsim_fakes.shell.program import Process

_GIB, _MIB, _KIB = 2**30, 2**20, 2**10


def prtconf(process: Process) -> int:
    """Print the machine's configuration."""
    server = place_of(process).host.server
    if "-b" in process.argv[1:]:
        process.out(f"name:  i86pc\nbanner-name:  {server.model}\nmodel:  {server.model}\n")
        return 0
    process.out(
        "System Configuration:  Oracle Corporation  i86pc\n"
        f"Memory size: {server.memory // _MIB} Megabytes\n"
        "System Peripherals (Software Nodes):\n\ni86pc\n"
        "    scsi_vhci, instance #0\n    pci, instance #0\n"
        + "".join(
            f"    {nic.name.rstrip('0123456789')}, instance #{n}\n"
            for n, nic in enumerate(server.nics)
        )
        + "    iscsi, instance #0\n    pseudo, instance #0\n"
    )
    return 0


def psrinfo(process: Process) -> int:
    """Print the processors and their state."""
    try:
        found, rest = getopt("psrinfo", "psv", process.argv[1:])
    except OptionError as error:
        return process.fail(f"{error}\nusage: \n\tpsrinfo [-v] [-p] [processor_id ...]", 2)
    options = dict(found)
    count = place_of(process).host.server.cpus
    chosen = range(count)
    if rest:
        wrong = [one for one in rest if not is_number(one) or int(one) >= count]
        if wrong:
            return process.fail(f"psrinfo: processor {wrong[0]}: Invalid argument", 2)
        chosen = [int(one) for one in rest]  # type: ignore[assignment]  # any sequence of numbers will do
    if "p" in options:
        process.out(_physical(count) if "v" in options else "1\n")
        return 0
    for number in chosen:
        process.out(_processor(number, verbose="v" in options))
    return 0


def _physical(count: int) -> str:
    numbers = f"0-{count - 1}" if count > 1 else "0"
    noun = "processors" if count > 1 else "processor"
    return (
        f"The physical processor has {count} virtual {noun} ({numbers})\n"
        "  x86 (GenuineIntel 206A7 family 6 model 42 step 7 clock 2400 MHz)\n"
        "\tIntel(r) Xeon(r) CPU E5-2665 0 @ 2.40GHz\n"
    )


def _processor(number: int, *, verbose: bool) -> str:
    if not verbose:
        return f"{number}\ton-line   since 01/01/2009 00:00:00\n"
    return (
        f"Status of virtual processor {number} as of: 01/01/2009 00:00:00\n"
        "  on-line since 01/01/2009 00:00:00.\n"
        "  The i386 processor operates at 2400 MHz,\n"
        "\tand has an i387 compatible floating point processor.\n"
    )


def isainfo(process: Process) -> int:
    """Print the instruction sets."""
    options = "".join(word.lstrip("-") for word in process.argv[1:])
    if "b" in options:
        process.out("64\n")
    elif "k" in options:
        process.out("64-bit amd64 kernel modules\n" if "v" in options else "amd64\n")
    elif "n" in options:
        process.out("amd64\n")
    elif "v" in options:
        process.out("64-bit amd64 applications\n32-bit i386 applications\n")
    else:
        process.out("amd64 i386\n")
    return 0


def datasets(process: Process) -> list[tuple[str, int, str]]:
    """Return the ZFS file systems: name, bytes used, place; a zone sees its own alone."""
    place = place_of(process)
    with process.world.access():
        zones = list(place.host.zones.values()) if place.zone is None else [place.zone]
        files = place.host.system.files
        there = [zone for zone in zones if files.exists(zone.root)]
    own = [(f"rpool{zone.config.zonepath}", _GIB, zone.config.zonepath) for zone in there]
    if place.zone is not None:
        return [(name, used, "/") for name, used, _ in own]
    base = [
        ("rpool", 8 * _GIB, "/rpool"),
        ("rpool/ROOT", 5 * _GIB, "legacy"),
        ("rpool/ROOT/root", 5 * _GIB, "/"),
        ("rpool/export", 64 * _MIB, "/export"),
        ("rpool/export/home", 32 * _MIB, "/export/home"),
        ("rpool/zones", len(own) * _GIB + 32 * _KIB, "/zones"),
    ]
    return sorted(base + own)


def free_bytes(process: Process) -> int:
    """Return the bytes that the pool has left."""
    disks = place_of(process).host.server.disks
    size = disks[0].size if disks else 64 * _GIB
    return max(0, size - 8 * _GIB - _GIB * len(place_of(process).host.zones))


def zfs(process: Process) -> int:
    """List file systems; the rest of ``zfs`` is not there."""
    words = process.argv[1:]
    if not words or words[0] != "list":
        process.err("usage: zfs command args ...\nwhere 'command' is one of the following:\n")
        return process.fail("\n\tlist [-Hp] [-o property[,...]] [filesystem] ...", 2)
    try:
        found, rest = getopt("zfs", "Hpro:t:s:S:d:", words[1:])
    except OptionError as error:
        return process.fail(str(error).replace("zfs: illegal", "invalid"), 2)
    return _zfs_list(process, dict(found), rest)


def _zfs_list(process: Process, options: dict[str, str], names: list[str]) -> int:
    columns = options.get("o", "name,used,avail,refer,mountpoint").split(",")
    known = {name: (used, at) for name, used, at in datasets(process)}
    for column in columns:
        if column not in _ZFS:
            return process.fail(f"bad property list: invalid property '{column}'", 2)
    status = 0
    rows = [] if "H" in options else [[column.upper() for column in columns]]
    for name in names or list(known):
        if name not in known:
            status = process.fail(f"cannot open '{name}': dataset does not exist")
            continue
        used, at = known[name]
        values = {"name": name, "used": used, "avail": free_bytes(process), "refer": used}
        values |= {"available": values["avail"], "referenced": used, "mountpoint": at}
        values |= {"type": "filesystem", "mounted": "no" if at == "legacy" else "yes"}
        rows.append([_shown(values[column], exact="p" in options) for column in columns])
    process.out(_table(rows, tabs="H" in options))
    return status


_ZFS = frozenset(
    {
        "name",
        "used",
        "avail",
        "available",
        "refer",
        "referenced",
        "mountpoint",
        "mounted",
        "type",
    }
)


def _shown(value: object, *, exact: bool) -> str:
    if not isinstance(value, int) or exact:
        return str(value)
    return human(value)


def human(size: int) -> str:
    """Return a size with a unit, three digits long."""
    amount = float(size)
    for unit in ("", "K", "M", "G", "T"):
        if amount < 1024 or unit == "T":
            whole = unit == "" or amount >= 100
            return f"{amount:.0f}{unit}" if whole else f"{amount:.3g}{unit}"
        amount /= 1024
    return str(size)


def _table(rows: list[list[str]], *, tabs: bool) -> str:
    if not rows or tabs:
        return "".join("\t".join(row) + "\n" for row in rows)
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    )
    return "".join(f"{line.rstrip()}\n" for line in lines)


def df(process: Process) -> int:
    """Print how full file systems are: ``-k`` in KiB, ``-h`` in units that fit."""
    words = process.argv[1:]
    options = "".join(word[1:] for word in words if word.startswith("-"))
    wanted = [word for word in words if not word.startswith("-")]
    mounted = [(name, used, at) for name, used, at in datasets(process) if at != "legacy"]
    if wanted:
        mounted = [_holding(mounted, path) for path in wanted]
    free = free_bytes(process)
    show = human if "h" in options else (lambda size: str(size // _KIB))
    size_head = "size   used  avail" if "h" in options else "kbytes    used   avail"
    process.out(f"Filesystem             {size_head} capacity  Mounted on\n")
    for name, used, at in mounted:
        share = 100 * used // (used + free) if used + free else 100
        numbers = f"{show(used + free):>8} {show(used):>7} {show(free):>7}"
        process.out(f"{name:<20} {numbers} {share:>5}%    {at}\n")
    return 0


def _holding(mounted: list[tuple[str, int, str]], path: str) -> tuple[str, int, str]:
    """Return the file system that a path lies in: the deepest whose place begins the path."""
    fits = [one for one in mounted if f"{path}/".startswith(f"{one[2].rstrip('/')}/")]
    return max(fits or mounted, key=lambda one: len(one[2]))
