"""The properties of hosts, clusters, groups, networks and the rest of VMM's fabric."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from hvsim.scvmm import machines
from hvsim.scvmm.catalog import addresses_of
from hvsim_fakes.powershell.objects.nettype import NetObject
from hvsim_fakes.powershell.objects.values import Long
from hvsim_fakes.scvmm.enums import ENUMS
from hvsim_fakes.scvmm.objects import TYPES, Bound, define, version, wrap
from hvsim_fakes.scvmm.shapes import Plain, host_system, operating_system

if TYPE_CHECKING:
    from hvsim.scvmm.store import Record

_COMMUNICATION = {"NotResponding": "Not Responding", "AccessDenied": "Access Denied"}
_OVERALL = {"NeedsAttention": "Needs Attention", "InMaintenanceMode": "In Maintenance Mode"}


def _vms(one: Bound) -> list[Any]:
    return [wrap(one.vmm, vm) for vm in machines.on(one.vmm, one.record.id)]


def _machine(one: Bound) -> NetObject:
    facts = {"SMBiosGUID": uuid.UUID(one["SMBiosGUID"])}
    return NetObject(
        TYPES["PhysicalMachine"], Plain(one.vmm, "PhysicalMachine", one.record.name, **facts)
    )


def _computer(one: Bound) -> Any:
    return wrap(one.vmm, one.vmm.store.named("VMMManagedComputer", one.record.name))


def _storage(one: Bound, field: str, *, shared: bool | None = None) -> Long:
    """Return the bytes of a host's volumes, of the shared or the local ones if it says which."""
    volumes = one.vmm.store.parts("HostVolume", one.record.id)
    wanted = (part for part in volumes if shared in (None, bool(part["IsClustered"])))
    return Long(sum(int(part[field]) for part in wanted))


