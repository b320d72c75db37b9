"""Events and tasks of the past: queries, and collectors that page through them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from hvsim.vcenter.faults import VimFault, bad_argument
from hvsim.vcenter.values import Data, Ref
from hvsim_fakes.vcenter import registry
from hvsim_fakes.vcenter.context import Context, local
from hvsim_fakes.vcenter.inventory import inventory_of

if TYPE_CHECKING:
    from hvsim_fakes.vcenter.scope import Scope

PAGE: Final = 10
"""Items on a collector's latest page unless its client asks for another number."""
_LARGEST: Final = 1000
_ARGUMENTS: Final = ("vm", "host", "computeResource", "datacenter", "ds", "net", "dvs")
_REFERENCES: Final = {
    "vm": "vm",
    "host": "host",
    "computeResource": "computeResource",
    "datacenter": "datacenter",
    "ds": "datastore",
    "net": "network",
    "dvs": "dvs",
}
Items = Callable[["Scope"], list[Data]]


@dataclass(slots=True)
class Collector:
    """Pages through the items of a history that a filter lets through, oldest first.

    Attributes:
        at: how many items lie before what ``ReadNext`` gives next.
    """

    ref: Ref
    spec: Data
    items: Items
    at: int = 0
    size: int = PAGE

    def properties(self, scope: Scope) -> dict[str, Any]:
        """See :class:`~hvsim_fakes.vcenter.scope.Local`."""
        return {"filter": self.spec, "latestPage": self.items(scope)[-self.size :][::-1]}


@local("EventManager.QueryEvents")
def query_events(context: Context, this: Ref, filter: Data) -> list[Data]:
    """Return the events that a filter lets through, oldest first."""
    found = _events(filter)(context.scope)
    most = filter["maxCount"]
    return found[-most:] if most else found


@local("EventManager.CreateCollectorForEvents")
def create_event_collector(context: Context, this: Ref, filter: Data) -> Ref:
    """Create a collector of the events that a filter lets through."""
    ref = context.session.new_ref("EventHistoryCollector")
    return _create(context, ref, filter, _events(filter))


@local("TaskManager.CreateCollectorForTasks")
def create_task_collector(context: Context, this: Ref, filter: Data) -> Ref:
    """Create a collector of the tasks that a filter lets through; an ESX host has none."""
    if context.vcenter.agent:
        raise VimFault("NotSupported")
    ref = context.session.new_ref("TaskHistoryCollector")
    return _create(context, ref, filter, _tasks(filter))


@local("EventHistoryCollector.ReadNextEvents", "TaskHistoryCollector.ReadNextTasks")
def read_next(context: Context, this: Ref, maxCount: int) -> list[Data]:
    """Return the next, newer items."""
    found = _collector(context, this)
    _demand_count(maxCount)
    page = found.items(context.scope)[found.at : found.at + maxCount]
    found.at += len(page)
    return page


@local("EventHistoryCollector.ReadPreviousEvents", "TaskHistoryCollector.ReadPreviousTasks")
def read_previous(context: Context, this: Ref, maxCount: int) -> list[Data]:
    """Return the next, older items, the newest of them first."""
    found = _collector(context, this)
    _demand_count(maxCount)
    page = found.items(context.scope)[max(0, found.at - maxCount) : found.at]
    found.at -= len(page)
    return page[::-1]


@local("EventHistoryCollector.RewindCollector", "TaskHistoryCollector.RewindCollector")
def rewind(context: Context, this: Ref) -> None:
    """Go back to the oldest item."""
    _collector(context, this).at = 0


@local("EventHistoryCollector.ResetCollector", "TaskHistoryCollector.ResetCollector")
def reset(context: Context, this: Ref) -> None:
    """Go on to the latest page: what is older can be read from there."""
    found = _collector(context, this)
    found.at = max(0, len(found.items(context.scope)) - found.size)


@local("EventHistoryCollector.SetCollectorPageSize", "TaskHistoryCollector.SetCollectorPageSize")
def set_page_size(context: Context, this: Ref, maxCount: int) -> None:
    """Choose how many items the latest page has."""
    _demand_count(maxCount)
    found = _collector(context, this)
    found.size = maxCount
    found.at = max(0, len(found.items(context.scope)) - found.size)


