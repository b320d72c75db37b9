"""What is monitored, and when (REG-2, STATE-ALL-4)."""

from functools import partial

from hvsim_conformance.checks.hyperv import check
from hvsim_conformance.checks.hyperv.steps import inside
from hvsim_conformance.checks.shared.monitoring import MonitoringChecks, Source

_turn_off = partial(inside, what="power-outside", to="off")

MonitoringChecks(
    lost="delta",
    first=Source(lambda bench: bench.lab.endpoints[0], "web", partial(_turn_off, guest="web")),
    second=Source(lambda bench: bench.lab.alone[0], "on-solo", partial(_turn_off, guest="on-solo")),
).register(check)
