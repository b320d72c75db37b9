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
    priority = row["ha_restart_priority"]
    return bool(priority != BEST_EFFORT if pool.legacy else priority == RESTART)


def before_stop(pool: Pool, vm: str) -> None:
    """Judge a shutdown or suspend asked for by the API, and note that HA must accept it.

    XenServer 5.5 refuses with ``VM_IS_PROTECTED`` (POWER-XS-1..3); today's release gives up the
    protection by itself (POWER-XS-9).
    """
    if not pool.legacy:
        pool.db.change("VM", vm, ha_always_run=False)
    elif is_protected(pool, vm):
        raise XenError("VM_IS_PROTECTED", vm)


def before_start(pool: Pool, vm: str) -> None:
    """Protect a guest again that is meant to be, as today's release does at start and resume."""
    if not pool.legacy and pool.db.row("VM", vm)["ha_restart_priority"] == RESTART:
        pool.db.change("VM", vm, ha_always_run=True)


def after_inside_stop(pool: Pool, vm: str) -> None:
    """Let a guest that stopped itself rest, where the pool says so (POWER-XS-10)."""
    if not pool.row.get("ha_reboot_vm_on_internal_shutdown", True):
        pool.db.change("VM", vm, ha_always_run=False)
