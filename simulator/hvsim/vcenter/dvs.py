"""What is done to distributed switches and their port groups once they are there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.vcenter import entity, inventory, task
from hvsim.vcenter.faults import VimFault, bad_argument
from hvsim.vcenter.methods import Call, method
from hvsim.vcenter.values import Data, Ref, data

if TYPE_CHECKING:
    from hvsim.operations import Steps

_VERSIONS: Final = ("8.0.3", "8.0.0", "7.0.3", "7.0.2", "7.0.0", "6.6.0")
_SWITCH: Final = (
    "contact",
    "defaultPortConfig",
    "description",
    "extensionKey",
    "ipfixConfig",
    "lacpApiVersion",
    "linkDiscoveryProtocolConfig",
    "maxMtu",
    "maxPorts",
    "multicastFilteringMode",
    "networkResourceControlVersion",
    "policy",
    "switchIpAddress",
    "uplinkPortPolicy",
)
"""Fields of a specification that the configuration has as they are."""
_OTHER: Final = ("configVersion", "host", "name", "pvlanConfigSpec")
_GROUP: Final = (
    "autoExpand",
    "description",
    "numPorts",
    "policy",
    "type",
    "vmVnicNetworkResourcePoolKey",
)


@method("DistributedVirtualSwitchManager.QueryAvailableDvsSpec")
def available(call: Call, this: Ref, recommended: bool = False) -> list[Data]:
    """Return the versions of switches that can be made, the newest first."""
    del this, recommended
    versions = _VERSIONS if call.vcenter.profile == "vsphere-8" else ("4.1.0", "4.0.0")
    return [
        data(
            "DistributedVirtualSwitchProductSpec",
            name="DVS",
            vendor="VMware, Inc.",
            version=version,
            forwardingClass="etherswitch",
        )
        for version in versions
    ]


def apply(call: Call, switch: Ref, spec: Data) -> None:
    """Set what a specification says of a switch, its hosts among it."""
    store = call.store
    if any(name not in _SWITCH and name not in _OTHER for name in spec if spec[name] != []):
        raise VimFault("NotSupported")
    for name in _SWITCH:
        if spec[name] is not None:
            store.change(
                switch, f"config.{name}", _merged(store.value(switch, f"config.{name}"), spec[name])
            )
    for member in spec["host"] or ():
        _set_member(call, switch, member)
    for private in spec["pvlanConfigSpec"] or ():
        _set_private(call, switch, private)
    number = int(store.value(switch, "config.configVersion") or 0)
    store.change(switch, "config.configVersion", str(number + 1))


def _set_private(call: Call, switch: Ref, spec: Data) -> None:
    """Add a private VLAN to a switch, or take it away."""
    known: list[Data] = call.store.value(switch, "config.pvlanConfig") or []
    entry: Data = spec["pvlanEntry"]
    if spec["operation"] == "add":
        if any(one["secondaryVlanId"] == entry["secondaryVlanId"] for one in known):
            raise bad_argument("spec.pvlanConfigSpec")
        known = [*known, entry]
    elif spec["operation"] == "remove" and entry in known:
        known = [one for one in known if one != entry]
    else:
        raise bad_argument("spec.pvlanConfigSpec")
    call.store.change(switch, "config.pvlanConfig", known)


def _merged(before: Any, given: Any) -> Any:
    """Return a value after a change: fields of a data object that are not given stay."""
    if isinstance(before, Data) and isinstance(given, Data) and before.type == given.type:
        return before.having(**given.fields)
    return given


@method("DistributedVirtualSwitch.ReconfigureDvs_Task")
def reconfigure(call: Call, this: Ref, spec: Data) -> Ref:
    """Change a switch; a stale ``configVersion`` is refused with ``ConcurrentAccess``."""

    def steps() -> Steps:
        known = call.store.value(this, "config.configVersion")
        if spec["configVersion"] not in (None, known):
            raise VimFault("ConcurrentAccess")
        if spec["name"]:
            entity.rename(call.vcenter, this, spec["name"])
        apply(call, this, spec)
        return None
        yield

    return task.start(call, this, steps())


@method("VmwareDistributedVirtualSwitch.UpdateDVSHealthCheckConfig_Task")
def check_health(call: Call, this: Ref, healthCheckConfig: list[Data]) -> Ref:
    """Set which of a switch's health checks run."""

    def steps() -> Steps:
        known = {one.type: one for one in call.store.value(this, "config.healthCheckConfig") or ()}
        for one in healthCheckConfig:
            known[one.type] = known[one.type].having(**one.fields) if one.type in known else one
        call.store.change(this, "config.healthCheckConfig", list(known.values()))
        return None
        yield

    return task.start(call, this, steps())


@method("DistributedVirtualSwitch.EnableNetworkResourceManagement")
def manage_resources(call: Call, this: Ref, enable: bool) -> None:
    """Let a switch share its uplinks by kinds of traffic, or not."""
    call.store.change(this, "config.networkResourceManagementEnabled", enable)


@method("DistributedVirtualSwitch.Destroy_Task", "VmwareDistributedVirtualSwitch.Destroy_Task")
def destroy(call: Call, this: Ref) -> Ref:
    """Remove a switch that no guest is attached to, with its port groups."""

    def steps() -> Steps:
        groups: list[Ref] = list(call.store.value(this, "portgroup") or ())
        for group in groups:
            _require_unused(call, group)
        for group in groups:
            _remove_group(call, this, group)
        call.store.discard(call.store.value(this, "parent"), "childEntity", this)
        call.store.remove(this)
        return None
        yield

    return task.start(call, this, steps())


