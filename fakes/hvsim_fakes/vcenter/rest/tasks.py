"""``com.vmware.cis.tasks``: tasks as this API shows them, those of vim25 included."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Literal

from hvsim.vcenter.values import Ref
from hvsim_fakes.vcenter.rest import errors
from hvsim_fakes.vcenter.rest.call import READ
from hvsim_fakes.vcenter.rest.operations import Fields, Route, operation
from hvsim_fakes.vcenter.rest.structures import DynamicID, LocalizableMessage, Structure

if TYPE_CHECKING:
    from hvsim.vcenter.store import ManagedObject
    from hvsim.vcenter.values import Data
    from hvsim_fakes.vcenter.rest.call import Call

SERVICE: Final = "com.vmware.cis.tasks"
_PATH: Final = "/cis/tasks"
_ONE: Final = f"{_PATH}/{{task}}"
Status = Literal["PENDING", "RUNNING", "BLOCKED", "SUCCEEDED", "FAILED"]
_STATUSES: Final[dict[str, Status]] = {
    "queued": "PENDING",
    "running": "RUNNING",
    "success": "SUCCEEDED",
    "error": "FAILED",
}
_SERVICES: Final = {
    "CloneVM_Task": ("com.vmware.vcenter.VM", "clone$task"),
    "RelocateVM_Task": ("com.vmware.vcenter.VM", "relocate$task"),
}
"""Service and operation that begin a task, by the method of vim25 that carries it out."""


class GetSpec(Structure):
    """How much is told of a task."""

    vapi = "com.vmware.cis.tasks.get_spec"
    return_all: bool | None = None
    exclude_result: bool | None = None


class FilterSpec(Structure):
    """Which tasks are listed."""

    vapi = "com.vmware.cis.tasks.filter_spec"
    tasks: list[str] | None = None
    services: list[str] | None = None
    operations: list[str] | None = None
    status: list[Status] | None = None
    targets: list[DynamicID] | None = None
    users: list[str] | None = None


class Progress(Structure):
    """How far a task is."""

    vapi = "com.vmware.cis.task.progress"
    total: int
    completed: int
    message: LocalizableMessage


class Info(Structure):
    """A task; ``error`` is what it failed with, ``result`` what it gave."""

    vapi = "com.vmware.cis.task.info"
    description: LocalizableMessage
    service: str
    operation: str
    status: Status
    cancelable: bool
    parent: str | None = None
    target: DynamicID | None = None
    progress: Progress | None = None
    result: str | None = None
    error: errors.VapiError | None = None
    start_time: datetime | None = None
    end_time: datetime | None = None
    user: str | None = None


_TASK: Final[Fields] = {"task": str}


@operation(
    f"{SERVICE}.get",
    Route("GET", _ONE, old_path=_ONE, query="spec"),
    takes=_TASK | {"spec": (GetSpec | None, None)},
)
def get(call: Call, task: str, spec: GetSpec | None) -> Info:
    """Return a task."""
    return _info(_task(call, task), spec or GetSpec())


@operation(
    f"{SERVICE}.list",
    Route("GET", _PATH, old_path=_PATH, query="filter_spec"),
    takes={
        "filter_spec": (FilterSpec | None, None),
        "result_spec": (GetSpec | None, None),
    },
)
def list_tasks(
    call: Call, filter_spec: FilterSpec | None, result_spec: GetSpec | None
) -> dict[str, Info]:
    """Return tasks by identifier; the filter names tasks or services at least."""
    wanted = filter_spec or FilterSpec()
    if not (wanted.tasks or wanted.services):
        raise errors.invalid_input("either tasks or services must be set")
    found = {
        call.full_id(task.moid): _info(task, result_spec or GetSpec())
        for task in call.seen("Task", READ)
    }
    return {key: info for key, info in found.items() if _fits(key, info, wanted)}


def _fits(key: str, info: Info, wanted: FilterSpec) -> bool:
    tasks = [one.partition(":")[0] for one in wanted.tasks or ()]
    return (
        (not tasks or key.partition(":")[0] in tasks)
        and (not wanted.services or info.service in wanted.services)
        and (not wanted.operations or info.operation in wanted.operations)
        and (not wanted.status or info.status in wanted.status)
        and (not wanted.targets or info.target in wanted.targets)
        and (not wanted.users or info.user in wanted.users)
    )


@operation(
    f"{SERVICE}.cancel",
    Route("POST", _ONE, action="cancel", old_path=_ONE, old_action="cancel"),
    takes=_TASK,
    privilege="Global.CancelTask",
    is_write=True,
)
def cancel(call: Call, task: str) -> None:
    """Cancel a task that lets itself be cancelled."""
    found = _task(call, task)
    call.perform(found.ref, "CancelTask")


def _task(call: Call, identifier: str) -> ManagedObject:
    return call.object("Task", identifier, "com.vmware.cis.task.not_found", "Task")


def _info(task: ManagedObject, spec: GetSpec) -> Info:
    found: Data = task["info"]
    service, name = _SERVICES.get(found["name"], ("com.vmware.vim25", found["name"]))
    entity: Ref | None = found["entity"]
    status = _STATUSES[found["state"]]
    return Info(
        description=LocalizableMessage(
            id=f"{service}.{name}", default_message=str(found["descriptionId"])
        ),
        service=service,
        operation=name,
        status=status,
        cancelable=bool(found["cancelable"]),
        target=DynamicID(type=entity.type, id=entity.moid) if entity is not None else None,
        progress=_progress(found),
        result=None if spec.exclude_result else _result(found["result"]),
        error=_error(found["error"]),
        start_time=found["startTime"],
        end_time=found["completeTime"],
        user=found["reason"]["userName"],
    )


def _progress(found: Data) -> Progress | None:
    """Return how far a task is; one that waits has no progress."""
    if found["state"] == "queued":
        return None
    done = 100 if found["state"] == "success" else found["progress"] or 0
    message = LocalizableMessage(id="com.vmware.cis.task.progress", default_message="")
    return Progress(total=100, completed=done, message=message)


def _result(value: Any) -> str | None:
    return value.moid if isinstance(value, Ref) else None


def _error(found: Data | None) -> errors.VapiError | None:
    if found is None:
        return None
    return errors.of_data(found["fault"], found["localizedMessage"])
