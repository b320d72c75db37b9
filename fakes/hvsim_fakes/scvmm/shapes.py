"""The properties of VMM's objects, kind by kind: names as real answers show them.

What this models stands as a field; what it does not stands as the constant that a plain object
has.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Final

from hvsim_fakes.powershell.objects.nettype import OBJECT, NetObject, NetType, Property
from hvsim_fakes.powershell.objects.values import Long
from hvsim_fakes.scvmm.enums import ENUMS, OBJECT_TYPE
from hvsim_fakes.scvmm.fragments import ConnectionType, PlainType
from hvsim_fakes.scvmm.objects import (
    EMPTY_GUID,
    SPACE,
    TYPES,
    Bound,
    client_object,
    define,
    guid,
    named_guid,
    server_connection,
    version,
    wrap,
)

if TYPE_CHECKING:
    from hvsim.scvmm.server import VmmServer
    from hvsim.scvmm.store import Record


class Plain:
    """Something that VMM shows as an object and keeps no record of: a system, a processor."""

    __slots__ = ("facts", "kind", "name", "vmm")

    def __init__(self, vmm: VmmServer, kind: str, name: str, **facts: Any) -> None:
        self.vmm = vmm
        self.kind = kind
        self.name = name
        self.facts = facts


def _plain_type(kind: str, *names: str) -> NetType:
    """Make the type of plain objects whose properties are their facts."""

    def fact(name: str) -> Any:
        return lambda one: one.facts.get(name)

    properties = [
        Property("Name", lambda one: one.name),
        *(Property(name, fact(name)) for name in names),
        Property("ServerConnection", lambda one: NetObject(TYPES["ServerConnection"], one.vmm)),
        Property("ID", lambda one: named_guid(one.kind, one.name)),
        Property("IsViewOnly", lambda _: False),
        Property("ObjectType", lambda one: OBJECT_TYPE.of(OBJECT_TYPE.members.get(one.kind, 0))),
        Property("MarkedForDeletion", lambda _: False),
        Property("IsFullyCached", lambda _: True),
    ]
    made = PlainType(
        SPACE + kind, client_object(), properties=properties, text=lambda one: one.name
    )
    TYPES[kind] = made
    return made


_plain_type("CPUType")
_plain_type(
    "OperatingSystem",
    *("Description", "Version", "Architecture", "Edition", "OSType", "IsWindows", "ProductType"),
    *("IsCustomizationAllowed", "IsApplicationDeploymentAllowed"),
    *("RequiresAdministratorAccountNameInSysprep", "RequiresXMLSysprepFormat"),
    *("AllowsOrgNameInSysprep", "RequiresPIDInSysprep"),
)
_plain_type("PhysicalMachine", "SMBiosGUID")
_plain_type("HostDisk")
_plain_type("HostRating", "Rating", "Description", "TransferType", "VMHost", "IsHostSuitable",
            "EstimatedHostDiskSpaceRemaining", "EstimatedHostMemoryRemaining",
            "ZeroRatingReasonList", "WarningReasonList")  # fmt: skip
_plain_type("CloudCapacity", "Cloud", "CPUCount", "MemoryMB", "StorageGB", "VMCount",
            "CustomQuotaCount", "UsedCPUCount", "UsedMemoryMB", "UsedStorageGB", "UsedVMCount",
            "UseCPUCountMaximum", "UseMemoryMBMaximum", "UseStorageGBMaximum",
            "UseVMCountMaximum")  # fmt: skip
_plain_type("ComplianceStatus", "VMMManagedComputer", "BaselineLevelComplianceStatus", "Baseline",
            "OverallComplianceState", "ComplianceStatus")  # fmt: skip
_plain_type("SubnetVLan", "Subnet", "VLanID", "SupportsDHCP", "IsAssigned")
_plain_type("DefaultGateway", "IPAddress", "Metric")
_plain_type("ErrorInfo", "Code", "DisplayableErrorCode", "Problem", "RecommendedAction",
            "DetailedCode", "ErrorType", "IsSuccess", "CloudProblem")  # fmt: skip


def operating_system(vmm: VmmServer, name: str, *, described: str | None = None) -> NetObject:
    """Return a guest's operating system by its name."""
    windows = name.startswith(("Windows", "64-bit edition of Windows", "Microsoft Windows"))
    facts = {
        "Description": name if described is None else described,
        "Version": None,
        "Architecture": ENUMS["Architecture"].of(1),
        "Edition": None,
        "OSType": 0 if windows else 1,
        "IsWindows": windows,
        "ProductType": None,
        "IsCustomizationAllowed": True,
        "IsApplicationDeploymentAllowed": windows,
        "RequiresAdministratorAccountNameInSysprep": False,
        "RequiresXMLSysprepFormat": windows,
        "AllowsOrgNameInSysprep": windows,
        "RequiresPIDInSysprep": True,
    }
    plain = Plain(vmm, "OperatingSystem", name, **facts)
    return NetObject(TYPES["OperatingSystem"], plain)


