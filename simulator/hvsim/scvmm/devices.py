"""Parts of machines, templates and hardware profiles: disks, drives, adapters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.scvmm import jobs, machines
from hvsim.scvmm.actions import Call, action
from hvsim.scvmm.errors import VmmError

if TYPE_CHECKING:
    from hvsim.scvmm.server import VmmServer
    from hvsim.scvmm.store import Record

PARTS: Final = (
    "VirtualScsiAdapter",
    "VirtualHardDisk",
    "VirtualDiskDrive",
    "VirtualDVDDrive",
    "VirtualNetworkAdapter",
)
_OFF: Final = ("PowerOff", "Stored", "UnderCreation")
_DEFAULTS: Final[dict[str, dict[str, Any]]] = {
    "VirtualScsiAdapter": {"AdapterNumber": 0, "Shared": False, "Type": "DefaultType"},
    "VirtualHardDisk": {
        "VHDType": "DynamicallyExpanding",
        "VHDFormatType": "VHDX",
        "MaximumSize": 40 * 2**30,
        "Size": 4 * 2**20,
        "OperatingSystem": "Unknown",
        "State": "Normal",
        "Enabled": True,
        "Description": "",
    },
    "VirtualDiskDrive": {"BusType": "IDE", "Bus": 0, "LUN": 0, "VolumeType": "None"},
    "VirtualDVDDrive": {
        "BusType": "IDE",
        "Bus": 1,
        "LUN": 0,
        "Connection": "None",
        "ISOID": None,
        "HostDrive": None,
        "ISOLinked": False,
    },
    "VirtualNetworkAdapter": {
        "MACAddressType": "Dynamic",
        "MACAddress": "",
        "VirtualNetworkID": None,
        "LogicalNetworkID": None,
        "VMNetworkID": None,
        "VMSubnetID": None,
        "PortClassificationID": None,
        "VLanEnabled": False,
        "VLanID": 0,
        "IPv4AddressType": "Dynamic",
        "IPv6AddressType": "Dynamic",
        "IPv4Addresses": [],
        "IPv6Addresses": [],
        "MACAddressSpoofingEnabled": False,
        "EnableVMNetworkOptimization": False,
        "VirtualNetworkAdapterType": "Synthetic",
        "SlotID": 0,
        "Enabled": True,
    },
}


def add(vmm: VmmServer, kind: str, parent: str | None, **given: Any) -> Record:
    """Add a part to something, or a disk to nothing but a library."""
    stamp = {"AddedTime": vmm.world.now, "ModifiedTime": vmm.world.now}
    fields = _DEFAULTS[kind] | stamp | given
    if parent:
        fields["ParentID"] = parent
    return vmm.store.add(kind, vmm.world.streams.uuid(f"{vmm.path}/{kind}"), fields)


def add_disk(
    vmm: VmmServer, owner: Record, name: str, size: int, *, scsi: bool = False, **given: Any
) -> Record:
    """Add a disk and the drive that it is in; return the drive."""
    bus, lun = free_slot(vmm, owner.id, scsi=scsi)
    suffix = "vhd" if vmm.release.legacy else "vhdx"
    folder = owner["Location"] or ""
    path = f"{folder}\\{name}.{suffix}" if folder else ""
    disk = add(
        vmm,
        "VirtualHardDisk",
        owner.id,
        Name=name,
        MaximumSize=size,
        VHDFormatType=suffix.upper(),
        Location=path,
        SharePath=path,
        Directory=folder,
        HostID=owner["VMHostID"],
        **given,
    )
    return add(
        vmm,
        "VirtualDiskDrive",
        owner.id,
        Name=owner.name,
        BusType="SCSI" if scsi else "IDE",
        Bus=bus,
        LUN=lun,
        VirtualHardDiskID=disk.id,
    )


def free_slot(vmm: VmmServer, owner: str, *, scsi: bool) -> tuple[int, int]:
    """Return the first bus and place on it that no drive of something has."""
    word = "SCSI" if scsi else "IDE"
    drives = [
        *vmm.store.parts("VirtualDiskDrive", owner),
        *vmm.store.parts("VirtualDVDDrive", owner),
    ]
    taken = {(one["Bus"], one["LUN"]) for one in drives if one["BusType"] == word}
    places = [(0, lun) for lun in range(64)] if scsi else [(0, 0), (0, 1), (1, 0), (1, 1)]
    for place in places:
        if place not in taken:
            return place
    raise VmmError(802, kind="Bus", name=word, other="VirtualDiskDrive")


def new_mac(vmm: VmmServer) -> str:
    """Return the next address of VMM's own range."""
    number = vmm.world.streams.number(f"{vmm.path}/mac")
    return "00:1D:D8:" + ":".join(f"{number >> shift & 255:02X}" for shift in (16, 8, 0))


