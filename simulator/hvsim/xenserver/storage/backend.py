"""Storage managers: what each type of repository can do, where it lies and how full it gets.

Sources: the capability lists, size rules and numbered errors of XenServer's storage managers
(``sm``), and xapi's choice of the host that carries a storage operation out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hvsim.operations import Stage
from hvsim.xenserver.errors import XenError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hvsim.hardware import Server, SharedStorage
    from hvsim.xenserver.database import Database, Row
    from hvsim.xenserver.pool import Pool

MIB: Final = 2**20
COPY_RATE: Final = 100_000_000
"""Bytes a second at which disks are copied: a gigabit storage network, less overhead."""
BLOCK: Final = 2 * MIB
"""Disks in VHD format come in multiples of this."""
MOST: Final = 2040 * 2**30
"""Bytes of the largest disk in VHD format."""
MIRROR_STEPS: Final = 10

_FILE = frozenset(
    {
        "SR_PROBE", "SR_UPDATE", "VDI_CREATE", "VDI_DELETE", "VDI_ATTACH", "VDI_DETACH",
        "VDI_UPDATE", "VDI_CLONE", "VDI_SNAPSHOT", "VDI_RESIZE", "VDI_GENERATE_CONFIG",
        "VDI_MIRROR", "VDI_RESET_ON_BOOT", "VDI_CONFIG_CBT",
    }
)  # fmt: skip
_VOLUME = _FILE - {"VDI_GENERATE_CONFIG"}
_LATER = frozenset({"VDI_MIRROR", "VDI_RESET_ON_BOOT", "VDI_CONFIG_CBT"})
"""Capabilities that 5.5's storage managers did not have yet."""


@dataclass(frozen=True, slots=True)
class Driver:
    """A type of storage repository.

    Attributes:
        features: its capabilities.
        thin: whether a disk takes space only as it fills.
        required: device configuration keys it cannot do without, with the number of the error
            that says so.
        shared: whether several hosts reach it.
    """

    name: str
    features: frozenset[str]
    thin: bool = True
    required: tuple[tuple[str, int], ...] = ()
    shared: bool = True


DRIVERS: Final = {
    "nfs": Driver("NFS VHD", _FILE, required=(("server", 102), ("serverpath", 101))),
    "ext": Driver("Local EXT3 VHD", _FILE, required=(("device", 90),), shared=False),
    "lvm": Driver(
        "Local VHD on LVM", _VOLUME, thin=False, required=(("device", 90),), shared=False
    ),
    "lvmoiscsi": Driver(
        "VHD over iSCSI", _FILE, thin=False, required=(("target", 95), ("targetIQN", 96))
    ),
    "lvmohba": Driver("VHD over FC", _VOLUME, thin=False, required=(("SCSIid", 107),)),
    "iso": Driver(
        "ISO", frozenset({"VDI_CREATE", "VDI_DELETE", "VDI_ATTACH", "VDI_DETACH"}),
        required=(("location", 220),),
    ),
    "udev": Driver(
        "Removable storage",
        frozenset({"VDI_INTRODUCE", "VDI_ATTACH", "VDI_DETACH", "VDI_UPDATE", "SR_UPDATE"}),
        shared=False,
    ),
}  # fmt: skip
"""By the type that ``SR.create`` names."""

_NOTES: Final = {
    19: "No such device",
    42: "The SR already exists",
    44: "There is insufficient space",
    47: "The SR is not available",
    56: "Logical Volume partition in use",
    73: "NFS mount error",
    79: "VDI Invalid size",
    90: "The request is missing the device parameter",
    91: "The device is not a valid path",
    95: "The request is missing the target parameter",
    96: "The request is missing or has an incorrect target IQN parameter",
    101: "The request is missing the serverpath parameter",
    102: "The request is missing the server parameter",
    107: "The SCSIid parameter is missing or incorrect",
    141: "Unable to connect to ISCSI service on target",
    220: "'Location' parameter must be specified in Device Configuration",
    222: "Could not mount the directory specified in Device Configuration",
}
"""The storage managers' numbered errors, as clients see them."""


def failure(number: int, detail: str = "") -> XenError:
    """Return a storage manager's numbered error (``SR_BACKEND_FAILURE_44``)."""
    text = _NOTES[number] + (f" [opterr={detail}]" if detail else "")
    return XenError(f"SR_BACKEND_FAILURE_{number}", "", text, "")


def driver(kind: str) -> Driver:
    """Return a repository type, or raise ``SR_UNKNOWN_DRIVER``."""
    try:
        return DRIVERS[kind.lower()]
    except KeyError:
        raise XenError("SR_UNKNOWN_DRIVER", kind) from None


def supports(pool: Pool, sr: Row, feature: str) -> bool:
    """Whether a repository's type has a capability in the pool's release."""
    return feature in features(pool, sr["type"])


def features(pool: Pool, kind: str) -> frozenset[str]:
    """Return what a type of repository can do in the pool's release; nothing if unknown."""
    known = DRIVERS.get(kind)
    if known is None:
        return frozenset()
    return known.features - _LATER if pool.legacy else known.features


def pbds(db: Database, sr: str, *, attached: bool = True) -> list[Row]:
    """Return a repository's connections to hosts: those attached, or all."""
    rows = (db.row("PBD", ref) for ref in db.row("SR", sr)["PBDs"] if db.exists("PBD", ref))
    return [row for row in rows if row["currently_attached"] or not attached]


