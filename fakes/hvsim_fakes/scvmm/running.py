"""Cmdlets that run machines: power, moves, refreshes, checkpoints, jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim_fakes.powershell.cmdlet import Parameter
from hvsim_fakes.scvmm.context import context_of, find, follow, ident, perform
from hvsim_fakes.scvmm.objects import wrap
from hvsim_fakes.scvmm.registry import JOB, cmdlet

if TYPE_CHECKING:
    from hvsim_fakes.powershell.cmdlet import Body, Call

VM: Final = Parameter("VM", "object", position=0, mandatory=True, pipeline=True)


def _power(name: str, legacy: str, action: str, **fixed: Any) -> None:
    """Register a cmdlet that changes what a machine does and gives the machine.

    Args:
        fixed: arguments of the action.
    """

    def body(call: Call) -> Body:
        vm = find(call, "VM", call.get("VM"))
        if not call.should_process(vm.name):
            return
        job = perform(call, action, VM=vm.id, **fixed)
        if (yield from follow(call, job)):
            yield wrap(context_of(call).vmm, vm)

    cmdlet(name, legacy, VM, *JOB, confirm=True)(body)


_power("Start-SCVirtualMachine", "Start-VM", "StartVirtualMachine")
_power("Suspend-SCVirtualMachine", "Suspend-VM", "SuspendVirtualMachine")
_power("Resume-SCVirtualMachine", "Resume-VM", "ResumeVirtualMachine")
_power("Reset-SCVirtualMachine", "", "ResetVirtualMachine")
_power("Use-SCSaveStateVM", "SaveState-VM", "SaveVirtualMachine")
_power("Use-SCDiscardSavedStateVM", "DiscardSavedState-VM", "DiscardSavedState")
_power("Use-SCShutdownVM", "Shutdown-VM", "StopVirtualMachine", Shutdown=True)
_power("Use-SCStopVM", "Stop-VM", "StopVirtualMachine")


@cmdlet(
    "Stop-SCVirtualMachine",
    "",
    VM,
    Parameter("Shutdown", "switch", sets=("SingleVM",)),
    Parameter("Force", "switch", sets=("CorrespondsToVMM2008StopVM",), mandatory=True),
    Parameter("SaveState", "switch", sets=("CorrespondsToVMM2008SaveStateVM",), mandatory=True),
    Parameter(
        "DiscardSavedState",
        "switch",
        sets=("CorrespondsToVMM2008DiscardSavedStateVM",),
        mandatory=True,
    ),
    *JOB,
    default_set="SingleVM",
    confirm=True,
)
def stop(call: Call) -> Body:
    """Shut a machine's system down; turn it off, save it or drop its saved state if told to."""
    vm = find(call, "VM", call.get("VM"))
    if not call.should_process(vm.name):
        return
    if call.on("SaveState"):
        job = perform(call, "SaveVirtualMachine", VM=vm.id)
    elif call.on("DiscardSavedState"):
        job = perform(call, "DiscardSavedState", VM=vm.id)
    else:
        job = perform(call, "StopVirtualMachine", VM=vm.id, Shutdown=not call.on("Force"))
    if (yield from follow(call, job)):
        yield wrap(context_of(call).vmm, vm)


@cmdlet(
    "Save-SCVirtualMachine",
    "Store-VM",
    VM,
    Parameter("LibraryServer", "object"),
    Parameter("SharePath", "string"),
    Parameter("UseLAN", "switch"),
    *JOB,
)
def store(call: Call) -> Body:
    """Move a machine into the library (it does not save its state)."""
    vmm = context_of(call).vmm
    vm = find(call, "VM", call.get("VM"))
    server = ident(call, "LibraryServer", "LibraryServer")
    known = vmm.store.of("LibraryServer")
    chosen = server or (known[0].id if known else "")
    path = call.get("SharePath") or ""
    job = perform(call, "StoreVirtualMachine", VM=vm.id, LibraryServer=chosen, SharePath=path)
    if (yield from follow(call, job)):
        yield wrap(vmm, vm)


