"""How VMM learns what is true: refreshers that run now and then, events, and a forced refresh.

In VMM 2008 R2 a light refresher looks at each host every two minutes and a heavy one at each
guest every thirty. Since VMM 2012 SP1 hosts tell of changed states and moves as well (sources: the
maker's pages on data refreshes, and on event-based refresh).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.operations import Stage
from hvsim.scvmm import contact, jobs, machines
from hvsim.scvmm.actions import Call, action
from hvsim.scvmm.errors import VmmError
from hvsim.scvmm.fabric import Node, State

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim.operations import Steps
    from hvsim.scvmm.fabric import Guest, Host
    from hvsim.scvmm.server import VmmServer
    from hvsim.scvmm.store import Record

LIGHT: Final = 120.0
HEAVY: Final = 1800.0
EVENT: Final = 5.0
"""Seconds until a change that a host tells of is in VMM's database."""
FORCED: Final = 2.0
WORDS: Final = {
    State.RUNNING: "Running",
    State.OFF: "PowerOff",
    State.SAVED: "Saved",
    State.PAUSED: "Paused",
}
"""VMM's word for each state of Hyper-V's."""


def watch(vmm: VmmServer) -> None:
    """Let VMM find out, in its own time, what changes without its doing."""
    vmm.fabric.on_outside.append(lambda guest: notice(vmm, guest))


def notice(vmm: VmmServer, guest: Guest) -> None:
    """Let a guest's change be found when it is due."""
    host = vmm.fabric.hosts[guest.host]
    if host.managed:
        told = vmm.has("refresh-by-events") and contact.trouble(host) is None
        notice_host(vmm, host, EVENT if told else None)
    _later(vmm, f"guest/{guest.guid}", _until(vmm, HEAVY), lambda: _heavy_of(vmm, guest.guid))


def notice_host(vmm: VmmServer, host: Host, after: float | None = None) -> None:
    """Let a host be looked at ``after`` so many seconds, or when its light refresh is due."""
    if not host.managed:
        return
    delay = _until(vmm, LIGHT) if after is None else after
    # One that is due soon does not stand for one that is due later, nor the other way round.
    key = f"host/{host.name}/{'event' if after is not None else 'light'}"
    _later(vmm, key, delay, lambda: _look(vmm, host))


def _look(vmm: VmmServer, host: Host) -> None:
    """Look at a host, unless it is in maintenance mode: its status is not updated then."""
    record = vmm.store.find("VMHost", host.managed)
    if record is not None and not record["MaintenanceHost"]:
        light(vmm, host)


def _until(vmm: VmmServer, period: float) -> float:
    return period - vmm.world.now % period


def _later(vmm: VmmServer, key: str, delay: float, act: Callable[[], object]) -> None:
    if vmm.pending.get(key):
        return
    vmm.pending[key] = True

    def steps() -> Steps:
        yield Stage("wait", delay)
        del vmm.pending[key]
        if vmm.service == "running":
            act()

    path = f"{vmm.path}/refresh/{key}"
    vmm.world.operations.start("scvmm.refresh", path, steps(), foreground=False)


def light(vmm: VmmServer, host: Host) -> bool:
    """Look at a host: its agent, its service, the states of its guests; return if it answers."""
    record = vmm.store.find("VMHost", host.managed)
    if record is None:
        return False
    trouble = contact.trouble(host)
    show_host(vmm, host)
    if trouble is not None:
        for vm in machines.on(vmm, record.id):
            if vm.id not in vmm.locks and vm["Status"] != "CreationFailed":
                vmm.store.change(vm, Status="HostNotResponding")
        return False
    for guest in vmm.fabric.guests_on(host.name):
        found = vmm.vm_of(guest)
        if found is None:
            machines.discover(vmm, guest)
        else:
            show(vmm, found)
    for vm in machines.on(vmm, record.id):
        show(vmm, vm)
    return True


def show_host(vmm: VmmServer, host: Host) -> None:
    """Bring a host's record up to what VMM sees of it."""
    record = vmm.store.find("VMHost", host.managed)
    if record is None:
        return
    vmm.store.change(record, **host_view(vmm, host, maintained=bool(record["MaintenanceHost"])))


def host_view(vmm: VmmServer, host: Host, *, maintained: bool) -> dict[str, Any]:
    """Return the fields that tell how a host is."""
    reached = host.silence() is None and host.agent == "running"
    good = contact.trouble(host) is None
    state = "OK" if good else "NeedsAttention"
    node = _node_status(vmm, host)
    return {
        "CommunicationState": "Responding" if reached else "NotResponding",
        "ComputerState": "Responding" if reached else "NotResponding",
        "HyperVState": ("Running" if host.hyperv == "running" else "Stopped")
        if reached
        else "Unknown",
        "OverallState": "InMaintenanceMode" if maintained and good else state,
        "ClusterNodeStatus": node,
        "AvailableMemory": max(0, vmm.fabric.free_memory(host)),
    }


def _node_status(vmm: VmmServer, host: Host) -> str:
    if not host.cluster:
        return "NotClustered"
    others = [vmm.fabric.hosts[name] for name in vmm.fabric.clusters[host.cluster].nodes]
    if not any(contact.trouble(other) is None for other in others):
        return "Unknown"
    words = {Node.UP: "Running", Node.PAUSED: "Paused", Node.ISOLATED: "Isolated"}
    return words.get(Node(host.node), "Down")


