"""What a new machine is made from, and the vim25 configuration that it becomes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import msgspec

from hvsim.vcenter.values import Data, data
from hvsim_fakes.vcenter.rest import errors, systems
from hvsim_fakes.vcenter.rest.hardware import CpuUpdateSpec, MemoryUpdateSpec
from hvsim_fakes.vcenter.rest.placement import PlacementSpec
from hvsim_fakes.vcenter.rest.structures import Long, Structure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hvsim_fakes.vcenter.rest.call import Call

_DISK: Final = 16 * 2**30
"""Bytes of the disk that a machine gets when nothing is said of disks."""
_MEMORY: Final = 2_048
_CARDS: Final = {
    "E1000": "VirtualE1000",
    "E1000E": "VirtualE1000e",
    "PCNET32": "VirtualPCNet32",
    "VMXNET": "VirtualVmxnet",
    "VMXNET2": "VirtualVmxnet2",
    "VMXNET3": "VirtualVmxnet3",
}
Size = Annotated[int, msgspec.Meta(ge=1, le=62 * 2**40)]
"""Bytes of a disk, up to the most that VMFS takes."""
CardType = Literal["E1000", "E1000E", "PCNET32", "VMXNET", "VMXNET2", "VMXNET3"]


class VmdkCreateSpec(Structure):
    """A new disk; ``capacity`` is bytes."""

    vapi = "com.vmware.vcenter.vm.hardware.disk.vmdk_create_spec"
    name: str | None = None
    storage_policy: Any = None
    capacity: Size | None = None


class ScsiAddressSpec(Structure):
    """Where a disk is to be."""

    vapi = "com.vmware.vcenter.vm.hardware.scsi_address_spec"
    bus: Long
    unit: Long | None = None


class DiskCreateSpec(Structure):
    """A disk of a new machine."""

    vapi = "com.vmware.vcenter.vm.hardware.disk.create_spec"
    type: Literal["IDE", "SCSI", "SATA", "NVME"] | None = None
    ide: Any = None
    sata: Any = None
    nvme: Any = None
    backing: Any = None
    scsi: ScsiAddressSpec | None = None
    new_vmdk: VmdkCreateSpec | None = None


class EthernetBackingSpec(Structure):
    """What a new machine's network card is attached to."""

    vapi = "com.vmware.vcenter.vm.hardware.ethernet.backing_spec"
    type: Literal["STANDARD_PORTGROUP", "DISTRIBUTED_PORTGROUP"]
    network: str | None = None
    distributed_port: str | None = None


class EthernetCreateSpec(Structure):
    """A network card of a new machine."""

    vapi = "com.vmware.vcenter.vm.hardware.ethernet.create_spec"
    backing: EthernetBackingSpec | None = None
    pci_slot_number: Long | None = None
    upt_v2_compatibility_enabled: bool | None = None
    type: CardType | None = None
    mac_type: Literal["MANUAL", "GENERATED", "ASSIGNED"] | None = None
    mac_address: str | None = None
    wake_on_lan_enabled: bool | None = None
    start_connected: bool | None = None
    allow_guest_control: bool | None = None
    upt_compatibility_enabled: bool | None = None


class CreateSpec(Structure):
    """What a machine is made from."""

    vapi = "com.vmware.vcenter.VM.create_spec"
    guest_OS: str  # noqa: N815 - the API's name
    name: str | None = None
    placement: PlacementSpec | None = None
    hardware_version: str | None = None
    cpu: CpuUpdateSpec | None = None
    memory: MemoryUpdateSpec | None = None
    disks: list[DiskCreateSpec] | None = None
    nics: list[EthernetCreateSpec] | None = None
    boot: Any = None
    boot_devices: Any = None
    cdroms: Any = None
    floppies: Any = None
    parallel_ports: Any = None
    serial_ports: Any = None
    sata_adapters: Any = None
    scsi_adapters: Any = None
    nvme_adapters: Any = None
    storage_policy: Any = None


