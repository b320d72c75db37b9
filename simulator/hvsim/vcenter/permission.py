"""Permissions: which roles users have on which entities, and what becomes of that below them.

A permission on an entity overrides what its user has from above; one that does not propagate ends
there. A virtual machine lies in its folder and in its resource pool, and its user has what comes
from either. Who has a permission anywhere sees what it lies in, to get there, and the managers.

Source: vSphere Security, "Hierarchical Inheritance of Permissions" and "Multiple Permission
Settings"; that the way to an entity is seen is inferred.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.vcenter import event
from hvsim.vcenter.access import EVERY, Grant
from hvsim.vcenter.faults import VimFault
from hvsim.vcenter.methods import Call, method
from hvsim.vcenter.privilege import SYSTEM
from hvsim.vcenter.session import normal, shown_name
from hvsim.vcenter.values import Data, Ref, data

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hvsim.vcenter.access import Access
    from hvsim.vcenter.server import VCenter

MANAGER: Final = Ref("AuthorizationManager", "AuthorizationManager")
_SYSTEM: Final = frozenset(SYSTEM)
_VIEW: Final = "System.View"
_ADMIN: Final = -1


def may(vcenter: VCenter, user: str, privilege: str, ref: Ref) -> bool:
    """Whether a user has a privilege on an object; several with spaces between are all needed."""
    access = vcenter.access
    if not access.scoped:
        return all(access.may(user, one) for one in privilege.split() or ("",))
    return all(_may(vcenter, user, one, ref) for one in privilege.split())


def _may(vcenter: VCenter, user: str, privilege: str, ref: Ref) -> bool:
    held = privileges(vcenter, user, ref)
    if EVERY in held or privilege in held:
        return True
    if privilege not in _SYSTEM:
        return False
    if anchor(vcenter, ref) is None:
        return any(key[0] == user for given in vcenter.access.grants.values() for key in given)
    return privilege == _VIEW and _leads(vcenter, user, ref)


def _leads(vcenter: VCenter, user: str, ref: Ref) -> bool:
    """Whether an entity that a user has a permission on lies below an object."""
    store = vcenter.store
    for moid, given in vcenter.access.grants.items():
        given_here = (user, False) in given and store.exists(moid)
        if given_here and ref.moid in _above(vcenter, store.get(moid).ref):
            return True
    return False


def _above(vcenter: VCenter, ref: Ref) -> Iterator[str]:
    """Give the identifiers of an entity and of all that it lies in, on every way up."""
    waiting, store = [ref.moid], vcenter.store
    while waiting:
        moid = waiting.pop()
        if store.exists(moid):
            yield moid
            waiting += _parents(vcenter, moid)


def _parents(vcenter: VCenter, moid: str) -> list[str]:
    found = vcenter.store.objects[moid].properties
    parents = [found.get("parent")]
    if vcenter.store.objects[moid].type == "VirtualMachine":
        parents.append(found.get("resourcePool"))
    return [ref.moid for ref in parents if ref is not None]


def privileges(vcenter: VCenter, user: str, ref: Ref) -> frozenset[str]:
    """Return the privileges of a user on an object (``*`` is every one)."""
    entity = anchor(vcenter, ref)
    roles = roles_on(vcenter, user, vcenter.access.root if entity is None else entity.moid)
    return vcenter.access.held(user, sorted(roles))


def roles_on(vcenter: VCenter, user: str, moid: str) -> frozenset[int]:
    """Return the numbers of the roles that a user has on an entity."""
    return _roles(vcenter, user, moid, own=True)


def _roles(vcenter: VCenter, user: str, moid: str, *, own: bool) -> frozenset[int]:
    grant = vcenter.access.grants.get(moid, {}).get((user, False))
    if grant is not None and (own or grant.propagate):
        return frozenset({grant.role})
    if not vcenter.store.exists(moid):
        return frozenset()
    found = (_roles(vcenter, user, one, own=False) for one in _parents(vcenter, moid))
    return frozenset().union(*found)


def anchor(vcenter: VCenter, ref: Ref) -> Ref | None:
    """Return the entity whose permissions count for an object; None for managers of everything."""
    store = vcenter.store
    if not store.exists(ref):
        return None
    found = store.get(ref)
    if "permission" in found.properties:
        return found.ref
    for path in ("vm", "info.entity"):
        owner = found[path]
        if isinstance(owner, Ref):
            return owner if store.exists(owner) else None
    return _owner(vcenter, found.ref)


def _owner(vcenter: VCenter, ref: Ref) -> Ref | None:
    """Return the entity that one of the managers of parts of entities is about."""
    for host in vcenter.store.of_type("HostSystem"):
        managers: Data | None = host["configManager"]
        if ref == host["datastoreBrowser"] or (managers and ref in managers.fields.values()):
            return host.ref
    for kind, name in (
        ("Datastore", "browser"),
        ("ClusterComputeResource", "environmentBrowser"),
        ("ComputeResource", "environmentBrowser"),
    ):
        for found in vcenter.store.of_type(kind):
            if found[name] == ref:
                return found.ref
    return None


def shown(vcenter: VCenter, moid: str) -> list[Data]:
    """Return the permissions that are given on an entity."""
    if not vcenter.store.exists(moid):
        return []
    entity = vcenter.store.get(moid).ref
    return [
        data(
            "Permission",
            entity=entity,
            principal=shown_name(grant.principal),
            group=grant.group,
            roleId=grant.role,
            propagate=grant.propagate,
        )
        for grant in vcenter.access.grants.get(moid, {}).values()
    ]


def show(vcenter: VCenter, moid: str) -> None:
    """Let an entity show the permissions that are given on it."""
    if vcenter.store.exists(moid):
        vcenter.store.change(moid, "permission", shown(vcenter, moid))


@method("AuthorizationManager.SetEntityPermissions")
def set_permissions(
    call: Call, this: Ref, entity: Ref, permission: list[Data] | None = None
) -> None:
    """Give roles on an entity; what its users had there before is replaced.

    Raises ``NotFound`` without the role, ``UserNotFound`` without the user, and
    ``AuthMinimumAdminPermission`` when no administrator of everything would be left.
    """
    del this
    ref = call.store.get(entity).ref
    grants = [_grant(call, one) for one in permission or ()]
    _require_admin(call, ref, [grant.key for grant in grants], grants)
    for grant in grants:
        _give(call, ref, grant)
    show(call.vcenter, ref.moid)


@method("AuthorizationManager.ResetEntityPermissions")
def reset_permissions(
    call: Call, this: Ref, entity: Ref, permission: list[Data] | None = None
) -> None:
    """Give roles on an entity, in the place of all that were given there."""
    del this
    ref = call.store.get(entity).ref
    grants = [_grant(call, one) for one in permission or ()]
    before = list(call.vcenter.access.grants.get(ref.moid, {}))
    _require_admin(call, ref, before, grants)
    wanted = {grant.key for grant in grants}
    for key in before:
        if key not in wanted:
            _take(call, ref, key)
    for grant in grants:
        _give(call, ref, grant)
    show(call.vcenter, ref.moid)


@method("AuthorizationManager.RemoveEntityPermission")
def remove_permission(call: Call, this: Ref, entity: Ref, user: str, isGroup: bool) -> None:
    """Take a user's or a group's permission on an entity away; raises ``NotFound``."""
    del this
    ref = call.store.get(entity).ref
    key = (normal(user), isGroup)
    if key not in call.vcenter.access.grants.get(ref.moid, {}):
        raise VimFault("NotFound")
    _require_admin(call, ref, [key], [])
    _take(call, ref, key)
    show(call.vcenter, ref.moid)


def _grant(call: Call, permission: Data) -> Grant:
    access = call.vcenter.access
    if permission["roleId"] not in access.roles:
        raise VimFault("NotFound")
    user = normal(permission["principal"])
    group = bool(permission["group"])
    if not (group or access.anyone or user in access.accounts):
        raise VimFault("UserNotFound", principal=permission["principal"], unresolved=False)
    return Grant(user, group, permission["roleId"], bool(permission["propagate"]))


def _require_admin(call: Call, ref: Ref, gone: list[tuple[str, bool]], made: list[Grant]) -> None:
    """Refuse what would leave nobody who is an administrator of everything."""
    access = call.vcenter.access
    if ref.moid != access.root:
        return
    after = {k: g for k, g in access.grants.get(access.root, {}).items() if k not in gone}
    after |= {grant.key: grant for grant in made}
    if not any(grant.role == _ADMIN and grant.propagate for grant in after.values()):
        raise VimFault("AuthMinimumAdminPermission")


def _give(call: Call, ref: Ref, grant: Grant) -> None:
    access = call.vcenter.access
    before = access.grants.get(ref.moid, {}).get(grant.key)
    access.give(ref.moid, grant)
    kind = "PermissionAddedEvent" if before is None else "PermissionUpdatedEvent"
    role = access.roles[grant.role]
    text = f"Role {role.name} on {call.store.value(ref, 'name')} for {shown_name(grant.principal)}"
    _tell(
        call,
        kind,
        ref,
        f"{text} {'added' if before is None else 'changed'}",
        principal=shown_name(grant.principal),
        group=grant.group,
        role=role_argument(access, grant.role),
        propagate=grant.propagate,
    )


def _take(call: Call, ref: Ref, key: tuple[str, bool]) -> None:
    call.vcenter.access.take(ref.moid, key)
    name, principal = call.store.value(ref, "name"), shown_name(key[0])
    text = f"Permission of {principal} on {name} removed"
    _tell(call, "PermissionRemovedEvent", ref, text, principal=principal, group=key[1])


def _tell(call: Call, kind: str, ref: Ref, text: str, **more: Any) -> None:
    named = {"name": call.store.value(ref, "name"), "entity": ref}
    argument = Data("ManagedEntityEventArgument", named)
    event.post(call.vcenter, kind, None, text, user=call.caller.user, entity=argument, **more)


def role_argument(access: Access, number: int) -> Data:
    """Return a role as events name it."""
    return data("RoleEventArgument", roleId=number, name=access.roles[number].name)
