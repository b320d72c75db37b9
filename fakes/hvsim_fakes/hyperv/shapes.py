"""The objects of the Hyper-V module: virtual machines, hosts, adapters and disks."""

from __future__ import annotations

import hashlib
import uuid
from typing import TYPE_CHECKING, Any, Final

from hvsim.scvmm import machines
from hvsim.scvmm.fabric import State
from hvsim_fakes.powershell.format.views import Column, TableView
from hvsim_fakes.powershell.format.views import register as register_view
from hvsim_fakes.powershell.objects.enums import EnumType
from hvsim_fakes.powershell.objects.moments import TICKS, TimeSpan
from hvsim_fakes.powershell.objects.nettype import OBJECT, NetObject, NetType
from hvsim_fakes.powershell.objects.registry import register
from hvsim_fakes.powershell.objects.values import Long

if TYPE_CHECKING:
    from hvsim.scvmm.fabric import Guest
    from hvsim.scvmm.store import Record
    from hvsim_fakes.hyperv.context import HostContext

SPACE: Final = "Microsoft.HyperV.PowerShell."
MIB: Final = 2**20
_DISK_FOLDER: Final = "C:\\Users\\Public\\Documents\\Hyper-V\\Virtual Hard Disks"


def _enum(name: str, **members: int) -> EnumType:
    kind = EnumType(SPACE + name, members)
    register(kind)
    return kind


VM_STATE: Final = _enum(
    "VMState", Other=1, Running=2, Off=3, Stopping=4, Saved=6, Paused=9, Starting=10
)
_START: Final = _enum("StartAction", Nothing=2, StartIfRunning=3, Start=4)
_STOP: Final = _enum("StopAction", TurnOff=2, Save=3, ShutDown=4)
_REPLICATION: Final = _enum("VMReplicationState", Disabled=0)
_HEALTH: Final = _enum("VMReplicationHealth", NotApplicable=0, Normal=1, Warning=2, Critical=3)
_BEAT: Final = _enum(
    "VMHeartbeatStatus",
    Unknown=0,
    Disabled=1,
    NoContact=2,
    Error=3,
    LostCommunication=4,
    OkApplicationsUnknown=5,
)
_CONTROLLER: Final = _enum("ControllerType", IDE=0, SCSI=1, PMEM=2)
_STARTS: Final = {
    "NeverAutoTurnOnVM": "Nothing",
    "AlwaysAutoTurnOnVM": "Start",
    "TurnOnVMIfRunningWhenVSStopped": "StartIfRunning",
}
_VERSIONS: Final = {"6.2": "4.0", "6.3": "5.0", "10.0.14393": "8.0", "10.0.17763": "9.0"}


class Machine:
    """A guest and the host that shows it."""

    def __init__(self, context: HostContext, guest: Guest) -> None:
        self.context = context
        self.guest = guest

    @property
    def record(self) -> Record | None:
        """What VMM keeps of it, if it does."""
        return self.context.vmm.vm_of(self.guest)

    @property
    def folder(self) -> str:
        """Where its files lie."""
        root = machines.folder_of(self.context.host, shared=self.guest.shared)
        return f"{root}\\{self.guest.name}"


class Part:
    """A device of a machine, with its facts."""

    def __init__(self, machine: Machine, name: str, **facts: Any) -> None:
        self.machine = machine
        self.name = name
        self.facts = facts


def _runs(one: Machine) -> bool:
    return one.guest.state in (State.RUNNING, State.PAUSED)


def _uptime(one: Machine) -> TimeSpan:
    since = one.guest.since
    seconds = one.context.vmm.world.now - since if _runs(one) else 0
    return TimeSpan(int(seconds * TICKS))


def _heartbeat(one: Machine) -> Any:
    if one.guest.state != State.RUNNING:
        return None
    if not one.guest.services:
        return _BEAT["NoContact"]
    return _BEAT["OkApplicationsUnknown" if one.guest.answers else "LostCommunication"]


def version_of(context: HostContext) -> str:
    """Return the configuration version of machines that a host makes."""
    version = context.host.windows.version
    found = (known for release, known in _VERSIONS.items() if version.startswith(release))
    return next(found, "5.0")


def _memory(one: Machine) -> Long:
    return Long(one.guest.memory * MIB)


def _assigned(one: Machine) -> Long:
    return Long(one.guest.memory * MIB if _runs(one) else 0)


def _id(one: Machine) -> uuid.UUID:
    return uuid.UUID(one.guest.guid)


def _name(one: Machine) -> str:
    return one.guest.name


def _adapters(one: Machine) -> list[Any]:
    return adapters_of(one)


def _drives(one: Machine) -> list[Any]:
    return disks_of(one)


