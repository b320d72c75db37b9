"""What VMM merely keeps, without a host's doing: profiles, networks, clouds, classifications...

Each kind is a table of fields with their defaults; the same three actions make, change and remove
the objects of all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from hvsim.scvmm import inventory, jobs
from hvsim.scvmm.actions import Call, action
from hvsim.scvmm.errors import VmmError

if TYPE_CHECKING:
    from hvsim.scvmm.store import Record


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of object that VMM keeps.

    Attributes:
        noun: what job names call it.
        defaults: its fields beside name and description.
        unique: the field that no two of them may have in common; empty for none.
        users: kinds of objects that may refer to it, each with the field (one ID or a list of
            them) that does: it cannot be removed then.
    """

    noun: str
    defaults: dict[str, Any] = field(default_factory=dict)
    unique: str = "Name"
    users: tuple[tuple[str, str], ...] = ()


_PROFILE: Final = {"CPUCount": 1, "Memory": 1024, "DynamicMemoryEnabled": False, "Generation": 1}
KINDS: Final[dict[str, Kind]] = {
    "ApplicationProfile": Kind("application profile", {"CompatibilityType": "General"}),
    "CapabilityProfile": Kind(
        "capability profile",
        {
            "CPUCountMinimum": 1,
            "CPUCountMaximum": 64,
            "MemoryMBMinimum": 8,
            "MemoryMBMaximum": 1_048_576,
            "FabricCapabilityType": "HyperV",
        },
    ),
    "Cloud": Kind(
        "cloud", {"VMHostGroupIDs": [], "LogicalNetworkIDs": []}, users=(("VM", "CloudID"),)
    ),
    "CloudCapacity": Kind("cloud capacity", unique=""),
    "CustomProperty": Kind("custom property", {"MemberType": []}),
    "CustomResource": Kind("custom resource", unique=""),
    "GuestOSProfile": Kind(
        "guest operating system profile",
        {"ComputerName": "*", "OperatingSystem": "Windows Server 2019 Datacenter"},
    ),
    "HardwareProfile": Kind("hardware profile", _PROFILE),
    "ISO": Kind("ISO image", {"Size": 0, "SharePath": "", "Release": ""}, unique=""),
    "LibraryShare": Kind("library share", {"Path": ""}),
    "LoadBalancer": Kind("load balancer", unique=""),
    "LogicalNetwork": Kind(
        "logical network",
        {
            "NetworkVirtualizationEnabled": False,
            "UseGRE": False,
            "IsPVLAN": False,
            "IsLogicalNetworkDefinitionIsolated": False,
        },
        users=(("LogicalNetworkDefinition", "LogicalNetworkID"), ("VMNetwork", "LogicalNetworkID")),
    ),
    "LogicalNetworkDefinition": Kind(
        "logical network definition",
        {"LogicalNetworkID": None, "VMHostGroupIDs": [], "SubnetVLans": []},
        users=(("StaticIPAddressPool", "LogicalNetworkDefinitionID"),),
    ),
    "LogicalSwitch": Kind(
        "logical switch", {"EnableSriov": False, "MinimumBandwidthMode": "Weight"}
    ),
    "MACAddressPool": Kind("MAC address pool"),
    "NativeUplinkPortProfile": Kind(
        "native uplink port profile",
        {
            "EnableNetworkVirtualization": False,
            "LBFOLoadBalancingAlgorithm": "HostDefault",
            "LBFOTeamMode": "SwitchIndependent",
            "LogicalNetworkDefinitionIDs": [],
        },
    ),
    "PhysicalComputerProfile": Kind("physical computer profile"),
    "PortClassification": Kind("port classification"),
    "PXEServer": Kind("PXE server"),
    "RunAsAccount": Kind("Run As account", {"UserName": "", "Domain": "", "Enabled": True}),
    "Script": Kind("script", unique=""),
    "ServicingWindow": Kind("servicing window"),
    "SQLProfile": Kind("SQL Server profile"),
    "StaticIPAddressPool": Kind(
        "static IP address pool", {"LogicalNetworkDefinitionID": None, "Subnet": ""}
    ),
    "StorageClassification": Kind("storage classification"),
    "StoragePool": Kind("storage pool"),
    "StorageProvider": Kind("storage provider"),
    "UserRole": Kind("user role", {"UserRoleProfile": "TenantAdmin", "Members": []}),
    "UserRoleQuota": Kind("user role quota", unique=""),
    "VMHostGroup": Kind(
        "host group",
        {"ParentHostGroupID": None, "Path": ""},
        unique="Path",
        users=(("VMHost", "VMHostGroupID"), ("VMHostGroup", "ParentHostGroupID")),
    ),
    "VMNetwork": Kind(
        "VM network",
        {"LogicalNetworkID": None, "IsolationType": "NoIsolation"},
        users=(("VirtualNetworkAdapter", "VMNetworkID"), ("VMSubnet", "VMNetworkID")),
    ),
    "VMSubnet": Kind("VM subnet", {"VMNetworkID": None, "SubnetVLans": []}, unique=""),
    "VMHostNetworkAdapter": Kind("host network adapter", unique=""),
    "VMHostCluster": Kind("host cluster", users=(("VMHost", "HostClusterID"),)),
    "VMTemplate": Kind("template", _PROFILE | {"OperatingSystem": "Unknown"}),
    "VirtualHardDisk": Kind("virtual hard disk", unique=""),
}


