"""``AuthorizationManager``: who may do what, as far as clients read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim.vcenter.access import ALL_ROLES
from hvsim.vcenter.faults import VimFault
from hvsim.vcenter.session import normal, shown_name
from hvsim.vcenter.values import Data, Ref, data
from hvsim_fakes.vcenter.context import Context, local

if TYPE_CHECKING:
    from hvsim.vcenter.access import Account


@local("AuthorizationManager.RetrieveAllPermissions")
def all_permissions(context: Context, this: Ref) -> list[Data]:
    """Return every permission there is: all are given at the root folder."""
    return _at_root(context)


@local("AuthorizationManager.RetrieveEntityPermissions")
def entity_permissions(context: Context, this: Ref, entity: Ref, inherited: bool) -> list[Data]:
    """Return the permissions given on an entity, with those it has from above if asked."""
    found = context.scope.get(entity).ref
    return _at_root(context) if inherited or found == _root(context) else []


@local("AuthorizationManager.RetrieveRolePermissions")
def role_permissions(context: Context, this: Ref, roleId: int) -> list[Data]:
    """Return the permissions that give a role."""
    if roleId not in {number for number, _ in ALL_ROLES.values()}:
        raise VimFault("NotFound")
    return [one for one in _at_root(context) if one["roleId"] == roleId]


@local("AuthorizationManager.HasPrivilegeOnEntity")
def has_privilege(
    context: Context, this: Ref, entity: Ref, sessionId: str, privId: list[str] | None = None
) -> list[bool]:
    """Return for each privilege whether a session's user has it."""
    return _held(context, context.scope.get(entity).ref, sessionId, privId or [])


@local("AuthorizationManager.HasPrivilegeOnEntities")
def has_privilege_on_all(
    context: Context, this: Ref, entity: list[Ref], sessionId: str, privId: list[str] | None = None
) -> list[Data]:
    """Return the same for several entities."""
    return [
        data("EntityPrivilege", entity=ref, privAvailability=_available(context, ref, held))
        for ref in entity
        for held in [
            dict(zip(privId or [], _held(context, ref, sessionId, privId or []), strict=True))
        ]
    ]


@local("AuthorizationManager.HasUserPrivilegeOnEntities")
def user_has_privilege(
    context: Context,
    this: Ref,
    entities: list[Ref],
    userName: str,
    privId: list[str] | None = None,
) -> list[Data]:
    """Return for several entities which privileges a user has."""
    may = context.vcenter.access.may
    held = {privilege: may(normal(userName), privilege) for privilege in privId or ()}
    return [
        data("EntityPrivilege", entity=ref, privAvailability=_available(context, ref, held))
        for ref in entities
    ]


@local("AuthorizationManager.FetchUserPrivilegeOnEntities")
def fetch_privileges(context: Context, this: Ref, entities: list[Ref], userName: str) -> list[Data]:
    """Return the privileges a user has on entities."""
    held = sorted(context.vcenter.access.privileges(normal(userName)) - {"*"})
    return [
        data("UserPrivilegeResult", entity=context.scope.get(ref).ref, privileges=held)
        for ref in entities
    ]


def _held(context: Context, ref: Ref, key: str, privileges: list[str]) -> list[bool]:
    context.scope.get(ref)
    session = context.vcenter.access.sessions.get(key)
    if session is None:
        raise VimFault("NotFound")
    return [context.vcenter.access.may(session.account, one) for one in privileges]


def _available(context: Context, ref: Ref, held: dict[str, bool]) -> list[Data]:
    context.scope.get(ref)
    return [data("PrivilegeAvailability", privId=k, isGranted=v) for k, v in held.items()]


def _at_root(context: Context) -> list[Data]:
    root = _root(context)
    return [_permission(root, account) for account in context.vcenter.access.accounts.values()]


def _permission(root: Ref, account: Account) -> Data:
    return data(
        "Permission",
        entity=root,
        principal=shown_name(account.user),
        group=False,
        roleId=ALL_ROLES[account.role][0],
        propagate=True,
    )


def _root(context: Context) -> Ref:
    found: Ref = context.vcenter.store.value("ServiceInstance", "content.rootFolder")
    return found
