"""The heartbeat daemon of each host under high availability.

It finds hosts dead, resets a host that cannot prove that it is alive, restarts a management
service that answers nobody, and lets the survivors choose a master. Times follow XenServer's
own: a host is dead after T (60 s unless configured), survivors look for a new master every 5 s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hvsim.hardware import Power, Silence
from hvsim.operations import Stage
from hvsim.xenserver.availability import liveset, recovery
from hvsim.xenserver.hosts import heartbeat, service
from hvsim.xenserver.mastery import membership
from hvsim.xenserver.pool import Role

if TYPE_CHECKING:
    from hvsim.hardware import Change as HardwareChange
    from hvsim.operations import Steps
    from hvsim.xenserver.pool import Member, Pool

_POLL: Final = 5.0
"""Seconds between two looks of a survivor for a new master."""
_HEALTHCHECK: Final = 120.0
"""Seconds after which the daemon gives up on a management service that does not answer."""


def watch(pool: Pool) -> None:
    """Follow the storage paths of the pool's hosts from now on."""
    pool.world.hardware.observe(lambda change: _storage_changed(pool, change))


@heartbeat.when_silent
def member_fell_silent(pool: Pool, member: Member) -> None:
    """Let the daemons of the others find out about a member that no longer heartbeats.

    The daemon is not the management service: it goes on while that is down, and restarts it.
    """
    if not (pool.row["ha_enabled"] and member.in_liveset):
        return
    subject = service.subject(pool, member)
    if member.server.reachable() is not None:
        pool.world.operations.start("ha.liveset", subject, _declare_dead(pool, member))
    else:
        pool.world.operations.start("ha.healthcheck", subject, _restart_agent(pool, member))


@heartbeat.when_back
def member_came_back(pool: Pool, member: Member) -> None:
    """Let the master look at what a member that reports again changes."""
    if pool.row["ha_enabled"] and member.in_liveset:
        recovery.look_soon(pool)


def statefile_lost(pool: Pool, member: Member) -> None:
    """Let a host that lost the state file, while others have it, reset itself."""
    if pool.row["ha_enabled"] and member.in_liveset:
        subject = service.subject(pool, member)
        pool.world.operations.start("ha.watchdog", subject, _watchdog(pool, member))


def _storage_changed(pool: Pool, change: HardwareChange) -> None:
    member = pool.member_on(change.server) if change.server else None
    lost = change.kind == "storage-path" and member is not None
    if lost and member is not None and not liveset.has_statefile(pool, member):
        statefile_lost(pool, member)


def _declare_dead(pool: Pool, member: Member) -> Steps:
    """Wait T; a host still silent is out, and resets itself if it still has power."""
    yield Stage("heartbeat-timeout", liveset.timeouts(pool).heartbeat)
    back = member.server.reachable() is None and member.running
    if back or not pool.row["ha_enabled"]:
        return
    yield from _take_out(pool, member, reset=member.server.reachable() is not None)


def _watchdog(pool: Pool, member: Member) -> Steps:
    yield Stage("statefile-watchdog", liveset.timeouts(pool).watchdog)
    lost = not liveset.has_statefile(pool, member)
    if not (lost and liveset.any_statefile(pool) and pool.row["ha_enabled"]):
        return
    yield from _take_out(pool, member, reset=True)


def _take_out(pool: Pool, member: Member, *, reset: bool) -> Steps:
    """Go on without a host; who loses its master elects another."""
    member.in_liveset = False
    was_master = member.role is Role.MASTER
    if reset:
        _fence(pool, member)
    if was_master:
        yield from _elect(pool)
    else:
        recovery.look_soon(pool)


def _restart_agent(pool: Pool, member: Member) -> Steps:
    """Let the daemon restart a management service that answers no health check."""
    yield Stage("healthcheck", _HEALTHCHECK)
    starting = member.startup is not None and not member.startup.done
    if member.server.reachable() is None and not member.running and not starting:
        membership.start_service(pool, member)


def _fence(pool: Pool, member: Member) -> None:
    """Reset a machine: its guests die, and it starts again."""
    if member.server.power is Power.ON:
        pool.world.hardware.crash(member.server.name, Silence.DROPPED)
        pool.world.hardware.boot(member.server.name)


def _elect(pool: Pool) -> Steps:
    """Let one of the survivors take the lock; go on trying for as long as there is none."""
    yield Stage("propose-master", _POLL)
    if not _elected(pool):
        subject = liveset.subject_of(pool)
        pool.world.operations.start("ha.election", subject, _keep_electing(pool), foreground=False)


def _keep_electing(pool: Pool) -> Steps:
    while not _elected(pool):
        yield Stage("propose-master", _POLL)


def _elected(pool: Pool) -> bool:
    """Make a survivor master unless there is one; return False while nobody can be."""
    if liveset.leader(pool) is not None or not pool.row["ha_enabled"]:
        return True
    alive = liveset.alive(pool)
    able = [member for member in alive if member.running and liveset.has_statefile(pool, member)]
    if not able:
        return False
    stream = pool.world.streams.stream(f"{pool.path}/ha/election")
    chosen = able[stream.randrange(len(able))]
    for member in alive:
        _follow(pool, member, chosen)
    return True


def _follow(pool: Pool, member: Member, chosen: Member) -> None:
    role = Role.MASTER if member is chosen else Role.SLAVE
    address = chosen.server.address
    if member.running:
        membership.restart_service(pool, member, service.FUSE, role, address)
    else:
        service.change(pool, member, role=role, master=address)