def kind_of(name: str) -> Kind:
    """Return a kind; raises error 50003 for one that this does not keep."""
    found = KINDS.get(name)
    if found is None:
        raise VmmError(50003, name=name)
    return found


@action("NewObject")
def new(call: Call, Kind: str, Fields: dict[str, Any]) -> str:
    """Make an object; its ID."""
    kind = kind_of(Kind)
    fields = {"Description": ""} | kind.defaults | _told(Fields)
    if Kind == "VMHostGroup":
        _put_below(call, fields)
    _demand_unused(call, Kind, kind, fields.get(kind.unique), "")
    made = inventory.new(call.vmm, Kind, **fields)
    jobs.at_once(call, f"Create {kind.noun}", made)
    return made.id


@action("SetObject")
def change(call: Call, Kind: str, ID: str, Fields: dict[str, Any]) -> str:
    """Change an object; its ID."""
    kind = kind_of(Kind)
    record = call.store.get(Kind, ID)
    jobs.demand_free(call.vmm, [ID])
    fields = _told(Fields)
    if kind.unique in fields:
        _demand_unused(call, Kind, kind, fields[kind.unique], ID)
    call.store.change(record, ModifiedTime=call.world.now, **fields)
    jobs.at_once(call, f"Change properties of {kind.noun}", record)
    return ID


@action("RemoveObject")
def remove(call: Call, Kind: str, ID: str) -> None:
    """Remove an object that nothing uses."""
    kind = kind_of(Kind)
    record = call.store.get(Kind, ID)
    jobs.demand_free(call.vmm, [ID])
    _demand_unreferenced(call, kind, record)
    jobs.at_once(call, f"Remove {kind.noun}", record)
    call.store.remove(record)


