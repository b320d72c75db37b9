"""Who may log in to a pool, and with what rights.

``root`` is the local superuser. Anybody else is known to an external directory (the lab's own
list of accounts stands for it) and needs a ``subject`` row in the pool, as XenServer demands.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from hvsim.xenserver.accounts import role, sealed
from hvsim.xenserver.accounts.permissions import of
from hvsim.xenserver.errors import XenError
from hvsim.xenserver.model import NULL_REF
from hvsim.xenserver.release import ROLES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hvsim.xenserver.pool import Pool
    from hvsim.xenserver.spec import AccountSpec

SUPERUSER: Final = "root"
DEFAULT_PASSWORD: Final = "password"  # noqa: S105 - the lab's own default, printed at its start
_DIRECTORY: Final = "AD"
_REJECTED: Final = "Authentication failure"


@dataclass(slots=True)
class Account:
    """Somebody in the lab's directory.

    Attributes:
        password: the lab's own; None once a client has set another, which nobody knows.
        sid: its subject identifier, empty for root.
        enabled: whether it may log in.
        digest: of the password that a client has set (see :mod:`hvsim.xenserver.accounts.sealed`).
    """

    user: str
    password: str | None
    sid: str = ""
    enabled: bool = True
    digest: str = ""

    @property
    def superuser(self) -> bool:
        """Whether this is the hosts' local superuser."""
        return self.user == SUPERUSER

    def admits(self, password: str) -> bool:
        """Whether that is its password."""
        if self.password is None:
            return sealed.fits(self.digest, password)
        return hmac.compare_digest(self.password.encode(), password.encode())


@dataclass(slots=True)
class Opened:
    """What an open session's row does not say (or, in old releases, cannot say).

    Attributes:
        user: who opened it.
        roles: RBAC roles it was opened with.
    """

    user: str
    roles: tuple[str, ...]


@dataclass(slots=True)
class Access:
    """A pool's accounts by user name, and its open sessions by reference."""

    accounts: dict[str, Account] = field(default_factory=dict)
    opened: dict[str, Opened] = field(default_factory=dict)


def settle(pool: Pool, specs: Iterable[AccountSpec]) -> None:
    """Give a new pool its accounts; root exists in any case."""
    pool.access.accounts[SUPERUSER] = Account(SUPERUSER, DEFAULT_PASSWORD)
    for spec in specs:
        add(pool, spec)


def add(pool: Pool, spec: AccountSpec) -> Account:
    """Add an account; one beside root also becomes a subject with its role."""
    if spec.user == SUPERUSER:
        account = Account(SUPERUSER, spec.password)
    else:
        account = Account(spec.user, spec.password, _sid(pool, spec.user))
        _join_directory(pool)
        _add_subject(pool, account, spec.role)
    pool.access.accounts[spec.user] = account
    return account


def authenticate(pool: Pool, user: str, password: str) -> Account:
    """Return the account of a correct name and password; changes nothing.

    Raises:
        XenError: ``SESSION_AUTHENTICATION_FAILED`` [user, message].
    """
    account = pool.access.accounts.get(user)
    if account is None or not account.enabled or not account.admits(password):
        raise XenError("SESSION_AUTHENTICATION_FAILED", user, _REJECTED)
    return account


def subject_of(pool: Pool, account: Account) -> str:
    """Return the account's subject; the null reference for root.

    Raises:
        XenError: ``SESSION_AUTHORIZATION_FAILED`` [user, message] (5.5:
            ``SESSION_AUTHENTICATION_FAILED``) when the pool no longer has it.
    """
    if account.superuser:
        return NULL_REF
    for ref, row in pool.db.tables["subject"].items():
        if row["subject_identifier"] == account.sid:
            return ref
    denied = "AUTHENTICATION" if pool.has("stranger-not-authenticated") else "AUTHORIZATION"
    raise XenError(
        f"SESSION_{denied}_FAILED",
        account.user,
        f"Subject {account.user} (identifier {account.sid}) has no access rights in this pool",
    )


def roles_of(pool: Pool, account: Account) -> tuple[str, ...]:
    """Return the account's role names; every right for root, and for all before roles came.

    Raises:
        XenError: as :func:`subject_of`, or ``RBAC_PERMISSION_DENIED`` for a subject without role.
    """
    subject = subject_of(pool, account)
    if account.superuser or not pool.has("roles"):
        return ("pool-admin",)
    held = pool.db.row("subject", subject)["roles"]
    known = role.of(pool.model).rows
    names = tuple(known[ref]["name_label"] for ref in held if ref in known)
    if not names:
        text = f"Subject {account.user} (identifier {account.sid}) has no roles in this pool"
        raise XenError("RBAC_PERMISSION_DENIED", "session.login_with_password", text)
    return names


def permissions(pool: Pool, roles: tuple[str, ...]) -> list[str]:
    """Return the permissions (in lower case) that any of ``roles`` has, sorted."""
    wanted = frozenset(roles)
    known = of(pool.model)
    return sorted(name.lower() for name, holders in known.items() if holders & wanted)


def change_password(pool: Pool, user: str, digest: str) -> None:
    """Give an account a new password, of which only the digest is known."""
    account = pool.access.accounts[user]
    account.password, account.digest = None, digest


def set_enabled(pool: Pool, user: str, *, enabled: bool) -> None:
    """Suspend an account in the directory, or restore it.

    Raises:
        KeyError: when there is no such account.
    """
    pool.access.accounts[user].enabled = enabled


def _sid(pool: Pool, user: str) -> str:
    stream = pool.world.streams.stream(f"{pool.path}/account/{user}")
    parts = "-".join(str(stream.randrange(10**9)) for _ in range(3))
    return f"S-1-5-21-{parts}-{1000 + len(pool.access.accounts)}"


def _join_directory(pool: Pool) -> None:
    for host in pool.db.tables["host"]:
        pool.db.change(
            "host", host, external_auth_type=_DIRECTORY, external_auth_service_name="lab"
        )


def _add_subject(pool: Pool, account: Account, role_name: str) -> None:
    known = role.of(pool.model).named
    roles = [known[role_name]] if role_name in ROLES and role_name in known else []
    fields = {
        "subject_identifier": account.sid,
        "other_config": information(account),
        "roles": roles,
    }
    pool.db.add("subject", fields)


def information(account: Account) -> dict[str, str]:
    """Return what the directory knows of an account, as ``subject.other_config`` holds it."""
    return {
        "subject-name": account.user,
        "subject-sid": account.sid,
        "subject-is-group": "false",
    }
