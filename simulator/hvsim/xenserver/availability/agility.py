"""Agile guests: those that can run on every enabled host of the pool."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim.xenserver.errors import XenError
from hvsim.xenserver.life import placement

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hvsim.xenserver.pool import Pool


def assert_agile(pool: Pool, vm: str) -> None:
    """Raise why a guest is bound to a host, if it is.

    Raises:
        XenError: ``VM_HAS_VGPU``, ``VM_HAS_VUSBS``, ``HA_CONSTRAINT_VIOLATION_SR_NOT_SHARED`` [SR]
            or ``HA_CONSTRAINT_VIOLATION_NETWORK_NOT_SHARED`` [network].
    """
    row = pool.db.row("VM", vm)
    if row.get("VGPUs"):
        raise XenError("VM_HAS_VGPU", vm)
    if row.get("VUSBs"):
        raise XenError("VM_HAS_VUSBS", vm)
    for storage in placement.storages_of(pool, vm):
        if not is_storage_shared(pool, storage):
            raise XenError("HA_CONSTRAINT_VIOLATION_SR_NOT_SHARED", storage)
    for vif in row["VIFs"]:
        network = pool.db.row("VIF", vif)["network"]
        if not is_network_shared(pool, network):
            raise XenError("HA_CONSTRAINT_VIOLATION_NETWORK_NOT_SHARED", network)


def are_agile(pool: Pool, guests: Iterable[str]) -> bool:
    """Whether every one of many guests can run on every enabled host."""
    shared: dict[str, bool] = {}
    for vm in guests:
        row = pool.db.row("VM", vm)
        if row.get("VGPUs") or row.get("VUSBs"):
            return False
        for storage in placement.storages_of(pool, vm):
            if storage not in shared:
                shared[storage] = is_storage_shared(pool, storage)
            if not shared[storage]:
                return False
        for vif in row["VIFs"]:
            network = pool.db.row("VIF", vif)["network"]
            if network not in shared:
                shared[network] = is_network_shared(pool, network)
            if not shared[network]:
                return False
    return True


def is_storage_shared(pool: Pool, sr: str) -> bool:
    """Whether a repository is shared and attached to every enabled host."""
    row = pool.db.tables["SR"].get(sr)
    if row is None or not row["shared"]:
        return False
    connections = [pool.db.row("PBD", ref) for ref in row["PBDs"]]
    plugged = {link["host"] for link in connections if link["currently_attached"]}
    return enabled_hosts(pool) <= plugged


def is_network_shared(pool: Pool, network: str) -> bool:
    """Whether every enabled host has an interface on a network."""
    row = pool.db.tables["network"].get(network)
    if row is None:
        return False
    there = {pool.db.row("PIF", ref)["host"] for ref in row["PIFs"]}
    return enabled_hosts(pool) <= there


def enabled_hosts(pool: Pool) -> set[str]:
    """Return the hosts that take guests."""
    return {ref for ref, row in pool.db.tables["host"].items() if row["enabled"]}
