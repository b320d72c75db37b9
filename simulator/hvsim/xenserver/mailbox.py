"""Messages about alerts: sent, read by object and date, and thrown away.

Source: xapi's ``xapi_message``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hvsim.xenserver.dates import stamp
from hvsim.xenserver.errors import XenError
from hvsim.xenserver.messages import message

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim.xenserver.database import Row
    from hvsim.xenserver.messages import Call

_TABLES: Final = {"Host": "host", "Pool": "pool"}
"""Classes that alerts spell differently."""


@message("message.create")
def create(  # noqa: PLR0917 - the message has them
    call: Call, name: str, priority: int, cls: str, obj_uuid: str, body: str
) -> str:
    """Send an alert about an object (``UUID_INVALID``); return its reference."""
    table = _TABLES.get(cls, cls)
    known = call.db.tables.get(table, {}).values()
    if not any(row["uuid"] == obj_uuid for row in known):
        raise XenError("UUID_INVALID", cls, obj_uuid)
    return call.db.add(
        "message",
        {
            "name": name,
            "priority": priority,
            "cls": cls,
            "obj_uuid": obj_uuid,
            "timestamp": stamp(call.world),
            "body": body,
        },
    )


@message("message.get")
def get(call: Call, cls: str, obj_uuid: str, since: str) -> dict[str, Row]:
    """Return the alerts about an object that are later than a date, by reference."""
    return _where(
        call,
        lambda row: row["cls"] == cls and row["obj_uuid"] == obj_uuid and row["timestamp"] > since,
    )


@message("message.get_since")
def get_since(call: Call, since: str) -> dict[str, Row]:
    """Return the alerts of a date and later, by reference."""
    return _where(call, lambda row: row["timestamp"] >= since)


@message("message.destroy")
def destroy(call: Call, ref: str) -> None:
    """Throw an alert away."""
    call.db.remove("message", ref)


@message("message.destroy_many")
def destroy_many(call: Call, messages: list[str]) -> None:
    """Throw alerts away; ends at the first that is not there (``HANDLE_INVALID``)."""
    for ref in messages:
        call.db.remove("message", ref)


@message("message.destroy_all")
def destroy_all(call: Call, filters: dict[str, str]) -> None:
    """Throw all alerts away, or those ``before`` or ``after`` a date or of a ``priority``."""

    def fits(row: Row) -> bool:
        return (
            row["timestamp"] < filters.get("before", "99")
            and row["timestamp"] > filters.get("after", "")
            and str(row["priority"]) == filters.get("priority", str(row["priority"]))
        )

    for ref in _where(call, fits):
        call.db.remove("message", ref)


def _where(call: Call, fits: Callable[[Row], bool]) -> dict[str, Row]:
    return {ref: row for ref, row in call.db.tables["message"].items() if fits(row)}
