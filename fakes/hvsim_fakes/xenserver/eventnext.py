"""``event.register``, ``event.next``: the older interface, a queue of every single event.

Source: xapi's event module, today's and that of June 2009. Unlike ``event.from`` nothing
collapses: each change is an event with the record as it was right after it. Events that have
been dropped before the listener asked end its subscription with ``EVENTS_LOST``.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from hvsim.clock import LAB_BEGINS
from hvsim.xenserver.errors import XenError
from hvsim_fakes.xenserver.eventlist import Event, EventList
from hvsim_fakes.xenserver.subscriptions import Filter, Subscription, parse

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim import events
    from hvsim.xenserver.database import Database, Row
    from hvsim.xenserver.pool import Pool

KEPT_2009: Final = 500
"""Events that XenServer 5.5 kept for listeners that were slow to ask."""

_Entry: TypeAlias = tuple["events.Event", str, str]
"""A logged event of the pool's database, with its class and reference."""


@dataclass(slots=True)
class _Listener:
    """A session's subscriptions, and the newest event it was told of or passed over."""

    told: int
    subscriptions: list[Subscription] = field(default_factory=list)


class EventNext:
    """Serves the older event calls of one pool."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._db: Database = pool.db
        self._listeners: dict[str, _Listener] = {}

    def register(self, session: str, classes: list[str]) -> None:
        """Add subscriptions of a session; its first begins with what happens next."""
        fresh = [parse(text, objects=not self._pool.legacy) for text in classes]
        with self._pool.world.access():
            listener = self._listeners.setdefault(session, _Listener(self._db.generation))
            listener.subscriptions = fresh + listener.subscriptions

    def unregister(self, session: str, classes: list[str]) -> None:
        """Drop subscriptions of a session."""
        dropped = {parse(text, objects=not self._pool.legacy) for text in classes}
        with self._pool.world.access():
            listener = self._listeners.setdefault(session, _Listener(self._db.generation))
            listener.subscriptions = [s for s in listener.subscriptions if s not in dropped]

    def current_id(self) -> int:
        """Return the number that the next event will be above."""
        with self._pool.world.access():
            return self._db.generation

    def next(self, session: str, gone: Callable[[], bool]) -> EventList:
        """Wait for events of a session's subscriptions, however long it takes.

        Raises:
            XenError: ``SESSION_NOT_REGISTERED``; ``EVENTS_LOST``; ``SESSION_INVALID`` when the
                session ends meanwhile.
        """
        with self._pool.world.access():
            self._forget_ended()
            listener = self._listeners.get(session)
        if listener is None:
            raise XenError("SESSION_NOT_REGISTERED", self._named(session))
        found: list[Event] = []

        def ready() -> bool:
            if not self._db.exists("session", session):
                return True
            found.extend(self._take(listener))
            return bool(found)

        self._pool.world.park((self._db.name,), ready, None, gone)
        with self._pool.world.access():
            if not self._db.exists("session", session):
                raise XenError("SESSION_INVALID", session)
        return EventList(self._db.model, found)

    def _named(self, session: str) -> str:
        """Name a session in an error; today's release shows a hash of the secret alone."""
        if self._pool.legacy:
            return session
        digest = hashlib.md5(session.encode(), usedforsecurity=False)
        return f"trackid={digest.hexdigest()}"

    def _take(self, listener: _Listener) -> list[Event]:
        """Return the listener's new events and count them as told. Under the lock."""
        log = self._pool.world.log
        since, listener.told = listener.told, self._db.generation
        if since == listener.told:
            return []
        if log.oldest > since + 1:
            raise XenError("EVENTS_LOST")
        entries = self._entries(log.since(since))
        self._check_kept(entries)
        wanted = Filter(self._db, listener.subscriptions)
        relevant = [entry for entry in entries if wanted.wants(entry[1], entry[2])]
        return self._events(relevant)

    def _entries(self, logged: list[events.Event]) -> list[_Entry]:
        prefix = f"{self._db.name}/"
        found = []
        for event in logged:
            if event.kind in ("add", "mod", "del") and event.subject.startswith(prefix):
                cls, _, ref = event.subject.removeprefix(prefix).partition("/")
                found.append((event, cls, ref))
        return found

    def _check_kept(self, entries: list[_Entry]) -> None:
        if not self._pool.legacy or len(entries) <= KEPT_2009:
            return
        every = [s for listener in self._listeners.values() for s in listener.subscriptions]
        kept = Filter(self._db, every)
        if sum(kept.wants(cls, ref) for _, cls, ref in entries) > KEPT_2009:
            raise XenError("EVENTS_LOST")

    def _events(self, entries: list[_Entry]) -> list[Event]:
        """Give each event the record as it was: undone from the present one, newest first.

        Of an object that has gone since, the changes before its end have no record any more
        and are left out; a listener has no use for them.
        """
        records: dict[str, Row] = {}
        found: list[Event] = []
        for event, cls, ref in reversed(entries):
            snapshot = None
            if event.kind != "del":
                snapshot = records.get(ref) or self._db.tables[cls].get(ref)
                if snapshot is None:
                    continue
                records[ref] = _undone(snapshot, event.before or {}, event.after or {})
            found.append(self._event(event, cls, ref, snapshot))
        found.reverse()
        return found

    def _event(self, event: events.Event, cls: str, ref: str, snapshot: Row | None) -> Event:
        copied = None if snapshot is None else snapshot.copy()
        return Event(event.generation, _timestamp(event.time), cls, event.kind, ref, copied)

    def _forget_ended(self) -> None:
        for session in [s for s in self._listeners if not self._db.exists("session", s)]:
            del self._listeners[session]


def _timestamp(seconds: float) -> str:
    """Write a time as the product writes a float: whole seconds end in a bare full stop."""
    return f"{int(LAB_BEGINS.timestamp() + seconds)}."


def _undone(row: Row, before: dict[str, Any], after: dict[str, Any]) -> Row:
    """Return a record as it was before one logged change."""
    undone = row.copy()
    for name, value in before.items():
        undone[name] = _put_back(undone[name], value) if _is_note(value, "removed") else value
    for name, value in after.items():
        if _is_note(value, "added") and isinstance(undone[name], list):
            undone[name] = [item for item in undone[name] if item != value["added"]]
    return undone


def _is_note(value: Any, what: str) -> bool:
    return isinstance(value, dict) and list(value) == [what]


def _put_back(items: Any, note: dict[str, str]) -> Any:
    return [*items, note["removed"]] if isinstance(items, list) else note