def _told(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields that are kept: a password is not, once it was used."""
    return {key: value for key, value in fields.items() if value is not None and key != "Password"}


def _put_below(call: Call, fields: dict[str, Any]) -> None:
    root = inventory.root_group(call.vmm)
    parent = call.store.find("VMHostGroup", fields.get("ParentHostGroupID")) or root
    fields |= {"ParentHostGroupID": parent.id, "Path": f"{parent['Path']}\\{fields['Name']}"}


def _demand_unused(call: Call, name: str, kind: Kind, value: Any, but: str) -> None:
    if not kind.unique or not isinstance(value, str):
        return
    for other in call.store.of(name):
        if other.id != but and str(other[kind.unique] or "").lower() == value.lower():
            raise VmmError(25001, kind=kind.noun, name=value)


def _demand_unreferenced(call: Call, kind: Kind, record: Record) -> None:
    for user, name in kind.users:
        for other in call.store.of(user):
            value = other[name]
            if value == record.id or (isinstance(value, list) and record.id in value):
                raise VmmError(25006, kind=kind.noun, name=record.name, other=other.name)


@action("NewTemplate")
def new_template(
    call: Call, Name: str, Fields: dict[str, Any], VM: str = "", VirtualHardDisk: str = ""
) -> str:
    """Make a template of a machine's hardware, or of a disk of the library; its ID."""
    from hvsim.scvmm import devices  # noqa: PLC0415 - devices know what this module keeps

    source = call.store.find("VM", VM)
    inherited = {} if source is None else {k: source[k] for k in (*_PROFILE, "OperatingSystem")}
    ident: str = new(call, "VMTemplate", {"Name": Name} | inherited | Fields)
    template = call.store.get("VMTemplate", ident)
    if source is not None:
        devices.copy(call.vmm, source.id, template, name=Name)
    if VirtualHardDisk:
        disk = call.store.get("VirtualHardDisk", VirtualHardDisk)
        devices.add_disk(call.vmm, template, disk.name, disk["MaximumSize"])
    return ident


@action("GrantIPAddress")
def grant(call: Call, StaticIPAddressPool: str, Owner: str = "", Description: str = "") -> str:
    """Take the next free address of a pool; the ID of the allocated address."""
    pool = call.store.get("StaticIPAddressPool", StaticIPAddressPool)
    taken = {one["Address"] for one in call.store.parts("AllocatedIPAddress", pool.id)}
    for address in addresses_of(pool):
        if address not in taken:
            made = inventory.new(
                call.vmm,
                "AllocatedIPAddress",
                ParentID=pool.id,
                Name=address,
                Address=address,
                AssignedToID=Owner or None,
                Description=Description,
            )
            return made.id
    raise VmmError(802, kind="IPAddress", name=pool.name, other="IPAddress")


def addresses_of(pool: Record) -> list[str]:
    """Return all addresses of a pool, at most 65,536; raises error 50002 for a bad range."""
    from ipaddress import IPv4Address  # noqa: PLC0415 - few labs have pools of addresses

    try:
        first = int(IPv4Address(pool["IPAddressRangeStart"]))
        last = int(IPv4Address(pool["IPAddressRangeEnd"]))
    except ValueError:
        raise VmmError(
            50002, name=str(pool["IPAddressRangeStart"]), parameter="IPAddressRangeStart"
        ) from None
    return [str(IPv4Address(number)) for number in range(first, min(last, first + 65_535) + 1)]


@action("RevokeIPAddress")
def revoke(call: Call, AllocatedIPAddress: str) -> None:
    """Give an address back to its pool."""
    call.store.remove(call.store.get("AllocatedIPAddress", AllocatedIPAddress))


@action("AddLibraryShare")
def add_share(call: Call, SharePath: str, Fields: dict[str, Any]) -> str:
    """Let VMM use a share of a library server; its ID.

    Raises error 50003 where no library server has the name in the path.
    """
    server, _, name = SharePath.strip("\\").partition("\\")
    found = next((s for s in call.store.of("LibraryServer") if _is_called(s, server)), None)
    if found is None or not name:
        raise VmmError(50003, name=SharePath)
    fields = {"Name": name, "Path": SharePath.rstrip("\\"), "LibraryServerID": found.id}
    ident: str = new(call, "LibraryShare", Fields | fields)
    return ident


def _is_called(server: Record, name: str) -> bool:
    return name.lower() in (server.name.lower(), str(server["ComputerName"]).lower())


@action("RefreshLibraryShare")
def refresh_share(call: Call, LibraryShare: str) -> str:
    """Look through a share; its ID. Whatever lies on it is known already."""
    share = call.store.get("LibraryShare", LibraryShare)
    jobs.at_once(call, "Refresh library share", share)
    return share.id


@action("SetHostNetworkAdapter")
def change_adapter(call: Call, ID: str, Fields: dict[str, Any]) -> str:
    """Change a host's network adapter, and the networks of its switch; its ID."""
    change(call, "VMHostNetworkAdapter", ID, Fields)
    adapter = call.store.get("VMHostNetworkAdapter", ID)
    switch = call.store.find("VirtualNetwork", adapter["VirtualNetworkID"])
    if switch is not None and "LogicalNetworkIDs" in Fields:
        call.store.change(switch, LogicalNetworkIDs=Fields["LogicalNetworkIDs"])
    return ID


_QUOTA: Final = ("VMCount", "CPUCount", "MemoryMB", "StorageGB", "CustomQuotaCount")


@action("FindUserRoleQuotas")
def quotas(call: Call, UserRole: str = "") -> None:
    """Let each user role have its two quotas: of all members together, and of each."""
    known = {one["UserRoleID"] for one in call.store.of("UserRoleQuota")}
    for role in call.store.of("UserRole"):
        if role.id in known or UserRole not in ("", role.id):
            continue
        for per_user in (False, True):
            fields = {"UserRoleID": role.id, "QuotaPerUser": per_user, **dict.fromkeys(_QUOTA)}
            inventory.new(call.vmm, "UserRoleQuota", Name=role.name, Description="", **fields)


@action("SetUserRoleQuota")
def change_quota(call: Call, UserRoleQuota: str, Fields: dict[str, Any], Lifted: list[str]) -> str:
    """Limit what a user role may use, or lift limits; the quota's ID."""
    quota = call.store.get("UserRoleQuota", UserRoleQuota)
    call.store.change(quota, **Fields, **dict.fromkeys(Lifted))
    jobs.at_once(call, "Change properties of user role quota", quota)
    return quota.id
