"""Moves of machines between hosts: live, quick (through a saved state), over the network, cold.

MIG-HV-*. Within a cluster a highly available machine moves with its disks where they are: live
from Windows Server 2008 R2 on, through a saved state before. Elsewhere its disks are copied; a
running one is saved for that, until Windows Server 2012 moves it live with nothing shared.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hvsim.operations import Stage
from hvsim.scvmm import contact, guests, jobs, machines, placement, power, refresh, vms
from hvsim.scvmm.actions import Call, action
from hvsim.scvmm.errors import VmmError
from hvsim.scvmm.fabric import State

if TYPE_CHECKING:
    from hvsim.operations import Steps
    from hvsim.scvmm.fabric import Guest, Host
    from hvsim.scvmm.store import Record

_MOVABLE: Final = ("Running", "PowerOff", "Saved", "Paused")
_MIB: Final = 2**20
SETUP: Final = 2.0
SWITCH: Final = 1.0


@dataclass(slots=True)
class Move:
    """One move under way, with all that its stages need."""

    call: Call
    vm: Record
    source: Host
    target: Host
    highly_available: bool
    path: str = ""
    block_if_busy: bool = False

    @property
    def in_cluster(self) -> bool:
        """Whether the cluster moves it, so that its disks stay where they are."""
        same = bool(self.source.cluster) and self.source.cluster == self.target.cluster
        return same and bool(self.vm["IsHighlyAvailable"])

    @property
    def live(self) -> bool:
        """Whether a running machine keeps running."""
        both = (self.source.windows, self.target.windows)
        if self.in_cluster:
            return all(windows.live for windows in both)
        return all(windows.shared_nothing for windows in both) and self.call.vmm.has(
            "shared-nothing-live-migration"
        )


@action("MoveVirtualMachine")
def move(
    call: Call,
    VM: str,
    VMHost: str,
    Path: str = "",
    UseLAN: bool = False,  # noqa: ARG001 - the only way for what no cluster moves
    UseCluster: bool = False,
    BlockLiveMigrationIfHostBusy: bool = False,
    HighlyAvailable: bool | None = None,
) -> str:
    """Move a machine to another host."""
    vm = call.store.get("VM", VM)
    if vm["Status"] == "Stored":
        return _deploy(call, vm, VMHost, Path, clustered=bool(HighlyAvailable))
    made = _plan(call, vm, VMHost, HighlyAvailable)
    made.path, made.block_if_busy = Path, BlockLiveMigrationIfHostBusy
    if UseCluster and not made.in_cluster:
        raise VmmError(10698, name=vm.name)
    running = vm["Status"] == "Running"
    text = "Live migrate virtual machine" if running and made.live else "Migrate virtual machine"
    return jobs.start(call, text, vm, carry_out(made))


def _deploy(call: Call, vm: Record, host: str, path: str, *, clustered: bool) -> str:
    record = call.store.get("VMHost", host)
    placement.demand_available(record)
    target = machines.host_behind(call.vmm, record)
    if clustered and not target.cluster:
        raise VmmError(10608, name=target.fqdn)
    steps = vms.deploy(call, vm, target, path, clustered=clustered)
    return jobs.start(call, "Deploy virtual machine from library", vm, steps)


def _plan(call: Call, vm: Record, host: str, available: bool | None) -> Move:
    """Judge a move by what VMM knows; raises what VMM refuses it with."""
    vmm = call.vmm
    machines.demand_status(vm, *_MOVABLE)
    record = call.store.get("VMHost", host)
    source, target = vmm.host_of(vm), machines.host_behind(vmm, record)
    if source is target:
        raise VmmError(10209, name=vm.name, server=target.fqdn)
    placement.demand_available(record)
    keeps = bool(source.cluster) and source.cluster == target.cluster
    wanted = (vm["IsHighlyAvailable"] and keeps) if available is None else available
    if wanted and not target.cluster:
        raise VmmError(10608, name=target.fqdn)
    made = Move(call, vm, source, target, bool(wanted))
    if vm["Status"] == "Running" and not made.live and not _may_be_saved(made):
        raise VmmError(23008, name=vm.name, server=target.fqdn, detail="It must be stopped first.")
    return made


def _may_be_saved(made: Move) -> bool:
    return made.in_cluster or made.call.vmm.has("quick-storage-migration")


def begin(call: Call, vm: Record, target: Host) -> str:
    """Start the move of a machine within its cluster, for whoever empties a host; its job."""
    made = _plan(call, vm, target.managed, None)
    return jobs.start(call, "Live migrate virtual machine", vm, carry_out(made))


def carry_out(made: Move) -> Steps:
    """Give the stages of a move."""
    call, vm = made.call, made.vm
    vmm = call.vmm
    before = vm["VirtualMachineState"]
    vmm.store.change(vm, Status="UnderMigration")
    try:
        yield from contact.reach(made.source)
        yield from contact.reach(made.target)
        guest = contact.guest_of(vmm, vm, made.source)
        yield from _by_state(made, guest)
        _arrive(made, guest)
    except VmmError:
        if before == "Running" and contact.trouble(made.source) is not None:
            # The source went while its guest was on the way: nobody knows how far it came.
            vmm.store.change(vm, Status="MigrationFailed")
            raise
        refresh.settle(vmm, vm)
        raise
    finally:
        for host in (made.source, made.target):
            refresh.show_host(vmm, host)


def _by_state(made: Move, guest: Guest) -> Steps:
    if guest.state == State.RUNNING and made.live:
        yield from _live(made, guest)
    elif guest.state in (State.RUNNING, State.PAUSED):
        yield from _quick(made, guest)
    else:
        yield from _cold(made, guest)


def _live(made: Move, guest: Guest) -> Steps:
    vmm = made.call.vmm
    contact.demand_room(vmm, made.target, guest.memory)
    yield from _take_turn(made)
    try:
        yield Stage("setup", SETUP, 0.1)
        if not made.in_cluster:
            yield Stage("storage", guest.disk / vmm.bandwidth, 0.6)
        yield Stage("memory", guest.memory * _MIB / vmm.bandwidth, 0.9)
        yield Stage("switch", SWITCH, 0.95)
        _demand_both(made, guest)
    finally:
        _end_turn(made)


def _quick(made: Move, guest: Guest) -> Steps:
    """Save the guest, move it, and let it go on there: an outage that VMM shows step by step."""
    vmm, vm = made.call.vmm, made.vm
    store = vmm.store
    contact.demand_room(vmm, made.target, guest.memory)
    store.change(vm, Status="Saving")
    yield Stage("save", power.seconds_of(made.call, guest.memory), 0.4)
    _demand_both(made, guest)
    guests.save(vmm, guest, keep_online=True)
    store.change(vm, Status="UnderMigration", VirtualMachineState="Saved")
    yield from _carry_disks(made, guest)
    _demand_both(made, guest)
    vmm.fabric.change(guest, host=made.target.name)
    store.change(vm, Status="Restoring", VMHostID=made.target.managed)
    yield Stage("restore", power.seconds_of(made.call, guest.memory), 0.95)
    contact.demand_room(vmm, made.target, guest.memory)
    guests.wake(vmm, guest)


def _cold(made: Move, guest: Guest) -> Steps:
    yield from _carry_disks(made, guest)
    _demand_both(made, guest)


def _carry_disks(made: Move, guest: Guest) -> Steps:
    if made.in_cluster:
        yield Stage("ownership", SETUP, 0.7)
    else:
        yield Stage("storage", SETUP + guest.disk / made.call.vmm.bandwidth, 0.7)


def _demand_both(made: Move, guest: Guest) -> None:
    """Refuse when one of the hosts was lost meanwhile, or the guest is somewhere else."""
    for host in (made.source, made.target):
        found = contact.trouble(host)
        if found is not None:
            raise found
    if guest.guid not in made.call.fabric.guests or guest.host not in (
        made.source.name,
        made.target.name,
    ):
        raise VmmError(10698, name=made.vm.name)


def _arrive(made: Move, guest: Guest) -> None:
    """Let the guest be on its new host, for Hyper-V, for the cluster and for VMM."""
    vmm = made.call.vmm
    running = guest.state == State.RUNNING
    vmm.fabric.change(
        guest,
        host=made.target.name,
        clustered=made.highly_available,
        online=made.highly_available and running,
        shared=made.highly_available,
    )
    changes = {"VMHostID": made.target.managed, "IsHighlyAvailable": made.highly_available}
    if not made.in_cluster:
        place = machines.located(
            made.target, guest.name, guest.guid, shared=guest.shared, path=made.path
        )
        changes |= place
    vmm.store.change(made.vm, **changes)
    refresh.settle(vmm, made.vm)
    refresh.heavy(vmm, made.vm)


def _take_turn(made: Move) -> Steps:
    """Wait until both hosts may take part in one more live migration."""
    vmm = made.call.vmm
    while busy := _busy(made):
        if made.block_if_busy:
            raise VmmError(23801, server=made.target.fqdn)
        turn = vmm.world.engine.event()
        vmm.moving.setdefault(f"wait/{busy}", []).append(turn)
        try:
            yield turn
        finally:
            waiting = vmm.moving.get(f"wait/{busy}", [])
            if turn in waiting:
                waiting.remove(turn)
    for host in (made.source, made.target):
        vmm.moving.setdefault(host.name, []).append(vmm.world.engine.event())


def _busy(made: Move) -> str:
    """Return the host that has as many live migrations as it may; empty when neither has."""
    for host in (made.source, made.target):
        record = made.call.store.find("VMHost", host.managed)
        most = (record and record["LiveMigrationMaximum"]) or host.windows.at_once
        if len(made.call.vmm.moving.get(host.name, ())) >= most:
            return host.name
    return ""


def _end_turn(made: Move) -> None:
    vmm = made.call.vmm
    for host in (made.source, made.target):
        if vmm.moving.get(host.name):
            vmm.moving[host.name].pop()
        for turn in vmm.moving.pop(f"wait/{host.name}", []):
            if not turn.triggered:
                turn.succeed()


@action("RepairVirtualMachine")
def repair(
    call: Call, VM: str, Dismiss: bool = False, Undo: bool = False, Retry: bool = False
) -> str:
    """Bring a machine back from a failed move or creation: show what is true of it."""
    vm = call.store.get("VM", VM)
    failed = ("MigrationFailed", "CreationFailed", "UpdateFailed", "CheckpointFailed")
    machines.demand_status(vm, *failed, "Missing")
    if sum((Dismiss, Undo, Retry)) != 1:
        raise VmmError(50002, name="", parameter="Dismiss")

    def steps() -> Steps:
        yield Stage("repair", SETUP, 0.9)
        refresh.settle(call.vmm, vm)
        refresh.heavy(call.vmm, vm)

    return jobs.start(call, "Repair virtual machine", vm, steps())
