"""Roles: named sets of privileges that clients make, change and take away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hvsim.vcenter import event, permission
from hvsim.vcenter.access import EVERY, Role
from hvsim.vcenter.faults import VimFault, bad_argument
from hvsim.vcenter.methods import Call, method
from hvsim.vcenter.privilege import KNOWN, PRIVILEGES, SYSTEM
from hvsim.vcenter.values import Data, Ref, data

if TYPE_CHECKING:
    from hvsim.vcenter.access import Access
    from hvsim.vcenter.server import VCenter

_FIRST: Final = 1000
"""Roles that are made have numbers above it."""


def shown(access: Access) -> list[Data]:
    """Return the roles as ``AuthorizationManager.roleList`` has them."""
    return [
        data(
            "AuthorizationRole",
            roleId=role.number,
            system=role.system,
            name=role.name,
            info=data("Description", label=role.name, summary=role.name),
            privilege=list(PRIVILEGES) if EVERY in role.privileges else sorted(role.privileges),
        )
        for role in access.roles.values()
    ]


def show(vcenter: VCenter) -> None:
    """Show the roles that there are."""
    vcenter.store.change(permission.MANAGER, "roleList", shown(vcenter.access))


@method("AuthorizationManager.AddAuthorizationRole")
def add(call: Call, this: Ref, name: str, privIds: list[str] | None = None) -> int:
    """Make a role and return its number; every role may at least look.

    Raises ``AlreadyExists``, ``InvalidName``, or ``InvalidArgument`` for an unknown privilege.
    """
    del this
    access = call.vcenter.access
    _require_free(access, name)
    privileges = _known(privIds)
    number = max(_FIRST, *access.roles) + 1
    access.roles[number] = Role(number, name, privileges)
    show(call.vcenter)
    argument = permission.role_argument(access, number)
    text, listed = f"New role {name} created", sorted(privileges)
    event.post(
        call.vcenter,
        "RoleAddedEvent",
        None,
        text,
        user=call.caller.user,
        role=argument,
        privilegeList=listed,
    )
    return number


def _require_free(access: Access, name: str) -> None:
    if not name:
        raise VimFault("InvalidName", name=name)
    if access.role_named(name) is not None:
        raise VimFault("AlreadyExists", name=name)


def _known(privileges: list[str] | None) -> frozenset[str]:
    found = frozenset(privileges or ())
    if not found <= KNOWN:
        raise bad_argument("privIds")
    return found | frozenset(SYSTEM)


def _of(call: Call, number: int) -> Role:
    """Return a role that may be changed."""
    role = call.vcenter.access.roles.get(number)
    if role is None:
        raise VimFault("NotFound")
    if role.system:
        raise bad_argument("roleId")
    return role


@method("AuthorizationManager.UpdateAuthorizationRole")
def update(
    call: Call, this: Ref, roleId: int, newName: str, privIds: list[str] | None = None
) -> None:
    """Give a role another name and other privileges."""
    del this
    access = call.vcenter.access
    role = _of(call, roleId)
    if newName != role.name:
        _require_free(access, newName)
    before, after = role.privileges, _known(privIds)
    previous = role.name
    role.name, role.privileges = newName, after
    show(call.vcenter)
    event.post(
        call.vcenter,
        "RoleUpdatedEvent",
        None,
        f"Role {newName} modified",
        user=call.caller.user,
        role=permission.role_argument(access, roleId),
        privilegeList=sorted(after),
        privilegesAdded=sorted(after - before),
        privilegesRemoved=sorted(before - after),
        prevRoleName=previous,
    )


@method("AuthorizationManager.RemoveAuthorizationRole")
def remove(call: Call, this: Ref, roleId: int, failIfUsed: bool) -> None:
    """Take a role away, and the permissions that give it; raises ``RemoveFailed`` if told to."""
    del this
    access = call.vcenter.access
    _of(call, roleId)
    used = [
        (moid, key)
        for moid, given in access.grants.items()
        for key, grant in given.items()
        if grant.role == roleId
    ]
    if used and failIfUsed:
        raise VimFault("RemoveFailed", msg="The role is in use.")
    argument = permission.role_argument(access, roleId)
    for moid, key in used:
        access.take(moid, key)
        permission.show(call.vcenter, moid)
    del access.roles[roleId]
    show(call.vcenter)
    text = f"Role {argument['name']} removed"
    event.post(call.vcenter, "RoleRemovedEvent", None, text, user=call.caller.user, role=argument)


@method("AuthorizationManager.MergePermissions")
def merge(call: Call, this: Ref, srcRoleId: int, dstRoleId: int) -> None:
    """Give one role wherever another is given."""
    del this
    access = call.vcenter.access
    if not {srcRoleId, dstRoleId} <= set(access.roles):
        raise VimFault("NotFound")
    for moid, given in list(access.grants.items()):
        for grant in list(given.values()):
            if grant.role == srcRoleId:
                made = type(grant)(grant.principal, grant.group, dstRoleId, grant.propagate)
                access.give(moid, made)
        permission.show(call.vcenter, moid)
