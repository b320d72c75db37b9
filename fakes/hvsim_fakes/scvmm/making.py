"""Cmdlets that make and change machines and their parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.scvmm.errors import VmmError
from hvsim_fakes.powershell.cmdlet import Parameter
from hvsim_fakes.powershell.objects.nettype import NetObject
from hvsim_fakes.scvmm.context import context_of, find, follow, ident, perform
from hvsim_fakes.scvmm.getting import owner_of
from hvsim_fakes.scvmm.objects import wrap
from hvsim_fakes.scvmm.registry import JOB, SERVER, cmdlet
from hvsim_fakes.scvmm.shapes import Plain

if TYPE_CHECKING:
    from hvsim_fakes.powershell.cmdlet import Body, Call

_SETTINGS: Final = (
    Parameter("Description", "string"),
    Parameter("CPUCount", "int"),
    Parameter("MemoryMB", "int"),
    Parameter("DynamicMemoryEnabled", "bool"),
    Parameter("DynamicMemoryMinimumMB", "int"),
    Parameter("DynamicMemoryMaximumMB", "int"),
    Parameter("DynamicMemoryBufferPercentage", "int"),
    Parameter("CPUType", "object"),
    Parameter("CPURelativeWeight", "int"),
    Parameter("CPULimitForMigration", "bool"),
    Parameter("Owner", "string"),
    Parameter("Tag", "string"),
    Parameter("OperatingSystem", "object"),
    Parameter("HighlyAvailable", "bool"),
    Parameter("StartAction", "string"),
    Parameter("StopAction", "string"),
    Parameter("DelayStartSeconds", "int"),
    Parameter("CheckpointType", "string"),
    Parameter("SecureBootEnabled", "bool"),
    Parameter("NumLock", "bool"),
    Parameter("BlockDynamicOptimization", "bool"),
    *(Parameter(f"Custom{n}", "string") for n in range(1, 11)),
)
_FIELDS: Final = {
    **{
        name: name
        for name in (
            *("Description", "CPUCount", "DynamicMemoryEnabled", "DynamicMemoryMinimumMB"),
            *("DynamicMemoryMaximumMB", "Owner", "Tag", "StartAction", "StopAction"),
            *("DelayStartSeconds", "CheckpointType", "CPURelativeWeight", "SecureBootEnabled"),
        )
    },
    "MemoryMB": "Memory",
    "HighlyAvailable": "IsHighlyAvailable",
}
"""What parameters of machines are called in records."""


def settings(call: Call, names: dict[str, str]) -> dict[str, Any]:
    """Return the fields that parameters give."""
    found = {field: call.get(name) for name, field in names.items() if call.given(name)}
    system = call.get("OperatingSystem")
    if isinstance(system, str):
        found["OperatingSystem"] = system
    elif isinstance(system, NetObject) and isinstance(system.data, Plain):
        found["OperatingSystem"] = system.data.name
    return found


def group_of(call: Call) -> str:
    """Return the GUID of the job group that is given, or nothing."""
    value = call.get("JobGroup")
    return "" if value is None else str(value).lower()


@cmdlet(
    "New-SCVirtualMachine",
    "New-VM",
    Parameter("Name", "string", position=0, mandatory=True),
    Parameter("VMTemplate", "object", aliases=("Template",)),
    Parameter("VM", "object"),
    Parameter("VirtualHardDisk", "object"),
    Parameter("HardwareProfile", "object"),
    Parameter("GuestOSProfile", "object"),
    Parameter("VMConfiguration", "object", pipeline=True),
    Parameter("VMHost", "object"),
    Parameter("VMHostGroup", "object"),
    Parameter("Cloud", "object"),
    Parameter("Path", "string"),
    Parameter("StartVM", "switch"),
    Parameter("ComputerName", "string"),
    Parameter("Generation", "int"),
    Parameter("VMMServer", "object"),
    Parameter("SkipInstallVirtualizationGuestServices", "switch"),
    Parameter("UseLocalVirtualHardDisk", "switch"),
    Parameter("UseDiffDiskOptimization", "switch"),
    Parameter("UseLAN", "switch"),
    Parameter("ReturnImmediately", "switch"),
    Parameter("BlankVM", "switch"),
    Parameter("MergeAnswerFile", "bool"),
    *_SETTINGS,
    *JOB,
)
def new_machine(call: Call) -> Body:
    """Make a machine of a template, a copy of another, a disk, or blank."""
    vmm = context_of(call).vmm
    sources = ("VMTemplate", "VM", "VirtualHardDisk", "HardwareProfile", "VMConfiguration")
    places = ("VMHost", "VMHostGroup", "Cloud")
    args = {kind: ident(call, kind, kind) for kind in (*sources, *places)}
    fields = settings(call, _FIELDS | {"Generation": "Generation"})
    plain = {key: call.get(key) for key in ("Path", "ComputerName") if call.get(key)}
    made = perform(
        call,
        "NewVirtualMachine",
        Name=call.get("Name"),
        Fields=fields,
        JobGroup=group_of(call),
        StartVM=call.on("StartVM"),
        **{key: value for key, value in args.items() if value},
        **plain,
    )
    vm = vmm.store.find("VM", made["VM"])
    if (yield from follow(call, made["Job"])):
        yield wrap(vmm, vm)


@cmdlet(
    "Set-SCVirtualMachine",
    "Set-VM",
    Parameter("VM", "object", position=0, mandatory=True, pipeline=True),
    Parameter("Name", "string"),
    Parameter("NewName", "string"),
    Parameter("Cloud", "object"),
    Parameter("RemoveFromCloud", "switch"),
    Parameter("EnableBackup", "bool"),
    Parameter("EnableDataExchange", "bool"),
    Parameter("EnableHeartbeat", "bool"),
    Parameter("EnableOperatingSystemShutdown", "bool"),
    Parameter("EnableTimeSynchronization", "bool"),
    Parameter("ClusterPriority", "int"),
    *_SETTINGS,
    *JOB,
    confirm=True,
)
def change_machine(call: Call) -> Body:
    """Change a machine's name, hardware and settings."""
    vm = find(call, "VM", call.get("VM"))
    names = _FIELDS | {
        "Name": "Name",
        "NewName": "Name",
        "EnableBackup": "BackupEnabled",
        "EnableDataExchange": "DataExchangeEnabled",
        "EnableHeartbeat": "HeartbeatEnabled",
        "EnableOperatingSystemShutdown": "OperatingSystemShutdownEnabled",
        "EnableTimeSynchronization": "TimeSynchronizationEnabled",
        "ClusterPriority": "ClusterPriority",
    }
    fields = settings(call, names)
    if call.get("Cloud") is not None:
        fields["CloudID"] = ident(call, "Cloud", "Cloud")
    if call.on("RemoveFromCloud"):
        fields["CloudID"] = None
    if not call.should_process(vm.name):
        return
    job = perform(call, "SetVirtualMachine", VM=vm.id, Fields=fields)
    if (yield from follow(call, job)):
        yield wrap(context_of(call).vmm, vm)


