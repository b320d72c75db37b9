"""Networks of a pool.

Source: xapi's ``xapi_network``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.xenserver.errors import XenError
from hvsim.xenserver.messages import message
from hvsim.xenserver.networking import vif

if TYPE_CHECKING:
    from hvsim.xenserver.messages import Call
    from hvsim.xenserver.pool import Pool

_LONGEST_BRIDGE: Final = 15
_TAKEN_PREFIXES: Final = ("xen", "xapi", "vif", "tap", "eth")
"""Names of bridges that the product keeps for itself."""


@message("network.create")
def create(call: Call, args: dict[str, Any]) -> str:
    """Make a network that no host is attached to yet; return its reference.

    Raises:
        XenError: ``INVALID_VALUE`` or ``BRIDGE_NAME_EXISTS`` of a bridge that the caller named
            (5.5 always finds a name of its own).
    """
    bridge = "" if call.pool.legacy else args.get("bridge", "")
    if bridge:
        _require_bridge(call.pool, bridge)
    fields = {
        "name_label": args.get("name_label", ""),
        "name_description": args.get("name_description", ""),
        "MTU": args["MTU"] if args.get("MTU", 0) > 0 else 1500,
        "bridge": bridge or _free_bridge(call.pool),
        "managed": args.get("managed", True),
        "other_config": args.get("other_config", {}),
        "tags": args.get("tags", []),
    }
    return call.db.add("network", fields)


@message("network.destroy")
def destroy(call: Call, network: str) -> None:
    """Remove a network with the idle interfaces on it.

    Raises:
        XenError: ``NETWORK_CONTAINS_VIF`` [attached ones], ``NETWORK_CONTAINS_PIF`` [all],
            ``CANNOT_DESTROY_SYSTEM_NETWORK``.
    """
    row = call.db.row("network", network)
    attached = [ref for ref in row["VIFs"] if call.db.row("VIF", ref)["currently_attached"]]
    if attached:
        raise XenError("NETWORK_CONTAINS_VIF", *attached)
    if row["PIFs"]:
        raise XenError("NETWORK_CONTAINS_PIF", *row["PIFs"])
    if row["other_config"].get("is_host_internal_management_network") == "true":
        raise XenError("CANNOT_DESTROY_SYSTEM_NETWORK", network)
    for ref in row["VIFs"]:
        vif.drop(call.pool, ref)
    call.db.remove("network", network)


@message("network.set_default_locking_mode")
def set_default_locking_mode(call: Call, network: str, value: str) -> None:
    """Say what interfaces without a mode of their own let through (``VIF_IN_USE``)."""
    for ref in call.db.row("network", network)["VIFs"]:
        if call.db.row("VIF", ref)["currently_attached"]:
            raise XenError("VIF_IN_USE", network, ref)
    call.db.change("network", network, default_locking_mode=value)


@message("network.add_purpose")
def add_purpose(call: Call, network: str, value: str) -> None:
    """Let a network serve a purpose; NBD with and without TLS exclude each other pool-wide.

    Raises:
        XenError: ``NETWORK_UNMANAGED``; ``NETWORK_INCOMPATIBLE_PURPOSES``. A purpose it has
            already is no error.
    """
    require_managed(call.pool, network)
    have = call.db.row("network", network)["purpose"]
    if value in have:
        return
    excluded = {"nbd": "insecure_nbd", "insecure_nbd": "nbd"}[value]
    if any(excluded in row["purpose"] for row in call.db.tables["network"].values()):
        raise XenError("NETWORK_INCOMPATIBLE_PURPOSES", value, excluded)
    call.db.change("network", network, purpose=[value, *have])


@message("network.remove_purpose")
def remove_purpose(call: Call, network: str, value: str) -> None:
    """Let a network no longer serve a purpose."""
    have = call.db.row("network", network)["purpose"]
    call.db.change("network", network, purpose=[other for other in have if other != value])


def require_managed(pool: Pool, network: str) -> None:
    """Raise ``NETWORK_UNMANAGED`` for a network that the product leaves alone."""
    if not pool.db.row("network", network).get("managed", True):
        raise XenError("NETWORK_UNMANAGED", network)


def require_free(pool: Pool, network: str, host: str) -> None:
    """Raise ``NETWORK_ALREADY_CONNECTED`` when a host is attached to a network."""
    for ref in pool.db.row("network", network)["PIFs"]:
        if pool.db.row("PIF", ref)["host"] == host:
            raise XenError("NETWORK_ALREADY_CONNECTED", host, ref)


def _bridges(pool: Pool) -> set[str]:
    return {row["bridge"] for row in pool.db.tables["network"].values()}


def _require_bridge(pool: Pool, bridge: str) -> None:
    if len(bridge) > _LONGEST_BRIDGE or bridge.startswith(_TAKEN_PREFIXES):
        raise XenError("INVALID_VALUE", "bridge", bridge)
    if bridge in _bridges(pool):
        raise XenError("BRIDGE_NAME_EXISTS", bridge)


def _free_bridge(pool: Pool) -> str:
    taken = _bridges(pool)
    while True:
        name = f"xapi{pool.world.streams.number(f'{pool.path}/bridge') - 1}"
        if name not in taken:
            return name
