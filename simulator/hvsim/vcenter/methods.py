"""The registry of vim25 methods that vCenter's behaviour is written for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hvsim.vcenter.server import VCenter
    from hvsim.vcenter.store import Store
    from hvsim.world import World

Handler = Callable[..., Any]

_handlers: dict[tuple[str, str], Handler] = {}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: the user and the key of the session, empty before a login."""

    user: str = ""
    session: str = ""
    background: bool = False
    """Whether it is vCenter itself or ambient activity: nobody waits for what it begins."""


@dataclass(slots=True)
class Call:
    """One call being carried out: to which vCenter, by whom, which method (its wire name)."""

    vcenter: VCenter
    caller: Caller
    name: str

    @property
    def store(self) -> Store:
        """The vCenter's objects."""
        return self.vcenter.store

    @property
    def world(self) -> World:
        """The world the vCenter is in."""
        return self.vcenter.world


def method(*names: str) -> Callable[[Handler], Handler]:
    """Register ``(call, this, **args) -> value`` as the behaviour of ``Type.WireName``.

    Arguments arrive as plain values under their vim25 names; those the client left out are not
    passed. A ``*_Task`` method returns the reference of its task. It raises
    :class:`~hvsim.vcenter.faults.VimFault` to refuse.
    """

    def register(handler: Handler) -> Handler:
        for name in names:
            owner, _, wire = name.partition(".")
            if (owner, wire) in _handlers:
                raise AssertionError(f"method {name!r} has two behaviours")
            _handlers[owner, wire] = handler
        handler_of.cache_clear()
        return handler

    return register


_BASES = {
    "ClusterComputeResource": ("ComputeResource", "ManagedEntity"),
    "ComputeResource": ("ManagedEntity",),
    "Datacenter": ("ManagedEntity",),
    "Datastore": ("ManagedEntity",),
    "DistributedVirtualPortgroup": ("Network", "ManagedEntity"),
    "Folder": ("ManagedEntity",),
    "HostSystem": ("ManagedEntity",),
    "Network": ("ManagedEntity",),
    "OpaqueNetwork": ("Network", "ManagedEntity"),
    "ResourcePool": ("ManagedEntity",),
    "StoragePod": ("Folder", "ManagedEntity"),
    "VirtualApp": ("ResourcePool", "ManagedEntity"),
    "VirtualMachine": ("ManagedEntity",),
    "VmwareDistributedVirtualSwitch": ("DistributedVirtualSwitch", "ManagedEntity"),
}


@cache
def handler_of(type_name: str, wire: str) -> Handler | None:
    """Return the behaviour written for a method of an object of a type, inherited ones too."""
    for owner in (type_name, *_BASES.get(type_name, ())):
        found = _handlers.get((owner, wire))
        if found is not None:
            return found
    return None


def handled() -> frozenset[str]:
    """Return ``Type.WireName`` of all methods with a behaviour."""
    return frozenset(f"{owner}.{wire}" for owner, wire in _handlers)
