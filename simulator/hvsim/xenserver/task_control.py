"""Messages about tasks: clients' own ones, and the end of others.

Source: xapi's ``xapi_task``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.xenserver import task as tasks
from hvsim.xenserver import task_age
from hvsim.xenserver.accounts import permissions, role
from hvsim.xenserver.dates import stamp
from hvsim.xenserver.messages import message
from hvsim.xenserver.model import EPOCH, NULL_REF

if TYPE_CHECKING:
    from hvsim.xenserver.messages import Call

_ENDED: Final = frozenset({"success", "failure", "cancelled"})
_ANY: Final = "task.destroy/any"
"""The permission to handle the tasks of others, whatever is done to them."""


@message("task.create")
def create(call: Call, label: str, description: str) -> str:
    """Make a task of the client's own, pending; return its reference."""
    ref = call.db.add(
        "task",
        {
            "name_label": label,
            "name_description": description,
            "created": stamp(call.world),
            "finished": EPOCH,
            "status": "pending",
            "resident_on": call.pool.row["master"],
            "allowed_operations": ["cancel", "destroy"],
            "progress": 0.0,
        },
    )
    tasks.belongs(call, ref)
    return ref


@message("task.destroy")
def destroy(call: Call, task: str) -> None:
    """Forget a task that has ended; today's release forgets a pending one when it ends."""
    row = _own(call, task)
    if row["status"] in _ENDED or not call.pool.has("pending-task-outlives-destroy"):
        call.db.remove("task", task)
        return
    marked = {**row["current_operations"], "task": "destroy"}
    call.db.change("task", task, current_operations=marked)
    operation = call.pool.tasks.get(task)
    if operation is not None:
        operation.on_done.append(lambda _: _forget(call, task))


@message("task.cancel")
def cancel(call: Call, task: str) -> None:
    """Ask what a task follows to end before its time; what cannot be cancelled goes on."""
    row = _own(call, task)
    if "cancel" not in row["allowed_operations"] or row["status"] in _ENDED:
        return
    operation = call.pool.tasks.get(task)
    marked = {**row["current_operations"], call.task: "cancel"}
    call.db.change("task", task, current_operations=marked)
    if operation is not None:
        call.world.operations.interrupt(operation)


@message("task.set_status")
def set_status(call: Call, task: str, value: str) -> None:
    """Say where a task of the client's own stands."""
    _own(call, task)
    call.db.change("task", task, status=value)


@message("task.set_progress")
def set_progress(call: Call, task: str, value: float) -> None:
    """Say how far (0..1) a task of the client's own is."""
    _own(call, task)
    call.db.change("task", task, progress=value)


@message("task.set_other_config")
def set_other_config(call: Call, task: str, value: dict[str, str]) -> None:
    """Replace the other configuration of a task, where the caller may touch what changes."""
    before = _own(call, task)["other_config"]
    role.demand_change(call, "task.other_config", before, value)
    call.db.change("task", task, other_config=value)


@message("task.set_result", "task.set_error_info")
def set_field(call: Call, task: str, value: Any) -> None:
    """Set the result or the error of a task."""
    _own(call, task)
    call.db.change("task", task, **{call.message.removeprefix("task.set_"): value})
    task_age.watch(call.pool, task)


def _own(call: Call, task: str) -> dict[str, Any]:
    """Return a task's row if the caller may handle it (``RBAC_PERMISSION_DENIED``).

    A task belongs to its user, in whichever of his sessions; to nobody once its own has ended.
    """
    row = call.db.row("task", task)
    if not _is_owner(call, task):
        role.demand(call.caller, _ANY, permissions.of(call.pool.model)[_ANY])
    return row


def _is_owner(call: Call, task: str) -> bool:
    sessions = call.db.tables["session"]
    its = sessions.get(call.pool.task_sessions.get(task, NULL_REF))
    callers = sessions.get(call.caller.session)
    if its is None or callers is None:
        return False
    return bool(its["auth_user_sid"] == callers["auth_user_sid"])


def _forget(call: Call, task: str) -> None:
    if call.db.exists("task", task):
        call.db.remove("task", task)
