"""Custom fields: definitions, and their values on entities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hvsim.vcenter.faults import VimFault, not_found
from hvsim.vcenter.methods import Call, method
from hvsim.vcenter.values import Data, Ref, data

if TYPE_CHECKING:
    from hvsim.vcenter.store import Store

MANAGER: Final = Ref("CustomFieldsManager", "CustomFieldsManager")
_KINDS: Final = {
    "ClusterComputeResource": ("ClusterComputeResource", "ComputeResource"),
    "DistributedVirtualPortgroup": ("DistributedVirtualPortgroup", "Network"),
    "VmwareDistributedVirtualSwitch": (
        "VmwareDistributedVirtualSwitch",
        "DistributedVirtualSwitch",
    ),
}
"""The types that a field may be defined for to be one of an entity's, where there are several."""


@method("CustomFieldsManager.AddCustomFieldDef")
def add(call: Call, this: Ref, name: str, moType: str = "", **policies: Data) -> Data:
    """Define a field for one type of entity, or for all."""
    defined = call.store.value(this, "field") or []
    if any(known["name"] == name for known in defined):
        raise VimFault("DuplicateName", name=name, object=this)
    key = call.world.streams.number(f"{call.vcenter.path}/customfield")
    made = data(
        "CustomFieldDef",
        key=key,
        name=name,
        type="string",
        managedObjectType=moType or None,
        fieldDefPrivileges=policies.get("fieldDefPolicy"),
        fieldInstancePrivileges=policies.get("fieldPolicy"),
    )
    _set_fields(call, [*defined, made])
    return made


@method("CustomFieldsManager.RemoveCustomFieldDef")
def remove(call: Call, this: Ref, key: int) -> None:
    """Remove a field and its values."""
    _definition(call.store, key)
    _set_fields(call, [known for known in call.store.value(this, "field") if known["key"] != key])
    for found in list(call.store.objects.values()):
        for path in ("customValue", "value"):
            kept = [value for value in found[path] or () if value["key"] != key]
            if len(kept) != len(found[path] or ()):
                call.store.change(found.ref, path, kept)


@method("CustomFieldsManager.RenameCustomFieldDef")
def rename(call: Call, this: Ref, key: int, name: str) -> None:
    """Rename a field."""
    _definition(call.store, key)
    known = call.store.value(this, "field")
    _set_fields(call, [f.having(name=name) if f["key"] == key else f for f in known])


@method("CustomFieldsManager.SetField")
def set_field(call: Call, this: Ref, entity: Ref, key: int, value: str) -> None:
    """Set a field of an entity by its number."""
    field = _definition(call.store, key)
    wanted = field["managedObjectType"]
    if wanted not in (None, "ManagedEntity", *_KINDS.get(entity.type, (entity.type,))):
        raise VimFault("InvalidArgument", invalidProperty="entity")
    for path in ("customValue", "value"):
        others = [old for old in call.store.value(entity, path) or () if old["key"] != key]
        made = data("CustomFieldStringValue", key=key, value=value)
        call.store.change(entity, path, [*others, made])


def set_by_name(call: Call, entity: Ref, name: str, value: str) -> None:
    """Set a field of an entity by the field's name; raise ``InvalidArgument`` for an unknown."""
    found = (f for f in call.store.value(MANAGER, "field") or () if f["name"] == name)
    field = next(found, None)
    if field is None:
        raise VimFault("InvalidArgument", invalidProperty="key")
    set_field(call, MANAGER, entity, field["key"], value)


def _definition(store: Store, key: int) -> Data:
    for known in store.value(MANAGER, "field") or ():
        if known["key"] == key:
            found: Data = known
            return found
    raise VimFault("NotFound") if store.exists(MANAGER) else not_found(MANAGER)


def _set_fields(call: Call, fields: list[Data]) -> None:
    call.store.change(MANAGER, "field", fields)
    for found in list(call.store.objects.values()):
        if found["availableField"] is not None:
            offer(call.store, found.ref)


def offer(store: Store, ref: Ref) -> None:
    """Show an entity the fields that it can have values of."""
    if not store.exists(MANAGER):
        return
    known: list[Data] = store.value(MANAGER, "field") or []
    kinds = (None, "ManagedEntity", *_KINDS.get(ref.type, (ref.type,)))
    store.change(ref, "availableField", [one for one in known if one["managedObjectType"] in kinds])
