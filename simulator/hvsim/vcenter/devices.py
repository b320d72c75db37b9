"""Virtual devices: added, edited and removed by a configuration's specification."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.vcenter.faults import VimFault, bad_argument
from hvsim.vcenter.values import Data, Ref, data

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hvsim.vcenter.server import VCenter
    from hvsim.vcenter.shape import Draft

_FIRST_KEYS: Final = {"VirtualDisk": 2000, "SCSI": 1000, "SAS": 1000, "Cdrom": 3000, "card": 4000}


def apply(vcenter: VCenter, vm: Ref, changes: Iterable[Data]) -> None:
    """Carry out changes of devices, and let what is counted of them follow."""
    store = vcenter.store
    devices: list[Data] = list(store.value(vm, "config.hardware.device"))
    keys: dict[int, int] = {}
    touched = False
    for at, change in enumerate(changes):
        touched = True
        operation = change["operation"]
        if operation == "add":
            devices.append(_added(vcenter, vm, change["device"], devices, keys))
            continue
        index = _index(devices, change["device"], at)
        if operation == "remove":
            del devices[index]
        else:
            edited = devices[index].having(**change["device"].fields)
            edited = _sized(edited, change["device"])
            if (edited["capacityInKB"] or 0) < (devices[index]["capacityInKB"] or 0):
                # A disk is never made smaller.
                place = f"deviceChange[{at}].device.capacityInKB"
                raise VimFault("InvalidDeviceSpec", deviceIndex=at, property=place)
            devices[index] = edited
    if touched:
        store.change(vm, "config.hardware.device", attached(devices))
        _count(vcenter, vm, devices)


def attached(devices: Iterable[Data]) -> list[Data]:
    """Return devices such that each controller lists what is attached to it, by key."""
    known = list(devices)
    held: dict[int, list[int]] = {}
    for device in known:
        if device["controllerKey"] is not None:
            held.setdefault(device["controllerKey"], []).append(device["key"])
    return [
        device.having(device=held.get(device["key"])) if _holds(device) else device
        for device in known
    ]


def _holds(device: Data) -> bool:
    return device["busNumber"] is not None


def is_card(device: Data) -> bool:
    """Whether a device is a network card."""
    return device.type in (
        "VirtualE1000",
        "VirtualE1000e",
        "VirtualVmxnet",
        "VirtualVmxnet2",
        "VirtualVmxnet3",
        "VirtualPCNet32",
        "VirtualSriovEthernetCard",
    )


def copied(vcenter: VCenter, device: Data, draft: Draft) -> Data:
    """Return a device as the copy of a machine has it: own addresses, own files."""
    if is_card(device):
        return device.having(macAddress=vcenter.new_mac())
    if device.type == "VirtualDisk" and device["backing"] is not None:
        number = "" if device["unitNumber"] in (0, None) else f"_{device['unitNumber']}"
        name = f"{draft.path}/{draft.name}{number}.vmdk"
        backing = device["backing"].having(fileName=name, datastore=draft.datastore, parent=None)
        return device.having(backing=backing, diskObjectId=f"{draft.uuid}-{device['key']}")
    return device


def _index(devices: list[Data], wanted: Data, at: int) -> int:
    for index, device in enumerate(devices):
        if device["key"] == wanted["key"]:
            return index
    raise VimFault("InvalidDeviceSpec", deviceIndex=at, property=f"deviceChange[{at}].device.key")


def _added(
    vcenter: VCenter, vm: Ref, device: Data, devices: list[Data], keys: dict[int, int]
) -> Data:
    """Return a new device with its key, label, place and files."""
    family = _family(device)
    used = {other["key"] for other in devices}
    wanted = device["key"]
    key = wanted if wanted is not None and wanted > 0 and wanted not in used else None
    if key is None:
        key = next(n for n in range(_FIRST_KEYS.get(family, 9000), 99_999) if n not in used)
    if wanted is not None:
        keys[wanted] = key
    controller = keys.get(device["controllerKey"] or 0, device["controllerKey"])
    made = device.having(key=key, controllerKey=controller)
    if family == "card":
        return _new_card(vcenter, vm, made, devices)
    if family == "VirtualDisk":
        return _new_disk(vcenter, vm, made, devices)
    return _labelled(made, device.type.removeprefix("Virtual"))


def _family(device: Data) -> str:
    if is_card(device):
        return "card"
    for word in ("VirtualDisk", "Cdrom"):
        if word in device.type:
            return word
    return "SCSI" if "SCSI" in device.type or "Logic" in device.type else "other"


def _labelled(device: Data, label: str, summary: str | None = None) -> Data:
    return device.having(deviceInfo=data("Description", label=label, summary=summary or label))


def _new_card(vcenter: VCenter, vm: Ref, device: Data, devices: list[Data]) -> Data:
    number = sum(1 for other in devices if is_card(other))
    backing: Data | None = device["backing"]
    network = _network_of(vcenter, vm, backing)
    name: str = vcenter.store.value(network, "name") if network else "none"
    if backing is not None and "deviceName" in backing:
        backing = backing.having(network=network)
    connectable = device["connectable"] or data(
        "VirtualDeviceConnectInfo", startConnected=True, allowGuestControl=True, connected=False
    )
    made = device.having(
        backing=backing,
        connectable=connectable,
        controllerKey=device["controllerKey"] or 100,
        unitNumber=7 + number,
        addressType=device["addressType"] or "assigned",
        macAddress=device["macAddress"] or vcenter.new_mac(),
        wakeOnLanEnabled=device.get("wakeOnLanEnabled", True),
    )
    return _labelled(made, f"Network adapter {number + 1}", name)


def _network_of(vcenter: VCenter, vm: Ref, backing: Data | None) -> Ref | None:
    """Return the network that a card's backing names; refuse one that the host has not."""
    store = vcenter.store
    if backing is None:
        return None
    known: list[Ref] = store.value(store.value(vm, "runtime.host"), "network") or []
    port: Data | None = backing["port"]
    if port is not None:
        return next((ref for ref in known if ref.moid == port["portgroupKey"]), None)
    named = backing["network"] or next(
        (ref for ref in known if store.value(ref, "name") == backing["deviceName"]), None
    )
    if named is None:
        raise VimFault(
            "InvalidDeviceBacking", property="deviceChange.device.backing", deviceIndex=0
        )
    found: Ref = named
    return found


