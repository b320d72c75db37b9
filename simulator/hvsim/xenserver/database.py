"""A pool's database: rows of plain values, one table a class, every change logged."""

from __future__ import annotations

from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from hvsim.xenserver.errors import XenError
from hvsim.xenserver.model import NULL_REF, Model

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hvsim.events import EventLog
    from hvsim.streams import Streams

Row: TypeAlias = dict[str, Any]

_REMEMBERED = 100_000
"""Deleted rows remembered for readers of changes."""


@dataclass(slots=True)
class Changes:
    """What happened to rows since a generation; each row once, in its present state.

    ``changed`` holds (class, ref, whether it is new since), oldest change first; ``deleted``
    holds (class, ref) of rows that were there at that generation and are gone.
    """

    generation: int
    changed: list[tuple[str, str, bool]] = field(default_factory=list)
    deleted: list[tuple[str, str]] = field(default_factory=list)


class Database:
    """Rows by class and reference.

    A row holds exactly the fields of the profile's record, JSON-ready. Values are replaced,
    never changed in place, so rows may share them and a reader under the world's lock may keep
    them. The "many" side of a relation (``VM.VBDs``) follows its "one" side (``VBD.VM``).

    Args:
        name: path of the pool in event subjects.
        model: the profile's data model.
    """

    def __init__(self, name: str, model: Model, log: EventLog, streams: Streams) -> None:
        self.name = name
        self.model = model
        self.tables: dict[str, dict[str, Row]] = {
            cls: {}
            for cls, facts in model.classes.items()
            # The product keeps alerts outside its database; here they are rows like any other.
            if facts.in_database or cls == "message"
        }
        self.modified: dict[str, int] = {}
        """Generation of each row's last change by reference, oldest first."""
        self.created: dict[str, int] = {}
        self.latest: dict[str, int] = dict.fromkeys(self.tables, 0)
        """Generation of the last change in each table: key for caches of whole tables."""
        self.class_of: dict[str, str] = {}
        self._log = log
        self._streams = streams
        self._deleted: deque[tuple[int, int, str, str]] = deque(maxlen=_REMEMBERED)
        self._uuids: dict[str, dict[str, str]] = {cls: {} for cls in self.tables}
        self._templates: dict[str, Row] = {}
        self._many = _many_sides(model)
        self._bulk: dict[tuple[str, str, str], list[str]] | None = None

    @property
    def generation(self) -> int:
        """The world's generation counter."""
        return self._log.generation

    def row(self, cls: str, ref: str) -> Row:
        """Return a row; raise ``HANDLE_INVALID`` when there is none. Never change it in place."""
        try:
            return self.tables[cls][ref]
        except KeyError:
            raise XenError("HANDLE_INVALID", cls, ref) from None

    def exists(self, cls: str, ref: str) -> bool:
        """Whether there is such a row."""
        return ref in self.tables[cls]

    def by_uuid(self, cls: str, uuid: str) -> str:
        """Return the reference of the row with that UUID, or raise ``UUID_INVALID``."""
        try:
            return self._uuids[cls][uuid]
        except KeyError:
            raise XenError("UUID_INVALID", cls, uuid) from None

    def new_ref(self, cls: str) -> str:
        """Return a fresh reference for a row of ``cls``."""
        return "OpaqueRef:" + self._streams.uuid(f"{self.name}/{cls}/ref")

    def new_uuid(self, cls: str) -> str:
        """Return a fresh UUID for a row of ``cls``."""
        return self._streams.uuid(f"{self.name}/{cls}/uuid")

    def add(self, cls: str, fields: Row, ref: str | None = None) -> str:
        """Add a row: the class's empty record with ``fields`` (unknown ones are left out).

        Fields that the profile's release does not have are dropped, so that callers need not
        know which release introduced what.
        """
        ref = ref or self.new_ref(cls)
        row = self._template(cls).copy()
        row.update((name, value) for name, value in fields.items() if name in row)
        if "uuid" in row and not row["uuid"]:
            row["uuid"] = self.new_uuid(cls)
        self.tables[cls][ref] = row
        self.class_of[ref] = cls
        if "uuid" in row:
            self._uuids[cls][row["uuid"]] = ref
        self.created[ref] = self._note("add", cls, ref, None, row)
        self.modified[ref] = self.created[ref]
        for one, target, many in self._many.get(cls, ()):
            self._link(target, many, row[one], ref)
        return ref

    def change(self, cls: str, ref: str, /, **fields: Any) -> bool:
        """Set fields of a row; return whether that changed any. Unknown fields are left out."""
        row = self.row(cls, ref)
        after = {
            name: value for name, value in fields.items() if name in row and row[name] != value
        }
        if not after:
            return False
        before = {name: row[name] for name in after}
        row.update(after)
        self._touch(ref, self._note("mod", cls, ref, before, after))
        for one, target, many in self._many.get(cls, ()):
            if one in after:
                self._unlink(target, many, before[one], ref)
                self._link(target, many, after[one], ref)
        return True

    def remove(self, cls: str, ref: str) -> None:
        """Remove a row; raise ``HANDLE_INVALID`` when there is none."""
        row = self.row(cls, ref)
        for one, target, many in self._many.get(cls, ()):
            self._unlink(target, many, row[one], ref)
        del self.tables[cls][ref]
        del self.modified[ref]
        del self.class_of[ref]
        self._uuids[cls].pop(row.get("uuid", ""), None)
        generation = self._note("del", cls, ref, {"uuid": row.get("uuid", "")}, None)
        self._deleted.append((generation, self.created.pop(ref), cls, ref))

    def touch(self, cls: str, ref: str) -> int:
        """Mark a row as changed without changing it; return the generation (event.inject)."""
        self.row(cls, ref)
        generation = self._note("mod", cls, ref, {}, {})
        self._touch(ref, generation)
        return generation

    def changes_since(self, generation: int) -> Changes:
        """Return what changed after ``generation``."""
        found = Changes(self.generation)
        for ref in reversed(self.modified):
            if self.modified[ref] <= generation:
                break
            found.changed.append((self.class_of[ref], ref, self.created[ref] > generation))
        found.changed.reverse()
        for at, created, cls, ref in reversed(self._deleted):
            if at <= generation:
                break
            if created <= generation:
                found.deleted.append((cls, ref))
        found.deleted.reverse()
        return found

    def remembers(self, generation: int) -> bool:
        """Whether :meth:`changes_since` still knows every row deleted after ``generation``."""
        full = len(self._deleted) == self._deleted.maxlen
        return not full or self._deleted[0][0] <= generation

    @contextmanager
    def bulk(self) -> Iterator[None]:
        """Gather the "many" sides of what is added in a ``with`` block, and set them at its end."""
        self._bulk = {}
        try:
            yield
        finally:
            gathered, self._bulk = self._bulk, None
            for (cls, ref, name), members in gathered.items():
                if ref in self.tables[cls]:
                    self.change(cls, ref, **{name: self.tables[cls][ref][name] + members})

    def topics(self, cls: str, ref: str) -> tuple[str, ...]:
        """Return what a change of a row wakes: waiters of the class, the row and the pool."""
        return (f"{self.name}/{cls}", f"{self.name}/{cls}/{ref}", self.name)

    def _template(self, cls: str) -> Row:
        template = self._templates.get(cls)
        if template is None:
            template = self._templates[cls] = dict(self.model.default_row(cls))
        return template

    def _note(self, kind: str, cls: str, ref: str, before: Any, after: Any) -> int:
        subject = f"{self.name}/{cls}/{ref}"
        kept = after.copy() if kind == "add" and self._log.retain else after
        generation = self._log.append(kind, subject, before, kept, self.topics(cls, ref))
        self.latest[cls] = generation
        return generation

    def _touch(self, ref: str, generation: int) -> None:
        # Taken out first, so that the order of `modified` is the order of changes.
        del self.modified[ref]
        self.modified[ref] = generation

    def _link(self, cls: str, name: str, ref: str, member: str) -> None:
        if ref == NULL_REF:
            return
        if self._bulk is not None:
            self._bulk.setdefault((cls, ref, name), []).append(member)
            return
        row = self.tables[cls].get(ref)
        if row is not None and member not in row[name]:
            row[name] = [*row[name], member]
            self._touch(ref, self._note("mod", cls, ref, {}, {name: {"added": member}}))

    def _unlink(self, cls: str, name: str, ref: str, member: str) -> None:
        row = self.tables[cls].get(ref)
        if row is not None and member in row[name]:
            row[name] = [other for other in row[name] if other != member]
            self._touch(ref, self._note("mod", cls, ref, {name: {"removed": member}}, {}))


def _many_sides(model: Model) -> dict[str, list[tuple[str, str, str]]]:
    """Return by class its "one" fields with the class and "many" field that mirror each."""
    found: dict[str, list[tuple[str, str, str]]] = {}
    for cls, one, target, many in model.relations:
        kinds = (
            model.classes[cls].fields[one].type.kind,
            model.classes[target].fields[many].type.kind,
        )
        if kinds == ("ref", "set"):
            found.setdefault(cls, []).append((one, target, many))
    return found
