"""``AuthorizationManager``: who may do what, as clients ask for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim.vcenter import permission
from hvsim.vcenter.access import EVERY
from hvsim.vcenter.faults import VimFault
from hvsim.vcenter.privilege import PRIVILEGES
from hvsim.vcenter.session import normal
from hvsim.vcenter.values import Data, Ref, data
from hvsim_fakes.vcenter.context import Context, local

if TYPE_CHECKING:
    from collections.abc import Iterator


@local("AuthorizationManager.RetrieveAllPermissions")
def all_permissions(context: Context, this: Ref) -> list[Data]:
    """Return every permission there is."""
    return list(_all(context))


def _all(context: Context) -> Iterator[Data]:
    for moid in context.vcenter.access.grants:
        yield from permission.shown(context.vcenter, moid)


@local("AuthorizationManager.RetrieveEntityPermissions")
def entity_permissions(context: Context, this: Ref, entity: Ref, inherited: bool) -> list[Data]:
    """Return the permissions given on an entity, with those it has from above if asked.

    What a user has from further above, and has otherwise nearer by, does not count.
    """
    vcenter = context.vcenter
    found = permission.shown(vcenter, context.scope.get(entity).ref.moid)
    if not inherited:
        return found
    known = {_key(one) for one in found}
    at: Ref | None = vcenter.store.value(entity, "parent")
    while at is not None and vcenter.store.exists(at):
        above = [one for one in permission.shown(vcenter, at.moid) if one["propagate"]]
        found += [one for one in above if _key(one) not in known]
        known |= {_key(one) for one in above}
        at = vcenter.store.value(at, "parent")
    return found


def _key(one: Data) -> tuple[str, bool]:
    return one["principal"], one["group"]


@local("AuthorizationManager.RetrieveRolePermissions")
def role_permissions(context: Context, this: Ref, roleId: int) -> list[Data]:
    """Return the permissions that give a role."""
    if roleId not in context.vcenter.access.roles:
        raise VimFault("NotFound")
    return [one for one in _all(context) if one["roleId"] == roleId]


@local("AuthorizationManager.HasPrivilegeOnEntity")
def has_privilege(
    context: Context, this: Ref, entity: Ref, sessionId: str, privId: list[str] | None = None
) -> list[bool]:
    """Return for each privilege whether a session's user has it."""
    user = _user_of(context, sessionId)
    return _held(context, user, context.scope.get(entity).ref, privId or [])


@local("AuthorizationManager.HasPrivilegeOnEntities")
def has_privilege_on_all(
    context: Context, this: Ref, entity: list[Ref], sessionId: str, privId: list[str] | None = None
) -> list[Data]:
    """Return the same for several entities."""
    user = _user_of(context, sessionId)
    return [_available(context, user, ref, privId or []) for ref in entity]


@local("AuthorizationManager.HasUserPrivilegeOnEntities")
def user_has_privilege(
    context: Context,
    this: Ref,
    entities: list[Ref],
    userName: str,
    privId: list[str] | None = None,
) -> list[Data]:
    """Return for several entities which privileges a user has."""
    return [_available(context, normal(userName), ref, privId or []) for ref in entities]


@local("AuthorizationManager.FetchUserPrivilegeOnEntities")
def fetch_privileges(context: Context, this: Ref, entities: list[Ref], userName: str) -> list[Data]:
    """Return the privileges a user has on entities."""
    return [
        data("UserPrivilegeResult", entity=ref, privileges=_names(context, normal(userName), ref))
        for ref in (context.scope.get(one).ref for one in entities)
    ]


def _names(context: Context, user: str, ref: Ref) -> list[str]:
    held = permission.privileges(context.vcenter, user, ref)
    return list(PRIVILEGES) if EVERY in held else sorted(held)


def _user_of(context: Context, key: str) -> str:
    session = context.vcenter.access.sessions.get(key)
    if session is None:
        raise VimFault("NotFound")
    return session.account


def _held(context: Context, user: str, ref: Ref, privileges: list[str]) -> list[bool]:
    return [permission.may(context.vcenter, user, one, ref) for one in privileges]


def _available(context: Context, user: str, entity: Ref, privileges: list[str]) -> Data:
    ref = context.scope.get(entity).ref
    held = zip(privileges, _held(context, user, ref, privileges), strict=True)
    listed = [data("PrivilegeAvailability", privId=k, isGranted=v) for k, v in held]
    return data("EntityPrivilege", entity=ref, privAvailability=listed)
