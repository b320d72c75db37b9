"""Sessions: how callers log in, stay known, and are forgotten.

Sessions live in the master's memory alone: a change of master, or its restart, ends them all.
A local session is good on one host, for that host's emergency messages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.commands import Command, command
from hvsim.errors import CommandError
from hvsim.xenserver.accounts import access, presence
from hvsim.xenserver.accounts.access import SUPERUSER, Account, Opened, authenticate
from hvsim.xenserver.dates import seconds_of, stamp
from hvsim.xenserver.errors import XenError
from hvsim.xenserver.messages import Call, Caller, message
from hvsim.xenserver.model import NULL_REF
from hvsim.xenserver.pool import Role, named

if TYPE_CHECKING:
    from hvsim.world import World
    from hvsim.xenserver.pool import Member, Pool

__all__ = ["authenticate", "caller", "close", "drop_all", "look_up", "open"]

IDLE_LIMIT: Final = 86_400.0
"""Seconds after which an unused session is forgotten."""
_MOST: Final = 500
"""Sessions a user name, and an originator, may hold; the least used goes when one more comes."""
_MOST_IN_ALL: Final = 200
"""Sessions a 5.5 pool holds in all."""


def open(  # noqa: A001 - what one does to a session
    pool: Pool, account: Account, member: Member, originator: str = "", *, local: bool = False
) -> str:
    """Log an authenticated account in on a member; return the session's reference.

    Args:
        member: the host that answered the login.
        originator: what the client calls itself.
        local: a local session (``session.slave_local_login_with_password``), root only.

    Raises:
        XenError: ``HOST_IS_SLAVE`` [address of the master] on a member that is not the master;
            ``SESSION_AUTHENTICATION_FAILED`` or ``SESSION_AUTHORIZATION_FAILED`` for an account
            without rights in the pool.
    """
    ref: str = pool.world.execute(
        SessionOpen(
            pool=pool.name,
            user=account.user,
            host=member.host,
            originator=originator,
            local=local,
        )
    )
    return ref


def caller(pool: Pool, ref: str, member: Member) -> Caller:
    """Return who uses a session on a member, and note the use.

    Raises:
        XenError: ``SESSION_INVALID`` [ref], or ``HOST_IS_SLAVE`` [address of the master] when the
            session is good but the member is not the master.
    """
    user = member.local_sessions.get(ref)
    if user is not None:
        return Caller(user, ("pool-admin",), ref, member.host, local=True)
    with pool.world.access():
        opened = _alive(pool, ref, member)
        if member.role is not Role.MASTER:
            raise XenError("HOST_IS_SLAVE", member.master)
        if presence.is_due(pool, pool.db.row("session", ref)):
            pool.world.execute(presence.SessionSeen(pool=pool.name, session=ref))
        return Caller(opened.user, opened.roles, ref, member.host)


def look_up(pool: Pool, ref: str, member: Member) -> None:
    """See that a session of the pool is good, whichever member is asked.

    Raises:
        XenError: ``SESSION_INVALID`` [ref].
    """
    with pool.world.access():
        _alive(pool, ref, member)


def close(pool: Pool, ref: str, member: Member) -> None:
    """Forget a session (a local one on its member), if it is still there."""
    pool.world.execute(SessionClose(pool=pool.name, session=ref, host=member.host))


def drop_all(pool: Pool) -> None:
    """Forget every session of the pool: its master's service has ended."""
    for ref in list(pool.access.opened):
        _forget(pool, ref)


@command("xenserver.session-open")
class SessionOpen(Command, frozen=True, kw_only=True):
    """An authenticated login (the password is checked before and is not kept)."""

    pool: str
    user: str
    host: str
    originator: str = ""
    local: bool = False

    def apply(self, world: World) -> str:
        """Make the session; return its reference."""
        pool = named(world, self.pool)
        account = pool.access.accounts.get(self.user)
        if account is None:
            raise CommandError(f"no account called {self.user!r} in pool {self.pool!r}")
        member = pool.members.get(self.host)
        if member is None:
            raise CommandError(f"no host {self.host!r} in pool {self.pool!r}")
        return self._open_local(pool, member) if self.local else self._open(pool, member, account)

    def _open_local(self, pool: Pool, member: Member) -> str:
        if self.user != SUPERUSER:
            raise XenError("SESSION_AUTHENTICATION_FAILED", self.user, "Authentication failure")
        ref = pool.db.new_ref("session")
        member.local_sessions[ref] = self.user
        return ref

    def _open(self, pool: Pool, member: Member, account: Account) -> str:
        if member.role is not Role.MASTER:
            raise XenError("HOST_IS_SLAVE", member.master)
        roles = access.roles_of(pool, account)
        _make_room(pool, self.user, self.originator)
        ref = pool.db.add("session", _fields(pool, account, member, roles, self.originator))
        pool.access.opened[ref] = Opened(self.user, roles)
        return ref


