"""Virtual machines come into being, are changed and go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.operations import Stage
from hvsim.scvmm import contact, devices, guests, jobs, machines, placement, refresh
from hvsim.scvmm.actions import Call, action
from hvsim.scvmm.errors import VmmError
from hvsim.scvmm.fabric import Guest, State

if TYPE_CHECKING:
    from hvsim.operations import Steps
    from hvsim.scvmm.fabric import Host
    from hvsim.scvmm.store import Record

CREATE: Final = 5.0
CHANGE: Final = 1.0
REMOVE: Final = 3.0
_HARDWARE: Final = {"CPUCount": "cpus", "Memory": "memory"}
"""Fields that Hyper-V changes only while a machine is off, with its own names for them."""
_INHERITED: Final = (
    "CPUCount",
    "CPUType",
    "Memory",
    "DynamicMemoryEnabled",
    "DynamicMemoryMinimumMB",
    "DynamicMemoryMaximumMB",
    "Generation",
    "OperatingSystem",
    "IsHighlyAvailable",
)
"""What a machine has from its template, its profile or the machine it is a copy of."""


@action("NewVirtualMachine")
def new(
    call: Call,
    Name: str,
    Fields: dict[str, Any] | None = None,
    VMTemplate: str = "",
    VM: str = "",
    VirtualHardDisk: str = "",
    HardwareProfile: str = "",
    VMConfiguration: str = "",
    VMHost: str = "",
    VMHostGroup: str = "",
    Cloud: str = "",
    Path: str = "",
    JobGroup: str = "",
    StartVM: bool = False,
    ComputerName: str = "",
) -> dict[str, str]:
    """Make a machine of a template, a copy of another, a disk, or blank: its ID and its job's."""
    vmm = call.vmm
    planned = call.store.get("VMConfiguration", VMConfiguration) if VMConfiguration else None
    source = _source(call, planned["VMTemplateID"] if planned else VMTemplate, VM)
    fields = _inherited(source) | _inherited(call.store.find("HardwareProfile", HardwareProfile))
    fields |= {key: value for key, value in (Fields or {}).items() if value is not None}
    named = (planned and planned["VMHostID"]) or VMHost
    host = _host_for(call, fields, named, VMHostGroup, Cloud)
    clustered = bool(fields.get("IsHighlyAvailable"))
    if clustered and not host.cluster:
        raise VmmError(10608, name=host.fqdn)
    guid = call.world.streams.uuid(f"{vmm.path}/guid")
    made = machines.fields(
        vmm,
        Name,
        BiosGuid=call.world.streams.uuid(f"{vmm.path}/bios"),
        **fields,
        VMId=guid,
        VMHostID=host.managed,
        CloudID=Cloud or None,
        **machines.located(host, Name, guid, shared=clustered, path=Path),
    )
    vm = vmm.store.add("VM", call.world.streams.uuid(f"{vmm.path}/vm"), made)
    parts = source.id if source else HardwareProfile
    staged = vmm.staged.pop(JobGroup, []) if JobGroup else []
    _furnish(call, vm, parts, VirtualHardDisk, staged)
    hostname = ComputerName or Name
    job = jobs.start(
        call, "Create virtual machine", vm, _creating(call, vm, host, hostname, StartVM)
    )
    return {"VM": vm.id, "Job": job}


def _source(call: Call, template: str, vm: str) -> Record | None:
    if template:
        return call.store.get("VMTemplate", template)
    if not vm:
        return None
    found = call.store.get("VM", vm)
    machines.demand_status(found, "PowerOff", "Stored", "Saved", "Running")
    if found["Status"] == "Running" and call.vmm.release.legacy:
        raise VmmError(1730)
    jobs.demand_free(call.vmm, [found.id])
    return found


def _inherited(source: Record | None) -> dict[str, Any]:
    if source is None:
        return {}
    return {key: source[key] for key in _INHERITED if source[key] is not None}


def _host_for(call: Call, fields: dict[str, Any], host: str, group: str, cloud: str) -> Host:
    """Return the host that is named, if it takes machines, or the best of those that may."""
    if host:
        record = call.store.get("VMHost", host)
        placement.demand_available(record)
        return machines.host_behind(call.vmm, record)
    memory = int(fields.get("Memory") or 1024)
    clustered = bool(fields.get("IsHighlyAvailable"))
    return placement.best(call.vmm, memory, group=group, cloud=cloud, clustered=clustered)


