"""Hosts that are registered without a vCenter, or besides it (MIG-VMW-1, STATE-VMW-2, REG-1)."""

from hvsim_conformance.adapters.model import Status
from hvsim_conformance.checks.shared import alone
from hvsim_conformance.checks.shared.steps import expect_shown
from hvsim_conformance.checks.vmware import VmwareBench, check
from hvsim_conformance.checks.vmware.steps import LONG

check("MIG-VMW-1")(alone.no_move_without_a_manager)
check("REG-1")(alone.manager_and_hosts_are_registered_apart)


@check("STATE-VMW-2")
def no_grades_without_a_manager(bench: VmwareBench) -> None:
    """A guest runs, does not, or nobody knows: how well its system is decides nothing."""
    alone.enrol_alone(bench)
    expect_shown(bench, "of-solo", "solo", Status.STOP)
    expect_shown(bench, "on-solo", "solo", Status.NORMAL)
    bench.control.perform("vcenter.guest.hang", "solo", guest="on-solo")
    bench.control.advance(LONG)
    bench.refresh()
    expect_shown(bench, "on-solo", "solo", Status.NORMAL)
    bench.control.perform("link.cut", "solo", silence="refused")
    bench.control.advance(LONG)
    alone.expect_states(bench)
    expect_shown(bench, "on-solo", "solo", Status.UNKNOWN)
