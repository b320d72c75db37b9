"""Hosts that are registered by themselves (MIG-HV-1, MAINT-HV-2 and -3, STATE-HV-2)."""

from hvsim_conformance.adapters.model import MoveMode, Reason, Status, Switch
from hvsim_conformance.checks.hyperv import HypervBench, check
from hvsim_conformance.checks.hyperv.steps import LONG, inside
from hvsim_conformance.checks.shared.managed import move
from hvsim_conformance.checks.shared.steps import (
    expect_shown,
    expect_turned_down,
    look,
    register_endpoint,
)
from hvsim_conformance.labs.hyperv.world import ALONE

STATES = frozenset({Status.NORMAL, Status.UNKNOWN, Status.STOP})
"""All that a guest can be while no SCVMM is registered (STATE-HV-2)."""


@check("MIG-HV-1")
def no_move_without_a_manager(bench: HypervBench) -> None:
    """Both hosts are registered, and nobody who could move a guest between them."""
    _enrol(bench)
    for guest, mode in (("on-solo", MoveMode.LIVE), ("of-solo", MoveMode.COLD)):
        before, mark = bench.lab.truth.guest(guest), bench.wire.mark()
        outcome = move(bench, guest, "other", mode)
        bench.expect_refused(outcome, Reason.NO_VM_MANAGER, mark)
        bench.expect(bench.lab.truth.guest(guest) == before, f"guest {guest} was touched")


@check("MAINT-HV-2")
def no_maintenance_of_what_scvmm_does_not_manage(bench: HypervBench) -> None:
    """SCVMM is registered, and the host as well, which SCVMM does not know."""
    bench.enrol()
    _enrol(bench)
    _expect_no_maintenance(bench)


@check("MAINT-HV-3")
def no_maintenance_without_a_manager(bench: HypervBench) -> None:
    """Only the host is registered."""
    _enrol(bench)
    _expect_no_maintenance(bench)


@check("STATE-HV-2")
def three_states_without_a_manager(bench: HypervBench) -> None:
    """A guest runs, does not, or nobody knows: whatever else it may be on its host."""
    _enrol(bench)
    expect_shown(bench, "on-solo", "solo", Status.NORMAL)
    expect_shown(bench, "of-solo", "solo", Status.STOP)
    for change in ("pause", "resume", "save"):
        inside(bench, "power-outside", "on-solo", to=change)
        _expect_states(bench)
    bench.control.perform("link.cut", "solo", silence="refused")
    bench.control.advance(LONG)
    _expect_states(bench)
    expect_shown(bench, "on-solo", "solo", Status.UNKNOWN)


def _expect_states(bench: HypervBench) -> None:
    look(bench)
    for guest in ("on-solo", "of-solo"):
        shown = bench.guest(bench.lab.uuid(guest)).status
        bench.expect(shown in STATES, f"guest {guest} is listed as {shown}")


def _expect_no_maintenance(bench: HypervBench) -> None:
    mark = bench.wire.mark()
    outcome = bench.subject.maintenance(bench.host("solo").id, Switch.ON)
    reasons = (Reason.NO_VM_MANAGER, Reason.HOST_NOT_MANAGED)
    expect_turned_down(bench, outcome, *reasons, mark=mark)
    true = bench.lab.truth.guest("on-solo").state
    bench.expect(true == "Running", f"the host's guest is {true}")


def _enrol(bench: HypervBench) -> None:
    """Register the hosts that VMM does not manage, each by itself."""
    for end in bench.lab.alone:
        register_endpoint(bench, end)
    bench.refresh()
    for name in ALONE:
        bench.host(name)
