"""Cmdlets that look things up: nothing of them changes the world."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.scvmm import placement
from hvsim.scvmm.errors import VmmError
from hvsim_fakes.powershell.cmdlet import Parameter
from hvsim_fakes.powershell.objects.nettype import NetObject
from hvsim_fakes.scvmm.context import context_of, find, ident
from hvsim_fakes.scvmm.objects import TYPES, bound, wrap
from hvsim_fakes.scvmm.registry import SERVER, cmdlet
from hvsim_fakes.scvmm.shapes import Plain, connection, operating_system

if TYPE_CHECKING:
    from hvsim.scvmm.store import Record
    from hvsim_fakes.powershell.cmdlet import Body, Call

NAME: Final = Parameter("Name", "string", position=0)
ID: Final = Parameter("ID", "object")
ALL: Final = Parameter("All", "switch")
_SYSTEMS: Final = (
    "Windows Server 2008 R2 Standard",
    "Windows Server 2012 R2 Datacenter",
    "Windows Server 2019 Datacenter",
    "64-bit edition of Windows 10",
    "CentOS Linux 7 (64 bit)",
    "Debian GNU/Linux 12 (64 bit)",
    "Ubuntu Linux (64 bit)",
    "Unknown",
)


def records(call: Call, kind: str) -> list[Record]:
    """Return the records of a kind that ``-Name`` and ``-ID`` select."""
    vmm = context_of(call).vmm
    with vmm.world.access():
        found = vmm.store.of(kind)
    name, given = call.get("Name"), call.get("ID")
    if name is not None:
        found = [one for one in found if one.name.lower() == str(name).lower()]
    if given is not None:
        found = [one for one in found if one.id == str(given).lower()]
    return found


def give(call: Call, found: list[Record]) -> Body:
    """Give the objects that show records."""
    vmm = context_of(call).vmm
    context_of(call).note(call)
    for record in found:
        yield wrap(vmm, record)


def _simple(
    name: str, legacy: str, kind: str, takes: str = "NIA", **filters: tuple[str, str]
) -> None:
    """Register a cmdlet that gives the objects of a kind.

    Args:
        takes: which of ``-Name`` (``N``; ``n`` where it has to be named), ``-ID`` and ``-All``.
        filters: by parameter, the kind of object it takes and the field that has to name it.
    """
    known = {"N": NAME, "n": Parameter("Name", "string"), "I": ID, "A": ALL}
    own = tuple(known[one] for one in takes)
    more = tuple(Parameter(one, "object") for one in filters)

    def body(call: Call) -> Body:
        found = records(call, kind)
        for parameter, (other, field) in filters.items():
            if call.get(parameter) is not None:
                wanted = find(call, other, call.get(parameter)).id
                found = [one for one in found if _refers(one[field], wanted)]
        yield from give(call, found)

    cmdlet(name, legacy, *own, SERVER, *more)(body)


def _refers(value: Any, wanted: str) -> bool:
    return wanted in value if isinstance(value, list) else bool(value == wanted)


for _noun, _legacy, _kind, _takes in (
    ("SCVMTemplate", "Template", "VMTemplate", "NIA"),
    ("SCHardwareProfile", "HardwareProfile", "HardwareProfile", "nIA"),
    ("SCGuestOSProfile", "GuestOSProfile", "GuestOSProfile", "N"),
    ("SCISO", "ISO", "ISO", "nIA"),
    ("SCScript", "Script", "Script", "nIA"),
    ("SCCustomResource", "", "CustomResource", "nIA"),
    ("SCLibraryShare", "LibraryShare", "LibraryShare", "I"),
    ("SCLogicalNetwork", "", "LogicalNetwork", "NIA"),
    ("SCCloud", "", "Cloud", "NI"),
    ("SCUserRole", "VMMUserRole", "UserRole", "NI"),
    ("SCRunAsAccount", "", "RunAsAccount", "NI"),
    ("SCStorageClassification", "", "StorageClassification", "NIA"),
    ("SCStoragePool", "", "StoragePool", "NIA"),
    ("SCStorageProvider", "", "StorageProvider", "NIA"),
    ("SCStorageFileShare", "", "StorageFileShare", "NIA"),
    ("SCPortClassification", "", "PortClassification", "NI"),
    ("SCCapabilityProfile", "", "CapabilityProfile", "nI"),
    ("SCApplicationProfile", "", "ApplicationProfile", "nIA"),
    ("SCSQLProfile", "", "SQLProfile", "nIA"),
    ("SCCustomProperty", "", "CustomProperty", "nI"),
    ("SCServicingWindow", "", "ServicingWindow", "NI"),
    ("SCLogicalSwitch", "", "LogicalSwitch", "NI"),
    ("SCNativeUplinkPortProfile", "", "NativeUplinkPortProfile", "NI"),
    ("SCMACAddressPool", "", "MACAddressPool", "N"),
    ("SCPhysicalComputerProfile", "", "PhysicalComputerProfile", "NIA"),
    ("SCPXEServer", "", "PXEServer", "I"),
    ("SCLoadBalancer", "", "LoadBalancer", "IA"),
    ("SCConfigurationProvider", "", "ConfigurationProvider", "N"),
    ("SCService", "", "Service", "NIA"),
    ("SCServiceTemplate", "", "ServiceTemplate", "NIA"),
    ("SCUpdateServer", "", "UpdateServer", "I"),
    ("SCUpdate", "", "Update", "nI"),
    ("SCBaseline", "", "Baseline", "nI"),
    ("SCVMConfiguration", "", "VMConfiguration", "IA"),
):
    _simple(f"Get-{_noun}", _legacy and f"Get-{_legacy}", _kind, _takes)
_simple(
    "Get-SCVMNetwork", "", "VMNetwork", "NI", LogicalNetwork=("LogicalNetwork", "LogicalNetworkID")
)
_simple("Get-SCVMSubnet", "", "VMSubnet", "NI", VMNetwork=("VMNetwork", "VMNetworkID"))
_simple(
    "Get-SCLogicalNetworkDefinition",
    "",
    "LogicalNetworkDefinition",
    "NI",
    LogicalNetwork=("LogicalNetwork", "LogicalNetworkID"),
    VMHostGroup=("VMHostGroup", "VMHostGroupIDs"),
)
_simple(
    "Get-SCStaticIPAddressPool",
    "",
    "StaticIPAddressPool",
    "NI",
    LogicalNetworkDefinition=("LogicalNetworkDefinition", "LogicalNetworkDefinitionID"),
    VMSubnet=("VMSubnet", "VMSubnetID"),
)
_simple(
    "Get-SCIPAddress",
    "",
    "AllocatedIPAddress",
    "IA",
    StaticIPAddressPool=("StaticIPAddressPool", "ParentID"),
)
_simple(
    "Get-SCVMHostNetworkAdapter",
    "Get-VMHostNetworkAdapter",
    "VMHostNetworkAdapter",
    "NI",
    VMHost=("VMHost", "ParentID"),
)
_simple(
    "Get-SCVirtualNetwork",
    "Get-VirtualNetwork",
    "VirtualNetwork",
    "NI",
    VMHost=("VMHost", "VMHostID"),
)
_simple("Get-SCStorageVolume", "Get-VMHostVolume", "HostVolume", "N", VMHost=("VMHost", "ParentID"))
_simple("Get-SCVMHostGroup", "Get-VMHostGroup", "VMHostGroup", "NI",
        ParentHostGroup=("VMHostGroup", "ParentHostGroupID"))  # fmt: skip


@cmdlet(
    "Get-SCVMMServer",
    "Get-VMMServer",
    Parameter("ComputerName", "string", position=0),
    Parameter("Credential", "object"),
    Parameter("TCPPort", "int"),
    Parameter("ConnectAs", "string"),
    Parameter("ForOnBehalfOf", "switch"),
    Parameter("RetainObjectCache", "switch"),
    Parameter("SetAsDefault", "switch"),
    Parameter("UserRoleName", "string"),
    class_name="ConnectServerCmdlet",
)
def get_server(call: Call) -> Body:
    """Connect to a VMM server: only the one on this machine is there."""
    context = context_of(call)
    name = call.get("ComputerName") or "localhost"
    if not context.is_local(name):
        raise VmmError(1602, name=name)
    context.note(call)
    yield connection(context.vmm)


@cmdlet(
    "Get-SCVirtualMachine",
    "Get-VM",
    NAME,
    ID,
    ALL,
    SERVER,
    Parameter("VMHost", "object"),
    Parameter("Cloud", "object"),
    Parameter("VMHostGroup", "object"),
    Parameter("Owner", "string"),
)
def get_machines(call: Call) -> Body:
    """Give machines: all, those of a name, on a host, in a cloud."""
    vmm = context_of(call).vmm
    found = records(call, "VM")
    given = call.get("VMMServer")
    host = given if bound(given, "VMHost") else call.get("VMHost")
    if host is not None:
        wanted = find(call, "VMHost", host).id
        found = [vm for vm in found if vm["VMHostID"] == wanted]
    if call.get("Cloud") is not None:
        cloud = find(call, "Cloud", call.get("Cloud")).id
        found = [vm for vm in found if vm["CloudID"] == cloud]
    if call.get("VMHostGroup") is not None:
        group = find(call, "VMHostGroup", call.get("VMHostGroup")).id
        hosts = {one.id for one in placement.candidates(vmm, group=group)}
        found = [vm for vm in found if vm["VMHostID"] in hosts]
    if call.get("Owner") is not None:
        found = [vm for vm in found if vm["Owner"].lower() == call.get("Owner").lower()]
    yield from give(call, found)


@cmdlet(
    "Get-SCVMHost",
    "Get-VMHost",
    Parameter("ComputerName", "string", position=0, aliases=("Name",)),
    ID,
    ALL,
    SERVER,
    Parameter("VMHostGroup", "object"),
    Parameter("VMHostCluster", "object"),
)
def get_hosts(call: Call) -> Body:
    """Give hosts: all, one by its computer name or full name, those of a group or a cluster."""
    vmm = context_of(call).vmm
    with vmm.world.access():
        found = vmm.store.of("VMHost")
    name, given = call.get("ComputerName"), call.get("ID")
    if name is not None:
        wanted = name.lower()
        found = [h for h in found if wanted in (h.name.lower(), h["ComputerName"].lower())]
    if given is not None:
        found = [host for host in found if host.id == str(given).lower()]
    if call.get("VMHostGroup") is not None:
        group = find(call, "VMHostGroup", call.get("VMHostGroup")).id
        inside = {one.id for one in placement.candidates(vmm, group=group)}
        found = [host for host in found if host.id in inside]
    if call.get("VMHostCluster") is not None:
        cluster = find(call, "VMHostCluster", call.get("VMHostCluster")).id
        found = [host for host in found if host["HostClusterID"] == cluster]
    yield from give(call, found)


@cmdlet(
    "Get-SCVMHostCluster",
    "Get-VMHostCluster",
    NAME,
    ID,
    ALL,
    SERVER,
    Parameter("VMHostGroup", "object"),
)
def get_clusters(call: Call) -> Body:
    """Give failover clusters, by full or short name."""
    vmm = context_of(call).vmm
    with vmm.world.access():
        found = vmm.store.of("VMHostCluster")
    name = call.get("Name")
    if name is not None:
        wanted = name.lower()
        found = [c for c in found if wanted in (c.name.lower(), c["ClusterName"].lower())]
    if call.get("ID") is not None:
        found = [one for one in found if one.id == str(call.get("ID")).lower()]
    yield from give(call, found)


@cmdlet(
    "Get-SCJob",
    "Get-Job",
    NAME,
    ID,
    ALL,
    SERVER,
    Parameter("Newest", "int"),
    Parameter("Full", "switch"),
    Parameter("Running", "switch"),
    Parameter("Job", "object"),
)
def get_jobs(call: Call) -> Body:
    """Give jobs, the newest first."""
    found = records(call, "Job")
    if call.get("Job") is not None:
        found = [find(call, "Job", call.get("Job"))]
    if call.on("Running"):
        found = [job for job in found if job["Status"] == "Running"]
    found = found[::-1]
    newest = call.get("Newest")
    yield from give(call, found if newest is None else found[:newest])


def _library_servers(call: Call) -> list[Record]:
    name = call.get("ComputerName")
    found = records(call, "LibraryServer")
    return found if name is None else [one for one in found if one.name.lower() == name.lower()]


@cmdlet(
    "Get-SCLibraryServer",
    "Get-LibraryServer",
    Parameter("ComputerName", "string", position=0),
    ID,
    SERVER,
)
def get_library_servers(call: Call) -> Body:
    """Give library servers."""
    yield from give(call, _library_servers(call))


@cmdlet(
    "Get-SCVMMManagedComputer",
    "Get-VMMManagedComputer",
    Parameter("ComputerName", "string", position=0),
    ID,
    SERVER,
)
def get_computers(call: Call) -> Body:
    """Give the computers that have VMM's agent."""
    name = call.get("ComputerName")
    found = records(call, "VMMManagedComputer")
    if name is not None:
        wanted = name.lower()
        found = [c for c in found if wanted in (c.name.lower(), c.name.lower().partition(".")[0])]
    yield from give(call, found)