def copy(vmm: VmmServer, source: str, owner: Record, *, name: str) -> None:
    """Give something copies of all parts of another: new disks, new addresses."""
    disks: dict[str, str] = {}
    for kind in PARTS:
        for number, part in enumerate(vmm.store.parts(kind, source)):
            fields = {key: value for key, value in part.fields.items() if key != "ParentID"}
            if kind == "VirtualHardDisk":
                fields |= _placed(vmm, owner, f"{name}_disk_{number + 1}", part)
            elif kind == "VirtualDiskDrive":
                fields |= {"Name": name, "VirtualHardDiskID": disks.get(part["VirtualHardDiskID"])}
            elif kind == "VirtualNetworkAdapter":
                fields |= {"Name": name, "MACAddress": _address(vmm, owner)}
            made = add(vmm, kind, owner.id, **fields)
            disks[part.id] = made.id


def _address(vmm: VmmServer, owner: Record) -> str:
    return new_mac(vmm) if owner.kind == "VM" else "00:00:00:00:00:00"


def _placed(vmm: VmmServer, owner: Record, name: str, part: Record) -> dict[str, Any]:
    suffix = str(part["VHDFormatType"] or "VHDX").lower()
    folder = owner["Location"] or part["Directory"] or ""
    path = f"{folder}\\{name}.{suffix}"
    return {
        "Name": name,
        "Location": path,
        "SharePath": path,
        "Directory": folder,
        "HostID": owner["VMHostID"],
        "LibraryShareID": None if owner.kind == "VM" else part["LibraryShareID"],
        "AddedTime": vmm.world.now,
        "ModifiedTime": vmm.world.now,
    }


def owner_of(vmm: VmmServer, ident: str) -> Record:
    """Return the machine, template or profile with an ID; raises error 801."""
    for kind in ("VM", "VMTemplate", "HardwareProfile"):
        found = vmm.store.find(kind, ident)
        if found is not None:
            return found
    raise VmmError(801, kind="VM", name=ident)


def _demand_changeable(call: Call, owner: Record, *, hot: bool) -> None:
    """Refuse (error 640) hardware that is changed only while a machine is off."""
    jobs.demand_free(call.vmm, [owner.id])
    if owner.kind == "VM" and owner["Status"] not in _OFF:
        if hot and owner["Status"] in ("Running", "Saved", "Paused"):
            return
        raise VmmError(640)


@action("NewDevice")
def new(call: Call, Kind: str, Fields: dict[str, Any], Owner: str = "", JobGroup: str = "") -> str:
    """Add a part to something, or to what a job group will make; the part's ID, or nothing."""
    if Kind not in _DEFAULTS:
        raise VmmError(50003, name=Kind)
    if not Owner:
        call.vmm.staged.setdefault(JobGroup, []).append({"Kind": Kind, "Fields": Fields})
        return ""
    owner = owner_of(call.vmm, Owner)
    scsi = Fields.get("BusType") == "SCSI"
    # An adapter needs a machine that is off; a disk on a SCSI bus does not (2008 R2 and later).
    _demand_changeable(call, owner, hot=Kind == "VirtualDiskDrive" and scsi)
    made = build(call.vmm, owner, Kind, Fields)
    jobs.at_once(call, f"Create {Kind}", owner)
    return made.id


def build(vmm: VmmServer, owner: Record, kind: str, given: dict[str, Any]) -> Record:
    """Add a part as a client describes it."""
    fields = dict(given)
    if kind == "VirtualDiskDrive":
        return _build_drive(vmm, owner, fields)
    if kind == "VirtualNetworkAdapter":
        fields.setdefault("Name", owner.name)
        if not fields.get("MACAddress"):
            fields["MACAddress"] = _address(vmm, owner)
        fields["SlotID"] = len(vmm.store.parts(kind, owner.id))
    if kind == "VirtualScsiAdapter":
        fields["AdapterNumber"] = len(vmm.store.parts(kind, owner.id))
    fields.setdefault("Name", owner.name)
    return add(vmm, kind, owner.id, **fields)


