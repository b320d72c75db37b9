"""Keeps whole tables written as JSON: a change costs the rows it touched and a join of bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

import orjson

if TYPE_CHECKING:
    from hvsim.xenserver.database import Database, Row

LIMIT: Final = 256 * 1024 * 1024
"""Bytes kept for one pool; beyond it tables are written anew each time."""

_caches: WeakKeyDictionary[Database, Documents] = WeakKeyDictionary()


def documents_of(db: Database) -> Documents:
    """Return the documents of a pool's database, shared by all its members' endpoints."""
    found = _caches.get(db)
    if found is None:
        found = _caches[db] = Documents()
    return found


class _Document:
    """A table's members ``"reference":{record}`` in its order, and their join."""

    __slots__ = ("generation", "members", "whole")

    def __init__(self, db: Database, cls: str) -> None:
        self.generation = db.generation
        self.members = {ref: _member(ref, row) for ref, row in db.tables[cls].items()}
        self.whole = self._join()

    def follow(self, db: Database, cls: str) -> None:
        """Bring it up to the table, which has changed."""
        changes = db.changes_since(self.generation)
        self.generation = db.generation
        rows = db.tables[cls]
        # New members go to the end, in the order in which their rows came.
        for kind, ref, _ in sorted(changes.changed, key=lambda change: db.created[change[1]]):
            if kind == cls:
                self.members[ref] = _member(ref, rows[ref])
        for kind, ref in changes.deleted:
            if kind == cls:
                self.members.pop(ref, None)
        self.whole = self._join()

    def _join(self) -> bytes:
        return b"{" + b",".join(self.members.values()) + b"}"


class Documents:
    """The documents of a pool by class. Everything here happens under the world's lock."""

    def __init__(self) -> None:
        self._kept: dict[str, _Document] = {}

    def table(self, db: Database, cls: str) -> bytes:
        """Return all records of a class as a JSON object by reference."""
        document = self._kept.get(cls)
        if document is None or not db.remembers(document.generation):
            document = _Document(db, cls)
            self._remember(cls, document)
        elif document.generation < db.latest[cls]:
            document.follow(db, cls)
        return document.whole

    def _remember(self, cls: str, document: _Document) -> None:
        others = sum(2 * len(kept.whole) for name, kept in self._kept.items() if name != cls)
        if others + 2 * len(document.whole) <= LIMIT:
            self._kept[cls] = document
        else:
            self._kept.pop(cls, None)


def _member(ref: str, row: Row) -> bytes:
    return b'"%b":%b' % (ref.encode(), orjson.dumps(row))