@cmdlet("Get-SCOperatingSystem", "Get-OperatingSystem", NAME, ID, SERVER)
def get_systems(call: Call) -> Body:
    """Give the operating systems that VMM knows."""
    vmm = context_of(call).vmm
    known = dict.fromkeys([*_SYSTEMS, *(vm["OperatingSystem"] for vm in vmm.store.of("VM"))])
    name = call.get("Name")
    context_of(call).note(call)
    for one in known:
        if name is None or one.lower() == name.lower():
            yield operating_system(vmm, one)


_OWNERS: Final = {"VM": "VM", "VMTemplate": "VMTemplate", "HardwareProfile": "HardwareProfile"}


def _parts(name: str, legacy: str, kind: str) -> None:
    """Register a cmdlet that gives the parts of a machine, a template or a profile."""

    def body(call: Call) -> Body:
        vmm = context_of(call).vmm
        owner = owner_of(call)
        found = records(call, kind)
        if owner is not None:
            found = [one for one in found if one["ParentID"] == owner]
        elif not call.on("All") and kind != "VirtualHardDisk" and call.get("ID") is None:
            found = [one for one in found if vmm.store.find("VM", one["ParentID"])]
        yield from give(call, found)

    owners = (
        Parameter("VM", "object", position=0, pipeline=True),
        Parameter("VMTemplate", "object", aliases=("Template",)),
        Parameter("HardwareProfile", "object"),
    )
    server = Parameter("VMMServer", "object")
    cmdlet(name, legacy, Parameter("Name", "string"), ID, ALL, server, *owners)(body)


