"""Bonds: several interfaces of a host as one.

Source: xapi's ``xapi_bond``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hvsim.xenserver.errors import XenError
from hvsim.xenserver.messages import message
from hvsim.xenserver.model import NULL_REF
from hvsim.xenserver.networking import network, pif
from hvsim.xenserver.networking.vif import is_mac

if TYPE_CHECKING:
    from hvsim.xenserver.messages import Call
    from hvsim.xenserver.pool import Pool

_ADDRESS = ("ip_configuration_mode", "IP", "netmask", "gateway", "DNS")
"""What a bond takes over of the member that has it, management included."""
_NO_ADDRESS = {"ip_configuration_mode": "None", "IP": "", "netmask": "", "gateway": "", "DNS": ""}


@message("Bond.create")
def create(  # noqa: PLR0917 - the message has them
    call: Call,
    network: str,
    members: list[str],
    MAC: str,  # noqa: N803 - the parameter's own name
    mode: str = "balance-slb",
    properties: dict[str, str] | None = None,
) -> str:
    """Bond interfaces of one host on a network; return the bond's reference.

    Raises:
        XenError: ``PIF_BOND_NEEDS_MORE_MEMBERS``, ``NETWORK_ALREADY_CONNECTED``, ``MAC_INVALID``,
            ``PIF_ALREADY_BONDED``, ``PIF_VLAN_EXISTS``, ``PIF_CANNOT_BOND_CROSS_HOST``,
            ``PIF_BOND_MORE_THAN_ONE_IP``, ``HA_CANNOT_CHANGE_BOND_STATUS_OF_MGMT_IFACE``.
    """
    pool = call.pool
    chosen = list(dict.fromkeys(members))
    _check(pool, network, chosen, MAC)
    first = _primary(pool, chosen)
    master = pool.db.add("PIF", _master_fields(pool, network, first, MAC))
    bond = pool.db.add(
        "Bond",
        {
            "master": master,
            "primary_slave": first,
            "mode": mode,
            "properties": properties or {},
            "links_up": len(chosen),
            "auto_update_mac": not MAC,
        },
    )
    for ref in chosen:
        pool.db.change(
            "PIF",
            ref,
            bond_slave_of=bond,
            management=False,
            currently_attached=False,
            **_NO_ADDRESS,
        )
    return bond


@message("Bond.destroy")
def destroy(call: Call, bond: str) -> None:
    """Undo a bond: its first member has its address and its management back.

    Raises:
        XenError: ``PIF_VLAN_STILL_EXISTS``,
            ``HA_CANNOT_CHANGE_BOND_STATUS_OF_MGMT_IFACE``, ``VIF_IN_USE``.
    """
    row = call.db.row("Bond", bond)
    master = call.db.row("PIF", row["master"])
    if call.pool.row["ha_enabled"] and master["management"]:
        raise XenError("HA_CANNOT_CHANGE_BOND_STATUS_OF_MGMT_IFACE")
    if master["VLAN_slave_of"]:
        raise XenError("PIF_VLAN_STILL_EXISTS", row["master"])
    if not master["management"]:
        pif.require_unpluggable(call.pool, row["master"])
    first = row.get("primary_slave") or row["slaves"][0]
    back = {name: master[name] for name in (*_ADDRESS, "management")}
    for ref in row["slaves"]:
        call.db.change("PIF", ref, bond_slave_of=NULL_REF, currently_attached=True)
    call.db.change("PIF", first, **back)
    call.db.remove("Bond", bond)
    call.db.remove("PIF", row["master"])


@message("Bond.set_mode")
def set_mode(call: Call, bond: str, value: str) -> None:
    """Say how a bond shares its load."""
    call.db.change("Bond", bond, mode=value)


@message("Bond.set_property")
def set_property(call: Call, bond: str, name: str, value: str) -> None:
    """Set a property of a bond (``hashing_algorithm``, LACP timing)."""
    have = call.db.row("Bond", bond)["properties"]
    call.db.change("Bond", bond, properties={**have, name: value})


def _check(pool: Pool, net: str, members: list[str], mac: str) -> None:
    if not members:
        raise XenError("PIF_BOND_NEEDS_MORE_MEMBERS")
    rows = [pool.db.row("PIF", ref) for ref in members]
    network.require_managed(pool, net)
    network.require_free(pool, net, rows[0]["host"])
    if mac and not is_mac(mac):
        raise XenError("MAC_INVALID", mac)
    for ref, row in zip(members, rows, strict=True):
        pif.require_managed(pool, ref)
        pif.require_unbonded(pool, ref)
        if row["VLAN_master_of"] != NULL_REF:
            raise XenError("PIF_VLAN_EXISTS", row["device"])
        if pool.row["ha_enabled"] and row["management"]:
            raise XenError("HA_CANNOT_CHANGE_BOND_STATUS_OF_MGMT_IFACE")
    if len({row["host"] for row in rows}) > 1:
        raise XenError("PIF_CANNOT_BOND_CROSS_HOST")
    if sum(row["ip_configuration_mode"] != "None" for row in rows) > 1:
        raise XenError("PIF_BOND_MORE_THAN_ONE_IP")


def _primary(pool: Pool, members: list[str]) -> str:
    rows = {ref: pool.db.row("PIF", ref) for ref in members}
    managing = [ref for ref, row in rows.items() if row["management"]]
    addressed = [ref for ref, row in rows.items() if row["ip_configuration_mode"] != "None"]
    return (managing or addressed or members)[0]


def _master_fields(pool: Pool, net: str, first: str, mac: str) -> dict[str, Any]:
    row = pool.db.row("PIF", first)
    devices = {
        pool.db.row("PIF", ref)["device"] for ref in pool.db.row("host", row["host"])["PIFs"]
    }
    number = next(n for n in range(len(devices) + 1) if f"bond{n}" not in devices)
    metrics = pool.db.add("PIF_metrics", {"carrier": True, "speed": 1000, "duplex": True})
    return {
        **{name: row[name] for name in (*_ADDRESS, "host", "MTU", "management")},
        "device": f"bond{number}",
        "network": net,
        "MAC": mac or row["MAC"],
        "VLAN": -1,
        "physical": False,
        "currently_attached": True,
        "managed": True,
        "metrics": metrics,
    }
