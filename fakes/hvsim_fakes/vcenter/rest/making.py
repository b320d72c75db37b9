"""Devices as clients ask for them, and the vim25 devices that they become."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import msgspec

from hvsim.vcenter.values import Data, data
from hvsim_fakes.vcenter.rest import errors
from hvsim_fakes.vcenter.rest.structures import Long, Structure

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hvsim_fakes.vcenter.rest.call import Call

_ASSIGN: Final = "Network.Assign"
_DISK: Final = 16 * 2**30
"""Bytes of a disk of which no capacity is said."""
_CARDS: Final = {
    "E1000": "VirtualE1000",
    "E1000E": "VirtualE1000e",
    "PCNET32": "VirtualPCNet32",
    "VMXNET": "VirtualVmxnet",
    "VMXNET2": "VirtualVmxnet2",
    "VMXNET3": "VirtualVmxnet3",
}
_SCSI: Final = {
    "BUSLOGIC": "VirtualBusLogicController",
    "LSILOGIC": "VirtualLsiLogicController",
    "LSILOGICSAS": "VirtualLsiLogicSASController",
    "PVSCSI": "ParaVirtualSCSIController",
}
_SHARING: Final = {"NONE": "noSharing", "VIRTUAL": "virtualSharing", "PHYSICAL": "physicalSharing"}
_BUSES: Final[dict[str, tuple[frozenset[str], int, int]]] = {
    "SCSI": (frozenset(_SCSI.values()), 16, 4),
    "SATA": (frozenset({"VirtualAHCIController"}), 30, 4),
    "NVME": (frozenset({"VirtualNVMEController"}), 15, 4),
    "IDE": (frozenset({"VirtualIDEController"}), 2, 2),
}
"""By type of bus, its controllers, the units that each has, and how many of them there can be."""
_ADAPTER_UNIT: Final = 7
"""The unit of a SCSI bus that is the adapter's own."""
Size = Annotated[int, msgspec.Meta(ge=1, le=62 * 2**40)]
"""Bytes of a disk, up to the most that VMFS takes."""
Bus = Annotated[int, msgspec.Meta(ge=0, le=3)]
Unit = Annotated[int, msgspec.Meta(ge=0, le=63)]
CardType = Literal["E1000", "E1000E", "PCNET32", "VMXNET", "VMXNET2", "VMXNET3"]
BusType = Literal["IDE", "SCSI", "SATA", "NVME"]


class IdeAddressSpec(Structure):
    """Where a device is to be on IDE."""

    vapi = "com.vmware.vcenter.vm.hardware.ide_address_spec"
    primary: bool | None = None
    master: bool | None = None


class ScsiAddressSpec(Structure):
    """Where a device is to be on SCSI."""

    vapi = "com.vmware.vcenter.vm.hardware.scsi_address_spec"
    bus: Bus
    unit: Unit | None = None


class SataAddressSpec(Structure):
    """Where a device is to be on SATA."""

    vapi = "com.vmware.vcenter.vm.hardware.sata_address_spec"
    bus: Bus
    unit: Unit | None = None


class NvmeAddressSpec(Structure):
    """Where a device is to be on NVMe."""

    vapi = "com.vmware.vcenter.vm.hardware.nvme_address_spec"
    bus: Bus
    unit: Unit | None = None


class VmdkCreateSpec(Structure):
    """A new disk; ``capacity`` is bytes."""

    vapi = "com.vmware.vcenter.vm.hardware.disk.vmdk_create_spec"
    name: str | None = None
    storage_policy: Any = None
    capacity: Size | None = None


class DiskCreateSpec(Structure):
    """A disk to be made."""

    vapi = "com.vmware.vcenter.vm.hardware.disk.create_spec"
    type: BusType | None = None
    ide: IdeAddressSpec | None = None
    scsi: ScsiAddressSpec | None = None
    sata: SataAddressSpec | None = None
    nvme: NvmeAddressSpec | None = None
    backing: Any = None
    new_vmdk: VmdkCreateSpec | None = None


