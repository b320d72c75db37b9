"""What a XenServer pool's records say about hosts and guests, before any rule is applied."""

from dataclasses import dataclass
from typing import Any

from hvsim_conformance.reference.xenserver.connection import Connection

NULL = "OpaqueRef:NULL"
MAINTENANCE_KEY = "MAINTENANCE_MODE"
"""Key of ``host.other_config`` by which XenServer's own tools mark maintenance mode."""


@dataclass(frozen=True, slots=True)
class HostFacts:
    """One host, by its UUID."""

    uuid: str
    name: str
    address: str
    live: bool
    enabled: bool
    marked: bool
    master: bool

    @property
    def in_maintenance(self) -> bool:
        """Whether the host is out of service on purpose."""
        return not self.enabled and self.marked


@dataclass(frozen=True, slots=True)
class GuestFacts:
    """One guest, by its UUID; hosts are UUIDs."""

    uuid: str
    name: str
    power_state: str
    resident_on: str | None
    affinity: str | None
    moving: bool


@dataclass(frozen=True, slots=True)
class Inventory:
    """One pass over a pool."""

    pool: str
    hosts: dict[str, HostFacts]
    guests: dict[str, GuestFacts]


NOTHING = Inventory("", {}, {})
"""The inventory before the first pass."""

_MOVES = frozenset({"pool_migrate", "migrate_send", "suspend", "resume", "resume_on"})


def take(connection: Connection) -> Inventory:
    """Read a pool; raise XenAPI.Failure or Unreachable."""
    pools = connection.read("pool.get_all_records")
    hosts = connection.read("host.get_all_records")
    metrics = connection.read("host_metrics.get_all_records")
    guests = connection.read("VM.get_all_records")
    pool = next(iter(pools.values()))
    uuids = {ref: row["uuid"] for ref, row in hosts.items()}
    connection.learn(
        [row["address"] for ref, row in hosts.items() if ref == pool["master"]]
        + [row["address"] for ref, row in hosts.items() if ref != pool["master"]]
    )
    return Inventory(
        pool["name_label"] or pool["uuid"],
        {row["uuid"]: _host(ref, row, metrics, pool) for ref, row in hosts.items()},
        {row["uuid"]: _guest(row, uuids) for row in guests.values() if _is_guest(row)},
    )


def _is_guest(row: dict[str, Any]) -> bool:
    return not (row["is_a_template"] or row["is_a_snapshot"] or row["is_control_domain"])


def _host(
    ref: str, row: dict[str, Any], metrics: dict[str, Any], pool: dict[str, Any]
) -> HostFacts:
    return HostFacts(
        row["uuid"],
        row["name_label"],
        row["address"],
        metrics.get(row["metrics"], {"live": False})["live"],
        row["enabled"],
        row["other_config"].get(MAINTENANCE_KEY) == "true",
        ref == pool["master"],
    )


def _guest(row: dict[str, Any], hosts: dict[str, str]) -> GuestFacts:
    return GuestFacts(
        row["uuid"],
        row["name_label"],
        row["power_state"],
        hosts.get(row["resident_on"]),
        hosts.get(row["affinity"]),
        not _MOVES.isdisjoint(row["current_operations"].values()),
    )
