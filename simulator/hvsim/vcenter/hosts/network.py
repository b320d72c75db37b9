"""The virtual switches, port groups and adapters of a host."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.vcenter import entity, inventory
from hvsim.vcenter.faults import VimFault, bad_argument
from hvsim.vcenter.hosts import part
from hvsim.vcenter.hosts.switches import GROUP_KEY, NIC_KEY, NIC_TYPES, port_group, switch
from hvsim.vcenter.methods import Call, method
from hvsim.vcenter.values import Data, Ref, data

if TYPE_CHECKING:
    from collections.abc import Callable

_VLANS: Final = range(4096)
_AT_ONCE: Final = ("dnsConfig", "ipRouteConfig", "ipV6Enabled", "netStackSpec")


@method("HostNetworkSystem.AddVirtualSwitch")
def add_switch(call: Call, this: Ref, vswitchName: str, spec: Data | None = None) -> None:
    """Add a virtual switch."""
    info = _info(call, this)
    if any(one["name"] == vswitchName for one in info["vswitch"]):
        raise VimFault("AlreadyExists", name=vswitchName)
    wanted = spec or data("HostVirtualSwitchSpec", numPorts=128)
    made = switch(vswitchName, _cards(info, wanted, vswitchName), [], wanted)
    _show(call, this, vswitch=[*info["vswitch"], made])


@method("HostNetworkSystem.UpdateVirtualSwitch")
def update_switch(call: Call, this: Ref, vswitchName: str, spec: Data) -> None:
    """Change a virtual switch."""
    info = _info(call, this)
    _named(info["vswitch"], vswitchName)
    cards = _cards(info, spec, vswitchName)

    def changed(known: Data) -> Data:
        groups = [key.removeprefix(GROUP_KEY) for key in known["portgroup"] or ()]
        after = known["spec"].having(**spec.fields).having(bridge=spec["bridge"])
        return switch(vswitchName, cards, groups, after)

    _show(call, this, vswitch=_edited(info["vswitch"], vswitchName, changed))


@method("HostNetworkSystem.RemoveVirtualSwitch")
def remove_switch(call: Call, this: Ref, vswitchName: str) -> None:
    """Remove a virtual switch that nothing is attached to."""
    info = _info(call, this)
    found = _named(info["vswitch"], vswitchName)
    if any(_is_used(call, this, key.removeprefix(GROUP_KEY)) for key in found["portgroup"] or ()):
        raise VimFault("ResourceInUse", type="HostVirtualSwitch", name=vswitchName)
    for key in found["portgroup"] or ():
        _drop_group(call, this, key.removeprefix(GROUP_KEY))
    left = [one for one in info["vswitch"] if one["name"] != vswitchName]
    _show(call, this, vswitch=left)


@method("HostNetworkSystem.AddPortGroup")
def add_group(call: Call, this: Ref, portgrp: Data) -> None:
    """Add a port group to a virtual switch; guests can be attached to it then."""
    info, name = _info(call, this), portgrp["name"]
    if any(one["spec"]["name"] == name for one in info["portgroup"]):
        raise VimFault("AlreadyExists", name=name)
    _judge(info, portgrp)
    made = port_group(portgrp)

    def listing(known: Data) -> Data:
        return known.having(portgroup=[*(known["portgroup"] or ()), made["key"]])

    switches = _edited(info["vswitch"], portgrp["vswitchName"], listing)
    _show(call, this, vswitch=switches, portgroup=[*info["portgroup"], made])
    _attach(call, part.host_of(call, this), name)


@method("HostNetworkSystem.UpdatePortGroup")
def update_group(call: Call, this: Ref, pgName: str, portgrp: Data) -> None:
    """Change a port group."""
    info = _info(call, this)
    known = _group(info, pgName)
    if portgrp["name"] != pgName:
        if any(one["spec"]["name"] == portgrp["name"] for one in info["portgroup"]):
            raise VimFault("AlreadyExists", name=portgrp["name"])
        _require_unused(call, this, pgName)
    _judge(info, portgrp)
    _drop_group(call, this, pgName)
    add_group(call, this, known["spec"].having(**portgrp.fields))


@method("HostNetworkSystem.RemovePortGroup")
def remove_group(call: Call, this: Ref, pgName: str) -> None:
    """Remove a port group that no guest and no adapter of the host is attached to."""
    _group(_info(call, this), pgName)
    _require_unused(call, this, pgName)
    _drop_group(call, this, pgName)


@method("HostNetworkSystem.UpdateDnsConfig")
def set_names(call: Call, this: Ref, config: Data) -> None:
    """Set how a host finds names, and its own."""
    info = _info(call, this)
    _show(call, this, dnsConfig=info["dnsConfig"].having(**config.fields))
    call.store.change(this, "dnsConfig", _info(call, this)["dnsConfig"])


@method("HostNetworkSystem.UpdateIpRouteConfig")
def set_routes(call: Call, this: Ref, config: Data) -> None:
    """Set a host's default gateways."""
    _show(call, this, ipRouteConfig=config)