def carrier(pool: Pool, sr: str, *, attached: bool = True) -> Row:
    """Return the PBD of the host that carries out operations on a repository.

    That is the master where the repository is shared, and whoever has it otherwise.

    Raises:
        XenError: ``SR_HAS_NO_PBDS`` when no such host is connected to it;
            ``SR_BACKEND_FAILURE_47`` when the host's path to it is cut.
    """
    found = pbds(pool.db, sr, attached=attached)
    if pool.db.row("SR", sr)["shared"]:
        found = [pbd for pbd in found if pbd["host"] == pool.row["master"]]
    if not found:
        raise XenError("SR_HAS_NO_PBDS", sr)
    if not reaches(pool, sr, found[0]):
        raise failure(47)
    return found[0]


def reaches(pool: Pool, sr: str, pbd: Row) -> bool:
    """Whether the host of a PBD has a working path to what the PBD describes."""
    if not pool.db.row("SR", sr)["shared"]:
        return True
    storage = pool.world.hardware.storages.get(storage_name(pbd["device_config"]))
    member = pool.members.get(pbd["host"])
    return storage is None or member is None or storage.reached_by(member.server.name)


def storage_name(config: dict[str, str]) -> str:
    """Return the lab's name for what a device configuration points to (the end of its path)."""
    path = config.get("serverpath") or config.get("location") or config.get("SCSIid") or ""
    return path.rpartition("/")[2]


def require_config(kind: str, config: dict[str, str]) -> None:
    """Raise the storage manager's error for the first key missing from its configuration."""
    for key, number in driver(kind).required:
        if not config.get(key):
            raise failure(number)


def locate(pool: Pool, host: str, kind: str, config: dict[str, str]) -> SharedStorage | None:
    """Return the lab's shared storage that a configuration points to; None for a host's own.

    Raises:
        XenError: the storage manager's error when nothing is there.
    """
    if "device" in config or kind == "udev":
        if "device" in config and host in pool.members:
            local_size(pool.members[host].server, config["device"])
        return None
    storage = pool.world.hardware.storages.get(storage_name(config))
    if storage is None:
        raise unreachable(kind)
    return storage


def unreachable(kind: str) -> XenError:
    """Return the storage manager's error for a place it does not get to."""
    number = {"nfs": 73, "iso": 222, "lvmoiscsi": 141}.get(kind, 47)
    return failure(number, "mount failed with return code 32" if number == 73 else "")


def local_size(server: Server, device: str) -> int:
    """Return the bytes of a server's disk or partition (``/dev/sda``, ``/dev/sdb2``).

    Raises:
        XenError: ``SR_BACKEND_FAILURE_91`` for what is no device's path,
            ``SR_BACKEND_FAILURE_19`` for a device that is not there.
    """
    stem, name = device[:7], device[7:]
    if stem != "/dev/sd" or not name or not name[0].isalpha():
        raise failure(91)
    disk = ord(name[0]) - ord("a")
    if disk >= len(server.disks):
        raise failure(19, device)
    if not name[1:]:
        return server.disks[disk].size
    if not name[1:].isdigit() or not 0 < int(name[1:]) <= len(server.disks[disk].partitions):
        raise failure(19, device)
    return server.disks[disk].partitions[int(name[1:]) - 1].size


def rounded(sr: Row, size: int) -> int:
    """Return the size a disk really gets (``SR_BACKEND_FAILURE_79`` when impossible)."""
    if sr["type"] in ("iso", "udev"):
        return size
    if size < 0 or size > MOST:
        raise failure(79, f"VDI size must be between 1 MB and {MOST // MIB} MB")
    return -(-max(size, BLOCK) // BLOCK) * BLOCK


def footprint(sr: Row, size: int) -> int:
    """Return the bytes that a new, empty disk of ``size`` takes in a repository."""
    blocks = size // BLOCK
    metadata = -(-(3 * 1024 + blocks * 4) // 512) * 512 + blocks // 8
    overhead = -(-metadata // 4096) * 4096
    known = DRIVERS.get(sr["type"])
    return overhead if known is None or known.thin else size + overhead


def require_space(sr: Row, needed: int) -> None:
    """Raise ``SR_BACKEND_FAILURE_44`` when a repository has not that many bytes left."""
    if sr["physical_utilisation"] + needed > sr["physical_size"]:
        raise failure(44)


def account(pool: Pool, sr: str, virtual: int, physical: int) -> None:
    """Add to what a repository has given out (bytes promised, bytes really taken)."""
    row = pool.db.row("SR", sr)
    pool.db.change(
        "SR",
        sr,
        virtual_allocation=max(0, row["virtual_allocation"] + virtual),
        physical_utilisation=max(0, row["physical_utilisation"] + physical),
    )


def copying(size: int, *, begin: float = 0.0, end: float = 1.0) -> Iterator[Stage]:
    """Yield the stages of copying ``size`` bytes, as progress from ``begin`` to ``end``."""
    seconds = max(1.0, size / COPY_RATE) / MIRROR_STEPS
    for step in range(1, MIRROR_STEPS + 1):
        yield Stage("copy", seconds, begin + (end - begin) * step / MIRROR_STEPS)
