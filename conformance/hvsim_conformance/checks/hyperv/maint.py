"""Maintenance mode (MAINT-*)."""

from hvsim_conformance.adapters.model import MoveMode, PowerAction, Reason, Switch, Verdictable
from hvsim_conformance.checks.hyperv import HypervBench, check
from hvsim_conformance.checks.hyperv.steps import LONG, OFF, ON, SAVED, SITE
from hvsim_conformance.checks.shared.managed import MaintenanceChecks, move
from hvsim_conformance.checks.shared.steps import guest_id, place

CHECKS = MaintenanceChecks(SITE)
check("MAINT-TERM-1")(CHECKS.has_its_name)
check("MAINT-HV-1")(CHECKS.set_and_released)


@check("MAINT-HV-4")
def highly_available_guests_move_and_others_are_saved(bench: HypervBench) -> None:
    """Nothing of the former is interrupted."""
    bench.enrol()
    before = {name: SITE.state(bench, name, ON, "beta") for name in ("db", "app", "plain")}
    bench.expect_done(_rest(bench, "beta", move=True))
    for name in ("db", "app"):
        after = SITE.state(bench, name, ON)
        bench.expect(place(bench, after) != "beta", f"guest {name} was not moved")
        bench.expect(after.boots == before[name].boots, f"guest {name} was started anew")
    SITE.state(bench, "plain", SAVED, "beta")


@check("MAINT-HV-5")
def guests_of_a_host_alone_are_saved(bench: HypervBench) -> None:
    """They stay so when the mode is released."""
    bench.enrol()
    SITE.state(bench, "lone", ON, "delta")
    bench.expect_done(_rest(bench, "delta"))
    SITE.state(bench, "lone", SAVED, "delta")
    bench.expect_done(bench.subject.maintenance(bench.host("delta").id, Switch.OFF))
    bench.control.advance(LONG)
    SITE.state(bench, "lone", SAVED, "delta")


@check("MAINT-RCX-1")
def with_move_empties_the_host(bench: HypervBench) -> None:
    """One step sets the mode and brings every guest that can move away."""
    bench.enrol()
    bench.expect_done(_rest(bench, "alpha", move=True))
    bench.expect(bench.lab.truth.host("alpha").in_maintenance, "the mode is not set")
    after = SITE.state(bench, "web", ON)
    bench.expect(place(bench, after) != "alpha", "the guest is still there")


@check("MAINT-ALL-1")
def nothing_comes_to_a_resting_host(bench: HypervBench) -> None:
    """The product takes no guest there, and starts none."""
    bench.enrol()
    bench.expect_done(_rest(bench, "gamma"))
    outcome = move(bench, "web", "gamma", MoveMode.LIVE)
    bench.expect_rejected(outcome, Reason.HOST_IN_MAINTENANCE)
    SITE.state(bench, "web", ON, "alpha")
    outcome = bench.subject.power(guest_id(bench, "spare"), PowerAction.ON)
    bench.expect_rejected(outcome, Reason.HOST_IN_MAINTENANCE)
    SITE.state(bench, "spare", OFF, "gamma")


def _rest(bench: HypervBench, host: str, *, move: bool = False) -> Verdictable:
    return bench.subject.maintenance(bench.host(host).id, Switch.ON, move=move)
