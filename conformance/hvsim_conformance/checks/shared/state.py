"""States of guests (STATE-*) that several products have, whatever the product."""

from collections.abc import Iterator
from typing import Any, ClassVar

from hvsim_conformance.adapters.model import Status
from hvsim_conformance.checks.shared import AnyBench, Registrar
from hvsim_conformance.checks.shared.steps import expect_shown

Fault = tuple[tuple[str, str], tuple[str, str], dict[str, Any], str]
"""A fault and its cure, each a command and its subject; further fields of both; what it is."""


class StateChecks:
    """The bodies of STATE-ALL-1 to -3 and of a product's own set; a product says what happens."""

    states: ClassVar[frozenset[Status]]
    """All that a guest of the product can ever be."""
    running: ClassVar[tuple[str, ...]]
    """Guests that run."""
    hosts: ClassVar[tuple[str, ...]]
    settled: ClassVar[float]
    """Simulated seconds after which the product has come to terms with any fault."""
    faults: ClassVar[tuple[Fault, ...]]

    def register(self, check: Registrar, own: str) -> None:
        """Register all of them; ``own`` is the requirement of the product's own set."""
        check(own)(self.only_its_own_states_whatever_happens)
        check("STATE-ALL-1")(self.running_is_normal)
        check("STATE-ALL-2")(self.off_is_stop)
        check("STATE-ALL-3")(self.unobtainable_is_unknown)

    def expect_runs(self, bench: AnyBench, guest: str) -> None:
        """Expect that a guest really runs."""
        raise NotImplementedError

    def force_off(self, bench: AnyBench) -> None:
        """Let the administrator force guest ``db`` off, and expect that it is."""
        raise NotImplementedError

    def operations(self, bench: AnyBench) -> Iterator[str]:
        """Operate on guests in every way the product has; yield what has happened."""
        raise NotImplementedError

    def insides(self, bench: AnyBench) -> Iterator[str]:
        """Let guests themselves do what they can do; yield what has happened."""
        raise NotImplementedError

    def only_its_own_states_whatever_happens(self, bench: AnyBench) -> None:
        """Through life and faults, every guest is in one of the product's states."""
        bench.enrol()
        self._expect_own(bench, "at the beginning")
        for happened in self._life(bench):
            # Whether a refresh of what is down succeeds is no affair of this requirement.
            bench.subject.refresh()
            self._expect_own(bench, happened)

    def running_is_normal(self, bench: AnyBench) -> None:
        """Every guest that runs on a good host is normal, with much to do or little."""
        bench.enrol()
        for guest in self.running:
            self.expect_runs(bench, guest)
            expect_shown(bench, guest, None, Status.NORMAL)

    def off_is_stop(self, bench: AnyBench) -> None:
        """A guest that was found off, and one that was switched off since."""
        bench.enrol()
        expect_shown(bench, "spare", "gamma", Status.STOP)
        self.force_off(bench)
        bench.refresh()
        expect_shown(bench, "db", "beta", Status.STOP)

    def unobtainable_is_unknown(self, bench: AnyBench) -> None:
        """No host answers: what was known of their guests is not known any more."""
        bench.enrol()
        for host in self.hosts:
            bench.control.perform("link.cut", host, silence="refused")
        bench.subject.refresh()
        for guest in ("web", "db", "spare"):
            expect_shown(bench, guest, None, Status.UNKNOWN)

    def _life(self, bench: AnyBench) -> Iterator[str]:
        yield from self.operations(bench)
        yield from self.insides(bench)
        for (fault, subject), (cure, cured), fields, what in self.faults:
            silence = {"silence": "refused"} if fault in ("link.cut", "server.crash") else {}
            bench.control.perform(fault, subject, **silence, **fields)
            yield f"{what}, just now"
            bench.control.advance(self.settled)
            yield f"{what}, for long"
            bench.control.perform(cure, cured, **fields)
            bench.control.advance(self.settled)
            yield f"{what}, and cured"

    def _expect_own(self, bench: AnyBench, happened: str) -> None:
        wrong = [
            f"{guest.display_name} is {guest.status}"
            for guest in bench.subject.list_guests()
            if guest.status not in self.states
        ]
        bench.expect(not wrong, f"{happened}: {', '.join(wrong)}")