@cmdlet(
    "Read-SCVirtualMachine",
    "Refresh-VM",
    Parameter("VM", "object", position=0, pipeline=True, sets=("FullRefreshSingleVm",)),
    Parameter("VMHost", "object", sets=("LightRefreshVmsOnHost",), mandatory=True),
    Parameter("Force", "switch", sets=("FullRefreshSingleVm",)),
    *JOB,
    default_set="FullRefreshSingleVm",
)
def read_machine(call: Call) -> Body:
    """Read a machine's state and properties now, or the states of all on a host."""
    vmm = context_of(call).vmm
    if call.get("VMHost") is not None:
        host = find(call, "VMHost", call.get("VMHost"))
        job = perform(call, "RefreshVirtualMachines", VMHost=host.id)
        if (yield from follow(call, job)):
            yield wrap(vmm, host)
        return
    vm = find(call, "VM", call.get("VM"))
    job = perform(call, "RefreshVirtualMachine", VM=vm.id)
    if (yield from follow(call, job)):
        yield wrap(vmm, vm)


_FORCE: Final = Parameter("Force", "switch")


@cmdlet(
    "Move-SCVirtualMachine",
    "Move-VM",
    VM,
    Parameter("VMHost", "object", mandatory=True),
    Parameter("Path", "string"),
    Parameter("UseLAN", "switch"),
    Parameter("UseCluster", "switch"),
    Parameter("BlockLiveMigrationIfHostBusy", "switch", aliases=("BlockLMIfHostBusy",)),
    Parameter("HighlyAvailable", "bool"),
    Parameter("StartVMOnTarget", "switch"),
    Parameter("UseDiffDiskOptimization", "switch"),
    Parameter("DiscardSavedState", "switch"),
    Parameter("ReplicationGroup", "object"),
    *JOB,
    confirm=True,
)
def move(call: Call) -> Body:
    """Move a machine to another host."""
    vm = find(call, "VM", call.get("VM"))
    host = find(call, "VMHost", call.get("VMHost"))
    args = {
        name: True
        for name in ("UseLAN", "UseCluster", "BlockLiveMigrationIfHostBusy")
        if call.on(name)
    }
    if call.get("HighlyAvailable") is not None:
        args["HighlyAvailable"] = bool(call.get("HighlyAvailable"))
    if not call.should_process(vm.name):
        return
    job = perform(
        call, "MoveVirtualMachine", VM=vm.id, VMHost=host.id, Path=call.get("Path") or "", **args
    )
    if (yield from follow(call, job)):
        yield wrap(context_of(call).vmm, vm)


@cmdlet(
    "Repair-SCVirtualMachine",
    "Repair-VM",
    VM,
    Parameter("Dismiss", "switch"),
    Parameter("Undo", "switch"),
    Parameter("Retry", "switch"),
    _FORCE,
    *JOB,
    confirm=True,
)
def repair(call: Call) -> Body:
    """Bring a machine back from a failed job."""
    vm = find(call, "VM", call.get("VM"))
    how = {name: True for name in ("Dismiss", "Undo", "Retry") if call.on(name)}
    if not call.should_process(vm.name):
        return
    job = perform(call, "RepairVirtualMachine", VM=vm.id, **how)
    if (yield from follow(call, job)):
        yield wrap(context_of(call).vmm, vm)


@cmdlet(
    "Remove-SCVirtualMachine",
    "Remove-VM",
    VM,
    _FORCE,
    Parameter("SkipFileRemoval", "switch"),
    *JOB,
    confirm=True,
)
def remove(call: Call) -> Body:
    """Delete a machine."""
    vm = find(call, "VM", call.get("VM"))
    if not call.should_process(vm.name):
        return
    job = perform(call, "RemoveVirtualMachine", VM=vm.id, Force=call.on("Force"))
    if (yield from follow(call, job)):
        yield wrap(context_of(call).vmm, vm)


@cmdlet(
    "New-SCVMCheckpoint",
    "New-VMCheckpoint",
    VM,
    Parameter("Name", "string"),
    Parameter("Description", "string"),
    *JOB,
)
def new_checkpoint(call: Call) -> Body:
    """Take a checkpoint and give it."""
    vmm = context_of(call).vmm
    vm = find(call, "VM", call.get("VM"))
    named = {key: call.get(key) for key in ("Name", "Description") if call.get(key) is not None}
    job = perform(call, "NewCheckpoint", VM=vm.id, **named)
    if (yield from follow(call, job)):
        made = vmm.store.parts("VMCheckpoint", vm.id)
        if made:
            yield wrap(vmm, made[-1])


_CHECKPOINT: Final = Parameter("VMCheckpoint", "object", position=0, mandatory=True, pipeline=True)


