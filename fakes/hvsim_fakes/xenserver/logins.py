"""The calls that open sessions: answered here, so that no password enters the simulation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.xenserver.accounts import session
from hvsim.xenserver.errors import XenError
from hvsim.xenserver.pool import Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim.xenserver.pool import Member, Pool


def login_with_password(  # noqa: PLR0917 - the message's own parameters
    pool: Pool, member: Member, user: str, password: str, version: str = "", originator: str = ""
) -> str:
    """Open a session.

    Raises:
        XenError: ``HOST_IS_SLAVE`` [address of the master], whatever the password;
            ``SESSION_AUTHENTICATION_FAILED``.
    """
    del version  # every release takes any version of the API for its own
    if member.role is not Role.MASTER:
        raise XenError("HOST_IS_SLAVE", member.master)
    with pool.world.access():
        account = session.authenticate(pool, user, password)
        return session.open(pool, account, member, originator)


def slave_local_login_with_password(pool: Pool, member: Member, user: str, password: str) -> str:
    """Open a local session, on any member and in emergency mode too.

    Raises:
        XenError: ``SESSION_AUTHENTICATION_FAILED``.
    """
    with pool.world.access():
        account = session.authenticate(pool, user, password)
        return session.open(pool, account, member, local=True)


LOGINS: Final[dict[str, Callable[..., Any]]] = {
    "session.login_with_password": login_with_password,
    "session.slave_local_login_with_password": slave_local_login_with_password,
}
