"""Memory of hosts: what guests need, what is left, what is reported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim.xenserver.model import NULL_REF

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hvsim.xenserver.database import Row
    from hvsim.xenserver.pool import Pool

MIB = 2**20


def needed(pool: Pool, row: Row) -> int:
    """Return the bytes that a host must have to start the guest.

    XenServer 5.5 gives a guest its static maximum; today's release squeezes guests to their
    dynamic minimum if it must.
    """
    least: int = row["memory_static_max" if in_full(pool) else "memory_dynamic_min"]
    return least + int(row["memory_overhead"])


def given(pool: Pool, row: Row) -> int:
    """Return the bytes that a guest gets when its domain is built."""
    size: int = row["memory_static_max" if in_full(pool) else "memory_dynamic_max"]
    return size


def in_full(pool: Pool) -> bool:
    """Whether guests get all the memory they may have, and are never squeezed."""
    return pool.has("memory-in-full")


def available(pool: Pool, host: str, leaving_out: str = NULL_REF) -> int:
    """Return the bytes a host could give to one more guest.

    Counts guests that are on it and those that memory is reserved for, except ``leaving_out``.
    """
    taken = sum(
        needed(pool, pool.db.tables["VM"][vm]) for vm in claims(pool, host) if vm != leaving_out
    )
    return total(pool, host) - taken


def total(pool: Pool, host: str) -> int:
    """Return the bytes a host has for its domains."""
    row = pool.db.row("host", host)
    metrics = pool.db.tables["host_metrics"].get(row["metrics"])
    return 0 if metrics is None else metrics["memory_total"] - row["memory_overhead"]


def claims(pool: Pool, host: str) -> Iterator[str]:
    """Yield the guests that a host holds memory for: those on it, then those expected."""
    residents = pool.db.row("host", host)["resident_VMs"]
    yield from residents
    for vm, where in pool.guests.reserved.items():
        if where == host and vm not in residents:
            yield vm


def settle(pool: Pool, host: str) -> None:
    """Set ``host_metrics.memory_free`` to what the domains on the host leave of its memory."""
    if not pool.db.exists("host", host):
        return
    row = pool.db.row("host", host)
    guests = pool.db.tables["VM"]
    used = sum(guests[vm]["memory_target"] for vm in row["resident_VMs"] if vm in guests)
    free = max(0, total(pool, host) - used)
    if pool.db.exists("host_metrics", row["metrics"]):
        pool.db.change("host_metrics", row["metrics"], memory_free=free)
