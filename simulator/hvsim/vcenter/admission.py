"""HA's admission control: room is kept for the failure of hosts.

It counts memory only, and the guests' configured memory instead of slots of their reservations.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hvsim.vcenter import entity, placement
from hvsim.vcenter.faults import VimFault
from hvsim.vcenter.inventory import is_effective

if TYPE_CHECKING:
    from hvsim.vcenter.server import VCenter
    from hvsim.vcenter.store import ManagedObject
    from hvsim.vcenter.values import Data, Ref

_LEAST_SLOT: Final = 128
"""MiB that the smallest guest counts for."""


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
    hosts = [ref for ref in compute["host"] if is_effective(store.get(ref))]
    sizes = sorted(int(store.value(host, "hardware.memorySize")) // placement.MIB for host in hosts)
    policy: Data | None = compute["configurationEx.dasConfig.admissionControlPolicy"]
    needed = _needed(vcenter, compute, vm)
    if policy is not None and policy.type == "ClusterFailoverResourcesAdmissionControlPolicy":
        kept = int(policy.get("memoryFailoverResourcesPercent", 25))
        return needed <= sum(sizes) * (100 - kept) // 100
    failures = level(compute)
    return failures == 0 or needed <= sum(sizes[: max(0, len(sizes) - failures)])


def _needed(vcenter: VCenter, compute: ManagedObject, vm: Ref) -> int:
    store = vcenter.store
    running = {
        other
        for host in compute["host"]
        for other in placement.guests_on(vcenter, host, "poweredOn")
    }
    machines = sorted(running | {vm})
    sizes = (int(store.value(ref, "config.hardware.memoryMB")) for ref in machines)
    return sum(max(_LEAST_SLOT, size) for size in sizes)
