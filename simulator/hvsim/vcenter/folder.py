"""Folders and datacenters: making them, moving things into them, taking them away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.vcenter import dvs, entity, event, host, inventory, storagepod, switch, task
from hvsim.vcenter.cluster import set_configuration
from hvsim.vcenter.faults import VimFault, bad_argument
from hvsim.vcenter.methods import Call, method
from hvsim.vcenter.values import Data

if TYPE_CHECKING:
    from hvsim.operations import Steps
    from hvsim.vcenter.store import Store
    from hvsim.vcenter.values import Ref

_KINDS: Final = {
    "VirtualMachine": "VirtualMachine",
    "VirtualApp": "VirtualApp",
    "ComputeResource": "ComputeResource",
    "ClusterComputeResource": "ComputeResource",
    "Datacenter": "Datacenter",
    "Datastore": "Datastore",
    "Network": "Network",
    "VmwareDistributedVirtualSwitch": "DistributedVirtualSwitch",
    "StoragePod": "StoragePod",
}


def require_kind(store: Store, folder: Ref, kind: str) -> None:
    """Refuse a folder that does not take children of a kind."""
    if kind not in store.value(folder, "childType"):
        raise VimFault("NotSupported")


@method("Folder.CreateFolder")
def create_folder(call: Call, this: Ref, name: str) -> Ref:
    """Make a folder in a folder."""
    name = entity.free_name(call.store, this, name)
    return inventory.add_folder(call.store, this, name)


@method("Folder.CreateDatacenter")
def create_datacenter(call: Call, this: Ref, name: str) -> Ref:
    """Make a datacenter with its four folders."""
    require_kind(call.store, this, "Datacenter")
    ref = inventory.add_datacenter(call.store, this, entity.free_name(call.store, this, name))
    _tell(call, ref, "DatacenterCreatedEvent", f"Created datacenter {name}", this)
    return ref


@method("Folder.CreateCluster", "Folder.CreateClusterEx")
def create_cluster(call: Call, this: Ref, name: str, spec: Data) -> Ref:
    """Make a cluster without hosts."""
    require_kind(call.store, this, "ComputeResource")
    name = entity.free_name(call.store, this, name)
    ref = inventory.add_compute(call.vcenter, this, name, cluster=True)
    set_configuration(call.vcenter, ref, {})
    fresh: Data = call.store.value(ref, "configurationEx")
    changes: dict[str, Any] = {
        part: fresh[part].having(**spec[part].fields)
        for part in ("dasConfig", "drsConfig")
        if spec[part] is not None
    }
    set_configuration(call.vcenter, ref, changes)
    _tell(call, ref, "ClusterCreatedEvent", f"Created cluster {name}", this)
    return ref


@method("Folder.CreateDVS_Task")
def create_switch(call: Call, this: Ref, spec: Data) -> Ref:
    """Make a distributed switch."""

    def steps() -> Steps:
        require_kind(call.store, this, "DistributedVirtualSwitch")
        config = spec["configSpec"]
        name = entity.free_name(call.store, this, config["name"] or "DSwitch")
        made = switch.add_switch(call.vcenter, this, name, [])
        dvs.apply(call, made, config)
        version = spec["productInfo"] and spec["productInfo"]["version"]
        if version:
            call.store.change(made, "config.productInfo.version", version)
            call.store.change(made, "summary.productInfo.version", version)
        return made
        yield

    return task.start(call, this, steps(), locks=())


@method(
    "DistributedVirtualSwitch.AddDVPortgroup_Task",
    "VmwareDistributedVirtualSwitch.CreateDVPortgroup_Task",
)
def add_port_groups(call: Call, this: Ref, spec: Any) -> Ref:
    """Add port groups to a distributed switch."""

    def steps() -> Steps:
        folder = call.store.value(this, "parent")
        for wanted in spec if isinstance(spec, list) else [spec]:
            name = entity.free_name(call.store, folder, wanted["name"])
            ref = switch.add_port_group(call.vcenter, this, name, 0, wanted["numPorts"] or 128)
            dvs.configure_group(call, ref, wanted)
            center = entity.datacenter_of(call.store, this)
            call.store.append(center.ref, "network", ref)
        return None
        yield

    return task.start(call, this, steps())


@method("Folder.MoveIntoFolder_Task")
def move_into(call: Call, this: Ref, list: list[Ref]) -> Ref:
    """Move entities into a folder."""

    def steps() -> Steps:
        for ref in list:
            _move(call, this, ref)
        return None
        yield

    return task.start(call, this, steps())


def _move(call: Call, folder: Ref, ref: Ref) -> None:
    store = call.store
    found = store.get(ref)
    if ref.type != "Folder":
        require_kind(store, folder, _KINDS.get(found.type, found.type))
    elif store.value(ref, "childType") != store.value(folder, "childType"):
        raise VimFault("NotSupported")
    if entity.above(store, folder, "Folder") == ref or _inside(store, folder, ref):
        raise VimFault("InvalidFolder", target=ref)
    entity.free_name(store, folder, found["name"], ref)
    before: Ref = found["parent"]
    store.discard(before, "childEntity", ref)
    store.change(ref, "parent", folder)
    store.append(folder, "childEntity", ref)
    for holder in (before, folder):
        storagepod.count(store, holder)


def _inside(store: Store, folder: Ref, ref: Ref) -> bool:
    """Whether a folder lies within another."""
    at: Ref | None = folder
    while at is not None:
        if at == ref:
            return True
        at = store.value(at, "parent")
    return False


@method("ClusterComputeResource.MoveInto_Task", "ClusterComputeResource.MoveHostInto_Task")
def move_host_into(
    call: Call,
    this: Ref,
    host: Any,
    resourcePool: Ref | None = None,
) -> Ref:
    """Move hosts in maintenance mode into a cluster."""
    del resourcePool

    def steps() -> Steps:
        for ref in host if isinstance(host, list) else [host]:
            _move_host(call, this, ref)
        return None
        yield

    return task.start(call, this, steps())


def _move_host(call: Call, cluster: Ref, ref: Ref) -> None:
    store = call.store
    before: Ref = store.value(ref, "parent")
    if before == cluster:
        raise bad_argument("host")
    if before.type == "ClusterComputeResource" and not store.value(
        ref, "runtime.inMaintenanceMode"
    ):
        raise VimFault("InvalidState")
    store.discard(before, "host", ref)
    store.change(ref, "parent", cluster)
    store.append(cluster, "host", ref)
    for part in ("datastore", "network"):
        for found in store.value(ref, part) or ():
            store.append(cluster, part, found)
    pool = store.value(cluster, "resourcePool")
    for vm in store.value(ref, "vm") or ():
        old = store.value(vm, "resourcePool")
        if old is not None:
            store.discard(old, "vm", vm)
            store.change(vm, "resourcePool", pool)
            store.append(pool, "vm", vm)
    for compute in (before, cluster):
        inventory.count(call.vcenter, compute)
    if before.type == "ComputeResource":
        store.discard(store.value(before, "parent"), "childEntity", before)
        store.remove(store.value(before, "resourcePool"))
        store.remove(before)


@method(
    "Folder.UnregisterAndDestroy_Task",
    "Folder.Destroy_Task",
    "Datacenter.Destroy_Task",
    "ComputeResource.Destroy_Task",
)
def destroy(call: Call, this: Ref) -> Ref:
    """Remove a folder, datacenter or cluster with everything in it; nothing in it may run."""

    def steps() -> Steps:
        if call.store.value(this, "parent") is None or _is_fixed(call.store, this):
            raise VimFault("NotSupported")
        everything = _below(call.store, this)
        _require_still(call, everything)
        for ref in reversed(everything):
            _take_away(call, ref)
        return None
        yield

    return task.start(call, this, steps())


def _is_fixed(store: Store, ref: Ref) -> bool:
    """Whether it is one of the four folders that a datacenter has."""
    parent: Ref | None = store.value(ref, "parent")
    return ref.type == "Folder" and parent is not None and parent.type == "Datacenter"


def _below(store: Store, ref: Ref) -> list[Ref]:
    """Return an object and all below it, itself first."""
    found = store.get(ref)
    children: list[Ref] = list(found["childEntity"] or ()) + list(found["host"] or ())
    if found.type == "Datacenter":
        names = ("vmFolder", "hostFolder", "datastoreFolder", "networkFolder")
        children = [found[name] for name in names]
    elif found.type not in ("Folder", "ComputeResource", "ClusterComputeResource"):
        children = []
    # Machines go before the hosts that they run on.
    return [ref] + [below for child in reversed(children) for below in _below(store, child)]


def _require_still(call: Call, refs: list[Ref]) -> None:
    for ref in refs:
        if ref.type == "VirtualMachine":
            state = call.store.value(ref, "runtime.powerState")
            if state == "poweredOn":
                raise VimFault("InvalidPowerState", existingState=state)


def _take_away(call: Call, ref: Ref) -> None:
    store = call.store
    if not store.exists(ref):
        return
    if ref.type == "VirtualMachine":
        host.forget_vm(call.vcenter, ref)
        return
    if ref.type == "HostSystem":
        host.remove(call.vcenter, ref)
        return
    parent: Ref | None = store.value(ref, "parent")
    if parent is not None and store.exists(parent):
        store.discard(parent, "childEntity", ref)
    if "Compute" in ref.type:
        _remove_pools(store, store.value(ref, "resourcePool"))
    store.remove(ref)


def _remove_pools(store: Store, pool: Ref) -> None:
    """Remove a pool with those in it."""
    if store.exists(pool):
        for child in store.value(pool, "resourcePool") or ():
            _remove_pools(store, child)
        store.remove(pool)


@method("ResourcePool.CreateResourcePool")
def create_pool(call: Call, this: Ref, name: str, spec: Data) -> Ref:
    """Make a resource pool in another."""
    name = entity.free_name(call.store, this, name)
    owner: Ref = call.store.value(this, "owner")
    ref = inventory.add_pool(call.store, this, owner, name)
    default: Data = call.store.value(ref, "config")
    call.store.change(ref, "config", merged(default, spec).having(entity=ref))
    return ref


@method("ResourcePool.UpdateConfig")
def update_pool(call: Call, this: Ref, name: str | None = None, config: Data | None = None) -> None:
    """Change a pool's name and shares."""
    if name:
        entity.rename(call.vcenter, this, name)
    if config is not None:
        before: Data = call.store.value(this, "config")
        call.store.change(this, "config", merged(before, config))