def host_system(one: Bound) -> NetObject:
    """Return a host's operating system, with its version."""
    found = operating_system(one.vmm, one["OperatingSystem"], described="")
    found.data.facts["Version"] = version(one["OperatingSystemVersion"])
    return found


def _system(one: Bound) -> NetObject:
    return operating_system(one.vmm, one["OperatingSystem"] or "Unknown")


def _cpu_type(one: Bound) -> NetObject:
    return NetObject(TYPES["CPUType"], Plain(one.vmm, "CPUType", one["CPUType"] or ""))


def _of_server(name: str) -> Any:
    return lambda vmm: getattr(vmm, name)


def _user_role(vmm: VmmServer) -> Any:
    return wrap(vmm, vmm.store.named("UserRole", "Administrator"))


def _role_id(vmm: VmmServer) -> Any:
    role = vmm.store.named("UserRole", "Administrator")
    return EMPTY_GUID if role is None else uuid.UUID(role.id)


def _managed_computer(vmm: VmmServer) -> Any:
    return wrap(vmm, vmm.store.named("VMMManagedComputer", vmm.fqdn))


_CONNECTION: Final[dict[str, Any]] = {
    "Name": lambda _: "localhost",
    "Port": lambda _: 8100,
    "IsConnected": lambda vmm: vmm.service == "running",
    "ServerInterfaceVersion": lambda vmm: version(vmm.release.interface),
    "Profile": lambda _: ENUMS["UserRoleProfile"].of(1),
    "UserRole": _user_role,
    "UserRoleId": _role_id,
    "FullyQualifiedDomainName": _of_server("fqdn"),
    "FQDN": _of_server("fqdn"),
    "Channel": lambda _: NetObject(TYPES["Channel"]),
    "ObjectCache": lambda _: NetObject(TYPES["ClientCache"]),
    "OpsMgrServer": lambda _: "",
    "CEIPOptIn": lambda _: False,
    "VMRCAccessAccount": lambda _: "",
    "VMRCDefaultPort": lambda _: 5900,
    "VMConnectDefaultPort": lambda _: 2179,
    "MinimumSupportedAgentVersion": lambda _: version("2.0.4271.0"),
    "MinimumSupportedGuestAgentVersion": lambda _: version("3.0.1469.0"),
    "LibraryRefresherEnabled": lambda _: True,
    "LibraryRefresherFrequency": lambda _: 1,
    "DatabaseServerName": _of_server("fqdn"),
    "DatabaseInstanceName": lambda _: "MSSQLSERVER",
    "DatabaseName": lambda _: "VirtualManagerDB",
    "ConnectedUserName": lambda vmm: f"{vmm.netbios}\\Administrator",
    "ConnectedUserGroups": lambda _: NetObject(TYPES["AccountCollection"]),
    "UserName": lambda _: "Windows User",
    "CompanyName": lambda _: "",
    "ProductVersion": lambda vmm: version(vmm.release.product),
    "DatabaseVersion": lambda vmm: version(vmm.release.product),
    "QFEDatabaseVersion": lambda vmm: version(vmm.release.product),
    "ProductID": lambda _: "",
    "LicenseType": lambda _: 5,
    "EvaluationDaysLeft": lambda _: 0,
    "ManagedComputer": _managed_computer,
    "VMMServiceAccount": lambda vmm: f"{vmm.netbios}\\Administrator",
    "IsHighlyAvailable": lambda _: False,
    "FailoverVMMNodes": lambda _: None,
    "ActiveVMMNode": lambda _: None,
    "AutomaticLogicalNetworkCreationEnabled": lambda _: True,
    "AutomaticVirtualNetworkCreationEnabled": lambda _: False,
    "LogicalNetworkMatchOption": lambda _: 1,
    "BackupLogicalNetworkMatchOption": lambda _: 4,
    "ForOnBehalfOf": lambda _: False,
    "PortACL": lambda _: None,
}
for _kind, _name in (
    ("Channel", "Microsoft.VirtualManager.Remoting.IVirtualManagerService"),
    ("RelationshipTable", f"{SPACE}RelationshipTable"),
    ("AccountCollection", "Microsoft.VirtualManager.Remoting.AccountCollection"),
):
    # Parts of the connection that show nothing of themselves but their types.
    TYPES[_kind] = NetType(_name, OBJECT)
