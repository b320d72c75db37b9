"""HA's admission control: memory and processor time are kept for the failure of hosts.

Of memory it counts what guests are configured with; of processor time what is reserved for each,
and no less than the release's least slot (Broadcom KB 344227). It adds guests up where vSphere
makes slots of one size.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hvsim.vcenter import entity, placement, shape_host
from hvsim.vcenter.faults import VimFault
from hvsim.vcenter.inventory import is_effective

if TYPE_CHECKING:
    from hvsim.vcenter.server import VCenter
    from hvsim.vcenter.store import ManagedObject, Store
    from hvsim.vcenter.values import Data, Ref

_LEAST_SLOT: Final = 128
"""MiB that the smallest guest counts for."""
_SLOT: Final = 32
_OLD_SLOT: Final = 256
"""MHz that a guest without a reservation counts for, since vSphere 5 and before."""


def require(vcenter: VCenter, vm: Ref) -> None:
    """Refuse to power on a machine that would leave too little room for a failover."""
    compute = entity.compute_of(vcenter.store, vcenter.store.value(vm, "runtime.host"))
    if compute is None or not controls(compute):
        return
    if not _enough(vcenter, compute, vm):
        raise VimFault(
            "InsufficientFailoverResourcesFault",
            msg="Insufficient resources to satisfy the configured failover level for HA.",
        )


def controls(compute: ManagedObject) -> bool:
    """Whether a cluster has HA with admission control."""
    das: Data | None = compute["configurationEx.dasConfig"]
    return (
        das is not None and das.get("enabled", False) and das.get("admissionControlEnabled", True)
    )


def level(compute: ManagedObject) -> int:
    """Return how many host failures a cluster keeps room for."""
    das: Data = compute["configurationEx.dasConfig"]
    policy: Data | None = das["admissionControlPolicy"]
    found = policy["failoverLevel"] if policy is not None else das["failoverLevel"]
    return int(found or 0)


def _enough(vcenter: VCenter, compute: ManagedObject, vm: Ref) -> bool:
    """Whether, with the largest hosts gone, the rest can take all running guests and one more."""
    store = vcenter.store
    hosts = [store.get(ref) for ref in compute["host"] if is_effective(store.get(ref))]
    machines = _machines(vcenter, compute, vm)
    memory = [int(host["hardware.memorySize"]) // placement.MIB for host in hosts]
    speed = [int(host["hardware.cpuInfo.numCpuCores"]) * shape_host.MHZ for host in hosts]
    return _fits(compute, "memory", memory, sum(_memory(store, one) for one in machines)) and (
        _fits(compute, "cpu", speed, sum(_processors(vcenter, one) for one in machines))
    )


def _fits(compute: ManagedObject, resource: str, sizes: list[int], needed: int) -> bool:
    """Whether what is needed of a resource is there when what is kept for failures is not."""
    policy: Data | None = compute["configurationEx.dasConfig.admissionControlPolicy"]
    if policy is not None and policy.type == "ClusterFailoverResourcesAdmissionControlPolicy":
        kept = int(policy.get(f"{resource}FailoverResourcesPercent", 25))
        return needed <= sum(sizes) * (100 - kept) // 100
    failures = level(compute)
    return failures == 0 or needed <= sum(sorted(sizes)[: max(0, len(sizes) - failures)])


def _machines(vcenter: VCenter, compute: ManagedObject, vm: Ref) -> list[Ref]:
    running = {
        other
        for host in compute["host"]
        for other in placement.guests_on(vcenter, host, "poweredOn")
    }
    return sorted(running | {vm})


def _memory(store: Store, vm: Ref) -> int:
    return max(_LEAST_SLOT, int(store.value(vm, "config.hardware.memoryMB")))


def _processors(vcenter: VCenter, vm: Ref) -> int:
    """Return the MHz that a machine counts for."""
    least = _OLD_SLOT if vcenter.has("ha-slot-256-mhz") else _SLOT
    reserved: int | None = vcenter.store.value(vm, "config.cpuAllocation.reservation")
    return max(least, reserved or 0)
