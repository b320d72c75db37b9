"""What an event listener wants to hear of: ``*``, a class, or one object."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hvsim.xenserver.database import Database


@dataclass(frozen=True, slots=True)
class Subscription:
    """One wish. ``cls`` is lower case, ``None`` for everything; ``ref`` ``None`` for a class."""

    cls: str | None
    ref: str | None = None

    def wants(self, cls: str, ref: str) -> bool:
        """Whether an event of that class (any case) and object is meant."""
        return self.cls is None or (
            self.cls == cls.lower() and (self.ref is None or self.ref == ref)
        )


def parse(text: str, *, objects: bool) -> Subscription:
    """Read ``*``, ``VM`` or ``VM/OpaqueRef:...``.

    Args:
        objects: whether the release knows subscriptions to single objects.
    """
    if text == "*":
        return Subscription(None)
    cls, slash, ref = text.partition("/")
    if not objects or not slash:
        return Subscription(text.lower())
    return Subscription(cls.lower(), ref)


class Filter:
    """A set of wishes, against a pool's classes that produce events."""

    def __init__(self, db: Database, subscriptions: Iterable[Subscription]) -> None:
        self.subscriptions = tuple(subscriptions)
        self._db = db
        self._classes = {
            name
            for name, facts in db.model.classes.items()
            if facts.events and any(s.cls in (None, name.lower()) for s in self.subscriptions)
        }
        self._everything = {
            name
            for name in self._classes
            if any(s.cls in (None, name.lower()) and not s.ref for s in self.subscriptions)
        }

    def wants(self, cls: str, ref: str) -> bool:
        """Whether a change of that row is to be told."""
        if cls in self._everything:
            return True
        return cls in self._classes and any(s.wants(cls, ref) for s in self.subscriptions)

    def topics(self) -> tuple[str, ...]:
        """Return what to be woken by."""
        name = self._db.name
        if any(s.cls is None for s in self.subscriptions):
            return (name,)
        classes = (f"{name}/{cls}" for cls in sorted(self._everything))
        objects = (
            f"{name}/{facts.name}/{s.ref}"
            for s in self.subscriptions
            if s.ref is not None and (facts := self._db.model.class_named(s.cls or "")) is not None
        )
        return (*classes, *objects)

    @property
    def tasks_only(self) -> bool:
        """Whether only tasks are meant: those changes are told without gathering."""
        return all(s.cls == "task" for s in self.subscriptions)
