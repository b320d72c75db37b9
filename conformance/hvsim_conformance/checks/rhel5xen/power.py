"""Power operations on guests (POWER-ALL-*)."""

from hvsim_conformance.adapters.model import PowerAction, Status
from hvsim_conformance.checks.rhel5xen import Rhel5Bench, check
from hvsim_conformance.checks.rhel5xen.steps import LONG, OFF, expect_runs, expect_state, inside
from hvsim_conformance.checks.shared.steps import expect_shown, guest_id


@check("POWER-ALL-1")
def power_on(bench: Rhel5Bench) -> None:
    """A stopped guest is started from its file and runs."""
    bench.enrol()
    bench.expect_done(bench.subject.power(guest_id(bench, "spare"), PowerAction.ON))
    expect_runs(bench, "spare", "gamma")
    bench.refresh()
    expect_shown(bench, "spare", "gamma", Status.NORMAL)


@check("POWER-ALL-2")
def shutdown_through_the_system(bench: Rhel5Bench) -> None:
    """The guest's own system ends; the lab's events tell that from a cut."""
    bench.enrol()
    mark = bench.lab.world.log.generation
    bench.expect_done(bench.subject.power(guest_id(bench, "db"), PowerAction.OFF))
    bench.control.advance(LONG)
    expect_state(bench, "db", OFF)
    events = bench.lab.world.log.since(mark)
    ended = [event for event in events if (event.after or {}).get("state") == "shutdown"]
    bench.expect(ended, "the guest's system did not end by itself")
    bench.refresh()
    expect_shown(bench, "db", "beta", Status.STOP)


@check("POWER-ALL-3")
def forced_off_without_help(bench: Rhel5Bench) -> None:
    """A guest whose system does not react is off all the same."""
    bench.enrol()
    guest = guest_id(bench, "db")
    inside(bench, "hang", "db")
    bench.expect_done(bench.subject.power(guest, PowerAction.OFF, force=True))
    expect_state(bench, "db", OFF)
    bench.refresh()
    expect_shown(bench, "db", "beta", Status.STOP)


@check("POWER-ALL-4")
def reboot_once(bench: Rhel5Bench) -> None:
    """The guest boots one more time and runs."""
    bench.enrol()
    boots = expect_runs(bench, "db").boots
    bench.expect_done(bench.subject.power(guest_id(bench, "db"), PowerAction.REBOOT))
    bench.control.advance(LONG)
    more = expect_runs(bench, "db").boots - boots
    bench.expect(more == 1, f"the guest was started {more} times, not once")
    bench.refresh()
    expect_shown(bench, "db", "beta", Status.NORMAL)
