"""Events that vCenter posts: what happened, to what, in the product's event types."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from hvsim.vcenter.values import Data, Ref, data, now

if TYPE_CHECKING:
    from hvsim.vcenter.server import VCenter
    from hvsim.vcenter.store import ManagedObject

MANAGER: Final = Ref("EventManager", "EventManager")
_NOT_OF_MACHINES: Final = frozenset({"EventEx", "ExtendedEvent", "GeneralUserEvent", "TaskEvent"})
_ARGUMENTS: Final = {
    "Datacenter": ("DatacenterEventArgument", "datacenter"),
    "ComputeResource": ("ComputeResourceEventArgument", "computeResource"),
    "ClusterComputeResource": ("ComputeResourceEventArgument", "computeResource"),
    "HostSystem": ("HostEventArgument", "host"),
    "VirtualMachine": ("VmEventArgument", "vm"),
    "Datastore": ("DatastoreEventArgument", "datastore"),
    "Folder": ("FolderEventArgument", "folder"),
    "ResourcePool": ("ResourcePoolEventArgument", "resourcePool"),
    "Network": ("NetworkEventArgument", "network"),
    "Alarm": ("AlarmEventArgument", "alarm"),
}


def argument(vcenter: VCenter, ref: Ref) -> Data:
    """Return an object as events name it."""
    found = vcenter.store.objects.get(ref.moid)
    return _argument(ref, ref.moid if found is None else found.properties["name"])


@lru_cache(maxsize=1024)
def _argument(ref: Ref, name: str) -> Data:
    kind, field = _ARGUMENTS[ref.type]
    return Data(kind, {"name": name, field: ref})


def post(
    vcenter: VCenter,
    kind: str,
    subject: Ref | None,
    text: str,
    *,
    user: str = "",
    chain: int = 0,
    host: Ref | None = None,
    **fields: Any,
) -> Data:
    """Post an event about an object and return it.

    Args:
        kind: its vim25 type.
        text: what it says to people.
        chain: the event chain of the task that brings it about; 0 begins one of its own.
        host: the host it happened on, if not the subject's own.
        fields: the further fields of its type.
    """
    key = vcenter.world.streams.number(f"{vcenter.path}/event")
    event = data(
        kind,
        key=key,
        chainId=chain or key,
        createdTime=now(vcenter.world),
        userName=user,
        **(_places(vcenter, subject, host) | _marks(vcenter, kind, subject)),
        fullFormattedMessage=text,
        **fields,
    )
    vcenter.events.append(event)
    for told in vcenter.on_event:
        told(event, subject)
    vcenter.store.supersede(MANAGER, "latestEvent", event)
    return event


def post_extended(
    vcenter: VCenter, type_id: str, subject: Ref, text: str, *, severity: str = "info", **more: Any
) -> Data:
    """Post an event of a kind that has no type of its own (``EventEx``)."""
    return post(
        vcenter,
        "EventEx",
        subject,
        text,
        eventTypeId=type_id,
        severity=severity,
        message=text,
        objectId=subject.moid,
        objectType=subject.type,
        objectName=vcenter.store.value(subject, "name"),
        **more,
    )


def _places(vcenter: VCenter, subject: Ref | None, host: Ref | None) -> dict[str, Any]:
    """Return the fields that say where an event happened."""
    store = vcenter.store
    if subject is None or not store.exists(subject):
        return {}
    found = store.get(subject)
    places: dict[str, Any] = {}
    if found.type == "VirtualMachine":
        places["vm"] = argument(vcenter, subject)
        host = host or found["runtime.host"]
    elif found.type == "Datastore":
        places["ds"] = argument(vcenter, subject)
    elif found.type == "HostSystem":
        host = subject
    if host is not None and store.exists(host):
        places["host"] = argument(vcenter, host)
        found = store.get(host)
    return places | _above(vcenter, found)


def _marks(vcenter: VCenter, kind: str, subject: Ref | None) -> dict[str, Any]:
    """Return what the types of events about machines have beside their places."""
    machine = subject is not None and subject.type == "VirtualMachine"
    if subject is None or not machine or kind in _NOT_OF_MACHINES or kind.startswith("Alarm"):
        return {}
    return {"template": bool(vcenter.store.value(subject, "config.template"))}


def _above(vcenter: VCenter, found: ManagedObject) -> dict[str, Any]:
    places: dict[str, Any] = {}
    at: ManagedObject | None = found
    while at is not None:
        if at.type in ("ComputeResource", "ClusterComputeResource"):
            places["computeResource"] = argument(vcenter, at.ref)
        elif at.type == "Datacenter":
            places["datacenter"] = argument(vcenter, at.ref)
        parent: Ref | None = at.properties.get("parent")
        at = None if parent is None else vcenter.store.objects.get(parent.moid)
    return places
