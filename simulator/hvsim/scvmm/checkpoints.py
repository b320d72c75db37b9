"""Checkpoints of machines: what they were like at some time, to go back to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.operations import Stage
from hvsim.scvmm import contact, guests, jobs, machines, power, refresh
from hvsim.scvmm.actions import Call, action
from hvsim.scvmm.fabric import State

if TYPE_CHECKING:
    from hvsim.operations import Steps
    from hvsim.scvmm.fabric import Guest, Host
    from hvsim.scvmm.store import Record

TAKE: Final = 3.0
MERGE: Final = 5.0


@action("NewCheckpoint")
def new(call: Call, VM: str, Name: str = "", Description: str = "") -> str:
    """Take a checkpoint; the ID of the job."""
    vm = call.store.get("VM", VM)
    machines.demand_status(vm, "Running", "PowerOff", "Saved", "Paused")

    def work(host: Host, guest: Guest) -> Steps:
        contact.demand(host, guest, *State)
        running = guest.state == State.RUNNING
        seconds = power.seconds_of(call, guest.memory) if running else TAKE
        yield Stage("checkpoint", seconds, 0.9)
        add(call, vm, guest, Name, Description)

    return power.change(call, vm, "Create checkpoint", "CreatingCheckpoint", work)


def add(call: Call, vm: Record, guest: Guest, name: str, description: str) -> Record:
    """Add a checkpoint of what a machine is like now, below the one it goes on from."""
    streams, now = call.world.streams, call.world.now
    count = len(call.store.parts("VMCheckpoint", vm.id)) + 1
    fields: dict[str, Any] = {
        "ParentID": vm.id,
        "VMID": vm.id,
        "Name": name or f"{vm.name} - ({count})",
        "Description": description,
        "AddedTime": now,
        "ModifiedTime": now,
        "CheckpointID": streams.uuid(f"{call.vmm.path}/checkpoint").upper(),
        "ParentCheckpointID": vm["LastRestoredCheckpointID"],
        "Enabled": True,
        "Saved": {
            "state": guest.state,
            "memory": guest.memory,
            "cpus": guest.cpus,
            "hostname": guest.hostname,
        },
    }
    made = call.store.add("VMCheckpoint", streams.uuid(f"{call.vmm.path}/VMCheckpoint"), fields)
    call.store.change(vm, LastRestoredCheckpointID=made["CheckpointID"])
    return made


@action("RestoreCheckpoint")
def restore(call: Call, VMCheckpoint: str) -> str:
    """Take a machine back to a checkpoint: saved if it ran then, else off."""
    checkpoint = call.store.get("VMCheckpoint", VMCheckpoint)
    vm = call.store.get("VM", checkpoint["VMID"])
    machines.demand_status(vm, "Running", "PowerOff", "Saved", "Paused")

    def work(host: Host, guest: Guest) -> Steps:
        contact.demand(host, guest, *State)
        yield Stage("restore", TAKE, 0.9)
        saved = checkpoint["Saved"]
        guests.turn_off(call.vmm, guest)
        kept = {key: saved[key] for key in ("memory", "cpus", "hostname")}
        ran = saved["state"] in (State.RUNNING, State.PAUSED, State.SAVED)
        call.fabric.change(guest, **kept, state=State.SAVED if ran else State.OFF)
        call.store.change(vm, LastRestoredCheckpointID=checkpoint["CheckpointID"])
        refresh.heavy(call.vmm, vm)

    return power.change(call, vm, "Restore checkpoint", "RecoveringCheckpoint", work)


@action("RemoveCheckpoint")
def remove(call: Call, VMCheckpoint: str, IncludeChildren: bool = False) -> str:
    """Remove a checkpoint (and those below it); the others below it go up one step."""
    checkpoint = call.store.get("VMCheckpoint", VMCheckpoint)
    vm = call.store.get("VM", checkpoint["VMID"])
    machines.demand_status(vm, "Running", "PowerOff", "Saved", "Paused")

    def work(host: Host, guest: Guest) -> Steps:
        contact.demand(host, guest, *State)
        yield Stage("merge", MERGE, 0.9)
        _drop(call, vm, checkpoint, children=IncludeChildren)

    return power.change(call, vm, "Remove checkpoint", "DeletingCheckpoint", work)


def _drop(call: Call, vm: Record, checkpoint: Record, *, children: bool) -> None:
    store, above = call.store, checkpoint["ParentCheckpointID"]
    for other in store.parts("VMCheckpoint", vm.id):
        if other["ParentCheckpointID"] != checkpoint["CheckpointID"]:
            continue
        if children:
            _drop(call, vm, other, children=True)
        else:
            store.change(other, ParentCheckpointID=above)
    if vm["LastRestoredCheckpointID"] == checkpoint["CheckpointID"]:
        store.change(vm, LastRestoredCheckpointID=above)
    store.remove(checkpoint)


@action("SetCheckpoint")
def change(call: Call, VMCheckpoint: str, Fields: dict[str, Any]) -> str:
    """Rename or describe a checkpoint; its ID."""
    checkpoint = call.store.get("VMCheckpoint", VMCheckpoint)
    call.store.change(checkpoint, ModifiedTime=call.world.now, **Fields)
    jobs.at_once(call, "Change checkpoint", call.store.get("VM", checkpoint["VMID"]))
    return checkpoint.id
