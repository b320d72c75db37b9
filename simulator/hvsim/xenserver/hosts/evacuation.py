"""Emptying a host: where its guests can go, and their moves one after the other or in batches."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Final

from hvsim.operations import Operation, Stage
from hvsim.xenserver import task
from hvsim.xenserver.availability import binpack, failover
from hvsim.xenserver.errors import XenError
from hvsim.xenserver.hosts import host_rules, residents
from hvsim.xenserver.life import memory, placement, rules, underway
from hvsim.xenserver.messages import Call, Caller, handler_of, message
from hvsim.xenserver.model import NULL_REF

if TYPE_CHECKING:
    from hvsim.operations import Steps
    from hvsim.xenserver.pool import Pool

_BATCH: Final = 10
"""Guests that today's release moves at a time."""


def plan(pool: Pool, host: str) -> tuple[dict[str, str], dict[str, XenError]]:
    """Return guest -> host for those that can leave, and guest -> reason for the others."""
    guests = residents.of(pool, host)
    targets = [ref for ref, row in pool.db.tables["host"].items() if row["enabled"] and ref != host]
    if not targets:
        code = _blamed(pool, "NO_HOSTS_AVAILABLE")
        return {}, {vm: XenError(code, vm) for vm in guests}
    errors: dict[str, XenError] = {}
    for vm in guests:
        error = _impediment(pool, vm, targets)
        if error is not None:
            errors[vm] = error
    need = {vm: memory.needed(pool, pool.db.row("VM", vm)) for vm in guests if vm not in errors}
    found = binpack.place({ref: memory.available(pool, ref) for ref in targets}, need)
    for vm in need:
        if vm not in found:
            errors[vm] = XenError("HOST_NOT_ENOUGH_FREE_MEMORY", vm)
    return found, errors


@message("host.evacuate")
def evacuate(
    call: Call, host: str, network: str = NULL_REF, evacuate_batch_size: int = 0
) -> Operation:
    """Move every guest off a host.

    XenServer 5.5 moves one after the other and not live, today's release ten at a time and live.

    Raises:
        XenError: the reason why the first guest that must stay cannot leave.
    """
    call.db.row("host", host)
    host_rules.check(call.pool, host, "evacuate")
    moves, errors = plan(call.pool, host)
    for error in errors.values():
        raise error
    host_rules.begin(call, host, "evacuate")
    one_by_one = call.pool.has("evacuate-one-by-one")
    batch = 1 if one_by_one else evacuate_batch_size or _BATCH
    options = {} if one_by_one else {"live": "true"}
    if network != NULL_REF:
        options["network"] = network
    steps = _move_all(call, host, deque(moves.items()), max(1, abs(batch)), options)
    operation = task.start(call, f"{call.pool.path}/host/{host}", steps)
    operation.on_done.insert(0, lambda _: host_rules.end(call, host))
    return operation


@message("host.assert_can_evacuate")
def assert_can_evacuate(call: Call, host: str) -> None:
    """Raise ``CANNOT_EVACUATE_HOST`` ["CODE,param|CODE,param"] unless every guest can leave."""
    call.db.row("host", host)
    _, errors = plan(call.pool, host)
    if errors:
        listed = "|".join(",".join(error.description) for error in errors.values())
        raise XenError("CANNOT_EVACUATE_HOST", listed)


@message("host.get_vms_which_prevent_evacuation")
def get_vms_which_prevent_evacuation(call: Call, host: str) -> dict[str, list[str]]:
    """Return the guests that cannot leave, each with the error that says why."""
    call.db.row("host", host)
    _, errors = plan(call.pool, host)
    return {vm: error.description for vm, error in errors.items()}


def _impediment(pool: Pool, vm: str, targets: list[str]) -> XenError | None:
    """Return what keeps a guest from leaving, memory left out."""
    newest = pool.has("evacuate-wants-newest-drivers")
    error = _drivers(pool, vm) if newest else rules.error(pool, vm, "pool_migrate")
    if error is not None:
        return error
    if pool.row["ha_enabled"] and not failover.wants_running(pool, pool.db.row("VM", vm)):
        # An emptied host must look to the plan like one that failed.
        return XenError(_blamed(pool, "HOST_EVACUATE_VM_NOT_HA_PROTECTED"), vm)
    for host in targets:
        try:
            placement.check(pool, vm, host, with_memory=False)
        except XenError as failure:
            return failure
    return None


def _blamed(pool: Pool, code: str) -> str:
    return "HOST_NOT_ENOUGH_FREE_MEMORY" if pool.has("evacuate-blames-memory") else code


def _drivers(pool: Pool, vm: str) -> XenError | None:
    """Return what 5.5 has against a guest's PV drivers: it demands the newest of every guest."""
    metrics = pool.db.tables["VM_guest_metrics"].get(pool.db.row("VM", vm)["guest_metrics"])
    version = metrics["PV_drivers_version"] if metrics is not None else {}
    if metrics is None or not version:
        return XenError("VM_MISSING_PV_DRIVERS", vm)
    if metrics["PV_drivers_up_to_date"]:
        return None
    numbers = (version.get(part, "0") for part in ("major", "minor", "micro"))
    return XenError("VM_OLD_PV_DRIVERS", vm, *numbers)


def _move_all(
    call: Call, host: str, waiting: deque[tuple[str, str]], batch: int, options: dict[str, str]
) -> Steps:
    count = len(waiting)
    moving: list[Operation] = []
    done = 0
    while waiting or moving:
        while waiting and len(moving) < batch:
            vm, target = waiting.popleft()
            started = _migrate(call, vm, target, options)
            if started is not None:
                moving.append(started)
        finished = yield from _first_of(call, moving)
        moving.remove(finished)
        done += 1
        _judge(finished)
        yield Stage("guest-moved", 0.0, done / count)
    left = len(residents.of(call.pool, host))
    if left:
        text = f"evacuate: {left} VMs are still resident on {host}"
        raise XenError("INTERNAL_ERROR", text)


def _migrate(call: Call, vm: str, target: str, options: dict[str, str]) -> Operation | None:
    """Start the move of one guest; None when it has gone by itself meanwhile."""
    handler: Any = handler_of("VM.pool_migrate")
    row = call.db.tables["VM"].get(vm)
    if row is None or row["power_state"] == "Halted":
        return None
    inner = Call(call.pool, Caller(host=call.caller.host), "VM.pool_migrate")
    underway.contact(call.pool, target)
    started = handler(inner, vm, target, options)
    return started if isinstance(started, Operation) else None


def _first_of(call: Call, moving: list[Operation]) -> Steps:
    """Wait until one of the moves has ended; return it."""
    ended = call.world.engine.event()

    def tell(_: Operation) -> None:
        if not ended.triggered:
            ended.succeed()

    for operation in moving:
        operation.on_done.append(tell)
    if not any(operation.done for operation in moving):
        yield ended
    return next(operation for operation in moving if operation.done)


def _judge(finished: Operation) -> None:
    """Raise a move's failure; a guest that stopped by itself is no failure."""
    error = finished.error
    if error is not None and not (
        isinstance(error, XenError) and error.code == "VM_BAD_POWER_STATE"
    ):
        raise error