class EthernetBackingSpec(Structure):
    """What a network card is to be attached to."""

    vapi = "com.vmware.vcenter.vm.hardware.ethernet.backing_spec"
    type: Literal["STANDARD_PORTGROUP", "DISTRIBUTED_PORTGROUP"]
    network: str | None = None
    distributed_port: str | None = None


class EthernetUpdateSpec(Structure):
    """What is to change of a network card."""

    vapi = "com.vmware.vcenter.vm.hardware.ethernet.update_spec"
    mac_type: Literal["MANUAL", "GENERATED", "ASSIGNED"] | None = None
    mac_address: str | None = None
    wake_on_lan_enabled: bool | None = None
    backing: EthernetBackingSpec | None = None
    start_connected: bool | None = None
    allow_guest_control: bool | None = None
    upt_compatibility_enabled: bool | None = None
    upt_v2_compatibility_enabled: bool | None = None


class EthernetCreateSpec(EthernetUpdateSpec):
    """A network card to be made."""

    vapi = "com.vmware.vcenter.vm.hardware.ethernet.create_spec"
    type: CardType | None = None
    pci_slot_number: Long | None = None


class CdromBackingSpec(Structure):
    """What is to be behind a CD drive."""

    vapi = "com.vmware.vcenter.vm.hardware.cdrom.backing_spec"
    type: Literal["ISO_FILE", "HOST_DEVICE", "CLIENT_DEVICE"]
    iso_file: str | None = None
    host_device: str | None = None
    device_access_type: Literal["EMULATION", "PASSTHRU", "PASSTHRU_EXCLUSIVE"] | None = None


class CdromUpdateSpec(Structure):
    """What is to change of a CD drive."""

    vapi = "com.vmware.vcenter.vm.hardware.cdrom.update_spec"
    backing: CdromBackingSpec | None = None
    start_connected: bool | None = None
    allow_guest_control: bool | None = None


class CdromCreateSpec(CdromUpdateSpec):
    """A CD drive to be made."""

    vapi = "com.vmware.vcenter.vm.hardware.cdrom.create_spec"
    type: Literal["IDE", "SATA"] | None = None
    ide: IdeAddressSpec | None = None
    sata: SataAddressSpec | None = None


class ScsiCreateSpec(Structure):
    """A SCSI adapter to be made."""

    vapi = "com.vmware.vcenter.vm.hardware.adapter.scsi.create_spec"
    type: Literal["BUSLOGIC", "LSILOGIC", "LSILOGICSAS", "PVSCSI"] | None = None
    bus: Bus | None = None
    pci_slot_number: Long | None = None
    sharing: Literal["NONE", "VIRTUAL", "PHYSICAL"] | None = None


class ScsiUpdateSpec(Structure):
    """What is to change of a SCSI adapter."""

    vapi = "com.vmware.vcenter.vm.hardware.adapter.scsi.update_spec"
    sharing: Literal["NONE", "VIRTUAL", "PHYSICAL"] | None = None


class SataCreateSpec(Structure):
    """A SATA adapter to be made."""

    vapi = "com.vmware.vcenter.vm.hardware.adapter.sata.create_spec"
    type: Literal["AHCI"] | None = None
    bus: Bus | None = None
    pci_slot_number: Long | None = None


class NvmeCreateSpec(Structure):
    """An NVMe adapter to be made."""

    vapi = "com.vmware.vcenter.vm.hardware.adapter.nvme.create_spec"
    bus: Bus | None = None
    pci_slot_number: Long | None = None


def require_supported(spec: Structure, *fields: str) -> None:
    """Raise ``unsupported`` when a specification sets one of the fields that are not heeded."""
    for name in fields:
        if getattr(spec, name):
            code, text = "com.vmware.api.vcenter.vm.unsupported", "%s is not supported."
            raise errors.error("unsupported", code, text, name)


def disk(there: list[Data], spec: DiskCreateSpec) -> Data:
    """Return a new disk for a machine with some devices."""
    require_supported(spec, "backing")
    wanted = spec.new_vmdk or VmdkCreateSpec()
    require_supported(wanted, "name", "storage_policy")
    return data(
        "VirtualDisk",
        capacityInBytes=_DISK if wanted.capacity is None else wanted.capacity,
        backing=data("VirtualDiskFlatVer2BackingInfo", diskMode="persistent", thinProvisioned=True),
        **_place(there, spec, spec.type or "SCSI"),
    )


