"""Spare servers shared by physical servers and guests (SPARE-*).

Host ``gamma`` is the standby: an administrator has emptied it. ``erp`` is the physical server, by
the name that the registered hardware gives it.
"""

from typing import Any

from hvsim.hardware import Disk, Power
from hvsim_conformance.adapters.model import (
    Done,
    Reason,
    Status,
    Switch,
    Verdictable,
)
from hvsim_conformance.checks.xenserver import XenBench, check
from hvsim_conformance.checks.xenserver.hardware import (
    clear_standby,
    enrol_hardware,
    expect_turned_down_or_warned,
    fail_primary,
    stands_in,
    take_over,
)
from hvsim_conformance.checks.xenserver.masters import life, look
from hvsim_conformance.checks.xenserver.steps import (
    AFTER_HA,
    expect_shown,
    expect_true,
    protect,
    switch_ha_on,
)
from hvsim_conformance.labs.machines import BARE, PRIMARY
from hvsim_fakes.control.truth import Life

STANDBY = "gamma"


@check("SPARE-1")
def empty_host_is_a_standby(bench: XenBench) -> None:
    """HA counts on it, and the list shows a host in good order on which nothing runs."""
    clear_standby(bench)
    bench.enrol()
    _make_standby(bench)
    bench.refresh()
    _expect_in_service(bench)


@check("SPARE-2")
def standby_is_named_a_spare(bench: XenBench) -> None:
    """One machine serves both: the pool keeps it, and nothing happens to it yet."""
    clear_standby(bench)
    enrol_hardware(bench)
    _make_standby(bench)
    bench.refresh()
    generation = bench.lab.machines.generation()
    bench.expect_done(_assign(bench))
    changes = bench.lab.machines.changes(generation)
    bench.expect(not changes, f"naming the spare has changed servers: {', '.join(changes)}")
    bench.refresh()
    _expect_in_service(bench)


@check("SPARE-3")
def host_with_a_guest_is_no_spare(bench: XenBench) -> None:
    """It runs one guest."""
    enrol_hardware(bench)
    expect_true(bench, "nested", "Running", STANDBY)
    expect_turned_down_or_warned(bench, _assign(bench), "a host on which a guest runs")
    expect_true(bench, "nested", "Running", STANDBY)


@check("SPARE-4")
def guests_of_a_failed_host_come_to_the_standby(bench: XenBench) -> None:
    """HA starts them there, and there they are listed."""
    clear_standby(bench)
    bench.enrol()
    _make_standby(bench)
    bench.refresh()
    expect_shown(bench, "db", "beta", Status.NORMAL)
    bench.control.perform("server.crash", "beta", silence="refused")
    bench.control.advance(AFTER_HA)
    expect_true(bench, "db", "Running", STANDBY)
    bench.refresh()
    expect_shown(bench, "db", STANDBY, Status.NORMAL)


@check("SPARE-5")
def failed_primary_boots_on_the_standby(bench: XenBench) -> None:
    """Its disks and its network identity go along; the pool's guests run on."""
    clear_standby(bench)
    enrol_hardware(bench)
    _make_standby(bench)
    bench.refresh()
    bench.expect_done(_assign(bench))
    disks = bench.lab.machines.contents(PRIMARY)
    macs = [nic.mac for nic in bench.lab.machines.server(PRIMARY).nics]
    fail_primary(bench)
    bench.expect_done(take_over(bench))
    spare = bench.lab.machines.server(STANDBY)
    bench.expect(spare.system == PRIMARY, f"{STANDBY} has the system of {spare.system}")
    bench.expect(spare.power is Power.ON, f"{STANDBY} is off")
    bench.expect(bench.lab.machines.contents(STANDBY) == disks, "the disks are not the primary's")
    bench.expect([nic.mac for nic in spare.nics] == macs, "the addresses are not the primary's")
    for name in ("web", "db", "app", "nested"):
        bench.expect(life(bench, name) is Life.RUNNING, f"guest {name} is {life(bench, name)}")


