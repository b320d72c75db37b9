"""States of guests (STATE-XEN-1, STATE-ALL-1 to -3)."""

from collections.abc import Iterator

from hvsim_conformance.adapters.model import PowerAction, Status
from hvsim_conformance.checks.xenserver import XenBench, check
from hvsim_conformance.checks.xenserver.steps import (
    begin_move,
    expect_shown,
    expect_true,
    guest_id,
    inside,
)
from hvsim_conformance.labs.xenserver.world import HOSTS

XEN_STATES = frozenset({Status.NORMAL, Status.UNKNOWN, Status.STOP, Status.ERROR})
"""All that a Xen guest can ever be (STATE-XEN-1)."""
_DAY = 3600.0
"""Simulated seconds after which the pool has come to terms with any fault."""


@check("STATE-XEN-1")
def four_states_whatever_happens(bench: XenBench) -> None:
    """Through life and faults, every guest is normal, unknown, stop or error."""
    bench.enrol()
    _expect_xen_states(bench, "at the beginning")
    for happened in _life(bench):
        # Whether a refresh without a master succeeds is no affair of this requirement.
        bench.subject.refresh()
        _expect_xen_states(bench, happened)


@check("STATE-ALL-1")
def running_is_normal(bench: XenBench) -> None:
    """Every guest that runs on a good host is normal."""
    bench.enrol()
    for guest in ("web", "db", "app", "nested"):
        expect_true(bench, guest, "Running")
        expect_shown(bench, guest, None, Status.NORMAL)


@check("STATE-ALL-2")
def off_is_stop(bench: XenBench) -> None:
    """A guest that was found off, and one that was switched off since."""
    bench.enrol()
    expect_shown(bench, "spare", "gamma", Status.STOP)
    tool = bench.lab.tool
    tool.call("VM.hard_shutdown", tool.ref("VM", "db"))
    expect_true(bench, "db", "Halted")
    bench.refresh()
    expect_shown(bench, "db", "beta", Status.STOP)


@check("STATE-ALL-3")
def unobtainable_is_unknown(bench: XenBench) -> None:
    """No host of the pool answers: what was known of its guests is not known any more."""
    bench.enrol()
    for host in HOSTS:
        bench.control.perform("link.cut", host, silence="refused")
    bench.subject.refresh()
    for guest in ("web", "db", "spare"):
        expect_shown(bench, guest, None, Status.UNKNOWN)


def _expect_xen_states(bench: XenBench, happened: str) -> None:
    wrong = [
        f"{guest.display_name} is {guest.status}"
        for guest in bench.subject.list_guests()
        if guest.status not in XEN_STATES
    ]
    bench.expect(not wrong, f"{happened}: {', '.join(wrong)}")


def _life(bench: XenBench) -> Iterator[str]:
    """Let things happen one by one; yield what did."""
    yield from _operations(bench)
    yield from _insides(bench)
    yield from _faults(bench)


def _operations(bench: XenBench) -> Iterator[str]:
    tool = bench.lab.tool
    guest = tool.ref("VM", "db")
    yield f"started: {bench.subject.power(guest_id(bench, 'spare'), PowerAction.ON)}"
    tool.call("VM.pause", guest)
    yield "paused"
    tool.call("VM.unpause", guest)
    tool.call("VM.suspend", guest)
    yield "suspended"
    tool.call("VM.resume", guest, False, False)
    tool.call("VM.clean_reboot", guest)
    yield "resumed and rebooted"
    bench.lab.control.hold("VM.pool_migrate", "transfer")
    begin_move(bench, "db", "gamma")
    bench.control.advance(_DAY)
    yield "in the middle of a move"
    bench.lab.control.release()
    bench.control.advance(_DAY)
    yield "moved"
    tool.call("VM.hard_shutdown", guest)
    yield "forced off"


def _insides(bench: XenBench) -> Iterator[str]:
    inside(bench, "guest.hang", "web")
    yield "hung"
    inside(bench, "guest.crash", "app")
    bench.control.advance(1.5)
    yield "crashing"
    bench.control.advance(_DAY)
    yield "crashed"


def _faults(bench: XenBench) -> Iterator[str]:
    perform = bench.lab.control.perform
    for fault, cure, what in (
        (("storage.lose", "shared"), ("storage.return", "shared"), "storage lost"),
        (("link.cut", "beta"), ("link.mend", "beta"), "member cut off"),
        (("server.crash", "gamma"), ("server.boot", "gamma"), "member dead"),
        (("service.stop", "alpha"), ("service.start", "alpha"), "master's service down"),
        (("link.cut", "alpha"), ("link.mend", "alpha"), "master cut off"),
    ):
        silent = fault[0] in ("link.cut", "server.crash")
        perform(*fault, **({"silence": "refused"} if silent else {}))
        yield f"{what}, just now"
        bench.control.advance(_DAY)
        yield f"{what}, for long"
        perform(*cure)
        bench.control.advance(_DAY)
        yield f"{what}, and cured"
