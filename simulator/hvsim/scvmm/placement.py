"""Which hosts may take a machine, how well each would, and for whom VMM chooses one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim.scvmm import contact, machines
from hvsim.scvmm.errors import VmmError

if TYPE_CHECKING:
    from hvsim.scvmm.fabric import Host
    from hvsim.scvmm.server import VmmServer
    from hvsim.scvmm.store import Record


def demand_available(host: Record) -> None:
    """Refuse a host in maintenance mode, or one that takes no placements (MAINT-ALL-1)."""
    if host["MaintenanceHost"] or not host["AvailableForPlacement"]:
        raise VmmError(13226, server=host.name)


def below(vmm: VmmServer, group: str) -> set[str]:
    """Return the IDs of a host group and of all groups below it."""
    found = {group}
    grew = True
    while grew:
        more = {one.id for one in vmm.store.of("VMHostGroup") if one["ParentHostGroupID"] in found}
        grew = not more <= found
        found |= more
    return found


def candidates(vmm: VmmServer, *, group: str = "", cloud: str = "") -> list[Record]:
    """Return the hosts in a host group, or in the groups that a cloud is made of."""
    hosts = vmm.store.of("VMHost")
    groups = [group] if group else []
    if cloud:
        groups = list(vmm.store.get("Cloud", cloud)["VMHostGroupIDs"] or ())
    if not groups:
        return hosts
    wanted = set().union(*(below(vmm, one) for one in groups))
    return [host for host in hosts if host["VMHostGroupID"] in wanted]


def stars(vmm: VmmServer, host: Record, memory: int) -> float:
    """Return a host's rating from 0 to 5 for a machine with so many mebibytes."""
    behind = machines.host_behind(vmm, host)
    unfit = host["MaintenanceHost"] or not host["AvailableForPlacement"]
    free = vmm.fabric.free_memory(behind)
    if unfit or contact.trouble(behind) is not None or free < memory:
        return 0.0
    whole = max(1, behind.server.memory // 2**20)
    return round(1.0 + 4.0 * (free - memory) / whole, 1)


def best(
    vmm: VmmServer, memory: int, *, group: str = "", cloud: str = "", clustered: bool = False
) -> Host:
    """Return the host with the best rating; raises error 2911 when none may take the machine."""
    rated = [
        (stars(vmm, host, memory), -order, host)
        for order, host in enumerate(candidates(vmm, group=group, cloud=cloud))
        if not clustered or machines.host_behind(vmm, host).cluster
    ]
    good = [one for one in rated if one[0] > 0]
    if not good:
        raise VmmError(2911, server=vmm.fqdn)
    return machines.host_behind(vmm, max(good, key=lambda one: one[:2])[2])
