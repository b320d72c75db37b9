"""States of guests (STATE-XEN-1, STATE-ALL-1 to -3)."""

from collections.abc import Iterator

from hvsim_conformance.adapters.model import PowerAction, Status
from hvsim_conformance.checks.rhel5xen import Rhel5Bench, check
from hvsim_conformance.checks.rhel5xen.steps import (
    LONG,
    OFF,
    expect_runs,
    expect_shown,
    expect_state,
    guest_id,
    inside,
)
from hvsim_conformance.labs.rhel5xen.world import HOSTS

XEN_STATES = frozenset({Status.NORMAL, Status.UNKNOWN, Status.STOP, Status.ERROR})
"""All that a Xen guest can ever be (STATE-XEN-1)."""


@check("STATE-XEN-1")
def four_states_whatever_happens(bench: Rhel5Bench) -> None:
    """Through life and faults, every guest is normal, unknown, stop or error."""
    bench.enrol()
    _expect_xen_states(bench, "at the beginning")
    for happened in _life(bench):
        # Whether a refresh of hosts that are dead succeeds is no affair of this requirement.
        bench.subject.refresh()
        _expect_xen_states(bench, happened)


@check("STATE-ALL-1")
def running_is_normal(bench: Rhel5Bench) -> None:
    """Every guest that runs on a good host is normal, with much to do or little."""
    bench.enrol()
    for guest in ("web", "db", "app"):
        expect_runs(bench, guest)
        expect_shown(bench, guest, None, Status.NORMAL)


@check("STATE-ALL-2")
def off_is_stop(bench: Rhel5Bench) -> None:
    """A guest that was found off, and one that was switched off since."""
    bench.enrol()
    expect_shown(bench, "spare", "gamma", Status.STOP)
    bench.lab.console("beta").run("xm destroy db")
    expect_state(bench, "db", OFF)
    bench.refresh()
    expect_shown(bench, "db", "beta", Status.STOP)


@check("STATE-ALL-3")
def unobtainable_is_unknown(bench: Rhel5Bench) -> None:
    """No host answers: what was known of their guests is not known any more."""
    bench.enrol()
    for host in HOSTS:
        bench.control.perform("link.cut", host, silence="refused")
    bench.subject.refresh()
    for guest in ("web", "db", "spare"):
        expect_shown(bench, guest, None, Status.UNKNOWN)


def _expect_xen_states(bench: Rhel5Bench, happened: str) -> None:
    wrong = [
        f"{guest.display_name} is {guest.status}"
        for guest in bench.subject.list_guests()
        if guest.status not in XEN_STATES
    ]
    bench.expect(not wrong, f"{happened}: {', '.join(wrong)}")


def _life(bench: Rhel5Bench) -> Iterator[str]:
    """Let things happen one by one; yield what did."""
    yield from _operations(bench)
    yield from _insides(bench)
    yield from _faults(bench)


def _operations(bench: Rhel5Bench) -> Iterator[str]:
    console = bench.lab.console("beta")
    yield f"started: {bench.subject.power(guest_id(bench, 'spare'), PowerAction.ON)}"
    console.run("virsh suspend db")
    yield "suspended"
    console.run("virsh resume db && xm save app /var/lib/xen/save/app")
    yield "resumed, and another one saved"
    console.run("xm restore /var/lib/xen/save/app && xm reboot db")
    bench.control.advance(13.0)
    yield "restored, and another one in the middle of a reboot"
    bench.control.advance(LONG)
    for live in (True, False):
        bench.lab.control.hold("domain.migrate", "copy")
        bench.lab.begin_move("app", "beta", "gamma", live=live)
        bench.control.advance(LONG)
        yield f"in the middle of a move, {'live' if live else 'standing still'}"
        bench.lab.control.release()
        bench.control.advance(LONG)
        bench.lab.console("gamma").run("xm migrate --live app beta")
        yield "moved there and back"
    console.run("xm destroy db")
    yield "forced off"


def _insides(bench: Rhel5Bench) -> Iterator[str]:
    inside(bench, "hang", "web")
    yield "hung"
    inside(bench, "crash", "app")
    yield "crashed, just now"
    bench.control.advance(LONG)
    yield "crashed"


def _faults(bench: Rhel5Bench) -> Iterator[str]:
    perform = bench.lab.control.perform
    for fault, more, cure, what in (
        (("link.cut", "beta"), {"silence": "refused"}, ("link.mend", "beta"), "host cut off"),
        (("service.stop", "beta"), {"service": "xend"}, ("service.start", "beta"), "no xend"),
        (("server.crash", "gamma"), {"silence": "refused"}, ("server.boot", "gamma"), "dead host"),
    ):
        perform(*fault, **more)
        yield f"{what}, just now"
        bench.control.advance(LONG)
        yield f"{what}, for long"
        perform(*cure, **({"service": "xend"} if "service" in cure[0] else {}))
        bench.control.advance(LONG)
        yield f"{what}, and cured"
