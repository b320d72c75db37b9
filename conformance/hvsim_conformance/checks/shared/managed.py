"""Power, moves, states and terms where one management product sees every host (VMware, Hyper-V).

Guest ``web`` runs on ``alpha``, ``db`` on ``beta``, ``spare`` is off; nothing runs on ``gamma``,
and ``delta`` belongs to no cluster of theirs.
"""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from hvsim_conformance.adapters.model import (
    MoveMode,
    PowerAction,
    Product,
    Reason,
    Status,
    Switch,
    Terms,
    Verdictable,
)
from hvsim_conformance.checks.shared import AnyBench, Registrar
from hvsim_conformance.checks.shared.steps import expect_shown, guest_id, place
from hvsim_conformance.engine.lab import TrueGuest


class ManagedSite:
    """How a product's lab shows and does what these checks need."""

    product: ClassVar[Product]
    on: ClassVar[str]
    off: ClassVar[str]
    """The product's words for a guest that runs and one that is off."""
    spare_on: ClassVar[str]
    """The host of the guest that is off."""
    settled: ClassVar[float] = 300.0
    """Simulated seconds in which every operation has come to its end."""

    def hang(self, bench: AnyBench) -> None:
        """Let the system of ``web`` hang."""
        raise NotImplementedError

    def move_outside(self, bench: AnyBench) -> None:
        """Let an administrator move ``web`` to ``gamma``, past the implementation."""
        raise NotImplementedError

    def expect_clean_shutdown(self, bench: AnyBench) -> None:
        """Expect that the system of ``web`` was asked to end, and its power was not cut."""
        raise NotImplementedError

    def terms(self, bench: AnyBench) -> Terms:
        """Return what the implementation calls things; it must say so once."""
        found = [one for one in bench.subject.describe_terms() if one.product is self.product]
        bench.expect(len(found) == 1, f"there are {len(found)} sets of terms of the product")
        return found[0]

    def state(self, bench: AnyBench, guest: str, state: str, host: str | None = None) -> TrueGuest:
        """Expect a guest's true state, and where it is if ``host`` says; return the truth."""
        true: TrueGuest = bench.lab.truth.guest(guest)
        bench.expect(true.state == state, f"guest {guest} is {true.state}, not {state}")
        if host is not None:
            found = place(bench, true)
            bench.expect(found == host, f"guest {guest} is on {found}, not on {host}")
        return true


def move(bench: AnyBench, guest: str, host: str, mode: MoveMode) -> Verdictable:
    """Let the implementation move a guest."""
    return bench.subject.migrate(guest_id(bench, guest), bench.host(host).id, mode)


class PowerChecks:
    """POWER-ALL-1 to -4, STATE-ALL-1 and -2."""

    def __init__(self, site: ManagedSite) -> None:
        self.site = site

    def register(self, check: Registrar) -> None:
        """Register all of them."""
        check("POWER-ALL-1")(self.power_on)
        check("POWER-ALL-2")(self.shutdown_through_the_system)
        check("POWER-ALL-3")(self.forced_off_without_help)
        check("POWER-ALL-4")(self.reboot_once)
        check("STATE-ALL-1")(self.running_is_normal)
        check("STATE-ALL-2")(self.off_is_stop)

    def power_on(self, bench: AnyBench) -> None:
        """A guest that is off runs."""
        bench.enrol()
        bench.expect_done(bench.subject.power(guest_id(bench, "spare"), PowerAction.ON))
        self.site.state(bench, "spare", self.site.on, self.site.spare_on)
        bench.refresh()
        expect_shown(bench, "spare", self.site.spare_on, Status.NORMAL)

    def shutdown_through_the_system(self, bench: AnyBench) -> None:
        """The guest's own system ends: its power was not cut."""
        bench.enrol()
        bench.expect_done(bench.subject.power(guest_id(bench, "web"), PowerAction.OFF))
        bench.control.advance(self.site.settled)
        self.site.state(bench, "web", self.site.off)
        self.site.expect_clean_shutdown(bench)
        bench.refresh()
        expect_shown(bench, "web", "alpha", Status.STOP)

    def forced_off_without_help(self, bench: AnyBench) -> None:
        """A guest whose system does not react is off all the same."""
        bench.enrol()
        self.site.hang(bench)
        outcome = bench.subject.power(guest_id(bench, "web"), PowerAction.OFF, force=True)
        bench.expect_done(outcome)
        self.site.state(bench, "web", self.site.off)
        bench.refresh()
        expect_shown(bench, "web", "alpha", Status.STOP)

    def reboot_once(self, bench: AnyBench) -> None:
        """The guest boots one more time and runs."""
        bench.enrol()
        boots = self.site.state(bench, "web", self.site.on).boots
        bench.expect_done(bench.subject.power(guest_id(bench, "web"), PowerAction.REBOOT))
        bench.control.advance(self.site.settled)
        more = self.site.state(bench, "web", self.site.on).boots - boots
        bench.expect(more == 1, f"the guest was started {more} times, not once")
        bench.refresh()
        expect_shown(bench, "web", "alpha", Status.NORMAL)

    def running_is_normal(self, bench: AnyBench) -> None:
        """A guest that runs well."""
        bench.enrol()
        expect_shown(bench, "web", "alpha", Status.NORMAL)

    def off_is_stop(self, bench: AnyBench) -> None:
        """A guest that is off."""
        bench.enrol()
        expect_shown(bench, "spare", self.site.spare_on, Status.STOP)


