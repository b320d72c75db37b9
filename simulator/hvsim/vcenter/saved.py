"""Builds a vCenter from a saved inventory: every object as it was, under its own identifier.

Properties that nothing here knows are kept and served all the same. What the simulator needs
beside them (machines, what is true inside guests) is made of what the objects show.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.errors import InputError
from hvsim.hardware import Power, Server, SharedStorage
from hvsim.inventory import host_address
from hvsim.vcenter import content, entity, inventory, shape, shape_host
from hvsim.vcenter.access import Grant, Role
from hvsim.vcenter.cluster import set_configuration
from hvsim.vcenter.permission import MANAGER
from hvsim.vcenter.server import SERVICE_INSTANCE, Inside, Machine
from hvsim.vcenter.session import normal
from hvsim.vcenter.values import Data, Ref, date_at

if TYPE_CHECKING:
    from hvsim.vcenter.savedobject import SavedObject
    from hvsim.vcenter.server import VCenter

_ENTITIES: Final = frozenset(
    {
        "ClusterComputeResource",
        "ComputeResource",
        "Datacenter",
        "Datastore",
        "DistributedVirtualPortgroup",
        "DistributedVirtualSwitch",
        "Folder",
        "HostSystem",
        "Network",
        "OpaqueNetwork",
        "ResourcePool",
        "StoragePod",
        "VirtualApp",
        "VirtualMachine",
        "VmwareDistributedVirtualSwitch",
    }
)
_PASSING: Final = frozenset(
    {
        "currentSession",
        "filter",
        "latestEvent",
        "serverClock",
        "sessionList",
        "viewList",
    }
)
"""Properties of managers that tell of what was under way when it was saved."""


def judge(objects: list[SavedObject]) -> None:
    """Refuse what cannot become a vCenter.

    Raises:
        InputError: without file or line, about the first thing that is wrong.
    """
    found = {one.moid: one for one in objects}
    instance = found.get(SERVICE_INSTANCE.moid)
    if instance is None:
        raise InputError("load: expected an inventory saved from its root, with ServiceInstance")
    saved = instance.values.get("content")
    if not isinstance(saved, Data):
        raise InputError("load: expected ServiceInstance to have its content")
    kind = saved["about"]["apiType"] if saved["about"] is not None else None
    if kind != "VirtualCenter":
        raise InputError(f"load: expected the inventory of a VirtualCenter, not of {kind}")
    if saved["rootFolder"] != content.ROOT:
        raise InputError(f"load: expected the root folder to be {content.ROOT}")
    for name, (type_name, moid) in content.MANAGERS.items():
        if saved[name] not in (None, Ref(type_name, moid)):
            raise InputError(f"load: expected {name} to be {type_name}:{moid}, not {saved[name]}")
    _judge_references(found)


def _judge_references(found: dict[str, SavedObject]) -> None:
    for one in found.values():
        values = one.properties
        if one.type not in _ENTITIES:
            continue
        parent = one.values.get("parent")
        if parent is not None and parent.moid not in found:
            raise InputError(f"load: expected {parent}, the parent of {one.ref}, to be saved too")
        if "name" not in values:
            raise InputError(f"load: expected {one.ref} to have a name")
        if one.type == "VirtualMachine" and _of(one, "runtime", "host").moid not in found:
            raise InputError(f"load: expected the host of {one.ref} to be saved too")


def _of(one: SavedObject, name: str, inner: str) -> Ref:
    value = one.values.get(name)
    ref = value[inner] if isinstance(value, Data) else None
    if not isinstance(ref, Ref):
        raise InputError(f"load: expected {one.ref} to have {name}.{inner}")
    return ref


def install(vcenter: VCenter, objects: list[SavedObject], number: int) -> None:
    """Put saved objects into a vCenter that has only its managers.

    Args:
        number: of the vCenter's block of addresses.
    """
    store = vcenter.store
    judge(objects)
    for one in objects:
        store.reserve(one.moid)
        if store.exists(one.moid):
            store.change_many(one.ref, _kept(vcenter, one))
        else:
            store.add(one.type, one.moid, _completed(vcenter, one))
    _grant(vcenter, objects)
    hosts = [one.ref for one in objects if one.type == "HostSystem"]
    for order, host in enumerate(hosts):
        _bring(vcenter, host, host_address(number, order + 1))
    for one in objects:
        if one.type == "VirtualMachine":
            vcenter.insides[one.moid] = _inside(vcenter, one.ref)
        elif one.type == "Datastore":
            _share(vcenter, one.ref)
        elif one.type == "ClusterComputeResource":
            _configure(vcenter, one.ref)


def _grant(vcenter: VCenter, objects: list[SavedObject]) -> None:
    """Let saved roles and permissions count; accounts of the lab's own go before them."""
    access = vcenter.access
    for role in vcenter.store.value(MANAGER, "roleList") or ():
        privileges = frozenset(role["privilege"] or ())
        if role["roleId"] not in access.roles:
            access.roles[role["roleId"]] = Role(role["roleId"], role["name"], privileges)
    for one in objects:
        for permission in one.values.get("permission") or ():
            user, group = normal(permission["principal"]), bool(permission["group"])
            if (user, group) not in access.grants.get(one.moid, {}):
                grant = Grant(user, group, permission["roleId"], bool(permission["propagate"]))
                access.give(one.moid, grant)


