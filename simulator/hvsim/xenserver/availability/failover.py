"""The failover plan of high availability: whether the pool could restart its protected guests.

The plan is judged for a number of host failures, on the memory of live, enabled hosts, for the
protected guests; a guest bound to one host makes it incomplete.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hvsim.xenserver import alerts
from hvsim.xenserver.availability import agility, binpack
from hvsim.xenserver.errors import XenError
from hvsim.xenserver.life import memory, placement, protection

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hvsim.xenserver.database import Row
    from hvsim.xenserver.pool import Pool

_LIVE = ("Running", "Paused")


@dataclass(frozen=True, slots=True)
class Change:
    """A change to be judged before it is made.

    Attributes:
        disable: hosts that will take no guests.
        arrive: (guest, host) that will be placed.
        protect: guests that will be protected.
        failures: how many failures the plan is to stand, if not those it stands now.
    """

    disable: tuple[str, ...] = ()
    arrive: tuple[tuple[str, str], ...] = ()
    protect: tuple[str, ...] = ()
    failures: int | None = None


_NOTHING = Change()


def wants_running(pool: Pool, row: Row) -> bool:
    """Whether a guest's row asks for automatic restart, high availability being on or off."""
    if not row["ha_always_run"] or row["is_a_template"]:
        return False
    return protection.promises(pool, row["ha_restart_priority"])


def protected(pool: Pool) -> list[str]:
    """Return the guests that are to be kept running."""
    return [vm for vm, row in pool.db.tables["VM"].items() if wants_running(pool, row)]


def in_order(pool: Pool, guests: Iterable[str]) -> list[list[str]]:
    """Return guests in groups that start one after the other (5.5: by priority 1, 2, 3)."""
    groups: dict[int, list[str]] = {}
    for vm in guests:
        groups.setdefault(_order(pool, pool.db.row("VM", vm)), []).append(vm)
    return [groups[number] for number in sorted(groups)]


def _order(pool: Pool, row: Row) -> int:
    if pool.has("ha-numbered-priorities"):
        priority = row["ha_restart_priority"]
        return int(priority) if priority.isdigit() else 9
    order = int(row.get("order", 0))
    # A negative order means last.
    return order if order >= 0 else 1 << 62


def restart_plan(pool: Pool) -> tuple[dict[str, str], bool]:
    """Return guest -> host for the halted protected guests, and whether all have a place."""
    halted = [vm for vm in protected(pool) if pool.db.row("VM", vm)["power_state"] == "Halted"]
    free = _free(pool, ())
    found: dict[str, str] = {}
    for vm in (vm for group in in_order(pool, halted) for vm in group):
        need = memory.needed(pool, pool.db.row("VM", vm))
        able = [host for host in free if placement.fits(pool, vm, host, with_memory=False)]
        host = max(able, key=lambda ref: free[ref], default=None)
        if host is not None and free[host] >= need:
            found[vm] = host
            free[host] -= need
    return found, len(found) == len(halted)


def exists(
    pool: Pool, failures: int, change: Change = _NOTHING, guests: list[str] | None = None
) -> bool:
    """Whether all protected guests can be kept running through ``failures`` host failures."""
    kept = list(protected(pool) if guests is None else guests)
    kept += [vm for vm in change.protect if vm not in kept]
    if not agility.are_agile(pool, kept):
        return False
    layout = _layout(pool, kept, change)
    return layout is not None and binpack.survives(layout, failures)


def max_failures(pool: Pool, guests: list[str] | None = None) -> int:
    """Return the most host failures through which all protected guests can be kept running."""
    most = 0
    for failures in range(1, len(pool.db.tables["host"]) + 1):
        if not exists(pool, failures, guests=guests):
            break
        most = failures
    return most