@cmdlet(
    "New-SCVMConfiguration",
    "",
    Parameter("VMTemplate", "object", mandatory=True, pipeline=True),
    Parameter("Name", "string", position=0, mandatory=True),
    Parameter("Description", "string"),
    Parameter("VMHostGroup", "object"),
    Parameter("VMMServer", "object"),
    Parameter("Cloud", "object"),
)
def plan(call: Call) -> Body:
    """Plan where a machine is put that is to be made of a template."""
    vmm = context_of(call).vmm
    template = find(call, "VMTemplate", call.get("VMTemplate"))
    made = perform(call, "NewVMConfiguration", Name=call.get("Name"), VMTemplate=template.id)
    group = ident(call, "VMHostGroup", "VMHostGroup")
    if group:
        fields = {"VMHostGroupID": group}
        perform(call, "SetVMConfiguration", VMConfiguration=made, Fields=fields)
    yield wrap(vmm, vmm.store.get("VMConfiguration", made))


_PLAN: Final = Parameter("VMConfiguration", "object", position=0, mandatory=True, pipeline=True)


@cmdlet(
    "Set-SCVMConfiguration",
    "",
    _PLAN,
    Parameter("VMHost", "object"),
    Parameter("VMHostGroup", "object"),
    Parameter("ComputerName", "string"),
    Parameter("Description", "string"),
    Parameter("VMLocation", "string"),
    Parameter("PinVMHost", "bool"),
    Parameter("PinVMLocation", "bool"),
    Parameter("Cloud", "object"),
)
def change_plan(call: Call) -> Body:
    """Change a planned placement."""
    vmm = context_of(call).vmm
    planned = find(call, "VMConfiguration", call.get("VMConfiguration"))
    names = {"ComputerName": "ComputerName", "Description": "Description", "VMLocation": "Path"}
    fields = {field: call.get(name) for name, field in names.items() if call.given(name)}
    for kind in ("VMHost", "VMHostGroup", "Cloud"):
        if call.get(kind) is not None:
            fields[f"{kind}ID"] = ident(call, kind, kind)
    perform(call, "SetVMConfiguration", VMConfiguration=planned.id, Fields=fields)
    yield wrap(vmm, planned)


