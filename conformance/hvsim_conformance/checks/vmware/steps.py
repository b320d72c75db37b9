"""Steps and expectations that the checks of VMware share."""

from typing import Any

from hvsim_conformance.adapters.model import MoveMode, Status, Verdictable
from hvsim_conformance.checks.vmware import VmwareBench
from hvsim_conformance.engine.lab import TrueGuest
from hvsim_conformance.labs.vmware.world import VCENTER

LONG = 300.0
"""Simulated seconds in which every operation on a guest has come to its end."""
ON, OFF = "poweredOn", "poweredOff"


def guest_id(bench: VmwareBench, guest: str) -> str:
    """Return the implementation's id of a guest."""
    return bench.guest(bench.lab.uuid(guest)).id


def move(bench: VmwareBench, guest: str, host: str, mode: MoveMode) -> Verdictable:
    """Let the implementation move a guest."""
    return bench.subject.migrate(guest_id(bench, guest), bench.host(host).id, mode)


def expect_state(bench: VmwareBench, guest: str, state: str, host: str | None = None) -> TrueGuest:
    """Expect a guest's true state, and where it is if ``host`` says; return the truth."""
    true = bench.lab.truth.guest(guest)
    bench.expect(true.state == state, f"guest {guest} is {true.state}, not {state}")
    if host is not None:
        wanted = bench.lab.host_id(host)
        bench.expect(true.host == wanted, f"guest {guest} is on {true.host}, not on {host}")
    return true


def expect_shown(bench: VmwareBench, guest: str, host: str, status: Status) -> None:
    """Expect the host and the status that the implementation lists."""
    shown = bench.guest(bench.lab.uuid(guest))
    names = {known.id: known.name for known in bench.subject.list_hosts()}
    found = names.get(shown.host or "")
    bench.expect(found == host, f"guest {guest} is listed under {found}, not under {host}")
    bench.expect(
        shown.status is status, f"guest {guest} is listed as {shown.status}, not as {status}"
    )


def expect_name(bench: VmwareBench, guest: str, *names: str) -> None:
    """Expect one of the names that the implementation lists a guest under."""
    shown = bench.guest(bench.lab.uuid(guest)).display_name
    wanted = " or ".join(repr(name) for name in names)
    bench.expect(shown in names, f"guest {guest} is listed as {shown!r}, not as {wanted}")


def inside(bench: VmwareBench, what: str, guest: str, **fields: Any) -> None:
    """Carry out a command inside a guest, and let it come to its end."""
    bench.control.perform(f"vcenter.guest.{what}", VCENTER, guest=guest, **fields)
    bench.control.advance(LONG)
