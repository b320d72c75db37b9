"""``com.vmware.vcenter.VM``: machines listed, read, made, cloned, moved and removed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.vcenter.faults import VimFault
from hvsim.vcenter.values import Data, Ref, data
from hvsim_fakes.vcenter.rest import devices, errors, selecting, systems
from hvsim_fakes.vcenter.rest.call import READ, VIEW
from hvsim_fakes.vcenter.rest.creation import NOT_MADE, CreateSpec, changes_of
from hvsim_fakes.vcenter.rest.hardware import (
    BootInfo,
    CpuInfo,
    HardwareInfo,
    MemoryInfo,
    boot_of,
    cpus_of,
    hardware_of,
    memory_of,
)
from hvsim_fakes.vcenter.rest.identity import VM, PowerState, machine, power_of
from hvsim_fakes.vcenter.rest.making import require_supported
from hvsim_fakes.vcenter.rest.operations import Route, listing, operation, reading
from hvsim_fakes.vcenter.rest.placement import Place, PlacementSpec, datastore_path, place_of
from hvsim_fakes.vcenter.rest.structures import Structure

if TYPE_CHECKING:
    from hvsim.vcenter.store import ManagedObject
    from hvsim_fakes.vcenter.rest.call import Call

SERVICE: Final = "com.vmware.vcenter.VM"
_PATH: Final = "/vcenter/vm"
_ONE: Final = f"{_PATH}/{{vm}}"
_MOST: Final = 4_000
_COPY: Final = "VirtualMachine.Inventory.CreateFromExisting"
_CODE: Final = "com.vmware.api.vcenter.vm"


class Filter(Structure):
    """Which machines are listed."""

    vapi = "com.vmware.vcenter.VM.filter_spec"
    vms: list[str] | None = None
    names: list[str] | None = None
    folders: list[str] | None = None
    datacenters: list[str] | None = None
    hosts: list[str] | None = None
    clusters: list[str] | None = None
    resource_pools: list[str] | None = None
    power_states: list[PowerState] | None = None


class Summary(Structure):
    """A machine in a list."""

    vapi = "com.vmware.vcenter.VM.summary"
    vm: str
    name: str
    power_state: PowerState
    cpu_count: int | None = None
    memory_size_MiB: int | None = None  # noqa: N815 - the API's name


class IdentityInfo(Structure):
    """What identifies a machine."""

    vapi = "com.vmware.vcenter.vm.identity.info"
    name: str
    bios_uuid: str
    instance_uuid: str


class DeviceEntry(Structure):
    """A device that a machine boots from."""

    vapi = "com.vmware.vcenter.vm.hardware.boot.device.entry"
    type: str
    nic: str | None = None
    disks: list[str] | None = None


class Info(Structure):
    """A machine."""

    vapi = "com.vmware.vcenter.VM.info"
    guest_OS: str  # noqa: N815 - the API's name
    name: str
    power_state: PowerState
    hardware: HardwareInfo
    boot: BootInfo
    boot_devices: list[DeviceEntry]
    cpu: CpuInfo
    memory: MemoryInfo
    disks: dict[str, devices.DiskInfo]
    nics: dict[str, devices.EthernetInfo]
    cdroms: dict[str, devices.CdromInfo]
    floppies: dict[str, str]
    parallel_ports: dict[str, str]
    serial_ports: dict[str, str]
    sata_adapters: dict[str, devices.SataInfo]
    scsi_adapters: dict[str, devices.ScsiInfo]
    nvme_adapters: dict[str, devices.NvmeInfo] | None = None
    identity: IdentityInfo | None = None
    instant_clone_frozen: bool | None = None


class ClonePlacementSpec(PlacementSpec):
    """Where a clone is put."""

    vapi = "com.vmware.vcenter.VM.clone_placement_spec"


class RelocatePlacementSpec(PlacementSpec):
    """Where a machine is moved."""

    vapi = "com.vmware.vcenter.VM.relocate_placement_spec"


class RegisterPlacementSpec(Structure):
    """Where a machine is registered."""

    vapi = "com.vmware.vcenter.VM.register_placement_spec"
    folder: str | None = None
    resource_pool: str | None = None
    host: str | None = None
    cluster: str | None = None


class CloneSpec(Structure):
    """What a machine is cloned by."""

    vapi = "com.vmware.vcenter.VM.clone_spec"
    source: str
    name: str
    placement: ClonePlacementSpec | None = None
    power_on: bool | None = None
    disks_to_remove: Any = None
    disks_to_update: Any = None
    guest_customization_spec: Any = None


class RelocateSpec(Structure):
    """What a machine is moved by."""

    vapi = "com.vmware.vcenter.VM.relocate_spec"
    placement: RelocatePlacementSpec | None = None
    disks: Any = None


class RegisterSpec(Structure):
    """What a machine is registered by: datastore and path in it, or both as one."""

    vapi = "com.vmware.vcenter.VM.register_spec"
    datastore: str | None = None
    path: str | None = None
    datastore_path: str | None = None
    name: str | None = None
    placement: RegisterPlacementSpec | None = None


_route, _takes = listing(_PATH, Filter)


@operation(f"{SERVICE}.list", _route, takes=_takes)
def list_machines(call: Call, filter: Filter | None) -> list[Summary]:
    """Return the machines that fit a filter; templates are none."""
    wanted = filter or Filter()
    fitting = (
        found
        for found in call.seen("VirtualMachine", READ)
        if not found["config.template"] and _fits(call, found, wanted)
    )
    chosen = selecting.bounded(fitting, _MOST, f"{_CODE}.list.too_many_matches", "virtual machines")
    return [_summary(found) for found in chosen]


def _fits(call: Call, found: ManagedObject, wanted: Filter) -> bool:
    return (
        selecting.is_among(found.moid, wanted.vms)
        and selecting.is_called(found, wanted.names)
        and (not wanted.power_states or power_of(found) in wanted.power_states)
        and selecting.lies_in(found, wanted.folders)
        and selecting.is_among(found["runtime.host"].moid, wanted.hosts)
        and (not wanted.resource_pools or _in_pool(found, wanted.resource_pools))
        and selecting.in_datacenter(call, found, wanted.datacenters)
        and (not wanted.clusters or _on_cluster(call, found, wanted.clusters))
    )


def _in_pool(found: ManagedObject, wanted: list[str]) -> bool:
    pool: Ref | None = found["resourcePool"]
    return pool is not None and selecting.is_among(pool.moid, wanted)


def _on_cluster(call: Call, found: ManagedObject, wanted: list[str]) -> bool:
    host: Ref = found["runtime.host"]
    if not call.store.exists(host):
        return False
    return selecting.in_cluster(call, call.store.get(host), wanted)


def _summary(found: ManagedObject) -> Summary:
    return Summary(
        vm=found.moid,
        name=selecting.shown(found["name"]),
        power_state=power_of(found),
        cpu_count=found["config.hardware.numCPU"],
        memory_size_MiB=found["config.hardware.memoryMB"],
    )


@operation(f"{SERVICE}.get", reading(_ONE), takes=VM)
def get(call: Call, vm: str) -> Info:
    """Return a machine."""
    found = machine(call, vm)
    name = selecting.shown(found["name"])
    return Info(
        guest_OS=systems.name_of(found["config.guestId"]),
        name=name,
        identity=IdentityInfo(
            name=name,
            bios_uuid=found["config.uuid"],
            instance_uuid=found["config.instanceUuid"],
        ),
        power_state=power_of(found),
        instant_clone_frozen=False,
        hardware=hardware_of(found),
        boot=boot_of(found),
        boot_devices=[],
        cpu=cpus_of(found),
        memory=memory_of(found),
        disks=devices.disks(found),
        nics=devices.cards(found),
        cdroms=devices.drives(found),
        floppies={},
        parallel_ports={},
        serial_ports={},
        sata_adapters=devices.sata_adapters(found),
        scsi_adapters=devices.scsi_adapters(found),
        nvme_adapters=devices.nvme_adapters(found),
    )


@operation(
    f"{SERVICE}.create",
    Route("POST", _PATH, old_path=_PATH, body="spec", status=201),
    takes={"spec": CreateSpec},
    privilege="VirtualMachine.Inventory.Create",
    is_write=True,
    locked=False,
)
def create(call: Call, spec: CreateSpec) -> str:
    """Make a machine; return its identifier."""
    require_supported(spec, *NOT_MADE)
    with call.world.access():
        place = place_of(call, spec.placement, call.privilege)
        folder, pool = _required(place.folder, "folder"), _required(place.pool, "resource_pool")
        config = data(
            "VirtualMachineConfigSpec",
            name=spec.name or f"New Virtual Machine ({spec.guest_OS})",
            files=data("VirtualMachineFileInfo", vmPathName=datastore_path(call, place)),
            **changes_of(call, spec),
        )
    made: Ref = call.carry_out(folder, "CreateVM_Task", config=config, pool=pool, host=place.host)
    return made.moid


@operation(
    f"{SERVICE}.clone",
    Route("POST", _PATH, action="clone", old_path=_PATH, old_action="clone", body="spec"),
    takes={"spec": CloneSpec},
    privilege="VirtualMachine.Provisioning.Clone",
    is_write=True,
    locked=False,
    is_taskable=True,
)
def clone(call: Call, spec: CloneSpec) -> str:
    """Make a copy of a machine; return the identifier of it, or of the task."""
    require_supported(spec, "disks_to_remove", "disks_to_update", "guest_customization_spec")
    with call.world.access():
        source = machine(call, spec.source)
        place = place_of(call, spec.placement, _COPY)
        folder: Ref = place.folder or source["parent"]
        call.demand(_COPY, folder)
        wanted = data("VirtualMachineCloneSpec", location=_location(place), template=False)
        wanted = wanted.having(powerOn=bool(spec.power_on))
    args = {"folder": folder, "name": spec.name, "spec": wanted}
    if call.as_task:
        return call.full_id(call.begin(source.ref, "CloneVM_Task", **args).moid)
    made: Ref = call.carry_out(source.ref, "CloneVM_Task", **args)
    return made.moid


@operation(
    f"{SERVICE}.relocate",
    Route("POST", _ONE, action="relocate", old_path=_ONE, old_action="relocate", body="spec"),
    takes=VM | {"spec": RelocateSpec},
    privilege="Resource.ColdMigrate",
    is_write=True,
    locked=False,
    is_taskable=True,
)
def relocate(call: Call, vm: str, spec: RelocateSpec) -> str | None:
    """Move a machine; return the identifier of the task, if one is asked for."""
    require_supported(spec, "disks")
    with call.world.access():
        found = machine(call, vm)
        place = place_of(call, spec.placement, VIEW)
        wanted = _location(place).having(folder=place.folder)
    if call.as_task:
        return call.full_id(call.begin(found.ref, "RelocateVM_Task", spec=wanted).moid)
    call.carry_out(found.ref, "RelocateVM_Task", spec=wanted)
    return None


def _location(place: Place) -> Data:
    return data(
        "VirtualMachineRelocateSpec", pool=place.pool, host=place.host, datastore=place.datastore
    )


@operation(
    f"{SERVICE}.delete",
    Route("DELETE", _ONE, old_path=_ONE),
    takes=VM,
    privilege="VirtualMachine.Inventory.Delete",
    is_write=True,
    locked=False,
)
def delete(call: Call, vm: str) -> None:
    """Remove a machine that is off, with its files."""
    with call.world.access():
        found = machine(call, vm)
    try:
        call.carry_out(found.ref, "Destroy_Task")
    except VimFault as fault:
        text = "Virtual machine with identifier '%s' cannot be deleted."
        told = errors.message(f"{_CODE}.delete_failed", text, call.full_id(found.moid))
        raise errors.from_vim(fault, told) from fault


@operation(
    f"{SERVICE}.register",
    Route("POST", _PATH, action="register", old_path=_PATH, old_action="register", body="spec"),
    takes={"spec": RegisterSpec},
    privilege="VirtualMachine.Inventory.Register",
    is_write=True,
    locked=False,
)
def register(call: Call, spec: RegisterSpec) -> str:
    """Put a machine whose files are there into the inventory; return its identifier."""
    with call.world.access():
        place = place_of(call, spec.placement, call.privilege)
        folder = _required(place.folder, "folder")
        path = _path(call, spec)
    made: Ref = call.carry_out(
        folder,
        "RegisterVM_Task",
        path=path,
        name=spec.name,
        asTemplate=False,
        pool=place.pool,
        host=place.host,
    )
    return made.moid


def _path(call: Call, spec: RegisterSpec) -> str:
    if spec.datastore_path is not None:
        return spec.datastore_path
    if spec.datastore is None or spec.path is None:
        raise errors.invalid_input("either datastore and path or datastore_path must be set")
    code = "com.vmware.api.vcenter.datastore.not_found"
    found = call.object("Datastore", spec.datastore, code, "Datastore", READ)
    return f"[{found['name']}] {spec.path.lstrip('/')}"


@operation(
    f"{SERVICE}.unregister",
    Route("POST", _ONE, action="unregister", old_path=_ONE, old_action="unregister"),
    takes=VM,
    privilege="VirtualMachine.Inventory.Unregister",
    is_write=True,
)
def unregister(call: Call, vm: str) -> None:
    """Take a machine that is off out of the inventory; its files stay."""
    call.perform(machine(call, vm).ref, "UnregisterVM")


def _required(ref: Ref | None, name: str) -> Ref:
    if ref is None:
        raise errors.invalid_input(f"placement.{name} must be set")
    return ref
