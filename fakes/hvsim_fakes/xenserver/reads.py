"""Answers the messages that only read, straight from the pool's database.

Everything here runs under the world's lock and only collects; writing the answer happens
outside. Rows are copied where a later change could reach them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from hvsim_fakes.xenserver import expressions

if TYPE_CHECKING:
    from hvsim.xenserver.database import Database, Row
    from hvsim.xenserver.model import MessageModel

Collector: TypeAlias = Callable[["Database", str, "Iterable[str] | None"], Any]
"""Gathers the records of a class, all or those of some references, for one encoding."""

Reader: TypeAlias = Callable[["Database", "MessageModel", list[Any], Collector], Any]


def reader_of(message: MessageModel) -> Reader | None:
    """Return what answers a message, or ``None`` if it does more than read."""
    # Alerts are no part of the product's database, so their reads are declared one by one.
    return _READERS.get(message.verb if message.cls == "message" else message.kind)


def _field(db: Database, message: MessageModel, args: list[Any], _: object) -> Any:
    return db.row(message.cls, args[0])[message.field or ""]


def _record(db: Database, message: MessageModel, args: list[Any], _: object) -> Row:
    return db.row(message.cls, args[0]).copy()


def _by_uuid(db: Database, message: MessageModel, args: list[Any], _: object) -> str:
    return db.by_uuid(message.cls, args[0])


def _by_name(db: Database, message: MessageModel, args: list[Any], _: object) -> list[str]:
    rows = db.tables[message.cls]
    return [ref for ref, row in rows.items() if row["name_label"] == args[0]]


def _all(db: Database, message: MessageModel, _args: list[Any], _: object) -> list[str]:
    return list(db.tables[message.cls])


def _all_where(db: Database, message: MessageModel, args: list[Any], _: object) -> list[str]:
    wanted = expressions.parse(args[0], db.model.classes[message.cls])
    return [ref for ref, row in db.tables[message.cls].items() if wanted(ref, row)]


def _all_records(db: Database, message: MessageModel, _args: list[Any], collect: Collector) -> Any:
    return collect(db, message.cls, None)


def _all_records_where(
    db: Database, message: MessageModel, args: list[Any], collect: Collector
) -> Any:
    return collect(db, message.cls, _all_where(db, message, args, collect))


_READERS: Final[dict[str, Reader]] = {
    "field_get": _field,
    "get_record": _record,
    "get_by_uuid": _by_uuid,
    "get_by_name_label": _by_name,
    "get_all": _all,
    "get_all_where": _all_where,
    "get_all_records": _all_records,
    "get_all_records_where": _all_records_where,
}
