"""Physical interfaces of hosts, and those made of them.

Source: xapi's ``xapi_pif`` and ``xapi_pif_helpers``.
"""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Any, Final

from hvsim.operations import Stage
from hvsim.xenserver import marks
from hvsim.xenserver.errors import XenError
from hvsim.xenserver.messages import message
from hvsim.xenserver.model import NULL_REF
from hvsim.xenserver.networking import vlan
from hvsim.xenserver.networking.vif import is_mac

if TYPE_CHECKING:
    from hvsim.operations import Operation, Steps
    from hvsim.xenserver.messages import Call
    from hvsim.xenserver.pool import Pool

UP_SECONDS: Final = 2.0
"""How long a host takes to bring an interface up or down."""


@message("PIF.plug")
def plug(call: Call, pif: str) -> Operation:
    """Bring an interface up (``PIF_UNMANAGED``, ``CANNOT_PLUG_BOND_SLAVE``)."""
    require_managed(call.pool, pif)
    row = call.db.row("PIF", pif)
    if not call.pool.legacy and call.db.exists("Bond", row["bond_slave_of"]):
        raise XenError("CANNOT_PLUG_BOND_SLAVE", pif)
    return _change(call, pif, "plug", attached=True)


@message("PIF.unplug")
def unplug(call: Call, pif: str) -> Operation:
    """Bring an interface down.

    Raises:
        XenError: ``PIF_DOES_NOT_ALLOW_UNPLUG``, ``HA_IS_ENABLED``, ``PIF_IS_MANAGEMENT_INTERFACE``
            of a member, ``VIF_IN_USE`` while a guest on the host uses its network.
    """
    require_managed(call.pool, pif)
    require_unpluggable(call.pool, pif)
    return _change(call, pif, "unplug", attached=False)


def require_unpluggable(pool: Pool, pif: str) -> None:
    """Raise why an interface may not be brought down now."""
    row = pool.db.row("PIF", pif)
    require_unprotected(pool, pif)
    _require_no_member_management(pool, pif)
    if row["disallow_unplug"]:
        raise XenError("PIF_DOES_NOT_ALLOW_UNPLUG", pif)
    for vif in pool.db.row("network", row["network"])["VIFs"]:
        found = pool.db.row("VIF", vif)
        guest = pool.db.row("VM", found["VM"])
        if found["currently_attached"] and guest["resident_on"] == row["host"]:
            raise XenError("VIF_IN_USE", row["network"], vif)


@message("PIF.destroy")
def destroy(call: Call, pif: str) -> None:
    """Remove a VLAN's interface with its VLAN (``PIF_IS_PHYSICAL`` for others)."""
    row = call.db.row("PIF", pif)
    if row["VLAN"] < 0:
        raise XenError("PIF_IS_PHYSICAL")
    vlan.remove(call.pool, row["VLAN_master_of"])


@message("PIF.create_VLAN")
def create_vlan(call: Call, device: str, network: str, host: str, VLAN: int) -> str:  # noqa: N803 - the parameter's own name
    """Tag a host's interface; return the reference of the interface on the VLAN."""
    for ref in call.db.row("host", host)["PIFs"]:
        row = call.db.row("PIF", ref)
        if row["device"] == device and row["VLAN"] == -1:
            made = vlan.make(call.pool, ref, VLAN, network)
            untagged: str = call.db.row("VLAN", made)["untagged_PIF"]
            return untagged
    raise XenError("INVALID_VALUE", "device", device)


@message("PIF.scan")
def scan(call: Call, host: str) -> None:
    """Enter the machine's interfaces that the database does not know yet."""
    call.db.row("host", host)
    known = {call.db.row("PIF", ref)["MAC"] for ref in call.db.row("host", host)["PIFs"]}
    for nic in call.pool.members[host].server.nics:
        if nic.mac not in known:
            _enter(call.pool, host, nic.name, nic.mac, managed=True)


