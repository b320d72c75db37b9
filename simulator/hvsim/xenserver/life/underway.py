"""Operations on guests under way: marked in the rows, tied to hosts, cleaned up at their end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim.operations import Stage
from hvsim.xenserver import task
from hvsim.xenserver.errors import XenError
from hvsim.xenserver.hosts import host_rules
from hvsim.xenserver.life import domain, placement, rules
from hvsim.xenserver.life.guests import Work
from hvsim.xenserver.model import NULL_REF

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim.hardware import Change
    from hvsim.operations import Operation, Steps
    from hvsim.xenserver.messages import Call
    from hvsim.xenserver.pool import Pool

_BUSY = "OTHER_OPERATION_IN_PROGRESS"
_SHORTEST_WAIT, _LONGEST_WAIT = 1.0, 20.0
"""Seconds between two looks of a call that waits for another operation."""
_PATIENCE = 7200.0
"""Seconds after which it gives up."""


def run(
    call: Call,
    vm: str,
    op: str,
    prepare: Callable[[Work], Steps],
    *,
    strict: bool = True,
) -> Operation:
    """Begin an operation on a guest.

    Judges the operation, marks it in ``VM.current_operations``, lets ``prepare`` make the rest
    of the checks and return the steps; takes the mark away however the operation ends.

    Args:
        prepare: gets the :class:`Work`; raises what the product refuses with.

    Raises:
        XenError: what the rules or ``prepare`` refuse with.
    """
    _watch(call.pool)
    try:
        rules.check(call, vm, op, strict=strict)
    except XenError as error:
        if error.code != _BUSY or not call.pool.has("calls-wait-for-guests"):
            raise
        waiting: list[Operation] = []
        steps = _wait_and_run(call, vm, op, prepare, strict=strict, waiting=waiting)
        waiting.append(task.start(call, subject(call.pool, vm), steps))
        return waiting[0]
    work = _begin(call, vm, op)
    try:
        steps = prepare(work)
    except BaseException:
        _end(call.pool, vm, work)
        _drop_task(call)
        raise
    operation = task.start(call, subject(call.pool, vm), steps)
    work.operation = operation
    # Before the task is told, so that a client woken by it finds the guest free.
    operation.on_done.insert(0, lambda _: _end(call.pool, vm, work))
    return operation


def subject(pool: Pool, vm: str) -> str:
    """Return the path of a guest, as rules about stages and the event log know it."""
    return f"{pool.path}/VM/{vm}"


def on(pool: Pool, vm: str, *ops: str) -> list[Operation]:
    """Return the operations of these kinds under way on a guest, oldest first."""
    found = pool.guests.work.get(vm, ())
    return [work.operation for work in found if work.op in ops and work.operation is not None]


def stop(pool: Pool, vm: str, *ops: str) -> Steps:
    """Cancel the operations of these kinds on a guest and wait for their end (a part of steps)."""
    for operation in on(pool, vm, *ops):
        pool.world.operations.interrupt(operation)
        try:
            yield operation
        except Exception:  # noqa: BLE001, S112 - how the cancelled one ended is its caller's affair
            continue


def reserve(pool: Pool, vm: str, host: str, work: Work, host_op: str) -> None:
    """Keep a host's memory for the guest, and mark the host busy with it, until the work ends.

    Raises:
        XenError: ``OTHER_OPERATION_IN_PROGRESS`` of the host; what a failover plan forbids.
    """
    host_rules.check(pool, host, host_op)
    placement.approve(pool, vm, host)
    work.hosts.append(host)
    pool.guests.reserved[vm] = host
    pool.db.change("VM", vm, scheduled_to_be_resident_on=host)
    _mark_host(pool, host, work.task, host_op)
    work.undo.append(lambda: _release(pool, vm, host, work.task))


def contact(pool: Pool, host: str) -> None:
    """Raise the error of a call that the master cannot pass on to a host.

    ``HOST_OFFLINE`` once the host is marked as lost, ``CANNOT_CONTACT_HOST`` until then.
    """
    if not pool.db.exists("host", host):
        return
    if not placement.is_live(pool, host):
        raise XenError("HOST_OFFLINE", host)
    if host != pool.row["master"] and pool.members[host].answers() is not None:
        raise XenError("CANNOT_CONTACT_HOST", host)


def _wait_and_run(
    call: Call,
    vm: str,
    op: str,
    prepare: Callable[[Work], Steps],
    *,
    strict: bool,
    waiting: list[Operation],
) -> Steps:
    stream = call.world.streams.stream(subject(call.pool, vm))
    waited = 0.0
    while True:
        pause = stream.uniform(_SHORTEST_WAIT, _LONGEST_WAIT)
        yield Stage("wait", pause)
        waited += pause
        error = rules.error(call.pool, vm, op, strict=strict)
        if error is None:
            break
        if error.code != _BUSY or waited >= _PATIENCE:
            raise error
    work = _begin(call, vm, op)
    work.operation = waiting[0]
    try:
        return (yield from prepare(work))
    finally:
        _end(call.pool, vm, work)


def _begin(call: Call, vm: str, op: str) -> Work:
    work = Work(op, task.of(call))
    row = call.db.row("VM", vm)
    call.pool.guests.work.setdefault(vm, []).append(work)
    call.db.change("VM", vm, current_operations={**row["current_operations"], work.task: op})
    rules.refresh(call.pool, vm)
    return work


def _end(pool: Pool, vm: str, work: Work) -> None:
    for undo in reversed(work.undo):
        undo()
    under_way = pool.guests.work.get(vm, [])
    under_way.remove(work)
    if not under_way:
        pool.guests.work.pop(vm, None)
    if pool.db.exists("VM", vm):
        current = pool.db.row("VM", vm)["current_operations"]
        left = {ref: op for ref, op in current.items() if ref != work.task}
        pool.db.change("VM", vm, current_operations=left)
        domain.refresh(pool, vm)


def _drop_task(call: Call) -> None:
    """Take away the task of a call that is refused; an asynchronous one keeps its task."""
    if not call.is_async and call.db.exists("task", call.task):
        call.db.remove("task", call.task)
        call.task = NULL_REF


def _mark_host(pool: Pool, host: str, ref: str, host_op: str) -> None:
    current = pool.db.row("host", host)["current_operations"]
    pool.db.change("host", host, current_operations={**current, ref: host_op})
    host_rules.refresh(pool, host)


def _release(pool: Pool, vm: str, host: str, ref: str) -> None:
    pool.guests.reserved.pop(vm, None)
    if pool.db.exists("VM", vm):
        pool.db.change("VM", vm, scheduled_to_be_resident_on=NULL_REF)
    if pool.db.exists("host", host):
        current = pool.db.row("host", host)["current_operations"]
        left = {key: op for key, op in current.items() if key != ref}
        pool.db.change("host", host, current_operations=left)
        host_rules.refresh(pool, host)


def _watch(pool: Pool) -> None:
    if not pool.guests.watched:
        pool.guests.watched = True
        pool.world.hardware.observe(lambda change: _machine_changed(pool, change))


def _machine_changed(pool: Pool, change: Change) -> None:
    member = pool.member_on(change.server) if change.server else None
    if member is None or member.server.reachable() is None:
        return
    if change.kind == "link" and member.host == pool.row["master"]:
        return
    fail_on(pool, member.host)


def fail_on(pool: Pool, host: str) -> None:
    """Fail the operations that need a host which has just been lost."""
    for works in list(pool.guests.work.values()):
        for work in list(works):
            if host in work.hosts and work.operation is not None:
                error = XenError("CANNOT_CONTACT_HOST", host)
                pool.world.operations.interrupt(work.operation, error)