@cmdlet("Restore-SCVMCheckpoint", "Restore-VMCheckpoint", _CHECKPOINT, *JOB)
def restore_checkpoint(call: Call) -> Body:
    """Take a machine back to a checkpoint."""
    vmm = context_of(call).vmm
    checkpoint = find(call, "VMCheckpoint", call.get("VMCheckpoint"))
    job = perform(call, "RestoreCheckpoint", VMCheckpoint=checkpoint.id)
    if (yield from follow(call, job)):
        yield wrap(vmm, checkpoint)


@cmdlet(
    "Remove-SCVMCheckpoint",
    "Remove-VMCheckpoint",
    _CHECKPOINT,
    *JOB,
    confirm=True,
)
def remove_checkpoint(call: Call) -> Body:
    """Remove a checkpoint."""
    checkpoint = find(call, "VMCheckpoint", call.get("VMCheckpoint"))
    if not call.should_process(checkpoint.name):
        return
    job = perform(call, "RemoveCheckpoint", VMCheckpoint=checkpoint.id)
    if (yield from follow(call, job)):
        yield wrap(context_of(call).vmm, checkpoint)


@cmdlet(
    "Set-SCVMCheckpoint",
    "Set-VMCheckpoint",
    _CHECKPOINT,
    Parameter("Name", "string"),
    Parameter("Description", "string"),
    *JOB,
)
def change_checkpoint(call: Call) -> Body:
    """Rename or describe a checkpoint."""
    checkpoint = find(call, "VMCheckpoint", call.get("VMCheckpoint"))
    fields = {key: call.get(key) for key in ("Name", "Description") if call.get(key) is not None}
    perform(call, "SetCheckpoint", VMCheckpoint=checkpoint.id, Fields=fields)
    yield wrap(context_of(call).vmm, checkpoint)


_JOB: Final = Parameter("Job", "object", position=0, mandatory=True, pipeline=True)


@cmdlet("Stop-SCJob", "Stop-Job", _JOB, confirm=True)
def stop_job(call: Call) -> Body:
    """Cancel a job."""
    job = find(call, "Job", call.get("Job"))
    perform(call, "StopJob", Job=job.id)
    yield wrap(context_of(call).vmm, job)


@cmdlet(
    "Restart-SCJob",
    "Restart-Job",
    _JOB,
    Parameter("SkipLastFailedStep", "switch"),
    Parameter("Credential", "object"),
    confirm=True,
)
def restart_job(call: Call) -> Body:
    """Restart a job that failed."""
    job = find(call, "Job", call.get("Job"))
    perform(call, "RestartJob", Job=job.id)
    yield wrap(context_of(call).vmm, job)


_HOST: Final = Parameter("VMHost", "object", position=0, mandatory=True, pipeline=True)


@cmdlet(
    "Read-SCVMHost",
    "Refresh-VMHost",
    _HOST,
    Parameter("RefreshOutOfBandProperties", "switch"),
    *JOB,
)
def refresh_host(call: Call) -> Body:
    """Read a host's state now."""
    host = find(call, "VMHost", call.get("VMHost"))
    job = perform(call, "RefreshVMHost", VMHost=host.id)
    if (yield from follow(call, job)):
        yield wrap(context_of(call).vmm, host)


@cmdlet(
    "Read-SCVMHostCluster",
    "Refresh-VMHostCluster",
    Parameter("VMHostCluster", "object", position=0, mandatory=True, pipeline=True),
    *JOB,
)
def refresh_cluster(call: Call) -> Body:
    """Read a cluster's state now."""
    cluster = find(call, "VMHostCluster", call.get("VMHostCluster"))
    job = perform(call, "RefreshVMHostCluster", VMHostCluster=cluster.id)
    if (yield from follow(call, job)):
        yield wrap(context_of(call).vmm, cluster)


@cmdlet(
    "Disable-SCVMHost",
    "Disable-VMHost",
    _HOST,
    Parameter("MoveWithinCluster", "switch"),
    *JOB,
    confirm=True,
)
def disable_host(call: Call) -> Body:
    """Put a host into maintenance mode."""
    host = find(call, "VMHost", call.get("VMHost"))
    if not call.should_process(host.name):
        return
    moving = call.on("MoveWithinCluster")
    job = perform(call, "DisableVMHost", VMHost=host.id, MoveWithinCluster=moving)
    if (yield from follow(call, job)):
        yield wrap(context_of(call).vmm, host)