def _cpu_use(one: Bound) -> int:
    """Return a host's load: a tenth of a percent for each virtual processor that runs."""
    running = [
        vm for vm in machines.on(one.vmm, one.record.id) if vm["VirtualMachineState"] == "Running"
    ]
    busy = sum(int(vm["CPUCount"] or 0) for vm in running)
    return min(99, 1 + 10 * busy // max(1, int(one["LogicalProcessorCount"])))


def _unlimited(name: str) -> Any:
    return lambda one: one[name] is None


define(
    "VMHost",
    "Host",
    "RunAsAccount:null MostRecentTaskID:guid MostRecentTaskUIState OverallStateString"
    " OverallState:enum/OverallState CommunicationStateString"
    " CommunicationState:enum/CommunicationState Name FullyQualifiedDomainName=Name FQDN=Name"
    " ComputerName DomainName Description RemoteUserName:text OverrideHostGroupReserves:false"
    " CPUPercentageReserve NetworkPercentageReserve:zero DiskSpaceReserveMB MaxDiskIOReservation"
    " MemoryReserveMB VMPaths:list BaseDiskPaths:none PROEnabled:false MaintenanceHost"
    " AvailableForPlacement IsEmbedded:false CredentialsNeeded:false"
    " PausedForNetworkIncompatibility:false LogicalProcessorCount LogicalCPUCount"
    " PhysicalCPUCount CoresPerCPU L2CacheSize L3CacheSize BusSpeed ProcessorSpeed ProcessorModel"
    " ProcessorManufacturer ProcessorArchitecture ProcessorFamily CpuUtilization TotalMemory:long"
    " AvailableMemory OperatingSystem OperatingSystemVersion:version DVDDrives:none"
    " DVDDriveList:none VirtualizationPlatformString VirtualizationPlatform:enum/Platform"
    " VirtualizationPlatformDetail IsVirtualizationSoftwareDetailUnknown:false IsViridianHost:true"
    " SupportsLiveMigration FloppyDrives:null FloppyDriveList:none VMHostGroup:ref/VMHostGroup"
    " HostGroup HostCluster:ref/VMHostCluster RemoteConnectEnabled RemoteConnectPort"
    " SecureRemoteConnectEnabled:false VMRCCertificateAvailable:false EnableLiveMigration"
    " LiveMigrationMaximum LiveStorageMigrationMaximum UseAnyMigrationSubnet:true"
    " MigrationSubnet:none MigrationSubnetUserManaged:none MigrationAuthProtocol:zero"
    " MigrationPerformanceOption:zero SslTcpPort SslCertificateHash:null SshTcpPort:zero"
    " SshPublicKeyHash:null SshPublicKey:null IsRemoteFXRoleInstalled:false IsCPUSLAT:true"
    " IsNumaSpanningEnabled:true GPUMemoryTotalMB:null GPUMemoryAvailableMB:null"
    " ClusterNodeStatus:enum/ClusterNode TimeZone:zero HyperVState:enum/HyperVState"
    " HyperVStateString=HyperVState HyperVVersion:version"
    " HyperVVersionState:enum/HyperVVersionState PerimeterNetworkHost:false"
    " NonTrustedDomainHost:false MaximumMemoryPerVM MinimumMemoryPerVM SuggestedMaximumMemoryPerVM"
    " ModifiedTime:date Agent ManagedComputer VMs Disks:none GPUs:none"
    " InstalledVirtualSwitchExtensions:none DiskVolumes:parts/HostVolume"
    " RegisteredStorageFileShares:none FibreChannelHbas:none FibreChannelVirtualSANs:none"
    " SASHbas:none InternetSCSIHbas:none VMwareResourcePool:null"
    " IsConfiguredForOutOfBandManagement:false PhysicalMachine HealthMonitors:none"
    " RemoteStorageTotalCapacity RemoteStorageAvailableCapacity"
    " LocalStorageTotalCapacity LocalStorageAvailableCapacity TotalStorageCapacity"
    " AvailableStorageCapacity UsedStorageCapacity"
    " IsDedicatedToNetworkVirtualizationGateway:false AgentVersion"
    " FibreChannelWorldWidePortNameMinimum FibreChannelWorldWidePortNameMaximum"
    " FibreChannelWorldWideNodeName VMConnectCertificateThumbprint:text FibreChannelSANStatus"
    " ISCSISANStatus NPIVFibreChannelSANStatus ComputerState:enum/ComputerState"
    " VirtualizationManager:null CertificateRequest:null"
    " CustomProperty:null Custom1:text Custom2:text Custom3:text Custom4:text Custom5:text"
    " Custom6:text Custom7:text Custom8:text Custom9:text Custom10:text",
    MostRecentTaskUIState=lambda one: ENUMS["TaskUIState"].of(one["MostRecentTaskUIState"] or 0),
    OverallStateString=lambda one: _OVERALL.get(one["OverallState"], one["OverallState"]),
    CommunicationStateString=lambda one: _COMMUNICATION.get(
        one["CommunicationState"], one["CommunicationState"]
    ),
    CPUPercentageReserve=lambda _: 10,
    DiskSpaceReserveMB=lambda _: 10_240,
    MaxDiskIOReservation=lambda _: 10_000,
    LogicalCPUCount=lambda one: one["LogicalProcessorCount"],
    L2CacheSize=lambda _: 256,
    L3CacheSize=lambda _: 8192,
    BusSpeed=lambda _: 4800,
    ProcessorArchitecture=lambda _: 9,
    CpuUtilization=_cpu_use,
    OperatingSystem=host_system,
    VirtualizationPlatformString=lambda _: "Microsoft Hyper-V",
    VirtualizationPlatformDetail=lambda _: "Microsoft Hyper-V",
    HostGroup=lambda one: wrap(one.vmm, one.vmm.store.find("VMHostGroup", one["VMHostGroupID"])),
    SslTcpPort=lambda _: 5985,
    MaximumMemoryPerVM=lambda _: 1_048_576,
    MinimumMemoryPerVM=lambda _: 32,
    SuggestedMaximumMemoryPerVM=lambda _: 512,
    Agent=_computer,
    ManagedComputer=_computer,
    VMs=_vms,
    PhysicalMachine=_machine,
    LocalStorageTotalCapacity=lambda one: _storage(one, "Capacity", shared=False),
    LocalStorageAvailableCapacity=lambda one: _storage(one, "FreeSpace", shared=False),
    RemoteStorageTotalCapacity=lambda one: _storage(one, "Capacity", shared=True),
    RemoteStorageAvailableCapacity=lambda one: _storage(one, "FreeSpace", shared=True),
    TotalStorageCapacity=lambda one: _storage(one, "Capacity"),
    AvailableStorageCapacity=lambda one: _storage(one, "FreeSpace"),
    UsedStorageCapacity=lambda one: Long(_storage(one, "Capacity") - _storage(one, "FreeSpace")),
    FibreChannelWorldWidePortNameMinimum=lambda _: "C003FF0000FF0000",
    FibreChannelWorldWidePortNameMaximum=lambda _: "C003FF0000FFFFFF",
    FibreChannelWorldWideNodeName=lambda _: "C003FF0000FFFF00",
    FibreChannelSANStatus=lambda _: "DeployTargetDoesNotHaveHBA (1204)",
    ISCSISANStatus=lambda _: "DeployHostDoesNotHaveMPIO (1253)",
    NPIVFibreChannelSANStatus=lambda _: "DeployHostIsNotNPIVCapable (1252)",
    AgentVersion=lambda one: version(one["AgentVersion"]),
)


def _hosts_with(one: Bound, field: str) -> list[Record]:
    return [host for host in one.vmm.store.of("VMHost") if host[field] == one.record.id]


def _nodes(one: Bound) -> list[Any]:
    return [wrap(one.vmm, host) for host in _hosts_with(one, "HostClusterID")]


def _cluster_state(one: Bound) -> Any:
    nodes = _hosts_with(one, "HostClusterID")
    good = all(node["OverallState"] in ("OK", "InMaintenanceMode") for node in nodes)
    return ENUMS["OverallState"]["OK" if good else "NeedsAttention"]


define(
    "VMHostCluster",
    "HostCluster",
    "ClusterName Nodes VMHostGroup:ref/VMHostGroup HostGroup ClusterReserve OverallState"
    " IPAddresses:list QuorumDiskResourceName VirtualizationPlatform AvailableStorageNode:null"
    " AvailableVolumes:none SharedVolumes:none IsUnderConstruction:false DomainName"
    " ValidationResult:text",
    Nodes=_nodes,
    HostGroup=lambda one: wrap(one.vmm, one.vmm.store.find("VMHostGroup", one["VMHostGroupID"])),
    OverallState=_cluster_state,
    VirtualizationPlatform=lambda _: ENUMS["Platform"].of(2),
    DomainName=lambda one: one.vmm.domain,
)


def _children(one: Bound) -> list[Any]:
    groups = one.vmm.store.of("VMHostGroup")
    return [wrap(one.vmm, group) for group in groups if group["ParentHostGroupID"] == one.record.id]


define(
    "VMHostGroup",
    "HostGroup",
    "Path ParentHostGroup:ref/VMHostGroup ChildGroups AllChildHosts Hosts IsRoot"
    " AllowUnencryptedTransfers InheritNetworkSettings",
    ChildGroups=_children,
    AllChildHosts=lambda one: [wrap(one.vmm, host) for host in _hosts_with(one, "VMHostGroupID")],
    Hosts=lambda one: [wrap(one.vmm, host) for host in _hosts_with(one, "VMHostGroupID")],
    IsRoot=lambda one: one["ParentHostGroupID"] is None,
)


def _parent_host(one: Bound) -> Any:
    return wrap(one.vmm, one.vmm.store.find("VMHost", one["ParentID"]))


define(
    "HostVolume",
    "HostVolume",
    "StorageVolumeID ObjectID HostVolumeID MountPoints:list Capacity:long FreeSpace:long"
    " VolumeLabel"
    " FileSystem IsSANMigrationPossible:false IsClustered IsClusterSharedVolume InUse VMHost"
    " IsAvailableForPlacement HostDiskID:null StorageDiskID:null HostDisk:null StorageDisk:null"
    " Classification:null StoragePool:null",
    StorageVolumeID=lambda one: one.record.id,
    HostVolumeID=lambda one: one.record.id,
    ObjectID=lambda one: f"\\\\?\\Volume{{{one.record.id}}}\\",
    VMHost=_parent_host,
)


def _networks(one: Bound) -> list[Record]:
    found = (
        one.vmm.store.find("LogicalNetwork", ident) for ident in one["LogicalNetworkIDs"] or ()
    )
    return [record for record in found if record is not None]


def _network_objects(one: Bound) -> list[Any]:
    return [wrap(one.vmm, record) for record in _networks(one)]


define(
    "VMHostNetworkAdapter",
    "HostNetworkAdapter",
    "IPAddresses:list DHCPEnabled IPSubnets:list DefaultIPGateways:none MacAddress"
    " PhysicalAddress=MacAddress NetworkLocation VirtualNetwork:ref/VirtualNetwork"
    " NetworkSwitchPort:null UplinkPortProfileSet:null VLanTags:list UsableVLanTags:none"
    " VLanMode:zero DesiredVLanMode:zero VLanEnabled ConnectionState:zero ConnectionName"
    " PrimaryDNSSuffix:text MaxBandwidth VMHost LogicalNetworkMap:null UsableVlanMode:zero"
    " ModelAccessibleSubnetVLans:null"
    " LogicalNetworks SubnetVLans:none UnassignedVLans:none"
    " AvailableForPlacement IsAvailableForHA:true UsedForManagement LogicalNetworkCompliance:zero"
    " LogicalNetworkComplianceErrors:none BDFLocationInformation"
    " NetworkVirtualizationEnabled:false",
    NetworkLocation=lambda one: ", ".join(record.name for record in _networks(one)),
    VMHost=_parent_host,
    BDFLocationInformation=lambda _: "PCI bus 16, device 0, function 0",
    LogicalNetworks=_network_objects,
)


define(
    "VirtualNetwork",
    "VirtualNetwork",
    "VMHost:ref/VMHost LogicalNetworks VMHostNetworkAdapters HighlyAvailable BoundToVMHost"
    " Locations:none Tag Path:text LogicalSwitch:null",
    LogicalNetworks=_network_objects,
    VMHostNetworkAdapters=lambda one: [
        wrap(one.vmm, one.vmm.store.find("VMHostNetworkAdapter", ident))
        for ident in one["VMHostNetworkAdapterIDs"] or ()
    ],
)
define(
    "LogicalNetwork",
    "LogicalNetwork",
    "NetworkVirtualizationEnabled UseGRE IsPVLAN SupportsExternalVMNetworkProvisioning:false"
    " SupportsIPSubnetConfigurationOnExternalVMNetworkDefinitions:false"
    " SupportsExternalVMNetworkDefinitionCreationWithoutIPSubnets:false"
    " IsLogicalNetworkDefinitionIsolated LogicalNetworkDefinitionIsolation"
    " AllowDynamicVlanOnVnic DefaultNetworkManagerForVMNetworkCreation:null ExternalId"
    " LastModifiedByNetworkManager:null ExternalSyncTime:null",
    LogicalNetworkDefinitionIsolation=lambda one: bool(one["IsLogicalNetworkDefinitionIsolated"]),
    AllowDynamicVlanOnVnic=lambda one: bool(one["AllowDynamicVlanOnVnic"]),
    ExternalId=lambda one: one.record.id,
)


def _subnets(one: Bound) -> list[Any]:
    return [
        NetObject(
            TYPES["SubnetVLan"],
            Plain(
                one.vmm,
                "SubnetVLan",
                f"{told.get('Subnet') or ''}-{told.get('VLanID') or 0}",
                **told,
            ),
        )
        for told in one["SubnetVLans"] or ()
    ]


def _groups(one: Bound) -> list[Any]:
    found = (one.vmm.store.find("VMHostGroup", ident) for ident in one["VMHostGroupIDs"] or ())
    return [wrap(one.vmm, record) for record in found if record is not None]


define(
    "LogicalNetworkDefinition",
    "LogicalNetworkDefinition",
    "LogicalNetwork:ref/LogicalNetwork HostGroups VMHostGroups SubnetVLans",
    HostGroups=_groups,
    VMHostGroups=_groups,
    SubnetVLans=_subnets,
)


def _subnets_of(one: Bound) -> list[Any]:
    found = one.vmm.store.of("VMSubnet")
    return [wrap(one.vmm, subnet) for subnet in found if subnet["VMNetworkID"] == one.record.id]


define(
    "VMNetwork",
    "VMNetwork",
    "LogicalNetwork:ref/LogicalNetwork VMSubnet IsolationType:enum/Isolation IsAssigned Owner"
    " PortACL:null HasGatewayConnection:false UserRole:null",
    VMSubnet=_subnets_of,
)
define(
    "VMSubnet",
    "VMSubnet",
    "VMSubnetID VMNetwork:ref/VMNetwork SubnetVLans AllowsIntraPortCommunication:true"
    " MaxNumberOfPorts LogicalNetworkDefinition:ref/LogicalNetworkDefinition ExternalId"
    " IsVMMInternal:false PortACL:null",
    VMSubnetID=lambda one: int(one.record.id[:6], 16),
    SubnetVLans=_subnets,
    ExternalId=lambda one: one.record.id,
)


def _pool_size(one: Bound) -> int:
    return len(addresses_of(one.record))


define(
    "StaticIPAddressPool",
    "StaticIPAddressPool",
    "Subnet IPAddressRangeStart IPAddressRangeEnd DNSSuffix DNSServers:list"
    " DNSSearchSuffixes:list DefaultGateways:list"
    " LogicalNetworkDefinition:ref/LogicalNetworkDefinition"
    " VMSubnet:ref/VMSubnet TotalAddresses AvailableAddresses",
    TotalAddresses=_pool_size,
    AvailableAddresses=lambda one: (
        _pool_size(one) - len(one.vmm.store.parts("AllocatedIPAddress", one.record.id))
    ),
)


define("AllocatedIPAddress", "AllocatedAddress", "Address AssignedToID:guid Type:text")
define("LibraryServer", "LibraryServer", "ComputerName FullyQualifiedDomainName=Name FQDN=Name"
       " VMHostGroup:ref/VMHostGroup Status ManagedComputer LibraryShares",
       Status=lambda one: ENUMS["ShareState"][one["State"]],
       ManagedComputer=_computer,
       LibraryShares=lambda one: [
           wrap(one.vmm, share)
           for share in one.vmm.store.of("LibraryShare")
           if share["LibraryServerID"] == one.record.id
       ])  # fmt: skip
define(
    "LibraryShare",
    "LibraryShare",
    "Path LibraryServer:ref/LibraryServer UseAlternateDataStream IsRegistered:true",
    UseAlternateDataStream=lambda one: bool(one["UseAlternateDataStream"]),
)
define(
    "VMMManagedComputer",
    "VMMManagedComputer",
    "FullyQualifiedDomainName=Name FQDN=Name ComputerName Roles:list State:enum/ShareState"
    " AgentVersion VersionStateString RoleString",
    ComputerName=lambda one: one.record.name.partition(".")[0],
    AgentVersion=lambda one: version(one["AgentVersion"]),
    VersionStateString=lambda _: "Up-to-date",
    RoleString=lambda one: ", ".join(one["Roles"] or ()),
)
define(
    "Cloud",
    "Cloud",
    "HostGroup LogicalNetworks CloudCapacity:null ReadOnlyLibraryShares:none Owner UserRole:null",
    HostGroup=_groups,
    LogicalNetworks=_network_objects,
)
define(
    "UserRole",
    "UserRole",
    "UserRolePath=Name ParentUserRole:null Members:list"
    " Profile=UserRoleProfile:enum/UserRoleProfile"
    " UserRoleProfile:enum/UserRoleProfile",
)
define("RunAsAccount", "RunAsAccount", "UserName Domain IsBuiltIn:false")
define("StorageClassification", "StorageClassification", "StoragePool:none")
define("PortClassification", "PortClassification", "Tag")
define(
    "CapabilityProfile",
    "CapabilityProfile",
    "FabricCapabilityType:enum/Capability CPUCountInitial CPUCountMinimum CPUCountMaximum"
    " MemoryMBInitial MemoryMBMinimum MemoryMBMaximum DynamicMemoryValue"
    " DynamicMemoryValueCanChange StartupMemoryMBInitial StartupMemoryMBMinimum"
    " StartupMemoryMBMaximum MaximumMemoryMBInitial MaximumMemoryMBMinimum MaximumMemoryMBMaximum"
    " VirtualHardDiskCountInitial VirtualHardDiskCountMinimum VirtualHardDiskCountMaximum"
    " VirtualHardDiskSizeMBInitial VirtualHardDiskSizeMBMinimum VirtualHardDiskSizeMBMaximum"
    " VirtualDVDDriveCountInitial VirtualDVDDriveCountMinimum VirtualDVDDriveCountMaximum"
    " VirtualNetworkAdapterCountInitial VirtualNetworkAdapterCountMinimum"
    " VirtualNetworkAdapterCountMaximum VMHighlyAvailableValue VMHighlyAvailableValueCanChange",
)
define("ApplicationProfile", "ApplicationProfile", "Owner Tag CompatibilityType:enum/Compatibility")
define("SQLProfile", "SQLProfile", "Owner Tag")


def _guest_system(one: Bound) -> Any:
    return operating_system(one.vmm, one["OperatingSystem"] or "Unknown")


define(
    "GuestOSProfile",
    "GuestOSProfile",
    "Owner ComputerName FullName OrgName TimeZone JoinDomain DomainJoinOrganizationalUnit"
    " JoinWorkgroup OperatingSystem AutoLogonCount Shielded DNSDomainName GuiRunOnceCommands:list",
    OperatingSystem=_guest_system,
)


define("CustomProperty", "CustomProperty", "Members=MemberType:list")
define(
    "ServicingWindow",
    "ServicingWindow",
    "Category Owner StartDate StartTimeOfDay MinutesDuration DaysToRecur DayOfMonth WeeksToRecur"
    " MonthsToRecur WeeklyScheduleDayOfWeek MonthlyScheduleDayOfWeek WeekOfMonth TimeZone"
    " ScheduleType",
)
define(
    "LogicalSwitch",
    "LogicalSwitch",
    "MinimumBandwidthMode:enum/Bandwidth EnableSriov EnablePacketDirect UplinkMode",
)
define(
    "NativeUplinkPortProfile",
    "NativeUplinkPortProfile",
    "EnableNetworkVirtualization LBFOLoadBalancingAlgorithm LBFOTeamMode LogicalNetworkDefinitions",
    LogicalNetworkDefinitions=lambda one: [
        wrap(one.vmm, one.vmm.store.find("LogicalNetworkDefinition", ident))
        for ident in one["LogicalNetworkDefinitionIDs"] or ()
    ],
)
define("MACAddressPool", "MACAddressPool", "MACAddressRangeStart MACAddressRangeEnd HostGroups:none"
       " VirtualizationPlatform",
       VirtualizationPlatform=lambda _: ENUMS["Platform"].of(2))  # fmt: skip
define(
    "UserRoleQuota",
    "UserRoleQuota",
    "UserRole:ref/UserRole QuotaPerUser VMCount CPUCount MemoryMB StorageGB CustomQuotaCount"
    " UseVMCountMaximum UseCPUCountMaximum UseMemoryMBMaximum UseStorageGBMaximum"
    " UseCustomQuotaCountMaximum",
    **{
        f"Use{_name}Maximum": _unlimited(_name)
        for _name in ("VMCount", "CPUCount", "MemoryMB", "StorageGB", "CustomQuotaCount")
    },
)