class MoveChecks:
    """Moves within a cluster and out of it, their modes, and what they are called."""

    def __init__(self, site: ManagedSite) -> None:
        self.site = site

    def register(self, check: Callable[..., Callable[[Any], Any]]) -> None:
        """Register those that have the same name for every product."""
        check("MIG-TERM-1")(self.live_is_with_power_on)
        check("MIG-TERM-2")(self.cold_is_with_power_off)
        check("MIG-TERM-3", variant="live-off")(self.live_move_of_a_guest_that_is_off)
        check("MIG-TERM-3", variant="cold-on")(self.cold_move_of_a_guest_that_is_on)
        check("MIG-ALL-1")(self.listed_once_after_a_move)

    def live_within_a_cluster(self, bench: AnyBench) -> None:
        """The host changes; power, identity and the running system do not."""
        bench.enrol()
        before = self.site.state(bench, "web", self.site.on, "alpha")
        bench.expect_done(move(bench, "web", "gamma", MoveMode.LIVE))
        after = self.site.state(bench, "web", self.site.on, "gamma")
        bench.expect(after.native_id == before.native_id, "it is another guest")
        bench.expect(after.boots == before.boots, "the guest was started anew")
        bench.refresh()
        expect_shown(bench, "web", "gamma", Status.NORMAL)

    def cold_within_a_cluster(self, bench: AnyBench) -> None:
        """The guest is off before and after."""
        bench.enrol()
        before = self.site.state(bench, "spare", self.site.off, self.site.spare_on)
        bench.expect_done(move(bench, "spare", "beta", MoveMode.COLD))
        after = self.site.state(bench, "spare", self.site.off, "beta")
        bench.expect(after.boots == before.boots, "the guest was started on its way")
        bench.refresh()
        expect_shown(bench, "spare", "beta", Status.STOP)

    def not_out_of_a_cluster(self, bench: AnyBench) -> None:
        """The product might move the guest; the manager does not ask it to."""
        bench.enrol()
        mark = bench.wire.mark()
        outcome = move(bench, "web", "delta", MoveMode.LIVE)
        bench.expect_refused(outcome, Reason.NOT_SAME_CLUSTER, mark)
        self.site.state(bench, "web", self.site.on, "alpha")

    def live_is_with_power_on(self, bench: AnyBench) -> None:
        """The guest arrives without having been off: nothing booted it anew."""
        bench.expect(self.site.terms(bench).live_move, "there is no term for a live move")
        bench.enrol()
        before = self.site.state(bench, "db", self.site.on)
        bench.expect_done(move(bench, "db", "gamma", MoveMode.LIVE))
        boots = self.site.state(bench, "db", self.site.on, "gamma").boots - before.boots
        bench.expect(boots == 0, f"the guest was started {boots} times on its way")

    def cold_is_with_power_off(self, bench: AnyBench) -> None:
        """The guest was off, is off, and was never on."""
        bench.expect(self.site.terms(bench).cold_move, "there is no term for a cold move")
        bench.enrol()
        before = self.site.state(bench, "spare", self.site.off)
        bench.expect_done(move(bench, "spare", "beta", MoveMode.COLD))
        boots = self.site.state(bench, "spare", self.site.off, "beta").boots - before.boots
        bench.expect(boots == 0, f"the guest was started {boots} times on its way")

    def live_move_of_a_guest_that_is_off(self, bench: AnyBench) -> None:
        """There is no power to move it with."""
        self._expect_mismatch(bench, "spare", MoveMode.LIVE)

    def cold_move_of_a_guest_that_is_on(self, bench: AnyBench) -> None:
        """Nobody has asked that it be switched off."""
        self._expect_mismatch(bench, "web", MoveMode.COLD)

    def listed_once_after_a_move(self, bench: AnyBench) -> None:
        """The guest keeps its identity and is listed under one host."""
        bench.enrol()
        before = self.site.state(bench, "db", self.site.on)
        bench.expect_done(move(bench, "db", "gamma", MoveMode.LIVE))
        bench.refresh()
        after = self.site.state(bench, "db", self.site.on, "gamma")
        bench.expect(after.native_id == before.native_id, "it is another guest")
        expect_shown(bench, "db", "gamma", Status.NORMAL)

    def _expect_mismatch(self, bench: AnyBench, guest: str, mode: MoveMode) -> None:
        bench.enrol()
        before, mark = bench.lab.truth.guest(guest), bench.wire.mark()
        outcome = move(bench, guest, "beta", mode)
        bench.expect_refused(outcome, Reason.MODE_MISMATCH, mark)
        bench.expect(bench.lab.truth.guest(guest) == before, f"guest {guest} was touched")


