"""Performance counters: what is measured of machines, and where its figure is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hvsim.vcenter.values import Data, data

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim_fakes.vcenter.scope import Seen


@dataclass(frozen=True, slots=True)
class Counter:
    """A counter: its number, names and unit, and which machines it is of.

    ``value`` gives its figure now, as vim25 counts (percentages in hundredths).
    """

    number: int
    group: str
    name: str
    label: str
    unit: str
    rollup: str
    values: dict[str, Callable[[Seen], int]]

    @property
    def shown(self) -> Data:
        """The counter as vim25 describes it."""
        return data(
            "PerfCounterInfo",
            key=self.number,
            nameInfo=_element(self.label, self.name),
            groupInfo=_element(self.group.upper(), self.group),
            unitInfo=_element(self.unit, self.unit),
            rollupType=self.rollup,
            statsType="absolute",
            level=1,
            perDeviceLevel=3,
        )


def _element(label: str, key: str) -> Data:
    return data("ElementDescription", label=label, summary=label, key=key)


def _number(seen: Seen, path: str) -> int:
    value: Any = seen.properties
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict | Data) else None
    return value if isinstance(value, int) else 0


def _vm_share(used: str, whole: str) -> Callable[[Seen], int]:
    def share(seen: Seen) -> int:
        most = _number(seen, whole)
        return 10_000 * _number(seen, used) // most if most else 0

    return share


def _host_cpu(seen: Seen) -> int:
    most = _number(seen, "summary.hardware.cpuMhz") * _number(seen, "summary.hardware.numCpuCores")
    return 10_000 * _number(seen, "summary.quickStats.overallCpuUsage") // most if most else 0


def _host_memory(seen: Seen) -> int:
    most = _number(seen, "summary.hardware.memorySize") // 2**20
    return 10_000 * _number(seen, "summary.quickStats.overallMemoryUsage") // most if most else 0


_CPU, _MEMORY = "summary.quickStats.overallCpuUsage", "summary.quickStats.guestMemoryUsage"
COUNTERS: Final = (
    Counter(
        2,
        "cpu",
        "usage",
        "Usage",
        "percent",
        "average",
        {"VirtualMachine": _vm_share(_CPU, "runtime.maxCpuUsage"), "HostSystem": _host_cpu},
    ),
    Counter(
        6,
        "cpu",
        "usagemhz",
        "Usage in MHz",
        "megaHertz",
        "average",
        {
            "VirtualMachine": lambda seen: _number(seen, _CPU),
            "HostSystem": lambda seen: _number(seen, _CPU),
        },
    ),
    Counter(
        24,
        "mem",
        "usage",
        "Usage",
        "percent",
        "average",
        {
            "VirtualMachine": _vm_share(_MEMORY, "summary.config.memorySizeMB"),
            "HostSystem": _host_memory,
        },
    ),
    Counter(
        155,
        "sys",
        "uptime",
        "Uptime",
        "second",
        "latest",
        {
            "VirtualMachine": lambda seen: _number(seen, "summary.quickStats.uptimeSeconds"),
            "HostSystem": lambda seen: _number(seen, "summary.quickStats.uptime"),
        },
    ),
)
BY_NUMBER: Final = {counter.number: counter for counter in COUNTERS}
