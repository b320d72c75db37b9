"""Virtual machines: made, cloned, reconfigured, registered, turned to templates and destroyed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.operations import Stage
from hvsim.vcenter import (
    customfield,
    devices,
    entity,
    event,
    guest,
    host,
    names,
    placement,
    power,
    shape,
    task,
)
from hvsim.vcenter.faults import VimFault, bad_argument
from hvsim.vcenter.folder import require_kind
from hvsim.vcenter.methods import Call, method
from hvsim.vcenter.server import Inside
from hvsim.vcenter.values import Data, Ref, data, now

if TYPE_CHECKING:
    from hvsim.operations import Steps
    from hvsim.vcenter.server import VCenter

CREATE: Final = 2.0
RECONFIGURE: Final = 1.0
REMOVE: Final = 1.0
_GUEST_NAMES: Final = {
    "otherGuest": "Other (32-bit)",
    "otherGuest64": "Other (64-bit)",
    "debian12_64Guest": "Debian GNU/Linux 12 (64-bit)",
    "rhel9_64Guest": "Red Hat Enterprise Linux 9 (64-bit)",
    "ubuntu64Guest": "Ubuntu Linux (64-bit)",
    "windows9Server64Guest": "Microsoft Windows Server 2016 (64-bit)",
}
_DIRECT: Final = {
    "annotation": "config.annotation",
    "numCPUs": "config.hardware.numCPU",
    "numCoresPerSocket": "config.hardware.numCoresPerSocket",
    "memoryHotAddEnabled": "config.memoryHotAddEnabled",
    "cpuHotAddEnabled": "config.cpuHotAddEnabled",
    "cpuHotRemoveEnabled": "config.cpuHotRemoveEnabled",
    "cpuAllocation": "config.cpuAllocation",
    "memoryAllocation": "config.memoryAllocation",
    "firmware": "config.firmware",
    "uuid": "config.uuid",
    "instanceUuid": "config.instanceUuid",
    "version": "config.version",
    "alternateGuestName": "config.alternateGuestName",
    "changeTrackingEnabled": "config.changeTrackingEnabled",
    "nestedHVEnabled": "config.nestedHVEnabled",
    "latencySensitivity": "config.latencySensitivity",
    "migrateEncryption": "config.migrateEncryption",
    "ftEncryptionMode": "config.ftEncryptionMode",
}
"""Fields of a configuration's specification that a property has as they are."""
_OF_TEMPLATES: Final = frozenset({"annotation", "changeVersion", "name"})
"""What can be changed of a template."""
_MERGED: Final = {
    "bootOptions": "config.bootOptions",
    "tools": "config.tools",
    "flags": "config.flags",
    "powerOpInfo": "config.defaultPowerOps",
}


@method("Folder.CreateVM_Task")
def create(call: Call, this: Ref, config: Data, pool: Ref, host: Ref | None = None) -> Ref:
    """Make a virtual machine."""

    def steps() -> Steps:
        require_kind(call.store, this, "VirtualMachine")
        name = entity.free_name(call.store, this, config["name"] or "")
        target = _host_for(call.vcenter, pool, host)
        draft = _draft(call.vcenter, config, name, folder=this, pool=pool, host=target)
        event.post(
            call.vcenter,
            "VmBeingCreatedEvent",
            this,
            f"Creating {name}",
            user=call.caller.user,
            host=target,
            template=False,
        )
        yield Stage("create", CREATE, 0.9)
        ref = add(call.vcenter, draft, Inside())
        devices.apply(call.vcenter, ref, config["deviceChange"] or ())
        reconfigured(call.vcenter, ref, config)
        _tell_identity(call, ref)
        power.post(call, ref, "VmCreatedEvent", "Created virtual machine {vm} on {host}")
        return ref

    return task.start(call, this, steps(), locks=())


