"""Logging in over HTTP: Basic, Negotiate with NTLM, and CredSSP, for each connection."""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import TYPE_CHECKING, Final

from hvsim_fakes.winrm import accounts, sealing

if TYPE_CHECKING:
    from spnego._context import ContextProxy

    from hvsim_fakes.server import Connection
    from hvsim_fakes.winrm.accounts import Account
    from hvsim_fakes.winrm.machine import Machine
    from hvsim_fakes.winrm.ntlm import NtlmAcceptor

_KEY: Final = "winrm.login"
_LONGEST_TOKEN: Final = 64 * 1024
_TLS_HELLO: Final = (0x16, 0x01)


class Refused(Exception):  # noqa: N818 - what became of the login
    """The client has to log in; ``challenge`` is the next token for it, if there is one."""

    def __init__(self, challenge: str = "") -> None:
        super().__init__("not logged in")
        self.challenge = challenge


class Login:
    """What one connection's client has shown of itself; NTLM's state lasts with the connection."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._context: ContextProxy | None = None
        self._ntlm: NtlmAcceptor | None = None
        self._protocol = sealing.SPNEGO
        self.token = ""
        """For the answer's ``WWW-Authenticate``: the last token of a login that succeeded."""

    @classmethod
    def of(cls, connection: Connection, machine: Machine) -> Login:
        """Return the login of a connection, a new one if there is none yet."""
        found = connection.get(_KEY)
        if not isinstance(found, Login):
            found = connection[_KEY] = cls(machine)
        return found

    @property
    def sealer(self) -> sealing.Sealer | None:
        """The keys of a login that succeeded with something that has keys."""
        context = self._context
        return context if context is not None and context.complete else None

    @property
    def protocol(self) -> str:
        """The name of the sealing that goes with the login."""
        return self._protocol

    def judge(self, authorization: str) -> Account:
        """Return who sends a request.

        Raises:
            Refused: when that is not known, or not yet.
        """
        self.token = ""
        scheme, _, value = authorization.partition(" ")
        match scheme.lower():
            case "":
                return self._known()
            case "basic" if self._machine.settings.basic:
                return self._basic(value.strip())
            case "negotiate" | "ntlm":
                return self._stepped(scheme, _token(value), sealing.SPNEGO)
            case "credssp" if self._machine.settings.credssp:
                return self._stepped(scheme, _token(value), sealing.CREDSSP)
        raise Refused

    def forget(self) -> None:
        """Drop what is known, as when keys got out of step."""
        self._context = self._ntlm = None

    def _known(self) -> Account:
        if self._ntlm is None or self._ntlm.account is None or self.sealer is None:
            raise Refused
        # A login outlives its account on Windows, too, for as long as its connection stands.
        return self._ntlm.account

    def _basic(self, value: str) -> Account:
        try:
            user, colon, password = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, ValueError):
            raise Refused from None
        account = accounts.find(self._machine.directory, user, "") if colon else None
        known = "" if account is None else account.password
        if account is None or not hmac.compare_digest(known.encode(), password.encode()):
            raise Refused
        return account

    def _stepped(self, scheme: str, token: bytes, protocol: str) -> Account:
        """Take the next token of a login."""
        if self._context is None or _begins(token) or protocol != self._protocol:
            self._begin(protocol)
        context, ntlm = self._context, self._ntlm
        if context is None or ntlm is None or context.complete:
            raise Refused
        try:
            out = context.step(token)
        except Exception:  # noqa: BLE001 - whatever a token does to its decoder, it is refused
            self.forget()
            raise Refused from None
        reply = f"{scheme} {base64.b64encode(out).decode()}" if out else ""
        if not context.complete or ntlm.account is None:
            if not out:
                self.forget()
            raise Refused(reply)
        self.token = reply
        return ntlm.account

    def _begin(self, protocol: str) -> None:
        # The library is not wanted before a client logs in like this.
        from hvsim_fakes.winrm.credssp import credssp_acceptor  # noqa: PLC0415 - see above
        from hvsim_fakes.winrm.ntlm import (  # noqa: PLC0415 - likewise
            NtlmAcceptor,
            negotiate_acceptor,
        )

        machine = self._machine
        self._ntlm = NtlmAcceptor(machine.directory, machine.computer, machine.domain)
        self._protocol = protocol
        if protocol == sealing.CREDSSP:
            self._context = credssp_acceptor(self._ntlm)
        else:
            self._context = negotiate_acceptor(self._ntlm)


def _token(value: str) -> bytes:
    if len(value) > _LONGEST_TOKEN:
        raise Refused
    try:
        return base64.b64decode(value.strip(), validate=True)
    except (binascii.Error, ValueError):
        raise Refused from None


def _begins(token: bytes) -> bool:
    """Tell whether a token is the first of a login: NTLM type 1, SPNEGO's or TLS's first."""
    if token.startswith(b"NTLMSSP\x00"):
        return token[8:12] == b"\x01\x00\x00\x00"
    if token[:1] == b"\x60":
        return True
    return len(token) > 5 and (token[0], token[5]) == _TLS_HELLO
