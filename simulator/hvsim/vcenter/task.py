"""Tasks: operations as vCenter shows them, with their states, progress, times and failures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.operations import Cancelled, Stage
from hvsim.vcenter.faults import VimFault, as_fault
from hvsim.vcenter.methods import Call, method
from hvsim.vcenter.values import Data, Ref, data, now

if TYPE_CHECKING:
    from collections import deque

    from hvsim.operations import Operation, Steps
    from hvsim.vcenter.server import VCenter

MANAGER: Final = Ref("TaskManager", "TaskManager")
_KEPT: Final = 600.0
"""Seconds that an ended task stays."""
_SHOWN: Final = 200
"""Ended tasks that ``recentTask`` shows at most; both are the defaults that vim25 documents."""


def start(
    call: Call,
    entity: Ref,
    steps: Steps,
    *,
    locks: tuple[Ref, ...] | None = None,
    cancelable: bool = False,
) -> Ref:
    """Begin a task that carries a call out; return its reference.

    Args:
        entity: what it is done to.
        locks: objects that no other locking task may touch meanwhile; the entity itself if None.
            Empty locks nothing.
        cancelable: whether a client may cancel it.
    """
    vcenter = call.vcenter
    _forget_old(vcenter)
    ref = begin(call, entity, cancelable=cancelable)
    held = (entity,) if locks is None else locks
    operation = call.world.operations.start(
        f"{entity.type}.{call.name.removesuffix('_Task')}",
        f"{vcenter.path}/{entity.type}/{entity.moid}",
        _carry_out(call, ref, steps, held),
        foreground=not call.caller.background,
    )
    vcenter.tasks[ref.moid] = operation
    operation.on_progress.append(lambda op: _progress(vcenter, ref, op))
    operation.on_done.append(lambda op: _ended(vcenter, ref, op))
    return ref


def past(call: Call, entity: Ref, result: object) -> None:
    """Let there be a task that has ended well, as what a call did to an entity before the lab."""
    ref = begin(call, entity, cancelable=False)
    at = now(call.world)
    ended = {"state": "success", "startTime": at, "completeTime": at, "result": result}
    call.store.change_many(ref, {f"info.{name}": value for name, value in ended.items()})
    call.vcenter.shown_tasks.append((call.world.now, ref))


def chain(call: Call, entity: Ref) -> int:
    """Return the event chain of the task under way on an entity; 0 when there is none."""
    held = call.vcenter.locks.get(entity.moid)
    found = held and call.store.exists(held) and call.store.value(held, "info.eventChainId")
    return found or 0


def operation_of(vcenter: VCenter, ref: Ref) -> Operation | None:
    """Return the operation that a task shows, while it is under way."""
    return vcenter.tasks.get(ref.moid)


def begin(call: Call, entity: Ref, *, cancelable: bool) -> Ref:
    """Show a task that waits to be carried out; return its reference."""
    store, world = call.store, call.world
    moid = store.new_moid("task-")
    user = call.caller.user
    reason = data("TaskReasonUser", userName=user) if user else data("TaskReasonSystem")
    ref = Ref("Task", moid)
    info = data(
        "TaskInfo",
        key=moid,
        task=ref,
        name=call.name,
        descriptionId=_description(entity, call.name),
        entity=entity,
        entityName=store.value(entity, "name"),
        state="queued",
        cancelled=False,
        cancelable=cancelable,
        reason=reason,
        queueTime=now(world),
        eventChainId=world.streams.number(f"{call.vcenter.path}/event"),
    )
    store.add("Task", moid, {"info": info})
    gone = _crowded_out(call.vcenter)
    shown = store.value(entity, "recentTask") or ()
    own = [old for old in gone if old in shown]
    store.edit_list(entity, "recentTask", added=ref, removed=own)
    for old in gone:
        if old not in own:
            _unlist(call.vcenter, old)
    store.edit_list(MANAGER, "recentTask", added=ref, removed=gone)
    return ref


def _description(entity: Ref, name: str) -> str:
    words = {
        "PowerOnVM_Task": "powerOn",
        "PowerOffVM_Task": "powerOff",
        "ResetVM_Task": "reset",
        "SuspendVM_Task": "suspend",
        "RelocateVM_Task": "relocate",
        "MigrateVM_Task": "migrate",
        "CloneVM_Task": "clone",
        "CreateVM_Task": "createVm",
        "ReconfigVM_Task": "reconfigure",
        "RegisterVM_Task": "registerVm",
    }
    word = words.get(name) or name.removesuffix("_Task")
    return f"{entity.type}.{word[0].lower()}{word[1:]}"


def _carry_out(call: Call, ref: Ref, steps: Steps, held: tuple[Ref, ...]) -> Steps:
    vcenter, store = call.vcenter, call.store
    yield Stage("queue")
    store.change_many(ref, {"info.state": "running", "info.startTime": now(call.world)})
    for entity in held:
        _claim(vcenter, entity, ref)
    try:
        return (yield from steps)
    finally:
        for entity in held:
            if vcenter.locks.get(entity.moid) == ref:
                del vcenter.locks[entity.moid]


def _claim(vcenter: VCenter, entity: Ref, ref: Ref) -> None:
    other = vcenter.locks.get(entity.moid)
    if other is not None and other != ref and other.moid in vcenter.tasks:
        raise VimFault("TaskInProgress", task=other)
    vcenter.locks[entity.moid] = ref


def _progress(vcenter: VCenter, ref: Ref, operation: Operation) -> None:
    if vcenter.store.exists(ref):
        vcenter.store.change(ref, "info.progress", int(operation.progress * 100))


def _ended(vcenter: VCenter, ref: Ref, operation: Operation) -> None:
    vcenter.tasks.pop(ref.moid, None)
    store = vcenter.store
    if not store.exists(ref):
        return
    changes: dict[str, Any] = {"completeTime": now(vcenter.world), "progress": None}
    if operation.error is None:
        changes |= {"state": "success", "result": operation.value}
    else:
        changes |= {"state": "error", "error": as_fault(operation.error).localized}
    # One change, so that nobody sees the state of an ended task without its result.
    store.change_many(ref, {f"info.{name}": value for name, value in changes.items()})
    vcenter.shown_tasks.append((vcenter.world.now, ref))


def _crowded_out(vcenter: VCenter) -> list[Ref]:
    """Return the ended tasks that are recent no more, for there are too many newer ones."""
    out = []
    while len(vcenter.shown_tasks) > _SHOWN:
        ended, ref = vcenter.shown_tasks.popleft()
        vcenter.past_tasks.append((ended, ref))
        out.append(ref)
    return out


def _unlist(vcenter: VCenter, ref: Ref) -> None:
    entity = vcenter.store.value(ref, "info.entity")
    if vcenter.store.exists(entity):
        vcenter.store.discard(entity, "recentTask", ref)


def _forget_old(vcenter: VCenter) -> None:
    """Let go of tasks that ended long ago; the history keeps what they were."""
    limit = vcenter.world.now - _KEPT
    for ref in _taken_before(vcenter.past_tasks, limit):
        _forget(vcenter, ref)
    old = _taken_before(vcenter.shown_tasks, limit)
    if old:
        vcenter.store.edit_list(MANAGER, "recentTask", removed=old)
    for ref in old:
        _unlist(vcenter, ref)
        _forget(vcenter, ref)


def _taken_before(ended: deque[tuple[float, Ref]], limit: float) -> list[Ref]:
    taken = []
    while ended and ended[0][0] < limit:
        taken.append(ended.popleft()[1])
    return taken


def _forget(vcenter: VCenter, ref: Ref) -> None:
    vcenter.task_history.append(vcenter.store.value(ref, "info"))
    vcenter.store.remove(ref)


@method("Task.CancelTask")
def cancel(call: Call, this: Ref) -> None:
    """Cancel a task that lets itself be cancelled."""
    operation = call.vcenter.tasks.get(this.moid)
    info = call.store.value(this, "info")
    if operation is None and info["state"] not in ("queued", "running"):
        raise VimFault("InvalidState")
    if not info["cancelable"]:
        raise VimFault("NotSupported")
    call.store.change(this, "info.cancelled", value=True)
    if operation is None:
        return  # It is an extension's, which looks whether it is to end.
    call.world.operations.interrupt(operation, Cancelled("cancelled by a user"))


@method("Task.SetTaskDescription")
def set_description(call: Call, this: Ref, description: Data) -> None:
    """Describe what a task of an extension is doing."""
    call.store.change(this, "info.description", description)


@method("Task.UpdateProgress")
def update_progress(call: Call, this: Ref, percentDone: int) -> None:
    """Set the progress of an extension's task."""
    if call.store.value(this, "info.state") != "running":
        raise VimFault("InvalidState")
    call.store.change(this, "info.progress", percentDone)
