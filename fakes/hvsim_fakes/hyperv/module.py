"""The Hyper-V module of Windows Server 2012 and later: the cmdlets for virtual machines' power.

Names, parameters and types are those of the published reference of the module. The texts of
errors are the product's, recalled.
"""

from __future__ import annotations

import fnmatch
from typing import TYPE_CHECKING, Any, Final

from hvsim.scvmm.console import HypervError
from hvsim.scvmm.fabric import State
from hvsim_fakes.hyperv.context import context_of
from hvsim_fakes.hyperv.shapes import HOST, SPACE, VM, Machine, adapters_of, disks_of
from hvsim_fakes.powershell.cmdlet import Parameter, Table
from hvsim_fakes.powershell.errors import exception_type, record
from hvsim_fakes.powershell.host import Wait
from hvsim_fakes.powershell.objects.nettype import NetObject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hvsim.scvmm.fabric import Guest
    from hvsim_fakes.powershell.cmdlet import Body, Call

TABLE: Final = Table("Hyper-V", "Microsoft.HyperV.PowerShell.Commands", "2.0.0.0", suffix="")
_FAULT: Final = SPACE + "VirtualizationException"
exception_type(_FAULT, "System.Exception")
NAME: Final = Parameter(
    "Name", "string[]", position=0, mandatory=True, sets=("Name",), aliases=("VMName",)
)
VM_OBJECT: Final = Parameter(
    "VM", "object[]", position=0, mandatory=True, pipeline=True, sets=("VMObject",)
)
TARGET: Final = (NAME, VM_OBJECT, Parameter("Passthru", "switch"))


def refuse(call: Call, error: HypervError, target: Any = None) -> None:
    """Write what Hyper-V says."""
    context = context_of(call)
    if error.reason == "service":
        told = (
            "Hyper-V encountered an error trying to access an object on computer "
            f"'{context.host.name.upper()}' because the object was not found. The object might "
            "have been deleted. Verify that the Virtual Machine Management service on the "
            "computer is running."
        )
        made = record(told, "ObjectNotFound", "ObjectNotFound", target, _FAULT)
    elif error.reason == "missing":
        told = f'Hyper-V was unable to find a virtual machine with name "{target}".'
        made = record(told, "InvalidParameter", "InvalidArgument", target, _FAULT)
    elif error.reason == "state":
        told = "The operation cannot be performed while the object is in its current state."
        made = record(told, "InvalidState", "InvalidOperation", target, _FAULT)
    elif error.reason == "memory":
        told = f"'{target}' failed to start. Not enough memory in the system to start it."
        made = record(told, "OutOfMemory", "ResourceUnavailable", target, _FAULT)
    elif error.reason == "size":
        told = f"Failed to modify '{target}': a value is out of range."
        made = record(told, "InvalidParameter", "InvalidArgument", target, _FAULT)
    elif error.reason == "clustered":
        told = (
            f"Failed to perform the operation: the virtual machine '{target}' is clustered. Use the"
            " cluster's own tools."
        )
        made = record(told, "OperationFailed", "InvalidOperation", target, _FAULT)
    elif error.reason in ("destination", "node", "here"):
        told = f"Virtual machine migration operation failed for '{target}': {error}."
        made = record(told, "OperationFailed", "NotSpecified", target, _FAULT)
    else:
        told = f"Failed to shut down the virtual machine '{target}': it does not answer."
        made = record(told, "OperationFailed", "NotSpecified", target, _FAULT)
    call.error(made)


@TABLE.cmdlet(
    "Get-VM",
    Parameter("Name", "string[]", position=0, sets=("Name",), aliases=("VMName",)),
    Parameter("Id", "guid", position=0, pipeline=True, sets=("Id",)),
    default_set="Name",
)
def get_vm(call: Call) -> Body:
    """Give the virtual machines of the host."""
    context = context_of(call)
    try:
        guests = context.guests()
    except HypervError as error:
        context.note(call.name, error.reason, user=call.host.user)
        refuse(call, error)
        return
    context.note(call.name, user=call.host.user)
    if call.given("Id"):
        wanted = str(call.get("Id"))
        chosen = [guest for guest in guests if guest.guid == wanted]
        if not chosen:
            refuse(call, HypervError("missing", ""), wanted)
    else:
        chosen = list(_named(call, guests)) if call.given("Name") else guests
    for guest in chosen:
        yield NetObject(VM, Machine(context, guest))


