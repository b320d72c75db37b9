"""What may be done to a guest's block device now.

Source: xapi's ``xapi_vbd_helpers``: the checks and their order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hvsim.xenserver import marks
from hvsim.xenserver.errors import XenError
from hvsim.xenserver.storage import hotplug

if TYPE_CHECKING:
    from hvsim.xenserver.database import Row
    from hvsim.xenserver.pool import Pool

OPERATIONS: Final = (
    "attach", "eject", "unplug", "unplug_force", "insert", "plug", "pause", "unpause",
)  # fmt: skip
_PLUGGING: Final = frozenset({"plug", "unplug", "unplug_force"})
_USING: Final = frozenset({"attach", "insert", "plug"})
_HOT: Final = "HVM CDROMs cannot be hotplugged/unplugged, only inserted or ejected"


def problem(pool: Pool, ref: str, operation: str, *, sharing: bool = True) -> XenError | None:
    """Return why an operation is refused on a block device now, or None.

    Args:
        sharing: whether to look at who else uses the disk; ``allowed_operations`` do not.
    """
    row = pool.db.row("VBD", ref)
    vm = pool.db.row("VM", row["VM"])
    return (
        _concurrency_problem(ref, row, operation)
        or _medium_problem(ref, row, operation)
        or _power_problem(ref, row, vm, operation)
        or _driver_problem(pool, row, vm, operation)
        or _suspended_problem(row, vm, operation)
        or _disk_problem(pool, ref, row, operation, sharing=sharing)
    )


def check(pool: Pool, ref: str, operation: str) -> None:
    """Raise why an operation is refused on a block device now, if it is."""
    refused = problem(pool, ref, operation)
    if refused is not None:
        raise refused


@marks.allows("VBD")
def allowed(pool: Pool, ref: str) -> list[str]:
    """Return the operations allowed on a block device now."""
    return [name for name in OPERATIONS if not problem(pool, ref, name, sharing=False)]


def sharing_problem(pool: Pool, ref: str, row: Row) -> XenError | None:
    """Return why a device may not use its disk beside those who use it now, or None."""
    vdi = pool.db.row("VDI", row["VDI"])
    others = [pool.db.row("VBD", vbd) for vbd in vdi["VBDs"] if vbd != ref]
    using = [
        vbd
        for vbd in others
        if (vbd["currently_attached"] or vbd["current_operations"]) and _counts(pool, vbd)
    ]
    writes = row["mode"] == "RW"
    clash = any(vbd["mode"] == "RW" for vbd in using) or (writes and using)
    if clash and not vdi["sharable"] and not _is_system(pool, row):
        return XenError("VDI_IN_USE", row["VDI"])
    if writes and vdi["read_only"]:
        return XenError("VDI_READONLY", row["VDI"])
    return None


def _counts(pool: Pool, vbd: Row) -> bool:
    # A suspended guest's disks are offline, and the control domain shares safely.
    suspended = pool.db.row("VM", vbd["VM"])["power_state"] == "Suspended"
    return not suspended and not _is_system(pool, vbd)


def _is_system(pool: Pool, vbd: Row) -> bool:
    return bool(pool.db.row("VM", vbd["VM"])["is_control_domain"])


def _concurrency_problem(ref: str, row: Row, operation: str) -> XenError | None:
    parallel = ("pause", "unpause")
    apart: tuple[str, ...] = ()
    if operation in parallel:
        # A reboot attaches while it unpauses.
        apart = parallel if operation == "pause" else ("attach", *parallel)
    busy = marks.busy_with(row, apart)
    return XenError("OTHER_OPERATION_IN_PROGRESS", "VBD", ref, *busy) if busy else None


def _medium_problem(ref: str, row: Row, operation: str) -> XenError | None:
    if operation in ("unplug", "unplug_force") and not row["unpluggable"]:
        return XenError("VBD_NOT_UNPLUGGABLE", ref)
    if operation not in ("insert", "eject"):
        return None
    if row["type"] != "CD":
        return XenError("VBD_NOT_REMOVABLE_MEDIA", ref)
    if operation == "eject" and row["empty"]:
        return XenError("VBD_IS_EMPTY", ref)
    if operation == "insert" and not row["empty"]:
        return XenError("VBD_NOT_EMPTY", ref)
    return None


def _power_problem(ref: str, row: Row, vm: Row, operation: str) -> XenError | None:
    state = vm["power_state"]
    if state == "Running":
        if operation == "plug" and row["currently_attached"]:
            return XenError("DEVICE_ALREADY_ATTACHED", ref)
        if operation in ("unplug", "unplug_force") and not row["currently_attached"]:
            return XenError("DEVICE_ALREADY_DETACHED", ref)
        return None
    refused = _PLUGGING if state == "Paused" else _PLUGGING | {"pause", "unpause"}
    return hotplug.bad_power(row["VM"], state) if operation in refused else None


def _driver_problem(pool: Pool, row: Row, vm: Row, operation: str) -> XenError | None:
    if operation not in _PLUGGING:
        return None
    if operation != "unplug_force":
        refused = hotplug.ending_problem(row["VM"], vm)
        if refused is not None:
            return refused
    refused = hotplug.driver_problem(pool, row["VM"], vm, "VBD")
    if refused is not None:
        return refused
    if row["type"] == "CD" and vm["power_state"] == "Running" and vm["HVM_boot_policy"]:
        return XenError("OPERATION_NOT_ALLOWED", _HOT)
    return None


def _suspended_problem(row: Row, vm: Row, operation: str) -> XenError | None:
    asleep = row["type"] == "CD" and vm["power_state"] == "Suspended"
    if asleep and operation in ("insert", "eject"):
        return XenError("VM_BAD_POWER_STATE", row["VM"], "halted, running", "suspended")
    return None


def _disk_problem(
    pool: Pool, ref: str, row: Row, operation: str, *, sharing: bool
) -> XenError | None:
    if row["empty"] or not pool.db.exists("VDI", row["VDI"]):
        return None
    vdi = pool.db.row("VDI", row["VDI"])
    if not vdi["managed"]:
        return XenError("VDI_NOT_MANAGED", ref)
    if operation not in _USING:
        return None
    busy = marks.busy_with(vdi, ("mirror", "copy"))
    if busy is not None:
        return XenError("OTHER_OPERATION_IN_PROGRESS", "VDI", row["VDI"], *busy)
    if row["currently_attached"] or not sharing:
        return None
    return sharing_problem(pool, ref, row)
