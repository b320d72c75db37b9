"""Sessions of this API: the identifier a client has, and the vCenter session behind it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from hvsim.vcenter import session as domain
from hvsim.vcenter.faults import VimFault
from hvsim.vcenter.methods import Caller
from hvsim_fakes.vcenter.rest import errors

if TYPE_CHECKING:
    from hvsim.vcenter.access import Session
    from hvsim.vcenter.server import VCenter
    from hvsim_fakes.vcenter.saml import Assertion

_MANY: Final = 4_000
"""Identifiers that are kept without looking: twice as many as a vCenter has sessions."""


@dataclass(slots=True)
class Client:
    """Who sent a request.

    Attributes:
        token: the identifier of its session, empty without one.
        user, password: its credentials; None without any.
        assertion: a token of single sign-on that it has instead.
    """

    address: str
    agent: str = ""
    token: str = ""
    user: str | None = None
    password: str | None = None
    assertion: Assertion | None = None


@dataclass(slots=True)
class Sessions:
    """The keys of vCenter's sessions by the identifiers that clients have of them."""

    vcenter: VCenter
    keys: dict[str, str] = field(default_factory=dict)

    def open(self, client: Client) -> str:
        """Log a client in; return the identifier of its session.

        Raises:
            VapiError: ``unauthenticated``, whatever of its credentials is wrong.
        """
        method, args = _login(client)
        try:
            made = self.vcenter.call(Caller(), domain.MANAGER, method, args)
        except VimFault as fault:
            raise errors.invalid_login() from fault
        self._forget_ended()
        token = secrets.token_hex(16)
        self.keys[token] = made["key"]
        opened = self.vcenter.access.sessions.get(made["key"])
        if opened is not None:
            opened.address, opened.agent = client.address, client.agent
        return token

    def _forget_ended(self) -> None:
        """Let go of identifiers whose sessions are gone, once there are many."""
        if len(self.keys) < _MANY:
            return
        for token, key in list(self.keys.items()):
            if key not in self.vcenter.access.sessions:
                self.keys.pop(token, None)

    def find(self, token: str) -> Session | None:
        """Return the session that an identifier stands for, or None."""
        key = self.keys.get(token)
        found = None if key is None else domain.find(self.vcenter, key)
        if found is None:
            self.keys.pop(token, None)
        return found

    def close(self, token: str) -> None:
        """Log a client out."""
        key = self.keys.pop(token, None)
        found = None if key is None else domain.find(self.vcenter, key)
        if found is None:
            raise errors.unauthenticated()
        self.vcenter.call(Caller(found.user, found.key), domain.MANAGER, "Logout", {})


def _login(client: Client) -> tuple[str, dict[str, str]]:
    """Return the method of vCenter that logs a client in, with its arguments."""
    if client.assertion is not None:
        told = client.assertion
        return "LoginByToken", {"token": told.key, "userName": told.user}
    if client.user is None or client.password is None:
        raise errors.unauthenticated()
    return "Login", {"userName": client.user, "password": client.password}