@cmdlet("Enable-SCVMHost", "Enable-VMHost", _HOST, *JOB, confirm=True)
def enable_host(call: Call) -> Body:
    """Take a host out of maintenance mode."""
    host = find(call, "VMHost", call.get("VMHost"))
    if not call.should_process(host.name):
        return
    job = perform(call, "EnableVMHost", VMHost=host.id)
    if (yield from follow(call, job)):
        yield wrap(context_of(call).vmm, host)


@cmdlet(
    "Set-SCVMHost",
    "Set-VMHost",
    _HOST,
    Parameter("Description", "string"),
    Parameter("MaintenanceHost", "bool"),
    Parameter("AvailableForPlacement", "bool"),
    Parameter("LiveMigrationMaximum", "int"),
    Parameter("LiveStorageMigrationMaximum", "int"),
    Parameter("EnableLiveMigration", "bool"),
    Parameter("MemoryReserveMB", "int"),
    Parameter("VMPaths", "string"),
    Parameter("RemoteConnectEnabled", "bool"),
    Parameter("RemoteConnectPort", "int"),
    *JOB,
    confirm=True,
)
def change_host(call: Call) -> Body:
    """Change a host's settings."""
    host = find(call, "VMHost", call.get("VMHost"))
    names = (
        *("Description", "MaintenanceHost", "AvailableForPlacement", "LiveMigrationMaximum"),
        *("LiveStorageMigrationMaximum", "EnableLiveMigration", "MemoryReserveMB"),
        *("RemoteConnectEnabled", "RemoteConnectPort"),
    )
    fields: dict[str, Any] = {name: call.get(name) for name in names if call.given(name)}
    if call.given("VMPaths"):
        fields["VMPaths"] = [path for path in str(call.get("VMPaths")).split("|") if path]
    job = perform(call, "SetVMHost", VMHost=host.id, Fields=fields)
    if (yield from follow(call, job)):
        yield wrap(context_of(call).vmm, host)


@cmdlet(
    "Move-SCVMHost",
    "Move-VMHost",
    _HOST,
    Parameter("ParentHostGroup", "object", mandatory=True),
    *JOB,
)
def regroup_host(call: Call) -> Body:
    """Put a host into another group."""
    host = find(call, "VMHost", call.get("VMHost"))
    group = ident(call, "VMHostGroup", "ParentHostGroup")
    job = perform(call, "MoveVMHost", VMHost=host.id, ParentHostGroup=group)
    if (yield from follow(call, job)):
        yield wrap(context_of(call).vmm, host)


@cmdlet(
    "Add-SCVMHost",
    "Add-VMHost",
    Parameter("ComputerName", "string", position=0, mandatory=True),
    Parameter("Credential", "object"),
    Parameter("VMHostGroup", "object"),
    Parameter("Description", "string"),
    Parameter("MaintenanceHost", "bool"),
    Parameter("AvailableForPlacement", "bool"),
    Parameter("VMPaths", "string"),
    Parameter("Reassociate", "bool"),
    Parameter("RemoteConnectEnabled", "bool"),
    Parameter("VMMServer", "object"),
    *JOB,
)
def add_host(call: Call) -> Body:
    """Let VMM manage a host."""
    names = ("Description", "MaintenanceHost", "AvailableForPlacement")
    fields = {name: call.get(name) for name in names if call.given(name)}
    group = ident(call, "VMHostGroup", "VMHostGroup")
    made = perform(
        call, "AddVMHost", ComputerName=call.get("ComputerName"), Fields=fields, VMHostGroup=group
    )
    vmm = context_of(call).vmm
    if (yield from follow(call, made["Job"])):
        yield wrap(vmm, vmm.store.find("VMHost", made["VMHost"]))


@cmdlet(
    "Remove-SCVMHost",
    "Remove-VMHost",
    _HOST,
    Parameter("Credential", "object"),
    _FORCE,
    *JOB,
    confirm=True,
)
def remove_host(call: Call) -> Body:
    """Let VMM manage a host no more."""
    host = find(call, "VMHost", call.get("VMHost"))
    if not call.should_process(host.name):
        return
    job = perform(call, "RemoveVMHost", VMHost=host.id)
    if (yield from follow(call, job)):
        yield wrap(context_of(call).vmm, host)
