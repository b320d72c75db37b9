"""Guests that high availability keeps running, and what that means for those who stop them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim.xenserver.errors import XenError

if TYPE_CHECKING:
    from hvsim.xenserver.pool import Pool

RESTART = "restart"
BEST_EFFORT = "best-effort"


def is_protected(pool: Pool, vm: str) -> bool:
    """Whether HA is on and promises to keep the guest running (best effort is no promise)."""
    row = pool.db.row("VM", vm)
    if not (pool.row["ha_enabled"] and row["ha_always_run"]):
        return False
    return promises(pool, row["ha_restart_priority"])


def promises(pool: Pool, priority: str) -> bool:
    """Whether a restart priority is a promise to restart the guest."""
    return priority != BEST_EFFORT if pool.has("ha-numbered-priorities") else priority == RESTART


def before_stop(pool: Pool, vm: str) -> None:
    """Judge a shutdown or suspend asked for by the API, and note that HA must accept it.

    XenServer 5.5 refuses with ``VM_IS_PROTECTED`` (POWER-XS-1..3); today's release gives up the
    protection by itself (POWER-XS-9).
    """
    if pool.has("ha-refuses-shutdown") and is_protected(pool, vm):
        raise XenError("VM_IS_PROTECTED", vm)
    if pool.has("ha-shutdown-lifts-protection"):
        pool.db.change("VM", vm, ha_always_run=False)


def before_start(pool: Pool, vm: str) -> None:
    """Protect a guest again that is meant to be, as today's release does at start and resume."""
    row = pool.db.row("VM", vm)
    if pool.has("ha-start-restores-protection") and row["ha_restart_priority"] == RESTART:
        pool.db.change("VM", vm, ha_always_run=True)


def after_inside_stop(pool: Pool, vm: str) -> None:
    """Let a guest that stopped itself rest, where the pool says so (POWER-XS-8, POWER-XS-10)."""
    asked = pool.has("ha-restart-on-internal-shutdown-optional")
    resting = asked and not pool.row["ha_reboot_vm_on_internal_shutdown"]
    if resting or not pool.has("ha-restarts-internal-shutdown"):
        pool.db.change("VM", vm, ha_always_run=False)
