"""The master throws old tasks away, so that a pool does not fill up with them.

Source: xapi's ``db_gc_util``. A task whose status a client has set itself has no time at which
it finished, and so is old at once.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Final

from hvsim.xenserver.dates import seconds_of

if TYPE_CHECKING:
    from hvsim.xenserver.database import Row
    from hvsim.xenserver.pool import Pool

ENDED_FOR: Final = 3_900.0
"""Seconds that a task is kept after its end."""
PENDING_FOR: Final = 86_400.0
"""Seconds after which a task is given up that gets no further."""
ROUND: Final = 30.0
"""Seconds from one look at the tasks to the next."""
_ENDED: Final = ("success", "failure", "cancelled")


def watch(pool: Pool, task: str) -> None:
    """See to it that a task is looked at when it is old: at its beginning and at its end."""
    _look_at(pool, _old_at(pool.db.row("task", task)) + ROUND)


def _old_at(row: Row) -> float:
    """Return the simulated time at which a task is old."""
    if row["status"] in _ENDED:
        return seconds_of(row["finished"]) + ENDED_FOR
    return seconds_of(row["created"]) + PENDING_FOR


def _look_at(pool: Pool, when: float) -> None:
    when = max(when, pool.world.now + ROUND)
    if when >= pool.next_sweep:
        return
    pool.next_sweep = when
    timer = pool.world.engine.timeout(when - pool.world.now)
    timer.callbacks.append(lambda _: _sweep(pool))


def _sweep(pool: Pool) -> None:
    now, rows = pool.world.now, pool.db.tables["task"]
    pool.next_sweep = inf
    old = [(ref, row) for ref, row in rows.items() if _old_at(row) < now]
    stuck = {
        ref: row["progress"]
        for ref, row in old
        if row["status"] not in _ENDED and pool.stuck_tasks.get(ref) != row["progress"]
    }
    with pool.world.log.caused_by("xapi.db-gc"):
        for ref, _ in old:
            if ref not in stuck:
                pool.db.remove("task", ref)
    pool.stuck_tasks = stuck
    if rows:
        _look_at(pool, ROUND + min(_old_at(row) for row in rows.values()))
