"""What VMM's database says: records by kind, each with the generation of its last change.

A record may be behind what is true on the hosts. Fields bear the names of VMM's own properties;
``...ID`` fields name other records. Values are JSON-ready and never changed in place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hvsim.scvmm.errors import VmmError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hvsim.events import EventLog


class Record:
    """One object of VMM's: its kind, its ID and its fields.

    Attributes:
        revision: generation of its last change, or of the last change of its parts.
    """

    __slots__ = ("fields", "id", "kind", "revision")

    def __init__(self, kind: str, ident: str, fields: dict[str, Any], revision: int) -> None:
        self.kind = kind
        self.id = ident
        self.fields = fields
        self.revision = revision

    def __getitem__(self, name: str) -> Any:
        """Return a field; None when it was never set."""
        return self.fields.get(name)

    @property
    def name(self) -> str:
        """What it is called."""
        return str(self.fields.get("Name") or "")


class Store:
    """All records of a VMM server.

    Args:
        path: the server's path in the event log.
    """

    def __init__(self, path: str, log: EventLog) -> None:
        self._path = path
        self._log = log
        self._kinds: dict[str, dict[str, Record]] = {}
        self._parts: dict[tuple[str, str], dict[str, Record]] = {}
        self.modified: dict[str, int] = {}
        """By kind, the generation of the last change of any record of it."""

    def path(self, record: Record) -> str:
        """Return a record's path in the event log."""
        return f"{self._path}/{record.kind}/{record.id}"

    def add(self, kind: str, ident: str, fields: dict[str, Any]) -> Record:
        """Add a record; one with a ``ParentID`` is a part of that."""
        record = Record(kind, ident, fields, 0)
        self._kinds.setdefault(kind, {})[ident] = record
        parent = fields.get("ParentID")
        if parent:
            self._parts.setdefault((kind, parent), {})[ident] = record
        self._note("add", record, None, fields)
        return record

    def change(self, record: Record, **fields: Any) -> bool:
        """Change fields of a record; return whether anything changed."""
        before = {
            key: record.fields.get(key)
            for key, value in fields.items()
            if record.fields.get(key) != value
        }
        if not before:
            return False
        after = {key: fields[key] for key in before}
        if "ParentID" in after:
            self._move(record, before["ParentID"], after["ParentID"])
        record.fields = record.fields | after
        self._note("mod", record, before, after)
        return True

    def remove(self, record: Record) -> None:
        """Remove a record and all its parts."""
        for (_, parent), parts in list(self._parts.items()):
            if parent == record.id:
                for part in list(parts.values()):
                    self.remove(part)
        del self._kinds[record.kind][record.id]
        if record["ParentID"]:
            self._parts[record.kind, record["ParentID"]].pop(record.id, None)
        self._note("del", record, record.fields, None)

    def find(self, kind: str, ident: str | None) -> Record | None:
        """Return a record, or None."""
        return self._kinds.get(kind, {}).get(ident) if ident else None

    def get(self, kind: str, ident: str | None) -> Record:
        """Return a record; raises error 801 when it is not there (any more)."""
        found = self.find(kind, ident)
        if found is None:
            raise VmmError(801, kind=kind, name=ident or "")
        return found

    def of(self, kind: str) -> list[Record]:
        """Return the records of a kind, oldest first."""
        return list(self._kinds.get(kind, {}).values())

    def parts(self, kind: str, parent: str) -> list[Record]:
        """Return the parts of a kind that something has."""
        return list(self._parts.get((kind, parent), {}).values())

    def named(self, kind: str, name: str) -> Record | None:
        """Return the record of a kind with a name (whatever its case), or None."""
        wanted = name.lower()
        return next((one for one in self.of(kind) if one.name.lower() == wanted), None)

    def kinds(self) -> Iterator[str]:
        """Give the kinds that there are records of, sorted."""
        yield from sorted(self._kinds)

    def _move(self, record: Record, before: str | None, after: str | None) -> None:
        if before:
            self._parts[record.kind, before].pop(record.id, None)
        if after:
            self._parts.setdefault((record.kind, after), {})[record.id] = record

    def _note(self, kind: str, record: Record, before: Any, after: Any) -> None:
        topics = (self._path, f"{self._path}/{record.kind}")
        generation = self._log.append(kind, self.path(record), before, after, topics)
        record.revision = self.modified[record.kind] = generation
        self._touch(record["ParentID"], generation)

    def _touch(self, ident: str | None, generation: int) -> None:
        """Let what has a part count as changed with it."""
        if not ident:
            return
        for kind in ("VM", "VMTemplate", "HardwareProfile", "VMHost"):
            owner = self.find(kind, ident)
            if owner is not None:
                owner.revision = self.modified[kind] = generation
