"""States of zones (STATE-SOL-1, STATE-ALL-1 to -3)."""

from collections.abc import Iterator

from hvsim_conformance.adapters.model import PowerAction, Status
from hvsim_conformance.checks.solaris import ZoneBench, check
from hvsim_conformance.checks.solaris.steps import (
    LONG,
    ZONE_STATES,
    expect_shown,
    expect_state,
    guest_id,
)
from hvsim_conformance.labs.solaris.world import HOSTS


@check("STATE-SOL-1")
def three_states_whatever_happens(bench: ZoneBench) -> None:
    """Through life and faults, every zone is normal, unknown or stop."""
    bench.enrol()
    _expect_zone_states(bench, "at the beginning")
    for happened in _life(bench):
        # Whether a refresh of a host that is gone succeeds is no affair of this requirement.
        bench.subject.refresh()
        _expect_zone_states(bench, happened)


@check("STATE-ALL-1")
def running_is_normal(bench: ZoneBench) -> None:
    """Every zone that runs."""
    bench.enrol()
    for zone in ("web", "mail"):
        expect_state(bench, zone, "running")
        expect_shown(bench, zone, Status.NORMAL)


@check("STATE-ALL-2")
def off_is_stop(bench: ZoneBench) -> None:
    """A zone that was found off, and one that was halted since."""
    bench.enrol()
    expect_shown(bench, "db", Status.STOP)
    bench.lab.tool.do("zoneadm -z web halt")
    expect_state(bench, "web", "installed")
    bench.refresh()
    expect_shown(bench, "web", Status.STOP)


@check("STATE-ALL-3")
def unobtainable_is_unknown(bench: ZoneBench) -> None:
    """The hosts do not answer: what was known of their zones is not known any more."""
    bench.enrol()
    for host in HOSTS:
        bench.control.perform("link.cut", host, silence="refused")
    bench.subject.refresh()
    for zone in ("web", "db", "store"):
        expect_shown(bench, zone, Status.UNKNOWN)


def _expect_zone_states(bench: ZoneBench, happened: str) -> None:
    wrong = [
        f"{guest.display_name} is {guest.status}"
        for guest in bench.subject.list_guests()
        if guest.status not in ZONE_STATES
    ]
    bench.expect(not wrong, f"{happened}: {', '.join(wrong)}")


def _life(bench: ZoneBench) -> Iterator[str]:
    """Let things happen one by one; yield what did."""
    perform = bench.lab.control.perform
    yield f"booted: {bench.subject.power(guest_id(bench, 'db'), PowerAction.ON)}"
    perform("zone.stick", "sun", zone="web")
    yield f"stuck: {bench.subject.power(guest_id(bench, 'web'), PowerAction.OFF, force=True)}"
    expect_state(bench, "web", "down")
    bench.lab.control.hold("zone.halt", "processes")
    perform("zone.halt", "sun", zone="mail")
    yield "shutting down"
    bench.lab.control.release()
    bench.control.advance(LONG)
    yield "halted"
    perform("zone.storage", "sun", zone="mail", up=False)
    bench.lab.tool.run("zoneadm -z mail boot")
    yield "without storage"
    for fault, cure in (("link.cut", "link.mend"), ("server.crash", "server.boot")):
        perform(fault, "sun", silence="refused")
        yield f"after {fault}"
        perform(cure, "sun")
        bench.control.advance(LONG)
        yield f"after {cure}"
