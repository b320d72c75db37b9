"""Cmdlets for what VMM merely keeps: profiles, networks, clouds, groups, classifications...

One table says which parameters the ``New-`` and ``Set-`` cmdlets of each kind take.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hvsim.scvmm.errors import VmmError
from hvsim_fakes.powershell.cmdlet import Parameter
from hvsim_fakes.powershell.objects.nettype import NetObject
from hvsim_fakes.powershell.objects.values import Credential
from hvsim_fakes.scvmm.context import context_of, find, ident, perform
from hvsim_fakes.scvmm.getting import capacity_of
from hvsim_fakes.scvmm.making import settings
from hvsim_fakes.scvmm.objects import TYPES, wrap
from hvsim_fakes.scvmm.registry import JOB, SERVER, cmdlet
from hvsim_fakes.scvmm.shapes import Plain

if TYPE_CHECKING:
    from hvsim.scvmm.store import Record
    from hvsim_fakes.powershell.cmdlet import Body, Call


@dataclass(frozen=True, slots=True)
class Kept:
    """How a kind of object is made and changed.

    Attributes:
        noun: of its cmdlets; ``legacy`` that of 2008 R2, empty where it has none.
        words: parameters, each ``Parameter``, ``Parameter=Field`` or either with ``:type``, which
            is a PowerShell type, ``ref/Kind``, ``refs/Kind``, ``add/Field/Kind`` or
            ``drop/Field/Kind`` (changes of a list of references), ``plain/Field`` (facts of
            plain objects), ``more/Field`` or ``less/Field`` (changes of a list of words).
        verbs: which cmdlets there are.
    """

    noun: str
    words: str = ""
    legacy: str = ""
    verbs: tuple[str, ...] = ("New", "Set", "Remove")


_HARDWARE: Final = (
    "Owner:string CPUCount:int MemoryMB=Memory:int DynamicMemoryEnabled:bool"
    " DynamicMemoryMinimumMB:int DynamicMemoryMaximumMB:int Generation:int"
    " HighlyAvailable=IsHighlyAvailable:bool SecureBootEnabled:bool CheckpointType:string"
    " CPUExpectedUtilizationPercent=ExpectedCPUUtilization:int CPUMaximumPercent:int"
    " CPURelativeWeight:int CPUReserve:int NetworkUtilizationMbps=NetworkUtilization:int"
    " DiskIops:int"
)
_RESOURCE: Final = (
    "FamilyName:string Release:string Enabled:bool Owner:string SharePath:string"
    " LibraryShareID:string"
)
_LIMITS: Final = " ".join(
    f"{name}{end}:int"
    for name in (
        *("CPUCount", "MemoryMB", "StartupMemoryMB", "MaximumMemoryMB", "VirtualHardDiskCount"),
        *("VirtualHardDiskSizeMB", "VirtualDVDDriveCount", "VirtualNetworkAdapterCount"),
    )
    for end in ("Initial", "Minimum", "Maximum")
)
KEPT: Final[dict[str, Kept]] = {
    "LogicalNetwork": Kept(
        "SCLogicalNetwork",
        "EnableNetworkVirtualization=NetworkVirtualizationEnabled:bool UseGRE:bool IsPVLAN:bool"
        " LogicalNetworkDefinitionIsolation=IsLogicalNetworkDefinitionIsolated:bool"
        " AllowDynamicVlanOnVnic:bool",
    ),
    "LogicalNetworkDefinition": Kept(
        "SCLogicalNetworkDefinition",
        "LogicalNetwork:ref/LogicalNetwork VMHostGroup:refs/VMHostGroup"
        " AddVMHostGroup:add/VMHostGroupIDs/VMHostGroup"
        " RemoveVMHostGroup:drop/VMHostGroupIDs/VMHostGroup SubnetVLan:plain/SubnetVLans",
    ),
    "VMNetwork": Kept(
        "SCVMNetwork", "LogicalNetwork:ref/LogicalNetwork IsolationType:string Owner:string"
    ),
    "VMSubnet": Kept(
        "SCVMSubnet",
        "VMNetwork:ref/VMNetwork LogicalNetworkDefinition:ref/LogicalNetworkDefinition"
        " SubnetVLan:plain/SubnetVLans",
    ),
    "StaticIPAddressPool": Kept(
        "SCStaticIPAddressPool",
        "LogicalNetworkDefinition:ref/LogicalNetworkDefinition VMSubnet:ref/VMSubnet Subnet:string"
        " IPAddressRangeStart:string IPAddressRangeEnd:string DNSSuffix:string"
        " DNSServer=DNSServers:string[] DNSSearchSuffix=DNSSearchSuffixes:string[]"
        " DefaultGateway:plain/DefaultGateways",
    ),
    "MACAddressPool": Kept(
        "SCMACAddressPool", "MACAddressRangeStart:string MACAddressRangeEnd:string"
    ),
    "PortClassification": Kept("SCPortClassification"),
    "StorageClassification": Kept("SCStorageClassification"),
    "StoragePool": Kept(
        "SCStoragePool",
        "StorageClassification:ref/StorageClassification",
        verbs=("Set", "Remove"),
    ),
    "VMHostNetworkAdapter": Kept(
        "SCVMHostNetworkAdapter",
        "VLanEnabled:bool AvailableForPlacement:bool UsedForManagement:bool"
        " AddOrSetLogicalNetwork:add/LogicalNetworkIDs/LogicalNetwork"
        " RemoveLogicalNetwork:drop/LogicalNetworkIDs/LogicalNetwork",
        "VMHostNetworkAdapter",
        verbs=("Set",),
    ),
    "Cloud": Kept(
        "SCCloud",
        "VMHostGroup:refs/VMHostGroup AddVMHostGroup:add/VMHostGroupIDs/VMHostGroup"
        " RemoveVMHostGroup:drop/VMHostGroupIDs/VMHostGroup"
        " AddCloudResource:add/LogicalNetworkIDs/LogicalNetwork",
    ),
    "HardwareProfile": Kept("SCHardwareProfile", _HARDWARE, "HardwareProfile"),
    "VMTemplate": Kept(
        "SCVMTemplate",
        _HARDWARE + " OperatingSystem ComputerName:string",
        "Template",
        verbs=("Set", "Remove"),
    ),
    "GuestOSProfile": Kept(
        "SCGuestOSProfile",
        "Owner:string ComputerName:string FullName:string OrganizationName=OrgName:string"
        " TimeZone:int Domain=JoinDomain:string DomainJoinOrganizationalUnit:string"
        " Workgroup=JoinWorkgroup:string OperatingSystem AutoLogonCount:int Shielded:bool"
        " LinuxDomainName=DNSDomainName:string GuiRunOnceCommands:string[]",
        "GuestOSProfile",
    ),
    "CapabilityProfile": Kept(
        "SCCapabilityProfile",
        f"{_LIMITS} FabricCapabilityType:string DynamicMemoryValue:bool"
        " DynamicMemoryValueCanChange:bool VMHighlyAvailableValue:bool"
        " VMHighlyAvailableValueCanChange:bool",
    ),
    "ApplicationProfile": Kept(
        "SCApplicationProfile", "Owner:string Tag:string CompatibilityType:string"
    ),
    "SQLProfile": Kept("SCSQLProfile", "Owner:string Tag:string"),
    "UserRole": Kept(
        "SCUserRole",
        "UserRoleProfile:string AddMember:more/Members RemoveMember:less/Members",
        "VMMUserRole",
    ),
    "RunAsAccount": Kept("SCRunAsAccount", "Credential:pscredential Enabled:bool"),
    "CustomProperty": Kept(
        "SCCustomProperty", "AddMember:more/MemberType RemoveMember:less/MemberType"
    ),
    "VMHostGroup": Kept("SCVMHostGroup", "ParentHostGroup:ref/VMHostGroup", "VMHostGroup"),
    "LibraryShare": Kept(
        "SCLibraryShare",
        "UseAlternateDataStream:bool AddDefaultResources:switch",
        "LibraryShare",
        verbs=("Set", "Remove"),
    ),
    "ISO": Kept("SCISO", _RESOURCE, "ISO", verbs=("Set", "Remove")),
    "Script": Kept("SCScript", _RESOURCE, "Script", verbs=("Set", "Remove")),
    "CustomResource": Kept("SCCustomResource", _RESOURCE, verbs=("Set", "Remove")),
    "ServicingWindow": Kept(
        "SCServicingWindow",
        "Category:string Owner:string StartDate StartTimeOfDay MinutesDuration:int DaysToRecur:int"
        " DayOfMonth:string WeeksToRecur:int MonthsToRecur:int WeeklyScheduleDayOfWeek:string"
        " MonthlyScheduleDayOfWeek:string WeekOfMonth:string TimeZone:int",
    ),
    "LogicalSwitch": Kept(
        "SCLogicalSwitch",
        "MinimumBandwidthMode:string EnableSriov:bool EnablePacketDirect:bool"
        " SwitchUplinkMode:string",
    ),
    "NativeUplinkPortProfile": Kept(
        "SCNativeUplinkPortProfile",
        "EnableNetworkVirtualization:bool LBFOLoadBalancingAlgorithm:string LBFOTeamMode:string"
        " LogicalNetworkDefinition:refs/LogicalNetworkDefinition"
        " AddLogicalNetworkDefinition:add/LogicalNetworkDefinitionIDs/LogicalNetworkDefinition"
        " RemoveLogicalNetworkDefinition:drop/LogicalNetworkDefinitionIDs/LogicalNetworkDefinition",
    ),
}
_FAMILIES: Final = ("ref", "refs", "add", "drop", "plain", "more", "less")


@dataclass(frozen=True, slots=True)
class _Word:
    """One parameter of a kind: see :class:`Kept`."""

    name: str
    field: str
    how: str

    @classmethod
    def of(cls, text: str) -> _Word:
        spelled, _, how = text.partition(":")
        name, _, field = spelled.partition("=")
        return cls(name, field or name, how)

    @property
    def parameter(self) -> Parameter:
        family = self.how.partition("/")[0]
        kind = "object" if family in _FAMILIES or not self.how else self.how
        return Parameter(self.name, "string[]" if family in ("more", "less") else kind)


def _fields(call: Call, words: list[_Word], before: Record | None) -> dict[str, Any]:
    """Return the fields that a cmdlet is given."""
    found = settings(call, {"Name": "Name", "Description": "Description"})
    for word in words:
        if call.given(word.name) and word.name != "OperatingSystem":
            found |= _value(call, word, before, call.get(word.name))
    return found


def _value(call: Call, word: _Word, before: Record | None, value: Any) -> dict[str, Any]:
    family, _, rest = word.how.partition("/")
    if isinstance(value, Credential):
        domain, _, user = value.user.rpartition("\\")
        return {"UserName": user, "Domain": domain, "Password": value.password.text}
    if family == "ref":
        return {f"{word.field}ID": None if value is None else find(call, rest, value).id}
    if family == "refs":
        return {f"{word.field}IDs": [find(call, rest, one).id for one in _many(value)]}
    if family == "plain":
        return {rest: [_facts(one) for one in _many(value)]}
    if family in _FAMILIES:
        return _changed_list(call, family, rest, before, value)
    return {word.field: _ready(value)}


def _changed_list(
    call: Call, family: str, rest: str, before: Record | None, value: Any
) -> dict[str, Any]:
    field, _, kind = rest.partition("/")
    known = list((before and before[field]) or ())
    given = [find(call, kind, one).id if kind else str(one) for one in _many(value)]
    if family in ("add", "more"):
        return {field: known + [one for one in given if one not in known]}
    return {field: [one for one in known if one not in given]}


def _many(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [value]


def _facts(value: Any) -> Any:
    if isinstance(value, NetObject) and isinstance(value.data, Plain):
        return {key: _ready(one) for key, one in value.data.facts.items()}
    return str(value)


def _ready(value: Any) -> Any:
    """Return a value as the product keeps it: JSON-ready."""
    if isinstance(value, bool | int | float) or value is None:
        return value
    if isinstance(value, list):
        return [_ready(one) for one in value]
    return str(value)


def _register(kind: str, kept: Kept) -> None:
    words = [_Word.of(text) for text in kept.words.split()]
    own = tuple(word.parameter for word in words)
    if "New" in kept.verbs:
        _register_new(kind, kept, words, own)
    part = Parameter(kind, "object", position=0, mandatory=True, pipeline=True)
    if "Set" in kept.verbs:
        _register_set(kind, kept, words, (part, *own))
    if "Remove" in kept.verbs:
        _register_remove(kind, kept, part)


def _register_new(kind: str, kept: Kept, words: list[_Word], own: tuple[Parameter, ...]) -> None:
    def new(call: Call) -> Body:
        vmm = context_of(call).vmm
        made = perform(call, "NewObject", Kind=kind, Fields=_fields(call, words, None))
        yield wrap(vmm, vmm.store.get(kind, made))

    name = Parameter("Name", "string", position=0, mandatory=True)
    described = Parameter("Description", "string")
    legacy = kept.legacy and f"New-{kept.legacy}"
    cmdlet(f"New-{kept.noun}", legacy, name, described, SERVER, *own, *JOB)(new)


def _register_set(
    kind: str, kept: Kept, words: list[_Word], parameters: tuple[Parameter, ...]
) -> None:
    def change(call: Call) -> Body:
        vmm = context_of(call).vmm
        found = find(call, kind, call.get(kind))
        fields = _fields(call, words, found)
        if kind == "VMHostNetworkAdapter":
            perform(call, "SetHostNetworkAdapter", ID=found.id, Fields=fields)
        else:
            perform(call, "SetObject", Kind=kind, ID=found.id, Fields=fields)
        yield wrap(vmm, found)

    named = (Parameter("Name", "string"), Parameter("Description", "string"))
    legacy = kept.legacy and f"Set-{kept.legacy}"
    server = Parameter("VMMServer", "object")
    cmdlet(f"Set-{kept.noun}", legacy, *parameters, *named, server, *JOB)(change)


FORCED: Final = frozenset(
    ("Script", "ISO", "CustomResource", "VMNetwork", "LogicalNetwork", "VMSubnet", "VMTemplate")
) | {"GuestOSProfile", "LogicalNetworkDefinition", "StaticIPAddressPool", "VirtualHardDisk"}
"""The kinds whose cmdlet that removes them takes ``-Force``."""


def _register_remove(kind: str, kept: Kept, part: Parameter) -> None:
    def remove(call: Call) -> Body:
        found = find(call, kind, call.get(kind))
        if not call.should_process(found.name):
            return
        perform(call, "RemoveObject", Kind=kind, ID=found.id)
        yield wrap(context_of(call).vmm, found)

    legacy = kept.legacy and f"Remove-{kept.legacy}"
    force = (Parameter("Force", "switch"),) if kind in FORCED else ()
    cmdlet(f"Remove-{kept.noun}", legacy, part, *force, *JOB, confirm=True)(remove)


for _kind, _kept in KEPT.items():
    _register(_kind, _kept)


def _plain(name: str, kind: str, *parameters: Parameter) -> None:
    """Register a cmdlet that makes an object which is kept nowhere by itself."""

    def body(call: Call) -> Body:
        vmm = context_of(call).vmm
        facts = {one.name: call.get(one.name) for one in parameters}
        text = "-".join(str(value) for value in facts.values() if value is not None)
        yield NetObject(TYPES[kind], Plain(vmm, kind, text, **facts))

    cmdlet(name, "", *parameters, SERVER)(body)


_plain(
    "New-SCSubnetVLan",
    "SubnetVLan",
    Parameter("Subnet", "string"),
    Parameter("VLanID", "int", default=0),
)
_plain(
    "New-SCDefaultGateway",
    "DefaultGateway",
    Parameter("IPAddress", "string", mandatory=True),
    Parameter("Automatic", "switch"),
)


@cmdlet(
    "Grant-SCIPAddress",
    "",
    Parameter("StaticIPAddressPool", "object", mandatory=True, pipeline=True),
    Parameter("GrantToObjectType", "string"),
    Parameter("GrantToObjectID", "object"),
    Parameter("Description", "string"),
    *JOB,
)
def grant(call: Call) -> Body:
    """Take an address of a pool."""
    vmm = context_of(call).vmm
    pool = find(call, "StaticIPAddressPool", call.get("StaticIPAddressPool"))
    owner = str(call.get("GrantToObjectID") or "")
    described = call.get("Description") or ""
    made = perform(
        call, "GrantIPAddress", StaticIPAddressPool=pool.id, Owner=owner, Description=described
    )
    yield wrap(vmm, vmm.store.get("AllocatedIPAddress", made))


@cmdlet(
    "Revoke-SCIPAddress",
    "",
    Parameter("AllocatedIPAddress", "object", mandatory=True, pipeline=True),
    *JOB,
)
def revoke(call: Call) -> Body:
    """Give an address back."""
    found = find(call, "AllocatedIPAddress", call.get("AllocatedIPAddress"))
    perform(call, "RevokeIPAddress", AllocatedIPAddress=found.id)
    yield wrap(context_of(call).vmm, found)


@cmdlet(
    "Add-SCLibraryShare",
    "Add-LibraryShare",
    SERVER,
    Parameter("SharePath", "string", position=0, mandatory=True),
    Parameter("Description", "string"),
    Parameter("UseAlternateDataStream", "bool"),
    *JOB,
)
def add_share(call: Call) -> Body:
    """Let VMM use a share of a library server."""
    vmm = context_of(call).vmm
    names = ("Description", "UseAlternateDataStream")
    fields = {name: call.get(name) for name in names if call.given(name)}
    path = str(call.get("SharePath"))
    made = perform(call, "AddLibraryShare", SharePath=path, Fields=fields)
    yield wrap(vmm, vmm.store.get("LibraryShare", made))


@cmdlet(
    "Read-SCLibraryShare",
    "Refresh-LibraryShare",
    Parameter("LibraryShare", "object", position=0, mandatory=True, pipeline=True),
    *JOB,
)
def read_share(call: Call) -> Body:
    """Look through a share."""
    found = find(call, "LibraryShare", call.get("LibraryShare"))
    perform(call, "RefreshLibraryShare", LibraryShare=found.id)
    yield wrap(context_of(call).vmm, found)


@cmdlet(
    "Set-SCVMHostCluster",
    "Set-VMHostCluster",
    Parameter("VMHostCluster", "object", position=0, mandatory=True, pipeline=True),
    Parameter("Description", "string"),
    Parameter("ClusterReserve", "int"),
    *JOB,
)
def change_cluster(call: Call) -> Body:
    """Change a cluster's reserve or description."""
    found = find(call, "VMHostCluster", call.get("VMHostCluster"))
    names = ("Description", "ClusterReserve")
    fields = {name: call.get(name) for name in names if call.given(name)}
    perform(call, "SetObject", Kind="VMHostCluster", ID=found.id, Fields=fields)
    yield wrap(context_of(call).vmm, found)