def _tell_identity(call: Call, ref: Ref) -> None:
    """Post which identifiers a new machine was given."""
    name, config = call.store.value(ref, "name"), call.store.value(ref, "config")
    for kind, field, text in (
        ("VmInstanceUuidAssignedEvent", "instanceUuid", "instance UUID"),
        ("VmUuidAssignedEvent", "uuid", "BIOS UUID"),
    ):
        more: dict[str, Any] = {field: config[field]}
        told = f"Assigned new {text} ({config[field]}) to {name}"
        event.post(call.vcenter, kind, ref, told, user=call.caller.user, **more)


def _host_for(vcenter: VCenter, pool: Ref, host: Ref | None) -> Ref:
    """Return the host that a new machine is registered on."""
    owner: Ref = vcenter.store.value(pool, "owner")
    if host is not None:
        if vcenter.store.value(host, "parent") != owner:
            raise bad_argument("host")
        placement.require_host(vcenter, host)
        return host
    hosts: list[Ref] = vcenter.store.value(owner, "host")
    for ref in sorted(hosts, key=lambda ref: placement.load(vcenter, ref)):
        try:
            placement.require_host(vcenter, ref)
        except VimFault:
            continue
        return ref
    raise VimFault("NoCompatibleHost")


def _draft(
    vcenter: VCenter, config: Data, name: str, *, folder: Ref, pool: Ref, host: Ref
) -> shape.Draft:
    store, streams = vcenter.store, vcenter.world.streams
    files = config["files"]
    path = files["vmPathName"] if files else None
    datastore, directory = datastore_of(vcenter, host, path)
    guest_id = config["guestId"] or "otherGuest"
    return shape.Draft(
        name=name,
        folder=folder,
        host=host,
        pool=pool,
        datastore=datastore,
        datastore_name=store.value(datastore, "name"),
        uuid=config["uuid"] or streams.uuid(f"{vcenter.path}/bios"),
        instance_uuid=config["instanceUuid"] or streams.uuid(f"{vcenter.path}/vm"),
        created=now(vcenter.world),
        memory=config["memoryMB"] or 32,
        cpus=config["numCPUs"] or 1,
        cores=config["numCoresPerSocket"] or 1,
        guest_id=guest_id,
        guest_name=_GUEST_NAMES.get(guest_id, guest_id),
        annotation=config["annotation"] or "",
        version=config["version"] or ("vmx-07" if vcenter.profile == "vsphere-4" else "vmx-21"),
        devices=shape.bare_devices(),
        extra=list(config["extraConfig"] or ()),
        directory=directory,
    )


def datastore_of(vcenter: VCenter, host: Ref, path: str | None) -> tuple[Ref, str]:
    """Return the datastore that a path names (``[name] folder/file.vmx``) and the folder."""
    store = vcenter.store
    mounted: list[Ref] = store.value(host, "datastore") or []
    if not path:
        if not mounted:
            raise VimFault("InvalidDatastore", msg="The host has no datastore.")
        return mounted[0], ""
    title, _, rest = path.removeprefix("[").partition("]")
    found = next((ref for ref in mounted if names.same(store.value(ref, "name"), title)), None)
    if not path.startswith("[") or found is None:
        raise VimFault("InvalidDatastorePath", datastorePath=path)
    return found, rest.strip().rpartition("/")[0]


def add(vcenter: VCenter, draft: shape.Draft, inside: Inside) -> Ref:
    """Add a virtual machine that is off to the inventory."""
    store = vcenter.store
    ref = Ref("VirtualMachine", store.new_moid("vm-"))
    compute = store.get(store.value(draft.host, "parent"))
    made = shape.properties(draft, compute["environmentBrowser"])
    vcenter.insides[ref.moid] = inside
    inside.power = "poweredOff"
    inside.hostname = inside.hostname or draft.name
    inside.system = inside.system or draft.guest_name
    store.add(ref.type, ref.moid, guest.furnish(made, inside, 0.0))
    store.append(draft.folder, "childEntity", ref)
    store.append(draft.host, "vm", ref)
    store.append(draft.datastore, "vm", ref)
    if not draft.template:
        store.append(draft.pool, "vm", ref)
    for network, _ in draft.networks:
        store.append(network, "vm", ref)
    customfield.offer(store, ref)
    return ref