def _furnish(call: Call, vm: Record, parts: str, disk: str, staged: list[dict[str, Any]]) -> None:
    vmm = call.vmm
    if parts:
        devices.copy(vmm, parts, vm, name=vm.name)
    if disk:
        source = call.store.get("VirtualHardDisk", disk)
        devices.add_disk(vmm, vm, f"{vm.name}_disk_1", source["MaximumSize"])
    for one in staged:
        devices.build(vmm, vm, one["Kind"], one["Fields"])
    if not parts and not vmm.store.parts("VirtualDVDDrive", vm.id):
        devices.add(vmm, "VirtualDVDDrive", vm.id, Name=vm.name)


def _creating(call: Call, vm: Record, host: Host, hostname: str, start: bool) -> Steps:
    vmm = call.vmm
    try:
        yield from contact.reach(host)
        yield Stage("create", CREATE, 0.1)
        size = devices.sum_of_disks(vmm, vm.id)
        yield Stage("deploy", size / vmm.bandwidth, 0.9)
        yield from contact.reach(host)
    except VmmError:
        vmm.store.change(vm, Status="CreationFailed")
        raise
    guest = Guest(
        vm["VMId"],
        vm.name,
        host.name,
        memory=vm["Memory"],
        cpus=vm["CPUCount"],
        clustered=bool(vm["IsHighlyAvailable"]),
        shared=bool(vm["IsHighlyAvailable"]),
        hostname=f"{hostname}.{vmm.domain}" if "." not in hostname else hostname,
        system=vm["OperatingSystem"],
        services=size > 0,
        disk=size,
        start_action=vm["StartAction"],
        generation=vm["Generation"],
    )
    vmm.fabric.add(guest)
    if start:
        yield from _start(call, vm, host, guest)
    refresh.settle(vmm, vm)
    refresh.heavy(vmm, vm)
    refresh.show_host(vmm, host)


def _start(call: Call, vm: Record, host: Host, guest: Guest) -> Steps:
    try:
        contact.demand_room(call.vmm, host, guest.memory)
        yield Stage("start", CHANGE, 0.95)
        guests.start(call.vmm, guest)
    except VmmError as error:
        jobs.inform(call.vmm, vm, error)


@action("SetVirtualMachine")
def change(call: Call, VM: str, Fields: dict[str, Any]) -> str:
    """Change a machine's name, hardware or settings; the ID of the job."""
    vmm, vm = call.vmm, call.store.get("VM", VM)
    hardware = {key for key in _HARDWARE if key in Fields and Fields[key] != vm[key]}
    if hardware:
        devices.demand_off(vm)
    if not Fields.get("Name", vm.name):
        raise VmmError(50002, name="", parameter="Name")
    host = None if vm["LibraryServerID"] else vmm.host_of(vm)

    def steps() -> Steps:
        before = vm["Status"]
        if host is not None:
            yield from contact.reach(host)
        if hardware:
            vmm.store.change(vm, Status="UnderUpdate")
        yield Stage("change", CHANGE, 0.9)
        vmm.store.change(vm, ModifiedTime=vmm.world.now, Status=before, **Fields)
        guest = vmm.fabric.guests.get(vm["VMId"])
        if guest is not None:
            vmm.fabric.change(guest, **_true_of(Fields))
        refresh.settle(vmm, vm)

    return jobs.start(call, "Change properties of virtual machine", vm, steps())


def _true_of(fields: dict[str, Any]) -> dict[str, Any]:
    """Return what becomes true of a guest with changed fields of its record."""
    names = _HARDWARE | {
        "Name": "name",
        "StartAction": "start_action",
        "ClusterPriority": "priority",
        "OperatingSystem": "system",
    }
    return {names[key]: value for key, value in fields.items() if key in names}


@action("RemoveVirtualMachine")
def remove(call: Call, VM: str, Force: bool = False) -> str:
    """Delete a machine with its files; with ``Force`` only from VMM's database.

    What is only forgotten is still on its host, and comes back with the next refresh of that.
    """
    vmm, vm = call.vmm, call.store.get("VM", VM)
    lost = ("Missing", "CreationFailed", "IncompleteVMConfig", "MigrationFailed")
    if not Force:
        machines.demand_status(vm, "PowerOff", "Saved", "Stored", *lost)
    only_record = Force or vm["Status"] in (*lost, "Stored")
    host = None if only_record else vmm.host_of(vm)

    def steps() -> Steps:
        before = vm["Status"]
        vmm.store.change(vm, Status="Deleting")
        try:
            if host is not None:
                yield from contact.reach(host)
                guest = contact.guest_of(vmm, vm, host)
                contact.demand(host, guest, State.OFF, State.SAVED)
            yield Stage("remove", REMOVE, 0.9)
        except VmmError:
            vmm.store.change(vm, Status=before)
            refresh.settle(vmm, vm)
            raise
        _forget(call, vm, delete=not only_record)

    return jobs.start(call, "Remove virtual machine", vm, steps())