def card(call: Call, spec: EthernetCreateSpec) -> Data:
    """Return a new network card."""
    if spec.backing is None:
        raise errors.invalid_input("a network card's backing names its network")
    return data(
        _CARDS[spec.type or "VMXNET3"],
        connectable=connectable(spec),
        **card_changes(call, spec),
    )


def card_changes(call: Call, spec: EthernetUpdateSpec) -> dict[str, Any]:
    """Return the fields of a network card that a specification sets, but for its connection."""
    if (spec.mac_type == "MANUAL") != (spec.mac_address is not None):
        raise errors.invalid_input("an address is given if and only if its type is MANUAL")
    return {
        "backing": None if spec.backing is None else _network(call, spec.backing),
        "addressType": spec.mac_type and spec.mac_type.lower(),
        "macAddress": spec.mac_address,
        "wakeOnLanEnabled": spec.wake_on_lan_enabled,
    }


def _network(call: Call, spec: EthernetBackingSpec) -> Data:
    if spec.network is None:
        raise errors.invalid_input("a network card's backing names its network")
    code = "com.vmware.api.vcenter.network.not_found"
    if spec.type == "STANDARD_PORTGROUP":
        found = call.object("Network", spec.network, code, "Network", _ASSIGN)
        return data(
            "VirtualEthernetCardNetworkBackingInfo", deviceName=found["name"], network=found.ref
        )
    kind = "DistributedVirtualPortgroup"
    found = call.object(kind, spec.network, code, "Network", _ASSIGN)
    switch = found["config.distributedVirtualSwitch"]
    port = data(
        "DistributedVirtualSwitchPortConnection",
        portgroupKey=found.moid,
        portKey=spec.distributed_port,
        switchUuid=call.store.value(switch, "uuid"),
    )
    return data("VirtualEthernetCardDistributedVirtualPortBackingInfo", port=port)


def drive(there: list[Data], spec: CdromCreateSpec) -> Data:
    """Return a new CD drive for a machine with some devices."""
    return data(
        "VirtualCdrom",
        backing=drive_backing(spec.backing or CdromBackingSpec(type="CLIENT_DEVICE")),
        connectable=connectable(spec),
        **_place(there, spec, spec.type or "IDE"),
    )


def drive_backing(spec: CdromBackingSpec) -> Data:
    """Return what is behind a CD drive."""
    if (spec.type == "ISO_FILE") != (spec.iso_file is not None):
        raise errors.invalid_input("an ISO file is named if and only if it is the backing")
    if spec.type == "ISO_FILE":
        return data("VirtualCdromIsoBackingInfo", fileName=spec.iso_file)
    exclusive = spec.device_access_type == "PASSTHRU_EXCLUSIVE"
    if spec.type == "CLIENT_DEVICE":
        kind = "VirtualCdromRemotePassthroughBackingInfo"
        return data(kind, deviceName="", useAutoDetect=False, exclusive=exclusive)
    name, guessed = spec.host_device or "", spec.host_device is None
    if spec.device_access_type in (None, "EMULATION"):
        return data("VirtualCdromAtapiBackingInfo", deviceName=name, useAutoDetect=guessed)
    kind = "VirtualCdromPassthroughBackingInfo"
    return data(kind, deviceName=name, useAutoDetect=guessed, exclusive=exclusive)


def connectable(
    spec: EthernetUpdateSpec | CdromUpdateSpec, before: Data | None = None, **changes: bool
) -> Data:
    """Return how a device is connected: as before, with what a specification sets."""
    start = data(
        "VirtualDeviceConnectInfo", startConnected=False, allowGuestControl=False, connected=False
    )
    wanted = {
        "startConnected": spec.start_connected,
        "allowGuestControl": spec.allow_guest_control,
        **changes,
    }
    set_ones = {name: value for name, value in wanted.items() if value is not None}
    return (before or start).having(**set_ones)


