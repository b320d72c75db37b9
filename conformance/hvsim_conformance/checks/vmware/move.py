"""Moves (MIG-*)."""

from hvsim_conformance.adapters.model import MoveMode, Reason, Status
from hvsim_conformance.checks.vmware import VmwareBench, check
from hvsim_conformance.checks.vmware.steps import (
    OFF,
    ON,
    expect_shown,
    expect_state,
    move,
)


@check("MIG-VMW-2")
def live_within_a_cluster(bench: VmwareBench) -> None:
    """The host changes; power, identity and the running system do not."""
    bench.enrol()
    before = expect_state(bench, "web", ON, "alpha")
    bench.expect_done(move(bench, "web", "gamma", MoveMode.LIVE))
    after = expect_state(bench, "web", ON, "gamma")
    bench.expect(after.native_id == before.native_id, "it is another guest")
    bench.expect(after.boots == before.boots, "the guest was started anew")
    bench.refresh()
    expect_shown(bench, "web", "gamma", Status.NORMAL)


@check("MIG-VMW-3")
def not_between_clusters(bench: VmwareBench) -> None:
    """VCenter would move the guest; the manager does not ask it to."""
    bench.enrol()
    mark = bench.wire.mark()
    bench.expect_refused(move(bench, "web", "delta", MoveMode.LIVE), Reason.NOT_SAME_CLUSTER, mark)
    expect_state(bench, "web", ON, "alpha")


@check("MIG-VMW-4")
def cold_within_a_cluster(bench: VmwareBench) -> None:
    """The guest is off before and after."""
    bench.enrol()
    before = expect_state(bench, "spare", OFF, "alpha")
    bench.expect_done(move(bench, "spare", "beta", MoveMode.COLD))
    after = expect_state(bench, "spare", OFF, "beta")
    bench.expect(after.boots == before.boots, "the guest was started on its way")
    bench.refresh()
    expect_shown(bench, "spare", "beta", Status.STOP)


@check("MIG-TERM-3", variant="live-off")
def live_move_of_a_guest_that_is_off(bench: VmwareBench) -> None:
    """There is no power to move it with."""
    _expect_mismatch(bench, "spare", MoveMode.LIVE)


@check("MIG-TERM-3", variant="cold-on")
def cold_move_of_a_guest_that_is_on(bench: VmwareBench) -> None:
    """Nobody has asked that it be switched off."""
    _expect_mismatch(bench, "web", MoveMode.COLD)


@check("MIG-ALL-1")
def listed_once_after_a_move(bench: VmwareBench) -> None:
    """The guest keeps its identity and is listed under one host."""
    bench.enrol()
    before = expect_state(bench, "db", ON)
    bench.expect_done(move(bench, "db", "gamma", MoveMode.LIVE))
    bench.refresh()
    after = expect_state(bench, "db", ON, "gamma")
    bench.expect(after.native_id == before.native_id, "it is another guest")
    expect_shown(bench, "db", "gamma", Status.NORMAL)


def _expect_mismatch(bench: VmwareBench, guest: str, mode: MoveMode) -> None:
    bench.enrol()
    before, mark = bench.lab.truth.guest(guest), bench.wire.mark()
    outcome = move(bench, guest, "gamma", mode)
    bench.expect_refused(outcome, Reason.MODE_MISMATCH, mark)
    bench.expect(bench.lab.truth.guest(guest) == before, f"guest {guest} was touched")