def _build_drive(vmm: VmmServer, owner: Record, fields: dict[str, Any]) -> Record:
    scsi = fields.get("BusType") == "SCSI"
    source = fields.pop("VirtualHardDiskID", None)
    size = int(fields.pop("SizeMB", 0) or 40 * 1024) * 2**20
    name = fields.pop("FileName", "") or f"{owner.name}_disk_{len(_disks(vmm, owner)) + 1}"
    kind = fields.pop("VHDType", None) or "DynamicallyExpanding"
    if source:
        size = vmm.store.get("VirtualHardDisk", source)["MaximumSize"]
    place = {key: fields[key] for key in ("Bus", "LUN") if fields.get(key) is not None}
    _demand_free_place(vmm, owner, "SCSI" if scsi else "IDE", place)
    drive = add_disk(vmm, owner, name.rpartition(".")[0] or name, size, scsi=scsi, VHDType=kind)
    vmm.store.change(drive, **place, **{k: v for k, v in fields.items() if k == "VolumeType"})
    return drive


def _demand_free_place(vmm: VmmServer, owner: Record, bus: str, place: dict[str, Any]) -> None:
    if len(place) < 2:
        return
    for kind in ("VirtualDiskDrive", "VirtualDVDDrive"):
        for one in vmm.store.parts(kind, owner.id):
            if (one["BusType"], one["Bus"], one["LUN"]) == (bus, place["Bus"], place["LUN"]):
                raise VmmError(
                    802, kind="Bus", name=f"{bus} {place['Bus']}:{place['LUN']}", other=kind
                )


def _disks(vmm: VmmServer, owner: Record) -> list[Record]:
    return vmm.store.parts("VirtualHardDisk", owner.id)


@action("SetDevice")
def change(call: Call, Kind: str, ID: str, Fields: dict[str, Any]) -> str:
    """Change a part; the ID of the part."""
    part = call.store.get(Kind, ID)
    owner = call.store.find("VM", part["ParentID"]) or part
    hot = Kind in ("VirtualDVDDrive", "VirtualNetworkAdapter", "VirtualHardDisk")
    if owner.kind == "VM":
        _demand_changeable(call, owner, hot=hot)
    call.store.change(part, ModifiedTime=call.world.now, **Fields)
    jobs.at_once(call, f"Change {Kind}", owner)
    return part.id


@action("ResizeDisk")
def resize(call: Call, VirtualDiskDrive: str, Fields: dict[str, Any]) -> str:
    """Expand, convert or compact the disk in a drive; the ID of the drive."""
    drive = call.store.get("VirtualDiskDrive", VirtualDiskDrive)
    owner = owner_of(call.vmm, drive["ParentID"])
    _demand_changeable(call, owner, hot=False)
    disk = call.store.get("VirtualHardDisk", drive["VirtualHardDiskID"])
    size = Fields.get("MaximumSize")
    if size is not None and size < disk["MaximumSize"]:
        raise VmmError(50002, name=str(size), parameter="VirtualHardDiskSizeGB")
    call.store.change(disk, ModifiedTime=call.world.now, **Fields)
    jobs.at_once(call, "Change VirtualHardDisk", owner)
    return drive.id


@action("RemoveDevice")
def remove(call: Call, Kind: str, ID: str) -> None:
    """Remove a part, a drive together with its disk."""
    part = call.store.get(Kind, ID)
    owner = call.store.find("VM", part["ParentID"]) or part
    if owner.kind == "VM":
        scsi = part["BusType"] == "SCSI"
        _demand_changeable(call, owner, hot=Kind == "VirtualDiskDrive" and scsi)
    disk = call.store.find("VirtualHardDisk", part["VirtualHardDiskID"])
    jobs.at_once(call, f"Remove {Kind}", owner)
    call.store.remove(part)
    if disk is not None and disk["ParentID"]:
        call.store.remove(disk)


def sum_of_disks(vmm: VmmServer, owner: str) -> int:
    """Return the bytes that the disks of something have together."""
    return sum(int(disk["MaximumSize"] or 0) for disk in vmm.store.parts("VirtualHardDisk", owner))


def demand_off(vm: Record) -> None:
    """Refuse (error 640) to change the hardware of a machine that is not off."""
    if vm["Status"] not in _OFF:
        raise VmmError(640)


def of_host(vmm: VmmServer, vm: Record) -> str:
    """Return the folder that a machine's disks are to lie in."""
    return str(vm["Location"] or machines.folder_of(vmm.host_of(vm), shared=False))
