"""Heartbeats: how the master notices that a member is lost, and that it is back.

Members report every 30 seconds. With high availability on, the set of live hosts comes from the
heartbeat daemon instead (:mod:`hvsim.xenserver.availability.ha`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from hvsim.operations import Cancelled, Stage
from hvsim.xenserver.hosts import service

if TYPE_CHECKING:
    from hvsim.operations import Steps
    from hvsim.xenserver.pool import Member, Pool

Listener = Callable[["Pool", "Member"], None]
_listeners: list[Listener] = []
_back_listeners: list[Listener] = []


def when_silent(listener: Listener) -> Listener:
    """Register what is to happen at once when a member falls silent."""
    _listeners.append(listener)
    return listener


def when_back(listener: Listener) -> Listener:
    """Register what is to happen when a member reports again."""
    _back_listeners.append(listener)
    return listener


def fell_silent(pool: Pool, member: Member) -> None:
    """Begin to wait for a member that no longer reports."""
    for tell in _listeners:
        tell(pool, member)
    if member.silence is None or member.silence.done:
        subject = service.subject(pool, member)
        steps = _wait(pool, member)
        member.silence = pool.world.operations.start("xapi.heartbeat", subject, steps)


def came_back(pool: Pool, member: Member) -> None:
    """Note that a member reports again."""
    if member.answers() is not None or member.emergency is not None:
        return
    waiting, member.silence = member.silence, None
    if waiting is not None and not waiting.done:
        pool.world.operations.interrupt(waiting, Cancelled("the member reported again"))
    if not (member.shutting_down or pool.row["ha_enabled"]) and service.serving(pool):
        service.set_live(pool, member.host, live=True)
    for tell in _back_listeners:
        tell(pool, member)


def watch_anew(pool: Pool) -> None:
    """Give every silent member a full wait again: a new master has heard from nobody yet."""
    for member in pool.members.values():
        if member.answers() is not None:
            waiting, member.silence = member.silence, None
            if waiting is not None and not waiting.done:
                pool.world.operations.interrupt(waiting, Cancelled("another master watches"))
            fell_silent(pool, member)


def patience(pool: Pool) -> float:
    """Return the seconds without a heartbeat after which a host counts as lost."""
    return 200.0 if pool.has("host-lost-after-200-seconds") else 600.0


def _wait(pool: Pool, member: Member) -> Steps:
    yield Stage("silence", patience(pool))
    master = service.serving(pool)
    by_heartbeat = not pool.row["ha_enabled"]
    if by_heartbeat and master is not None and master is not member:
        service.set_live(pool, member.host, live=False)