def _new_disk(vcenter: VCenter, vm: Ref, device: Data, devices: list[Data]) -> Data:
    store = vcenter.store
    number = sum(1 for other in devices if other.type == "VirtualDisk")
    size = device["capacityInBytes"] or (device["capacityInKB"] or 0) * 1024
    if size < 0:
        raise bad_argument("deviceChange.device.capacityInKB")
    units = {o["unitNumber"] for o in devices if o["controllerKey"] == device["controllerKey"]}
    unit = device["unitNumber"]
    if unit is None or unit < 0 or unit in units:
        unit = next(n for n in range(64) if n != 7 and n not in units)
    datastore: Ref = store.value(vm, "datastore")[0]
    backing: Data = device["backing"] or data(
        "VirtualDiskFlatVer2BackingInfo", diskMode="persistent"
    )
    if not backing["fileName"] or backing["fileName"].endswith("]"):
        folder: str = store.value(vm, "config.files.logDirectory")
        suffix = f"_{number}" if number else ""
        name: str = store.value(vm, "name")
        backing = backing.having(fileName=f"{folder}{name}{suffix}.vmdk")
    made = device.having(
        backing=backing.having(datastore=backing["datastore"] or datastore),
        unitNumber=unit,
        capacityInKB=size // 1024,
        capacityInBytes=size,
        diskObjectId=f"{vm.moid}-{device['key']}",
    )
    return _labelled(made, f"Hard disk {number + 1}", f"{size // 1024:,} KB")


def _sized(device: Data, given: Data) -> Data:
    """Let the two fields of a disk's size say the same after one was given."""
    if device.type != "VirtualDisk":
        return device
    if "capacityInBytes" in given:
        return device.having(capacityInKB=device["capacityInBytes"] // 1024)
    return device.having(capacityInBytes=device["capacityInKB"] * 1024)


def _count(vcenter: VCenter, vm: Ref, devices: list[Data]) -> None:
    """Let the summary and the list of networks follow the devices."""
    store = vcenter.store
    cards = [device for device in devices if is_card(device)]
    counts: dict[str, Any] = {
        "summary.config.numEthernetCards": len(cards),
        "summary.config.numVirtualDisks": sum(1 for d in devices if d.type == "VirtualDisk"),
    }
    for path, value in counts.items():
        store.change(vm, path, value)
    wanted: list[Ref] = []
    for card in cards:
        network = _network_of(vcenter, vm, card["backing"])
        if network is not None and network not in wanted:
            wanted.append(network)
    for old in store.value(vm, "network") or ():
        if old not in wanted and store.exists(old):
            store.discard(old, "vm", vm)
    for new in wanted:
        store.append(new, "vm", vm)
    store.change(vm, "network", wanted)
