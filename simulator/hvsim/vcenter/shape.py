"""The shape of a virtual machine: its properties, devices and files when it is made."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final

from hvsim.vcenter import capability
from hvsim.vcenter.entity import common
from hvsim.vcenter.values import NOTHING, Data, Ref, data, date_at, one_of, several_of

if TYPE_CHECKING:
    from datetime import datetime

GUESTS: Final = {
    "debian": "debian12_64Guest",
    "ubuntu": "ubuntu64Guest",
    "red hat": "rhel9_64Guest",
    "windows server 2008": "windows7Server64Guest",
    "windows": "windows2019srvNext_64Guest",
}
_SHARES: Final = 1000
_CONTROLLERS: Final = (
    ("VirtualIDEController", 200, "IDE 0", 0),
    ("VirtualIDEController", 201, "IDE 1", 1),
    ("VirtualPS2Controller", 300, "PS2 controller 0", 0),
    ("VirtualPCIController", 100, "PCI controller 0", 0),
    ("VirtualSIOController", 400, "SIO controller 0", 0),
)

_TOOLS: Final = data(
    "ToolsConfigInfo",
    toolsVersion=0,
    afterPowerOn=True,
    afterResume=True,
    beforeGuestStandby=True,
    beforeGuestShutdown=True,
    toolsUpgradePolicy="manual",
    syncTimeWithHost=False,
    lastInstallInfo=data("ToolsConfigInfoToolsLastInstallInfo", counter=0),
)
_FLAGS: Final = data("VirtualMachineFlagInfo", enableLogging=True, useToe=False)
_POWER_OPS: Final = data(
    "VirtualMachineDefaultPowerOpInfo",
    powerOffType="soft",
    suspendType="hard",
    resetType="soft",
    defaultPowerOffType="soft",
    defaultSuspendType="hard",
    defaultResetType="soft",
    standbyAction="checkpoint",
)
_CONNECTED: Final = data(
    "VirtualDeviceConnectInfo",
    startConnected=True,
    allowGuestControl=True,
    connected=True,
    status="ok",
)
_ALIKE: Final = 4096
"""How many values that machines of a lab have alike are kept for the next ones to share."""
_BOOT: Final = data("VirtualMachineBootOptions", bootDelay=0, enterBIOSSetup=False)

_LATENCY: Final = data("LatencySensitivity", level="normal")
"""Since vSphere 5.1."""


@dataclass(slots=True)
class Draft:
    """What a virtual machine is made from. ``memory`` is MiB, ``disk`` bytes."""

    name: str
    folder: Ref
    host: Ref
    pool: Ref
    datastore: Ref
    datastore_name: str
    uuid: str
    instance_uuid: str
    created: datetime
    memory: int = 1024
    cpus: int = 1
    cores: int = 1
    disk: int = 0
    guest_id: str = "otherGuest"
    guest_name: str = "Other (32-bit)"
    annotation: str = ""
    template: bool = False
    version: str = "vmx-21"
    networks: list[tuple[Ref, str]] = field(default_factory=list)
    macs: list[str] = field(default_factory=list)
    devices: list[Data] | None = None
    extra: list[Data] = field(default_factory=list)
    directory: str = ""
    hot_add: bool = False

    @property
    def path(self) -> str:
        """The path of its directory, as datastores name it."""
        return f"[{self.datastore_name}] {self.directory or self.name}"


def guest_id_of(system: str) -> str:
    """Return vim25's identifier of an operating system by its full name."""
    lower = system.lower()
    return next((known for word, known in GUESTS.items() if word in lower), "otherGuest64")


def properties(draft: Draft, environment: Ref) -> dict[str, Any]:
    """Return the properties of a virtual machine that is off."""
    config = configuration(draft)
    off = runtime(draft.host, draft.cpus, draft.memory)
    guest = _guest(config)
    used = 4096 + draft.disk // 4
    return common(draft.name, draft.folder) | {
        "capability": capability.VM,
        "config": config,
        "layout": data("VirtualMachineFileLayout", configFile=[f"{draft.name}.vmx"]),
        "layoutEx": _layout(draft.created),
        "storage": _storage(draft.datastore, draft.disk, used, draft.created),
        "environmentBrowser": environment,
        "resourcePool": None if draft.template else draft.pool,
        "resourceConfig": allocation_of(draft.cpus, draft.memory),
        "runtime": off,
        "guest": guest,
        "summary": _summary(draft, config, off, guest, used),
        "datastore": one_of(draft.datastore),
        "network": several_of(tuple(ref for ref, _ in draft.networks)),
        "rootSnapshot": NOTHING,
        "guestHeartbeatStatus": "gray",
    }


@lru_cache(maxsize=_ALIKE)
def _layout(created: datetime) -> Data:
    return data("VirtualMachineFileLayoutEx", timestamp=created)