@method("HostNetworkSystem.UpdateNetworkConfig")
def set_network(call: Call, this: Ref, config: Data, changeMode: str) -> Data:
    """Change names, routes, stacks and the use of IPv6 at once (``changeMode`` modify)."""
    info = _info(call, this)
    if changeMode != "modify" or any(config[name] for name in config if name not in _AT_ONCE):
        raise VimFault("NotSupported")
    changes: dict[str, Any] = {}
    if config["dnsConfig"] is not None:
        changes["dnsConfig"] = info["dnsConfig"].having(**config["dnsConfig"].fields)
    if config["ipRouteConfig"] is not None:
        changes["ipRouteConfig"] = config["ipRouteConfig"]
    if config["ipV6Enabled"] is not None:
        # It takes effect with the host's next boot.
        changes["atBootIpV6Enabled"] = config["ipV6Enabled"]
    if config["netStackSpec"]:
        changes["netStackInstance"] = _stacks(info, config["netStackSpec"])
    _show(call, this, **changes)
    return data("HostNetworkConfigResult")


@method("HostNetworkSystem.AddVirtualNic")
def add_adapter(call: Call, this: Ref, portgroup: str, nic: Data) -> str:
    """Give a host another address of its own, at a port group; return the adapter's name."""
    info = _info(call, this)
    place = nic["distributedVirtualPort"]
    if place is None:
        _group(info, portgroup)
    elif not call.store.exists(place["portgroupKey"]):
        raise VimFault("NotFound")
    used = {card["device"] for card in info["vnic"]}
    device = next(f"vmk{n}" for n in range(len(used) + 1) if f"vmk{n}" not in used)
    mac = nic["mac"] or call.vcenter.new_mac()
    made = data(
        "HostVirtualNic",
        device=device,
        key=f"key-vim.host.VirtualNic-{device}",
        portgroup=portgroup,
        spec=nic.having(
            mac=mac,
            mtu=nic["mtu"] or 1500,
            netStackInstanceKey=nic["netStackInstanceKey"] or "defaultTcpipStack",
        ),
    )
    _show(call, this, vnic=[*info["vnic"], made])
    return device


@method("HostNetworkSystem.UpdateVirtualNic")
def update_adapter(call: Call, this: Ref, device: str, nic: Data) -> None:
    """Change an adapter of a host."""
    info = _info(call, this)
    known = _device(info, device)
    spec: Data = known["spec"].having(**nic.fields)
    after = known.having(spec=spec, portgroup=nic["portgroup"] or known["portgroup"])
    cards = [after if card["device"] == device else card for card in info["vnic"]]
    _show(call, this, vnic=cards)