@message("PIF.introduce")
def introduce(call: Call, host: str, MAC: str, device: str, managed: bool = True) -> str:  # noqa: N803 - the parameter's own name
    """Enter one interface of a machine; return its reference.

    Raises:
        XenError: ``MAC_INVALID``; ``DUPLICATE_PIF_DEVICE_NAME``;
            ``COULD_NOT_FIND_NETWORK_INTERFACE_WITH_...`` (5.5, which goes by the address alone:
            ``MAC_DOES_NOT_EXIST``).
    """
    call.db.row("host", host)
    if call.pool.has("interfaces-known-by-address"):
        return _introduce_by_address(call, host, MAC.lower(), device)
    MAC = MAC.lower()  # noqa: N806 - as above
    _require_mac(MAC or _mac_of(call, host, device))
    pifs = [call.db.row("PIF", ref) for ref in call.db.row("host", host)["PIFs"]]
    if any(row["device"] == device and row["physical"] for row in pifs):
        raise XenError("DUPLICATE_PIF_DEVICE_NAME", device)
    for nic in call.pool.members[host].server.nics:
        if nic.name == device and MAC in ("", nic.mac):
            return _enter(call.pool, host, device, nic.mac, managed=managed)
    code = "COULD_NOT_FIND_NETWORK_INTERFACE_WITH_SPECIFIED_DEVICE_NAME_AND_MAC_ADDRESS"
    raise XenError(code, device, MAC)


def _introduce_by_address(call: Call, host: str, mac: str, device: str) -> str:
    _require_mac(mac)
    if all(nic.mac != mac for nic in call.pool.members[host].server.nics):
        raise XenError("MAC_DOES_NOT_EXIST", mac)
    pifs: list[str] = call.db.row("host", host)["PIFs"]
    for ref in pifs:
        row = call.db.row("PIF", ref)
        if row["MAC"] == mac and row["physical"]:
            return ref
    return _enter(call.pool, host, device, mac, managed=True)


def _mac_of(call: Call, host: str, device: str) -> str:
    nics = call.pool.members[host].server.nics
    return next((nic.mac for nic in nics if nic.name == device), "")


def _require_mac(mac: str) -> None:
    if not is_mac(mac):
        raise XenError("MAC_INVALID", mac)


@message("PIF.forget")
def forget(call: Call, pif: str) -> None:
    """Take an interface out of the database.

    Raises:
        XenError: ``PIF_IS_MANAGEMENT_INTERFACE``, ``PIF_ALREADY_BONDED``,
            ``PIF_VLAN_STILL_EXISTS``, ``HA_IS_ENABLED``.
    """
    row = call.db.row("PIF", pif)
    if row["management"]:
        raise XenError("PIF_IS_MANAGEMENT_INTERFACE", pif)
    require_unbonded(call.pool, pif)
    if row["VLAN_slave_of"] or row["VLAN"] != -1:
        raise XenError("PIF_VLAN_STILL_EXISTS", pif)
    require_unprotected(call.pool, pif)
    call.db.remove("PIF", pif)


@message("PIF.reconfigure_ip")
def reconfigure_ip(  # noqa: PLR0917 - the message has them
    call: Call,
    pif: str,
    mode: str,
    IP: str,  # noqa: N803 - the parameter's own name
    netmask: str,
    gateway: str,
    DNS: str,  # noqa: N803 - the parameter's own name
) -> None:
    """Set an interface's IPv4 address (``None``, ``DHCP`` or ``Static``).

    Raises:
        XenError: ``INVALID_IP_ADDRESS_SPECIFIED`` [parameter], ``HA_IS_ENABLED``,
            ``PIF_IS_MANAGEMENT_INTERFACE`` when it would lose its address.
    """
    require_managed(call.pool, pif)
    row = call.db.row("PIF", pif)
    now = (row["ip_configuration_mode"], row["IP"], row["netmask"], row["gateway"])
    if mode != "Static" or now != (mode, IP, netmask, gateway):
        require_unprotected(call.pool, pif)
    given = {"IP": IP, "netmask": netmask, "gateway": gateway}
    for name, value in given.items():
        if value or (mode == "Static" and name != "gateway"):
            _require_ipv4(name, value)
    if row["management"] and mode == "None":
        raise XenError("PIF_IS_MANAGEMENT_INTERFACE", pif)
    call.db.change("PIF", pif, ip_configuration_mode=mode, DNS=DNS, **given)