VM: Final = NetType(
    SPACE + "VirtualMachine",
    OBJECT,
    properties={
        "Name": _name,
        "VMName": _name,
        "State": lambda one: VM_STATE[one.guest.state],
        "Status": lambda _: "Operating normally",
        "CPUUsage": lambda _: 0,
        "Uptime": _uptime,
        "Version": lambda one: version_of(one.context),
        "Generation": lambda one: one.guest.generation,
        "Notes": lambda one: one.guest.notes,
        "Id": _id,
        "VMId": _id,
        "ComputerName": lambda one: one.context.host.name.upper(),
        "IsClustered": lambda one: one.guest.clustered,
        "ProcessorCount": lambda one: Long(one.guest.cpus),
        "MemoryAssigned": _assigned,
        "MemoryDemand": _assigned,
        "MemoryStartup": _memory,
        "MemoryMinimum": _memory,
        "MemoryMaximum": _memory,
        "MemoryStatus": lambda one: "OK" if _runs(one) else "",
        "DynamicMemoryEnabled": lambda _: False,
        "Path": lambda one: one.folder,
        "ConfigurationLocation": lambda one: one.folder,
        "SnapshotFileLocation": lambda one: one.folder,
        "SmartPagingFilePath": lambda one: one.folder,
        "Heartbeat": _heartbeat,
        "IntegrationServicesState": lambda one: (
            "Up to date" if version_of(one.context) == "5.0" and one.guest.services else ""
        ),
        "ReplicationState": lambda _: _REPLICATION["Disabled"],
        "ReplicationHealth": lambda _: _HEALTH["NotApplicable"],
        "AutomaticStartAction": lambda one: _START[_STARTS[one.guest.start_action]],
        "AutomaticStopAction": lambda _: _STOP["Save"],
        "NetworkAdapters": _adapters,
        "HardDrives": _drives,
    },
    text=lambda one: f"VirtualMachine (Name = '{one.guest.name}') [Id = '{one.guest.guid}']",
)
HOST: Final = NetType(
    SPACE + "VMHost",
    OBJECT,
    properties={
        "Name": lambda one: one.host.name.upper(),
        "ComputerName": lambda one: one.host.name.upper(),
        "FullyQualifiedDomainName": lambda one: one.vmm.domain,
        "LogicalProcessorCount": lambda one: one.host.server.cpus,
        "MemoryCapacity": lambda one: Long(one.host.server.memory),
        "VirtualHardDiskPath": lambda _: _DISK_FOLDER,
        "VirtualMachinePath": lambda one: machines.folder_of(one.host, shared=False),
        "VirtualMachineMigrationEnabled": lambda _: True,
        "MaximumVirtualMachineMigrations": lambda _: 2,
        "MaximumStorageMigrations": lambda _: 2,
        "NumaSpanningEnabled": lambda _: True,
        "EnableEnhancedSessionMode": lambda _: False,
    },
)


def _part(kind: str, *names: str) -> NetType:
    def fact(name: str) -> Any:
        return lambda one: one.facts.get(name)

    return NetType(
        SPACE + kind,
        OBJECT,
        properties={
            "Name": lambda one: one.name,
            "VMName": lambda one: one.machine.guest.name,
            "VMId": lambda one: _id(one.machine),
            "ComputerName": lambda one: one.machine.context.host.name.upper(),
            **{name: fact(name) for name in names},
        },
    )


_ADAPTER: Final = _part(
    "VMNetworkAdapter",
    *("MacAddress", "SwitchName", "IPAddresses", "Connected", "IsLegacy", "IsManagementOs"),
    *("DynamicMacAddressEnabled", "Status"),
)
_DISK: Final = _part(
    "HardDiskDrive", "Path", "ControllerType", "ControllerNumber", "ControllerLocation"
)


def adapters_of(one: Machine) -> list[Any]:
    """Return a machine's network adapters; one whose host no VMM manages has one."""
    vmm, record = one.context.vmm, one.record
    addresses = [one.guest.address] if one.guest.address and one.guest.reported else []
    parts = [] if record is None else vmm.store.parts("VirtualNetworkAdapter", record.id)
    macs = [str(part["MACAddress"]).replace(":", "") for part in parts]
    if record is None:
        digest = hashlib.sha256(one.guest.guid.encode()).hexdigest()
        macs = [f"00155D{digest[:6].upper()}"]
    switches = vmm.store.parts("VirtualNetwork", one.context.host.managed)
    facts = {
        "SwitchName": switches[0].name if switches else "",
        "IPAddresses": addresses,
        "Connected": bool(switches),
        "IsLegacy": False,
        "IsManagementOs": False,
        "DynamicMacAddressEnabled": True,
        "Status": ["Ok"] if one.guest.state == State.RUNNING else [],
    }
    return [
        NetObject(_ADAPTER, Part(one, "Network Adapter", MacAddress=mac, **facts)) for mac in macs
    ]


def disks_of(one: Machine) -> list[Any]:
    """Return a machine's disks; of one that VMM does not know, the one that it was made with."""
    store, record = one.context.vmm.store, one.record
    if record is None:
        suffix = "vhdx" if one.guest.disk else ""
        path = f"{one.folder}\\{one.guest.name}_disk_1.{suffix}"
        return [_disk(one, path, "IDE", 0, 0)] if one.guest.disk else []
    found = []
    for drive in store.parts("VirtualDiskDrive", record.id):
        disk = store.find("VirtualHardDisk", drive["VirtualHardDiskID"])
        path = "" if disk is None else str(disk["Location"])
        found.append(_disk(one, path, drive["BusType"], drive["Bus"], drive["LUN"]))
    return found


def _disk(one: Machine, path: str, bus: str, number: int, place: int) -> NetObject:
    facts = {
        "Path": path,
        "ControllerType": _CONTROLLER[bus],
        "ControllerNumber": number,
        "ControllerLocation": place,
    }
    return NetObject(_DISK, Part(one, f"Hard Drive on {bus} controller number {number}", **facts))


register_view(
    SPACE + "VirtualMachine",
    TableView(
        (
            Column("Name"),
            Column("State"),
            Column("CPUUsage(%)", right=False, source="CPUUsage"),
            Column("MemoryAssigned(M)", right=False, get=lambda one: one.data.guest.memory
                   if _runs(one.data) else 0),
            Column("Uptime", right=False),
            Column("Status"),
            Column("Version", right=False),
        )
    ),
)  # fmt: skip
