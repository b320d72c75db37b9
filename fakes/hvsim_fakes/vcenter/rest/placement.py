"""Where a machine is to be: what placements of several operations name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from hvsim_fakes.vcenter.rest import errors
from hvsim_fakes.vcenter.rest.call import VIEW
from hvsim_fakes.vcenter.rest.compute import cluster_of
from hvsim_fakes.vcenter.rest.datacenters import folder
from hvsim_fakes.vcenter.rest.hosts import host_of
from hvsim_fakes.vcenter.rest.resource_pools import pool_of
from hvsim_fakes.vcenter.rest.structures import Structure

if TYPE_CHECKING:
    from hvsim.vcenter.values import Ref
    from hvsim_fakes.vcenter.rest.call import Call

_ASSIGN: Final = "Resource.AssignVMToPool"
_ALLOCATE: Final = "Datastore.AllocateSpace"


class PlacementSpec(Structure):
    """Where a new machine is put; a host or cluster stands for its resource pool."""

    vapi = "com.vmware.vcenter.VM.placement_spec"
    folder: str | None = None
    resource_pool: str | None = None
    host: str | None = None
    cluster: str | None = None
    datastore: str | None = None


class AnyPlacement(Protocol):
    """What placements have in common."""

    folder: str | None
    resource_pool: str | None
    host: str | None
    cluster: str | None


@dataclass(slots=True)
class Place:
    """Where a machine is to be; what nobody named is None."""

    folder: Ref | None = None
    pool: Ref | None = None
    host: Ref | None = None
    datastore: Ref | None = None


def place_of(call: Call, spec: AnyPlacement | None, privilege: str) -> Place:
    """Return what a placement names; raise ``not_found`` for what is not there.

    Args:
        privilege: what the caller must hold on the folder. A pool, be it that of a host or
            cluster, needs ``Resource.AssignVMToPool``, a datastore ``Datastore.AllocateSpace``.
    """
    place = Place()
    if spec is None:
        return place
    if spec.folder is not None:
        place.folder = _folder(call, spec.folder, privilege)
    if spec.host is not None:
        host = host_of(call, spec.host, VIEW)
        place.host = host.ref
        place.pool = call.store.value(host["parent"], "resourcePool")
    if spec.cluster is not None:
        place.pool = cluster_of(call, spec.cluster, VIEW)["resourcePool"]
    if spec.resource_pool is not None:
        place.pool = pool_of(call, spec.resource_pool, VIEW).ref
    if place.pool is not None:
        call.demand(_ASSIGN, place.pool)
    datastore: str | None = getattr(spec, "datastore", None)
    if datastore is not None:
        code = "com.vmware.api.vcenter.datastore.not_found"
        place.datastore = call.object("Datastore", datastore, code, "Datastore", _ALLOCATE).ref
    return place


def _folder(call: Call, identifier: str, privilege: str) -> Ref:
    found = folder(call, identifier, privilege)
    if "VirtualMachine" not in found["childType"]:
        raise errors.invalid_input("the folder does not hold virtual machines")
    return found.ref


def datastore_path(call: Call, place: Place) -> str:
    """Return the path that puts a new machine's files into the place's datastore."""
    if place.datastore is None:
        return ""
    return f"[{call.store.value(place.datastore, 'name')}]"
