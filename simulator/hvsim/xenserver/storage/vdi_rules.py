"""What may be done to a virtual disk now.

Source: xapi's ``xapi_vdi``: the checks and their order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hvsim.xenserver import marks
from hvsim.xenserver.errors import XenError
from hvsim.xenserver.storage import backend

if TYPE_CHECKING:
    from hvsim.xenserver.database import Row
    from hvsim.xenserver.pool import Pool

OPERATIONS: Final = (
    "snapshot", "clone", "copy", "resize", "resize_online", "destroy", "forget", "update",
    "generate_config",
)  # fmt: skip
"""Operations that ``allowed_operations`` may name; later ones are left out of it on purpose."""

_FEATURES: Final = {
    "snapshot": "VDI_SNAPSHOT", "destroy": "VDI_DELETE", "resize": "VDI_RESIZE",
    "update": "VDI_UPDATE", "resize_online": "VDI_RESIZE_ONLINE",
    "generate_config": "VDI_GENERATE_CONFIG", "clone": "VDI_CLONE",
    "set_on_boot": "VDI_RESET_ON_BOOT",
}  # fmt: skip
_LIVE: Final = frozenset({"snapshot", "resize_online", "clone"})
_WHILE_COPIED: Final = "Snapshot operation not allowed during copy."
_NO_COPY: Final = (
    "VDI containing HA statefile or redo log cannot be copied (check the VDI's allowed operations)."
)
_HA_TYPES: Final = frozenset({"ha_statefile", "redo_log"})
_HA_TYPES_2009: Final = frozenset({"ha_statefile", "metadata"})


def problem(pool: Pool, ref: str, operation: str) -> XenError | None:
    """Return why an operation is refused on a disk now, or None."""
    row = pool.db.row("VDI", ref)
    busy = marks.busy_with(row, ("copy",))
    if busy is not None:
        return XenError("OTHER_OPERATION_IN_PROGRESS", "VDI", ref, *busy)
    if operation == "resize" and not backend.pbds(pool.db, row["SR"]):
        return XenError("SR_HAS_NO_PBDS", row["SR"])
    refused = _use_problem(pool, ref, row, operation)
    if refused is not None:
        return refused
    feature = _FEATURES.get(operation)
    if feature is not None and not backend.supports(pool, pool.db.row("SR", row["SR"]), feature):
        return XenError("SR_OPERATION_NOT_SUPPORTED", row["SR"])
    return _kind_problem(pool, ref, row, operation)


def check(pool: Pool, ref: str, operation: str) -> None:
    """Raise why an operation is refused on a disk now, if it is."""
    refused = problem(pool, ref, operation)
    if refused is not None:
        raise refused


@marks.allows("VDI")
def allowed(pool: Pool, ref: str) -> list[str]:
    """Return the operations allowed on a disk now."""
    return [name for name in OPERATIONS if not problem(pool, ref, name)]


def attached(pool: Pool, row: Row) -> list[Row]:
    """Return the VBDs by which guests have a disk in use now."""
    vbds = (pool.db.row("VBD", vbd) for vbd in row["VBDs"])
    return [vbd for vbd in vbds if vbd["currently_attached"]]


def _use_problem(pool: Pool, ref: str, row: Row, operation: str) -> XenError | None:
    active = [] if operation in _LIVE else attached(pool, row)
    if operation == "copy":
        # Who only reads it does not disturb a copy.
        active = [vbd for vbd in active if vbd["mode"] == "RW"]
    if active:
        return XenError("VDI_IN_USE", ref, operation)
    for vbd in row["VBDs"]:
        busy = marks.busy_with(pool.db.row("VBD", vbd))
        if busy is not None:
            return XenError("OTHER_OPERATION_IN_PROGRESS", "VDI", ref, *busy)
    return None


def _kind_problem(pool: Pool, ref: str, row: Row, operation: str) -> XenError | None:
    guarded = _is_for_ha(row)
    if operation == "destroy":
        return _destroy_problem(pool, ref, row)
    if operation in ("forget", "resize", "resize_online") and guarded and pool.row["ha_enabled"]:
        return XenError("HA_IS_ENABLED")
    if operation == "forget" and row["type"] == "rrd":
        return XenError("VDI_HAS_RRDS", ref)
    return _copy_problem(ref, row, operation)


def _is_for_ha(row: Row) -> bool:
    # Releases whose disks have no `on_boot` yet call the redo log metadata.
    return row["type"] in (_HA_TYPES if "on_boot" in row else _HA_TYPES_2009)


def _copy_problem(ref: str, row: Row, operation: str) -> XenError | None:
    if operation not in ("snapshot", "copy"):
        return None
    # Releases whose disks have no `on_boot` yet do not mind a sharable one.
    if operation == "snapshot" and row["sharable"] and "on_boot" in row:
        return XenError("VDI_IS_SHARABLE", ref)
    if row.get("on_boot") == "reset":
        return XenError("VDI_ON_BOOT_MODE_INCOMPATIBLE_WITH_OPERATION")
    if operation == "snapshot" and "copy" in row["current_operations"].values():
        return XenError("OPERATION_NOT_ALLOWED", _WHILE_COPIED)
    if operation == "copy" and _is_for_ha(row):
        return XenError("OPERATION_NOT_ALLOWED", _NO_COPY)
    return None


def _destroy_problem(pool: Pool, ref: str, row: Row) -> XenError | None:
    sr = pool.db.row("SR", row["SR"])
    if sr["type"] == "udev":
        return XenError("VDI_IS_A_PHYSICAL_DEVICE", ref)
    if sr.get("is_tools_sr"):
        return XenError("SR_OPERATION_NOT_SUPPORTED", row["SR"])
    if row["type"] == "rrd":
        return XenError("VDI_HAS_RRDS", ref)
    if _is_for_ha(row) and pool.row["ha_enabled"]:
        return XenError("HA_IS_ENABLED")
    return None
