"""``event.from``: what changed since a token, told from the present state.

Source: xapi's event module. State-based: all changes of an object since the token collapse
into one ``add`` or ``mod`` that carries the present record, and an object that came and went in
between is never heard of. An empty answer comes only when the time is up.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from hvsim.xenserver.errors import XenError
from hvsim_fakes.xenserver.eventlist import Event, EventBatch
from hvsim_fakes.xenserver.subscriptions import Filter, parse

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim.world import World
    from hvsim.xenserver.database import Database
    from hvsim.xenserver.pool import Pool

GATHER: Final = 0.05
"""Simulated seconds for which further changes are gathered before an answer."""
LONGEST: Final = 86_400.0
"""Seconds taken for a timeout that is no number of seconds, as the product does."""


def parse_token(text: str) -> int:
    """Return the generation a token stands for; the empty token is the beginning.

    Raises:
        XenError: ``EVENT_FROM_TOKEN_PARSE_FAILURE``.
    """
    if text == "":
        return 0
    parts = text.split(",")
    try:
        generation, _messages = (int(part) for part in parts)
    except ValueError:
        raise XenError("EVENT_FROM_TOKEN_PARSE_FAILURE", text) from None
    return generation


def make_token(generation: int) -> str:
    """Return the token of a generation. Zero-padded, so that tokens also sort as text."""
    return f"{generation:020d},{0:020d}"


@dataclass(slots=True)
class _Poll:
    """One call: what it waits for, and how far it has looked."""

    db: Database
    wanted: Filter
    session: str
    since: int
    looked: int
    added: list[tuple[str, str]] = field(default_factory=list)
    changed: list[tuple[str, str]] = field(default_factory=list)
    deleted: list[tuple[str, str]] = field(default_factory=list)

    def ready(self) -> bool:
        """Whether there is something to tell or the session is gone. Under the lock."""
        if not self.db.exists("session", self.session):
            return True
        if self.looked == self.db.generation:
            return False
        fresh = self.db.changes_since(self.looked)
        self.looked = self.db.generation
        wants = self.wanted.wants
        return any(wants(cls, ref) for cls, ref, _ in fresh.changed) or any(
            wants(cls, ref) for cls, ref in fresh.deleted
        )

    def gather(self) -> EventBatch:
        """Return everything since the token as it stands now. Under the lock."""
        wants = self.wanted.wants
        changes = self.db.changes_since(self.since)
        changed = [entry for entry in changes.changed if wants(entry[0], entry[1])]
        events = [
            *(self._present("add", cls, ref) for cls, ref, new in changed if new),
            *(self._present("mod", cls, ref) for cls, ref, new in changed if not new),
            *(self._gone(cls, ref) for cls, ref in changes.deleted if wants(cls, ref)),
        ]
        tables = self.db.tables
        counts = {cls.lower(): len(tables[cls]) for cls in tables if cls != "message"}
        return EventBatch(self.db.model, events, counts, make_token(self.db.generation))

    def _present(self, operation: str, cls: str, ref: str) -> Event:
        snapshot = self.db.tables[cls][ref].copy()
        return Event(self.db.modified[ref], "0.0", cls, operation, ref, snapshot)

    def _gone(self, cls: str, ref: str) -> Event:
        return Event(self.db.generation, "0.0", cls, "del", ref)


class EventFrom:
    """Serves ``event.from`` of one pool."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._world: World = pool.world

    def poll(
        self,
        session: str,
        classes: list[str],
        token: str,
        timeout: float,
        gone: Callable[[], bool],
    ) -> EventBatch:
        """Wait for something to tell, at most ``timeout`` of the machine's seconds.

        Raises:
            XenError: ``EVENT_FROM_TOKEN_PARSE_FAILURE``;
                ``SESSION_INVALID`` when the session ends meanwhile.
        """
        subscriptions = [parse(text, objects=True) for text in classes]
        since = parse_token(token)
        wanted = Filter(self._pool.db, subscriptions)
        poll = _Poll(self._pool.db, wanted, session, since, since)
        seconds = timeout if 0 <= timeout < LONGEST else LONGEST if timeout > 0 else 0.0
        topics = (*wanted.topics(), f"{self._pool.db.name}/session/{session}")
        if self._world.park(topics, poll.ready, seconds, gone) and not wanted.tasks_only:
            self._linger(poll, gone)
        with self._world.access():
            if not poll.db.exists("session", session):
                raise XenError("SESSION_INVALID", session)
            return poll.gather()

    def _linger(self, poll: _Poll, gone: Callable[[], bool]) -> None:
        """Give further changes a moment, if time passes by itself at all."""
        world = self._world
        with world.access():
            target = world.now + GATHER
            seconds = world.clock.seconds_until(target)
            if not seconds or not poll.since:
                return
            # Something due at the end of the moment, lest a clock that jumps go beyond it.
            topic = f"{poll.db.name}/gathered/{target}"
            moment = world.engine.timeout(GATHER)
            moment.callbacks.append(lambda _: world.log.wake((topic,)))
        topics = (f"{poll.db.name}/session/{poll.session}", topic)
        world.park(topics, lambda: world.now >= target, seconds, gone)