def owner_of(call: Call) -> str | None:
    """Return the ID of the machine, template or profile that a cmdlet is given, if it is."""
    for parameter, kind in _OWNERS.items():
        if call.get(parameter) is not None:
            return find(call, kind, call.get(parameter)).id
    return None


_parts("Get-SCVirtualHardDisk", "Get-VirtualHardDisk", "VirtualHardDisk")
_parts("Get-SCVirtualDiskDrive", "Get-VirtualDiskDrive", "VirtualDiskDrive")
_parts("Get-SCVirtualDVDDrive", "Get-VirtualDVDDrive", "VirtualDVDDrive")
_parts("Get-SCVirtualNetworkAdapter", "Get-VirtualNetworkAdapter", "VirtualNetworkAdapter")
_parts("Get-SCVirtualScsiAdapter", "Get-VirtualScsiAdapter", "VirtualScsiAdapter")
_parts("Get-SCVMCheckpoint", "Get-VMCheckpoint", "VMCheckpoint")


@cmdlet(
    "Get-SCVMHostRating",
    "Get-VMHostRating",
    Parameter("VM", "object"),
    Parameter("VMTemplate", "object", aliases=("Template",)),
    Parameter("HardwareProfile", "object"),
    Parameter("VMHost", "object"),
    Parameter("VMHostGroup", "object"),
    Parameter("VMName", "string"),
    Parameter("DiskSpaceGB", "int"),
    Parameter("IsMigration", "switch"),
    Parameter("HighlyAvailable", "bool"),
    SERVER,
)
def rate_hosts(call: Call) -> Body:
    """Rate hosts, from no star to five, for a machine."""
    vmm = context_of(call).vmm
    owner = owner_of(call)
    sources = (vmm.store.find(kind, owner) for kind in _OWNERS)
    source = next((one for one in sources if one is not None), None)
    memory = int(source["Memory"]) if source is not None else 1024
    group, host = ident(call, "VMHostGroup", "VMHostGroup"), ident(call, "VMHost", "VMHost")
    with vmm.world.access():
        hosts = [
            (one, placement.stars(vmm, one, memory))
            for one in placement.candidates(vmm, group=group)
            if host in ("", one.id)
        ]
    context_of(call).note(call)
    for one, stars in hosts:
        yield _rating(call, one, stars, memory)


