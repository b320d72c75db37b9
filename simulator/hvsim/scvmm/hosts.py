"""Hosts as VMM manages them: maintenance mode, settings, coming and going."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.errors import CommandError, Refusal
from hvsim.operations import Stage
from hvsim.scvmm import contact, inventory, jobs, machines, move, power, refresh
from hvsim.scvmm.actions import Call, action
from hvsim.scvmm.errors import VmmError
from hvsim.scvmm.fabric import Node

if TYPE_CHECKING:
    from hvsim.operations import Steps
    from hvsim.scvmm.fabric import Host
    from hvsim.scvmm.store import Record

CHANGE: Final = 2.0
ADD: Final = 60.0


@action("DisableVMHost")
def disable(call: Call, VMHost: str, MoveWithinCluster: bool = False) -> str:
    """Put a host into maintenance mode: its guests move within the cluster, or are saved.

    MAINT-HV-4, MAINT-HV-5 (source: the reference of ``Disable-SCVMHost``).
    """
    vmm, record = call.vmm, call.store.get("VMHost", VMHost)
    host = machines.host_behind(vmm, record)
    moves = MoveWithinCluster and bool(host.cluster) and host.windows.live

    def steps() -> Steps:
        yield from contact.reach(host)
        vmm.store.change(record, AvailableForPlacement=False)
        try:
            for vm in machines.on(vmm, record.id):
                if vm["Status"] in ("Running", "Paused"):
                    yield from _clear(call, vm, host, moves=moves)
        except Refusal:
            vmm.store.change(record, AvailableForPlacement=True)
            raise
        _set_maintenance(call, record, host, on=True)

    return jobs.start(call, "Start maintenance mode", record, steps())


def _clear(call: Call, vm: Record, host: Host, *, moves: bool) -> Steps:
    """Move a guest to another node, or save it."""
    target = _other_node(call, vm, host) if moves and vm["IsHighlyAvailable"] else None
    if target is not None and vm["Status"] == "Running":
        job = move.begin(call, vm, target)
    else:
        job = power.save(call, vm.id)
    yield call.vmm.jobs[job]


def _other_node(call: Call, vm: Record, host: Host) -> Host | None:
    """Return the node of a host's cluster with the most room for a machine, or None."""
    fabric = call.fabric
    nodes = [fabric.hosts[name] for name in fabric.clusters[host.cluster].nodes]
    fit = [
        (fabric.free_memory(node), -order, node)
        for order, node in enumerate(nodes)
        if node is not host
        and node.node is Node.UP
        and node.managed
        and contact.trouble(node) is None
        and _takes(call, node)
    ]
    fit = [one for one in fit if one[0] >= int(vm["Memory"])]
    return max(fit, key=lambda one: one[:2])[2] if fit else None


def _takes(call: Call, node: Host) -> bool:
    record = call.store.find("VMHost", node.managed)
    return record is not None and bool(record["AvailableForPlacement"])


def _set_maintenance(call: Call, record: Record, host: Host, *, on: bool) -> None:
    vmm = call.vmm
    vmm.store.change(record, MaintenanceHost=on, AvailableForPlacement=not on)
    if host.cluster:
        vmm.fabric.change_host(host, paused=on)
    if host.cluster and host.node in (Node.UP, Node.PAUSED):
        vmm.fabric.change_host(host, node=Node.PAUSED if on else Node.UP)
    refresh.show_host(vmm, host)


@action("EnableVMHost")
def enable(call: Call, VMHost: str) -> str:
    """Take a host out of maintenance mode; nothing is moved back or started by that."""
    record = call.store.get("VMHost", VMHost)
    host = machines.host_behind(call.vmm, record)

    def steps() -> Steps:
        yield from contact.reach(host)
        yield Stage("change", CHANGE, 0.9)
        _set_maintenance(call, record, host, on=False)
        refresh.light(call.vmm, host)

    return jobs.start(call, "Stop maintenance mode", record, steps())


@action("SetVMHost")
def change(call: Call, VMHost: str, Fields: dict[str, Any]) -> str:
    """Change a host's settings; ``MaintenanceHost`` here moves and saves nothing."""
    record = call.store.get("VMHost", VMHost)
    host = machines.host_behind(call.vmm, record)
    jobs.demand_free(call.vmm, [record.id])
    settings = dict(Fields)
    maintenance = settings.pop("MaintenanceHost", None)
    if maintenance is not None and maintenance != record["MaintenanceHost"]:
        _set_maintenance(call, record, host, on=maintenance)
    call.store.change(record, ModifiedTime=call.world.now, **settings)
    return jobs.at_once(call, "Change properties of host", record)


@action("MoveVMHost")
def regroup(call: Call, VMHost: str, ParentHostGroup: str) -> str:
    """Put a host into another host group."""
    record = call.store.get("VMHost", VMHost)
    group = call.store.get("VMHostGroup", ParentHostGroup)
    call.store.change(record, VMHostGroupID=group.id)
    return jobs.at_once(call, "Move host", record)


@action("AddVMHost")
def add(
    call: Call, ComputerName: str, Fields: dict[str, Any], VMHostGroup: str = ""
) -> dict[str, str]:
    """Let VMM manage a Hyper-V host that it did not: its ID and the job's (MAINT-HV-2)."""
    vmm = call.vmm
    try:
        host = vmm.fabric.host(ComputerName)
    except CommandError:
        raise VmmError(2923, server=ComputerName) from None
    if host.managed:
        raise VmmError(25001, kind="host", name=host.fqdn)
    found = contact.trouble(host)
    if found is not None:
        raise found
    record = inventory.add_host(vmm, host, group=VMHostGroup)
    vmm.store.change(record, **Fields)

    def steps() -> Steps:
        yield Stage("agent", ADD, 0.9)
        refresh.light(vmm, host)

    return {
        "VMHost": record.id,
        "Job": jobs.start(call, "Add virtual machine host", record, steps()),
    }


@action("RemoveVMHost")
def remove(call: Call, VMHost: str) -> str:
    """Let VMM manage a host no more; its guests run on, and VMM forgets them."""
    vmm, record = call.vmm, call.store.get("VMHost", VMHost)
    host = machines.host_behind(vmm, record)
    if host.cluster and vmm.fabric.clusters[host.cluster].managed:
        raise VmmError(25006, kind="host", name=record.name, other=host.cluster)

    def steps() -> Steps:
        yield Stage("remove", CHANGE, 0.9)
        for vm in machines.on(vmm, record.id):
            vmm.store.remove(vm)
        host.managed = ""
        vmm.store.remove(record)

    return jobs.start(call, "Remove virtual machine host", record, steps())
