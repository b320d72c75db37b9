"""What runs inside a guest: its system booting, and the agent that reports of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hvsim.operations import Stage
from hvsim.xenserver.construction import build_guest
from hvsim.xenserver.life import domain, underway
from hvsim.xenserver.model import NULL_REF

if TYPE_CHECKING:
    from hvsim.operations import Steps
    from hvsim.xenserver.pool import Pool

BOOT = 25.0
"""Seconds from a domain's start until its system is up and its agent reports."""
LIVENESS = 300.0
"""Seconds between two looks of a host for agents that have reported nothing for as long."""


def inside(pool: Pool, vm: str) -> dict[str, Any]:
    """Return what is true inside the guest; a guest never described has a bare system."""
    found = pool.insides.get(vm)
    if found is None:
        name = pool.db.row("VM", vm)["name_label"]
        found = {"hostname": name, "os_name": "", "address": "", "tools": False, "hung": False}
        pool.insides[vm] = found
    return found


def boot(pool: Pool, vm: str, *, foreground: bool = True) -> None:
    """Let the guest's system come up in a domain that has just been started.

    Args:
        foreground: whether somebody asked for it, and may wait for the agent's report.
    """
    known = inside(pool, vm)
    known["hung"] = known["silent"] = False
    known["boot"] = known.get("boot", 0) + 1
    steps = _booting(pool, vm, known["boot"])
    subject = underway.subject(pool, vm)
    pool.world.operations.start("guest.boot", subject, steps, foreground=foreground)


def go_on(pool: Pool, vm: str) -> None:
    """Let a guest that was started paused boot now, if it has not yet."""
    row = pool.db.row("VM", vm)
    if not pool.db.exists("VM_guest_metrics", row["guest_metrics"]):
        boot(pool, vm)
    else:
        speaks(pool, vm)


def fell_silent(pool: Pool, vm: str) -> None:
    """Let the host notice in time that the guest's agent does not report any more."""
    inside(pool, vm)["silent_since"] = pool.world.now
    _look(pool, vm, pool.world.now + LIVENESS)


def speaks(pool: Pool, vm: str) -> None:
    """Let the host notice that the guest's agent reports again."""
    _look(pool, vm, pool.world.now)


def is_silent(pool: Pool, vm: str) -> bool:
    """Whether nothing runs in the guest's domain that could report."""
    known = inside(pool, vm)
    paused = pool.db.row("VM", vm)["power_state"] == domain.PAUSED
    return paused or bool(known["hung"] or known.get("frozen"))


def report(pool: Pool, vm: str) -> None:
    """Let the agent report, as it does once the system is up and whenever something changes."""
    fields = build_guest.guest_metrics_fields(pool, inside(pool, vm))
    known = pool.db.row("VM", vm)["guest_metrics"]
    if pool.db.exists("VM_guest_metrics", known):
        pool.db.change("VM_guest_metrics", known, **fields)
    else:
        pool.db.change("VM", vm, guest_metrics=pool.db.add("VM_guest_metrics", fields))
    domain.refresh(pool, vm)


def is_up(pool: Pool, vm: str) -> bool:
    """Whether the guest's agent has reported since its domain was started."""
    row = pool.db.row("VM", vm)
    return bool(row["power_state"] == "Running" and row["guest_metrics"] != NULL_REF)


def still_runs(pool: Pool, vm: str, boot_number: int) -> bool:
    """Whether the system that was booted as that number is still up, on whatever host."""
    row = pool.db.tables["VM"].get(vm)
    if row is None or row["power_state"] != "Running":
        return False
    alive = pool.members[row["resident_on"]].server.runs_own_system
    return alive and bool(inside(pool, vm).get("boot", 0) == boot_number)


def _booting(pool: Pool, vm: str, number: int) -> Steps:
    yield Stage("boot", BOOT, 1.0)
    # Meanwhile it may have been stopped or started anew, or its machine may have died.
    if still_runs(pool, vm, number) and inside(pool, vm)["tools"]:
        report(pool, vm)


def _look(pool: Pool, vm: str, after: float) -> None:
    if pool.has("silent-agents-noticed"):
        steps = _looking(pool, vm, (after // LIVENESS + 1) * LIVENESS - pool.world.now)
        subject = underway.subject(pool, vm)
        pool.world.operations.start("guest.liveness", subject, steps, foreground=False)


def _looking(pool: Pool, vm: str, seconds: float) -> Steps:
    yield Stage("liveness", seconds)
    row = pool.db.tables["VM"].get(vm)
    if row is None or row["power_state"] not in (domain.RUNNING, domain.PAUSED):
        return
    if pool.db.exists("VM_guest_metrics", row["guest_metrics"]):
        silent = is_silent(pool, vm)
        lasting = silent and pool.world.now - inside(pool, vm)["silent_since"] > LIVENESS
        if lasting or not silent:
            pool.db.change("VM_guest_metrics", row["guest_metrics"], live=not silent)