def _rating(call: Call, host: Record, stars: float, memory: int) -> NetObject:
    vmm = context_of(call).vmm
    reasons = [] if stars else ["The host cannot take the virtual machine."]
    facts = {
        "Rating": round(stars),
        "Description": "",
        "TransferType": "Network",
        "VMHost": wrap(vmm, host),
        "IsHostSuitable": stars > 0,
        "EstimatedHostDiskSpaceRemaining": 250_000,
        "EstimatedHostMemoryRemaining": max(0, int(host["AvailableMemory"] or 0) - memory),
        "ZeroRatingReasonList": reasons,
        "WarningReasonList": [],
    }
    return NetObject(TYPES["HostRating"], Plain(vmm, "HostRating", host.name, **facts))


@cmdlet("Get-SCCloudCapacity", "", Parameter("Cloud", "object", position=0, pipeline=True), SERVER)
def cloud_capacity(call: Call) -> Body:
    """Give a cloud's limits, none unless set, and what is used of it."""
    context_of(call).note(call)
    yield capacity_of(call, find(call, "Cloud", call.get("Cloud")))


def capacity_of(call: Call, cloud: Record) -> NetObject:
    """Return a cloud's limits and what is used of it."""
    vmm = context_of(call).vmm
    inside = [vm for vm in vmm.store.of("VM") if vm["CloudID"] == cloud.id]
    limits = cloud["Capacity"] or {}
    limited = ("CPUCount", "MemoryMB", "StorageGB", "VMCount")
    facts = {
        "Cloud": wrap(vmm, cloud),
        "UsedCPUCount": sum(int(vm["CPUCount"]) for vm in inside),
        "UsedMemoryMB": sum(int(vm["Memory"]) for vm in inside),
        "UsedStorageGB": 0,
        "UsedVMCount": len(inside),
        **{f"Use{key}Maximum": key not in limits for key in limited},
        **limits,
    }
    return NetObject(TYPES["CloudCapacity"], Plain(vmm, "CloudCapacity", cloud.name, **facts))
