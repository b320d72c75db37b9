"""Who is master: a service that takes over the pool, and one that finds itself replaced.

All members share the pool's one database here, so two masters cannot serve at a time: a host
that was master and comes back gives way to the one that serves (XenServer's own check for other
masters at start-up).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim.xenserver import alerts
from hvsim.xenserver.accounts import session
from hvsim.xenserver.hosts import heartbeat, host_rules, service
from hvsim.xenserver.pool import Role

if TYPE_CHECKING:
    from hvsim.xenserver.pool import Member, Pool


def other_master(pool: Pool, member: Member) -> Member | None:
    """Return another member that answers as master, or None."""
    for other in pool.members.values():
        answers = other.answers() is None and other.emergency is None
        if other is not member and other.role is Role.MASTER and answers:
            return other
    return None


def superseded(pool: Pool, member: Member) -> bool:
    """Whether a member that takes itself for the master has lost that place to another."""
    in_place = member.role is not Role.MASTER or member.host == pool.row["master"]
    return not in_place and other_master(pool, member) is not None


def take_over(pool: Pool, member: Member) -> None:
    """Serve the pool's database from now on: on this member alone.

    Sessions and calls of the master before are gone; every host is disabled until it reports.
    """
    former = pool.row["master"]
    address = member.server.address
    service.change(pool, member, role=Role.MASTER, master=address, emergency=None, running=True)
    member.shutting_down = False
    session.drop_all(pool)
    pool.db.change("pool", pool.ref, master=member.host, current_operations={})
    service.cancel_tasks(pool, list(pool.db.tables["task"]))
    for host in pool.db.tables["host"]:
        pool.db.change("host", host, enabled=False, current_operations={})
        host_rules.refresh(pool, host)
    service.set_live(pool, member.host, live=True)
    service.note_start(pool, member)
    _reconnect(pool, member)
    heartbeat.watch_anew(pool)
    if former != member.host:
        uuid = pool.db.row("host", member.host)["uuid"]
        alerts.create(pool, "POOL_MASTER_TRANSITION", "Host", uuid, "")
    for tell in pool.on_master:
        tell(pool)


def _reconnect(pool: Pool, master: Member) -> None:
    """Let the members that wait for this master go on."""
    for member in pool.members.values():
        waits = member.master == master.server.address and member.emergency is None
        if member is not master and waits and member.answers() is None:
            heartbeat.came_back(pool, member)
            service.consider_enabling(pool, member)
