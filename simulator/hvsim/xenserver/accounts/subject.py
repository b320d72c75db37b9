"""Users of the directory in a pool, and their roles.

Source: xapi's ``xapi_subject`` and ``xapi_auth``. The lab's accounts are the directory. Sessions
that are open keep the roles they were opened with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hvsim.xenserver.accounts import access
from hvsim.xenserver.accounts import role as known
from hvsim.xenserver.errors import XenError
from hvsim.xenserver.messages import message

if TYPE_CHECKING:
    from hvsim.xenserver.messages import Call


@message("subject.create")
def create(call: Call, fields: dict[str, Any]) -> str:
    """Let a directory user into the pool, without a role yet (``SUBJECT_ALREADY_EXISTS``).

    What the directory knows of it takes the place of the given ``other_config``.
    """
    sid = fields["subject_identifier"]
    if any(row["subject_identifier"] == sid for row in call.db.tables["subject"].values()):
        raise XenError("SUBJECT_ALREADY_EXISTS")
    account = _account(call, sid)
    known_of_it = access.information(account)
    return call.db.add(
        "subject", {"subject_identifier": sid, "other_config": known_of_it, "roles": []}
    )


@message("subject.destroy")
def destroy(call: Call, subject: str) -> None:
    """Shut a directory user out: its next login is refused."""
    call.db.row("subject", subject)
    call.db.remove("subject", subject)


@message("subject.get_permissions_name_label")
def get_permissions_name_label(call: Call, subject: str) -> list[str]:
    """Return the names of the permissions that a subject's roles give it."""
    return known.labels(call, call.db.row("subject", subject)["roles"])


@message("auth.get_subject_identifier")
def get_subject_identifier(call: Call, name: str) -> str:
    """Return the identifier of a directory user (``SUBJECT_CANNOT_BE_RESOLVED``)."""
    account = call.pool.access.accounts.get(name)
    return _account(call, "" if account is None else account.sid).sid


@message("auth.get_subject_information_from_identifier")
def get_subject_information(call: Call, sid: str) -> dict[str, str]:
    """Return what the directory knows of a user."""
    return access.information(_account(call, sid))


@message("auth.get_group_membership")
def get_group_membership(call: Call, sid: str) -> list[str]:
    """Return the groups of a user: the lab's directory has none."""
    _account(call, sid)
    return []


@message("subject.add_to_roles")
def add_to_roles(call: Call, subject: str, role: str) -> None:
    """Give a subject a role (``ROLE_NOT_FOUND``, ``ROLE_ALREADY_EXISTS``)."""
    held = call.db.row("subject", subject)["roles"]
    if role not in known.of(call.pool.model).rows:
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


def _account(call: Call, sid: str) -> access.Account:
    if not any(row["external_auth_type"] for row in call.db.tables["host"].values()):
        raise XenError("AUTH_IS_DISABLED")
    for account in call.pool.access.accounts.values():
        if account.sid and account.sid == sid:
            return account
    raise XenError("SUBJECT_CANNOT_BE_RESOLVED")