@method("DistributedVirtualPortgroup.ReconfigureDVPortgroup_Task")
def reconfigure_group(call: Call, this: Ref, spec: Data) -> Ref:
    """Change a port group."""

    def steps() -> Steps:
        store = call.store
        known = store.value(this, "config.configVersion")
        if spec["configVersion"] not in (None, known):
            raise VimFault("ConcurrentAccess")
        if spec["name"]:
            entity.rename(call.vcenter, this, spec["name"])
        configure_group(call, this, spec)
        store.change(this, "config.configVersion", str(int(known) + 1))
        return None
        yield

    return task.start(call, this, steps())


def configure_group(call: Call, group: Ref, spec: Data) -> None:
    """Set what a specification says of a port group, its name left out."""
    store = call.store
    for name in _GROUP:
        if spec[name] is not None:
            before = store.value(group, f"config.{name}")
            store.change(group, f"config.{name}", _merged(before, spec[name]))
    ports = spec["defaultPortConfig"]
    if ports is not None:
        before = store.value(group, "config.defaultPortConfig")
        fields = {name: _merged(before[name], ports[name]) for name in ports}
        store.change(group, "config.defaultPortConfig", before.having(**fields))


@method("DistributedVirtualPortgroup.Destroy_Task")
def destroy_group(call: Call, this: Ref) -> Ref:
    """Remove a port group that no guest is attached to; the uplinks' own stays."""

    def steps() -> Steps:
        _require_unused(call, this)
        if call.store.value(this, "config.uplink"):
            raise VimFault("ResourceInUse", type="DistributedVirtualPortgroup", name=this.moid)
        _remove_group(call, call.store.value(this, "config.distributedVirtualSwitch"), this)
        return None
        yield

    return task.start(call, this, steps())


def _require_unused(call: Call, group: Ref) -> None:
    if call.store.value(group, "vm"):
        name = call.store.value(group, "name")
        raise VimFault("ResourceInUse", type="DistributedVirtualPortgroup", name=name)


def _remove_group(call: Call, switch: Ref, group: Ref) -> None:
    store = call.store
    for host in store.value(group, "host") or ():
        store.discard(host, "network", group)
        store.discard(store.value(host, "parent"), "network", group)
    center = entity.above(store, group, "Datacenter")
    if center is not None:
        store.discard(center, "network", group)
    names = store.value(switch, "summary.portgroupName") or ()
    left = [name for name in names if name != store.value(group, "name")]
    store.change(switch, "summary.portgroupName", left)
    store.discard(switch, "portgroup", group)
    store.discard(store.value(group, "parent"), "childEntity", group)
    store.remove(group)


def _set_member(call: Call, switch: Ref, member: Data) -> None:
    """Let a host join a switch, leave it, or lend it other network cards."""
    store, host = call.store, member["host"]
    hosts: list[Ref] = store.value(switch, "summary.hostMember") or []
    if (member["operation"] == "add") == (host in hosts):
        raise bad_argument("spec.host")
    if member["operation"] == "edit":
        return _note_member(call, switch, member)
    groups: list[Ref] = store.value(switch, "portgroup") or []
    if member["operation"] == "remove":
        _require_free(call, groups, host)
        for group in groups:
            store.discard(group, "host", host)
            store.discard(host, "network", group)
        _list_hosts(call, switch, [one for one in hosts if one != host])
        known = store.value(switch, "config.host") or ()
        return _show_members(call, switch, [m for m in known if m["config"]["host"] != host])
    for group in groups:
        store.append(group, "host", host)
        inventory.attach(store, host, "network", group)
    _list_hosts(call, switch, [*hosts, host])
    return _note_member(call, switch, member)


def _require_free(call: Call, groups: list[Ref], host: Ref) -> None:
    for group in groups:
        for vm in call.store.value(group, "vm") or ():
            if call.store.value(vm, "runtime.host") == host:
                raise VimFault("ResourceInUse", type="HostProxySwitch", name=host.moid)


def _list_hosts(call: Call, switch: Ref, hosts: list[Ref]) -> None:
    store = call.store
    store.change(switch, "summary.hostMember", hosts)
    store.change(switch, "summary.host", hosts)
    store.change(switch, "summary.numHosts", len(hosts))


def _note_member(call: Call, switch: Ref, member: Data) -> None:
    host = member["host"]
    known = list(call.store.value(switch, "config.host") or ())
    made = member_of(host, member["backing"])
    others = [one for one in known if one["config"]["host"] != host]
    _show_members(call, switch, [*others, made])


def member_of(host: Ref, backing: Data | None = None) -> Data:
    """Return a host's membership of a switch."""
    bond = backing or data("DistributedVirtualSwitchHostMemberPnicBacking", pnicSpec=[])
    return data(
        "DistributedVirtualSwitchHostMember",
        config=data(
            "DistributedVirtualSwitchHostMemberConfigInfo",
            host=host,
            maxProxySwitchPorts=256,
            backing=bond,
        ),
        status="up",
    )


def _show_members(call: Call, switch: Ref, members: list[Data]) -> None:
    call.store.change(switch, "config.host", members)
