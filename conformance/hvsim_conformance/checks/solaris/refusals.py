"""What zones do not have: moves, maintenance mode, HA (MIG-SOL-*, MAINT-*, HA-SOL-1)."""

from hvsim_conformance.adapters.errors import OperationUnsupportedError
from hvsim_conformance.adapters.model import (
    MoveMode,
    Product,
    Reason,
    Refused,
    Switch,
    Terms,
    Verdictable,
)
from hvsim_conformance.checks.solaris import ZoneBench, check
from hvsim_conformance.checks.solaris.steps import expect_state, guest_id

UNSUPPORTED = Reason.UNSUPPORTED_BY_PRODUCT


@check("MIG-SOL-1")
def live_move_is_refused(bench: ZoneBench) -> None:
    """The zone runs on, where it was."""
    _expect_stays(bench, "web", MoveMode.LIVE, "running")


@check("MIG-SOL-2")
def cold_move_is_refused(bench: ZoneBench) -> None:
    """The product could detach and attach it; the operation is refused all the same."""
    _expect_stays(bench, "db", MoveMode.COLD, "installed")


@check("MAINT-SOL-1")
def maintenance_is_refused(bench: ZoneBench) -> None:
    """Not offered, or refused; the zones do not notice."""
    bench.enrol()
    host = bench.host("sun").id
    for move in (False, True):
        mark = bench.wire.mark()
        try:
            outcome = bench.subject.maintenance(host, Switch.ON, move=move)
        except OperationUnsupportedError as problem:
            bench.remark(f"maintenance mode is not offered: {problem}")
            bench.expect_no_write(mark)
        else:
            _expect_turned_down(bench, outcome, mark)
        expect_state(bench, "web", "running")
    bench.refresh()
    bench.expect(not bench.host("sun").in_maintenance, "the host is listed as in maintenance")


@check("MAINT-TERM-1")
def there_is_no_term(bench: ZoneBench) -> None:
    """Products without a maintenance mode have no word for it."""
    term = _terms(bench).maintenance
    bench.expect(not term, f"maintenance mode of Solaris is called {term!r}")


@check("HA-SOL-1")
def there_is_no_ha(bench: ZoneBench) -> None:
    """Zones are not restarted elsewhere, so that there is no term for it."""
    term = _terms(bench).high_availability
    bench.expect(not term, f"high availability of Solaris is called {term!r}")


def _terms(bench: ZoneBench) -> Terms:
    found = [one for one in bench.subject.describe_terms() if one.product is Product.SOLARIS]
    bench.expect(len(found) == 1, f"there are {len(found)} sets of terms of Solaris, not one")
    return found[0]


def _expect_stays(bench: ZoneBench, zone: str, mode: MoveMode, state: str) -> None:
    bench.enrol()
    before = bench.lab.truth.guest(zone)
    guest, target = guest_id(bench, zone), bench.host("moon").id
    mark = bench.wire.mark()
    try:
        outcome = bench.subject.migrate(guest, target, mode)
    except OperationUnsupportedError as problem:
        bench.remark(f"moves are not offered at all: {problem}")
        bench.expect_no_write(mark)
    else:
        _expect_turned_down(bench, outcome, mark)
    now = bench.lab.truth.guest(zone)
    bench.expect(now == before, f"zone {zone} was {before} and is now {now}")
    expect_state(bench, zone, state)


def _expect_turned_down(bench: ZoneBench, outcome: Verdictable, mark: int) -> None:
    bench.expect_rejected(outcome, UNSUPPORTED)
    if isinstance(outcome, Refused):
        bench.expect_no_write(mark)
