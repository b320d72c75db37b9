"""Extensions that clients register, and the tasks of theirs that vCenter shows.

vSphere API reference: ExtensionManager, TaskManager.CreateTask, Task.SetTaskState.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.vcenter import task
from hvsim.vcenter.faults import VimFault, bad_argument
from hvsim.vcenter.methods import Call, method
from hvsim.vcenter.values import Data, Ref, data, date_at, now

if TYPE_CHECKING:
    from hvsim.vcenter.spec import ExtensionTable
    from hvsim.vcenter.store import Store

MANAGER: Final = Ref("ExtensionManager", "ExtensionManager")
_LIST: Final = "extensionList"
_OPEN: Final = ("queued", "running")


def install(store: Store, tables: list[ExtensionTable]) -> None:
    """Register what a scenario says is registered."""
    if tables:
        store.change(MANAGER, _LIST, [_described(table) for table in tables])


def _described(table: ExtensionTable) -> Data:
    return data(
        "Extension",
        description=data("Description", label=table.key, summary=table.key),
        key=table.key,
        version="1.0.0",
        lastHeartbeatTime=date_at(0.0),
        taskList=[data("ExtensionTaskTypeInfo", taskID=name) for name in table.tasks],
    )


def _known(store: Store) -> dict[str, Data]:
    return {one["key"]: one for one in store.value(MANAGER, _LIST) or ()}


def _keep(store: Store, known: dict[str, Data]) -> None:
    store.change(MANAGER, _LIST, list(known.values()))


def _keep_also(call: Call, extension: Data) -> None:
    """Keep an extension, in the place of one of its key, as just heard of."""
    heard = extension.having(lastHeartbeatTime=now(call.world))
    _keep(call.store, _known(call.store) | {extension["key"]: heard})


@method("ExtensionManager.FindExtension")
def find(call: Call, this: Ref, extensionKey: str) -> Data | None:
    """Return the extension of a key, or nothing."""
    return _known(call.store).get(extensionKey)


@method("ExtensionManager.RegisterExtension")
def register(call: Call, this: Ref, extension: Data) -> None:
    """Register an extension; raise ``InvalidArgument`` when there is one of its key."""
    if extension["key"] in _known(call.store):
        raise bad_argument("extension.key")
    _keep_also(call, extension)


@method("ExtensionManager.UpdateExtension")
def update(call: Call, this: Ref, extension: Data) -> None:
    """Replace what is registered under an extension's key; raise ``NotFound`` for nothing."""
    if extension["key"] not in _known(call.store):
        raise VimFault("NotFound")
    _keep_also(call, extension)


@method("ExtensionManager.UnregisterExtension")
def unregister(call: Call, this: Ref, extensionKey: str) -> None:
    """Forget an extension; raise ``NotFound`` when there is none of that key."""
    known = _known(call.store)
    if known.pop(extensionKey, None) is None:
        raise VimFault("NotFound")
    _keep(call.store, known)


@method("TaskManager.CreateTask")
def create_task(
    call: Call, this: Ref, obj: Ref, taskTypeId: str, cancelable: bool, **more: Any
) -> Data:
    """Show a task that an extension carries out; return its ``TaskInfo``.

    Raises:
        VimFault: ``InvalidArgument`` when no extension has a task of that type.
    """
    store = call.store
    types = {one["taskID"] for known in _known(store).values() for one in known["taskList"] or ()}
    if taskTypeId not in types:
        raise bad_argument("taskType")
    ref = task.begin(call, store.get(obj).ref, cancelable=cancelable)
    told = {"parentTaskKey": more.get("parentTaskKey"), "activationId": more.get("activationId")}
    changes = {"descriptionId": taskTypeId, "name": None} | told
    store.change_many(ref, {f"info.{name}": value for name, value in changes.items()})
    found: Data = store.value(ref, "info")
    return found


@method("Task.SetTaskState")
def set_state(
    call: Call, this: Ref, state: str, result: object = None, fault: Data | None = None
) -> None:
    """Tell how an extension's task stands; raise ``InvalidState`` once it has ended."""
    store = call.store
    before = store.value(this, "info.state")
    if before not in _OPEN or this.moid in call.vcenter.tasks or state == "queued":
        raise VimFault("InvalidState")
    changes: dict[str, Any] = {"state": state}
    if state == "running":
        changes["startTime"] = store.value(this, "info.startTime") or now(call.world)
    else:
        error = None if fault is None else VimFault(fault.type, **fault.fields).localized
        changes |= {"completeTime": now(call.world), "result": result, "error": error}
        call.vcenter.shown_tasks.append((call.world.now, this))
    store.change_many(this, {f"info.{name}": value for name, value in changes.items()})