def _named(call: Call, guests: list[Guest]) -> Iterator[Guest]:
    """Give the guests of the names; one that is no pattern and found nowhere is an error."""
    for name in call.get("Name") or call.get("VMName"):
        found = [one for one in guests if fnmatch.fnmatchcase(one.name.lower(), name.lower())]
        yield from found
        if not found and "*" not in name and "?" not in name:
            refuse(call, HypervError("missing", ""), name)


@TABLE.cmdlet("Get-VMHost")
def get_vm_host(call: Call) -> Body:
    """Give the host."""
    context = context_of(call)
    try:
        context.guests()
    except HypervError as error:
        refuse(call, error)
        return
    context.note(call.name, user=call.host.user)
    yield NetObject(HOST, context)


def targets(call: Call) -> Iterator[Guest]:
    """Give what ``-Name`` or ``-VM`` means."""
    context = context_of(call)
    try:
        guests = context.guests()
    except HypervError as error:
        refuse(call, error)
        return
    if call.given("Name") or call.given("VMName"):
        yield from _named(call, guests)
        return
    for value in call.get("VM") or ():
        if isinstance(value, NetObject) and isinstance(value.data, Machine):
            yield value.data.guest


def _operate(call: Call, to: str, already: State | None = None) -> Body:
    context = context_of(call)
    for guest in list(targets(call)):
        if not call.should_process(guest.name):
            continue
        if already is not None and guest.state == already:
            call.warning("The virtual machine is already in the specified state.")
        else:
            try:
                begun = context.operate(guest, to, call.name, call.host.user)
            except HypervError as error:
                refuse(call, error, guest.name)
                continue
            yield Wait(subject=begun)
            if isinstance(begun.error, HypervError):
                refuse(call, begun.error, guest.name)
                continue
        if call.on("Passthru"):
            yield NetObject(VM, Machine(context, guest))


@TABLE.cmdlet("Start-VM", *TARGET, confirm=True, default_set="Name")
def start_vm(call: Call) -> Body:
    """Start virtual machines, or let saved ones go on."""
    yield from _operate(call, "start", State.RUNNING)


@TABLE.cmdlet(
    "Stop-VM",
    *TARGET,
    Parameter("Force", "switch"),
    Parameter("TurnOff", "switch"),
    Parameter("Save", "switch"),
    confirm=True,
    default_set="Name",
)
def stop_vm(call: Call) -> Body:
    """Shut virtual machines down, cut their power or save them."""
    if call.on("Save"):
        yield from _operate(call, "save", State.SAVED)
    else:
        yield from _operate(call, "turn-off" if call.on("TurnOff") else "shut-down", State.OFF)


@TABLE.cmdlet("Suspend-VM", *TARGET, confirm=True, default_set="Name")
def suspend_vm(call: Call) -> Body:
    """Pause virtual machines."""
    yield from _operate(call, "pause", State.PAUSED)


@TABLE.cmdlet("Resume-VM", *TARGET, confirm=True, default_set="Name")
def resume_vm(call: Call) -> Body:
    """Let paused virtual machines go on."""
    yield from _operate(call, "resume", State.RUNNING)


@TABLE.cmdlet("Save-VM", *TARGET, confirm=True, default_set="Name")
def save_vm(call: Call) -> Body:
    """Save virtual machines."""
    yield from _operate(call, "save", State.SAVED)


@TABLE.cmdlet("Restart-VM", *TARGET, Parameter("Force", "switch"), confirm=True, default_set="Name")
def restart_vm(call: Call) -> Body:
    """Reset virtual machines."""
    yield from _operate(call, "reset")


def _devices(name: str, of: Callable[[Machine], list[Any]], *more: Parameter) -> None:
    """Register a cmdlet that gives the devices of virtual machines."""

    def body(call: Call) -> Body:
        context = context_of(call)
        context.note(call.name, user=call.host.user)
        for guest in targets(call):
            yield from of(Machine(context, guest))

    names = Parameter("VMName", "string[]", position=0, mandatory=True, sets=("VMName",))
    TABLE.cmdlet(name, names, VM_OBJECT, *more, default_set="VMName")(body)


_devices("Get-VMNetworkAdapter", adapters_of)
_devices("Get-VMHardDiskDrive", disks_of)
