"""Roles of the directory's users and groups in a pool.

Source: xapi's ``xapi_subject``. Sessions that are open keep the roles they were opened with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim.xenserver.errors import XenError
from hvsim.xenserver.messages import message

if TYPE_CHECKING:
    from hvsim.xenserver.messages import Call


@message("subject.add_to_roles")
def add_to_roles(call: Call, subject: str, role: str) -> None:
    """Give a subject a role (``ROLE_NOT_FOUND``, ``ROLE_ALREADY_EXISTS``)."""
    held = call.db.row("subject", subject)["roles"]
    if not call.db.exists("role", role):
        raise XenError("ROLE_NOT_FOUND")
    if role in held:
        raise XenError("ROLE_ALREADY_EXISTS")
    call.db.change("subject", subject, roles=[*held, role])


@message("subject.remove_from_roles")
def remove_from_roles(call: Call, subject: str, role: str) -> None:
    """Take a role from a subject (``ROLE_NOT_FOUND`` when it does not have it)."""
    held = call.db.row("subject", subject)["roles"]
    if role not in held:
        raise XenError("ROLE_NOT_FOUND")
    call.db.change("subject", subject, roles=[other for other in held if other != role])