class OutsideChecks:
    """EXT-1 to -3: moves that another tool makes."""

    def __init__(self, site: ManagedSite) -> None:
        self.site = site

    def register(self, check: Registrar) -> None:
        """Register all of them."""
        check("EXT-1")(self.acts_on_the_right_guest)
        check("EXT-2")(self.refresh_shows_the_new_host)
        check("EXT-3")(self.operates_after_the_refresh)

    def acts_on_the_right_guest(self, bench: AnyBench) -> None:
        """A guest that was moved meanwhile is operated on, or nothing is."""
        bench.enrol()
        guest = guest_id(bench, "web")
        self.site.move_outside(bench)
        others = list(self._others(bench))
        bench.subject.power(guest, PowerAction.OFF, force=True)
        bench.control.advance(self.site.settled)
        bench.expect(list(self._others(bench)) == others, "another guest was operated on")
        bench.refresh()
        off = bench.lab.truth.guest("web").state == self.site.off
        expect_shown(bench, "web", "gamma", Status.STOP if off else Status.NORMAL)

    def refresh_shows_the_new_host(self, bench: AnyBench) -> None:
        """The implementation follows a move that it did not make."""
        bench.enrol()
        expect_shown(bench, "web", "alpha", Status.NORMAL)
        self.site.move_outside(bench)
        bench.refresh()
        expect_shown(bench, "web", "gamma", Status.NORMAL)

    def operates_after_the_refresh(self, bench: AnyBench) -> None:
        """Once it knows the new place, everything works there."""
        bench.enrol()
        self.site.move_outside(bench)
        bench.refresh()
        outcome = bench.subject.power(guest_id(bench, "web"), PowerAction.OFF, force=True)
        bench.expect_done(outcome)
        self.site.state(bench, "web", self.site.off, "gamma")

    def _others(self, bench: AnyBench) -> Iterator[TrueGuest]:
        return (guest for guest in bench.truth.guests() if guest.name != "web")


class MaintenanceChecks:
    """What maintenance mode is called, and that a host on which nothing runs takes it."""

    def __init__(self, site: ManagedSite) -> None:
        self.site = site

    def has_its_name(self, bench: AnyBench) -> None:
        """It is called maintenance mode."""
        term = self.site.terms(bench).maintenance
        bench.expect(term is not None, "there is no term for maintenance mode")
        bench.expect("maintenance" in (term or "").casefold(), f"it is called {term!r}")

    def set_and_released(self, bench: AnyBench) -> None:
        """A host on which nothing runs takes the mode and gives it back."""
        bench.enrol()
        host = bench.host("gamma").id
        for switch in (Switch.ON, Switch.OFF):
            bench.expect_done(bench.subject.maintenance(host, switch))
            true = bench.lab.truth.host("gamma").in_maintenance
            wanted = switch is Switch.ON
            bench.expect(true is wanted, f"after {switch} the host's mode is {true}")
            bench.refresh()
            shown = bench.host("gamma").in_maintenance
            bench.expect(shown is wanted, f"after {switch} the host's mode is listed as {shown}")
