"""What is monitored, and when (REG-2, STATE-ALL-4)."""

from hvsim_conformance.adapters.model import Status
from hvsim_conformance.checks.shared import AnyBench
from hvsim_conformance.checks.shared.monitoring import MonitoringChecks, Source
from hvsim_conformance.checks.solaris import check
from hvsim_conformance.checks.solaris.steps import LONG


def _halt(bench: AnyBench) -> None:
    bench.lab.tool_at("sun").do("zoneadm -z web halt")


def _boot(bench: AnyBench) -> None:
    bench.lab.tool_at("moon").do("zoneadm -z store boot")
    bench.control.advance(LONG)


MonitoringChecks(
    lost="moon",
    first=Source(lambda bench: bench.lab.endpoint("sun"), "web", _halt),
    second=Source(
        lambda bench: bench.lab.endpoint("moon"), "store", _boot, Status.STOP, Status.NORMAL
    ),
).register(check)