def scsi_adapter(there: list[Data], spec: ScsiCreateSpec) -> Data:
    """Return a new SCSI adapter for a machine with some devices."""
    return data(
        _SCSI[spec.type or "LSILOGICSAS"],
        busNumber=_free_bus(there, "SCSI", spec.bus),
        sharedBus=_SHARING[spec.sharing or "NONE"],
        hotAddRemove=True,
        scsiCtlrUnitNumber=_ADAPTER_UNIT,
        controllerKey=100,
    )


def shared(spec: ScsiUpdateSpec) -> dict[str, Any]:
    """Return the fields of a SCSI adapter that a specification sets."""
    return {"sharedBus": spec.sharing and _SHARING[spec.sharing]}


def sata_adapter(there: list[Data], spec: SataCreateSpec) -> Data:
    """Return a new SATA adapter for a machine with some devices."""
    bus = _free_bus(there, "SATA", spec.bus)
    return data("VirtualAHCIController", busNumber=bus, controllerKey=100)


def nvme_adapter(there: list[Data], spec: NvmeCreateSpec) -> Data:
    """Return a new NVMe adapter for a machine with some devices."""
    bus = _free_bus(there, "NVME", spec.bus)
    return data("VirtualNVMEController", busNumber=bus, controllerKey=100)


def _controllers(there: list[Data], bus_type: str) -> list[Data]:
    kinds = _BUSES[bus_type][0]
    return [device for device in there if device.type in kinds]


def _free_bus(there: list[Data], bus_type: str, wanted: int | None) -> int:
    """Return the bus of a new adapter: the one wanted, or the first that is free."""
    taken = {one["busNumber"] for one in _controllers(there, bus_type)}
    if wanted in taken:
        raise _occupied(bus_type)
    buses = range(_BUSES[bus_type][2]) if wanted is None else [wanted]
    free = next((bus for bus in buses if bus not in taken), None)
    if free is None:
        raise _full(bus_type)
    return free


def _place(
    there: list[Data], spec: DiskCreateSpec | CdromCreateSpec, bus_type: BusType
) -> dict[str, int]:
    """Return the controller and the unit there that a new device gets."""
    bus, unit = _wish(spec, bus_type)
    found = [one for one in _controllers(there, bus_type) if bus in (None, one["busNumber"] or 0)]
    if unit is not None and unit >= _BUSES[bus_type][1]:
        raise errors.invalid_input(f"{bus_type} has no unit {unit}")
    for controller in found:
        free = _free_unit(there, controller, bus_type, unit)
        if free is not None:
            return {"controllerKey": controller["key"], "unitNumber": free}
    raise _occupied(bus_type) if found and unit is not None else _full(bus_type)


def _wish(
    spec: DiskCreateSpec | CdromCreateSpec, bus_type: BusType
) -> tuple[int | None, int | None]:
    """Return the bus and unit that a specification asks for; None where any will do."""
    address = getattr(spec, bus_type.lower())
    if address is None:
        return None, None
    if isinstance(address, IdeAddressSpec):
        primary, master = address.primary, address.master
        return _side(primary), _side(master)
    return address.bus, address.unit


def _side(first: bool | None) -> int | None:
    return None if first is None else int(not first)


def _free_unit(
    there: Iterable[Data], controller: Data, bus_type: str, wanted: int | None
) -> int | None:
    taken = {one["unitNumber"] for one in there if one["controllerKey"] == controller["key"]}
    if bus_type == "SCSI":
        taken.add(_ADAPTER_UNIT)
    units = range(_BUSES[bus_type][1]) if wanted is None else [wanted]
    return next((unit for unit in units if unit not in taken), None)


def _occupied(bus_type: str) -> errors.VapiError:
    code = "com.vmware.api.vcenter.vm.hardware.address_in_use"
    return errors.error("resource_in_use", code, "The address on %s is in use.", bus_type)


def _full(bus_type: str) -> errors.VapiError:
    code = "com.vmware.api.vcenter.vm.hardware.no_address_left"
    text = "No address is left on %s."
    return errors.error("unable_to_allocate_resource", code, text, bus_type)