_QUOTAS: Final = ("VMCount", "CPUCount", "MemoryMB", "StorageGB", "CustomQuotaCount")


@cmdlet(
    "Get-SCUserRoleQuota",
    "",
    SERVER,
    Parameter("UserRole", "object", position=0),
    Parameter("QuotaPerUser", "bool"),
    Parameter("Cloud", "object"),
)
def get_quotas(call: Call) -> Body:
    """Give the quotas of a user role, that of all its members and that of each."""
    vmm = context_of(call).vmm
    role = ident(call, "UserRole", "UserRole")
    perform(call, "FindUserRoleQuotas", UserRole=role)
    for found in vmm.store.of("UserRoleQuota"):
        per_user = not call.given("QuotaPerUser") or found["QuotaPerUser"] == call.get(
            "QuotaPerUser"
        )
        if per_user and role in ("", found["UserRoleID"]):
            yield wrap(vmm, found)


@cmdlet(
    "Set-SCUserRoleQuota",
    "",
    SERVER,
    Parameter("UserRoleQuota", "object", mandatory=True, position=0),
    *(Parameter(name, "int") for name in _QUOTAS),
    *(Parameter(f"Use{name}Maximum", "switch") for name in _QUOTAS),
    *JOB,
)
def change_quota(call: Call) -> Body:
    """Change what the members of a user role may use; a maximum takes a limit away."""
    found = find(call, "UserRoleQuota", call.get("UserRoleQuota"))
    fields = {name: call.get(name) for name in _QUOTAS if call.given(name)}
    lifted = [name for name in _QUOTAS if call.on(f"Use{name}Maximum")]
    perform(call, "SetUserRoleQuota", UserRoleQuota=found.id, Fields=fields, Lifted=lifted)
    yield wrap(context_of(call).vmm, found)


