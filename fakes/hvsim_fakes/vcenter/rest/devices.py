"""Virtual devices as this API shows them: structures, and how vim25's devices become them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

from hvsim.vcenter.devices import is_card
from hvsim_fakes.vcenter.rest.structures import Structure

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim.vcenter.store import ManagedObject
    from hvsim.vcenter.values import Data, Ref

ConnectionState = Literal["CONNECTED", "NOT_CONNECTED"]
_SCSI: Final = {
    "VirtualBusLogicController": "BUSLOGIC",
    "VirtualLsiLogicController": "LSILOGIC",
    "VirtualLsiLogicSASController": "LSILOGICSAS",
    "ParaVirtualSCSIController": "PVSCSI",
}
_SHARING: Final = {"noSharing": "NONE", "virtualSharing": "VIRTUAL", "physicalSharing": "PHYSICAL"}
_CARDS: Final = {
    "VirtualE1000": "E1000",
    "VirtualE1000e": "E1000E",
    "VirtualPCNet32": "PCNET32",
    "VirtualVmxnet": "VMXNET",
    "VirtualVmxnet2": "VMXNET2",
    "VirtualVmxnet3": "VMXNET3",
}
_MAC_TYPES: Final = {"manual": "MANUAL", "generated": "GENERATED", "assigned": "ASSIGNED"}


class IdeAddress(Structure):
    """Where a device is on IDE."""

    vapi = "com.vmware.vcenter.vm.hardware.ide_address_info"
    primary: bool
    master: bool


class ScsiAddress(Structure):
    """Where a device is on SCSI."""

    vapi = "com.vmware.vcenter.vm.hardware.scsi_address_info"
    bus: int
    unit: int


class SataAddress(Structure):
    """Where a device is on SATA."""

    vapi = "com.vmware.vcenter.vm.hardware.sata_address_info"
    bus: int
    unit: int


class NvmeAddress(Structure):
    """Where a device is on NVMe."""

    vapi = "com.vmware.vcenter.vm.hardware.nvme_address_info"
    bus: int
    unit: int


class DiskBacking(Structure):
    """What is behind a disk."""

    vapi = "com.vmware.vcenter.vm.hardware.disk.backing_info"
    type: Literal["VMDK_FILE"]
    vmdk_file: str | None = None


class DiskInfo(Structure):
    """A disk; ``capacity`` is bytes."""

    vapi = "com.vmware.vcenter.vm.hardware.disk.info"
    label: str
    type: Literal["IDE", "SCSI", "SATA", "NVME"]
    backing: DiskBacking
    ide: IdeAddress | None = None
    scsi: ScsiAddress | None = None
    sata: SataAddress | None = None
    nvme: NvmeAddress | None = None
    capacity: int | None = None


class EthernetBacking(Structure):
    """What a network card is attached to."""

    vapi = "com.vmware.vcenter.vm.hardware.ethernet.backing_info"
    type: Literal["STANDARD_PORTGROUP", "HOST_DEVICE", "DISTRIBUTED_PORTGROUP", "OPAQUE_NETWORK"]
    network: str | None = None
    network_name: str | None = None
    host_device: str | None = None
    distributed_switch_uuid: str | None = None
    distributed_port: str | None = None
    connection_cookie: int | None = None
    opaque_network_type: str | None = None
    opaque_network_id: str | None = None


class EthernetInfo(Structure):
    """A network card."""

    vapi = "com.vmware.vcenter.vm.hardware.ethernet.info"
    label: str
    type: str
    mac_type: str
    wake_on_lan_enabled: bool
    backing: EthernetBacking
    state: ConnectionState
    start_connected: bool
    allow_guest_control: bool
    upt_compatibility_enabled: bool | None = None
    upt_v2_compatibility_enabled: bool | None = None
    mac_address: str | None = None
    pci_slot_number: int | None = None


class CdromBacking(Structure):
    """What is behind a CD drive."""

    vapi = "com.vmware.vcenter.vm.hardware.cdrom.backing_info"
    type: Literal["ISO_FILE", "HOST_DEVICE", "CLIENT_DEVICE"]
    iso_file: str | None = None
    host_device: str | None = None
    auto_detect: bool | None = None
    device_access_type: str | None = None


class CdromInfo(Structure):
    """A CD drive."""

    vapi = "com.vmware.vcenter.vm.hardware.cdrom.info"
    type: Literal["IDE", "SATA"]
    label: str
    backing: CdromBacking
    state: ConnectionState
    start_connected: bool
    allow_guest_control: bool
    ide: IdeAddress | None = None
    sata: SataAddress | None = None


class ScsiInfo(Structure):
    """A SCSI adapter."""

    vapi = "com.vmware.vcenter.vm.hardware.adapter.scsi.info"
    label: str
    type: str
    scsi: ScsiAddress
    sharing: str
    pci_slot_number: int | None = None


class SataInfo(Structure):
    """A SATA adapter."""

    vapi = "com.vmware.vcenter.vm.hardware.adapter.sata.info"
    label: str
    type: Literal["AHCI"]
    bus: int
    pci_slot_number: int | None = None


class NvmeInfo(Structure):
    """An NVMe adapter."""

    vapi = "com.vmware.vcenter.vm.hardware.adapter.nvme.info"
    label: str
    bus: int
    pci_slot_number: int | None = None


def of(vm: ManagedObject) -> list[Data]:
    """Return a machine's devices as vim25 has them."""
    found: list[Data] = vm["config.hardware.device"]
    return found


