"""Moves made outside the manager (EXT-*)."""

from collections.abc import Sequence

from hvsim_conformance.adapters.model import Done, PowerAction, Status
from hvsim_conformance.checks.rhel5xen import Rhel5Bench, check
from hvsim_conformance.checks.rhel5xen.steps import (
    LONG,
    OFF,
    RUNS,
    expect_runs,
    expect_state,
    move_elsewhere,
)
from hvsim_conformance.checks.shared.steps import expect_shown, guest_id
from hvsim_conformance.engine.lab import TrueGuest


@check("EXT-1", variant="off")
def stale_shutdown_is_clean(bench: Rhel5Bench) -> None:
    """The guest is not where it was last seen: its operation works or fails, and on no other."""
    _expect_clean(bench, PowerAction.OFF)


@check("EXT-1", variant="on")
def stale_start_makes_no_second_guest(bench: Rhel5Bench) -> None:
    """The file on its old host would start it there a second time, on the same disk."""
    _expect_clean(bench, PowerAction.ON)


@check("EXT-2")
def refresh_shows_the_new_host(bench: Rhel5Bench) -> None:
    """Where the other tool put it is where it is listed, once."""
    bench.enrol()
    expect_shown(bench, "db", "beta", Status.NORMAL)
    move_elsewhere(bench, "db", "beta", "gamma")
    bench.refresh()
    expect_shown(bench, "db", "gamma", Status.NORMAL)


@check("EXT-3")
def operation_works_after_the_refresh(bench: Rhel5Bench) -> None:
    """What may have failed before works now."""
    bench.enrol()
    move_elsewhere(bench, "db", "beta", "gamma")
    bench.refresh()
    bench.expect_done(bench.subject.power(guest_id(bench, "db"), PowerAction.OFF))
    bench.control.advance(LONG)
    expect_state(bench, "db", OFF)


@check("EXT-5")
def outside_move_meets_an_operation(bench: Rhel5Bench) -> None:
    """The manager's operation meets a move under way; afterwards what is listed is so."""
    bench.enrol()
    guest = guest_id(bench, "db")
    bench.lab.control.hold("domain.migrate", "copy")
    bench.lab.begin_move("db", "beta", "gamma")
    bench.control.advance(LONG)
    outcome = bench.subject.power(guest, PowerAction.OFF, force=True)
    bench.lab.control.release()
    bench.control.advance(LONG)
    bench.refresh()
    if isinstance(outcome, Done):
        expect_state(bench, "db", OFF)
        expect_shown(bench, "db", None, Status.STOP)
    else:
        true = expect_runs(bench, "db")
        expect_shown(bench, "db", true.host, Status.NORMAL)


def _expect_clean(bench: Rhel5Bench, action: PowerAction) -> None:
    bench.enrol()
    guest = guest_id(bench, "db")
    move_elsewhere(bench, "db", "beta", "gamma")
    before = bench.truth.guests()
    outcome = bench.subject.power(guest, action)
    bench.control.advance(LONG)
    _expect_only(bench, "db", before)
    domains = bench.lab.world.product("site").domains_of(bench.lab.uuid("db"))
    bench.expect(len(domains) <= 1, "the guest runs twice")
    if isinstance(outcome, Done) and action is PowerAction.OFF:
        expect_state(bench, "db", OFF)
    else:
        expect_runs(bench, "db", "gamma")


def _expect_only(bench: Rhel5Bench, guest: str, before: Sequence[TrueGuest]) -> None:
    """Expect that nothing has happened to any other guest."""
    now = {found.native_id: found for found in bench.truth.guests()}
    for known in before:
        after = now[known.native_id]
        same = after == known or {after.state, known.state} <= RUNS
        if known.name != guest:
            bench.expect(same, f"guest {known.name} was {known} and is now {after}")