@command("xenserver.session-close")
class SessionClose(Command, frozen=True, kw_only=True):
    """A logout, or the end of a session nobody used for a day."""

    pool: str
    session: str
    host: str

    def apply(self, world: World) -> None:
        """Forget the session if it is there."""
        pool = named(world, self.pool)
        # A host that has left the pool has taken its local sessions along.
        member = pool.members.get(self.host)
        if member is None or member.local_sessions.pop(self.session, None) is None:
            _forget(pool, self.session)


@message("session.logout")
def logout(call: Call) -> None:
    """End the caller's session."""
    _forget(call.pool, call.caller.session)


@message("session.local_logout")
def local_logout(call: Call) -> None:
    """End the caller's local session."""
    member = call.pool.members.get(call.caller.host)
    if member is not None:
        member.local_sessions.pop(call.caller.session, None)


@message("session.slave_local_login")
def slave_local_login(call: Call, psecret: str) -> None:
    """Refuse: nobody but the pool's own members knows its secret."""
    del call, psecret
    raise XenError("SESSION_AUTHENTICATION_FAILED", "localhost", "Pool credentials invalid")


@message("session.slave_login")
def slave_login(call: Call, host: str, psecret: str) -> None:
    """Refuse: nobody but the pool's own members knows its secret."""
    del call, psecret
    raise XenError("SESSION_AUTHENTICATION_FAILED", host, "Pool credentials invalid")


@message("session.change_password")
def change_password(call: Call, old_pwd: str, new_pwd: str) -> None:  # noqa: ARG001 - not checked
    """Change the superuser's password; XenServer does not look at the old one.

    Both arrive sealed.
    """
    if call.caller.user != SUPERUSER:
        text = f"Failed to change password for user {SUPERUSER}"
        raise XenError("USER_IS_NOT_LOCAL_SUPERUSER", text)
    access.change_password(call.pool, SUPERUSER, new_pwd)


@message("session.get_all_subject_identifiers")
def get_all_subject_identifiers(call: Call) -> list[str]:
    """Return the subject identifiers of those logged in through the directory."""
    return list(dict.fromkeys(row["auth_user_sid"] for _, row in _external(call)))


@message("session.logout_subject_identifier")
def logout_subject_identifier(call: Call, subject_identifier: str) -> None:
    """End every other session of a directory user."""
    for ref, row in _external(call):
        if row["auth_user_sid"] == subject_identifier and ref != call.caller.session:
            _forget(call.pool, ref)


def _alive(pool: Pool, ref: str, member: Member) -> Opened:
    """Return what is known of a session; an expired one is forgotten at this look."""
    opened = pool.access.opened.get(ref)
    if opened is not None and _idle(pool, ref) > IDLE_LIMIT:
        close(pool, ref, member)
        opened = None
    if opened is None:
        raise XenError("SESSION_INVALID", ref)
    return opened


def _idle(pool: Pool, ref: str) -> float:
    return pool.world.now - seconds_of(pool.db.row("session", ref)["last_active"])


def _external(call: Call) -> list[tuple[str, dict[str, Any]]]:
    rows = call.db.tables["session"].items()
    return [(ref, row) for ref, row in rows if not row["is_local_superuser"]]


def _fields(
    pool: Pool, account: Account, member: Member, roles: tuple[str, ...], originator: str
) -> dict[str, Any]:
    external = not account.superuser
    return {
        "this_host": member.host,
        "this_user": NULL_REF,
        "last_active": stamp(pool.world),
        "validation_time": stamp(pool.world),
        "pool": False,
        "is_local_superuser": account.superuser,
        "subject": access.subject_of(pool, account),
        "auth_user_sid": account.sid,
        "auth_user_name": account.user,
        "rbac_permissions": access.permissions(pool, roles) if external else [],
        "parent": NULL_REF,
        "originator": originator,
    }


def _make_room(pool: Pool, user: str, originator: str) -> None:
    opened = pool.access.opened
    if pool.has("sessions-200-in-all"):
        _evict(pool, list(opened), _MOST_IN_ALL)
        return
    if user:
        _evict(pool, [ref for ref, found in opened.items() if found.user == user], _MOST)
    if originator:
        rows = pool.db.tables["session"]
        same = [ref for ref in opened if rows[ref]["originator"] == originator]
        _evict(pool, same, _MOST)


def _evict(pool: Pool, refs: list[str], most: int) -> None:
    rows = pool.db.tables["session"]
    while len(refs) >= most:
        oldest = min(refs, key=lambda ref: str(rows[ref]["last_active"]))
        refs.remove(oldest)
        _forget(pool, oldest)


def _forget(pool: Pool, ref: str) -> None:
    if pool.access.opened.pop(ref, None) is not None:
        pool.db.remove("session", ref)