@cmdlet("Update-SCVMConfiguration", "", _PLAN)
def place(call: Call) -> Body:
    """Let VMM choose the host of a planned machine."""
    planned = find(call, "VMConfiguration", call.get("VMConfiguration"))
    perform(call, "UpdateVMConfiguration", VMConfiguration=planned.id)
    yield wrap(context_of(call).vmm, planned)


# Parts

_OWNER: Final = (
    Parameter("VM", "object"),
    Parameter("VMTemplate", "object", aliases=("Template",)),
    Parameter("HardwareProfile", "object"),
)
_BUS: Final = (Parameter("Bus", "int"), Parameter("LUN", "int"))


def _add(call: Call, kind: str, fields: dict[str, Any]) -> Body:
    """Add a part to what is given, or to a job group; give it."""
    vmm = context_of(call).vmm
    owner = owner_of(call)
    group = group_of(call)
    if owner is None and not group:
        raise VmmError(50002, name="", parameter="VM")
    args: dict[str, Any] = {"Owner": owner} if owner else {"JobGroup": group}
    made = perform(call, "NewDevice", Kind=kind, Fields=fields, **args)
    if made:
        yield wrap(vmm, vmm.store.get(kind, made))


def _switched(call: Call, words: dict[str, str], default: str) -> str:
    """Return the word of the switch that is on."""
    return next((word for name, word in words.items() if call.on(name)), default)


@cmdlet(
    "New-SCVirtualDiskDrive",
    "New-VirtualDiskDrive",
    *_OWNER,
    *_BUS,
    Parameter("IDE", "switch"),
    Parameter("SCSI", "switch"),
    Parameter("VirtualHardDisk", "object"),
    Parameter("VirtualHardDiskSizeMB", "int", aliases=("Size",)),
    Parameter("VirtualHardDiskFormatType", "string"),
    Parameter("Dynamic", "switch"),
    Parameter("Fixed", "switch"),
    Parameter("FileName", "string", aliases=("Filename",)),
    Parameter("Path", "string"),
    Parameter("VolumeType", "string"),
    Parameter("SharedStorage", "switch"),
    Parameter("CreateDiffDisk", "bool"),
    Parameter("UseLocalVirtualHardDisk", "switch"),
    *JOB,
    class_name="NewVirtualDiskDriveCmdlet",
)
def new_drive(call: Call) -> Body:
    """Add a disk, new or of the library, to a machine."""
    fields: dict[str, Any] = {
        "BusType": _switched(call, {"SCSI": "SCSI"}, "IDE"),
        "VHDType": _switched(call, {"Fixed": "FixedSize"}, "DynamicallyExpanding"),
        "SizeMB": call.get("VirtualHardDiskSizeMB"),
        "FileName": call.get("FileName") or "",
        "VirtualHardDiskID": ident(call, "VirtualHardDisk", "VirtualHardDisk") or None,
        "VolumeType": call.get("VolumeType") or "None",
    }
    for name in ("Bus", "LUN"):
        if call.given(name):
            fields[name] = call.get(name)
    yield from _add(call, "VirtualDiskDrive", fields)


