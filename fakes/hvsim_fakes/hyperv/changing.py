"""Cmdlets of the Hyper-V module that make, change, move and remove virtual machines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.scvmm.console import HypervError
from hvsim.scvmm.roles import Change, Make, Move, Remove
from hvsim_fakes.hyperv.context import context_of
from hvsim_fakes.hyperv.module import NAME, TABLE, TARGET, VM_OBJECT, refuse, targets
from hvsim_fakes.hyperv.shapes import MIB, VM, Machine
from hvsim_fakes.powershell.cmdlet import Parameter
from hvsim_fakes.powershell.host import Wait
from hvsim_fakes.powershell.objects.nettype import NetObject

__all__ = ["TABLE"]

if TYPE_CHECKING:
    from hvsim_fakes.powershell.cmdlet import Body, Call

_ACTIONS: Final = {
    "nothing": "NeverAutoTurnOnVM",
    "start": "AlwaysAutoTurnOnVM",
    "startifrunning": "TurnOnVMIfRunningWhenVSStopped",
}


@TABLE.cmdlet(
    "New-VM",
    Parameter("Name", "string", position=0, aliases=("VMName",)),
    Parameter("MemoryStartupBytes", "long", position=1),
    Parameter("Generation", "int", position=2, values=("1", "2")),
    Parameter("NewVHDPath", "string", sets=("New VHD",), mandatory=True),
    Parameter("NewVHDSizeBytes", "long", sets=("New VHD",), mandatory=True),
    Parameter("NoVHD", "switch", sets=("No VHD",)),
    confirm=True,
    default_set="No VHD",
)
def new_vm(call: Call) -> Body:
    """Make a virtual machine, off and without a system."""
    context = context_of(call)
    name = call.get("Name") or "New Virtual Machine"
    if not call.should_process(name):
        return
    wanted = Make(
        vmm=context.vmm.name,
        host=context.host.name,
        name=name,
        memory=int(call.get("MemoryStartupBytes") or 512 * MIB) // MIB,
        generation=int(call.get("Generation") or 1),
        disk=int(call.get("NewVHDSizeBytes") or 0),
    )
    try:
        guid = context.execute(wanted, call.name, call.host.user)
    except HypervError as error:
        refuse(call, error, name)
        return
    yield NetObject(VM, Machine(context, context.vmm.fabric.guests[guid]))


def _carry_out(call: Call, kind: Any, *, gives: bool, **args: Any) -> Body:
    """Carry a command out on each machine that is meant, and wait for what it begins."""
    context = context_of(call)
    for guest in list(targets(call)):
        if not call.should_process(guest.name):
            continue
        names = {"vmm": context.vmm.name, "host": context.host.name, "guest": guest.guid}
        try:
            begun = context.execute(kind(**names, **args), call.name, call.host.user)
        except HypervError as error:
            refuse(call, error, guest.name)
            continue
        if begun is not None:
            yield Wait(subject=begun)
            if isinstance(begun.error, HypervError):
                refuse(call, begun.error, guest.name)
                continue
        if gives and call.on("Passthru"):
            yield NetObject(VM, Machine(context, guest))


@TABLE.cmdlet(
    "Set-VM",
    *TARGET,
    Parameter("NewVMName", "string"),
    Parameter("Notes", "string"),
    Parameter("ProcessorCount", "long"),
    Parameter("MemoryStartupBytes", "long"),
    Parameter("StaticMemory", "switch"),
    Parameter("AutomaticStartAction", "string", values=("Nothing", "StartIfRunning", "Start")),
    confirm=True,
    default_set="Name",
)
def set_vm(call: Call) -> Body:
    """Change virtual machines."""
    args: dict[str, Any] = {"name": call.get("NewVMName"), "notes": call.get("Notes")}
    if call.given("ProcessorCount"):
        args["cpus"] = int(call.get("ProcessorCount"))
    if call.given("MemoryStartupBytes"):
        args["memory"] = int(call.get("MemoryStartupBytes")) // MIB
    if call.given("AutomaticStartAction"):
        args["start_action"] = _ACTIONS[call.get("AutomaticStartAction").lower()]
    yield from _carry_out(call, Change, gives=True, **args)


@TABLE.cmdlet(
    "Rename-VM",
    *TARGET,
    Parameter("NewName", "string", position=1, mandatory=True),
    confirm=True,
    default_set="Name",
)
def rename_vm(call: Call) -> Body:
    """Give virtual machines another name."""
    yield from _carry_out(call, Change, gives=True, name=call.get("NewName"))


@TABLE.cmdlet(
    "Remove-VM", NAME, VM_OBJECT, Parameter("Force", "switch"), confirm=True, default_set="Name"
)
def remove_vm(call: Call) -> Body:
    """Remove virtual machines; their disks stay."""
    yield from _carry_out(call, Remove, gives=False)


@TABLE.cmdlet(
    "Move-VM",
    *TARGET,
    Parameter("DestinationHost", "string", position=1, mandatory=True),
    Parameter("DestinationStoragePath", "string"),
    Parameter("IncludeStorage", "switch"),
    confirm=True,
    default_set="Name",
)
def move_vm(call: Call) -> Body:
    """Move virtual machines to another host; running ones live."""
    context = context_of(call)
    wanted = str(call.get("DestinationHost")).lower()
    known = [
        h for h in context.vmm.fabric.hosts.values() if wanted in (h.name.lower(), h.fqdn.lower())
    ]
    if not known:
        refuse(call, HypervError("destination", wanted), call.get("DestinationHost"))
        return
    yield from _carry_out(call, Move, gives=True, to=known[0].name)
