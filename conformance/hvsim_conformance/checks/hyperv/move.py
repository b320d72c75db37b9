"""Moves (MIG-*) and moves made outside (EXT-*)."""

from hvsim_conformance.adapters.model import Done, PowerAction, Status
from hvsim_conformance.checks.hyperv import HypervBench, check
from hvsim_conformance.checks.hyperv.steps import LONG, OFF, ON, SITE
from hvsim_conformance.checks.shared.managed import MoveChecks, OutsideChecks
from hvsim_conformance.checks.shared.steps import expect_shown, guest_id, place

MOVES = MoveChecks(SITE)
MOVES.register(check)
OutsideChecks(SITE).register(check)

check("MIG-HV-2", variant="live")(MOVES.live_within_a_cluster)
check("MIG-HV-2", variant="cold")(MOVES.cold_within_a_cluster)
check("MIG-HV-3")(MOVES.not_out_of_a_cluster)

_SOON = 1.0
"""Simulated seconds after which a job is under way."""


@check("EXT-4")
def follows_the_cluster(bench: HypervBench) -> None:
    """The cluster starts the guests of a dead node elsewhere; they are shown where they run."""
    bench.enrol()
    guest = guest_id(bench, "web")
    bench.control.perform("server.crash", "alpha", silence="refused")
    bench.control.advance(LONG)
    true = SITE.state(bench, "web", ON)
    others = [one for one in bench.truth.guests() if one.name != "web"]
    bench.subject.power(guest, PowerAction.REBOOT)
    bench.control.advance(LONG)
    now = [one for one in bench.truth.guests() if one.name != "web"]
    bench.expect(now == others, "another guest was operated on")
    bench.refresh()
    expect_shown(bench, "web", place(bench, true), Status.NORMAL)
    bench.expect_done(bench.subject.power(guest_id(bench, "web"), PowerAction.REBOOT))


@check("EXT-5")
def outside_move_meets_an_operation(bench: HypervBench) -> None:
    """The manager's operation meets a move under way: one wins, and the listing is true."""
    bench.enrol()
    lab, guest = bench.lab, guest_id(bench, "web")
    job = lab.ask("MoveVirtualMachine", "web", VMHost=lab.host_id("gamma"))
    bench.control.advance(_SOON)
    outcome = bench.subject.power(guest, PowerAction.OFF, force=True)
    lab.end(job)
    bench.control.advance(LONG)
    off = isinstance(outcome, Done)
    true = SITE.state(bench, "web", OFF if off else ON)
    bench.refresh()
    expect_shown(bench, "web", place(bench, true), Status.STOP if off else Status.NORMAL)