@cmdlet(
    "Set-SCCloudCapacity",
    "",
    Parameter("CloudCapacity", "object", mandatory=True, pipeline=True),
    *(Parameter(name, "int") for name in _QUOTAS),
    *(Parameter(f"Use{name}Maximum", "bool") for name in _QUOTAS),
    SERVER,
    *JOB,
    confirm=True,
)
def change_capacity(call: Call) -> Body:
    """Limit what a cloud offers; a maximum takes a limit away."""
    if not call.given("CloudCapacity"):
        raise VmmError(50003, name="CloudCapacity -JobGroup")
    cloud = find(call, "Cloud", call.get("CloudCapacity").data.facts["Cloud"])
    if not call.should_process(cloud.name):
        return
    limits = dict(cloud["Capacity"] or {})
    limits |= {name: call.get(name) for name in _QUOTAS if call.given(name)}
    kept = {name: limit for name, limit in limits.items() if not call.get(f"Use{name}Maximum")}
    perform(call, "SetObject", Kind="Cloud", ID=cloud.id, Fields={"Capacity": kept})
    yield capacity_of(call, cloud)


@cmdlet(
    "Get-SCComplianceStatus",
    "",
    SERVER,
    Parameter("All", "switch"),
    Parameter("VMMManagedComputer", "object"),
)
def get_compliance(call: Call) -> Body:
    """Give the compliance of managed computers with the baselines they are assigned: of none."""
    vmm = context_of(call).vmm
    wanted = ident(call, "VMMManagedComputer", "VMMManagedComputer")
    context_of(call).note(call)
    for computer in vmm.store.of("VMMManagedComputer"):
        if wanted in ("", computer.id):
            facts: dict[str, Any] = {
                "VMMManagedComputer": wrap(vmm, computer),
                "BaselineLevelComplianceStatus": [],
            }
            plain = Plain(vmm, "ComplianceStatus", computer.name, **facts)
            yield NetObject(TYPES["ComplianceStatus"], plain)
