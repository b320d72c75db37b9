"""Whether a caller may send a message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hvsim.xenserver.accounts import permissions, role
from hvsim.xenserver.errors import XenError

if TYPE_CHECKING:
    from hvsim.xenserver.messages import Caller
    from hvsim.xenserver.model import MessageModel
    from hvsim.xenserver.pool import Pool


def check_roles(message: MessageModel, caller: Caller, args: list[Any]) -> None:
    """Raise ``RBAC_PERMISSION_DENIED`` unless one of the caller's roles may send the message.

    Local sessions and the superuser (who holds every right) may send anything.
    """
    if caller.local or "pool-admin" in caller.roles:
        return
    role.demand(caller, *permissions.needed(message, args))


def check_origin(pool: Pool, message: MessageModel, caller: Caller) -> None:
    """Raise ``INTERNAL_ERROR`` when a client sends what only the pool's own hosts may send."""
    if not message.pool_internal or caller.local:
        return
    row = pool.db.tables["session"].get(caller.session, {})
    if not row.get("pool"):
        call = "call" if pool.legacy else f'"{message.name}" call'
        text = f"Internal API {call} attempted with non-pool (external) session"
        raise XenError("INTERNAL_ERROR", text)


_READING_VERBS = (
    "get_", "assert_", "is_", "has_", "query_", "retrieve_", "compute_", "maximise_", "list_",
    "dmesg",
)  # fmt: skip
_OWN_AFFAIRS = ("session", "event")


def is_write(message: MessageModel) -> bool:
    """Whether a message can change what the pool's users see.

    Judged by the model alone: what a read-only role may send changes nothing of theirs, nor do
    sessions and event subscriptions, whoever may open them.
    """
    if message.cls in _OWN_AFFAIRS and message.kind == "custom":
        return False
    return not message.verb.startswith(_READING_VERBS) and "read-only" not in message.roles
