"""Who may log in to a Windows host."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Account:
    """An account of a domain, or of the host itself.

    Attributes:
        domain: its domain's NetBIOS name; the host's own name for a local account.
        enabled: a disabled, expired or locked account is turned away as a wrong password is.
    """

    name: str
    password: str
    domain: str = ""
    enabled: bool = True

    @property
    def qualified(self) -> str:
        r"""The name as Windows writes it, ``DOMAIN\user``."""
        return f"{self.domain}\\{self.name}" if self.domain else self.name


class Directory(Protocol):
    """Finds accounts; asked at every login, so that a change holds for the next one."""

    def account(self, user: str, domain: str) -> Account | None:
        """Return the account of somebody, whatever the case of letters.

        Args:
            user: without its domain.
            domain: NetBIOS or DNS name as the client spells it; empty, or a dot, for none.
        """


class Accounts:
    """A directory of accounts that are known from the start.

    Args:
        aliases: what else the accounts' domain is called: its DNS name, the host's name.
    """

    def __init__(self, accounts: Iterable[Account], aliases: Iterable[str] = ()) -> None:
        self._accounts = list(accounts)
        self._aliases = frozenset(name.casefold() for name in ("", ".", *aliases))

    def account(self, user: str, domain: str) -> Account | None:
        """See :class:`Directory`."""
        wanted, place = user.casefold(), domain.casefold()
        for account in self._accounts:
            if account.name.casefold() == wanted and (
                place in self._aliases or place == account.domain.casefold()
            ):
                return account
        return None


def split_user(given: str) -> tuple[str, str]:
    r"""Return user and domain of ``DOMAIN\user``, ``user@domain`` or ``user``."""
    domain, slash, user = given.partition("\\")
    if slash:
        return user, domain
    user, _, domain = given.partition("@")
    return user, domain


def find(directory: Directory, user: str, domain: str) -> Account | None:
    """Return the account that may log in under a name, or None."""
    if not domain:
        user, domain = split_user(user)
    account = directory.account(user, domain)
    return account if account is not None and account.enabled else None


@functools.lru_cache(maxsize=256)
def nt_hash(password: str) -> bytes:
    """Return the NT hash of a password ([MS-NLMP] 3.3.1)."""
    from spnego._ntlm_raw.crypto import ntowfv1  # noqa: PLC0415 - not before somebody logs in

    return ntowfv1(password)
