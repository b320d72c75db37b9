"""The guests of a host whose machine stopped: what becomes of their rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim.xenserver.life import power

if TYPE_CHECKING:
    from hvsim.xenserver.pool import Member, Pool

_LIVE = ("Running", "Paused")


def of(pool: Pool, host: str) -> list[str]:
    """Return the guests that a host's row lists as resident, control domains left out."""
    rows = pool.db.tables["VM"]
    resident = pool.db.row("host", host)["resident_VMs"]
    return [vm for vm in resident if vm in rows and not rows[vm]["is_control_domain"]]


def settle(pool: Pool, member: Member) -> None:
    """Halt the guests that a host lost with its power, once it is back."""
    if member.lost_power:
        halt_all(pool, member.host)
        member.lost_power = False
    _control_domain(pool, member.host, "Running")


def halt_all(pool: Pool, host: str) -> list[str]:
    """Mark a dead host's guests as halted; return them."""
    halted = [vm for vm in of(pool, host) if pool.db.row("VM", vm)["power_state"] in _LIVE]
    for vm in halted:
        halt(pool, vm)
    return halted


def halt(pool: Pool, vm: str) -> None:
    """Mark a guest as halted, whatever its row said (a forced reset of its state)."""
    power.force_halted(pool, vm)


def _control_domain(pool: Pool, host: str, state: str) -> None:
    for vm in pool.db.row("host", host)["resident_VMs"]:
        if pool.db.row("VM", vm)["is_control_domain"]:
            pool.db.change("VM", vm, power_state=state)
