"""What is monitored, and when (REG-2, STATE-ALL-4)."""

from hvsim_conformance.checks.shared import AnyBench
from hvsim_conformance.checks.shared.monitoring import MonitoringChecks, Source
from hvsim_conformance.checks.xenserver import check


def _source(host: str, guest: str) -> Source:
    def turn_off(bench: AnyBench) -> None:
        tool = bench.lab.tool_at(host)
        tool.call("VM.hard_shutdown", tool.ref("VM", guest))

    return Source(lambda bench: bench.lab.endpoint(host), guest, turn_off)


# Two pools, each read by way of its master.
MonitoringChecks("beta", _source("alpha", "nested"), _source("single", "only")).register(check)
