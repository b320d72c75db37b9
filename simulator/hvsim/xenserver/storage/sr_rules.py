"""What may be done to a storage repository now.

Source: xapi's ``xapi_sr_operations``: the checks and their order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hvsim.xenserver import marks
from hvsim.xenserver.errors import XenError
from hvsim.xenserver.storage import backend

if TYPE_CHECKING:
    from hvsim.xenserver.pool import Pool

LEGACY: Final = (
    "scan", "destroy", "forget", "plug", "unplug", "vdi_create", "vdi_introduce", "vdi_destroy",
    "vdi_resize", "vdi_clone", "vdi_snapshot", "update",
)  # fmt: skip
OPERATIONS: Final = (
    *LEGACY, "vdi_mirror", "vdi_enable_cbt", "vdi_disable_cbt", "vdi_data_destroy",
    "vdi_list_changed_blocks", "vdi_set_on_boot", "vdi_revert", "pbd_create", "pbd_destroy",
)  # fmt: skip

_CBT = "VDI_CONFIG_CBT"
_FEATURES: Final = {
    "vdi_create": "VDI_CREATE", "vdi_destroy": "VDI_DELETE", "vdi_resize": "VDI_RESIZE",
    "vdi_introduce": "VDI_INTRODUCE", "vdi_mirror": "VDI_MIRROR", "vdi_enable_cbt": _CBT,
    "vdi_disable_cbt": _CBT, "vdi_data_destroy": _CBT, "vdi_list_changed_blocks": _CBT,
    "vdi_set_on_boot": "VDI_RESET_ON_BOOT", "vdi_revert": "VDI_REVERT",
    "vdi_snapshot": "VDI_SNAPSHOT", "update": "SR_UPDATE",
}  # fmt: skip


def problem(pool: Pool, ref: str, operation: str) -> XenError | None:
    """Return why an operation is refused on a repository now, or None."""
    row = pool.db.row("SR", ref)
    feature = _FEATURES.get(operation)
    if feature is not None and not backend.supports(pool, row, feature):
        return XenError("SR_OPERATION_NOT_SUPPORTED", ref)
    if operation in ("destroy", "forget"):
        refused = _removal_problem(pool, ref, operation)
        if refused is not None:
            return refused
    return _concurrency_problem(pool, ref, operation)


def check(pool: Pool, ref: str, operation: str) -> None:
    """Raise why an operation is refused on a repository now, if it is."""
    refused = problem(pool, ref, operation)
    if refused is not None:
        raise refused


@marks.allows("SR")
def allowed(pool: Pool, ref: str) -> list[str]:
    """Return the operations allowed on a repository now."""
    return [
        name for name in (LEGACY if pool.legacy else OPERATIONS) if not problem(pool, ref, name)
    ]


def _removal_problem(pool: Pool, ref: str, operation: str) -> XenError | None:
    if backend.pbds(pool.db, ref):
        return XenError("SR_HAS_PBD", ref)
    if operation == "forget":
        return None
    row = pool.db.row("SR", ref)
    if not row["PBDs"]:
        return XenError("SR_HAS_NO_PBDS", ref)
    disks = (pool.db.row("VDI", vdi) for vdi in row["VDIs"])
    if any(disk["managed"] and disk["type"] != "rrd" for disk in disks):
        return XenError("SR_NOT_EMPTY")
    return None


def _concurrency_problem(pool: Pool, ref: str, operation: str) -> XenError | None:
    row = pool.db.row("SR", ref)
    # Only hosts' connecting to it goes side by side.
    busy = marks.busy_with(row, ("plug",) if operation == "plug" else ())
    return XenError("OTHER_OPERATION_IN_PROGRESS", "SR", ref, *busy) if busy else None
