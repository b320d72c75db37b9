"""Spare servers shared by physical servers and guests (SPARE-*).

Host ``gamma`` is the standby: no guest runs on it. ``erp`` is the physical server, by the name
that the registered hardware gives it.
"""

from typing import Any

from hvsim.hardware import Disk, Power
from hvsim_conformance.adapters.model import Done, Reason, Status, Verdictable
from hvsim_conformance.checks.rhel5xen import Rhel5Bench, check
from hvsim_conformance.checks.rhel5xen.steps import LONG, expect_runs, guest_id, move_elsewhere
from hvsim_conformance.checks.xenserver import spare
from hvsim_conformance.checks.xenserver.hardware import (
    enrol_hardware,
    expect_turned_down_or_warned,
    fail_primary,
    stands_in,
    take_over,
)
from hvsim_conformance.checks.xenserver.masters import look
from hvsim_conformance.labs.machines import PRIMARY

STANDBY = "gamma"
RUNNING = ("web", "db", "app")


@check("SPARE-1")
def empty_host_is_a_standby(bench: Rhel5Bench) -> None:
    """It is a host in good order on which nothing runs, and takes a guest."""
    bench.enrol()
    _expect_in_service(bench)
    move_elsewhere(bench, "db", "beta", STANDBY)
    bench.refresh()
    expect_runs(bench, "db", STANDBY)
    guest_id(bench, "db")


@check("SPARE-2")
def standby_is_named_a_spare(bench: Rhel5Bench) -> None:
    """One machine serves both, and nothing happens to it yet."""
    enrol_hardware(bench)
    generation = bench.lab.machines.generation()
    bench.expect_done(_assign(bench))
    changes = bench.lab.machines.changes(generation)
    bench.expect(not changes, f"naming the spare has changed servers: {', '.join(changes)}")
    bench.refresh()
    _expect_in_service(bench)


@check("SPARE-3")
def host_with_a_guest_is_no_spare(bench: Rhel5Bench) -> None:
    """It runs one guest."""
    enrol_hardware(bench)
    expect_runs(bench, "web", "alpha")
    outcome = bench.subject.assign_spare(PRIMARY, bench.host("alpha").id)
    expect_turned_down_or_warned(bench, outcome, "a host on which a guest runs")
    expect_runs(bench, "web", "alpha")


@check("SPARE-5")
def failed_primary_boots_on_the_standby(bench: Rhel5Bench) -> None:
    """Its disks and its network identity go along; the guests of other hosts run on."""
    enrol_hardware(bench)
    bench.expect_done(_assign(bench))
    disks = bench.lab.machines.contents(PRIMARY)
    macs = [nic.mac for nic in bench.lab.machines.server(PRIMARY).nics]
    fail_primary(bench)
    bench.expect_done(take_over(bench))
    server = bench.lab.machines.server(STANDBY)
    bench.expect(server.system == PRIMARY, f"{STANDBY} has the system of {server.system}")
    bench.expect(server.power is Power.ON, f"{STANDBY} is off")
    bench.expect(bench.lab.machines.contents(STANDBY) == disks, "the disks are not the primary's")
    bench.expect([nic.mac for nic in server.nics] == macs, "the addresses are not the primary's")
    for name in RUNNING:
        expect_runs(bench, name)


@check("SPARE-6")
def switchover_loses_no_guest(bench: Rhel5Bench) -> None:
    """The administrator has moved a guest to the standby: it runs on."""
    enrol_hardware(bench)
    bench.expect_done(_assign(bench))
    move_elsewhere(bench, "db", "beta", STANDBY)
    fail_primary(bench)
    outcome = take_over(bench)
    for name in RUNNING:
        expect_runs(bench, name)
    if isinstance(outcome, Done):
        bench.remark(f"the switchover was made, to {stands_in(bench)}")
    else:
        bench.remark(f"the switchover was turned down: {outcome.reason}")


@check("SPARE-7")
def spare_boots_from_san(bench: Rhel5Bench) -> None:
    """Both are needed: SAN boot and I/O virtualisation."""
    enrol_hardware(bench)
    for fact in ("san_boot", "io_virtualisation"):
        bench.lab.machines.alter(STANDBY, **{fact: False})
        bench.expect_rejected(_assign(bench), Reason.SPARE_NOT_ELIGIBLE)
        bench.lab.machines.alter(STANDBY, **{fact: True})


@check("SPARE-8")
def spare_is_built_as_its_primary(bench: Rhel5Bench) -> None:
    """Whatever it differs in."""
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
        expect_turned_down_or_warned(bench, _assign(bench), f"a spare with another {fact}")
        machines.alter(STANDBY, **{fact: before})


@check("SPARE-9")
def half_a_failure_is_none(bench: Rhel5Bench) -> None:
    """The hardware alone, or the system alone, moves nothing by itself."""
    enrol_hardware(bench)
    bench.expect_done(_assign(bench))
    bench.control.perform("hardware.fail", PRIMARY)
    _expect_no_switchover(bench, "the hardware alone has failed")
    bench.control.perform("hardware.fail", PRIMARY, ok=True)
    bench.control.perform("server.shutdown", PRIMARY)
    _expect_no_switchover(bench, "the system alone has stopped")


check("SPARE-10")(spare.servers_under_the_managers_maintenance)


@check("SPARE-11")
def host_of_rhel5xen_may_be_a_spare(bench: Rhel5Bench) -> None:
    """The product is no reason to refuse."""
    enrol_hardware(bench)
    bench.expect_done(_assign(bench))


def _assign(bench: Rhel5Bench) -> Verdictable:
    return bench.subject.assign_spare(PRIMARY, bench.host(STANDBY).id)


def _expect_in_service(bench: Rhel5Bench) -> None:
    """Expect the standby to be listed as a working host on which nothing runs."""
    shown = bench.host(STANDBY)
    good = shown.status is Status.NORMAL and not shown.in_maintenance
    bench.expect(good, f"the standby is listed as {shown}")
    there = [guest for guest in bench.subject.list_guests() if guest.host == shown.id]
    running = [guest.display_name for guest in there if guest.status is not Status.STOP]
    bench.expect(not running, f"guests {', '.join(running)} are listed as running on the standby")


def _expect_no_switchover(bench: Rhel5Bench, why: str) -> None:
    """Expect that passes and time bring no spare into the primary's place."""
    for _ in range(2):
        look(bench)
        bench.control.advance(LONG)
    found = stands_in(bench)
    bench.expect(found is None, f"{found} stands in though {why}")
