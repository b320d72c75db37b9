"""A member's management service (xapi): how it starts, falls silent and comes back.

A running service never enters emergency mode by itself: without its master, calls that need the
database wait. It is a service that starts, and cannot reach its master, that answers all but the
emergency messages with the reason (see ``docs/decisions/xenserver-emergency-mode.md``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hvsim.hardware import Silence
from hvsim.operations import Stage
from hvsim.xenserver.availability import liveset
from hvsim.xenserver.errors import XenError
from hvsim.xenserver.hosts import heartbeat, residents, service
from hvsim.xenserver.mastery import mastership
from hvsim.xenserver.pool import Role
from hvsim.xenserver.storage import pbd

if TYPE_CHECKING:
    from hvsim.hardware import Change
    from hvsim.operations import Steps
    from hvsim.xenserver.pool import Member, Pool

RETRY_TEMPORARY: Final = 5.0
"""Seconds between two attempts of a starting service to reach its master."""
RETRY_PERMANENT: Final = 60.0
"""The same when the master does not know this host."""
_BOOT: Final = 90.0
"""Seconds from power to the start of the management service (a lab's own figure)."""
_ENABLE: Final = 5.0
"""Seconds in which a member that joined attaches its storage and enables itself."""


def watch(pool: Pool) -> None:
    """Follow the machines of a pool from now on."""
    pool.world.hardware.observe(lambda change: _machine_changed(pool, change))


def gate(pool: Pool, member: Member, message: str) -> None:
    """Let a message in, or raise what a member in emergency mode answers."""
    if member.emergency is None:
        return
    facts = pool.model.message(message)
    if facts is None or not facts.emergency:
        raise member.emergency


def hangs(pool: Pool, member: Member) -> bool:
    """Whether a call on this member that needs the database waits for a lost master."""
    if member.emergency is not None or member.role is Role.MASTER:
        return False
    return service.serving(pool, member.master) is None


def stop_service(pool: Pool, member: Member) -> None:
    """End a member's management service; its guests run on."""
    service.end(pool, member)
    heartbeat.fell_silent(pool, member)


def start_service(pool: Pool, member: Member) -> None:
    """Start a member's management service on a machine that runs."""
    _start(pool, member, booted=False)


def restart_service(
    pool: Pool, member: Member, delay: float, role: Role | None = None, master: str = ""
) -> None:
    """End a member's service after ``delay`` seconds and start it again.

    Args:
        role: what it is to be from then on; what it was, if not given.
        master: address of its master in that role.
    """
    subject = service.subject(pool, member)
    steps = _restart(pool, member, delay, role, master)
    pool.world.operations.start("xapi.restart", subject, steps)


def _machine_changed(pool: Pool, change: Change) -> None:
    member = pool.member_on(change.server) if change.server else None
    if member is None:
        return
    if change.kind in ("crash", "shutdown"):
        _lost_power(pool, member)
    elif change.kind == "boot" and member.server.runs_own_system:
        _start(pool, member, booted=True)
    elif change.kind == "link":
        _link_changed(pool, member)


def _lost_power(pool: Pool, member: Member) -> None:
    member.lost_power = True
    service.end(pool, member)
    heartbeat.fell_silent(pool, member)


def _link_changed(pool: Pool, member: Member) -> None:
    if member.server.reachable() is not None:
        heartbeat.fell_silent(pool, member)
    elif mastership.superseded(pool, member):
        # Cut off, it did not see that another became master; see the decision record.
        restart_service(pool, member, 0.0)
    else:
        heartbeat.came_back(pool, member)


def _restart(pool: Pool, member: Member, delay: float, role: Role | None, master: str) -> Steps:
    if role is not None:
        member.next_role = (role, master)
    yield Stage("fuse", delay)
    service.end(pool, member)
    heartbeat.fell_silent(pool, member)
    if member.server.runs_own_system:
        start_service(pool, member)


def _start(pool: Pool, member: Member, *, booted: bool) -> None:
    if member.startup is not None and not member.startup.done:
        return
    subject = service.subject(pool, member)
    steps = _startup(pool, member, booted=booted)
    member.startup = pool.world.operations.start("xapi.start", subject, steps)


def _startup(pool: Pool, member: Member, *, booted: bool) -> Steps:
    if member.next_role is not None:
        role, master = member.next_role
        member.next_role = None
        service.change(pool, member, role=role, master=master)
    if booted:
        member.booted = pool.world.now
        member.unplugged = True
        yield Stage("boot", _BOOT)
        member.disabled_until_reboot = False
    member.kept_disabled = False
    yield Stage("toolstack", service.START)
    if member.armed:
        yield from liveset.rejoin(pool, member)
    while not (yield from _assume_role(pool, member)):
        yield Stage("toolstack", service.START)
    heartbeat.came_back(pool, member)


def _assume_role(pool: Pool, member: Member) -> Steps:
    """Serve as the member's role says; return False when the service must start again."""
    if member.role is Role.BROKEN:
        service.change(pool, member, emergency=XenError("HOST_BROKEN"), running=True)
        yield from _pause(pool, member)
        return False
    if member.role is Role.SLAVE:
        return (yield from _join(pool, member))
    yield from _wait_for_network(pool, member)
    other = mastership.other_master(pool, member)
    if other is not None:
        service.change(pool, member, role=Role.SLAVE, master=other.server.address)
        return False
    residents.settle(pool, member)
    mastership.take_over(pool, member)
    yield Stage("enable", _ENABLE)
    pbd.plug_all(pool, member)
    service.consider_enabling(pool, member)
    return True


def _wait_for_network(pool: Pool, member: Member) -> Steps:
    """Keep a host that cannot ask for other masters from serving what another one rules now."""
    while member.server.link is not None and member.host != pool.row["master"]:
        booting = XenError("HOST_STILL_BOOTING")
        service.change(pool, member, emergency=booting, running=True)
        service.in_background(member)
        yield Stage("wait-network", RETRY_TEMPORARY)


def _join(pool: Pool, member: Member) -> Steps:
    """Keep asking the master until it answers, then report to it (pool.hello)."""
    own = member.master == member.server.address
    error = XenError("HOST_ITS_OWN_SLAVE" if own else "HOST_STILL_BOOTING")
    service.change(pool, member, emergency=error, running=True)
    while True:
        yield from _connect(pool, member)
        failure, pause = _hello(pool, member)
        if failure is None:
            break
        service.change(pool, member, emergency=failure)
        service.in_background(member)
        yield Stage("retry-master", pause)
    service.change(pool, member, emergency=None)
    _greeted(pool, member)
    yield Stage("enable", _ENABLE)
    pbd.plug_all(pool, member)
    service.consider_enabling(pool, member)
    return True


def _connect(pool: Pool, member: Member) -> Steps:
    """Wait as the kernel does for a master whose address drops packets."""
    left = 189.0 if pool.has("silent-master-holds-189-seconds") else 127.0
    while left > 0 and service.silence_of(pool, member, member.master) is Silence.DROPPED:
        service.in_background(member)
        yield Stage("connect-master", min(left, RETRY_TEMPORARY))
        left -= RETRY_TEMPORARY


def _hello(pool: Pool, member: Member) -> tuple[XenError | None, float]:
    """Return why the master did not take the member back, and after how long to ask again."""
    if not pool.db.exists("host", member.host):
        uuid = pool.world.streams.uuid(service.subject(pool, member))
        return XenError("HOST_UNKNOWN_TO_MASTER", uuid), RETRY_PERMANENT
    if service.silence_of(pool, member, member.master) is not None:
        lost = XenError("INTERNAL_ERROR", "Connection to the master could not be established")
        return lost, RETRY_TEMPORARY
    master = service.at(pool, member.master)
    if master is None or master.role is not Role.MASTER:
        return XenError("HOST_STILL_BOOTING"), service.random_pause(pool, member)
    return master.emergency, RETRY_TEMPORARY


def _greeted(pool: Pool, member: Member) -> None:
    if member.startup is not None:
        member.startup.foreground = True
    service.cancel_work(pool, member.host)
    pool.db.change("host", member.host, enabled=False)
    service.note_start(pool, member)
    member.shutting_down = False
    residents.settle(pool, member)
    heartbeat.came_back(pool, member)


def _pause(pool: Pool, member: Member) -> Steps:
    service.in_background(member)
    yield Stage("emergency", service.random_pause(pool, member))
