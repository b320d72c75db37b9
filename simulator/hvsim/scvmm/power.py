"""Power of virtual machines: what VMM offers for each status, and what Hyper-V makes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hvsim.operations import Stage
from hvsim.scvmm import contact, guests, jobs, refresh
from hvsim.scvmm.actions import Call, action
from hvsim.scvmm.errors import VmmError
from hvsim.scvmm.fabric import Node, State
from hvsim.scvmm.machines import demand_status

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim.operations import Steps
    from hvsim.scvmm.fabric import Guest, Host
    from hvsim.scvmm.store import Record

    Work = Callable[[Host, Guest], Steps]

START: Final = 3.0
QUICK: Final = 2.0
PATIENCE: Final = 300.0
"""Seconds that VMM gives a guest to shut down."""
_MIB: Final = 2**20


def change(call: Call, vm: Record, text: str, doing: str, work: Work) -> str:
    """Begin a job that changes what a machine does.

    Args:
        doing: the status that VMM shows meanwhile.
        work: the part on the host, once VMM talks to it.
    """
    vmm = call.vmm
    host = vmm.host_of(vm)

    def steps() -> Steps:
        vmm.store.change(vm, Status=doing)
        try:
            yield from contact.reach(host)
            yield from work(host, contact.guest_of(vmm, vm, host))
        finally:
            refresh.settle(vmm, vm)
            refresh.show_host(vmm, host)

    return jobs.start(call, text, vm, steps())


def seconds_of(call: Call, mebibytes: int) -> float:
    """Return the seconds that writing or copying so much takes."""
    return QUICK + mebibytes * _MIB / call.vmm.bandwidth


@action("StartVirtualMachine")
def start(call: Call, VM: str) -> str:
    """Turn a machine on, or let a saved one go on."""
    vm = call.store.get("VM", VM)
    demand_status(vm, "PowerOff", "Saved")
    saved = vm["Status"] == "Saved"

    def work(host: Host, guest: Guest) -> Steps:
        contact.demand(host, guest, State.OFF, State.SAVED)
        contact.demand_room(call.vmm, host, guest.memory)
        _demand_node(host, guest)
        yield Stage("restore" if saved else "start", START, 0.9)
        contact.demand(host, guest, State.OFF, State.SAVED)
        contact.demand_room(call.vmm, host, guest.memory)
        guests.start(call.vmm, guest)

    return change(call, vm, "Start virtual machine", "Restoring" if saved else "Starting", work)


def _demand_node(host: Host, guest: Guest) -> None:
    """Refuse what a cluster starts on no paused node (MAINT-ALL-1): Windows error 5070."""
    if guest.clustered and host.node is Node.PAUSED:
        detail = f"[{guest.name}] The cluster node is paused (0x13CE)"
        raise VmmError(12711, server=host.fqdn, detail=detail)


@action("StopVirtualMachine")
def stop(call: Call, VM: str, Shutdown: bool = False) -> str:
    """Shut a machine's system down, or cut its power."""
    vm = call.store.get("VM", VM)
    demand_status(vm, "Running", "Paused")
    text = "Shut down virtual machine" if Shutdown else "Stop virtual machine"

    def work(host: Host, guest: Guest) -> Steps:
        contact.demand(host, guest, State.RUNNING, State.PAUSED)
        if Shutdown:
            yield from _shut_down(call, vm, host, guest)
        else:
            yield Stage("stop", QUICK, 0.9)
            guests.turn_off(call.vmm, guest)

    return change(call, vm, text, "PoweringOff", work)


def _shut_down(call: Call, vm: Record, host: Host, guest: Guest) -> Steps:
    if not (guest.services and vm["OperatingSystemShutdownEnabled"]):
        detail = f"[{guest.name}] The device is not ready for use (32784)"
        raise VmmError(12711, server=host.fqdn, detail=detail)
    if not guest.answers or guest.state == State.PAUSED:
        yield Stage("shutdown", PATIENCE)
        detail = f"[{guest.name}] The system did not shut down in time (32772)"
        raise VmmError(12711, server=host.fqdn, detail=detail)
    yield Stage("shutdown", guests.SHUTDOWN, 0.9)
    guests.turn_off(call.vmm, guest)


@action("SuspendVirtualMachine")
def suspend(call: Call, VM: str) -> str:
    """Pause a machine; it keeps its memory."""
    vm = call.store.get("VM", VM)
    demand_status(vm, "Running")

    def work(host: Host, guest: Guest) -> Steps:
        contact.demand(host, guest, State.RUNNING)
        yield Stage("pause", QUICK, 0.9)
        call.fabric.change(guest, state=State.PAUSED)

    return change(call, vm, "Pause virtual machine", "Pausing", work)


@action("ResumeVirtualMachine")
def resume(call: Call, VM: str) -> str:
    """Let a paused machine go on."""
    vm = call.store.get("VM", VM)
    demand_status(vm, "Paused")

    def work(host: Host, guest: Guest) -> Steps:
        contact.demand(host, guest, State.PAUSED)
        yield Stage("resume", QUICK, 0.9)
        call.fabric.change(guest, state=State.RUNNING)

    return change(call, vm, "Resume virtual machine", "Starting", work)


@action("SaveVirtualMachine")
def save(call: Call, VM: str) -> str:
    """Write a machine's memory to disk and turn it off."""
    vm = call.store.get("VM", VM)
    demand_status(vm, "Running", "Paused")

    def work(host: Host, guest: Guest) -> Steps:
        contact.demand(host, guest, State.RUNNING, State.PAUSED)
        yield Stage("save", seconds_of(call, guest.memory), 0.9)
        guests.save(call.vmm, guest)

    return change(call, vm, "Save state of virtual machine", "Saving", work)


@action("DiscardSavedState")
def discard(call: Call, VM: str) -> str:
    """Throw a saved machine's memory away: it is off then."""
    vm = call.store.get("VM", VM)
    demand_status(vm, "Saved")

    def work(host: Host, guest: Guest) -> Steps:
        contact.demand(host, guest, State.SAVED)
        yield Stage("discard", QUICK, 0.9)
        guests.turn_off(call.vmm, guest)

    return change(call, vm, "Discard saved state of virtual machine", "DiscardSavedState", work)


@action("ResetVirtualMachine")
def reset(call: Call, VM: str) -> str:
    """Boot a machine anew without asking its system."""
    vm = call.store.get("VM", VM)
    demand_status(vm, "Running")

    def work(host: Host, guest: Guest) -> Steps:
        contact.demand(host, guest, State.RUNNING)
        yield Stage("reset", QUICK, 0.9)
        guests.turn_on(call.vmm, guest)

    return change(call, vm, "Reset virtual machine", "Starting", work)
