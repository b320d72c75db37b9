"""Managed entities: what all of them have, where they stand in the inventory, their removal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.vcenter import customfield, event, names, task
from hvsim.vcenter.faults import VimFault, bad_argument
from hvsim.vcenter.methods import Call, method
from hvsim.vcenter.values import NOTHING

if TYPE_CHECKING:
    from hvsim.operations import Steps
    from hvsim.vcenter.server import VCenter
    from hvsim.vcenter.store import ManagedObject, Store
    from hvsim.vcenter.values import Ref

ADMIN = -1
"""Number of the role that ``effectiveRole`` shows the built-in administrator."""


_ROLES: Final = [ADMIN]


def common(name: str, parent: Ref | None) -> dict[str, Any]:
    """Return the properties that every managed entity has."""
    return {
        "name": name,
        "parent": parent,
        "overallStatus": "green",
        "configStatus": "green",
        "configIssue": NOTHING,
        "effectiveRole": _ROLES,
        "permission": NOTHING,
        "disabledMethod": NOTHING,
        "recentTask": NOTHING,
        "declaredAlarmState": NOTHING,
        "triggeredAlarmState": NOTHING,
        "alarmActionsEnabled": True,
        "tag": NOTHING,
        "value": NOTHING,
        "availableField": NOTHING,
        "customValue": NOTHING,
    }


def above(store: Store, ref: Ref, *types: str) -> Ref | None:
    """Return the nearest object of one of the types that something lies in, itself included."""
    at: Ref | None = ref
    while at is not None and store.exists(at):
        found = store.get(at)
        if found.type in types:
            return found.ref
        at = found["parent"]
    return None


def datacenter_of(store: Store, ref: Ref) -> ManagedObject:
    """Return the datacenter that something lies in; raise ``InvalidArgument`` when in none."""
    found = above(store, ref, "Datacenter")
    if found is None:
        raise bad_argument("datacenter")
    return store.get(found)


def compute_of(store: Store, ref: Ref) -> ManagedObject | None:
    """Return the cluster or the standalone host's resource that a host or pool belongs to."""
    found = above(store, ref, "ClusterComputeResource", "ComputeResource")
    return None if found is None else store.get(found)


def free_name(store: Store, parent: Ref, name: str, but: Ref | None = None) -> str:
    """Return a name as it is kept; raise ``DuplicateName`` when it is taken in a folder."""
    if not name or (len(escaped := names.escape(name)) > 80 and parent.type == "Folder"):
        raise VimFault("InvalidName", name=name, msg=f"The name '{name}' is not valid.")
    taken = names.child(store, parent, escaped)
    if taken is not None and taken != but:
        raise VimFault("DuplicateName", name=escaped, object=taken)
    return escaped


def add_to(store: Store, parent: Ref, ref: Ref) -> None:
    """Put an object among its folder's children."""
    store.append(parent, "childEntity", ref)


def rename(vcenter: VCenter, ref: Ref, name: str) -> tuple[str, str]:
    """Give an entity another name; return the old one and the new one as they are kept."""
    store = vcenter.store
    before: str = store.value(ref, "name")
    parent: Ref | None = store.value(ref, "parent")
    after = free_name(store, parent, name, ref) if parent is not None else names.escape(name)
    store.change(ref, "name", after)
    return before, after


@method("ManagedEntity.Rename_Task")
def rename_task(call: Call, this: Ref, newName: str) -> Ref:
    """Rename an entity (NAME-VMW-4)."""

    def steps() -> Steps:
        before, after = rename(call.vcenter, this, newName)
        if this.type == "VirtualMachine":
            event.post(
                call.vcenter,
                "VmRenamedEvent",
                this,
                f"Renamed {before} to {after}",
                user=call.caller.user,
                chain=task.chain(call, this),
                oldName=before,
                newName=after,
            )
        return None
        yield

    return task.start(call, this, steps())


@method("ManagedEntity.Reload")
def reload_entity(call: Call, this: Ref) -> None:
    """Read an entity's state again: it is always as it is."""
    call.store.get(this)


@method("ManagedEntity.setCustomValue")
def set_custom_value(call: Call, this: Ref, key: str, value: str) -> None:
    """Set a custom field of an entity by the field's name."""
    customfield.set_by_name(call, this, key, value)
