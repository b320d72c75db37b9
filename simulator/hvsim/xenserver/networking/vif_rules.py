"""What may be done to a guest's network interface now.

Source: xapi's ``xapi_vif_helpers``: the checks and their order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hvsim.xenserver import marks
from hvsim.xenserver.errors import XenError
from hvsim.xenserver.storage import hotplug

if TYPE_CHECKING:
    from hvsim.xenserver.database import Row
    from hvsim.xenserver.pool import Pool

OPERATIONS: Final = ("attach", "plug", "unplug")


def problem(pool: Pool, ref: str, operation: str) -> XenError | None:
    """Return why an operation is refused on an interface now, or None."""
    row = pool.db.row("VIF", ref)
    if row["current_operations"]:
        doing = "; ".join(row["current_operations"].values())
        tasks = "; ".join(row["current_operations"])
        return XenError("OTHER_OPERATION_IN_PROGRESS", "VIF", ref, f"{{{doing}}}", f"{{{tasks}}}")
    if operation == "attach":
        return None
    vm = pool.db.row("VM", row["VM"])
    if vm["is_control_domain"] and operation == "plug":
        return XenError("OPERATION_NOT_ALLOWED", "Control domain does not support hotplug")
    return (
        _power_problem(ref, row, vm, operation)
        or hotplug.ending_problem(row["VM"], vm)
        or hotplug.driver_problem(pool, row["VM"], vm, "VIF")
    )


def check(pool: Pool, ref: str, operation: str) -> None:
    """Raise why an operation is refused on an interface now, if it is."""
    refused = problem(pool, ref, operation)
    if refused is not None:
        raise refused


@marks.allows("VIF")
def allowed(pool: Pool, ref: str) -> list[str]:
    """Return the operations allowed on an interface now."""
    return [name for name in OPERATIONS if not problem(pool, ref, name)]


def _power_problem(ref: str, row: Row, vm: Row, operation: str) -> XenError | None:
    if vm["power_state"] != "Running":
        return hotplug.bad_power(row["VM"], vm["power_state"])
    if operation == "plug" and row["currently_attached"]:
        return XenError("DEVICE_ALREADY_ATTACHED", ref)
    if operation == "unplug" and not row["currently_attached"]:
        return XenError("DEVICE_ALREADY_DETACHED", ref)
    return None