def assert_kept(pool: Pool, change: Change) -> None:
    """Refuse a change that would break the plan; one that is broken already cannot get worse.

    Raises:
        XenError: ``HA_OPERATION_WOULD_BREAK_FAILOVER_PLAN``.
    """
    row = pool.row
    if not row["ha_enabled"] or row["ha_allow_overcommit"]:
        return
    planned = int(row["ha_plan_exists_for"])
    wanted = planned if change.failures is None else change.failures
    if exists(pool, planned) and not exists(pool, wanted, change):
        raise XenError("HA_OPERATION_WOULD_BREAK_FAILOVER_PLAN")


def check_placement(pool: Pool, vm: str, host: str) -> None:
    """Refuse to place a guest where its memory is kept for a failover."""
    if pool.row["ha_enabled"]:
        assert_kept(pool, Change(arrive=((vm, host),)))


def update_status(pool: Pool) -> None:
    """Bring ``pool.ha_overcommitted`` and ``ha_plan_exists_for`` up to date, with their alerts."""
    row = pool.row
    tolerate = int(row["ha_host_failures_to_tolerate"])
    if exists(pool, tolerate):
        pool.db.change("pool", pool.ref, ha_overcommitted=False, ha_plan_exists_for=tolerate)
    else:
        _overcommitted(pool, tolerate)


def drop_to(pool: Pool, failures: int) -> None:
    """Lower the number of failures the plan stands, and alert if that is fewer than before."""
    before = pool.row["ha_plan_exists_for"]
    if failures == before:
        return
    tolerate = int(pool.row["ha_host_failures_to_tolerate"])
    pool.db.change("pool", pool.ref, ha_plan_exists_for=min(tolerate, failures))
    if failures < before:
        name = "HA_POOL_DROP_IN_PLAN_EXISTS_FOR"
        alerts.create(pool, name, "Pool", pool.row["uuid"], str(failures))


def _overcommitted(pool: Pool, tolerate: int) -> None:
    was = pool.row["ha_overcommitted"]
    drop_to(pool, min(tolerate, max_failures(pool)))
    if was:
        return
    pool.db.change("pool", pool.ref, ha_overcommitted=True)
    text = (
        f"The failover tolerance for pool '{pool.row['name_label']}' has dropped and the "
        "initially specified number of host failures to tolerate can no longer be guaranteed"
    )
    alerts.create(pool, "HA_POOL_OVERCOMMITTED", "Pool", pool.row["uuid"], text)


def _layout(pool: Pool, kept: list[str], change: Change) -> binpack.Layout | None:
    """Return who is where after a change, halted guests placed; None if they do not fit."""
    free = _free(pool, change.disable)
    rows = pool.db.tables["VM"]
    need = {vm: memory.needed(pool, rows[vm]) for vm in kept}
    on = {vm: rows[vm]["resident_on"] for vm in kept if rows[vm]["power_state"] in _LIVE}
    for vm, host in change.arrive:
        if host in free and rows[vm]["resident_on"] != host:
            free[host] -= memory.needed(pool, rows[vm])
            if vm in need:
                on[vm] = host
    waiting = {vm: need[vm] for vm in kept if vm not in on}
    placed = binpack.place(free, waiting)
    if len(placed) < len(waiting):
        return None
    for vm, host in placed.items():
        free[host] -= need[vm]
    # Guests on a host that is disabled leave it, as they would when it is emptied.
    on = {vm: host for vm, host in (on | placed).items() if host in free}
    return _with_leavers(binpack.Layout(free, need, on), kept)


def _with_leavers(layout: binpack.Layout, kept: list[str]) -> binpack.Layout | None:
    leaving = {vm: layout.need[vm] for vm in kept if vm not in layout.on}
    placed = binpack.place(layout.free, leaving)
    if len(placed) < len(leaving):
        return None
    for vm, host in placed.items():
        layout.free[host] -= layout.need[vm]
        layout.on[vm] = host
    return layout


def _free(pool: Pool, disabled: tuple[str, ...]) -> dict[str, int]:
    return {
        host: memory.available(pool, host)
        for host, row in pool.db.tables["host"].items()
        if row["enabled"] and host not in disabled and placement.is_live(pool, host)
    }
