"""Tasks: the rows by which clients follow calls that take time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from hvsim.operations import Operation, State, Steps
from hvsim.xenserver import task_age
from hvsim.xenserver.dates import stamp
from hvsim.xenserver.errors import XenError, as_xen_error
from hvsim.xenserver.model import NULL_REF

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim.xenserver.messages import Call

_STATUS = {
    State.SUCCEEDED: "success",
    State.FAILED: "failure",
    State.CANCELLED: "cancelled",
}


_SLACK = 100
"""Tasks that have gone whose sessions may still be noted."""


def of(call: Call) -> str:
    """Return the reference of the call's task, made at first need."""
    if call.task == NULL_REF:
        name = f"Async.{call.message}" if call.is_async else call.message
        call.task = call.db.add(
            "task",
            {
                "name_label": name,
                "created": stamp(call.world),
                "finished": "19700101T00:00:00Z",
                "status": "pending",
                "resident_on": call.pool.row["master"],
                "allowed_operations": ["cancel", "destroy"],
                "progress": 0.0,
            },
        )
        belongs(call, call.task)
    return call.task


def belongs(call: Call, task: str) -> None:
    """Note that a new task is the caller's, and let it grow old."""
    owners, rows = call.pool.task_sessions, call.db.tables["task"]
    if len(owners) > 2 * len(rows) + _SLACK:
        for gone in [ref for ref in owners if ref not in rows]:
            del owners[gone]
    owners[task] = call.caller.session
    task_age.watch(call.pool, task)


def run_async(call: Call, run: Callable[[Call], Any]) -> str:
    """Run a call under a task; return the task's reference whatever becomes of the call."""
    ref = of(call)
    try:
        value = run(call)
    except XenError as error:
        finish(call, State.FAILED, None, error)
        return ref
    if not isinstance(value, Operation):
        finish(call, State.SUCCEEDED, value, None)
    return ref


def start(call: Call, subject: str, steps: Steps, *, foreground: bool = True) -> Operation:
    """Begin an operation that carries the call out, and let its task follow it.

    The task of a synchronous call is gone once the call is answered.
    """
    of(call)
    foreground = foreground and not call.caller.background
    operation = call.world.operations.start(call.message, subject, steps, foreground=foreground)
    call.pool.tasks[call.task] = operation
    operation.on_progress.append(lambda op: _progress(call, op.progress))
    operation.on_done.append(lambda op: _ended(call, op))
    return operation


def finish(call: Call, state: State, value: Any, error: XenError | None) -> None:
    """Mark the call's task as ended."""
    if not call.db.exists("task", call.task):
        # A client may destroy the task of a call that still runs.
        return
    call.db.change(
        "task",
        call.task,
        status=_STATUS[state],
        progress=1.0,
        finished=stamp(call.world),
        result="" if error else result_text(value),
        error_info=error.description if error else [],
        allowed_operations=["destroy"],
    )
    task_age.watch(call.pool, call.task)


def result_text(value: Any) -> str:
    """Return a value as tasks keep results: XML-RPC text; nothing for void."""
    if value is None or value == "":
        return ""
    return _value(value)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return f"<value><boolean>{int(value)}</boolean></value>"
    if isinstance(value, float):
        return f"<value><double>{value!r}</double></value>"
    if isinstance(value, list):
        inner = "".join(_value(item) for item in value)
        return f"<value><array><data>{inner}</data></array></value>"
    if isinstance(value, dict):
        inner = "".join(
            f"<member><name>{escape(key)}</name>{_value(item)}</member>"
            for key, item in value.items()
        )
        return f"<value><struct>{inner}</struct></value>"
    return f"<value>{escape(str(value))}</value>"


def _progress(call: Call, progress: float) -> None:
    if call.db.exists("task", call.task):
        call.db.change("task", call.task, progress=progress)


def _ended(call: Call, operation: Operation) -> None:
    call.pool.tasks.pop(call.task, None)
    error = as_xen_error(operation.error) if operation.error else None
    if operation.state is State.CANCELLED:
        error = XenError("TASK_CANCELLED", call.task)
        operation.error = error
    if call.is_async:
        finish(call, operation.state, operation.value, error)
    elif call.db.exists("task", call.task):
        call.db.remove("task", call.task)
