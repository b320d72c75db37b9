"""Spare servers shared by physical servers and guests (SPARE-*).

Nothing runs on the standby; the cluster brings guests of failed nodes there.
"""

from hvsim_conformance.adapters.model import Status
from hvsim_conformance.checks.hyperv import HypervBench, check
from hvsim_conformance.checks.hyperv.steps import LONG, ON, SITE, move_outside
from hvsim_conformance.checks.shared import AnyBench
from hvsim_conformance.checks.shared.spare import STANDBY, SpareChecks
from hvsim_conformance.checks.shared.steps import expect_shown, look


class HypervSpares(SpareChecks):
    """How a failover cluster does it."""

    running = ("web", "db", "lone")
    busy = ("web", "alpha")
    settled = LONG

    def moves_in(self, bench: AnyBench) -> None:
        """Move it there with the cluster's own tool."""
        move_outside(bench, "db", STANDBY)

    def expect_runs(self, bench: AnyBench, guest: str, host: str | None = None) -> None:
        """Ask the hypervisors."""
        SITE.state(bench, guest, ON, host)


SPARES = HypervSpares()
SPARES.register(check)


@check("SPARE-4")
def guests_of_a_failed_node_come_to_the_standby(bench: HypervBench) -> None:
    """The cluster starts them on the only node that is up and takes guests."""
    bench.enrol()
    for guest in ("db", "app"):
        expect_shown(bench, guest, "beta", Status.NORMAL)
    bench.lab.rest("alpha")
    bench.control.perform("server.crash", "beta", silence="refused")
    bench.control.advance(LONG)
    for guest in ("db", "app"):
        SITE.state(bench, guest, ON, STANDBY)
    look(bench)
    for guest in ("db", "app"):
        expect_shown(bench, guest, STANDBY, Status.NORMAL)