@message("PIF.set_disallow_unplug")
def set_disallow_unplug(call: Call, pif: str, value: bool) -> None:
    """Protect an interface from being brought down."""
    call.db.change("PIF", pif, disallow_unplug=value)


@message("PIF.set_property")
def set_property(call: Call, pif: str, name: str, value: str) -> None:
    """Set a property (``gro`` on or off) of a physical or bonded interface."""
    require_managed(call.pool, pif)
    row = call.db.row("PIF", pif)
    if name != "gro" or value not in ("on", "off"):
        raise XenError("INVALID_VALUE", "properties", f"{name} = {value}")
    if row["VLAN_master_of"] != NULL_REF or row["bond_slave_of"] != NULL_REF:
        raise XenError("CANNOT_CHANGE_PIF_PROPERTIES", pif)
    call.db.change("PIF", pif, properties={**row["properties"], name: value})


def require_managed(pool: Pool, pif: str) -> None:
    """Raise ``PIF_UNMANAGED`` for an interface that the product leaves alone."""
    if not pool.db.row("PIF", pif).get("managed", True):
        raise XenError("PIF_UNMANAGED", pif)


def require_unbonded(pool: Pool, pif: str) -> None:
    """Raise ``PIF_ALREADY_BONDED`` for a bond's interface or one of its members."""
    row = pool.db.row("PIF", pif)
    if pool.db.exists("Bond", row["bond_slave_of"]) or row["bond_master_of"]:
        raise XenError("PIF_ALREADY_BONDED", pif)


def require_unprotected(pool: Pool, pif: str) -> None:
    """Raise ``HA_IS_ENABLED`` for an attached interface while high availability needs it."""
    if pool.db.row("PIF", pif)["currently_attached"] and pool.row["ha_enabled"]:
        raise XenError("HA_IS_ENABLED")


def _require_no_member_management(pool: Pool, pif: str) -> None:
    row = pool.db.row("PIF", pif)
    slave = row["host"] != pool.row["master"]
    if slave and row["management"] and row["currently_attached"]:
        raise XenError("PIF_IS_MANAGEMENT_INTERFACE", pif)


def _change(call: Call, pif: str, name: str, *, attached: bool) -> Operation:
    def steps() -> Steps:
        yield Stage(name, UP_SECONDS)
        call.db.change("PIF", pif, currently_attached=attached)

    return marks.run(call, ("PIF", pif), [], steps())


def _enter(pool: Pool, host: str, device: str, mac: str, *, managed: bool) -> str:
    network = _network_of(pool, device)
    metrics = pool.db.add("PIF_metrics", {"carrier": True, "speed": 1000, "duplex": True})
    fields: dict[str, Any] = {
        "device": device,
        "host": host,
        "MAC": mac,
        "MTU": 1500,
        "VLAN": -1,
        "physical": True,
        "currently_attached": False,
        "managed": managed,
        "metrics": metrics,
        "network": network,
    }
    return pool.db.add("PIF", fields)


def _network_of(pool: Pool, device: str) -> str:
    bridge = device.replace("eth", "xenbr")
    for ref, row in pool.db.tables["network"].items():
        if row["bridge"] == bridge:
            return ref
    name = f"Pool-wide network associated with {device}"
    fields = {"name_label": name, "bridge": bridge, "MTU": 1500, "managed": True}
    return pool.db.add("network", fields)


def _require_ipv4(name: str, value: str) -> None:
    try:
        IPv4Address(value)
    except ValueError:
        raise XenError("INVALID_IP_ADDRESS_SPECIFIED", name) from None
