"""``PerformanceManager``: counters, and figures of what the simulated machines use."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from hvsim.vcenter.faults import bad_argument
from hvsim.vcenter.values import Data, Ref, data, now
from hvsim_fakes.vcenter.context import Context, local
from hvsim_fakes.vcenter.counters import BY_NUMBER, COUNTERS, Counter

if TYPE_CHECKING:
    from datetime import datetime

    from hvsim_fakes.vcenter.scope import Seen

REFRESH: Final = 20
"""Seconds between two figures of a running machine."""
_KEPT: Final = 180
_MOST: Final = 3600 // REFRESH


@local("PerformanceManager.QueryPerfCounter")
def query_counters(context: Context, this: Ref, counterId: list[int]) -> list[Data]:
    """Return the descriptions of counters."""
    return [_counter(number).shown for number in counterId]


@local("PerformanceManager.QueryPerfCounterByLevel")
def query_by_level(context: Context, this: Ref, level: int) -> list[Data]:
    """Return the counters collected at a level."""
    if not 1 <= level <= 4:
        raise bad_argument("level")
    return [counter.shown for counter in COUNTERS]


@local("PerformanceManager.QueryPerfProviderSummary")
def query_provider(context: Context, this: Ref, entity: Ref) -> Data:
    """Return whether an entity has figures of its own, and how often."""
    seen = context.scope.get(entity)
    measured = seen.ref.type in ("VirtualMachine", "HostSystem")
    return data(
        "PerfProviderSummary",
        entity=seen.ref,
        currentSupported=measured,
        summarySupported=measured,
        refreshRate=REFRESH if measured else None,
    )


@local("PerformanceManager.QueryAvailablePerfMetric")
def query_available(
    context: Context,
    this: Ref,
    entity: Ref,
) -> list[Data]:
    """Return which counters an entity has figures of."""
    seen = context.scope.get(entity)
    return [_metric(counter) for counter in COUNTERS if seen.ref.type in counter.values]


@local("PerformanceManager.QueryPerf")
def query(context: Context, this: Ref, querySpec: list[Data]) -> list[Data]:
    """Return figures: what is used now, at the times asked for."""
    return [_figures(context, spec) for spec in querySpec]


def _figures(context: Context, spec: Data) -> Data:
    seen = context.scope.get(spec["entity"])
    asked = [metric["counterId"] for metric in spec["metricId"] or ()] or [
        counter.number for counter in COUNTERS
    ]
    counters = [_counter(number) for number in asked]
    interval = spec["intervalId"] or REFRESH
    times = _times(now(context.world), spec, interval)
    series = [
        _series(counter, seen, times) for counter in counters if seen.ref.type in counter.values
    ]
    if spec["format"] == "csv":
        return _as_csv(seen.ref, times, interval, series)
    info = [data("PerfSampleInfo", timestamp=when, interval=interval) for when in times]
    return data("PerfEntityMetric", entity=seen.ref, sampleInfo=info, value=series)


def _series(counter: Counter, seen: Seen, times: list[datetime]) -> Data:
    figure = counter.values[seen.ref.type](seen)
    return data("PerfMetricIntSeries", id=_metric(counter), value=[figure] * len(times))


def _times(present: datetime, spec: Data, interval: int) -> list[datetime]:
    end = min(present, spec["endTime"] or present)
    most = min(spec["maxSample"] or _KEPT, _MOST)
    begin = spec["startTime"]
    found: list[datetime] = []
    while len(found) < most and (begin is None or end > begin):
        found.append(end)
        end -= timedelta(seconds=interval)
    return found[::-1]


def _as_csv(ref: Ref, times: list[datetime], interval: int, series: list[Data]) -> Data:
    info = ",".join(f"{interval},{when.isoformat()[:19]}Z" for when in times)
    written = [
        data("PerfMetricSeriesCSV", id=one["id"], value=",".join(map(str, one["value"])))
        for one in series
    ]
    return data("PerfEntityMetricCSV", entity=ref, sampleInfoCSV=info, value=written)


def _metric(counter: Counter) -> Data:
    return data("PerfMetricId", counterId=counter.number, instance="")


def _counter(number: int) -> Counter:
    found = BY_NUMBER.get(number)
    if found is None:
        raise bad_argument("counterId")
    return found
