"""``EnvironmentBrowser``: what virtual machines of a compute resource can be made of and run on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.vcenter import capability
from hvsim.vcenter.faults import VimFault, bad_argument
from hvsim.vcenter.guestos import SYSTEMS
from hvsim.vcenter.values import Data, Ref, data
from hvsim_fakes.vcenter.context import Context, local

if TYPE_CHECKING:
    from hvsim.vcenter.store import ManagedObject

_VERSIONS: Final = {"vsphere-4": "vmx-07", "vsphere-8": "vmx-21"}
_CPUS: Final = {"vsphere-4": 8, "vsphere-8": 768}
_MEMORY: Final = {"vsphere-4": 255 * 1024, "vsphere-8": 24 * 1024 * 1024}
"""The newest version of virtual hardware, and its most processors and MiB of memory."""
_MONITORS: Final = ("release", "debug", "stats")


def _compute(context: Context, browser: Ref) -> ManagedObject:
    """Return the compute resource whose browser it is."""
    for kind in ("ClusterComputeResource", "ComputeResource"):
        for found in context.vcenter.store.of_type(kind):
            if found["environmentBrowser"] == browser:
                return found
    for found in context.vcenter.store.of_type("VirtualMachine"):
        if found["environmentBrowser"] == browser:
            host = context.vcenter.store.get(found["runtime.host"])
            return context.vcenter.store.get(host["parent"])
    raise VimFault("NotSupported")


def _hosts(context: Context, browser: Ref, host: Ref | None) -> list[ManagedObject]:
    compute = _compute(context, browser)
    hosts: list[Ref] = compute["host"] or []
    return [context.vcenter.store.get(ref) for ref in ([host] if host is not None else hosts)]


@local("EnvironmentBrowser.QueryConfigOptionDescriptor")
def descriptors(context: Context, this: Ref) -> list[Data]:
    """Return the versions of virtual hardware that machines can be made with."""
    hosts = [host.ref for host in _hosts(context, this, None)]
    version = _VERSIONS[context.vcenter.profile]
    return [
        data(
            "VirtualMachineConfigOptionDescriptor",
            key=version,
            description="",
            host=hosts,
            createSupported=True,
            defaultConfigOption=True,
            runSupported=True,
            upgradeSupported=True,
        )
    ]


@local("EnvironmentBrowser.QueryConfigOption")
def option(
    context: Context, this: Ref, key: str | None = None, host: Ref | None = None
) -> Data | None:
    """Return what machines may be configured with; nothing when there is no host to run on."""
    profile = context.vcenter.profile
    if key not in (None, _VERSIONS[profile]):
        raise bad_argument("key")
    if not _hosts(context, this, host):
        return None
    return data(
        "VirtualMachineConfigOption",
        version=_VERSIONS[profile],
        description="",
        guestOSDescriptor=[_descriptor(name, profile) for name in SYSTEMS],
        guestOSDefaultIndex=0,
        hardwareOptions=_hardware(profile),
        capabilities=capability.VM,
        datastore=data("DatastoreOption", unsupportedVolumes=[]),
        supportedMonitorType=list(_MONITORS),
    )


@local("EnvironmentBrowser.QueryConfigOptionEx")
def option_of(context: Context, this: Ref, spec: Data | None = None) -> Data | None:
    """Return the same for the guest systems that a specification asks about."""
    asked = spec if spec is not None else Data("", {})
    found: Data | None = option(context, this, asked["key"], asked["host"])
    wanted = asked["guestId"]
    if found is None or not wanted:
        return found
    systems = [one for one in found["guestOSDescriptor"] if one["id"] in wanted]
    return found.having(guestOSDescriptor=systems)


def _range(least: int, most: int, default: int, kind: str = "IntOption") -> Data:
    return data(kind, min=least, max=most, defaultValue=default)


def _hardware(profile: str) -> Data:
    shares = data("SharesOption", sharesOption=_range(0, 1_000_000, 1000), defaultLevel="normal")
    allocation = data("ResourceAllocationOption", sharesOption=shares)
    counts = {
        "numPCIControllers": (1, 1, 1),
        "numIDEControllers": (0, 2, 2),
        "numUSBControllers": (0, 1, 0),
        "numUSBXHCIControllers": (0, 1, 0),
        "numSIOControllers": (1, 1, 1),
        "numPS2Controllers": (1, 1, 1),
    }
    most = _CPUS[profile]
    return data(
        "VirtualHardwareOption",
        hwVersion=int(_VERSIONS[profile].rpartition("-")[2]),
        virtualDeviceOption=[],
        deviceListReadonly=False,
        numCPU=[2**power for power in range(most.bit_length())],
        numCoresPerSocket=_range(1, most, 1),
        numCpuReadonly=False,
        memoryMB=_range(4, _MEMORY[profile], 1024, "LongOption"),
        resourceConfigOption=data(
            "ResourceConfigOption",
            cpuAllocationOption=allocation,
            memoryAllocationOption=allocation,
        ),
        **{name: _range(*facts) for name, facts in counts.items()},
    )


def _descriptor(name: str, profile: str) -> Data:
    full, family = SYSTEMS[name]
    windows = family == "windowsGuest"
    wide = "64" in name
    switches: dict[str, Any] = dict.fromkeys(_NO, False) | dict.fromkeys(_YES, True)
    return data(
        "GuestOsDescriptor",
        id=name,
        family=family,
        fullName=full,
        supportedMaxCPUs=_CPUS[profile] if wide else min(_CPUS[profile], 32),
        numSupportedPhysicalSockets=64,
        numSupportedCoresPerSocket=64,
        supportedMinMemMB=256 if windows else 32,
        supportedMaxMemMB=_MEMORY[profile] if wide else min(_MEMORY[profile], 65_536),
        recommendedMemMB=4096 if windows else 2048,
        recommendedColorDepth=0,
        supportedDiskControllerList=[
            "VirtualLsiLogicController",
            "VirtualLsiLogicSASController",
            "ParaVirtualSCSIController",
            "VirtualIDEController",
        ],
        recommendedDiskController=(
            "VirtualLsiLogicSASController" if windows else "ParaVirtualSCSIController"
        ),
        supportedNumDisks=15,
        recommendedDiskSizeMB=(40 if windows else 16) * 1024,
        recommendedCdromController="VirtualIDEController",
        supportedEthernetCard=["VirtualE1000", "VirtualE1000e", "VirtualVmxnet3"],
        recommendedEthernetCard="VirtualVmxnet3",
        supportedFirmware=["bios", "efi"],
        recommendedFirmware="bios",
        supportLevel="supported",
        vRAMSizeInKB=_range(4096, 131_072, 4096),
        numSupportedFloppyDevices=2,
        **switches,
    )


_YES: Final = (
    "supportsWakeOnLan",
    "supportsMemoryHotAdd",
    "supportsCpuHotAdd",
    "supportedForCreate",
    "supportsPvscsiControllerForBoot",
    "supportsHotPlugPCI",
)
_NO: Final = (
    "smcRequired",
    "supportsVMI",
    "supportsCpuHotRemove",
    "supports3D",
    "recommended3D",
    "smcRecommended",
    "ich7mRecommended",
    "usbRecommended",
    "diskUuidEnabled",
)


@local("EnvironmentBrowser.QueryConfigTarget")
def target(context: Context, this: Ref, host: Ref | None = None) -> Data | None:
    """Return what machines can be connected to; nothing when there is no host to run on."""
    hosts = _hosts(context, this, host)
    if not hosts:
        return None
    store = context.vcenter.store
    stores = _shared(found["datastore"] or () for found in hosts)
    networks = _shared(found["network"] or () for found in hosts)
    memory = min(found["hardware.memorySize"] or 0 for found in hosts)
    return data(
        "ConfigTarget",
        numCpus=max(found["hardware.cpuInfo.numCpuThreads"] or 1 for found in hosts),
        numCpuCores=max(found["hardware.cpuInfo.numCpuCores"] or 1 for found in hosts),
        numNumaNodes=1,
        maxCpusPerHost=max(found["hardware.cpuInfo.numCpuThreads"] or 1 for found in hosts),
        smcPresent=False,
        maxMemMBOptimalPerf=memory // 2**20,
        autoVmotion=True,
        datastore=[_store(store.get(ref)) for ref in stores],
        network=[_network(store.get(ref)) for ref in networks if ref.type == "Network"],
        distributedVirtualPortgroup=[
            found
            for ref in networks
            if ref.type == "DistributedVirtualPortgroup"
            for found in _port_group(context, store.get(ref))
        ],
    )


def _shared(listed: Any) -> list[Ref]:
    """Return what lies in every one of several lists, in the order of the first."""
    every = [list(one) for one in listed]
    return [ref for ref in every[0] if all(ref in other for other in every)]


def _store(found: ManagedObject) -> Data:
    summary: Data = found["summary"]
    return data(
        "VirtualMachineDatastoreInfo",
        name=found["name"],
        datastore=summary,
        capability=found["capability"],
        maxFileSize=found["info.maxFileSize"] or 0,
        mode="readWrite",
    )


def _network(found: ManagedObject) -> Data:
    return data("VirtualMachineNetworkInfo", name=found["name"], network=found["summary"])


def _port_group(context: Context, found: ManagedObject) -> list[Data]:
    """Return a port group as machines choose one; that of uplinks is none of those."""
    switch: Ref | None = found["config.distributedVirtualSwitch"]
    if switch is None or not context.vcenter.store.exists(switch):
        return []
    owner = context.vcenter.store.get(switch)
    return [
        data(
            "DistributedVirtualPortgroupInfo",
            switchName=owner["name"],
            switchUuid=owner["uuid"] or "",
            portgroupName=found["name"],
            portgroupKey=found["key"],
            portgroupType=found["config.type"] or "earlyBinding",
            uplinkPortgroup=bool(found["config.uplink"]),
            portgroup=found.ref,
        )
    ]


@local("EnvironmentBrowser.QueryTargetCapabilities")
def capabilities(context: Context, this: Ref, host: Ref | None = None) -> Data | None:
    """Return what the hosts can do; nothing when there is none."""
    hosts = _hosts(context, this, host)
    found: Data | None = hosts[0]["capability"] if hosts else None
    return found


@local("HostSystem.QueryTpmAttestationReport")
def attestation(context: Context, this: Ref) -> None:
    """Return nothing: no host has a trusted platform module."""


@local("HostNetworkSystem.QueryNetworkHint")
def hints(context: Context, this: Ref, device: list[str] | None = None) -> list[Data]:
    """Return what a host's network cards have heard of networks: nothing but that they are there.

    Raises ``HostNotConnected`` for a host that is not, ``NotFound`` for a card that is not there.
    """
    host = _host_of(context, this)
    if host["runtime.connectionState"] != "connected":
        raise VimFault("HostNotConnected")
    cards = [card["device"] for card in host["config.network.pnic"] or ()]
    if not set(device or ()) <= set(cards):
        raise VimFault("NotFound")
    return [data("PhysicalNicHintInfo", device=card) for card in device or cards]


def _host_of(context: Context, manager: Ref) -> ManagedObject:
    """Return the host that one of the managers of hosts is about."""
    for host in context.vcenter.store.of_type("HostSystem"):
        managers: Data | None = host["configManager"]
        if managers is not None and manager in managers.fields.values():
            return host
    raise VimFault("NotSupported")


@local("DistributedVirtualSwitch.FetchDVPorts", "VmwareDistributedVirtualSwitch.FetchDVPorts")
def ports(context: Context, this: Ref, criteria: Data | None = None) -> list[Data]:
    """Return the ports of a distributed switch that cards of machines are plugged into."""
    wanted = criteria["portgroupKey"] if criteria is not None else None
    found = context.vcenter.store.get(this)
    groups = [context.vcenter.store.get(ref) for ref in found["portgroup"] or ()]
    return [
        _port(found, group, vm)
        for group in groups
        if not wanted or group["key"] in wanted
        for vm in group["vm"] or ()
    ]


def _port(switch: ManagedObject, group: ManagedObject, vm: Ref) -> Data:
    return data(
        "DistributedVirtualPort",
        key=f"{group['key']}-{vm.moid}",
        config=data("DVPortConfigInfo", configVersion="0"),
        dvsUuid=switch["uuid"] or "",
        portgroupKey=group["key"],
        connectee=data("DistributedVirtualSwitchPortConnectee", connectedEntity=vm),
        conflict=False,
        lastStatusChange=switch["config.createTime"],
    )