@method("VirtualMachine.CloneVM_Task")
def clone(call: Call, this: Ref, folder: Ref, name: str, spec: Data) -> Ref:
    """Make a copy of a machine or template."""
    return task.start(call, this, _cloning(call, this, folder, name, spec), cancelable=True)


def _cloning(call: Call, this: Ref, folder: Ref, name: str, spec: Data) -> Steps:
    vcenter, store = call.vcenter, call.store
    require_kind(store, folder, "VirtualMachine")
    kept = entity.free_name(store, folder, name)
    if store.value(this, "runtime.connectionState") != "connected":
        raise power.unreachable(vcenter, this)
    location: Data = spec["location"] or data("VirtualMachineRelocateSpec")
    pool: Ref | None = location["pool"] or store.value(this, "resourcePool")
    if pool is None:
        raise bad_argument("spec.location.pool")
    source = power.host_of(vcenter, this)
    same = store.value(pool, "owner") == store.value(source, "parent")
    target = _host_for(vcenter, pool, location["host"] or (source if same else None))
    draft = _copy(
        vcenter, this, folder, kept, pool=pool, target=target, datastore=location["datastore"]
    )
    draft.template = bool(spec["template"])
    event.post(
        vcenter,
        "VmBeingClonedEvent",
        this,
        f"Cloning {store.value(this, 'name')} to {kept}",
        user=call.caller.user,
        chain=task.chain(call, this),
        destFolder=event.argument(vcenter, folder),
        destName=kept,
        destHost=event.argument(vcenter, target),
    )
    used: int = store.value(this, "summary.storage.committed") or 0
    yield Stage("copy", 1.0 + used / vcenter.choices.bandwidth, 0.9)
    ref = _made(vcenter, this, draft, spec)
    _tell_clone(call, this, ref)
    if spec["powerOn"] and not draft.template:
        yield from power.powering_on(call, ref, None)
    return ref


def _made(vcenter: VCenter, this: Ref, draft: shape.Draft, spec: Data) -> Ref:
    old = vcenter.insides[this.moid]
    inside = Inside(system=old.system, hostname=old.hostname, tools=old.tools)
    inside.announced = old.announced
    custom = spec["customization"]
    identity = custom and custom["identity"]
    if identity is not None and identity["hostName"] is not None:
        inside.hostname = identity["hostName"]["name"] or draft.name
    ref = add(vcenter, draft, inside)
    if spec["config"] is not None:
        devices.apply(vcenter, ref, spec["config"]["deviceChange"] or ())
        reconfigured(vcenter, ref, spec["config"].having(name=None))
    return ref


def _copy(
    vcenter: VCenter,
    this: Ref,
    folder: Ref,
    name: str,
    *,
    pool: Ref,
    target: Ref,
    datastore: Ref | None,
) -> shape.Draft:
    store, streams = vcenter.store, vcenter.world.streams
    config: Data = store.value(this, "config")
    mounted: list[Ref] = store.value(target, "datastore") or []
    lies = datastore or next(iter(store.value(this, "datastore")))
    if lies not in mounted:
        raise VimFault("InvalidDatastore", datastore=lies)
    draft = shape.Draft(
        name=name,
        folder=folder,
        host=target,
        pool=pool,
        datastore=lies,
        datastore_name=store.value(lies, "name"),
        uuid=streams.uuid(f"{vcenter.path}/bios"),
        instance_uuid=streams.uuid(f"{vcenter.path}/vm"),
        created=now(vcenter.world),
        memory=config["hardware"]["memoryMB"],
        cpus=config["hardware"]["numCPU"],
        cores=config["hardware"]["numCoresPerSocket"] or 1,
        guest_id=config["guestId"],
        guest_name=config["guestFullName"],
        annotation=config["annotation"] or "",
        version=config["version"],
        extra=list(config["extraConfig"] or ()),
        hot_add=bool(config["memoryHotAddEnabled"]),
        networks=[(ref, store.value(ref, "name")) for ref in store.value(this, "network") or ()],
    )
    source: list[Data] = config["hardware"]["device"]
    draft.devices = devices.attached(devices.copied(vcenter, dev, draft) for dev in source)
    draft.disk = sum(dev["capacityInBytes"] or 0 for dev in draft.devices)
    return draft


