"""Where a cluster would put a machine: the placement that clients ask for before they make one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim.vcenter import placement
from hvsim.vcenter.faults import VimFault, bad_argument
from hvsim.vcenter.methods import Call, method
from hvsim.vcenter.values import Data, Ref, data, now

if TYPE_CHECKING:
    from hvsim.vcenter.server import VCenter

_KINDS = frozenset({"create", "clone", "relocate", "reconfigure"})


@method("ClusterComputeResource.PlaceVm")
def place(call: Call, this: Ref, placementSpec: Data) -> Data:
    """Return the hosts and datastores for a machine, the best first (``PlacementResult``).

    Raises ``InvalidArgument`` about a specification that says too little, and
    ``NoCompatibleHost`` when no host of the cluster could have the machine.
    """
    vcenter, spec = call.vcenter, placementSpec
    kind: str = spec["placementType"] or ("relocate" if spec["vm"] is not None else "create")
    if kind not in _KINDS:
        raise bad_argument("placementSpec.placementType")
    if kind == "create" and spec["configSpec"] is None:
        raise bad_argument("placementSpec.configSpec")
    if kind != "create" and spec["vm"] is None:
        raise bad_argument("placementSpec.vm")
    hosts = _hosts(vcenter, this, spec)
    if not hosts:
        raise VimFault("NoCompatibleHost")
    listed = [_recommendation(call, this, host, spec, kind) for host in hosts]
    return data("PlacementResult", recommendations=listed)


def _hosts(vcenter: VCenter, cluster: Ref, spec: Data) -> list[Ref]:
    """Return the hosts that could have a machine, those with the most room first."""
    allowed: list[Ref] = spec["hosts"] or vcenter.store.value(cluster, "host")
    fitting = [host for host in allowed if _can(vcenter, cluster, host, spec)]
    return sorted(fitting, key=lambda host: placement.load(vcenter, host))


def _can(vcenter: VCenter, cluster: Ref, host: Ref, spec: Data) -> bool:
    if vcenter.store.value(host, "parent") != cluster:
        return False
    try:
        placement.require_host(vcenter, host)
    except VimFault:
        return False
    return bool(_datastores(vcenter, host, spec))


def _datastores(vcenter: VCenter, host: Ref, spec: Data) -> list[Ref]:
    """Return the datastores that a machine may lie in on a host, those with the most room first."""
    mounted: list[Ref] = vcenter.store.value(host, "datastore") or []
    wanted: list[Ref] | None = spec["datastores"]
    fitting = [ref for ref in mounted if not wanted or ref in wanted]
    return sorted(fitting, key=lambda ref: -(vcenter.store.value(ref, "summary.freeSpace") or 0))


def _recommendation(call: Call, cluster: Ref, host: Ref, spec: Data, kind: str) -> Data:
    vcenter = call.vcenter
    pool: Ref = vcenter.store.value(cluster, "resourcePool")
    where = data(
        "VirtualMachineRelocateSpec",
        host=host,
        pool=pool,
        datastore=_datastores(vcenter, host, spec)[0],
    )
    action = data(
        "PlacementAction",
        type="PlacementV1",
        vm=spec["vm"] if kind != "create" else None,
        targetHost=host,
        relocateSpec=where,
    )
    return data(
        "ClusterRecommendation",
        key=str(vcenter.world.streams.number(f"{vcenter.path}/recommendation")),
        type="V1",
        time=now(vcenter.world),
        rating=1,
        reason="xvmotionPlacement",
        reasonText="Place the virtual machine where there is the most room",
        action=[action],
        target=cluster,
    )
