"""Messages that say whether high availability shall restart a guest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hvsim.xenserver.availability import failover
from hvsim.xenserver.errors import XenError
from hvsim.xenserver.life import protection, rules
from hvsim.xenserver.messages import Call, message

if TYPE_CHECKING:
    from hvsim.xenserver.database import Row

_NUMBERED: Final = (protection.BEST_EFFORT, "1", "2", "3")
_NAMED: Final = (protection.RESTART, protection.BEST_EFFORT, "")


@message("VM.set_ha_restart_priority")
def set_ha_restart_priority(call: Call, vm: str, value: str) -> None:
    """Set a guest's restart priority.

    Raises:
        XenError: ``INVALID_VALUE``; ``HA_OPERATION_WOULD_BREAK_FAILOVER_PLAN``.
    """
    if call.pool.has("ha-numbered-priorities"):
        _set_number(call, vm, value)
    else:
        _set_priority(call, vm, value)
    rules.refresh(call.pool, vm)


@message("VM.set_ha_always_run")
def set_ha_always_run(call: Call, vm: str, value: bool) -> None:
    """Protect a guest or not; today's release turns this into a restart priority."""
    if not call.pool.has("ha-numbered-priorities"):
        set_ha_restart_priority(call, vm, protection.RESTART if value else "")
        return
    row = call.db.row("VM", vm)
    priority = row["ha_restart_priority"]
    if value and not row["ha_always_run"]:
        if priority != protection.BEST_EFFORT:
            failover.assert_kept(call.pool, failover.Change(protect=(vm,)))
        _validate(priority, _NUMBERED)
    if call.db.change("VM", vm, ha_always_run=value):
        _plan_again(call)
    rules.refresh(call.pool, vm)


def valid(call: Call) -> tuple[str, ...]:
    """Return the restart priorities that the release knows."""
    return (*_NUMBERED, "") if call.pool.has("ha-numbered-priorities") else _NAMED


def _set_priority(call: Call, vm: str, value: str) -> None:
    _validate(value, _NAMED)
    row = call.db.row("VM", vm)
    current = row["ha_restart_priority"]
    if current == value:
        return
    if value == protection.RESTART:
        _assert_plan_with(call, vm, row)
    call.db.change("VM", vm, ha_restart_priority=value)
    if row["power_state"] == "Running":
        call.db.change("VM", vm, ha_always_run=value == protection.RESTART)
    _plan_again(call)


def _set_number(call: Call, vm: str, value: str) -> None:
    row = call.db.row("VM", vm)
    always = row["ha_always_run"]
    _validate(value, _NUMBERED if always else (*_NUMBERED, ""))
    current = row["ha_restart_priority"]
    if always and current == protection.BEST_EFFORT != value:
        failover.assert_kept(call.pool, failover.Change(protect=(vm,)))
    if call.db.change("VM", vm, ha_restart_priority=value) and always:
        _plan_again(call)


def _assert_plan_with(call: Call, vm: str, row: Row) -> None:
    if row["power_state"] != "Halted":
        failover.assert_kept(call.pool, failover.Change(protect=(vm,)))


def _plan_again(call: Call) -> None:
    if call.pool.row["ha_enabled"]:
        failover.update_status(call.pool)


def _validate(value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise XenError("INVALID_VALUE", "ha_restart_priority", value)
