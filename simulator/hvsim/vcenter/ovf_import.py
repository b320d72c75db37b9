"""What a package becomes when it is imported: ``OvfManager``, and the specification it makes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from hvsim.vcenter import ovf
from hvsim.vcenter.faults import VimFault
from hvsim.vcenter.methods import Call, method
from hvsim.vcenter.values import Data, Ref, data

if TYPE_CHECKING:
    from hvsim.vcenter.store import Store

CPU, MEMORY, IDE, SCSI, CARD, CDROM, DISK, SATA = 3, 4, 5, 6, 10, 15, 17, 20
_QUIET: Final = frozenset({1, 14, 23, 24})
"""Hardware that every machine has or that makes no difference here (VMCI, floppy, USB, video)."""
_CONTROLLERS: Final = {
    "": "VirtualLsiLogicController",
    "lsilogic": "VirtualLsiLogicController",
    "buslogic": "VirtualBusLogicController",
    "lsilogicsas": "VirtualLsiLogicSASController",
    "virtualscsi": "ParaVirtualSCSIController",
}
_CARDS: Final = {
    "": "VirtualE1000",
    "e1000": "VirtualE1000",
    "e1000e": "VirtualE1000e",
    "pcnet32": "VirtualPCNet32",
    "vmxnet": "VirtualVmxnet",
    "vmxnet2": "VirtualVmxnet2",
    "vmxnet3": "VirtualVmxnet3",
}
_PROVISIONING: Final = ("thin", "thick", "eagerZeroedThick", "monolithicFlat", "flat")
_MIB: Final = 1024 * 1024


@dataclass(slots=True)
class _Making:
    """A specification that is being made.

    Attributes:
        controllers: key and name of each in keys of devices, by the item that asks for it.
    """

    store: Store
    package: ovf.Package
    params: Data
    pool: Ref
    datastore: Ref
    name: str
    changes: list[Data] = field(default_factory=list)
    controllers: dict[str, tuple[int, str]] = field(default_factory=dict)
    items: list[Data] = field(default_factory=list)
    errors: list[VimFault] = field(default_factory=list)

    def add(self, kind: str, *, file: bool = False, **fields: object) -> int:
        """Add a device; return its key."""
        key = -1 - len(self.changes)
        self.changes.append(
            data(
                "VirtualDeviceConfigSpec",
                operation="add",
                fileOperation="create" if file else None,
                device=data(kind, key=key, **fields),
            )
        )
        return key

    def controller(self, item: ovf.Item) -> None:
        """Add a controller, or take one that every machine has."""
        number = ovf.number(item.address)
        if item.type == IDE:
            self.controllers[item.id] = (200 + number % 2, f"VirtualIDEController{number % 2}")
            return
        kind = "VirtualAHCIController" if item.type == SATA else _CONTROLLERS.get(item.subtype)
        if kind is None:
            self.unsupported(item)
            return
        shared = "noSharing" if item.type == SCSI else None
        key = self.add(kind, busNumber=number, sharedBus=shared)
        self.controllers[item.id] = (key, f"{kind}{number}")

    def card(self, item: ovf.Item) -> None:
        """Add a network card."""
        kind = _CARDS.get(item.subtype)
        network = self.network(item.connection)
        if kind is None or network is None:
            self.unsupported(item)
            return
        self.add(kind, addressType="generated", backing=self.plug(network))

    def network(self, name: str) -> Ref | None:
        """Return the network mapped to a package's, else that of its name, else the first."""
        for one in self.params["networkMapping"] or ():
            if one["name"] == name:
                return self.store.get(one["network"]).ref
        known: list[Ref] = self.store.value(self.store.value(self.pool, "owner"), "network") or []
        called = (ref for ref in known if self.store.value(ref, "name") == name)
        return next(called, known[0] if known else None)

    def plug(self, network: Ref) -> Data:
        """Return what a card in a network is backed by."""
        if network.type != "DistributedVirtualPortgroup":
            name = self.store.value(network, "name")
            return data("VirtualEthernetCardNetworkBackingInfo", deviceName=name, network=network)
        switch = self.store.value(network, "config")["distributedVirtualSwitch"]
        port = data(
            "DistributedVirtualSwitchPortConnection",
            portgroupKey=network.moid,
            switchUuid=self.store.value(switch, "uuid"),
        )
        return data("VirtualEthernetCardDistributedVirtualPortBackingInfo", port=port)

    def disk(self, item: ovf.Item) -> None:
        """Add a disk, and the file to be sent for it."""
        held = self.controllers.get(item.parent)
        known = self.package.disks.get(item.resource)
        if held is None or known is None:
            self.unsupported(item)
            return
        size, file = known
        unit = ovf.number(item.address)
        backing = data(
            "VirtualDiskFlatVer2BackingInfo",
            fileName=f"[{self.store.value(self.datastore, 'name')}]",
            diskMode="persistent",
            thinProvisioned=self.params["diskProvisioning"] in (None, "", "thin"),
        )
        self.add(
            "VirtualDisk",
            file=True,
            controllerKey=held[0],
            unitNumber=unit,
            capacityInKB=size // 1024,
            capacityInBytes=size,
            backing=backing,
        )
        if file is not None:
            self.items.append(_file_item(f"/{self.name}/{held[1]}:{unit}", file))

    def drive(self, item: ovf.Item) -> None:
        """Add a CD drive without a medium."""
        held = self.controllers.get(item.parent)
        if held is None:
            self.unsupported(item)
            return
        backing = data("VirtualCdromRemotePassthroughBackingInfo", deviceName="", exclusive=False)
        self.add("VirtualCdrom", controllerKey=held[0], unitNumber=0, backing=backing)

    def unsupported(self, item: ovf.Item) -> None:
        """Note hardware that no machine here has."""
        fault = VimFault(
            "OvfUnsupportedType",
            msg=f"The virtual hardware device type '{item.type}' is not supported.",
            name=item.name,
            instanceId=item.id,
            deviceType=item.type,
        )
        self.errors.append(fault)


