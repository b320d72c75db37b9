"""Names of a guest's disks and interfaces: ``0``, ``xvda``, ``hdb`` and what they stand for.

Source: xapi's device numbers. A disk may be named by its number or in Linux's way; two names
of one device clash.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from hvsim.xenserver.database import Row
    from hvsim.xenserver.pool import Pool

Device: TypeAlias = tuple[str, int, int]
"""Bus, disk and partition."""

_LINUX: Final = re.compile(r"(xvd|sd|fd|hd)([a-z]+)(\d*)")
_BUSES: Final = {"xvd": "xen", "sd": "scsi", "fd": "floppy", "hd": "ide"}
_MOST_DISKS: Final = {"xen": 2**20, "scsi": 16, "floppy": 3, "ide": 20}
_IDE_DISKS: Final = 4
"""A fully virtualised guest sees its first disks on an IDE bus."""


def parse(name: str, *, hvm: bool) -> Device | None:
    """Return the device a name stands for in a guest, or None."""
    if name.isascii() and name.isdecimal():
        number = int(name)
        bus = "ide" if hvm and number < _IDE_DISKS else "xen"
        return (bus, number, 0) if number < _MOST_DISKS[bus] else None
    match = _LINUX.fullmatch(name)
    if match is None:
        return None
    bus, disk = _BUSES[match[1]], _number(match[2])
    return (bus, disk, int(match[3] or 0)) if disk < _MOST_DISKS[bus] else None


def readings(name: str) -> set[Device]:
    """Return every device a name could mean; none for names that mean nothing."""
    both = (parse(name, hvm=True), parse(name, hvm=False))
    return {device for device in both if device is not None}


def is_valid(name: str, kind: str) -> bool:
    """Whether a VBD of this type may be given the name."""
    if name == "autodetect" or parse(name, hvm=False) is not None:
        return True
    return kind != "Floppy" and name.isascii() and name.isdecimal()


def linux_name(pool: Pool, userdevice: str, *, hvm: bool) -> str:
    """Return what the guest calls a disk (5.5 called a fully virtualised one's first ``hda``)."""
    device = parse(userdevice, hvm=hvm)
    if device is None:
        return userdevice
    bus, disk, partition = device
    prefix = {"scsi": "sd", "floppy": "fd"}.get(bus, _ide(pool) if bus == "ide" else "xvd")
    return f"{prefix}{_letters(disk)}{partition or ''}"


def _ide(pool: Pool) -> str:
    return "hd" if pool.has("first-disks-named-hd") else "xvd"


def free_disks(pool: Pool, vm: Row) -> list[str]:
    """Return the numbers of the disk devices that a guest can still get."""
    hvm = bool(vm["HVM_boot_policy"])
    used: set[Device] = set()
    for ref in vm["VBDs"]:
        vbd = pool.db.row("VBD", ref)
        used |= readings(vbd["device"]) | readings(vbd["userdevice"])
    most = 16 if pool.has("few-devices") else 255
    return [str(n) for n in range(most) if parse(str(n), hvm=hvm) not in used]


def free_interfaces(pool: Pool, vm: Row) -> list[str]:
    """Return the numbers of the interfaces that a guest can still get."""
    used = {pool.db.row("VIF", ref)["device"] for ref in vm["VIFs"]}
    most = 7 if pool.has("few-devices") else 16
    return [str(n) for n in range(most) if str(n) not in used]


def _number(letters: str) -> int:
    value = 0
    for letter in letters:
        value = value * 26 + ord(letter) - ord("a") + 1
    return value - 1


def _letters(number: int) -> str:
    high, low = divmod(number, 26)
    return (_letters(high - 1) if high else "") + chr(ord("a") + low)