TYPES["ClientCache"] = NetType(
    f"{SPACE}ClientCache",
    OBJECT,
    properties={"RelationshipTable": lambda _: NetObject(TYPES["RelationshipTable"])},
)
TYPES["ServerConnection"] = ConnectionType(
    SPACE + "Remoting.ServerConnection",
    OBJECT,
    properties=_CONNECTION,
)


def connection(vmm: VmmServer) -> NetObject:
    """Return a connection to a VMM server."""
    return NetObject(TYPES["ServerConnection"], vmm)


def _host_name(one: Bound) -> str | None:
    host = one.vmm.store.find("VMHost", one["VMHostID"])
    return None if host is None else host.name


def _hard_disks(one: Bound) -> list[Any]:
    store = one.vmm.store
    drives = store.parts("VirtualDiskDrive", one.record.id)
    found = (store.find("VirtualHardDisk", drive["VirtualHardDiskID"]) for drive in drives)
    return [wrap(one.vmm, disk) for disk in found if disk is not None]


def _total_size(one: Bound) -> Long:
    disks = one.vmm.store.parts("VirtualHardDisk", one.record.id)
    return Long(sum(int(disk["Size"] or 0) for disk in disks))


def _last_checkpoint(one: Bound) -> str:
    return str(one["LastRestoredCheckpointID"] or EMPTY_GUID)


def _task_state(one: Bound) -> Any:
    return ENUMS["TaskUIState"].of(one["MostRecentTaskUIState"] or 0)


def _status_string(one: Bound) -> str:
    return STATUS_TEXTS.get(one["Status"], str(one["Status"]))


STATUS_TEXTS: Final = {
    "PowerOff": "Stopped",
    "PoweringOff": "Stopping",
    "HostNotResponding": "Host Not Responding",
    "UnderMigration": "Under Migration",
    "MigrationFailed": "Migration Failed",
    "UnderCreation": "Creating",
    "CreationFailed": "Creation Failed",
    "UnderUpdate": "Updating",
    "CreatingCheckpoint": "Creating Checkpoint",
    "IncompleteVMConfig": "Incomplete VM Configuration",
    "UnsupportedCluster": "Unsupported Cluster Configuration",
}
"""What the console calls a status that is not its own word; recalled."""

