"""The two encodings of an answer, behind one face."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Protocol

import orjson

from hvsim_fakes.xenserver import jsonrpc, xmlwriter
from hvsim_fakes.xenserver.documents import documents_of
from hvsim_fakes.xenserver.fragments import Table, fragments_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hvsim.xenserver.database import Database
    from hvsim.xenserver.model import Type
    from hvsim_fakes.xenserver.jsonrpc import JsonCall


class Special(ABC):
    """A result whose XML the data model does not describe."""

    @abstractmethod
    def plain(self) -> Any:
        """Return the result JSON-ready."""

    @abstractmethod
    def xml(self) -> bytes:
        """Return the result as a ``<value>``."""


class Codec(Protocol):
    """How one call's answer is written."""

    content_type: str

    def collect(self, db: Database, cls: str, refs: Iterable[str] | None) -> Any:
        """Gather records of a class for :meth:`value`. Under the world's lock."""

    def value(self, kind: Type, value: Any) -> bytes:
        """Write a result."""

    def error(self, description: Sequence[str]) -> bytes:
        """Write a failure: its code, then its parameters."""

    def fault(self, text: str) -> bytes:
        """Write the refusal of a call that has no asynchronous form."""

    def names(self, names: Sequence[str]) -> bytes:
        """Write the answer to ``system.listMethods``, which has no status."""


class XmlCodec:
    """XML-RPC. ``legacy`` as releases before 6.0 wrote it."""

    content_type = "text/xml"

    def __init__(self, db: Database, *, legacy: bool) -> None:
        self._db = db
        self._legacy = legacy
        self._fragments = fragments_of(db)

    def collect(self, db: Database, cls: str, refs: Iterable[str] | None) -> Table:
        """See :class:`Codec`: copies what is not yet written, to write it outside the lock."""
        return self._fragments.collect(db, cls, refs)

    def value(self, kind: Type, value: Any) -> bytes:
        """See :class:`Codec`."""
        if isinstance(value, Table):
            return self._fragments.write(self._db, value)
        if isinstance(value, Special):
            return xmlwriter.success(value.xml())
        return xmlwriter.success(xmlwriter.result(self._db.model, kind, value))

    def error(self, description: Sequence[str]) -> bytes:
        """See :class:`Codec`."""
        return xmlwriter.failure(description)

    def fault(self, text: str) -> bytes:
        """See :class:`Codec`."""
        if self._legacy:
            return xmlwriter.fault(text)
        return xmlwriter.failure(["Fault", text])

    def names(self, names: Sequence[str]) -> bytes:
        """See :class:`Codec`."""
        return xmlwriter.bare(xmlwriter.array(map(xmlwriter.string, names)))


class JsonCodec:
    """JSON-RPC, in the version the call came in."""

    content_type = "application/json"

    def __init__(self, call: JsonCall) -> None:
        self._call = call

    def collect(self, db: Database, cls: str, refs: Iterable[str] | None) -> orjson.Fragment:
        """See :class:`Codec`: written at once, which takes no longer than copying the rows."""
        if refs is None:
            return orjson.Fragment(documents_of(db).table(db, cls))
        rows = db.tables[cls]
        return orjson.Fragment(orjson.dumps({ref: rows[ref] for ref in refs}))

    def value(self, kind: Type, value: Any) -> bytes:
        """See :class:`Codec`."""
        if isinstance(value, Special):
            value = value.plain()
        elif kind.kind == "void":
            value = ""
        return jsonrpc.success(self._call, value)

    def error(self, description: Sequence[str]) -> bytes:
        """See :class:`Codec`."""
        return jsonrpc.failure(self._call, description)

    def fault(self, text: str) -> bytes:
        """See :class:`Codec`."""
        return jsonrpc.failure(self._call, ["Fault", text])

    def names(self, names: Sequence[str]) -> bytes:
        """See :class:`Codec`."""
        return jsonrpc.success(self._call, list(names))
