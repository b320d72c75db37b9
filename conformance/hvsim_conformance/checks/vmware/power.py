"""Power operations on guests (POWER-ALL-*) and their states (STATE-ALL-*)."""

from hvsim_conformance.adapters.model import Status
from hvsim_conformance.checks.shared.managed import PowerChecks
from hvsim_conformance.checks.vmware import VmwareBench, check
from hvsim_conformance.checks.vmware.site import SITE
from hvsim_conformance.checks.vmware.steps import LONG

PowerChecks(SITE).register(check)


@check("STATE-ALL-3")
def out_of_reach_is_unknown(bench: VmwareBench) -> None:
    """Nobody knows what became of a guest whose host, without HA, does not answer vCenter."""
    bench.enrol()
    bench.control.perform("link.cut", "delta")
    bench.control.advance(LONG)
    bench.refresh()
    shown = bench.guest(bench.lab.uuid("lone")).status
    bench.expect(shown is Status.UNKNOWN, f"the guest is listed as {shown}")