define(
    "VM",
    "VM",
    "VMCPath Location VMId BackupEnabled BiosGuid:guid ComputerName HasVMAdditions"
    " HeartbeatEnabled DataExchangeEnabled TimeSynchronizationEnabled"
    " OperatingSystemShutdownEnabled HostName VMHost:ref/VMHost LibraryServer:ref/LibraryServer"
    " Cloud:ref/Cloud Status:enum/VMStatus StatusString VirtualMachineState:enum/VMStatus"
    " CPUCount CPUType Memory DynamicMemoryEnabled DynamicMemoryMinimumMB DynamicMemoryMaximumMB"
    " MemoryAssignedMB DynamicMemoryDemandMB=MemoryAssignedMB Generation OperatingSystem Owner"
    " Tag IsHighlyAvailable ClusterPriority LastRestoredCheckpointID TotalSize"
    " VirtualizationPlatform VirtualHardDisks VirtualDiskDrives:parts/VirtualDiskDrive"
    " VirtualDVDDrives:parts/VirtualDVDDrive VirtualNetworkAdapters:parts/VirtualNetworkAdapter"
    " VirtualScsiAdapters:parts/VirtualScsiAdapter VMCheckpoints:parts/VMCheckpoint"
    " VirtualFloppyDrive:null StartAction:enum/StartAction StopAction:enum/StopAction"
    " DelayStartSeconds CheckpointType:enum/CheckpointType CreationTime:date"
    " MostRecentTaskID:guid MostRecentTaskUIState MostRecentTaskIfLocal:null UserRole:null"
    " CreationSource:text IsStateless:false IsRecoveryVM:false HasPassthroughDisk:false"
    " HasSharedStorage:false InUse:false BlockDynamicOptimization:false SelfServiceUserRole:null"
    " CPULimitFunctionality:false LimitCPUForMigration:false PerfCPUUtilization:zero"
    " UndoDisksEnabled:false SecureBootEnabled:true NumLock:false CostCenter:text"
    " QuotaPoint:zero ReplicationStatus:null CustomProperty:null Custom1:text Custom2:text"
    " Custom3:text Custom4:text Custom5:text Custom6:text Custom7:text Custom8:text Custom9:text"
    " Custom10:text",
    HostName=_host_name,
    StatusString=_status_string,
    CPUType=_cpu_type,
    OperatingSystem=_system,
    LastRestoredCheckpointID=_last_checkpoint,
    TotalSize=_total_size,
    VirtualizationPlatform=lambda _: ENUMS["Platform"].of(2),
    VirtualHardDisks=_hard_disks,
    MostRecentTaskUIState=_task_state,
)
_MACHINE: Final = (
    "CPUCount CPUType Memory DynamicMemoryEnabled DynamicMemoryMinimumMB DynamicMemoryMaximumMB"
    " Generation HighlyAvailable=IsHighlyAvailable IsHighlyAvailable"
    " VirtualDiskDrives:parts/VirtualDiskDrive VirtualDVDDrives:parts/VirtualDVDDrive"
    " VirtualNetworkAdapters:parts/VirtualNetworkAdapter"
    " VirtualScsiAdapters:parts/VirtualScsiAdapter Owner SecureBootEnabled CheckpointType"
    " ExpectedCPUUtilization CPUMaximumPercent CPURelativeWeight CPUReserve NetworkUtilization"
    " DiskIops VirtualizationPlatform"
)
define(
    "VMTemplate",
    "Template",
    _MACHINE + " OperatingSystem ComputerName Status:enum/Template VirtualHardDisks Location"
    " LibraryServer:ref/LibraryServer LibraryGroup:text Tag",
    CPUType=_cpu_type,
    OperatingSystem=_system,
    VirtualHardDisks=_hard_disks,
    VirtualizationPlatform=lambda _: ENUMS["Platform"].of(2),
)
define(
    "HardwareProfile",
    "HardwareProfile",
    _MACHINE,
    CPUType=_cpu_type,
    VirtualizationPlatform=lambda _: ENUMS["Platform"].of(2),
)
define(
    "VMConfiguration",
    "VMConfiguration",
    "VMTemplate:ref/VMTemplate VMHost:ref/VMHost ComputerName VMLocation=Path Cloud:ref/Cloud",
)


