"""What all parts of a pool ask about its members' services, and do with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.hardware import Silence
from hvsim.operations import Cancelled
from hvsim.xenserver.accounts import session
from hvsim.xenserver.dates import stamp, unix_text
from hvsim.xenserver.hosts import host_rules
from hvsim.xenserver.life import underway
from hvsim.xenserver.pool import Role

if TYPE_CHECKING:
    from hvsim.xenserver.pool import Member, Pool

START: Final = 15.0
"""Seconds that the management service takes to start (a lab's own figure)."""
FUSE: Final = 10.0
"""Seconds between a service's answer and its restart in another role."""
_OWN_KINDS: Final = ("xapi.", "ha.", "server.")
"""Kinds of operations that are no client's and survive a master's end."""


def subject(pool: Pool, member: Member) -> str:
    """Return the path of a member's host, as stage rules and the event log know it."""
    return f"{pool.path}/host/{member.host}"


def at(pool: Pool, address: str) -> Member | None:
    """Return the member with a management address, or None."""
    return next((m for m in pool.members.values() if m.server.address == address), None)


def serving(pool: Pool, address: str | None = None) -> Member | None:
    """Return the master in service (at ``address``, if given), or None while there is none."""
    member = pool.members.get(pool.row["master"])
    if member is None or member.role is not Role.MASTER or member.answers() is not None:
        return None
    return member if address in (None, member.server.address) else None


def silence_of(pool: Pool, member: Member, address: str) -> Silence | None:
    """Return what a member sees at another's address: None when it gets an answer."""
    if member.server.link is not None:
        return Silence.DROPPED
    other = at(pool, address)
    return Silence.DROPPED if other is None else other.answers()


def running_on(pool: Pool, host: str) -> Member | None:
    """Return the member of a host row, if there is one."""
    return pool.members.get(host)


def change(pool: Pool, member: Member, **state: Any) -> None:
    """Set ``role``, ``master``, ``running`` or ``emergency`` of a member, and log what changed."""
    before = _shown(member)
    for name, value in state.items():
        setattr(member, name, value)
    after = _shown(member)
    changed = [name for name in after if after[name] != before[name]]
    if changed:
        pool.world.log.append(
            "member",
            f"server/{member.server.name}/xapi",
            {name: before[name] for name in changed},
            {name: after[name] for name in changed},
            (pool.path,),
        )


def end(pool: Pool, member: Member) -> None:
    """End a member's service: what it kept in memory is gone, and what it was doing."""
    _interrupt_startup(pool, member)
    was_master = member.host == pool.row["master"] and member.running
    change(pool, member, running=False, emergency=None)
    member.local_sessions.clear()
    member.proposal = None
    if was_master:
        session.drop_all(pool)
        _abandon_calls(pool)
    elif member.lost_power:
        underway.fail_on(pool, member.host)


def note_start(pool: Pool, member: Member) -> None:
    """Tell in its host's row when a member's machine and its service started."""
    known = pool.db.row("host", member.host)["other_config"]
    times = {"boot_time": member.booted, "agent_start_time": pool.world.now}
    told = {key: unix_text(seconds) for key, seconds in times.items()}
    pool.db.change("host", member.host, other_config=known | told)


def consider_enabling(pool: Pool, member: Member) -> None:
    """Enable a host that reported for service, unless it is to stay disabled.

    Under HA that includes one without all its storage: protected guests would not be agile.
    """
    blind = member.armed and not _has_storage(pool, member)
    stay = blind or member.kept_disabled or member.disabled_until_reboot or not member.auto_enable
    if not stay and pool.db.exists("host", member.host):
        pool.db.change("host", member.host, enabled=True)
    host_rules.refresh(pool, member.host)


def _has_storage(pool: Pool, member: Member) -> bool:
    links = pool.db.tables["PBD"].values()
    return all(link["currently_attached"] for link in links if link["host"] == member.host)


def in_background(member: Member) -> None:
    """Let a start-up that may go on for ever no longer make a lab's time run."""
    if member.startup is not None:
        member.startup.foreground = False


def cancel_work(pool: Pool, host: str) -> None:
    """Mark as cancelled what a host was doing before its service started anew."""
    doing = pool.db.row("host", host)["current_operations"]
    pool.db.change("host", host, current_operations={})
    cancel_tasks(pool, list(doing))


def cancel_tasks(pool: Pool, refs: list[str]) -> None:
    """Mark those of some tasks that still run as cancelled."""
    for ref in refs:
        row = pool.db.tables["task"].get(ref)
        if row is not None and row["status"] in ("pending", "cancelling"):
            pool.db.change(
                "task",
                ref,
                status="cancelled",
                finished=stamp(pool.world),
                allowed_operations=["destroy"],
            )


def set_live(pool: Pool, host: str, *, live: bool) -> bool:
    """Mark a host as live or lost; return whether that changed anything."""
    if not pool.db.exists("host", host):
        return False
    metrics = pool.db.row("host", host)["metrics"]
    changed = pool.db.change("host_metrics", metrics, live=live)
    if changed:
        host_rules.refresh(pool, host)
    return changed


def random_pause(pool: Pool, member: Member) -> float:
    """Return the seconds after which a service in emergency mode starts anew (60, or 60 to 180)."""
    if pool.has("emergency-ends-after-a-minute"):
        return 60.0
    return 60.0 + pool.world.streams.stream(subject(pool, member)).uniform(0.0, 120.0)


def _shown(member: Member) -> dict[str, Any]:
    return {
        "role": member.role,
        "master": member.master,
        "running": member.running,
        "emergency": member.emergency.description if member.emergency else None,
    }


def _interrupt_startup(pool: Pool, member: Member) -> None:
    startup, member.startup = member.startup, None
    if startup is not None and not startup.done:
        pool.world.operations.interrupt(startup, Cancelled("the service was stopped"))


def _abandon_calls(pool: Pool) -> None:
    """Cancel the calls under way: their master's memory is gone."""
    for operation in list(pool.world.operations.running.values()):
        if operation.subject.startswith(f"{pool.path}/") and not operation.kind.startswith(
            _OWN_KINDS
        ):
            pool.world.operations.interrupt(operation)