@method("HostNetworkSystem.RemoveVirtualNic")
def remove_adapter(call: Call, this: Ref, device: str) -> None:
    """Take an adapter away; that vCenter reaches the host by stays."""
    info, host = _info(call, this), part.host_of(call, this)
    known = _device(info, device)
    if known["spec"]["ip"] and known["spec"]["ip"]["ipAddress"] == _address(call, host):
        raise VimFault("ResourceInUse", type="HostVirtualNic", name=device)
    _show(call, this, vnic=[card for card in info["vnic"] if card["device"] != device])
    manager = part.manager_of(call.vcenter, host, "virtualNicManager")
    for kind in NIC_TYPES:
        left = [one for one in _selection(call, manager, kind) if one != f"{kind}.{known['key']}"]
        _choose(call, manager, kind, left)


def _address(call: Call, host: Ref) -> str:
    return call.vcenter.machines[host.moid].server.address


def _device(info: Data, device: str) -> Data:
    known: list[Data] = info["vnic"]
    found = next((card for card in known if card["device"] == device), None)
    if found is None:
        raise VimFault("NotFound")
    return found


@method("HostNetworkSystem.RefreshNetworkSystem")
def refresh(call: Call, this: Ref) -> None:
    """Read again what is always as it is."""
    part.host_of(call, this)


@method("HostVirtualNicManager.QueryNetConfig")
def query_use(call: Call, this: Ref, nicType: str) -> Data:
    """Return the adapters that can be used for something, and those that are."""
    if nicType not in NIC_TYPES:
        raise bad_argument("nicType")
    host = part.host_of(call, this)
    return data(
        "VirtualNicManagerNetConfig",
        nicType=nicType,
        multiSelectAllowed=NIC_TYPES[nicType],
        candidateVnic=[
            card.having(key=f"{nicType}.{card['key']}")
            for card in call.store.value(host, "config.network.vnic")
        ],
        selectedVnic=_selection(call, this, nicType),
    )


@method("HostVirtualNicManager.SelectVnicForNicType")
def select(call: Call, this: Ref, nicType: str, device: str) -> None:
    """Use an adapter for something."""
    key = _adapter(call, this, nicType, device)
    before = _selection(call, this, nicType) if NIC_TYPES[nicType] else []
    _choose(call, this, nicType, [*(one for one in before if one != key), key])


@method("HostVirtualNicManager.DeselectVnicForNicType")
def deselect(call: Call, this: Ref, nicType: str, device: str) -> None:
    """Use an adapter for something no more."""
    key = _adapter(call, this, nicType, device)
    before = _selection(call, this, nicType)
    if key not in before:
        raise bad_argument("device")
    _choose(call, this, nicType, [one for one in before if one != key])


def _adapter(call: Call, this: Ref, kind: str, device: str) -> str:
    host = part.host_of(call, this)
    cards = call.store.value(host, "config.network.vnic")
    found = next((card for card in cards if card["device"] == device), None)
    if kind not in NIC_TYPES:
        raise bad_argument("nicType")
    if found is None:
        raise bad_argument("device")
    return f"{kind}.{found['key']}"


def _selection(call: Call, this: Ref, kind: str) -> list[str]:
    known: list[Data] = call.store.value(this, "info.netConfig")
    return next((list(one["selectedVnic"] or ()) for one in known if one["nicType"] == kind), [])


def _choose(call: Call, this: Ref, kind: str, keys: list[str]) -> None:
    known: list[Data] = call.store.value(this, "info.netConfig")
    after = [one.having(selectedVnic=keys) if one["nicType"] == kind else one for one in known]
    call.store.change(this, "info.netConfig", after)


def _info(call: Call, this: Ref) -> Data:
    part.host_of(call, this)
    found: Data = call.store.value(this, "networkInfo")
    return found


def _show(call: Call, this: Ref, **changes: Any) -> None:
    for name, value in changes.items():
        call.store.change(this, f"networkInfo.{name}", value)
        call.store.change(part.host_of(call, this), f"config.network.{name}", value)


def _named(known: list[Data], name: str) -> Data:
    found = next((one for one in known if one["name"] == name), None)
    if found is None:
        raise VimFault("NotFound")
    return found


