"""Adding devices to a running guest and taking them away: what the guest must be able to do.

Source: xapi's ``xapi_vbd_helpers`` and ``xapi_vif_helpers``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hvsim.xenserver.errors import XenError

if TYPE_CHECKING:
    from hvsim.xenserver.database import Row
    from hvsim.xenserver.pool import Pool

_ENDING: Final = frozenset({"clean_shutdown", "hard_shutdown", "suspend", "pause"})


def bad_power(vm: str, state: str, expected: str = "running") -> XenError:
    """Return the error for a guest in the wrong power state."""
    return XenError("VM_BAD_POWER_STATE", vm, expected, state.lower())


def ending_problem(vm: str, row: Row) -> XenError | None:
    """Return the error when a guest is just being stopped, or None."""
    for operation in row["current_operations"].values():
        if operation in _ENDING:
            text = f"Current operation on VM:{vm} is {operation}"
            return XenError("OPERATION_NOT_ALLOWED", text)
    return None


def driver_problem(pool: Pool, vm: str, row: Row, kind: str) -> XenError | None:
    """Return why a running guest's drivers cannot plug a ``VBD`` or ``VIF``, or None."""
    if row["power_state"] != "Running" or not row["HVM_boot_policy"]:
        return None
    if not pool.db.exists("VM_guest_metrics", row["guest_metrics"]):
        return XenError("VM_MISSING_PV_DRIVERS", vm)
    metrics = pool.db.row("VM_guest_metrics", row["guest_metrics"])
    claim = metrics.get(f"can_use_hotplug_{kind.lower()}", "yes")
    if claim == "no":
        return XenError("OPERATION_NOT_ALLOWED", f"VM states it does not support {kind} hotplug.")
    if claim == "unspecified" and not metrics.get("PV_drivers_detected"):
        return XenError("VM_MISSING_PV_DRIVERS", vm)
    return None
