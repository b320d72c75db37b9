"""``com.vmware.vcenter.cluster``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hvsim_fakes.vcenter.rest import selecting
from hvsim_fakes.vcenter.rest.operations import listing, operation, reading
from hvsim_fakes.vcenter.rest.structures import Structure

if TYPE_CHECKING:
    from hvsim.vcenter.store import ManagedObject
    from hvsim_fakes.vcenter.rest.call import Call

CLUSTER: Final = "com.vmware.vcenter.cluster"
_PATH: Final = "/vcenter/cluster"
_MOST: Final = 1_000


class ClusterFilter(Structure):
    """Which clusters are listed."""

    vapi = "com.vmware.vcenter.cluster.filter_spec"
    clusters: list[str] | None = None
    names: list[str] | None = None
    folders: list[str] | None = None
    datacenters: list[str] | None = None


class ClusterSummary(Structure):
    """A cluster in a list."""

    vapi = "com.vmware.vcenter.cluster.summary"
    cluster: str
    name: str
    ha_enabled: bool
    drs_enabled: bool


class ClusterInfo(Structure):
    """A cluster."""

    vapi = "com.vmware.vcenter.cluster.info"
    name: str
    resource_pool: str


_route, _takes = listing(_PATH, ClusterFilter)


@operation(f"{CLUSTER}.list", _route, takes=_takes)
def list_clusters(call: Call, filter: ClusterFilter | None) -> list[ClusterSummary]:
    """Return the clusters that fit a filter."""
    wanted = filter or ClusterFilter()
    fitting = (
        found
        for found in call.seen("ClusterComputeResource")
        if selecting.is_among(found.moid, wanted.clusters)
        and selecting.is_called(found, wanted.names)
        and selecting.lies_in(found, wanted.folders)
        and selecting.in_datacenter(call, found, wanted.datacenters)
    )
    code = "com.vmware.api.vcenter.cluster.list.too_many"
    return [
        ClusterSummary(
            cluster=found.moid,
            name=selecting.shown(found["name"]),
            ha_enabled=bool(found["configurationEx.dasConfig.enabled"]),
            drs_enabled=bool(found["configurationEx.drsConfig.enabled"]),
        )
        for found in selecting.bounded(fitting, _MOST, code, "clusters")
    ]


@operation(f"{CLUSTER}.get", reading(f"{_PATH}/{{cluster}}"), takes={"cluster": str})
def get_cluster(call: Call, cluster: str) -> ClusterInfo:
    """Return a cluster."""
    found = cluster_of(call, cluster)
    return ClusterInfo(
        name=selecting.shown(found["name"]), resource_pool=found["resourcePool"].moid
    )


def cluster_of(call: Call, identifier: str, privilege: str | None = None) -> ManagedObject:
    """Return a cluster, or raise ``not_found``."""
    code = "com.vmware.api.vcenter.cluster.not_found"
    return call.object("ClusterComputeResource", identifier, code, "Cluster", privilege)