def disks(vm: ManagedObject) -> dict[str, DiskInfo]:
    """Return a machine's disks by identifier."""
    return _all(vm, lambda device: device.type == "VirtualDisk", _disk)


def cards(vm: ManagedObject) -> dict[str, EthernetInfo]:
    """Return a machine's network cards by identifier."""
    return _all(vm, is_card, lambda device, _: _card(device))


def drives(vm: ManagedObject) -> dict[str, CdromInfo]:
    """Return a machine's CD drives by identifier."""
    return _all(vm, lambda device: device.type == "VirtualCdrom", _drive)


def scsi_adapters(vm: ManagedObject) -> dict[str, ScsiInfo]:
    """Return a machine's SCSI adapters by identifier."""
    return _all(vm, lambda device: device.type in _SCSI, lambda device, _: _scsi_adapter(device))


def sata_adapters(vm: ManagedObject) -> dict[str, SataInfo]:
    """Return a machine's SATA adapters by identifier."""

    def shown(device: Data, _: list[Data]) -> SataInfo:
        return SataInfo(label=_label(device), type="AHCI", bus=device["busNumber"] or 0)

    return _all(vm, lambda device: device.type == "VirtualAHCIController", shown)


def nvme_adapters(vm: ManagedObject) -> dict[str, NvmeInfo]:
    """Return a machine's NVMe adapters by identifier."""

    def shown(device: Data, _: list[Data]) -> NvmeInfo:
        return NvmeInfo(label=_label(device), bus=device["busNumber"] or 0)

    return _all(vm, lambda device: device.type == "VirtualNVMEController", shown)


def _all(
    vm: ManagedObject, chosen: Callable[[Data], bool], shown: Callable[[Data, list[Data]], Any]
) -> dict[str, Any]:
    devices = of(vm)
    return {str(device["key"]): shown(device, devices) for device in devices if chosen(device)}


def _label(device: Data) -> str:
    label: str = device["deviceInfo"]["label"] if device["deviceInfo"] is not None else ""
    return label


