"""Spare servers shared by physical servers and guests (SPARE-*), whatever the product.

Host ``gamma`` is the standby; ``erp`` is the physical server, by the name that the registered
hardware gives it.
"""

from typing import Any, ClassVar

from hvsim.hardware import Disk, Power
from hvsim_conformance.adapters.model import Done, Reason, Status, Switch, Verdictable
from hvsim_conformance.checks.shared import AnyBench, Registrar
from hvsim_conformance.checks.shared.hardware import (
    enrol_hardware,
    expect_turned_down_or_warned,
    fail_primary,
    stands_in,
    take_over,
)
from hvsim_conformance.checks.shared.steps import look
from hvsim_conformance.labs.machines import BARE, PRIMARY

STANDBY = "gamma"


class SpareChecks:
    """The bodies of SPARE-1 to SPARE-11; a product says how it does what they need."""

    running: ClassVar[tuple[str, ...]]
    """The guests that run at the beginning and run on, whatever becomes of the spare."""
    busy: ClassVar[tuple[str, str]]
    """A guest that runs and its host, which is named a spare in vain."""
    settled: ClassVar[float]
    """Simulated seconds in which whatever the product does by itself is done."""

    def register(self, check: Registrar) -> None:
        """Register all of them, but SPARE-4, which only products with HA have."""
        for number, body in {
            1: self.empty_host_is_a_standby,
            2: self.standby_is_named_a_spare,
            3: self.host_with_a_guest_is_no_spare,
            5: self.failed_primary_boots_on_the_standby,
            6: self.switchover_loses_no_guest,
            7: self.spare_boots_from_san,
            8: self.spare_is_built_as_its_primary,
            9: self.half_a_failure_is_none,
            10: self.servers_under_the_managers_maintenance,
            11: self.host_may_be_a_spare,
        }.items():
            check(f"SPARE-{number}")(body)

    def clear(self, bench: AnyBench) -> None:
        """Let the administrator move whatever runs on the standby away."""

    def make_standby(self, bench: AnyBench) -> None:
        """Let the product count on the standby for guests of other hosts, if it can."""

    def moves_in(self, bench: AnyBench) -> None:
        """Let guest ``db`` come to the standby, by HA or by the administrator's hand."""
        raise NotImplementedError

    def expect_runs(self, bench: AnyBench, guest: str, host: str | None = None) -> None:
        """Expect that a guest really runs, and where if ``host`` says."""
        raise NotImplementedError

    # -- the requirements ------------------------------------------------------------------------

    def empty_host_is_a_standby(self, bench: AnyBench) -> None:
        """It is a host in good order on which nothing runs, and takes a guest."""
        self.clear(bench)
        bench.enrol()
        self.make_standby(bench)
        bench.refresh()
        self.expect_in_service(bench)
        self.moves_in(bench)
        bench.refresh()
        self.expect_runs(bench, "db", STANDBY)
        bench.guest(bench.lab.uuid("db"))

    def standby_is_named_a_spare(self, bench: AnyBench) -> None:
        """One machine serves both, and nothing happens to it yet."""
        self._prepare(bench)
        generation = bench.lab.machines.generation()
        bench.expect_done(assign(bench))
        changes = bench.lab.machines.changes(generation)
        bench.expect(not changes, f"naming the spare has changed servers: {', '.join(changes)}")
        bench.refresh()
        self.expect_in_service(bench)

    def host_with_a_guest_is_no_spare(self, bench: AnyBench) -> None:
        """It runs one guest."""
        enrol_hardware(bench)
        guest, host = self.busy
        self.expect_runs(bench, guest, host)
        expect_turned_down_or_warned(bench, assign(bench, host), "a host on which a guest runs")
        self.expect_runs(bench, guest, host)

    def failed_primary_boots_on_the_standby(self, bench: AnyBench) -> None:
        """Its disks and its network identity go along; the guests of other hosts run on."""
        self._prepare(bench)
        bench.expect_done(assign(bench))
        machines = bench.lab.machines
        disks = machines.contents(PRIMARY)
        macs = [nic.mac for nic in machines.server(PRIMARY).nics]
        fail_primary(bench)
        bench.expect_done(take_over(bench))
        server = machines.server(STANDBY)
        bench.expect(server.system == PRIMARY, f"{STANDBY} has the system of {server.system}")
        bench.expect(server.power is Power.ON, f"{STANDBY} is off")
        bench.expect(machines.contents(STANDBY) == disks, "the disks are not the primary's")
        bench.expect([nic.mac for nic in server.nics] == macs, "the addresses are not its own")
        self._expect_all_run(bench)

    def switchover_loses_no_guest(self, bench: AnyBench) -> None:
        """The standby has taken a guest over: it stays, or goes elsewhere, and runs on."""
        self._prepare(bench)
        bench.expect_done(assign(bench))
        self.moves_in(bench)
        self.expect_runs(bench, "db", STANDBY)
        boots = bench.lab.truth.guest("db").boots
        fail_primary(bench)
        outcome = take_over(bench)
        self._expect_all_run(bench)
        more = bench.lab.truth.guest("db").boots - boots
        bench.expect(more == 0, "a guest of the standby was interrupted: it was started anew")
        if isinstance(outcome, Done):
            bench.remark(f"the switchover was made, to {stands_in(bench)}")
        else:
            bench.remark(f"the switchover was turned down: {outcome.reason}")

    def spare_boots_from_san(self, bench: AnyBench) -> None:
        """Both are needed: SAN boot and I/O virtualisation."""
        self.clear(bench)
        enrol_hardware(bench)
        for fact in ("san_boot", "io_virtualisation"):
            bench.lab.machines.alter(STANDBY, **{fact: False})
            bench.expect_rejected(assign(bench), Reason.SPARE_NOT_ELIGIBLE)
            bench.lab.machines.alter(STANDBY, **{fact: True})

    def spare_is_built_as_its_primary(self, bench: AnyBench) -> None:
        """Whatever it differs in."""
        self.clear(bench)
        enrol_hardware(bench)
        machines = bench.lab.machines
        server = machines.server(STANDBY)
        others: dict[str, Any] = {
            "model": "other",
            "bios": "2.0",
            "raid": "5",
            "disks": [Disk("disk1", server.disks[0].size // 2)],
            "nics": server.nics[:-1],
        }
        for fact, value in others.items():
            before = getattr(server, fact)
            machines.alter(STANDBY, **{fact: value})
            expect_turned_down_or_warned(bench, assign(bench), f"a spare with another {fact}")
            machines.alter(STANDBY, **{fact: before})

    def half_a_failure_is_none(self, bench: AnyBench) -> None:
        """The hardware alone, or the system alone, moves nothing by itself."""
        self.clear(bench)
        enrol_hardware(bench)
        bench.expect_done(assign(bench))
        bench.control.perform("hardware.fail", PRIMARY)
        self._expect_no_switchover(bench, "the hardware alone has failed")
        bench.control.perform("hardware.fail", PRIMARY, ok=True)
        bench.control.perform("server.shutdown", PRIMARY)
        self._expect_no_switchover(bench, "the system alone has stopped")

    def servers_under_the_managers_maintenance(self, bench: AnyBench) -> None:
        """A primary under it is left alone, and a spare under it is passed over."""
        enrol_hardware(bench)
        first, second = BARE
        for spare in (first, second):
            bench.expect_done(bench.subject.assign_spare(PRIMARY, spare))
        bench.expect_done(bench.subject.maintenance(PRIMARY, Switch.ON))
        fail_primary(bench)
        self._expect_no_switchover(bench, "the primary is under maintenance")
        bench.expect_done(bench.subject.maintenance(first, Switch.ON))
        bench.expect_done(bench.subject.maintenance(PRIMARY, Switch.OFF))
        bench.expect_done(take_over(bench))
        found = stands_in(bench)
        bench.expect(found == second, f"{found} stands in, not {second}")

    def host_may_be_a_spare(self, bench: AnyBench) -> None:
        """The product is no reason to refuse."""
        self.clear(bench)
        enrol_hardware(bench)
        bench.expect_done(assign(bench))

    # -- what they share -------------------------------------------------------------------------

    def expect_in_service(self, bench: AnyBench) -> None:
        """Expect the standby to be listed as a working host on which nothing runs."""
        shown = bench.host(STANDBY)
        good = shown.status is Status.NORMAL and not shown.in_maintenance
        bench.expect(good, f"the standby is listed as {shown}")
        there = [guest for guest in bench.subject.list_guests() if guest.host == shown.id]
        running = [guest.display_name for guest in there if guest.status is not Status.STOP]
        bench.expect(not running, f"guests {', '.join(running)} are listed as running there")

    def _prepare(self, bench: AnyBench) -> None:
        self.clear(bench)
        enrol_hardware(bench)
        self.make_standby(bench)
        bench.refresh()

    def _expect_all_run(self, bench: AnyBench) -> None:
        for name in self.running:
            self.expect_runs(bench, name)

    def _expect_no_switchover(self, bench: AnyBench, why: str) -> None:
        """Expect that passes and time bring no spare into the primary's place."""
        for _ in range(2):
            look(bench)
            bench.control.advance(self.settled)
        found = stands_in(bench)
        bench.expect(found is None, f"{found} stands in though {why}")


def assign(bench: AnyBench, host: str = STANDBY) -> Verdictable:
    """Let the implementation name a VM host a spare of the physical server."""
    return bench.subject.assign_spare(PRIMARY, bench.host(host).id)