def _kept(vcenter: VCenter, one: SavedObject) -> dict[str, Any]:
    """Return what becomes of a manager's properties."""
    values = {name: value for name, value in one.values.items() if name not in _PASSING}
    if one.ref == SERVICE_INSTANCE:
        ours: Data = vcenter.store.value(SERVICE_INSTANCE, "content")
        values["content"] = ours.having(**values["content"].fields)
    return values


def _completed(vcenter: VCenter, one: SavedObject) -> dict[str, Any]:
    values = one.values
    if one.type not in _ENTITIES:
        return values
    made = entity.common(values["name"], values.get("parent")) | _defaults(vcenter, one, values)
    return made | values


def _defaults(vcenter: VCenter, one: SavedObject, values: dict[str, Any]) -> dict[str, Any]:
    """Return what an object must have that was not saved, as it is of one out of reach."""
    if one.type == "HostSystem" and not {"config", "hardware", "summary", "runtime"} <= set(values):
        return shape_host.properties(
            Server(values["name"], "192.0.2.1"),
            one.ref,
            values["parent"],
            uuid=vcenter.world.streams.uuid(f"{vcenter.path}/host"),
            profile=vcenter.profile,
            networks=[],
        )
    if one.type == "VirtualMachine" and not {"config", "summary", "guest"} <= set(values):
        return shape.properties(_draft(vcenter, values), Ref("EnvironmentBrowser", "envbrowser"))
    lists = ("vm", "host", "datastore", "network", "childEntity")
    return {name: [] for name in lists if name in _LISTS.get(one.type, ())}


_LISTS: Final = {
    "ClusterComputeResource": ("host", "datastore", "network"),
    "ComputeResource": ("host", "datastore", "network"),
    "Datacenter": ("datastore", "network"),
    "Datastore": ("host", "vm"),
    "DistributedVirtualPortgroup": ("host", "vm"),
    "Folder": ("childEntity",),
    "HostSystem": ("vm", "datastore", "network"),
    "Network": ("host", "vm"),
    "ResourcePool": ("vm",),
    "VirtualMachine": ("datastore", "network"),
}


def _draft(vcenter: VCenter, values: dict[str, Any]) -> shape.Draft:
    streams = vcenter.world.streams
    stores = values.get("datastore") or [Ref("Datastore", "")]
    return shape.Draft(
        name=values["name"],
        folder=values["parent"],
        host=values["runtime"]["host"],
        pool=values.get("resourcePool") or Ref("ResourcePool", ""),
        datastore=stores[0],
        datastore_name="",
        uuid=streams.uuid(f"{vcenter.path}/bios"),
        instance_uuid=streams.uuid(f"{vcenter.path}/vm"),
        created=date_at(0.0),
    )


def _bring(vcenter: VCenter, host: Ref, generated: str) -> None:
    """Give a host the machine under it, as it says it is."""
    found, servers = vcenter.store.get(host), vcenter.world.hardware.servers
    name: str = found["name"]
    server = servers.get(name)
    if server is None or any(machine.server is server for machine in vcenter.machines.values()):
        # Names have to differ only within a folder; machines have one to themselves.
        name = name if server is None else f"{name} ({host.moid})"
        server = servers[name] = Server(
            name,
            _address(found["config.network"], servers) or generated,
            cpus=found["hardware.cpuInfo.numCpuCores"] or 8,
            memory=found["hardware.memorySize"] or 64 * 2**30,
            model=found["hardware.systemInfo.model"] or "generic",
        )
    if found["runtime.connectionState"] == "notResponding":
        server.power = Power.OFF
    vcenter.machines[host.moid] = Machine(server)


def _address(network: Data | None, servers: dict[str, Server]) -> str:
    """Return the address that a host manages itself by, unless another has it."""
    cards: list[Data] = (network["vnic"] or []) if network is not None else []
    taken = {server.address for server in servers.values()}
    for card in cards:
        ip = card["spec"] and card["spec"]["ip"]
        address = ip and ip["ipAddress"]
        if address and address not in taken and not address.startswith("127.0.0."):
            return str(address)
    return ""


def _inside(vcenter: VCenter, vm: Ref) -> Inside:
    """Return what is true inside a guest, as far as it is shown."""
    found = vcenter.store.get(vm)
    tools = found["guest.toolsStatus"] not in (None, "toolsNotInstalled")
    return Inside(
        power=found["runtime.powerState"],
        hostname=found["guest.hostName"] or found["name"],
        address=found["guest.ipAddress"] or "",
        system=found["config.guestFullName"] or "",
        tools=tools,
        announced=tools,
        boots=1,
    )


def _share(vcenter: VCenter, ref: Ref) -> None:
    """Let there be the storage that several hosts have mounted."""
    found, storages = vcenter.store.get(ref), vcenter.world.hardware.storages
    if len(found["host"] or ()) > 1 and found["name"] not in storages:
        protocol = "nfs" if found["summary.type"] == "NFS" else "fc"
        size = found["summary.capacity"] or 0
        storages[found["name"]] = SharedStorage(found["name"], size, protocol)


def _configure(vcenter: VCenter, ref: Ref) -> None:
    """Complete a cluster's configuration with what the release has by default."""
    store = vcenter.store
    saved: Data | None = store.value(ref, "configurationEx")
    store.change(ref, "configurationEx", Data("ComputeResourceConfigInfo", {}))
    set_configuration(vcenter, ref, saved.fields if saved is not None else {})
    if store.value(ref, "summary") is None:
        store.change(ref, "summary", inventory.summary_of(cluster=True))
        inventory.count(vcenter, ref)
