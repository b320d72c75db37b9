"""The heartbeat daemon's view under high availability: which hosts are alive, and who may lead.

Every armed host writes heartbeats to the network and to the state file on shared storage. A host
that loses one of them while the others have it resets its own machine (fencing).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hvsim.operations import Stage
from hvsim.xenserver.errors import XenError
from hvsim.xenserver.hosts import service
from hvsim.xenserver.pool import Role

if TYPE_CHECKING:
    from hvsim.operations import Steps
    from hvsim.xenserver.pool import Member, Pool

_DEFAULT_TIMEOUT: Final = 60
RETRY: Final = 10.0
"""Seconds between two attempts of an armed host to join the set of live hosts."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """What the daemon goes by, all derived from one base time T; seconds.

    Attributes:
        heartbeat: a host unheard of for so long is dead.
        watchdog: a host without the state file for so long resets itself.
        join: a host that starts waits so long for the others.
    """

    heartbeat: float
    watchdog: float
    join: float


def timeouts(pool: Pool) -> Timeouts:
    """Return the pool's timeouts (base 60 s unless configured; at least 10 s)."""
    configured = pool.row["ha_configuration"].get("timeout")
    default = pool.row["other_config"].get("default_ha_timeout", _DEFAULT_TIMEOUT)
    base = max(10, int(configured if configured is not None else default))
    return Timeouts(float(base), base + 15.0, base + 60.0)


def alive(pool: Pool) -> list[Member]:
    """Return the members that the daemon sees, in the database's order."""
    hosts = pool.db.tables["host"]
    members = (pool.members[host] for host in hosts if host in pool.members)
    return [member for member in members if is_alive(pool, member)]


def is_alive(pool: Pool, member: Member) -> bool:
    """Whether a member heartbeats: armed, powered, on the network, with the state file."""
    return (
        member.armed
        and member.in_liveset
        and member.server.runs_own_system
        and member.server.reachable() is None
        and (has_statefile(pool, member) or not any_statefile(pool))
    )


def has_statefile(pool: Pool, member: Member) -> bool:
    """Whether a member reaches the storage that holds the state file."""
    name = _storage(pool)
    storage = pool.world.hardware.storages.get(name) if name else None
    return storage is None or storage.reached_by(member.server.name)


def any_statefile(pool: Pool) -> bool:
    """Whether any running member reaches the state file."""
    return any(
        has_statefile(pool, member)
        for member in pool.members.values()
        if member.armed and member.server.runs_own_system
    )


def rejoin(pool: Pool, member: Member) -> Steps:
    """Bring an armed host back into the set before its service takes up its role."""
    while member.armed and pool.row["ha_enabled"]:
        if member.server.reachable() is None and has_statefile(pool, member):
            break
        lost = not has_statefile(pool, member)
        code = "HA_HOST_CANNOT_ACCESS_STATEFILE" if lost else "HA_HEARTBEAT_DAEMON_STARTUP_FAILED"
        service.change(pool, member, emergency=XenError(code), running=True)
        service.in_background(member)
        yield Stage("join-liveset", RETRY)
    service.change(pool, member, emergency=None)
    member.in_liveset = pool.row["ha_enabled"] and member.armed
    if not pool.row["ha_enabled"]:
        member.armed = False
    _yield_to_leader(pool, member)


def leader(pool: Pool) -> Member | None:
    """Return the live member that holds the master's lock in the state file, or None."""
    for member in alive(pool):
        role = member.next_role[0] if member.next_role else member.role
        if role is Role.MASTER:
            return member
    return None


def _yield_to_leader(pool: Pool, member: Member) -> None:
    """Put a returning host under the one that holds the master's lock meanwhile."""
    if not member.in_liveset:
        return
    for other in alive(pool):
        role = other.next_role[0] if other.next_role else other.role
        if other is not member and role is Role.MASTER:
            service.change(pool, member, role=Role.SLAVE, master=other.server.address)
            return


def _storage(pool: Pool) -> str | None:
    for vdi in pool.row["ha_statefiles"]:
        if pool.db.exists("VDI", vdi):
            sr = pool.db.row("VDI", vdi)["SR"]
            return str(pool.db.row("SR", sr)["name_label"]) if pool.db.exists("SR", sr) else None
    return None


def subject_of(pool: Pool) -> str:
    """Return the path of the pool's row, which operations of the whole set are done to."""
    return f"{pool.path}/pool/{pool.ref}"


def in_service(pool: Pool) -> bool:
    """Whether a master serves now."""
    return service.serving(pool) is not None
