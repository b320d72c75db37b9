"""Hosts that are registered by themselves (MIG-HV-1, MAINT-HV-2 and -3, STATE-HV-2, REG-1)."""

from hvsim_conformance.adapters.model import Reason, Status, Switch
from hvsim_conformance.checks.hyperv import HypervBench, check
from hvsim_conformance.checks.hyperv.steps import LONG, inside
from hvsim_conformance.checks.shared import alone
from hvsim_conformance.checks.shared.alone import enrol_alone
from hvsim_conformance.checks.shared.steps import expect_shown, expect_turned_down

check("MIG-HV-1")(alone.no_move_without_a_manager)
check("REG-1")(alone.manager_and_hosts_are_registered_apart)


@check("MAINT-HV-2")
def no_maintenance_of_what_scvmm_does_not_manage(bench: HypervBench) -> None:
    """SCVMM is registered, and the host as well, which SCVMM does not know."""
    bench.enrol()
    enrol_alone(bench)
    _expect_no_maintenance(bench)


@check("MAINT-HV-3")
def no_maintenance_without_a_manager(bench: HypervBench) -> None:
    """Only the host is registered."""
    enrol_alone(bench)
    _expect_no_maintenance(bench)


@check("STATE-HV-2")
def three_states_without_a_manager(bench: HypervBench) -> None:
    """A guest runs, does not, or nobody knows: whatever else it may be on its host."""
    enrol_alone(bench)
    expect_shown(bench, "on-solo", "solo", Status.NORMAL)
    expect_shown(bench, "of-solo", "solo", Status.STOP)
    for change in ("pause", "resume", "save"):
        inside(bench, "power-outside", "on-solo", to=change)
        alone.expect_states(bench)
    bench.control.perform("link.cut", "solo", silence="refused")
    bench.control.advance(LONG)
    alone.expect_states(bench)
    expect_shown(bench, "on-solo", "solo", Status.UNKNOWN)


def _expect_no_maintenance(bench: HypervBench) -> None:
    mark = bench.wire.mark()
    outcome = bench.subject.maintenance(bench.host("solo").id, Switch.ON)
    reasons = (Reason.NO_VM_MANAGER, Reason.HOST_NOT_MANAGED)
    expect_turned_down(bench, outcome, *reasons, mark=mark)
    true = bench.lab.truth.guest("on-solo").state
    bench.expect(true == "Running", f"the host's guest is {true}")
