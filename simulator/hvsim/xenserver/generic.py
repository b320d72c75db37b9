"""Behaviour of the messages that every class and field implies, and of those nobody wrote.

Sources: XenAPI reference ("implicit messages"); xapi's database layer for the edge cases.
Reads (getters, ``get_record``...) never come here: they are answered from the database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hvsim.xenserver.errors import XenError
from hvsim.xenserver.messages import message

if TYPE_CHECKING:
    from hvsim.xenserver.database import Database
    from hvsim.xenserver.messages import Call


def carry_out(call: Call, args: list[Any]) -> None:
    """Carry out a message that has no behaviour of its own.

    Raises:
        XenError: ``NOT_IMPLEMENTED`` with the message's name when none is implied either.
    """
    facts = call.pool.model.message(call.message)
    if facts is None:
        raise XenError("MESSAGE_METHOD_UNKNOWN", call.message)
    if facts.field is None:
        raise XenError("NOT_IMPLEMENTED", call.message)
    match facts.kind:
        case "field_set":
            set_field(call.db, facts.cls, facts.field, *args)
        case "field_add":
            add_to(call.db, facts.cls, facts.field, *args)
        case "field_remove":
            remove_from(call.db, facts.cls, facts.field, *args)
        case _:
            raise XenError("NOT_IMPLEMENTED", call.message)


def set_field(db: Database, cls: str, field: str, ref: str, value: Any) -> None:
    """Set a field. Raises ``HANDLE_INVALID``."""
    db.change(cls, ref, **{field: value})


def add_to(  # noqa: PLR0917 - the place, then the message's own arguments
    db: Database, cls: str, field: str, ref: str, key: str, value: Any = None
) -> None:
    """Add a key to a map field, or a member to a set field.

    Raises:
        XenError: ``HANDLE_INVALID``; ``MAP_DUPLICATE_KEY`` when the map has the key already. A
            set takes the same member twice in silence.
    """
    present = db.row(cls, ref)[field]
    if isinstance(present, list):
        if key not in present:
            db.change(cls, ref, **{field: [*present, key]})
        return
    if key in present:
        raise XenError("MAP_DUPLICATE_KEY", cls, field, ref, key)
    db.change(cls, ref, **{field: {**present, key: value}})


def remove_from(db: Database, cls: str, field: str, ref: str, key: str) -> None:
    """Remove a key of a map field or a member of a set field; fine if it is not there.

    Raises:
        XenError: ``HANDLE_INVALID``.
    """
    present = db.row(cls, ref)[field]
    if isinstance(present, list):
        kept: Any = [item for item in present if item != key]
    else:
        kept = {name: item for name, item in present.items() if name != key}
    db.change(cls, ref, **{field: kept})


@message("event.inject")
def inject(call: Call, cls: str, ref: str) -> str:
    """Mark a row as changed; return an ``event.from`` token from just before.

    Raises:
        XenError: ``HANDLE_INVALID`` unless the row is of exactly that class.
    """
    if call.db.class_of.get(ref) != cls:
        raise XenError("HANDLE_INVALID", cls, ref)
    before = call.db.generation
    call.db.touch(cls, ref)
    return f"{before:020d},{0:020d}"
