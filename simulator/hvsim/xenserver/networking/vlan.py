"""VLANs: tagged interfaces of hosts.

Source: xapi's ``xapi_vlan``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hvsim.xenserver.errors import XenError
from hvsim.xenserver.messages import message
from hvsim.xenserver.model import NULL_REF
from hvsim.xenserver.networking import network

if TYPE_CHECKING:
    from hvsim.xenserver.messages import Call
    from hvsim.xenserver.pool import Pool

MAC: Final = "fe:ff:ff:ff:ff:ff"
"""What every VLAN's interface is given for an address."""
_HIGHEST_TAG: Final = 4094


@message("VLAN.create")
def create(call: Call, tagged_PIF: str, tag: int, network: str) -> str:  # noqa: N803 - the parameter's own name
    """Put a host on a VLAN of one of its interfaces; return the VLAN's reference.

    Raises:
        XenError: ``NETWORK_ALREADY_CONNECTED``, ``PIF_IS_VLAN``, ``CANNOT_ADD_VLAN_TO_BOND_SLAVE``,
            ``VLAN_TAG_INVALID``, ``PIF_VLAN_EXISTS``.
    """
    return make(call.pool, tagged_PIF, tag, network)


def make(pool: Pool, tagged: str, tag: int, net: str) -> str:
    """Make a VLAN with its interface, brought up; return the VLAN's reference."""
    base = pool.db.row("PIF", tagged)
    network.require_managed(pool, net)
    network.require_free(pool, net, base["host"])
    _require_taggable(pool, tagged, tag)
    ref = pool.db.new_ref("VLAN")
    untagged = pool.db.add(
        "PIF",
        {
            "device": base["device"],
            "network": net,
            "host": base["host"],
            "MAC": MAC,
            "MTU": base["MTU"],
            "VLAN": tag,
            "metrics": base["metrics"],
            "physical": False,
            "currently_attached": True,
            "managed": True,
            "VLAN_master_of": ref,
            "ip_configuration_mode": "None",
        },
    )
    return pool.db.add("VLAN", {"tagged_PIF": tagged, "untagged_PIF": untagged, "tag": tag}, ref)


@message("VLAN.destroy")
def destroy(call: Call, vlan: str) -> None:
    """Take a VLAN away with its interface."""
    remove(call.pool, vlan)


def remove(pool: Pool, vlan: str) -> None:
    """Take a VLAN and its interface out, unless a bond or a guest needs it."""
    from hvsim.xenserver.networking import pif  # noqa: PLC0415 - interfaces and VLANs make each other

    row = pool.db.row("VLAN", vlan)
    untagged = row["untagged_PIF"]
    if pool.db.exists("PIF", untagged):
        pif.require_unbonded(pool, untagged)
        pif.require_unpluggable(pool, untagged)
        pool.db.remove("PIF", untagged)
    pool.db.remove("VLAN", vlan)


def _require_taggable(pool: Pool, tagged: str, tag: int) -> None:
    base = pool.db.row("PIF", tagged)
    if not base.get("managed", True):
        raise XenError("PIF_UNMANAGED", tagged)
    if base["bond_slave_of"] != NULL_REF:
        raise XenError("CANNOT_ADD_VLAN_TO_BOND_SLAVE", tagged)
    if base["VLAN_master_of"] != NULL_REF:
        raise XenError("PIF_IS_VLAN", tagged)
    if not 0 <= tag <= _HIGHEST_TAG:
        raise XenError("VLAN_TAG_INVALID", str(tag))
    if any(pool.db.row("VLAN", ref)["tag"] == tag for ref in base["VLAN_slave_of"]):
        raise XenError("PIF_VLAN_EXISTS", base["device"])