@lru_cache(maxsize=_ALIKE)
def _storage(datastore: Ref, disk: int, used: int, created: datetime) -> Data:
    usage = data(
        "VirtualMachineUsageOnDatastore",
        datastore=datastore,
        committed=used,
        uncommitted=max(0, disk - used),
        unshared=used,
    )
    return data("VirtualMachineStorageInfo", perDatastoreUsage=[usage], timestamp=created)


@lru_cache(maxsize=_ALIKE)
def _change_version(created: datetime) -> str:
    return created.strftime("%Y-%m-%dT%H:%M:%S.000000Z")


def configuration(draft: Draft) -> Data:
    """Return a machine's ``VirtualMachineConfigInfo``."""
    directory = f"{draft.path}/"
    resources = allocation_of(draft.cpus, draft.memory)
    return data(
        "VirtualMachineConfigInfo",
        changeVersion=_change_version(draft.created),
        modified=draft.created,
        name=draft.name,
        guestFullName=draft.guest_name,
        version=draft.version,
        uuid=draft.uuid,
        createDate=draft.created,
        instanceUuid=draft.instance_uuid,
        npivTemporaryDisabled=True,
        template=draft.template,
        guestId=draft.guest_id,
        alternateGuestName="",
        annotation=draft.annotation,
        files=data(
            "VirtualMachineFileInfo",
            vmPathName=f"{directory}{draft.directory or draft.name}.vmx",
            snapshotDirectory=directory,
            suspendDirectory=directory,
            logDirectory=directory,
        ),
        tools=_TOOLS,
        flags=_FLAGS,
        defaultPowerOps=_POWER_OPS,
        hardware=data(
            "VirtualHardware",
            numCPU=draft.cpus,
            numCoresPerSocket=draft.cores,
            memoryMB=draft.memory,
            device=devices(draft) if draft.devices is None else draft.devices,
        ),
        cpuAllocation=resources["cpuAllocation"],
        memoryAllocation=resources["memoryAllocation"],
        memoryHotAddEnabled=draft.hot_add,
        cpuHotAddEnabled=draft.hot_add,
        cpuHotRemoveEnabled=False,
        latencySensitivity=None if draft.version == "vmx-07" else _LATENCY,
        extraConfig=list(draft.extra) or NOTHING,
        bootOptions=_BOOT,
        changeTrackingEnabled=False,
        firmware="bios",
        maxMksConnections=40,
    )


@cache
def allocation_of(cpus: int, memory: int) -> Data:
    """Return the share of resources that a machine with so many CPUs and MiB has by default."""
    return data(
        "ResourceConfigSpec",
        cpuAllocation=allocation(cpus * _SHARES),
        memoryAllocation=allocation(memory * 10),
    )


def allocation(shares: int, *, reserved: int = 0, expandable: bool = False) -> Data:
    """Return a normal share of a resource without a limit."""
    return data(
        "ResourceAllocationInfo",
        reservation=reserved,
        expandableReservation=expandable,
        limit=-1,
        shares=data("SharesInfo", shares=shares, level="normal"),
    )


def devices(draft: Draft) -> list[Data]:
    """Return the devices of a machine: controllers, display, its disk and its network cards."""
    made = list(_standard_devices(disks=1 if draft.disk else 0, cards=len(draft.networks)))
    if draft.disk:
        made.append(disk(draft, 2000, 0, draft.disk, draft.name))
    for number, (network, name) in enumerate(draft.networks):
        made.append(card(4000 + number, number, network, name, draft.macs[number]))
    return made


@cache
def _standard_devices(*, disks: int, cards: int) -> tuple[Data, ...]:
    """Return the devices that machines of so many disks and cards have alike."""
    others = {
        100: [500, 12000, 1000, *range(4000, 4000 + cards)],
        300: [600, 700],
        1000: list(range(2000, 2000 + disks)),
    }
    made = _bare_devices()
    return tuple(one.having(device=others.get(one["key"]) or None) for one in made)


def _bare_devices() -> tuple[Data, ...]:
    return (
        *(_controller(*facts) for facts in _CONTROLLERS),
        _device("VirtualKeyboard", 600, "Keyboard", controllerKey=300, unitNumber=0),
        _device("VirtualPointingDevice", 700, "Pointing device", controllerKey=300, unitNumber=1),
        _device("VirtualMachineVideoCard", 500, "Video card ", controllerKey=100, unitNumber=0),
        _device("VirtualMachineVMCIDevice", 12000, "VMCI device", controllerKey=100, unitNumber=17),
        _controller("ParaVirtualSCSIController", 1000, "SCSI controller 0", 0),
    )


def bare_devices() -> list[Data]:
    """Return the devices that a machine is made with: its maker adds controllers for disks."""
    return [device for device in _standard_devices(disks=0, cards=0) if "SCSI" not in device.type]