def _group(info: Data, name: str) -> Data:
    known: list[Data] = info["portgroup"]
    found = next((one for one in known if one["spec"]["name"] == name), None)
    if found is None:
        raise VimFault("NotFound")
    return found


def _edited(known: list[Data], name: str, change: Callable[[Data], Data]) -> list[Data]:
    return [change(one) if one["name"] == name else one for one in known]


def _cards(info: Data, spec: Data, name: str) -> list[str]:
    """Return the network cards that a switch is bonded to; each serves one switch only."""
    bond = spec["bridge"]
    cards = list(bond["nicDevice"] or ()) if bond is not None else []
    present = {card["device"] for card in info["pnic"]}
    taken = {key for one in info["vswitch"] if one["name"] != name for key in one["pnic"] or ()}
    for card in cards:
        if card not in present:
            raise bad_argument("spec.bridge.nicDevice")
        if NIC_KEY + card in taken:
            raise VimFault("ResourceInUse", type="PhysicalNic", name=card)
    return cards


def _judge(info: Data, spec: Data) -> None:
    _named(info["vswitch"], spec["vswitchName"])
    if spec["vlanId"] not in _VLANS:
        raise bad_argument("vlanId")


def _network(call: Call, host: Ref, name: str) -> Ref | None:
    """Return the network of the host's datacenter that stands for its port groups of a name."""
    center = entity.datacenter_of(call.store, host)
    known = (ref for ref in center["network"] or () if ref.type == "Network")
    return next((ref for ref in known if call.store.value(ref, "name") == name), None)


def _attach(call: Call, host: Ref, name: str) -> None:
    network = _network(call, host, name)
    if network is None:
        center = entity.datacenter_of(call.store, host)
        inventory.add_network(call.vcenter, center.ref, name, [host])
    else:
        call.store.append(network, "host", host)
        inventory.attach(call.store, host, "network", network)


def _is_used(call: Call, this: Ref, name: str) -> bool:
    host = part.host_of(call, this)
    cards = call.store.value(host, "config.network.vnic") or ()
    if any(card["portgroup"] == name for card in cards):
        return True
    network = _network(call, host, name)
    guests = call.store.value(network, "vm") or () if network is not None else ()
    return any(call.store.value(vm, "runtime.host") == host for vm in guests)


def _require_unused(call: Call, this: Ref, name: str) -> None:
    if _is_used(call, this, name):
        raise VimFault("ResourceInUse", type="HostPortGroup", name=name)


def _drop_group(call: Call, this: Ref, name: str) -> None:
    store, host, info = call.store, part.host_of(call, this), _info(call, this)

    def unlisting(known: Data) -> Data:
        left = [key for key in known["portgroup"] or () if key != GROUP_KEY + name]
        return known.having(portgroup=left)

    groups = [one for one in info["portgroup"] if one["spec"]["name"] != name]
    _show(call, this, vswitch=[unlisting(one) for one in info["vswitch"]], portgroup=groups)
    network = _network(call, host, name)
    if network is None:
        return
    store.discard(network, "host", host)
    store.discard(host, "network", network)
    compute: Ref = store.value(host, "parent")
    if not any(network in store.value(ref, "network") for ref in store.value(compute, "host")):
        store.discard(compute, "network", network)
    if not store.value(network, "host") and not store.value(network, "vm"):
        store.discard(entity.datacenter_of(store, network).ref, "network", network)
        store.discard(store.value(network, "parent"), "childEntity", network)
        store.remove(network)


def _stacks(info: Data, specs: list[Data]) -> list[Data]:
    """Return the network stacks after changes of some."""
    stacks = {one["key"]: one for one in info["netStackInstance"] or ()}
    for spec in specs:
        wanted: Data = spec["netStackInstance"]
        if wanted["key"] not in stacks:
            raise VimFault("NotFound")
        stacks[wanted["key"]] = stacks[wanted["key"]].having(**wanted.fields)
    return list(stacks.values())
