"""Roles and the permissions they are made of: rows that every pool of a release has.

Source: xapi's ``xapi_role`` and ``gen_rbac``. They are no part of a pool's database: no event
tells of them, and their references are the same everywhere. A permission is a role without
subroles.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from hvsim.xenserver.accounts import permissions
from hvsim.xenserver.errors import XenError
from hvsim.xenserver.messages import Call, Caller, message
from hvsim.xenserver.release import ROLES

if TYPE_CHECKING:
    from hvsim.xenserver.database import Row
    from hvsim.xenserver.model import Model

_PREFIX: Final = "OpaqueRef:"
_POOL_ADMIN: Final = "0165f154-ba3e-034e-6b27-5d271af109ba"
_CERTIFIED: Final = "client-cert"
_ORDER: Final = (
    "vm-power-admin", "vm-admin", "vm-operator", "read-only", _CERTIFIED, "pool-admin",
    "pool-operator",
)  # fmt: skip
"""Roles in the order that the product lists them in."""


@dataclass(frozen=True, slots=True)
class Roles:
    """A release's roles and permissions: records by reference, references by name."""

    rows: dict[str, Row]
    named: dict[str, str]

    def row(self, ref: str) -> Row:
        """Return a record.

        Raises:
            XenError: ``HANDLE_INVALID``.
        """
        try:
            return self.rows[ref]
        except KeyError:
            raise XenError("HANDLE_INVALID", "role", ref) from None

    def leaves(self, ref: str) -> list[str]:
        """Return the permissions of a role; of a permission, itself."""
        return list(self.row(ref)["subroles"]) or [ref]

    def holders(self, permission: str | None) -> list[str]:
        """Return the roles that a permission is part of."""
        return [ref for ref, row in self.rows.items() if permission in row["subroles"]]


@lru_cache(maxsize=8)
def of(model: Model) -> Roles:
    """Return the roles of a release; none of one that knows none."""
    if "role" not in model.classes:
        return Roles({}, {})
    known = permissions.of(model)
    # The permissions are the pool administrator's: nobody else has one that he has not.
    refs = {name: _ref(name) for name, roles in known.items() if "pool-admin" in roles}
    rows: dict[str, Row] = {
        ref: _row(ref, name, "A single permission", [], internal=True) for name, ref in refs.items()
    }
    for name in _ORDER:
        parts = [ref for permission, ref in refs.items() if name in known[permission]]
        internal = name == _CERTIFIED
        text = ROLES.get(name, "What a client that shows a certificate may do")
        ref = _PREFIX + _POOL_ADMIN if name == "pool-admin" else _ref(name)
        rows[ref] = _row(ref, name, text, parts, internal=internal)
    return Roles(rows, {row["name_label"]: ref for ref, row in rows.items()})


def demand(caller: Caller, permission: str, holders: frozenset[str]) -> None:
    """Raise ``RBAC_PERMISSION_DENIED`` unless the caller has a role with a permission."""
    if holders.isdisjoint(caller.roles):
        text = f"No permission in user session. {_told(holders)}"
        raise XenError("RBAC_PERMISSION_DENIED", permission, text)


def demand_change(call: Call, owner: str, before: dict[str, str], after: dict[str, str]) -> None:
    """Raise ``RBAC_PERMISSION_DENIED`` unless the caller may replace a map by another.

    Args:
        owner: the class and the field, e.g. ``VM.other_config``.
    """
    for permission, holders in permissions.of_change(owner, before, after):
        demand(call.caller, permission, holders)


@message("role.get_all")
def get_all(call: Call) -> list[str]:
    """Return permissions and roles."""
    return list(_known(call).rows)


@message("role.get_all_where")
def get_all_where(call: Call, expr: str) -> list[str]:
    """Return what :func:`get_all_records_where` tells of."""
    return list(get_all_records_where(call, expr))


@message("role.get_all_records")
def get_all_records(call: Call) -> dict[str, Row]:
    """Return the records of permissions and roles."""
    return dict(_known(call).rows)


@message("role.get_all_records_where")
def get_all_records_where(call: Call, expr: str) -> dict[str, Row]:
    """Return all records; two expressions select roles or permissions, no other is looked at."""
    rows = _known(call).rows
    if expr not in ("subroles<>[]", "subroles=[]"):
        return dict(rows)
    composed = expr == "subroles<>[]"
    return {ref: row for ref, row in rows.items() if (row["name_label"] in _ORDER) == composed}


@message("role.get_by_uuid")
def get_by_uuid(call: Call, uuid: str) -> str:
    """Return the reference (``UUID_INVALID``)."""
    ref = _PREFIX + uuid
    if ref not in _known(call).rows:
        raise XenError("UUID_INVALID", "role", uuid)
    return ref


@message("role.get_by_name_label")
def get_by_name_label(call: Call, label: str) -> list[str]:
    """Return the one role or permission of that name, if there is one."""
    ref = _known(call).named.get(label)
    return [] if ref is None else [ref]


@message("role.get_record")
def get_record(call: Call, role: str) -> Row:
    """Return the record."""
    return _known(call).row(role)


@message(
    "role.get_uuid", "role.get_name_label", "role.get_name_description", "role.get_subroles",
    "role.get_is_internal",
)  # fmt: skip
def get_field(call: Call, role: str) -> Any:
    """Return the field that the message is named after."""
    return _known(call).row(role)[call.message.removeprefix("role.get_")]


@message("role.get_permissions")
def get_permissions(call: Call, role: str) -> list[str]:
    """Return the permissions of a role."""
    return _known(call).leaves(role)


@message("role.get_permissions_name_label")
def get_permissions_name_label(call: Call, role: str) -> list[str]:
    """Return the names of the permissions of a role."""
    return labels(call, [role])


@message("role.get_by_permission")
def get_by_permission(call: Call, permission: str) -> list[str]:
    """Return the roles with a permission."""
    return _known(call).holders(permission)


@message("role.get_by_permission_name_label")
def get_by_permission_name_label(call: Call, label: str) -> list[str]:
    """Return the roles with a permission of that name."""
    known = _known(call)
    return known.holders(known.named.get(label))


def labels(call: Call, roles: list[str]) -> list[str]:
    """Return the names of all permissions of some roles, each once."""
    known = _known(call)
    leaves = dict.fromkeys(leaf for role in roles for leaf in known.leaves(role))
    return [known.rows[leaf]["name_label"] for leaf in leaves]


def _known(call: Call) -> Roles:
    return of(call.pool.model)


def _ref(name: str) -> str:
    digest = hashlib.md5(name.encode(), usedforsecurity=False).digest()
    return f"{_PREFIX}{UUID(bytes=digest)}"


def _row(ref: str, name: str, text: str, parts: list[str], *, internal: bool) -> Row:
    return {
        "uuid": ref.removeprefix(_PREFIX),
        "name_label": name.lower(),
        "name_description": text,
        "subroles": parts,
        "is_internal": internal,
    }


def _told(names: frozenset[str]) -> str:
    """Return what a refusal says of the roles that would not be refused."""
    listed = ", ".join(name for name in _ORDER if name in names)
    return f"(Roles with this permission: {listed})"
