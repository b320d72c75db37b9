"""Choosing objects of the inventory by what a filter says of them.

Every field of a filter that is set and not empty must fit; a field with several values fits when
one of them does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hvsim.vcenter import entity, names
from hvsim_fakes.vcenter.rest import errors

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hvsim.vcenter.store import ManagedObject
    from hvsim.vcenter.values import Ref
    from hvsim_fakes.vcenter.rest.call import Call

_COMPUTE: Final = ("ClusterComputeResource", "ComputeResource")


def is_among(moid: str, wanted: Iterable[str] | None) -> bool:
    """Whether an identifier is one of those wanted; any will do when none is."""
    if not wanted:
        return True
    return any(one.partition(":")[0] == moid for one in wanted)


def is_called(found: ManagedObject, wanted: Iterable[str] | None) -> bool:
    """Whether an object has one of the names wanted, as the inventory tree shows it."""
    if not wanted:
        return True
    name: str = found["name"]
    return any(one in (name, names.unescape(name)) for one in wanted)


def lies_in(found: ManagedObject, folders: Iterable[str] | None) -> bool:
    """Whether an object's own folder is one of those wanted."""
    if not folders:
        return True
    parent: Ref | None = found["parent"]
    return parent is not None and is_among(parent.moid, folders)


def is_within(call: Call, found: ManagedObject, wanted: Iterable[str] | None, *kinds: str) -> bool:
    """Whether the nearest object of some kinds that something lies in is one of those wanted."""
    if not wanted:
        return True
    above = entity.above(call.store, found.ref, *kinds)
    return above is not None and is_among(above.moid, wanted)


def in_datacenter(call: Call, found: ManagedObject, wanted: Iterable[str] | None) -> bool:
    """Whether an object lies in one of the datacenters wanted."""
    return is_within(call, found, wanted, "Datacenter")


def in_cluster(call: Call, found: ManagedObject, wanted: Iterable[str] | None) -> bool:
    """Whether a host or pool belongs to one of the clusters wanted."""
    return is_within(call, found, wanted, *_COMPUTE)


def bounded(
    found: Iterable[ManagedObject], most: int, code: str, title: str
) -> list[ManagedObject]:
    """Return what was chosen; refuse more than the API gives at once."""
    chosen = list(found)
    if len(chosen) > most:
        text = f"Too many {title}. Add more filter criteria to reduce the number."
        raise errors.error("unable_to_allocate_resource", code, text)
    return chosen


def shown(name: str) -> str:
    """Return an object's name as this API shows it: with its symbols."""
    return names.unescape(name)
