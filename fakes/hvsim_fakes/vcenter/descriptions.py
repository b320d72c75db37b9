"""What managers tell of themselves, the same in every vCenter: names of states, kinds, counters.

They are properties of managers, hundreds of entries each; so they are made when first asked for.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final

from hvsim.vcenter.methods import handled
from hvsim.vcenter.privilege import PRIVILEGES
from hvsim.vcenter.values import Data, data
from hvsim_fakes.vcenter import registry
from hvsim_fakes.vcenter.counters import COUNTERS

_WORDS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_BAD: Final = re.compile("Fail|Error|Lost|NotResponding|NotReachable|Isolated|Insufficient|Missing")
_DOUBTFUL: Final = re.compile("Warning|BadUsername|Invalid|Conflict|Incompatible")
_STATES: Final = ("queued", "running", "success", "error")
_STATUS: Final = ("gray", "green", "yellow", "red")


def _none() -> dict[str, Any]:
    return {}


def of(type_name: str) -> dict[str, Any]:
    """Return the properties of a manager that never change; most have none."""
    return _MADE.get(type_name, _none)()


@cache
def _event_manager() -> dict[str, Any]:
    details = [
        data(
            "EventDescriptionEventDetail",
            key=name,
            description=_label(name),
            category=category(name),
            formatOnDatacenter="",
            formatOnComputeResource="",
            formatOnHost="",
            formatOnVm="",
            fullFormat="",
        )
        for name in registry.derived("Event")
    ]
    kinds = [_element(name) for name in ("info", "warning", "error", "user")]
    return {"description": data("EventDescription", category=kinds, eventInfo=details)}


def category(event: str) -> str:
    """Return an event type's category; vCenter's own list is not public, so it is by its name."""
    if _BAD.search(event):
        return "error"
    return "warning" if _DOUBTFUL.search(event) else "info"


@cache
def _task_manager() -> dict[str, Any]:
    names = sorted({name for name in handled() if name.endswith("_Task")})
    described = data(
        "TaskDescription",
        methodInfo=[_method(name) for name in names],
        state=[_element(state) for state in _STATES],
        reason=[_typed(name) for name in registry.derived("TaskReason")],
    )
    return {"description": described}


@cache
def _performance_manager() -> dict[str, Any]:
    counters = sorted(COUNTERS, key=lambda counter: counter.number)
    rollups = sorted(registry.enum_values("PerfSummaryType"))
    stats = sorted(registry.enum_values("PerfStatsType"))
    return {
        "perfCounter": [counter.shown for counter in counters],
        "historicalInterval": [_interval(*facts) for facts in _INTERVALS],
        "description": data(
            "PerformanceDescription",
            counterType=[_element(name) for name in rollups],
            statsType=[_element(name) for name in stats],
        ),
    }


_INTERVALS: Final = (
    (1, 300, "Past day", 86_400),
    (2, 1_800, "Past week", 604_800),
    (3, 7_200, "Past month", 2_592_000),
    (4, 86_400, "Past year", 31_536_000),
)


def _interval(key: int, seconds: int, name: str, length: int) -> Data:
    return data(
        "PerfInterval",
        key=key,
        samplingPeriod=seconds,
        name=name,
        length=length,
        level=1,
        enabled=True,
    )


@cache
def _alarm_manager() -> dict[str, Any]:
    described = data(
        "AlarmDescription",
        expr=[_typed(name) for name in registry.derived("AlarmExpression")],
        stateOperator=[_element(n) for n in sorted(registry.enum_values("StateAlarmOperator"))],
        metricOperator=[_element(n) for n in sorted(registry.enum_values("MetricAlarmOperator"))],
        hostSystemConnectionState=_elements("HostSystemConnectionState"),
        virtualMachinePowerState=_elements("VirtualMachinePowerState"),
        datastoreConnectionState=[],
        hostSystemPowerState=_elements("HostSystemPowerState"),
        virtualMachineGuestHeartbeatStatus=[_element(name) for name in _STATUS],
        entityStatus=[_element(name) for name in _STATUS],
        action=[_typed(name) for name in registry.derived("Action")],
    )
    return {"description": described, "defaultExpression": []}


@cache
def _scheduled_task_manager() -> dict[str, Any]:
    described = data(
        "ScheduledTaskDescription",
        action=[_typed(name) for name in registry.derived("Action")],
        schedulerInfo=[],
        state=[_element(state) for state in _STATES],
        dayOfWeek=_elements("DayOfWeek"),
        weekOfMonth=_elements("WeekOfMonth"),
    )
    return {"description": described}


@cache
def _authorization_manager() -> dict[str, Any]:
    described = [
        data(
            "AuthorizationPrivilege",
            privId=name,
            onParent=False,
            name=name.rpartition(".")[2],
            privGroupName=name.rpartition(".")[0],
        )
        for name in PRIVILEGES
    ]
    groups = sorted({name.rpartition(".")[0] for name in PRIVILEGES})
    told = data(
        "AuthorizationDescription",
        privilege=[_element(name) for name in PRIVILEGES],
        privilegeGroup=[_element(name) for name in groups],
    )
    return {"privilegeList": described, "description": told}


_MADE: Final = {
    "AuthorizationManager": _authorization_manager,
    "EventManager": _event_manager,
    "TaskManager": _task_manager,
    "PerformanceManager": _performance_manager,
    "AlarmManager": _alarm_manager,
    "ScheduledTaskManager": _scheduled_task_manager,
}


def _elements(enumeration: str) -> list[Data]:
    return [_element(name) for name in sorted(registry.enum_values(enumeration))]


def _label(name: str) -> str:
    return _WORDS.sub(" ", name.removesuffix("Event"))


def _element(key: str) -> Data:
    return data("ElementDescription", label=_label(key), summary=_label(key), key=key)


def _typed(key: str) -> Data:
    return data("TypeDescription", label=_label(key), summary=_label(key), key=key)


def _method(name: str) -> Data:
    owner, _, wire = name.partition(".")
    word = wire.removesuffix("_Task")
    key = f"{owner}.{word[0].lower()}{word[1:]}"
    return data("ElementDescription", label=_label(word), summary=_label(word), key=key)
