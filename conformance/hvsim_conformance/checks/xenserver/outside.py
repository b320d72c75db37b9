"""Moves made outside the manager (EXT-*)."""

from collections.abc import Sequence

from hvsim_conformance.adapters.model import Done, PowerAction, Status, Verdictable
from hvsim_conformance.checks.shared.steps import expect_shown, guest_id, place
from hvsim_conformance.checks.xenserver import XenBench, check
from hvsim_conformance.checks.xenserver.steps import (
    AFTER_HA,
    LONG,
    begin_move,
    expect_error,
    expect_true,
    move_elsewhere,
    protect,
    switch_ha_on,
)
from hvsim_conformance.engine.lab import TrueGuest


@check("EXT-1")
def stale_operation_is_clean(bench: XenBench) -> None:
    """The guest is not where it was last seen: its operation works or fails, and on no other."""
    bench.enrol()
    guest = guest_id(bench, "db")
    move_elsewhere(bench, "db", "gamma")
    before = bench.truth.guests()
    outcome = bench.subject.power(guest, PowerAction.OFF)
    bench.control.advance(LONG)
    _expect_only(bench, "db", before)
    expect_true(bench, "db", "Halted" if isinstance(outcome, Done) else "Running")


@check("EXT-2")
def refresh_shows_the_new_host(bench: XenBench) -> None:
    """Where the other tool put it is where it is listed."""
    bench.enrol()
    expect_shown(bench, "db", "beta", Status.NORMAL)
    move_elsewhere(bench, "db", "gamma")
    bench.refresh()
    expect_shown(bench, "db", "gamma", Status.NORMAL)


@check("EXT-3")
def operation_works_after_the_refresh(bench: XenBench) -> None:
    """What may have failed before works now."""
    bench.enrol()
    move_elsewhere(bench, "db", "gamma")
    bench.subject.power(guest_id(bench, "db"), PowerAction.REBOOT)
    bench.control.advance(LONG)
    bench.refresh()
    bench.expect_done(bench.subject.power(guest_id(bench, "db"), PowerAction.OFF))
    expect_true(bench, "db", "Halted")


@check("EXT-4")
def automatic_move_is_met_alike(bench: XenBench) -> None:
    """HA starts the guest elsewhere after its host has died."""
    protect(bench, "db")
    switch_ha_on(bench)
    bench.enrol()
    guest = guest_id(bench, "db")
    bench.lab.control.perform("server.crash", "beta", silence="refused")
    bench.control.advance(AFTER_HA)
    host = place(bench, expect_true(bench, "db", "Running"))
    bench.expect(host in ("alpha", "gamma"), f"HA left the guest on {host}")
    before = bench.truth.guests()
    bench.subject.power(guest, PowerAction.REBOOT)
    bench.control.advance(LONG)
    _expect_only(bench, "db", before)
    bench.refresh()
    expect_shown(bench, "db", host, Status.NORMAL)
    bench.expect_done(bench.subject.power(guest_id(bench, "db"), PowerAction.REBOOT))
    expect_true(bench, "db", "Running", host)


@check("EXT-5", variant="moved-first")
def outside_move_comes_first(bench: XenBench) -> None:
    """The manager's operation meets a move under way; afterwards what is listed is so."""
    bench.enrol()
    guest = guest_id(bench, "db")
    begin_move(bench, "db", "gamma")
    outcome = bench.subject.power(guest, PowerAction.OFF)
    bench.control.advance(LONG)
    bench.refresh()
    _expect_consistent(bench, outcome)


@check("EXT-5", variant="moved-second")
def outside_move_comes_second(bench: XenBench) -> None:
    """The administrator meets the manager's operation, and is told that it is under way."""
    bench.enrol()
    tool = bench.lab.tool
    ref, gamma = tool.ref("VM", "db"), tool.ref("host", "gamma")
    told: list[list[str]] = []
    with bench.lab.control.amid(
        "VM.*shutdown",
        "*",
        lambda: told.append(tool.refusal("VM.pool_migrate", ref, gamma, {"live": "true"})),
    ) as moment:
        outcome = bench.subject.power(guest_id(bench, "db"), PowerAction.OFF)
    if moment.came:
        expect_error(bench, told[0], "OTHER_OPERATION_IN_PROGRESS", "VM_BAD_POWER_STATE")
    bench.control.advance(LONG)
    bench.refresh()
    _expect_consistent(bench, outcome)


def _expect_only(bench: XenBench, guest: str, before: Sequence[TrueGuest]) -> None:
    """Expect that nothing has happened to any other guest."""
    now = {found.native_id: found for found in bench.truth.guests()}
    for known in before:
        after = now[known.native_id]
        if known.name != guest:
            bench.expect(after == known, f"guest {known.name} was {known} and is now {after}")


def _expect_consistent(bench: XenBench, outcome: Verdictable) -> None:
    """Expect one winner, and that the listing is true."""
    true = bench.lab.truth.guest("db")
    if isinstance(outcome, Done):
        expect_true(bench, "db", "Halted")
        expect_shown(bench, "db", None, Status.STOP)
    else:
        expect_true(bench, "db", "Running", "gamma")
        expect_shown(bench, "db", place(bench, true), Status.NORMAL)
