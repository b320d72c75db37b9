"""Hosts that are registered without a vCenter (MIG-VMW-1, STATE-VMW-2)."""

from hvsim_conformance.adapters.model import MoveMode, Reason, Status
from hvsim_conformance.checks.shared.steps import register_endpoint
from hvsim_conformance.checks.vmware import VmwareBench, check
from hvsim_conformance.checks.vmware.steps import LONG, expect_shown, move
from hvsim_conformance.labs.vmware.world import AGENTS

_OWN = frozenset({Status.NORMAL, Status.UNKNOWN, Status.STOP})


@check("MIG-VMW-1")
def no_move_without_a_manager(bench: VmwareBench) -> None:
    """Both hosts are registered, and nobody who could move a guest between them."""
    _enrol(bench)
    for guest, mode in (("on-solo", MoveMode.LIVE), ("of-solo", MoveMode.COLD)):
        before, mark = bench.lab.truth.guest(guest), bench.wire.mark()
        outcome = move(bench, guest, "other", mode)
        bench.expect_refused(outcome, Reason.NO_VM_MANAGER, mark)
        bench.expect(bench.lab.truth.guest(guest) == before, f"guest {guest} was touched")


@check("STATE-VMW-2")
def no_grades_without_a_manager(bench: VmwareBench) -> None:
    """Whatever a host thinks of a guest's health, it runs, does not, or nobody knows."""
    _enrol(bench)
    expect_shown(bench, "of-solo", "solo", Status.STOP)
    agent = bench.lab.world.product("solo")
    for grade in ("green", "yellow", "red"):
        with bench.lab.world.access():
            agent.store.change("1", "overallStatus", grade)
        bench.refresh()
        expect_shown(bench, "on-solo", "solo", Status.NORMAL)
    bench.control.perform("link.cut", "solo", silence="refused")
    bench.control.advance(LONG)
    bench.subject.refresh()
    for guest in ("on-solo", "of-solo"):
        shown = bench.guest(bench.lab.uuid(guest)).status
        bench.expect(shown in _OWN, f"guest {guest} of a lost host is listed as {shown}")
    expect_shown(bench, "on-solo", "solo", Status.UNKNOWN)


def _enrol(bench: VmwareBench) -> None:
    """Register the hosts that answer for themselves, and nothing else."""
    for end in bench.lab.agents:
        register_endpoint(bench, end)
    bench.refresh()
    for name in AGENTS:
        bench.host(name)