@check("SPARE-6")
def switchover_loses_no_guest(bench: XenBench) -> None:
    """The standby has taken guests over: they stay, or go elsewhere, and run on."""
    clear_standby(bench)
    enrol_hardware(bench)
    _make_standby(bench)
    bench.refresh()
    bench.expect_done(_assign(bench))
    bench.control.perform("server.crash", "beta", silence="refused")
    bench.control.advance(AFTER_HA)
    expect_true(bench, "db", "Running", STANDBY)
    fail_primary(bench)
    outcome = take_over(bench)
    for name in ("web", "db", "nested"):
        bench.expect(life(bench, name) is Life.RUNNING, f"guest {name} is {life(bench, name)}")
    if isinstance(outcome, Done):
        bench.remark(f"the switchover was made, to {stands_in(bench)}")
    else:
        bench.remark(f"the switchover was turned down: {outcome.reason}")


@check("SPARE-7")
def spare_boots_from_san(bench: XenBench) -> None:
    """Both are needed: SAN boot and I/O virtualisation."""
    clear_standby(bench)
    enrol_hardware(bench)
    for fact in ("san_boot", "io_virtualisation"):
        bench.lab.machines.alter(STANDBY, **{fact: False})
        bench.expect_rejected(_assign(bench), Reason.SPARE_NOT_ELIGIBLE)
        bench.lab.machines.alter(STANDBY, **{fact: True})


@check("SPARE-8")
def spare_is_built_as_its_primary(bench: XenBench) -> None:
    """Whatever it differs in."""
    clear_standby(bench)
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
def half_a_failure_is_none(bench: XenBench) -> None:
    """The hardware alone, or the system alone, moves nothing by itself."""
    clear_standby(bench)
    enrol_hardware(bench)
    bench.expect_done(_assign(bench))
    bench.control.perform("hardware.fail", PRIMARY)
    _expect_no_switchover(bench, "the hardware alone has failed")
    bench.control.perform("hardware.fail", PRIMARY, ok=True)
    bench.control.perform("server.shutdown", PRIMARY)
    _expect_no_switchover(bench, "the system alone has stopped")


@check("SPARE-10")
def servers_under_the_managers_maintenance(bench: XenBench) -> None:
    """A primary under it is left alone, and a spare under it is passed over."""
    enrol_hardware(bench)
    first, second = BARE
    for spare in (first, second):
        bench.expect_done(bench.subject.assign_spare(PRIMARY, spare))
    bench.expect_done(bench.subject.maintenance(PRIMARY, Switch.ON))
    fail_primary(bench)
    _expect_no_switchover(bench, "the primary is under maintenance")
    bench.expect_done(bench.subject.maintenance(first, Switch.ON))
    bench.expect_done(bench.subject.maintenance(PRIMARY, Switch.OFF))
    bench.expect_done(take_over(bench))
    found = stands_in(bench)
    bench.expect(found == second, f"{found} stands in, not {second}")


@check("SPARE-11")
def host_of_xenserver_may_be_a_spare(bench: XenBench) -> None:
    """The product is no reason to refuse."""
    clear_standby(bench)
    enrol_hardware(bench)
    bench.expect_done(_assign(bench))


def _make_standby(bench: XenBench) -> None:
    """Protect a guest of ``beta`` and let the pool stand the failure of a host."""
    protect(bench, "db")
    switch_ha_on(bench)
    tool = bench.lab.tool
    most = int(tool.call("pool.ha_compute_max_host_failures_to_tolerate"))
    bench.expect(most >= 1, f"the pool stands the failure of {most} hosts")
    (pool,) = tool.call("pool.get_all")
    tool.call("pool.set_ha_host_failures_to_tolerate", pool, "1")


def _assign(bench: XenBench) -> Verdictable:
    return bench.subject.assign_spare(PRIMARY, bench.host(STANDBY).id)


def _expect_in_service(bench: XenBench) -> None:
    """Expect the standby to be a working, empty host of its pool, and to be listed as one."""
    tool = bench.lab.tool
    enabled = tool.call("host.get_enabled", tool.ref("host", STANDBY))
    bench.expect(enabled, "the standby takes no guests")
    shown = bench.host(STANDBY)
    good = shown.status is Status.NORMAL and not shown.in_maintenance
    bench.expect(good, f"the standby is listed as {shown}")
    there = [guest for guest in bench.subject.list_guests() if guest.host == shown.id]
    running = [guest.display_name for guest in there if guest.status is not Status.STOP]
    bench.expect(not running, f"guests {', '.join(running)} are listed as running on the standby")


def _expect_no_switchover(bench: XenBench, why: str) -> None:
    """Expect that passes and time bring no spare into the primary's place."""
    for _ in range(2):
        look(bench)
        bench.control.advance(AFTER_HA)
    found = stands_in(bench)
    bench.expect(found is None, f"{found} stands in though {why}")