@cmdlet("New-SCVirtualDVDDrive", "New-VirtualDVDDrive", *_OWNER, *_BUS,
        Parameter("ISO", "object"), *JOB)  # fmt: skip
def new_dvd(call: Call) -> Body:
    """Add a DVD drive."""
    fields: dict[str, Any] = {name: call.get(name) for name in ("Bus", "LUN") if call.given(name)}
    if call.get("ISO") is not None:
        fields |= {"ISOID": ident(call, "ISO", "ISO"), "Connection": "ISO"}
    yield from _add(call, "VirtualDVDDrive", fields)


@cmdlet(
    "New-SCVirtualScsiAdapter",
    "New-VirtualScsiAdapter",
    *_OWNER,
    Parameter("AdapterID", "int"),
    Parameter("ShareVirtualScsiAdapter", "bool"),
    Parameter("DefaultScsiAdapter", "switch"),
    Parameter("Synthetic", "switch"),
    *JOB,
)
def new_scsi(call: Call) -> Body:
    """Add a SCSI adapter."""
    fields = {"Shared": bool(call.get("ShareVirtualScsiAdapter"))}
    yield from _add(call, "VirtualScsiAdapter", fields)


_NETWORK: Final = (
    Parameter("VMNetwork", "object"),
    Parameter("LogicalNetwork", "object"),
    Parameter("VMSubnet", "object"),
    Parameter("PortClassification", "object"),
    Parameter("VirtualNetwork", "object"),
    Parameter("MACAddress", "string"),
    Parameter("MACAddressType", "string", values=("Static", "Dynamic")),
    Parameter("IPv4AddressType", "string", values=("Static", "Dynamic")),
    Parameter("IPv6AddressType", "string", values=("Static", "Dynamic")),
    Parameter("IPv4Address", "string"),
    Parameter("VLanEnabled", "bool"),
    Parameter("VLanID", "int"),
    Parameter("EnableMACAddressSpoofing", "bool"),
    Parameter("EnableVMNetworkOptimization", "bool"),
    Parameter("NoConnection", "switch"),
    Parameter("Name", "string"),
)
_ADAPTER: Final = {
    **{
        name: name
        for name in (
            *("MACAddress", "MACAddressType", "IPv4AddressType", "IPv6AddressType"),
            *("VLanEnabled", "VLanID", "EnableVMNetworkOptimization", "Name"),
        )
    },
    "EnableMACAddressSpoofing": "MACAddressSpoofingEnabled",
}


def _adapter(call: Call) -> dict[str, Any]:
    """Return the fields of a network adapter that a cmdlet is given."""
    fields = {field: call.get(name) for name, field in _ADAPTER.items() if call.given(name)}
    for kind in ("VMNetwork", "LogicalNetwork", "VMSubnet", "PortClassification"):
        if call.get(kind) is not None:
            fields[f"{kind}ID"] = ident(call, kind, kind)
    if call.get("VMNetwork") is not None:
        network = find(call, "VMNetwork", call.get("VMNetwork"))
        fields["LogicalNetworkID"] = network["LogicalNetworkID"]
    if call.get("IPv4Address") is not None:
        fields["IPv4Addresses"] = [call.get("IPv4Address")]
    if call.on("NoConnection"):
        fields |= {"VMNetworkID": None, "LogicalNetworkID": None, "VirtualNetworkID": None}
    return fields


@cmdlet(
    "New-SCVirtualNetworkAdapter",
    "New-VirtualNetworkAdapter",
    *_OWNER,
    *_NETWORK,
    Parameter("Synthetic", "switch"),
    Parameter("Emulated", "switch"),
    *JOB,
    class_name="NewNICCmdlet",
)
def new_adapter(call: Call) -> Body:
    """Add a network adapter."""
    fields = _adapter(call)
    if call.on("Emulated"):
        fields["VirtualNetworkAdapterType"] = "Emulated"
    yield from _add(call, "VirtualNetworkAdapter", fields)


