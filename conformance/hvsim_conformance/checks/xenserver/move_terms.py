"""What moves are called, and that they are what they are called (MIG-TERM-*)."""

from hvsim_conformance.adapters.model import MoveMode, Product, Reason, Terms
from hvsim_conformance.checks.shared.steps import expect_turned_down, expect_untouched, guest_id
from hvsim_conformance.checks.xenserver import XenBench, check
from hvsim_conformance.checks.xenserver.steps import expect_true, record


@check("MIG-TERM-1")
def live_is_with_power_on(bench: XenBench) -> None:
    """The guest arrives without having been off: nothing booted it anew."""
    _expect_term(bench, _terms(bench).live_move, "live")
    bench.enrol()
    before = expect_true(bench, "db", "Running")
    target = bench.host("gamma").id
    bench.expect_done(bench.subject.migrate(guest_id(bench, "db"), target, MoveMode.LIVE))
    boots = expect_true(bench, "db", "Running", "gamma").boots - before.boots
    bench.expect(boots == 0, f"the guest was started {boots} times on its way")


@check("MIG-TERM-2")
def cold_is_with_power_off(bench: XenBench) -> None:
    """The guest was off, is off, and was never on."""
    _expect_term(bench, _terms(bench).cold_move, "cold")
    bench.enrol()
    before = expect_true(bench, "spare", "Halted")
    target = bench.host("beta").id
    bench.expect_done(bench.subject.migrate(guest_id(bench, "spare"), target, MoveMode.COLD))
    boots = expect_true(bench, "spare", "Halted").boots - before.boots
    bench.expect(boots == 0, f"the guest was started {boots} times on its way")


@check("MIG-TERM-3", variant="live-off")
def live_move_of_a_guest_that_is_off(bench: XenBench) -> None:
    """There is no power to move it with."""
    _expect_mismatch(bench, "spare", MoveMode.LIVE)


@check("MIG-TERM-3", variant="cold-on")
def cold_move_of_a_guest_that_is_on(bench: XenBench) -> None:
    """Nobody has asked that it be switched off."""
    _expect_mismatch(bench, "db", MoveMode.COLD)


def _terms(bench: XenBench) -> Terms:
    found = [terms for terms in bench.subject.describe_terms() if terms.product is _PRODUCT]
    bench.expect(len(found) == 1, f"there are {len(found)} sets of terms of XenServer, not one")
    return found[0]


def _expect_term(bench: XenBench, term: str | None, word: str) -> None:
    """Expect that there is a term; one without the usual word is only remarked upon."""
    bench.expect(term, f"there is no term for a {word} move")
    if word not in (term or "").casefold():
        bench.remark(f"a {word} move is called {term!r}")


def _expect_mismatch(bench: XenBench, guest: str, mode: MoveMode) -> None:
    bench.enrol()
    target = bench.host("alpha").id
    before, home = bench.lab.truth.guest(guest), record(bench, guest)["affinity"]
    mark = bench.wire.mark()
    outcome = bench.subject.migrate(guest_id(bench, guest), target, mode)
    expect_turned_down(bench, outcome, Reason.MODE_MISMATCH, mark=mark)
    expect_untouched(bench, before)
    bench.expect(record(bench, guest)["affinity"] == home, "its home server has changed")


_PRODUCT = Product.XENSERVER