@local("EventHistoryCollector.DestroyCollector", "TaskHistoryCollector.DestroyCollector")
def destroy(context: Context, this: Ref) -> None:
    """Let go of a collector."""
    _collector(context, this)
    del context.session.objects[this.moid]


def _create(context: Context, ref: Ref, spec: Data, items: Items) -> Ref:
    made = Collector(ref, spec, items)
    made.at = max(0, len(items(context.scope)) - made.size)
    return context.session.add(made)


def _collector(context: Context, this: Ref) -> Collector:
    return cast("Collector", context.scope.local(this))


def _demand_count(count: int) -> None:
    if not 0 < count <= _LARGEST:
        raise bad_argument("maxCount")


def _events(spec: Data) -> Items:
    def items(scope: Scope) -> list[Data]:
        within = _entities(scope, spec["entity"])
        return [event for event in scope.vcenter.events if _event_fits(event, spec, within)]

    return items


def _tasks(spec: Data) -> Items:
    def items(scope: Scope) -> list[Data]:
        within = _entities(scope, spec["entity"])
        past = list(getattr(scope.vcenter, "task_history", ()))
        present = [found.get("info") for found in scope.vcenter.store.of_type("Task")]
        return [info for info in past + present if info and _task_fits(info, spec, within)]

    return items


def _entities(scope: Scope, spec: Data | None) -> frozenset[Ref] | None:
    """Return the entities a filter is about; None when it is about all."""
    if spec is None:
        return None
    root = scope.get(spec["entity"]).ref
    if spec["recursion"] == "self":
        return frozenset({root})
    if root == scope.vcenter.root and spec["recursion"] == "all":
        # What is about no entity, as logins are, is about the whole.
        return None
    found = inventory_of(scope.vcenter.store).members(root, (), recursive=True)
    return frozenset(found) | ({root} if spec["recursion"] == "all" else frozenset())


def _event_fits(event: Data, spec: Data, within: frozenset[Ref] | None) -> bool:
    return (
        (within is None or any(ref in within for ref in _subjects(event)))
        and _in_time(event["createdTime"], spec["time"])
        and _by_user(event["userName"], spec["userName"])
        and spec["eventChainId"] in (None, event["chainId"])
        and _of_types(event, spec)
    )


def _of_types(event: Data, spec: Data) -> bool:
    ids, types = spec["eventTypeId"] or (), spec["type"] or ()
    if ids and not ({event.type, event["eventTypeId"], f"vim.event.{event.type}"} & set(ids)):
        return False
    return not types or any(registry.is_a(event.type, wanted) for wanted in types)


def _subjects(event: Data) -> list[Ref]:
    found = []
    for name in _ARGUMENTS:
        argument = event[name]
        if isinstance(argument, Data):
            ref = argument[_REFERENCES[name]]
            if isinstance(ref, Ref):
                found.append(ref)
    for value in event.fields.values():
        if isinstance(value, Data) and value.type.endswith("EventArgument"):
            found += [inner for inner in value.fields.values() if isinstance(inner, Ref)]
    return found


def _task_fits(info: Data, spec: Data, within: frozenset[Ref] | None) -> bool:
    times = spec["time"]
    kind = {"queuedTime": "queueTime", "startedTime": "startTime", "completedTime": "completeTime"}
    return (
        (within is None or info["entity"] in within)
        and (not spec["state"] or info["state"] in spec["state"])
        and (times is None or _in_time(info[kind[times["timeType"]]], times))
        and _by_user((info["reason"] or Data("", {}))["userName"], spec["userName"])
        and spec["eventChainId"] in (None, [], info["eventChainId"])
    )


def _in_time(when: Any, span: Data | None) -> bool:
    if span is None:
        return True
    if when is None:
        return False
    begin, end = span["beginTime"], span["endTime"]
    return (begin is None or begin <= when) and (end is None or when <= end)


def _by_user(user: str | None, spec: Data | None) -> bool:
    if spec is None:
        return True
    if not user:
        return bool(spec["systemUser"])
    return not spec["userList"] or user in spec["userList"]
