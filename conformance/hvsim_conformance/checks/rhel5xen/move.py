"""Moves (MIG-*) and what they are called."""

from typing import TYPE_CHECKING

from hvsim_conformance.adapters.model import MoveMode, Product, Reason, Status, Terms, Verdictable
from hvsim_conformance.checks.rhel5xen import Rhel5Bench, check
from hvsim_conformance.checks.rhel5xen.steps import LONG, OFF, RUNS, expect_runs, expect_state
from hvsim_conformance.checks.shared.steps import (
    expect_shown,
    expect_turned_down,
    expect_untouched,
    guest_id,
)

if TYPE_CHECKING:
    from hvsim_conformance.engine.lab import TrueGuest

_MOVES = "domain.migrate"


@check("MIG-TERM-1")
def live_is_with_power_on(bench: Rhel5Bench) -> None:
    """The guest arrives without having been off: nothing booted it anew."""
    _expect_term(bench, _terms(bench).live_move, "live")
    bench.enrol()
    before = expect_runs(bench, "db")
    bench.expect_done(_move(bench, "db", "gamma", MoveMode.LIVE))
    bench.control.advance(LONG)
    boots = expect_runs(bench, "db", "gamma").boots - before.boots
    bench.expect(boots == 0, f"the guest was started {boots} times on its way")


@check("MIG-TERM-2")
def cold_is_with_power_off(bench: Rhel5Bench) -> None:
    """The guest was off, is off, and was never on."""
    _expect_term(bench, _terms(bench).cold_move, "cold")
    bench.enrol()
    before = expect_state(bench, "spare", OFF)
    bench.expect_done(_move(bench, "spare", "beta", MoveMode.COLD))
    bench.control.advance(LONG)
    boots = expect_state(bench, "spare", OFF).boots - before.boots
    bench.expect(boots == 0, f"the guest was started {boots} times on its way")


@check("MIG-TERM-3", variant="live-off")
def live_move_of_a_guest_that_is_off(bench: Rhel5Bench) -> None:
    """There is no power to move it with."""
    _expect_mismatch(bench, "spare", MoveMode.LIVE)


@check("MIG-TERM-3", variant="cold-on")
def cold_move_of_a_guest_that_is_on(bench: Rhel5Bench) -> None:
    """Nobody has asked that it be switched off."""
    _expect_mismatch(bench, "db", MoveMode.COLD)


@check("MIG-RH5-1", variant="amid")
def never_suspended_on_its_way(bench: Rhel5Bench) -> None:
    """Whoever looks in the middle of a live move finds the guest running, and once."""
    bench.enrol()
    bench.lab.control.hold(_MOVES, "copy")
    bench.lab.begin_move("db", "beta", "gamma")
    bench.control.advance(LONG)
    true = bench.lab.truth.guest("db")
    bench.expect(true.state in RUNS, f"in the middle of its move the guest is {true.state}")
    bench.refresh()
    expect_shown(bench, "db", None, Status.NORMAL)
    bench.lab.control.release()
    bench.control.advance(LONG)
    bench.refresh()
    expect_shown(bench, "db", "gamma", Status.NORMAL)


@check("MIG-RH5-1", variant="own")
def own_move_is_live(bench: Rhel5Bench) -> None:
    """The implementation's own live move does not stop the guest for the copy."""
    bench.enrol()
    seen: list[TrueGuest] = []
    with bench.lab.control.amid(_MOVES, "copy", lambda: seen.append(bench.lab.truth.guest("db"))):
        outcome = _move(bench, "db", "gamma", MoveMode.LIVE)
    bench.expect_done(outcome)
    stopped = [true.state for true in seen if true.state not in RUNS]
    bench.expect(not stopped, f"while its memory was copied the guest was {stopped}")
    expect_runs(bench, "db", "gamma")


@check("MIG-ALL-1", variant="live")
def live_move_keeps_the_guest(bench: Rhel5Bench) -> None:
    """The same guest runs on, under one host, though its file stays where it was."""
    bench.enrol()
    before = expect_runs(bench, "db", "beta")
    bench.expect_done(_move(bench, "db", "gamma", MoveMode.LIVE))
    bench.control.advance(LONG)
    after = expect_runs(bench, "db", "gamma")
    bench.expect(after.native_id == before.native_id, "it is another guest")
    bench.expect(after.boots == before.boots, "it was started anew")
    bench.refresh()
    expect_shown(bench, "db", "gamma", Status.NORMAL)


@check("MIG-ALL-1", variant="cold")
def cold_move_keeps_the_guest(bench: Rhel5Bench) -> None:
    """The same guest stays off, under one host."""
    bench.enrol()
    before = expect_state(bench, "spare", OFF)
    bench.expect_done(_move(bench, "spare", "alpha", MoveMode.COLD))
    after = expect_state(bench, "spare", OFF)
    bench.expect(after.native_id == before.native_id, "it is another guest")
    listed = [
        host
        for host in ("alpha", "beta", "gamma")
        if " spare " in bench.lab.console(host).run("virsh list --all")
    ]
    bench.expect(listed == ["alpha"], f"the guest is defined on {', '.join(listed) or 'no host'}")
    bench.refresh()
    expect_shown(bench, "spare", "alpha", Status.STOP)


def _move(bench: Rhel5Bench, guest: str, host: str, mode: MoveMode) -> Verdictable:
    return bench.subject.migrate(guest_id(bench, guest), bench.host(host).id, mode)


def _terms(bench: Rhel5Bench) -> Terms:
    found = [one for one in bench.subject.describe_terms() if one.product is Product.RHEL5XEN]
    bench.expect(len(found) == 1, f"there are {len(found)} sets of terms of RHEL5-Xen, not one")
    return found[0]


def _expect_term(bench: Rhel5Bench, term: str | None, word: str) -> None:
    """Expect that there is a term; one without the usual word is only remarked upon."""
    bench.expect(term, f"there is no term for a {word} move")
    if word not in (term or "").casefold():
        bench.remark(f"a {word} move is called {term!r}")


def _expect_mismatch(bench: Rhel5Bench, guest: str, mode: MoveMode) -> None:
    bench.enrol()
    before, mark = bench.lab.truth.guest(guest), bench.wire.mark()
    outcome = _move(bench, guest, "alpha", mode)
    expect_turned_down(bench, outcome, Reason.MODE_MISMATCH, mark=mark)
    expect_untouched(bench, before)