NOT_MADE: Final = (
    "boot",
    "boot_devices",
    "cdroms",
    "floppies",
    "parallel_ports",
    "serial_ports",
    "sata_adapters",
    "scsi_adapters",
    "nvme_adapters",
    "storage_policy",
)
"""Fields of what a machine is made from that are not heeded."""


def require_supported(spec: Structure, *fields: str) -> None:
    """Raise ``unsupported`` when a specification sets one of the fields that are not heeded."""
    for name in fields:
        if getattr(spec, name):
            code, text = "com.vmware.api.vcenter.vm.unsupported", "%s is not supported."
            raise errors.error("unsupported", code, text, name)


def changes_of(call: Call, spec: CreateSpec) -> dict[str, Any]:
    """Return the fields of vim25's configuration that a specification sets, but for its name."""
    guest_id = systems.guest_id_of(spec.guest_OS)
    if guest_id is None:
        raise errors.invalid_input(f"{spec.guest_OS} is no guest operating system")
    cpu, memory = spec.cpu or CpuUpdateSpec(), spec.memory or MemoryUpdateSpec()
    return {
        "guestId": guest_id,
        "version": spec.hardware_version and spec.hardware_version.lower().replace("_", "-"),
        "numCPUs": cpu.count or 1,
        "numCoresPerSocket": cpu.cores_per_socket,
        "cpuHotAddEnabled": cpu.hot_add_enabled,
        "cpuHotRemoveEnabled": cpu.hot_remove_enabled,
        "memoryMB": memory.size_MiB or _MEMORY,
        "memoryHotAddEnabled": memory.hot_add_enabled,
        "deviceChange": [*_disks(spec), *_cards(call, spec)],
    }


def _disks(spec: CreateSpec) -> Iterator[Data]:
    wanted = [DiskCreateSpec()] if spec.disks is None else spec.disks
    for number, disk in enumerate(wanted, 1):
        require_supported(disk, "ide", "sata", "nvme", "backing")
        size = disk.new_vmdk.capacity if disk.new_vmdk is not None else None
        unit = disk.scsi.unit if disk.scsi is not None else None
        backing = data(
            "VirtualDiskFlatVer2BackingInfo", diskMode="persistent", thinProvisioned=True
        )
        made = data(
            "VirtualDisk",
            key=-number,
            controllerKey=1000,
            unitNumber=-1 if unit is None else unit,
            capacityInBytes=_DISK if size is None else size,
            backing=backing,
        )
        yield data("VirtualDeviceConfigSpec", operation="add", fileOperation="create", device=made)


def _cards(call: Call, spec: CreateSpec) -> Iterator[Data]:
    for number, card in enumerate(spec.nics or (), 1):
        made = data(
            _CARDS[card.type or "VMXNET3"],
            key=-100 - number,
            backing=_backing(call, card.backing),
            addressType=(card.mac_type or "ASSIGNED").lower(),
            macAddress=card.mac_address,
            wakeOnLanEnabled=card.wake_on_lan_enabled,
            connectable=data(
                "VirtualDeviceConnectInfo",
                startConnected=bool(card.start_connected),
                allowGuestControl=bool(card.allow_guest_control),
                connected=False,
            ),
        )
        yield data("VirtualDeviceConfigSpec", operation="add", device=made)


def _backing(call: Call, spec: EthernetBackingSpec | None) -> Data:
    if spec is None or spec.network is None:
        raise errors.invalid_input("a network card's backing names its network")
    code = "com.vmware.api.vcenter.network.not_found"
    if spec.type == "STANDARD_PORTGROUP":
        found = call.object("Network", spec.network, code, "Network")
        return data(
            "VirtualEthernetCardNetworkBackingInfo", deviceName=found["name"], network=found.ref
        )
    found = call.object("DistributedVirtualPortgroup", spec.network, code, "Network")
    switch = found["config.distributedVirtualSwitch"]
    port = data(
        "DistributedVirtualSwitchPortConnection",
        portgroupKey=found.moid,
        portKey=spec.distributed_port,
        switchUuid=call.store.value(switch, "uuid"),
    )
    return data("VirtualEthernetCardDistributedVirtualPortBackingInfo", port=port)
