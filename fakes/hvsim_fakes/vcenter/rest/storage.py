"""``com.vmware.vcenter.datastore`` and ``.network``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from hvsim_fakes.vcenter.rest import selecting
from hvsim_fakes.vcenter.rest.operations import listing, operation, reading
from hvsim_fakes.vcenter.rest.structures import Structure

if TYPE_CHECKING:
    from hvsim.vcenter.store import ManagedObject
    from hvsim_fakes.vcenter.rest.call import Call

DATASTORE: Final = "com.vmware.vcenter.datastore"
NETWORK: Final = "com.vmware.vcenter.network"
_PATH: Final = "/vcenter/datastore"
_MOST: Final = 2_500
_MOST_NETWORKS: Final = 1_000
DatastoreType = Literal["VMFS", "NFS", "NFS41", "CIFS", "VSAN", "VFFS", "VVOL"]
NetworkType = Literal["STANDARD_PORTGROUP", "DISTRIBUTED_PORTGROUP", "OPAQUE_NETWORK"]
_DATASTORES: Final[dict[str, DatastoreType]] = {
    "VMFS": "VMFS",
    "NFS": "NFS",
    "NFS41": "NFS41",
    "CIFS": "CIFS",
    "vsan": "VSAN",
    "VFFS": "VFFS",
    "VVOL": "VVOL",
}
_NETWORKS: Final[dict[str, NetworkType]] = {
    "Network": "STANDARD_PORTGROUP",
    "DistributedVirtualPortgroup": "DISTRIBUTED_PORTGROUP",
    "OpaqueNetwork": "OPAQUE_NETWORK",
}


class DatastoreFilter(Structure):
    """Which datastores are listed."""

    vapi = "com.vmware.vcenter.datastore.filter_spec"
    datastores: list[str] | None = None
    names: list[str] | None = None
    types: list[DatastoreType] | None = None
    folders: list[str] | None = None
    datacenters: list[str] | None = None


class DatastoreSummary(Structure):
    """A datastore in a list; sizes are bytes."""

    vapi = "com.vmware.vcenter.datastore.summary"
    datastore: str
    name: str
    type: DatastoreType
    free_space: int | None = None
    capacity: int | None = None


class DatastoreInfo(Structure):
    """A datastore; ``free_space`` is bytes."""

    vapi = "com.vmware.vcenter.datastore.info"
    name: str
    type: DatastoreType
    accessible: bool
    multiple_host_access: bool
    thin_provisioning_supported: bool
    free_space: int | None = None


class NetworkFilter(Structure):
    """Which networks are listed."""

    vapi = "com.vmware.vcenter.network.filter_spec"
    networks: list[str] | None = None
    names: list[str] | None = None
    types: list[NetworkType] | None = None
    folders: list[str] | None = None
    datacenters: list[str] | None = None


class NetworkSummary(Structure):
    """A network in a list."""

    vapi = "com.vmware.vcenter.network.summary"
    network: str
    name: str
    type: NetworkType


_route, _takes = listing(_PATH, DatastoreFilter)


@operation(f"{DATASTORE}.list", _route, takes=_takes)
def list_datastores(call: Call, filter: DatastoreFilter | None) -> list[DatastoreSummary]:
    """Return the datastores that fit a filter."""
    wanted = filter or DatastoreFilter()
    fitting = (
        found
        for found in call.seen("Datastore")
        if selecting.is_among(found.moid, wanted.datastores)
        and selecting.is_called(found, wanted.names)
        and (not wanted.types or _type_of(found) in wanted.types)
        and selecting.lies_in(found, wanted.folders)
        and selecting.in_datacenter(call, found, wanted.datacenters)
    )
    code = "com.vmware.api.vcenter.datastore.list.too_many"
    return [
        DatastoreSummary(
            datastore=found.moid,
            name=selecting.shown(found["name"]),
            type=_type_of(found),
            free_space=found["summary.freeSpace"],
            capacity=found["summary.capacity"],
        )
        for found in selecting.bounded(fitting, _MOST, code, "datastores")
    ]


@operation(f"{DATASTORE}.get", reading(f"{_PATH}/{{datastore}}"), takes={"datastore": str})
def get_datastore(call: Call, datastore: str) -> DatastoreInfo:
    """Return a datastore."""
    code = "com.vmware.api.vcenter.datastore.not_found"
    found = call.object("Datastore", datastore, code, "Datastore")
    return DatastoreInfo(
        name=selecting.shown(found["name"]),
        type=_type_of(found),
        accessible=bool(found["summary.accessible"]),
        free_space=found["summary.freeSpace"],
        multiple_host_access=bool(found["summary.multipleHostAccess"]),
        thin_provisioning_supported=bool(found["capability.perFileThinProvisioningSupported"]),
    )


def _type_of(found: ManagedObject) -> DatastoreType:
    return _DATASTORES.get(found["summary.type"], "VMFS")


_network_route, _network_takes = listing("/vcenter/network", NetworkFilter)


@operation(f"{NETWORK}.list", _network_route, takes=_network_takes)
def list_networks(call: Call, filter: NetworkFilter | None) -> list[NetworkSummary]:
    """Return the networks that fit a filter."""
    wanted = filter or NetworkFilter()
    fitting = (
        found
        for kind in _NETWORKS
        for found in call.seen(kind)
        if selecting.is_among(found.moid, wanted.networks)
        and selecting.is_called(found, wanted.names)
        and (not wanted.types or _NETWORKS[found.type] in wanted.types)
        and selecting.lies_in(found, wanted.folders)
        and selecting.in_datacenter(call, found, wanted.datacenters)
    )
    code = "com.vmware.api.vcenter.network.list.too_many"
    return [
        NetworkSummary(
            network=found.moid,
            name=selecting.shown(found["name"]),
            type=_NETWORKS[found.type],
        )
        for found in selecting.bounded(fitting, _MOST_NETWORKS, code, "networks")
    ]
