"""What may be done to a host now: its allowed operations, and the errors of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.xenserver import task
from hvsim.xenserver.errors import XenError

if TYPE_CHECKING:
    from hvsim.xenserver.messages import Call
    from hvsim.xenserver.pool import Pool

_LEGACY_OPERATIONS: Final = (
    "provision",
    "evacuate",
    "reboot",
    "shutdown",
    "vm_start",
    "vm_resume",
    "vm_migrate",
    "power_on",
)
_OPERATIONS: Final = (
    "provision",
    "evacuate",
    "shutdown",
    "reboot",
    "power_on",
    "vm_start",
    "vm_resume",
    "vm_migrate",
    "apply_updates",
    "enable",
)
_ARRIVING: Final = frozenset({"provision", "vm_resume", "vm_migrate"})
_LEAVING: Final = frozenset({"evacuate", "reboot", "shutdown"})
_POWERING: Final = ("shutdown", "reboot", "apply_updates")


def check(pool: Pool, host: str, op: str) -> None:
    """Raise why an operation may not be done on a host now, if it may not."""
    error = _error(pool, host, op)
    if error is not None:
        raise error


def refresh(pool: Pool, host: str) -> None:
    """Bring ``host.allowed_operations`` up to date, if the host is still there."""
    if not pool.db.exists("host", host):
        return
    every = _LEGACY_OPERATIONS if pool.legacy else _OPERATIONS
    allowed = [op for op in every if _error(pool, host, op) is None]
    pool.db.change("host", host, allowed_operations=allowed)


def begin(call: Call, host: str, op: str) -> None:
    """Note that the call's task does ``op`` to a host; raise if it may not."""
    check(call.pool, host, op)
    current = call.db.row("host", host)["current_operations"]
    call.db.change("host", host, current_operations={**current, task.of(call): op})
    refresh(call.pool, host)


def end(call: Call, host: str) -> None:
    """Note that the call's task is done with a host."""
    if not call.db.exists("host", host):
        return
    current = call.db.row("host", host)["current_operations"]
    left = {ref: op for ref, op in current.items() if ref != call.task}
    call.db.change("host", host, current_operations=left)
    refresh(call.pool, host)


def _error(pool: Pool, host: str, op: str) -> XenError | None:
    row = pool.db.row("host", host)
    busy = _busy_with_all if pool.has("host-operations-exclude-all") else _busy
    in_the_way = busy(row["current_operations"], op)
    if in_the_way is not None:
        ref, doing = in_the_way
        return XenError("OTHER_OPERATION_IN_PROGRESS", "host", host, doing, ref)
    if op in _POWERING and row["enabled"]:
        return XenError("HOST_NOT_DISABLED")
    return _power_on_error(pool, host, row) if op == "power_on" else None


def _power_on_error(pool: Pool, host: str, row: dict[str, Any]) -> XenError | None:
    if pool.db.row("host_metrics", row["metrics"])["live"]:
        return XenError("HOST_IS_LIVE", host)
    if row.get("power_on_mode") == "":
        return XenError("HOST_POWER_ON_MODE_DISABLED")
    return None


def _busy(current: dict[str, str], op: str) -> tuple[str, str] | None:
    """Today those that bring guests exclude those that take them, and the other way round."""
    if op == "power_on":
        return None
    for ref, doing in current.items():
        removing = doing in _LEAVING and (op in _ARRIVING or op in _LEAVING)
        powering = doing in _POWERING and op in _POWERING and op != doing
        patching = doing == "apply_updates" and op == "enable"
        if removing or powering or patching or doing == op == "provision":
            return ref, doing
    return None


def _busy_with_all(current: dict[str, str], op: str) -> tuple[str, str] | None:
    """In 5.5 evacuate, reboot and shutdown exclude everything and are excluded by everything."""
    if op == "power_on":
        return None
    for ref, doing in current.items():
        if doing in _LEAVING or op in _LEAVING or doing == op == "provision":
            return ref, doing
    return None