def merged(before: Data, after: Data) -> Data:
    """Return a configuration with what another one sets of it, within allocations too."""
    changes = {
        name: merged(before[name], value)
        if isinstance(value, Data) and isinstance(before[name], Data)
        else value
        for name, value in after.fields.items()
    }
    return before.having(**changes)


@method("ResourcePool.Destroy_Task")
def destroy_pool(call: Call, this: Ref) -> Ref:
    """Remove a pool; what is in it goes to its parent."""

    def steps() -> Steps:
        store = call.store
        parent: Ref = store.value(this, "parent")
        if parent.type not in inventory.POOLS:
            raise VimFault("NotSupported")
        for vm in store.value(this, "vm") or ():
            store.change(vm, "resourcePool", parent)
            store.append(parent, "vm", vm)
        for pool in store.value(this, "resourcePool") or ():
            store.change(pool, "parent", parent)
            store.append(parent, "resourcePool", pool)
        store.discard(parent, "resourcePool", this)
        store.remove(this)
        return None
        yield

    return task.start(call, this, steps())


@method("ResourcePool.DestroyChildren")
def destroy_children(call: Call, this: Ref) -> None:
    """Remove all pools in a pool; the machines in them are its own then."""
    store = call.store
    for child in list(store.value(this, "resourcePool") or ()):
        destroy_children(call, child)
        for vm in store.value(child, "vm") or ():
            store.change(vm, "resourcePool", this)
            store.append(this, "vm", vm)
        store.discard(this, "resourcePool", child)
        store.remove(child)


@method("ResourcePool.MoveIntoResourcePool")
def move_into_pool(call: Call, this: Ref, list: list[Ref]) -> None:
    """Move machines of the same cluster into a pool."""
    store = call.store
    owner = store.value(this, "owner")
    for ref in list:
        if ref.type != "VirtualMachine":
            raise VimFault("NotSupported")
        before: Ref | None = store.value(ref, "resourcePool")
        if before is None or store.value(before, "owner") != owner:
            raise bad_argument("list")
        store.discard(before, "vm", ref)
        store.change(ref, "resourcePool", this)
        store.append(this, "vm", ref)


def _tell(call: Call, ref: Ref, kind: str, text: str, parent: Ref) -> None:
    told = event.argument(call.vcenter, parent)
    event.post(call.vcenter, kind, ref, text, user=call.caller.user, parent=told)