def _forget(call: Call, vm: Record, *, delete: bool) -> None:
    vmm = call.vmm
    guest = vmm.fabric.guests.get(vm["VMId"])
    vmm.shelf.pop(vm.id, None)
    vmm.store.remove(vm)
    if guest is None:
        return
    if delete:
        vmm.fabric.remove(guest)
    else:
        refresh.notice_host(vmm, vmm.fabric.hosts[guest.host])


@action("StoreVirtualMachine")
def store(call: Call, VM: str, LibraryServer: str, SharePath: str = "") -> str:
    """Move a machine that does not run from its host into the library."""
    vmm, vm = call.vmm, call.store.get("VM", VM)
    machines.demand_status(vm, "PowerOff", "Saved")
    server = call.store.get("LibraryServer", LibraryServer)
    shares = [s for s in vmm.store.of("LibraryShare") if s["LibraryServerID"] == server.id]
    path = SharePath or next((str(share["Path"]) for share in shares), "")
    if not any(path.lower().startswith(str(share["Path"]).lower()) for share in shares):
        raise VmmError(2904, name=path, server=server.name)
    host = vmm.host_of(vm)

    def steps() -> Steps:
        vmm.store.change(vm, Status="UnderMigration")
        try:
            yield from contact.reach(host)
            guest = contact.guest_of(vmm, vm, host)
            contact.demand(host, guest, State.OFF, State.SAVED)
            yield Stage("store", CREATE + guest.disk / vmm.bandwidth, 0.9)
            contact.demand(host, contact.guest_of(vmm, vm, host), State.OFF, State.SAVED)
        except VmmError:
            refresh.settle(vmm, vm)
            raise
        vmm.shelf[vm.id] = guest
        vmm.fabric.remove(guest)
        place = {"LibraryServerID": server.id, "VMHostID": None, "Location": f"{path}\\{vm.name}"}
        vmm.store.change(vm, Status="Stored", IsHighlyAvailable=False, **place)

    return jobs.start(call, "Store virtual machine in library", vm, steps())


def deploy(call: Call, vm: Record, host: Host, path: str, *, clustered: bool) -> Steps:
    """Give the stages of moving a stored machine onto a host."""
    vmm = call.vmm
    vmm.store.change(vm, Status="UnderMigration")
    guest = vmm.shelf[vm.id]
    try:
        yield from contact.reach(host)
        yield Stage("deploy", CREATE + guest.disk / vmm.bandwidth, 0.9)
        yield from contact.reach(host)
    except VmmError:
        vmm.store.change(vm, Status="Stored")
        raise
    del vmm.shelf[vm.id]
    guest.host, guest.clustered, guest.shared, guest.online = host.name, clustered, clustered, False
    vmm.fabric.add(guest)
    place = machines.located(host, vm.name, guest.guid, shared=clustered, path=path)
    vmm.store.change(vm, LibraryServerID=None, VMHostID=host.managed, **place)
    refresh.settle(vmm, vm)
    refresh.show_host(vmm, host)


@action("NewVMConfiguration")
def plan(call: Call, Name: str, VMTemplate: str) -> str:
    """Plan the placement of a machine that is to be made of a template; the plan's ID."""
    template = call.store.get("VMTemplate", VMTemplate)
    fields = {"Name": Name, "VMTemplateID": template.id, "VMHostID": None, "Description": ""}
    made = call.store.add("VMConfiguration", call.world.streams.uuid(call.vmm.path), fields)
    return made.id


@action("SetVMConfiguration")
def change_plan(call: Call, VMConfiguration: str, Fields: dict[str, Any]) -> str:
    """Change a planned placement."""
    planned = call.store.get("VMConfiguration", VMConfiguration)
    call.store.change(planned, **Fields)
    return planned.id


@action("UpdateVMConfiguration")
def place(call: Call, VMConfiguration: str) -> str:
    """Let VMM choose the best host for a planned machine that has none."""
    planned = call.store.get("VMConfiguration", VMConfiguration)
    if not planned["VMHostID"]:
        template = call.store.get("VMTemplate", planned["VMTemplateID"])
        group = planned["VMHostGroupID"] or ""
        host = placement.best(call.vmm, int(template["Memory"] or 1024), group=group)
        call.store.change(planned, VMHostID=host.managed)
    return planned.id
