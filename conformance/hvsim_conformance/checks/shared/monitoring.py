"""What is monitored, and in whose cycle it is read (REG-2, STATE-ALL-4), whatever the product."""

from collections.abc import Callable
from dataclasses import dataclass

from hvsim_conformance.adapters.model import Monitored, Status
from hvsim_conformance.checks.shared import AnyBench, Registrar
from hvsim_conformance.checks.shared.steps import expect_shown, look, register_endpoint
from hvsim_conformance.engine.lab import Endpoint

LONG = 3600.0
"""Simulated seconds after which every product has noticed that a host is gone."""


@dataclass(frozen=True, slots=True)
class Source:
    """Something to register, a guest of it, and how its state is changed there."""

    endpoint: Callable[[AnyBench], Endpoint]
    guest: str
    change: Callable[[AnyBench], object]
    before: Status = Status.NORMAL
    after: Status = Status.STOP


@dataclass(frozen=True, slots=True)
class MonitoringChecks:
    """The bodies of REG-2 and STATE-ALL-4; a product says which host is lost, and what it has.

    `first` and `second` are read each in its own cycle.
    """

    lost: str
    first: Source
    second: Source

    def register(self, check: Registrar) -> None:
        """Register both."""
        check("REG-2")(self.statuses_are_followed_and_events_are_not)
        check("STATE-ALL-4")(self.each_registration_has_its_cycle)

    def statuses_are_followed_and_events_are_not(self, bench: AnyBench) -> None:
        """The implementation says so, and the status of a host that is lost does not stay."""
        claimed = bench.subject.describe_monitoring()
        kinds = sorted(one.kind for one in claimed)
        bench.expect(kinds == sorted(Monitored), f"it tells of {', '.join(kinds) or 'nothing'}")
        unwatched = [str(one.kind) for one in claimed if not one.status]
        bench.expect(not unwatched, f"no status is followed of {', '.join(unwatched)}")
        events = any(one.events for one in claimed if one.kind is Monitored.VM_GUEST)
        bench.expect(not events, "events of guests are followed")
        bench.enrol()
        self._expect_host(bench, lost=False)
        bench.control.perform("link.cut", self.lost, silence="refused")
        bench.control.advance(LONG)
        look(bench)
        self._expect_host(bench, lost=True)

    def each_registration_has_its_cycle(self, bench: AnyBench) -> None:
        """A guest's new state shows when what it was registered by is read, and not before."""
        both = (self.first, self.second)
        ids = [register_endpoint(bench, source.endpoint(bench)) for source in both]
        bench.refresh()
        self._expect(bench, self.first.before, self.second.before)
        for source in both:
            source.change(bench)
        bench.expect_done(bench.subject.cycle(ids[0]))
        self._expect(bench, self.first.after, self.second.before)
        bench.expect_done(bench.subject.cycle(ids[1]))
        self._expect(bench, self.first.after, self.second.after)

    def _expect(self, bench: AnyBench, first: Status, second: Status) -> None:
        expect_shown(bench, self.first.guest, None, first)
        expect_shown(bench, self.second.guest, None, second)

    def _expect_host(self, bench: AnyBench, *, lost: bool) -> None:
        status = bench.host(self.lost).status
        normal = status is Status.NORMAL
        bench.expect(normal is not lost, f"host {self.lost} is listed as {status}, lost: {lost}")
