"""Messages that give a pool another master, by plan or in an emergency."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

from hvsim.operations import Stage
from hvsim.xenserver import task
from hvsim.xenserver.dates import date_at
from hvsim.xenserver.errors import XenError
from hvsim.xenserver.hosts import service
from hvsim.xenserver.life import underway
from hvsim.xenserver.mastery import membership, pool_rules
from hvsim.xenserver.messages import Call, message
from hvsim.xenserver.pool import Role

if TYPE_CHECKING:
    from hvsim.operations import Operation, Steps
    from hvsim.xenserver.pool import Member, Pool

_PROPOSAL_LASTS: Final = 600.0
"""Seconds during which a member stands by a master it has agreed to."""
_NOTICE: Final = 3.0
"""Seconds after which the new master notices that the old one went, and restarts itself."""


def here(call: Call) -> Member:
    """Return the member that the call was made to (the master, when it does not say)."""
    return call.pool.members.get(call.caller.host) or call.pool.master


@message("pool.designate_new_master")
def designate_new_master(call: Call, host: str) -> Operation | None:
    """Make another host master: all agree, all commit, then every service restarts."""
    pool = call.pool
    call.db.row("host", host)
    pool_rules.check(pool, "designate_new_master")
    underway.contact(pool, host)
    if host == pool.row["master"]:
        return None
    if pool.row["ha_enabled"]:
        raise XenError("HA_IS_ENABLED")
    pool_rules.mark(call, "designate_new_master")
    subject = f"{pool.path}/pool/{pool.ref}"
    operation = task.start(call, subject, _two_phases(call, pool.members[host]))
    operation.on_done.insert(0, lambda _: pool_rules.unmark(call))
    return operation


def _two_phases(call: Call, chosen: Member) -> Steps:
    pool = call.pool
    yield Stage("sync-database", 2.0, 0.3)
    agreed: list[Member] = []
    try:
        for member in _others_first(pool, chosen):
            propose(pool, member, chosen.server.address)
            agreed.append(member)
            yield Stage("propose", 0.2)
    except XenError:
        for member in agreed:
            member.proposal = None
        raise
    yield Stage("commit", 1.0, 0.9)
    for member in _others_first(pool, chosen):
        commit(pool, member, chosen)


def propose(pool: Pool, member: Member, address: str) -> None:
    """Ask a member to agree to a new master.

    Raises:
        XenError: ``HA_ABORT_NEW_MASTER`` [reason] when it agreed to another within ten minutes,
            ``INTERNAL_ERROR`` when it cannot be reached.
    """
    if member.answers() is not None:
        raise XenError("INTERNAL_ERROR", "Connection to a member could not be established")
    if member.proposal is not None and member.proposal[0] != address:
        other, at = member.proposal
        if pool.world.now - at <= _PROPOSAL_LASTS:
            since = f"at {date_at(at)} ('{pool.world.now - at:f}' secs ago)"
            reason = f"Already agreed to commit host address '{other}' {since}"
            raise XenError("HA_ABORT_NEW_MASTER", reason)
    member.proposal = (address, pool.world.now)


def commit(pool: Pool, member: Member, chosen: Member) -> None:
    """Let a member take up its place under the new master when its service has restarted."""
    address = chosen.server.address
    if member is chosen:
        membership.restart_service(pool, member, service.FUSE + _NOTICE, Role.MASTER, address)
    else:
        membership.restart_service(pool, member, service.FUSE, Role.SLAVE, address)


@message("pool.emergency_transition_to_master")
def emergency_transition_to_master(call: Call) -> None:
    """Make the member that the call was made to the pool's master."""
    member = here(call)
    if member.armed:
        raise XenError("HA_IS_ENABLED")
    membership.restart_service(call.pool, member, service.FUSE, Role.MASTER, member.server.address)


@message("pool.emergency_reset_master")
def emergency_reset_master(call: Call, master_address: str) -> None:
    """Tell the member that the call was made to where its master is.

    Raises:
        XenError: ``HA_IS_ENABLED``; ``INTERNAL_ERROR`` for a name that is no host's.
    """
    member = here(call)
    if member.armed:
        raise XenError("HA_IS_ENABLED")
    reset_master(call.pool, member, _resolved(call, master_address))


def _resolved(call: Call, name: str) -> str:
    """Return the address of a host by its address or its name in the lab."""
    server = call.world.hardware.servers.get(name)
    if server is not None:
        return server.address
    try:
        return str(ip_address(name))
    except ValueError:
        text = f'Failure("Couldn\'t resolve hostname: {name}")'
        raise XenError("INTERNAL_ERROR", text) from None


def reset_master(pool: Pool, member: Member, address: str) -> None:
    """Put a member under another master; nothing to do for one that already is.

    Raises:
        XenError: ``HA_IS_ENABLED``.
    """
    if member.armed:
        raise XenError("HA_IS_ENABLED")
    if member.role is Role.SLAVE and member.master == address and member.next_role is None:
        return
    membership.restart_service(pool, member, service.FUSE, Role.SLAVE, address)


@message("pool.recover_slaves")
def recover_slaves(call: Call) -> list[str]:
    """Put every member that answers under this master; return the hosts reached."""
    me = here(call)
    recovered: list[str] = []
    for host in call.db.tables["host"]:
        member = call.pool.members.get(host)
        if member is None or member is me or member.answers() is not None or member.armed:
            continue
        reset_master(call.pool, member, me.server.address)
        recovered.insert(0, host)
    return recovered


@message("host.propose_new_master")
def propose_new_master(call: Call, address: str, manual: bool) -> None:  # noqa: ARG001 - wire order
    """Agree to a new master."""
    propose(call.pool, here(call), address)


@message("host.commit_new_master")
def commit_new_master(call: Call, address: str) -> None:
    """Act on a new master that was agreed to."""
    member = here(call)
    if member.proposal is None:
        text = f"Received commit_new_master({address}) but never received a proposal"
        raise XenError("HA_ABORT_NEW_MASTER", text)
    if member.proposal[0] != address:
        text = f"Received commit_new_master({address}) but previously received proposal for "
        raise XenError("HA_ABORT_NEW_MASTER", text + member.proposal[0])
    role = Role.MASTER if address == member.server.address else Role.SLAVE
    membership.restart_service(call.pool, member, service.FUSE, role, address)


@message("host.abort_new_master")
def abort_new_master(call: Call, address: str) -> None:  # noqa: ARG001 - the proposal goes, whichever
    """Take back an agreement to a new master."""
    here(call).proposal = None


@message("pool.is_slave")
def is_slave(call: Call, host: str) -> bool:
    """Return whether a host is not the master, by its own belief."""
    member = call.pool.members.get(host) or here(call)
    return member.role is not Role.MASTER


@message("pool.sync_database")
def sync_database(call: Call) -> Operation:
    """Write the database to every member's disk."""
    subject = f"{call.pool.path}/pool/{call.pool.ref}"

    def steps() -> Steps:
        yield Stage("sync-database", 2.0)

    return task.start(call, subject, steps())


def _others_first(pool: Pool, chosen: Member) -> list[Member]:
    """Return the old master first, the other members next, the new master last."""
    order = [pool.members[ref] for ref in pool.db.tables["host"] if ref in pool.members]
    return sorted(order, key=lambda m: (m is chosen, m.role is not Role.MASTER))