def show(vmm: VmmServer, vm: Record) -> None:
    """Bring a machine's record up to where it is and what it does."""
    if vm.id in vmm.locks:
        return
    settle(vmm, vm)


def settle(vmm: VmmServer, vm: Record) -> None:
    """As :func:`show`, for a job that is about to let go of the machine."""
    if not vmm.store.find("VM", vm.id) or vm["LibraryServerID"]:
        return
    guest = vmm.fabric.guests.get(vm["VMId"])
    host = vmm.fabric.hosts[guest.host] if guest is not None else None
    if guest is None or host is None or not host.managed:
        _show_absent(vmm, vm)
    elif contact.trouble(host) is not None:
        vmm.store.change(vm, Status="HostNotResponding")
    else:
        word = WORDS[State(guest.state)]
        vmm.store.change(
            vm,
            Status=word,
            VirtualMachineState=word,
            VMHostID=host.managed,
            IsHighlyAvailable=guest.clustered,
        )


def _show_absent(vmm: VmmServer, vm: Record) -> None:
    """Show a machine that its host does not know any more."""
    if vm["Status"] == "CreationFailed":
        return
    here = next((h for h in vmm.fabric.hosts.values() if h.managed == vm["VMHostID"]), None)
    lost = here is None or contact.trouble(here) is None
    vmm.store.change(vm, Status="Missing" if lost else "HostNotResponding")


def _heavy_of(vmm: VmmServer, guid: str) -> None:
    guest = vmm.fabric.guests.get(guid)
    vm = None if guest is None else vmm.vm_of(guest)
    if vm is not None and vm.id not in vmm.locks:
        heavy(vmm, vm)


def heavy(vmm: VmmServer, vm: Record) -> None:
    """Bring all properties of a machine up to what its host knows of it (NAME-HV-2)."""
    guest = vmm.fabric.guests.get(vm["VMId"])
    if guest is None or contact.trouble(vmm.fabric.hosts[guest.host]) is not None:
        return
    changes: dict[str, Any] = {
        "Name": guest.name,
        "Memory": guest.memory,
        "CPUCount": guest.cpus,
        "HasVMAdditions": guest.services,
        "MemoryAssignedMB": guest.memory if guest.state == State.RUNNING else 0,
    }
    if guest.state == State.RUNNING and guest.services and guest.reported:
        changes["ComputerName"] = guest.reported
    vmm.store.change(vm, **changes)


@action("RefreshVirtualMachine")
def refresh_vm(call: Call, VM: str) -> str:
    """Read a virtual machine's state and properties from its host now."""
    vmm, vm = call.vmm, call.store.get("VM", VM)

    def steps() -> Steps:
        host = _host_to_ask(vmm, vm)
        yield from contact.reach(host) if host else ()
        yield Stage("refresh", FORCED, 0.9)
        settle(vmm, vm)
        heavy(vmm, vm)

    return jobs.start(call, "Refresh virtual machine", vm, _settling(vmm, vm, steps()))


def _settling(vmm: VmmServer, vm: Record, steps: Steps) -> Steps:
    try:
        yield from steps
    except VmmError:
        settle(vmm, vm)
        _tell_host(vmm, vm)
        raise


def _tell_host(vmm: VmmServer, vm: Record) -> None:
    for host in vmm.fabric.hosts.values():
        if host.managed and host.managed == vm["VMHostID"]:
            show_host(vmm, host)


def _host_to_ask(vmm: VmmServer, vm: Record) -> Host | None:
    """Return the host that VMM asks for a machine: its cluster knows where it went."""
    guest = vmm.fabric.guests.get(vm["VMId"])
    known = next((h for h in vmm.fabric.hosts.values() if h.managed == vm["VMHostID"]), None)
    if guest is not None and known is not None and known.cluster:
        there = vmm.fabric.hosts[guest.host]
        if there.cluster == known.cluster:
            return there
    return known


@action("RefreshVMHost")
def refresh_host(call: Call, VMHost: str) -> str:
    """Read a host's state, and the states of its guests, now."""
    vmm, record = call.vmm, call.store.get("VMHost", VMHost)
    host = machines.host_behind(vmm, record)

    def steps() -> Steps:
        try:
            yield from contact.reach(host)
            yield Stage("refresh", FORCED, 0.9)
        finally:
            light(vmm, host)

    return jobs.start(call, "Refresh host", record, steps())


@action("RefreshVirtualMachines")
def refresh_vms(call: Call, VMHost: str) -> str:
    """Read the states of a host's guests now, as the light refresher does."""
    found: str = refresh_host(call, VMHost)
    return found


@action("RefreshVMHostCluster")
def refresh_cluster(call: Call, VMHostCluster: str) -> str:
    """Read the state of a cluster's nodes, and of their guests, now."""
    vmm, record = call.vmm, call.store.get("VMHostCluster", VMHostCluster)
    cluster = next(c for c in vmm.fabric.clusters.values() if c.managed == record.id)

    def steps() -> Steps:
        yield Stage("refresh", FORCED, 0.9)
        answers = [light(vmm, vmm.fabric.hosts[name]) for name in cluster.nodes]
        if not all(answers):
            jobs.inform(vmm, record, VmmError(13926, name=record.name))

    return jobs.start(call, "Refresh host cluster", record, steps())
