"""Keeps records written as XML, so that a large answer is mostly a join of bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias
from weakref import WeakKeyDictionary

from hvsim_fakes.xenserver import xmlwriter

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hvsim.xenserver.database import Database, Row

LIMIT: Final = 256 * 1024 * 1024
"""Bytes of fragments kept for one pool; beyond it nothing new is kept."""

_HEAD: Final = xmlwriter.SUCCESS_HEAD + b"<value><struct>"
_TAIL: Final = b"</struct></value>" + xmlwriter.TAIL

_caches: WeakKeyDictionary[Database, Fragments] = WeakKeyDictionary()


def fragments_of(db: Database) -> Fragments:
    """Return the fragments of a pool's database, shared by all its members' endpoints."""
    found = _caches.get(db)
    if found is None:
        found = _caches[db] = Fragments()
    return found


Fragment: TypeAlias = tuple[int, bytes]
"""A record already written, and the row's generation when it was."""


@dataclass(slots=True)
class Table:
    """The records of a class: for each its reference, its row's generation and its row.

    Where a current fragment is at hand, that stands in the row's place.
    """

    cls: str
    whole: bool
    entries: list[tuple[str, int, Row | bytes]]


class Fragments:
    """Struct members ``reference -> record`` by class, each with its row's generation.

    Whole tables are replaced, never changed in place, so threads may share them unlocked.
    """

    def __init__(self) -> None:
        self._tables: dict[str, dict[str, Fragment]] = {}
        self._sizes: dict[str, int] = {}

    def collect(self, db: Database, cls: str, refs: Iterable[str] | None) -> Table:
        """Collect records of a class, all or those of ``refs``. Under the world's lock."""
        known = self._tables.get(cls, {})
        rows, modified = db.tables[cls], db.modified
        entries: list[tuple[str, int, Row | bytes]] = []
        for ref in rows if refs is None else refs:
            generation = modified[ref]
            fragment = known.get(ref)
            if fragment is not None and fragment[0] == generation:
                entries.append((ref, generation, fragment[1]))
            else:
                entries.append((ref, generation, rows[ref].copy()))
        return Table(cls, refs is None, entries)

    def write(self, db: Database, table: Table) -> bytes:
        """Return the answer that carries a collected table; remember it if the class is whole."""
        write = xmlwriter.record_writer(db.model, table.cls).member
        written: dict[str, Fragment] = {}
        for ref, generation, row in table.entries:
            if isinstance(row, bytes):
                written[ref] = (generation, row)
            else:
                written[ref] = (generation, write(ref, row))
        members = [fragment for _, fragment in written.values()]
        if table.whole:
            self._remember(table.cls, written, sum(map(len, members)))
        return b"".join((_HEAD, *members, _TAIL))

    def _remember(self, cls: str, written: dict[str, Fragment], size: int) -> None:
        others = sum(self._sizes.values()) - self._sizes.get(cls, 0)
        if others + size <= LIMIT:
            self._tables[cls] = written
            self._sizes[cls] = size