def _changing(name: str, legacy: str, kind: str, *more: Parameter, class_name: str = "") -> None:
    """Register a cmdlet that changes a part."""
    part = Parameter(kind, "object", position=0, mandatory=True, pipeline=True)

    def body(call: Call) -> Body:
        vmm = context_of(call).vmm
        found = find(call, kind, call.get(kind))
        fields = _CHANGES[kind](call)
        perform(call, "SetDevice", Kind=kind, ID=found.id, Fields=fields)
        yield wrap(vmm, found)

    cmdlet(name, legacy, part, *more, *JOB, class_name=class_name)(body)


def _changed_dvd(call: Call) -> dict[str, Any]:
    if call.on("NoMedia"):
        return {"ISOID": None, "Connection": "None"}
    fields: dict[str, Any] = {name: call.get(name) for name in ("Bus", "LUN") if call.given(name)}
    if call.get("ISO") is not None:
        fields |= {"ISOID": ident(call, "ISO", "ISO"), "Connection": "ISO"}
    return fields


def _changed_drive(call: Call) -> dict[str, Any]:
    names = ("Bus", "LUN", "VolumeType", "IOPSMaximum", "SharedStorage")
    return {name: call.get(name) for name in names if call.given(name)}


def _changed_scsi(call: Call) -> dict[str, Any]:
    return {"Shared": bool(call.get("ShareVirtualScsiAdapter"))}


def _changed_disk(call: Call) -> dict[str, Any]:
    names = ("Name", "Description", "Enabled", "Release", "FamilyName", "Owner", "Tag")
    return settings(call, {name: name for name in names})


_CHANGES: Final = {
    "VirtualNetworkAdapter": _adapter,
    "VirtualDVDDrive": _changed_dvd,
    "VirtualDiskDrive": _changed_drive,
    "VirtualScsiAdapter": _changed_scsi,
    "VirtualHardDisk": _changed_disk,
}
_changing(
    "Set-SCVirtualNetworkAdapter",
    "Set-VirtualNetworkAdapter",
    "VirtualNetworkAdapter",
    *_NETWORK,
    class_name="SetNICCmdlet",
)
_changing(
    "Set-SCVirtualDVDDrive",
    "Set-VirtualDVDDrive",
    "VirtualDVDDrive",
    *_BUS,
    Parameter("ISO", "object"),
    Parameter("NoMedia", "switch"),
    Parameter("Link", "switch"),
)
_changing(
    "Set-SCVirtualDiskDrive",
    "Set-VirtualDiskDrive",
    "VirtualDiskDrive",
    *_BUS,
    Parameter("VolumeType", "string"),
    Parameter("IOPSMaximum", "int"),
    Parameter("SharedStorage", "bool"),
)
_changing(
    "Set-SCVirtualScsiAdapter",
    "Set-VirtualScsiAdapter",
    "VirtualScsiAdapter",
    Parameter("ShareVirtualScsiAdapter", "bool"),
)
_changing(
    "Set-SCVirtualHardDisk",
    "Set-VirtualHardDisk",
    "VirtualHardDisk",
    Parameter("Name", "string"),
    Parameter("Description", "string"),
    Parameter("Enabled", "bool"),
    Parameter("Release", "string"),
    Parameter("FamilyName", "string"),
    Parameter("Owner", "string"),
    Parameter("Tag", "string"),
    Parameter("OperatingSystem", "object"),
)


def _removing(name: str, legacy: str, kind: str, *more: Parameter) -> None:
    """Register a cmdlet that removes a part."""
    part = Parameter(kind, "object", position=0, mandatory=True, pipeline=True)

    def body(call: Call) -> Body:
        found = find(call, kind, call.get(kind))
        if not call.should_process(found.name):
            return
        perform(call, "RemoveDevice", Kind=kind, ID=found.id)
        yield wrap(context_of(call).vmm, found)

    cmdlet(name, legacy, part, *more, *JOB, confirm=True)(body)