def _owner(one: Bound) -> Any:
    return wrap(one.vmm, one.vmm.store.find("VM", one["ParentID"]))


def _host_of_disk(one: Bound) -> Any:
    host = one.vmm.store.find("VMHost", one["HostID"])
    return wrap(one.vmm, host)


def _disk_host_name(one: Bound) -> str | None:
    host = one.vmm.store.find("VMHost", one["HostID"])
    return one.vmm.fqdn if host is None else host.name


def _library_of(one: Bound) -> Any:
    store = one.vmm.store
    share = store.find("LibraryShare", one["LibraryShareID"])
    return (
        None
        if share is None
        else wrap(one.vmm, store.find("LibraryServer", share["LibraryServerID"]))
    )


define(
    "VirtualHardDisk",
    "StandaloneVirtualHardDisk",
    "OperatingSystem VHDType:enum/VHDType VHDFormatType:enum/VHDFormat VirtualizationPlatform"
    " MaximumSize:long ParentDisk:null SANCopyCapable:false IsCachedVhd:false ComplianceStatus:null"
    " Tag HasProductKey:false Location Release State:enum/ObjectState LibraryShareId SharePath"
    " FileShare:null Directory Size:long IsOrphaned:false FamilyName Namespace:null"
    " ReleaseTime:null HostVolumeId:null HostVolume:null Classification:null HostId=HostID:guid"
    " HostType:null HostName VMHost LibraryServer CloudId:null Cloud:null LibraryGroup:text"
    " GrantedToList:none UserRoleID UserRole:null Owner",
    OperatingSystem=_system,
    VirtualizationPlatform=lambda _: ENUMS["Platform"].of(2),
    LibraryShareId=lambda one: guid(one["LibraryShareID"]) or EMPTY_GUID,
    HostName=_disk_host_name,
    VMHost=_host_of_disk,
    LibraryServer=_library_of,
    UserRoleID=lambda _: EMPTY_GUID,
)
define(
    "VirtualDiskDrive",
    "VirtualDiskDrive",
    "VirtualHardDisk:ref/VirtualHardDisk VirtualHardDiskId=VirtualHardDiskID:guid VM"
    " BusType:enum/BusType Bus Lun=LUN VolumeType:enum/VolumeType IsVHD:true HasSharedStorage"
    " IOPSMaximum CreateDiffDisk:false PassThroughDisk:null Classification:null",
    VM=_owner,
    HasSharedStorage=lambda one: bool(one["SharedStorage"]),
    IOPSMaximum=lambda one: one["IOPSMaximum"] or 0,
)
define(
    "VirtualDVDDrive",
    "VirtualDVDDrive",
    "Connection:enum/DriveConnection ISOId=ISOID:guid ISO:ref/ISO HostDrive BusType:enum/BusType"
    " Bus Lun=LUN ISOLinked VM",
    VM=_owner,
)
define(
    "VirtualScsiAdapter",
    "VirtualSCSIAdapter",
    "AdapterID=AdapterNumber Shared VM ScsiControllerType=Type",
    VM=_owner,
)


def _switch_name(one: Bound) -> str | None:
    switch = one.vmm.store.find("VirtualNetwork", one["VirtualNetworkID"])
    return None if switch is None else switch.name