def _tell_clone(call: Call, source: Ref, ref: Ref) -> None:
    event.post(
        call.vcenter,
        "VmClonedEvent",
        ref,
        f"{call.store.value(source, 'name')} cloned to {call.store.value(ref, 'name')}",
        user=call.caller.user,
        chain=task.chain(call, source),
        sourceVm=event.argument(call.vcenter, source),
    )


@method("VirtualMachine.ReconfigVM_Task")
def reconfigure(call: Call, this: Ref, spec: Data) -> Ref:
    """Change a machine's configuration."""

    def steps() -> Steps:
        vcenter, store = call.vcenter, call.store
        if store.value(this, "runtime.connectionState") != "connected":
            raise power.unreachable(vcenter, this)
        _judge(vcenter, this, spec)
        yield Stage("reconfigure", RECONFIGURE, 0.9)
        devices.apply(vcenter, this, spec["deviceChange"] or ())
        reconfigured(vcenter, this, spec)
        event.post(
            vcenter,
            "VmReconfiguredEvent",
            this,
            f"Reconfigured {store.value(this, 'name')}",
            user=call.caller.user,
            chain=task.chain(call, this),
            configSpec=spec,
        )

    return task.start(call, this, steps())


def _judge(vcenter: VCenter, vm: Ref, spec: Data) -> None:
    """Refuse what cannot be changed: sizes of a machine that runs, numbers below one."""
    config: Data = vcenter.store.value(vm, "config")
    if spec["changeVersion"] and spec["changeVersion"] != config["changeVersion"]:
        raise VimFault("ConcurrentAccess")
    if config["template"] and not set(spec.fields) <= _OF_TEMPLATES:
        raise VimFault("NotSupported")
    for name, hot in (("memoryMB", "memoryHotAddEnabled"), ("numCPUs", "cpuHotAddEnabled")):
        if spec[name] is None:
            continue
        if spec[name] < 1:
            raise bad_argument(f"configSpec.{name}")
        now_has = config["hardware"]["memoryMB" if name == "memoryMB" else "numCPU"]
        running = vcenter.store.value(vm, "runtime.powerState") == "poweredOn"
        if running and spec[name] != now_has and not (config[hot] and spec[name] > now_has):
            raise VimFault(
                "CpuHotPlugNotSupported" if name == "numCPUs" else "MemoryHotPlugNotSupported"
            )