def _address(device: Data, devices: list[Data]) -> dict[str, Any]:
    """Return the type of the bus that a device is on, and its place there."""
    controller = next((d for d in devices if d["key"] == device["controllerKey"]), None)
    bus = (controller["busNumber"] or 0) if controller is not None else 0
    unit: int = device["unitNumber"] or 0
    kind = controller.type if controller is not None else "ParaVirtualSCSIController"
    if kind == "VirtualIDEController":
        return {"type": "IDE", "ide": IdeAddress(primary=bus == 0, master=unit == 0)}
    if kind == "VirtualAHCIController":
        return {"type": "SATA", "sata": SataAddress(bus=bus, unit=unit)}
    if kind == "VirtualNVMEController":
        return {"type": "NVME", "nvme": NvmeAddress(bus=bus, unit=unit)}
    return {"type": "SCSI", "scsi": ScsiAddress(bus=bus, unit=unit)}


def _disk(device: Data, devices: list[Data]) -> DiskInfo:
    backing: Data | None = device["backing"]
    return DiskInfo(
        label=_label(device),
        backing=DiskBacking(type="VMDK_FILE", vmdk_file=_of(backing, "fileName")),
        capacity=device["capacityInBytes"],
        **_address(device, devices),
    )


def _of(backing: Data | None, name: str) -> str | None:
    return None if backing is None else backing[name]


def _connection(device: Data) -> dict[str, Any]:
    found: Data | None = device["connectable"]
    return {
        "state": "CONNECTED" if found and found["connected"] else "NOT_CONNECTED",
        "start_connected": bool(found and found["startConnected"]),
        "allow_guest_control": bool(found and found["allowGuestControl"]),
    }


def _card(device: Data) -> EthernetInfo:
    return EthernetInfo(
        label=_label(device),
        type=_CARDS.get(device.type, "VMXNET3"),
        upt_compatibility_enabled=False if device.type == "VirtualVmxnet3" else None,
        mac_type=_MAC_TYPES.get(device["addressType"] or "assigned", "ASSIGNED"),
        mac_address=device["macAddress"],
        wake_on_lan_enabled=bool(device["wakeOnLanEnabled"]),
        backing=_network(device["backing"]),
        **_connection(device),
    )


def _network(backing: Data | None) -> EthernetBacking:
    port: Data | None = backing["port"] if backing is not None else None
    if port is not None:
        return EthernetBacking(
            type="DISTRIBUTED_PORTGROUP",
            network=port["portgroupKey"],
            distributed_switch_uuid=port["switchUuid"],
            distributed_port=port["portKey"],
            connection_cookie=port["connectionCookie"],
        )
    network: Ref | None = backing["network"] if backing is not None else None
    return EthernetBacking(
        type="STANDARD_PORTGROUP",
        network=network.moid if network is not None else None,
        network_name=backing["deviceName"] if backing is not None else None,
    )


def _drive(device: Data, devices: list[Data]) -> CdromInfo:
    backing: Data | None = device["backing"]
    kind = backing.type if backing is not None else ""
    if "Iso" in kind:
        shown = CdromBacking(type="ISO_FILE", iso_file=_of(backing, "fileName"))
    elif "Remote" in kind or not kind:
        shown = CdromBacking(type="CLIENT_DEVICE", device_access_type="PASSTHRU")
    else:
        shown = CdromBacking(
            type="HOST_DEVICE",
            host_device=_of(backing, "deviceName"),
            auto_detect=bool(backing is not None and backing["useAutoDetect"]),
            device_access_type="EMULATION" if "Atapi" in kind else "PASSTHRU",
        )
    place = _address(device, devices)
    if place["type"] == "SCSI":
        place = {"type": "IDE", "ide": IdeAddress(primary=True, master=True)}
    return CdromInfo(label=_label(device), backing=shown, **place, **_connection(device))


def _scsi_adapter(device: Data) -> ScsiInfo:
    unit = device["scsiCtlrUnitNumber"]
    return ScsiInfo(
        label=_label(device),
        type=_SCSI[device.type],
        scsi=ScsiAddress(bus=device["busNumber"] or 0, unit=7 if unit is None else unit),
        sharing=_SHARING.get(device["sharedBus"] or "noSharing", "NONE"),
    )