define(
    "VirtualNetworkAdapter",
    "VirtualNetworkAdapter",
    "SlotId=SlotID VirtualNetwork VMwarePortGroup:null MACAddressType:enum/AddressType"
    " EthernetAddressType=MACAddressType:enum/AddressType"
    " PhysicalAddressType=MACAddressType:enum/AddressType MACAddress EthernetAddress=MACAddress"
    " PhysicalAddress=MACAddress RequiredBandwidth:zero"
    " VirtualNetworkAdapterType:enum/AdapterType VmwAdapterIndex:null"
    " LogicalNetwork:ref/LogicalNetwork VMNetwork:ref/VMNetwork VMNetworkServiceSetting:null"
    " VMSubnet:ref/VMSubnet PortClassification:ref/PortClassification"
    " VirtualNetworkAdapterPortProfileSet:null LogicalSwitch:ref/LogicalSwitch"
    " GuestIPNetworkVirtualizationUpdatesEnabled:false MACAddressSpoofingEnabled"
    " MACAddressesSpoofingEnabled=MACAddressSpoofingEnabled"
    " VMNetworkOptimizationEnabled=EnableVMNetworkOptimization VLanEnabled VLanID UsesSriov:false"
    " IsUsedForHostManagement:false VirtualNetworkAdapterComplianceStatus:zero"
    " TemplateNicName:null VirtualNetworkAdapterComplianceErrors:none PerfNetworkKBytesRead:zero"
    " PerfNetworkKBytesWrite:zero DeviceID IPv4AddressType:enum/AddressType"
    " IPv6AddressType:enum/AddressType IPv4Addresses:list IPv6Addresses:list PortACL:null"
    " IsEmulated VM",
    VirtualNetwork=_switch_name,
    DeviceID=lambda one: f"Microsoft:{str(one['ParentID']).upper()}\\{one.record.id.upper()}",
    IsEmulated=lambda one: one["VirtualNetworkAdapterType"] == "Emulated",
    VM=_owner,
)


define(
    "VMCheckpoint",
    "VMCheckpoint",
    "ParentCheckpointID CheckpointID VMId=VMID:guid VM CheckpointHWProfile:null"
    " VirtualDiskDrives:none",
    VM=lambda one: wrap(one.vmm, one.vmm.store.find("VM", one["VMID"])),
)


def _progress(one: Bound) -> str:
    return f"{one['ProgressValue']} %"


def _error_info(one: Bound) -> NetObject:
    told = one["ErrorInfo"] or {"Code": 0, "Problem": None, "IsSuccess": True}
    facts = {"IsSuccess": False, "ErrorType": "Error", **told}
    return NetObject(TYPES["ErrorInfo"], Plain(one.vmm, "ErrorInfo", "", **facts))


def _step(record: Record) -> str:
    return record.name


define(
    "Job",
    "Task",
    "Status:enum/TaskState StatusString=Status Progress ProgressValue IsCompleted IsRestartable"
    " IsStoppable IsVisible:true StartTime:date EndTime:date Owner CmdletName ErrorInfo"
    " AdditionalMessages ResultName ResultObjectID:guid ResultObjectType ResultObject"
    " ResultObjectTypeName=ResultObjectType TargetObjectID=ResultObjectID:guid"
    " TargetObjectType=ResultObjectType SkipLastFailedStep:false Source:null Steps"
    " AuditRecords:none",
    Progress=_progress,
    IsCompleted=lambda one: one["Status"] != "Running",
    ErrorInfo=_error_info,
    AdditionalMessages=lambda one: [told["Problem"] for told in one["AdditionalMessages"] or ()],
    ResultObject=lambda one: wrap(
        one.vmm, one.vmm.store.find(one["ResultObjectType"], one["ResultObjectID"])
    ),
    Steps=lambda one: [_step(one.record)],
)
define("ISO", "ISO", "Size:long SharePath Directory FamilyName Release Owner Tag"
    " State:enum/ObjectState"
       " IsOrphaned:false LibraryServer LibraryShareId=LibraryShareID:guid Namespace:null",
       LibraryServer=_library_of)  # fmt: skip
for _kind in ("Script", "CustomResource"):
    define(
        _kind,
        _kind,
        "SharePath FamilyName Release Owner State:enum/ObjectState IsOrphaned:false LibraryServer",
        LibraryServer=_library_of,
    )
SERVER_CONNECTION: Final = server_connection