_removing(
    "Remove-SCVirtualDiskDrive",
    "Remove-VirtualDiskDrive",
    "VirtualDiskDrive",
    Parameter("SkipDeleteVHD", "switch"),
)
_removing("Remove-SCVirtualDVDDrive", "Remove-VirtualDVDDrive", "VirtualDVDDrive")
_removing("Remove-SCVirtualScsiAdapter", "Remove-VirtualScsiAdapter", "VirtualScsiAdapter")
_removing("Remove-SCVirtualNetworkAdapter", "Remove-VirtualNetworkAdapter", "VirtualNetworkAdapter")
_removing(
    "Remove-SCVirtualHardDisk",
    "Remove-VirtualHardDisk",
    "VirtualHardDisk",
    Parameter("Force", "switch"),
)
_DRIVE: Final = Parameter("VirtualDiskDrive", "object", position=0, mandatory=True, pipeline=True)


def _resized(call: Call, fields: dict[str, Any]) -> Body:
    drive = find(call, "VirtualDiskDrive", call.get("VirtualDiskDrive"))
    perform(call, "ResizeDisk", VirtualDiskDrive=drive.id, Fields=fields)
    yield wrap(context_of(call).vmm, drive)


@cmdlet(
    "Expand-SCVirtualDiskDrive",
    "Expand-VirtualDiskDrive",
    _DRIVE,
    Parameter("VirtualHardDiskSizeGB", "int", mandatory=True, aliases=("Size",)),
    *JOB,
)
def expand(call: Call) -> Body:
    """Make a disk larger."""
    size = int(call.get("VirtualHardDiskSizeGB")) * 2**30
    yield from _resized(call, {"MaximumSize": size})


@cmdlet("Compress-SCVirtualDiskDrive", "Compress-VirtualDiskDrive", _DRIVE, *JOB)
def compress(call: Call) -> Body:
    """Make a disk's file as small as it can be."""
    yield from _resized(call, {"Size": 4 * 2**20})


@cmdlet(
    "Convert-SCVirtualDiskDrive",
    "Convert-VirtualDiskDrive",
    _DRIVE,
    Parameter("Dynamic", "switch"),
    Parameter("Fixed", "switch"),
    Parameter("VHDFormatType", "string"),
    *JOB,
)
def convert(call: Call) -> Body:
    """Convert a disk's type or format."""
    fields: dict[str, Any] = {}
    if call.on("Dynamic") or call.on("Fixed"):
        fields["VHDType"] = _switched(call, {"Fixed": "FixedSize"}, "DynamicallyExpanding")
    if call.get("VHDFormatType"):
        fields["VHDFormatType"] = str(call.get("VHDFormatType")).upper()
    yield from _resized(call, fields)


@cmdlet("Test-SCVirtualDiskDrive", "", _DRIVE, *JOB)
def test_drive(call: Call) -> Body:
    """Check a disk's chain of parents: all are where they should be."""
    yield wrap(context_of(call).vmm, find(call, "VirtualDiskDrive", call.get("VirtualDiskDrive")))


@cmdlet(
    "New-SCVMTemplate",
    "New-Template",
    Parameter("Name", "string", position=0, mandatory=True),
    Parameter("VM", "object"),
    Parameter("VirtualHardDisk", "object"),
    Parameter("HardwareProfile", "object"),
    Parameter("GuestOSProfile", "object"),
    Parameter("LibraryServer", "object"),
    Parameter("SharePath", "string"),
    Parameter("ComputerName", "string"),
    Parameter("Generation", "int"),
    Parameter("NoCustomization", "switch"),
    SERVER,
    *_SETTINGS,
    *JOB,
)
def new_template(call: Call) -> Body:
    """Make a template of a machine or of a disk."""
    vmm = context_of(call).vmm
    names = _FIELDS | {"Generation": "Generation", "ComputerName": "ComputerName"}
    made = perform(
        call,
        "NewTemplate",
        Name=call.get("Name"),
        Fields=settings(call, names),
        VM=ident(call, "VM", "VM"),
        VirtualHardDisk=ident(call, "VirtualHardDisk", "VirtualHardDisk"),
    )
    yield wrap(vmm, vmm.store.get("VMTemplate", made))