def _file_item(device: str, file: ovf.File) -> Data:
    return data(
        "OvfFileItem", deviceId=device, path=file.href, size=file.size, cimType=DISK, create=False
    )


def _hardware(making: _Making) -> tuple[int, int]:
    """Add every device; return the number of CPUs and the MiB of memory."""
    cpus, memory = 1, 32
    ways = {IDE: making.controller, SCSI: making.controller, SATA: making.controller}
    ways |= {CARD: making.card, DISK: making.disk, CDROM: making.drive}
    for item in making.package.items:
        if item.type == CPU:
            cpus = max(item.quantity, 1)
        elif item.type == MEMORY:
            # Without a unit the quantity is in MiB, as products write it that leave it out.
            memory = max(item.quantity // _MIB if item.quantity >= _MIB else item.quantity, 4)
        elif item.type in ways:
            ways[item.type](item)
        elif item.type not in _QUIET:
            making.unsupported(item)
    return cpus, memory


@method("OvfManager.CreateImportSpec")
def create_spec(
    call: Call, this: Ref, ovfDescriptor: str, *, resourcePool: Ref, datastore: Ref, cisp: Data
) -> Data:
    """Return what to import a package with, and its files to send; ``error`` tells refusals."""
    del this
    try:
        package = ovf.parse(ovfDescriptor)
    except VimFault as fault:
        return data("OvfCreateImportSpecResult", error=[fault.localized])
    name = cisp["entityName"] or package.name
    lies = call.store.get(datastore).ref
    pool = call.store.get(resourcePool).ref
    making = _Making(call.store, package, cisp, pool, lies, name)
    cpus, memory = _hardware(making)
    if making.errors:
        told = [fault.localized for fault in making.errors]
        return data("OvfCreateImportSpecResult", error=told)
    config = data(
        "VirtualMachineConfigSpec",
        name=name,
        annotation=package.annotation or None,
        version=package.version if package.version.startswith("vmx-") else None,
        guestId=package.system or "otherGuest",
        files=data("VirtualMachineFileInfo", vmPathName=f"[{call.store.value(lies, 'name')}]"),
        numCPUs=cpus,
        numCoresPerSocket=1,
        memoryMB=memory,
        deviceChange=making.changes,
    )
    spec = data("VirtualMachineImportSpec", configSpec=config, resPoolEntity=pool)
    return data("OvfCreateImportSpecResult", importSpec=spec, fileItem=making.items)


@method("OvfManager.ParseDescriptor")
def parse_descriptor(call: Call, this: Ref, ovfDescriptor: str, pdp: Data) -> Data:
    """Return what a package says of itself."""
    del call, this, pdp
    try:
        package = ovf.parse(ovfDescriptor)
    except VimFault as fault:
        return data(
            "OvfParseDescriptorResult",
            defaultEntityName="",
            virtualApp=False,
            defaultDeploymentOption="",
            error=[fault.localized],
        )
    networks = package.networks.items()
    return data(
        "OvfParseDescriptorResult",
        eula=package.eula or None,
        network=[data("OvfNetworkInfo", name=name, description=text) for name, text in networks],
        annotation=package.annotation or None,
        approximateDownloadSize=package.download,
        approximateFlatDeploymentSize=package.capacity,
        approximateSparseDeploymentSize=package.download,
        defaultEntityName=package.name,
        virtualApp=False,
        defaultDeploymentOption="",
    )


@method("OvfManager.ValidateHost")
def validate_host(call: Call, this: Ref, ovfDescriptor: str, host: Ref, vhp: Data) -> Data:
    """Tell whether a package can be imported on a host, and what room it takes."""
    del this, vhp
    call.store.get(host)
    try:
        package = ovf.parse(ovfDescriptor)
    except VimFault as fault:
        return data("OvfValidateHostResult", error=[fault.localized])
    return data(
        "OvfValidateHostResult",
        downloadSize=package.download,
        flatDeploymentSize=package.capacity,
        sparseDeploymentSize=package.download,
        supportedDiskProvisioning=list(_PROVISIONING),
    )