def reconfigured(vcenter: VCenter, vm: Ref, spec: Data) -> None:
    """Set what a configuration's specification says, devices left out."""
    store = vcenter.store
    if spec["name"] and not names.same(spec["name"], store.value(vm, "name")):
        entity.rename(vcenter, vm, spec["name"])
    for field, path in _DIRECT.items():
        if spec[field] is not None:
            store.change(vm, path, spec[field])
    for field, path in _MERGED.items():
        if spec[field] is not None:
            before = store.value(vm, path)
            store.change(vm, path, before.having(**spec[field].fields) if before else spec[field])
    if spec["managedBy"] is not None:
        # An extension's key that is empty takes the mark away.
        marked = spec["managedBy"] if spec["managedBy"]["extensionKey"] else None
        store.change(vm, "config.managedBy", marked)
    if spec["memoryMB"] is not None:
        store.change(vm, "config.hardware.memoryMB", spec["memoryMB"])
    if spec["guestId"] is not None:
        store.change(vm, "config.guestId", spec["guestId"])
        title = _GUEST_NAMES.get(spec["guestId"], spec["guestId"])
        store.change(vm, "config.guestFullName", title)
    if spec["extraConfig"] is not None:
        store.change(vm, "config.extraConfig", _options(vcenter, vm, spec["extraConfig"]))
    moment = now(vcenter.world)
    store.change(vm, "config.modified", moment)
    store.change(vm, "config.changeVersion", moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ"))


def _options(vcenter: VCenter, vm: Ref, given: list[Data]) -> list[Data]:
    """Return a machine's extra options after some were given; an empty value takes one away."""
    options = {item["key"]: item for item in vcenter.store.value(vm, "config.extraConfig") or ()}
    options |= {item["key"]: item for item in given}
    return [item for item in options.values() if item["value"] != ""]


@method("VirtualMachine.UnregisterVM")
def unregister(call: Call, this: Ref) -> None:
    """Take a machine that does not run out of the inventory; its files stay."""
    _require_still(call.vcenter, this)
    path = call.store.value(this, "config.files.vmPathName")
    call.vcenter.unregistered[path] = _kept(call.vcenter, this)
    power.post(call, this, "VmRemovedEvent", "Removed {vm} on {host} from the inventory")
    host.forget_vm(call.vcenter, this)


def _kept(vcenter: VCenter, vm: Ref) -> tuple[dict[str, Any], Inside]:
    """Return what the files of a machine hold: its configuration and its guest."""
    return dict(vcenter.store.get(vm).properties), vcenter.insides[vm.moid]


def _require_still(vcenter: VCenter, vm: Ref) -> None:
    state = vcenter.store.value(vm, "runtime.powerState")
    if state == "poweredOn" and vcenter.store.value(vm, "runtime.connectionState") == "connected":
        raise VimFault("InvalidPowerState", requestedState="poweredOff", existingState=state)
    held = vcenter.locks.get(vm.moid)
    if held is not None and held.moid in vcenter.tasks:
        info = vcenter.store.value(held, "info")
        if info["name"] != "Destroy_Task":
            raise VimFault("TaskInProgress", task=held)


@method("VirtualMachine.Destroy_Task")
def destroy(call: Call, this: Ref) -> Ref:
    """Take a machine that does not run out of the inventory, and delete its files."""

    def steps() -> Steps:
        _require_still(call.vcenter, this)
        if call.store.value(this, "runtime.connectionState") == "disconnected":
            raise power.unreachable(call.vcenter, this)
        yield Stage("remove", REMOVE, 0.9)
        _require_still(call.vcenter, this)
        power.post(call, this, "VmRemovedEvent", "Removed {vm} on {host}")
        host.forget_vm(call.vcenter, this)

    return task.start(call, this, steps())


@method("Folder.RegisterVM_Task")
def register(call: Call, this: Ref, path: str, asTemplate: bool, **more: Any) -> Ref:
    """Put a machine whose files are there into the inventory."""

    def steps() -> Steps:
        vcenter, store = call.vcenter, call.store
        require_kind(store, this, "VirtualMachine")
        if any(vm["config.files.vmPathName"] == path for vm in store.of_type("VirtualMachine")):
            raise VimFault("AlreadyExists", name=path)
        if path not in vcenter.unregistered:
            raise VimFault("NotFound", msg=f"The file {path} was not found.")
        properties, inside = vcenter.unregistered[path]
        name = entity.free_name(store, this, more.get("name") or properties["name"])
        pool: Ref | None = more.get("pool")
        wanted: Ref | None = more.get("host")
        if pool is None:
            if wanted is None:
                raise bad_argument("pool")
            pool = store.value(store.value(wanted, "parent"), "resourcePool")
        target = _host_for(vcenter, pool, wanted)
        yield Stage("register", REMOVE, 0.9)
        del vcenter.unregistered[path]
        ref = _readd(vcenter, properties, inside, folder=this, pool=pool, host=target)
        entity.rename(vcenter, ref, name)
        if asTemplate:
            mark_template(call, ref)
        power.post(call, ref, "VmRegisteredEvent", "Registered {vm} on {host}")
        return ref

    return task.start(call, this, steps(), locks=())


def _readd(
    vcenter: VCenter,
    properties: dict[str, Any],
    inside: Inside,
    *,
    folder: Ref,
    pool: Ref,
    host: Ref,
) -> Ref:
    store = vcenter.store
    moid = store.new_moid("vm-")
    vcenter.insides[moid] = inside
    fresh = {"parent": folder, "recentTask": [], "snapshot": None, "rootSnapshot": []}
    ref = store.add("VirtualMachine", moid, properties | fresh | {"resourcePool": pool})
    store.change(ref, "runtime.host", host)
    store.change(ref, "runtime.connectionState", "connected")
    store.append(folder, "childEntity", ref)
    for holder in (host, pool, *properties["datastore"], *properties["network"]):
        store.append(holder, "vm", ref)
    return ref


@method("VirtualMachine.MarkAsTemplate")
def mark_template(call: Call, this: Ref) -> None:
    """Turn a machine that is off into a template."""
    power.require(call.vcenter, this, "poweredOff", "poweredOn")
    if call.store.value(this, "config.template"):
        raise VimFault("InvalidState")
    state = call.store.value(this, "runtime.powerState")
    if state != "poweredOff":
        raise VimFault("InvalidPowerState", requestedState="poweredOff", existingState=state)
    pool: Ref | None = call.store.value(this, "resourcePool")
    if pool is not None:
        call.store.discard(pool, "vm", this)
        call.store.change(this, "resourcePool", None)
    call.store.change(this, "config.template", value=True)


@method("VirtualMachine.MarkAsVirtualMachine")
def mark_machine(call: Call, this: Ref, pool: Ref, host: Ref | None = None) -> None:
    """Turn a template into a machine again."""
    if not call.store.value(this, "config.template"):
        raise VimFault("NotSupported")
    if host is not None:
        placement.require_host(call.vcenter, host)
        placement.register_on(call.vcenter, this, host)
    call.store.change(this, "config.template", value=False)
    call.store.change(this, "resourcePool", pool)
    call.store.append(pool, "vm", this)


@method("VirtualMachine.UpgradeVM_Task")
def upgrade(call: Call, this: Ref, version: str = "vmx-21") -> Ref:
    """Raise the version of a machine's virtual hardware."""
    if not (version.startswith("vmx-") and version[4:].isdecimal()):
        raise bad_argument("version")

    def steps() -> Steps:
        power.require(call.vcenter, this, "poweredOff")
        before: str = call.store.value(this, "config.version")
        if int(version[4:]) <= int(before[4:]):
            raise VimFault("AlreadyUpgraded")
        yield Stage("upgrade", RECONFIGURE, 0.9)
        call.store.change(this, "config.version", version)
        call.store.change(this, "guest.hwVersion", version)
        call.store.change(this, "summary.config.hwVersion", version)

    return task.start(call, this, steps())


@method("VirtualMachine.PromoteDisks_Task")
def promote(call: Call, this: Ref, unlink: bool, disks: list[Data] | None = None) -> Ref:
    """Let disks stand for themselves: none here shares anything with another machine's."""
    del unlink
    known = {device["key"] for device in call.store.value(this, "config.hardware.device")}

    def steps() -> Steps:
        if not {disk["key"] for disk in disks or ()} <= known:
            raise bad_argument("disks")
        yield Stage("promote", RECONFIGURE, 0.9)

    return task.start(call, this, steps())


@method("VirtualMachine.PutUsbScanCodes")
def press_keys(call: Call, this: Ref, spec: Data) -> int:
    """Press keys of a guest's keyboard; return how many. What they do in it is not modelled."""
    power.require(call.vcenter, this, "poweredOn")
    return len(spec["keyEvents"] or ())
