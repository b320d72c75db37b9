"""When a session was last heard of: what its idle expiry goes by."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from hvsim.clock import LAB_BEGINS
from hvsim.commands import Command, command
from hvsim.xenserver.dates import stamp
from hvsim.xenserver.pool import named

if TYPE_CHECKING:
    from hvsim.world import World
    from hvsim.xenserver.pool import Pool

NOTICED: Final = 600.0
"""Simulated seconds within which further calls leave ``session.last_active`` alone.

The current release does the same to spare its database. XenServer 5.5 noted every call; a lab
does not, since each note would be a journalled command, and expiry takes a day either way.
"""


def is_due(pool: Pool, session: dict[str, Any]) -> bool:
    """Whether a call by this session row should be noted."""
    seen = datetime.strptime(session["last_active"], "%Y%m%dT%H:%M:%SZ").replace(tzinfo=UTC)
    return pool.world.now - (seen - LAB_BEGINS).total_seconds() > NOTICED


@command("xenserver.session-seen")
class SessionSeen(Command, frozen=True, kw_only=True):
    """A session made a call."""

    pool: str
    session: str

    def apply(self, world: World) -> None:
        """Set the session's ``last_active``, if it is still there."""
        db = named(world, self.pool).db
        if db.exists("session", self.session):
            db.change("session", self.session, last_active=stamp(world))
