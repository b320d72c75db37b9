"""Alarms that every vCenter defines, at its root folder.

Names, conditions and thresholds are those of vCenter's default alarms; thresholds of measured
values are hundredths of a percent. Only some of its many are here: those about what hvsim models.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hvsim.vcenter.values import Data, data

if TYPE_CHECKING:
    from collections.abc import Sequence

_INTERVAL: Final = 300
_CPU_USAGE: Final = 2
_MEMORY_USAGE: Final = 24
_DISK_USED: Final = 12
"""Counters: ``cpu.usage.average``, ``mem.usage.average``, and a datastore's space used."""


def _spec(system: str, name: str, monitors: str, expression: Data) -> Data:
    return data(
        "AlarmSpec",
        name=name,
        systemName=f"alarm.{system}",
        description=f"Default alarm to monitor {monitors}",
        enabled=True,
        expression=expression,
        actionFrequency=0,
        setting=data("AlarmSetting", toleranceRange=0, reportingFrequency=_INTERVAL),
    )


def _state(kind: str, path: str, red: str, *, equal: bool = True) -> Data:
    operator = "isEqual" if equal else "isUnequal"
    return data("StateAlarmExpression", operator=operator, type=kind, statePath=path, red=red)


def _metric(kind: str, counter: int, yellow: int, red: int) -> Data:
    return data(
        "MetricAlarmExpression",
        operator="isAbove",
        type=kind,
        metric=data("PerfMetricId", counterId=counter, instance=""),
        yellow=yellow,
        yellowInterval=_INTERVAL,
        red=red,
        redInterval=_INTERVAL,
    )


def _events(kind: str, *types: str) -> Data:
    parts = [
        data(
            "EventAlarmExpression", eventType=name, eventTypeId=f"vim.event.{name}", objectType=kind
        )
        for name in types
    ]
    return _any(parts)


def _typed(kind: str, *facts: tuple[str, str]) -> Data:
    """Return a condition of events without a type of their own, each with what it sets."""
    parts = [
        data(
            "EventAlarmExpression",
            eventType="EventEx",
            eventTypeId=type_id,
            objectType=kind,
            status=status,
        )
        for type_id, status in facts
    ]
    return _any(parts)


def _any(parts: Sequence[Data]) -> Data:
    return data("OrAlarmExpression", expression=list(parts))


_UNREACHED: Final = data(
    "AndAlarmExpression",
    expression=[
        _state("HostSystem", "runtime.connectionState", "notResponding"),
        _state("HostSystem", "runtime.powerState", "standBy", equal=False),
    ],
)

DEFAULTS: Final = (
    _spec(
        "HostConnectionStateAlarm",
        "Host connection and power state",
        "host connection and power state",
        _UNREACHED,
    ),
    _spec(
        "HostCPUUsageAlarm",
        "Host CPU usage",
        "host CPU usage",
        _any([_metric("HostSystem", _CPU_USAGE, 7_500, 9_000)]),
    ),
    _spec(
        "HostMemoryUsageAlarm",
        "Host memory usage",
        "host memory usage",
        _any([_metric("HostSystem", _MEMORY_USAGE, 9_000, 9_500)]),
    ),
    _spec(
        "VmCPUUsageAlarm",
        "Virtual machine CPU usage",
        "virtual machine CPU usage",
        _any([_metric("VirtualMachine", _CPU_USAGE, 7_500, 9_000)]),
    ),
    _spec(
        "VmMemoryUsageAlarm",
        "Virtual machine memory usage",
        "virtual machine memory usage",
        _any([_metric("VirtualMachine", _MEMORY_USAGE, 8_500, 9_500)]),
    ),
    _spec(
        "DatastoreDiskUsageAlarm",
        "Datastore usage on disk",
        "datastore disk usage",
        _any([_metric("Datastore", _DISK_USED, 7_500, 8_500)]),
    ),
    _spec(
        "HostErrorAlarm",
        "Host error",
        "host error and warning events",
        _events("HostSystem", "GeneralHostErrorEvent", "GeneralHostWarningEvent"),
    ),
    _spec(
        "VmErrorAlarm",
        "Virtual machine error",
        "virtual machine error and warning events",
        _events("VirtualMachine", "GeneralVmErrorEvent", "GeneralVmWarningEvent"),
    ),
    _spec(
        "HAcannotFindMasterAlarm",
        "Cannot find vSphere HA master agent",
        "vCenter Server being unable to connect to a vSphere HA master agent",
        _typed(
            "ClusterComputeResource",
            ("com.vmware.vc.HA.MasterNotFoundEvent", "red"),
            ("com.vmware.vc.HA.MasterFoundEvent", "green"),
        ),
    ),
    _spec(
        "HAfailoverInProgress",
        "vSphere HA failover in progress",
        "vSphere HA failover activity",
        _typed(
            "ClusterComputeResource",
            ("com.vmware.vc.HA.ClusterFailoverActionInitiatedEvent", "yellow"),
            ("com.vmware.vc.HA.ClusterFailoverActionCompletedEvent", "green"),
        ),
    ),
)
