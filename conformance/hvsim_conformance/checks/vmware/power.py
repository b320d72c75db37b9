"""Power operations on guests (POWER-ALL-*) and their states (STATE-ALL-*)."""

from hvsim_conformance.adapters.model import PowerAction, Status
from hvsim_conformance.checks.vmware import VmwareBench, check
from hvsim_conformance.checks.vmware.steps import (
    LONG,
    OFF,
    ON,
    expect_shown,
    expect_state,
    guest_id,
    inside,
)


@check("POWER-ALL-1")
def power_on(bench: VmwareBench) -> None:
    """A guest that is off runs."""
    bench.enrol()
    bench.expect_done(bench.subject.power(guest_id(bench, "spare"), PowerAction.ON))
    expect_state(bench, "spare", ON, "alpha")
    bench.refresh()
    expect_shown(bench, "spare", "alpha", Status.NORMAL)


@check("POWER-ALL-2")
def shutdown_through_the_system(bench: VmwareBench) -> None:
    """The guest's own system ends: its power was not cut."""
    bench.enrol()
    known = len(bench.lab.vcenter.events)
    bench.expect_done(bench.subject.power(guest_id(bench, "web"), PowerAction.OFF))
    bench.control.advance(LONG)
    expect_state(bench, "web", OFF)
    kinds = [event.type for event in list(bench.lab.vcenter.events)[known:]]
    bench.expect("VmGuestShutdownEvent" in kinds, "the guest's system was not asked to end")
    bench.expect("VmStoppingEvent" not in kinds, "the guest's power was cut")
    bench.refresh()
    expect_shown(bench, "web", "alpha", Status.STOP)


@check("POWER-ALL-3")
def forced_off_without_help(bench: VmwareBench) -> None:
    """A guest whose system does not react is off all the same."""
    bench.enrol()
    inside(bench, "hang", "web")
    bench.expect_done(bench.subject.power(guest_id(bench, "web"), PowerAction.OFF, force=True))
    expect_state(bench, "web", OFF)
    bench.refresh()
    expect_shown(bench, "web", "alpha", Status.STOP)


@check("POWER-ALL-4")
def reboot_once(bench: VmwareBench) -> None:
    """The guest boots one more time and runs."""
    bench.enrol()
    boots = expect_state(bench, "web", ON).boots
    bench.expect_done(bench.subject.power(guest_id(bench, "web"), PowerAction.REBOOT))
    bench.control.advance(LONG)
    more = expect_state(bench, "web", ON).boots - boots
    bench.expect(more == 1, f"the guest was started {more} times, not once")
    bench.refresh()
    expect_shown(bench, "web", "alpha", Status.NORMAL)


@check("STATE-ALL-1")
def running_is_normal(bench: VmwareBench) -> None:
    """A guest that runs well."""
    bench.enrol()
    expect_shown(bench, "web", "alpha", Status.NORMAL)


@check("STATE-ALL-2")
def off_is_stop(bench: VmwareBench) -> None:
    """A guest that is off."""
    bench.enrol()
    expect_shown(bench, "spare", "alpha", Status.STOP)


@check("STATE-ALL-3")
def out_of_reach_is_unknown(bench: VmwareBench) -> None:
    """Nobody knows what became of a guest whose host, without HA, does not answer vCenter."""
    bench.enrol()
    bench.control.perform("link.cut", "delta")
    bench.control.advance(LONG)
    bench.refresh()
    shown = bench.guest(bench.lab.uuid("lone")).status
    bench.expect(shown is Status.UNKNOWN, f"the guest is listed as {shown}")
