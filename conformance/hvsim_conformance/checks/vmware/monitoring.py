"""What is monitored, and when (REG-2, STATE-ALL-4)."""

from functools import partial

from hvsim_conformance.checks.shared import AnyBench
from hvsim_conformance.checks.shared.monitoring import MonitoringChecks, Source
from hvsim_conformance.checks.vmware import check
from hvsim_conformance.checks.vmware.steps import LONG
from hvsim_conformance.labs.vmware.world import VCENTER


def _turn_off(bench: AnyBench, guest: str, at: str) -> None:
    machine = bench.lab.named("VirtualMachine", guest, at)
    bench.lab.ask(machine, "PowerOffVM_Task", at=at)
    bench.control.advance(LONG)


MonitoringChecks(
    lost="delta",
    first=Source(
        lambda bench: bench.lab.endpoints[0], "web", partial(_turn_off, guest="web", at=VCENTER)
    ),
    second=Source(
        lambda bench: bench.lab.alone[0], "on-solo", partial(_turn_off, guest="on-solo", at="solo")
    ),
).register(check)
