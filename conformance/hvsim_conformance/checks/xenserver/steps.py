"""Steps and expectations that the checks of XenServer share."""

from typing import Any

from hvsim_conformance.checks.shared.steps import place
from hvsim_conformance.checks.xenserver import XenBench
from hvsim_conformance.engine.lab import TrueGuest
from hvsim_conformance.labs.xenserver.world import POOL

LONG = 120.0
"""Simulated seconds in which every operation on a guest has come to its end."""
AFTER_HA = 300.0
"""Simulated seconds after which HA has acted on whatever happened."""


def record(bench: XenBench, guest: str) -> dict[str, Any]:
    """Return the pool's record of a guest, as the administrator reads it."""
    tool = bench.lab.tool
    row: dict[str, Any] = tool.call("VM.get_record", tool.ref("VM", guest))
    return row


def expect_true(bench: XenBench, guest: str, state: str, host: str | None = None) -> TrueGuest:
    """Expect a guest's true power state, and where it is if ``host`` says; return the truth."""
    true = bench.lab.truth.guest(guest)
    bench.expect(true.state == state, f"guest {guest} is {true.state}, not {state}")
    if host is not None:
        found = place(bench, true)
        bench.expect(found == host, f"guest {guest} is on {found}, not on {host}")
    return true


def expect_error(bench: XenBench, error: list[str], *codes: str) -> None:
    """Expect the error that the administrator got."""
    bench.expect(error[0] in codes, f"the pool answered {error}, not {' or '.join(codes)}")


def protect(bench: XenBench, guest: str, priority: str = "restart") -> None:
    """Let HA restart a guest, in the release's own words; ``best-effort`` is no promise."""
    tool, ref = bench.lab.tool, bench.lab.tool.ref("VM", guest)
    legacy = bench.lab.legacy
    word = "1" if legacy and priority == "restart" else priority
    tool.call("VM.set_ha_restart_priority", ref, word)
    if legacy:
        tool.call("VM.set_ha_always_run", ref, True)


def expose(bench: XenBench, guest: str) -> None:
    """Take a guest's protection away; 5.5 keeps its priority and only switches the promise off."""
    tool, ref = bench.lab.tool, bench.lab.tool.ref("VM", guest)
    if bench.lab.legacy:
        tool.call("VM.set_ha_always_run", ref, False)
    else:
        tool.call("VM.set_ha_restart_priority", ref, "")


def switch_ha_on(bench: XenBench) -> None:
    """Switch the pool's high availability on, with its heartbeat on the shared storage."""
    tool = bench.lab.tool
    tool.call("pool.enable_ha", [tool.ref("SR", "shared")], {})


def move_elsewhere(bench: XenBench, guest: str, host: str) -> None:
    """Let the administrator move a running guest, and wait until it is there."""
    tool = bench.lab.tool
    target = tool.ref("host", host)
    tool.call("VM.pool_migrate", tool.ref("VM", guest), target, {"live": "true"})


def begin_move(bench: XenBench, guest: str, host: str) -> str:
    """Let the administrator begin to move a running guest; return the task."""
    tool = bench.lab.tool
    guest_ref, target = tool.ref("VM", guest), tool.ref("host", host)
    return str(tool.call("Async.VM.pool_migrate", guest_ref, target, {"live": "true"}))


def inside(bench: XenBench, command: str, guest: str, **arguments: object) -> object:
    """Carry out a command inside a guest."""
    return bench.lab.control.perform(command, POOL, guest=guest, **arguments)