def disk(draft: Draft, key: int, unit: int, size: int, name: str) -> Data:
    """Return a virtual disk of so many bytes at the first SCSI controller."""
    backing = data(
        "VirtualDiskFlatVer2BackingInfo",
        fileName=f"{draft.path}/{name}.vmdk",
        datastore=draft.datastore,
        diskMode="persistent",
        thinProvisioned=True,
    )
    kilobytes = size // 1024
    return data(
        "VirtualDisk",
        key=key,
        deviceInfo=described(f"Hard disk {unit + 1}", f"{kilobytes:,} KB"),
        backing=backing,
        controllerKey=1000,
        unitNumber=unit,
        capacityInKB=kilobytes,
        capacityInBytes=size,
        diskObjectId=f"{draft.uuid}-{key}",
    )


def card(key: int, number: int, network: Ref, name: str, mac: str) -> Data:
    """Return a network card attached to a network."""
    return data(
        "VirtualVmxnet3",
        key=key,
        deviceInfo=described(f"Network adapter {number + 1}", name),
        backing=_plugged(name, network),
        connectable=_CONNECTED,
        controllerKey=100,
        unitNumber=7 + number,
        addressType="assigned",
        macAddress=mac,
        wakeOnLanEnabled=True,
    )


@lru_cache(maxsize=_ALIKE)
def described(label: str, summary: str) -> Data:
    """Return the description of a device."""
    return data("Description", label=label, summary=summary)


@lru_cache(maxsize=_ALIKE)
def _plugged(name: str, network: Ref) -> Data:
    return data("VirtualEthernetCardNetworkBackingInfo", deviceName=name, network=network)


def _controller(kind: str, key: int, label: str, bus: int) -> Data:
    found = _device(kind, key, label, busNumber=bus)
    if kind == "ParaVirtualSCSIController":
        return found.having(
            controllerKey=100, unitNumber=3, sharedBus="noSharing", hotAddRemove=True
        )
    return found


def _device(kind: str, key: int, label: str, **fields: Any) -> Data:
    return data(kind, key=key, deviceInfo=described(label, label), **fields)


@lru_cache(maxsize=_ALIKE)
def runtime(
    host: Ref, cpus: int, memory: int, power: str = "poweredOff", booted: float | None = None
) -> Data:
    """Return a new machine's ``VirtualMachineRuntimeInfo``.

    Args:
        memory: in MiB.
        booted: simulated second of the boot of one that runs.
    """
    return data(
        "VirtualMachineRuntimeInfo",
        host=host,
        connectionState="connected",
        powerState=power,
        bootTime=None if booted is None else date_at(booted),
        faultToleranceState="notConfigured",
        toolsInstallerMounted=False,
        maxCpuUsage=cpus * 2600,
        maxMemoryUsage=memory,
        numMksConnections=0,
        recordReplayState="inactive",
        onlineStandby=False,
        consolidationNeeded=False,
        minRequiredEVCModeKey="",
    )


def _guest(config: Data) -> Data:
    return data(
        "GuestInfo",
        toolsStatus="toolsNotInstalled",
        toolsVersionStatus="guestToolsNotInstalled",
        toolsVersionStatus2="guestToolsNotInstalled",
        toolsRunningStatus="guestToolsNotRunning",
        toolsVersion="0",
        guestState="notRunning",
        guestOperationsReady=False,
        interactiveGuestOperationsReady=False,
        guestStateChangeSupported=False,
        hwVersion=config["version"],
    )


def _summary(draft: Draft, config: Data, runtime: Data, guest: Data, used: int) -> Data:
    cards = len(draft.networks)
    return data(
        "VirtualMachineSummary",
        runtime=runtime,
        guest=data(
            "VirtualMachineGuestSummary",
            **{
                name: guest[name]
                for name in (
                    "toolsStatus",
                    "toolsVersionStatus",
                    "toolsVersionStatus2",
                    "toolsRunningStatus",
                )
            },
        ),
        config=data(
            "VirtualMachineConfigSummary",
            name=draft.name,
            template=draft.template,
            vmPathName=config["files"]["vmPathName"],
            memorySizeMB=draft.memory,
            cpuReservation=0,
            memoryReservation=0,
            numCpu=draft.cpus,
            numEthernetCards=cards,
            numVirtualDisks=1 if draft.disk else 0,
            uuid=draft.uuid,
            instanceUuid=draft.instance_uuid,
            guestId=draft.guest_id,
            guestFullName=draft.guest_name,
            annotation=draft.annotation,
            hwVersion=draft.version,
        ),
        storage=_storage_summary(draft.disk, used, draft.created),
        quickStats=quick_stats("gray"),
        overallStatus="green",
    )


@lru_cache(maxsize=_ALIKE)
def _storage_summary(disk: int, used: int, created: datetime) -> Data:
    return data(
        "VirtualMachineStorageSummary",
        committed=used,
        uncommitted=max(0, disk - used),
        unshared=used,
        timestamp=created,
    )


@cache
def quick_stats(beat: str) -> Data:
    """Return a machine's statistics; ``beat`` is its heartbeat's colour."""
    return data(
        "VirtualMachineQuickStats",
        overallCpuUsage=0,
        guestMemoryUsage=0,
        hostMemoryUsage=0,
        guestHeartbeatStatus=beat,
        uptimeSeconds=0,
    )
