"""A connection to a XenServer pool that finds the pool's master by itself."""

import http.client
import ssl
from contextlib import suppress
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit
from xmlrpc.client import Fault, ProtocolError, SafeTransport, Transport

import XenAPI

from hvsim_conformance.adapters.model import Credentials

_Kind = TypeVar("_Kind", bound=http.client.HTTPConnection)

_BROKEN = (Fault, ProtocolError, OSError, http.client.HTTPException)
"""What the SDK raises when nobody answers, or not as XenAPI does."""

_REPLACED = ("HOST_IS_SLAVE", "SESSION_INVALID")
"""What a session hears whose master has handed its place over."""

QUICK = 2.0
"""Seconds to wait for an answer that takes no time on a working host."""
PATIENT = 30.0
"""Seconds to wait for an operation."""
_HOPS = 4
"""Redirections to follow before a pool is taken to have no master."""


class Unreachable(Exception):  # noqa: N818 - a state of the pool, not a malfunction
    """Nobody answers as the pool's master; the message says what was tried."""


class _Limit:
    """How long a transport waits; its connections read it at every request."""

    seconds = QUICK


class Connection:
    """A session on a pool's master.

    Args:
        address: URL of any member.
        credentials: the account to log in with.
    """

    def __init__(self, address: str, credentials: Credentials) -> None:
        self._address = address
        self._credentials = credentials
        self._session: Any = None
        self._limit = _Limit()
        self.members: list[str] = [address]
        """URLs of the members known so far, the registered one first."""

    def read(self, method: str, *args: object) -> Any:
        """Call a method that answers at once; raise XenAPI.Failure or Unreachable."""
        return self._call(method, args, QUICK)

    def write(self, method: str, *args: object) -> Any:
        """Call a method that may take long; raise XenAPI.Failure or Unreachable."""
        return self._call(method, args, PATIENT)

    def learn(self, addresses: list[str]) -> None:
        """Remember the addresses of the pool's members (without scheme and port)."""
        found = [self._url(address) for address in addresses]
        self.members = [*found, *(url for url in self.members if url not in found)]

    def drop(self) -> None:
        """Forget the session without a word to the pool."""
        self._session = None

    def close(self) -> None:
        """Log out if the pool still answers."""
        if self._session is not None:
            # Whoever cannot be reached needs no good-bye.
            with suppress(XenAPI.Failure, *_BROKEN):
                self._session.xenapi.session.logout()
            self._session = None

    def _call(self, method: str, args: tuple[object, ...], seconds: float) -> Any:
        self._limit.seconds = QUICK
        session = self._session or self._log_in()
        self._limit.seconds = seconds
        try:
            return session.xenapi_request(method, args)
        except XenAPI.Failure as failure:
            if failure.details[0] in _REPLACED:
                self.drop()
                raise Unreachable("the pool has another master now") from None
            raise
        except _BROKEN as problem:
            self.drop()
            raise Unreachable(f"{self._address}: {problem}") from problem

    def _log_in(self) -> Any:
        """Return a session on the master, asking every known member for it."""
        problems = []
        for url in list(self.members):
            try:
                return self._follow(url)
            except Unreachable as problem:
                problems.append(str(problem))
        raise Unreachable("; ".join(problems))

    def _follow(self, url: str) -> Any:
        for _ in range(_HOPS):
            try:
                return self._open(url)
            except XenAPI.Failure as failure:
                if failure.details[0] != "HOST_IS_SLAVE":
                    raise Unreachable(f"{url}: {failure.details[0]}") from None
                url = self._url(failure.details[1])
            except _BROKEN as problem:
                raise Unreachable(f"{url}: {problem}") from problem
        raise Unreachable(f"{url}: the members point at each other")

    def _open(self, url: str) -> Any:
        transport = _transport(url, self._limit, self._credentials.ca_file)
        session = XenAPI.Session(url, transport=transport)
        session.xenapi.login_with_password(
            self._credentials.username, self._credentials.password, "1.0", "hvsim-reference"
        )
        self._session, self._address = session, url
        return session

    def _url(self, address: str) -> str:
        """Return the URL of a member's bare address: scheme and port as registered."""
        known = urlsplit(self.members[0])
        port = f":{known.port}" if known.port else ""
        return urlunsplit((known.scheme, f"{address}{port}", known.path, "", ""))


def _transport(url: str, limit: _Limit, ca_file: str | None) -> Transport:
    if urlsplit(url).scheme == "http":
        return _PlainTransport(limit)
    context = ssl.create_default_context(cafile=ca_file)
    if ca_file is None:
        # As the products' own tools do: their certificates are self-signed.
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return _SecureTransport(limit, context)


class _PlainTransport(Transport):
    def __init__(self, limit: _Limit) -> None:
        super().__init__()
        self._limit = limit

    def make_connection(self, host: Any) -> http.client.HTTPConnection:
        return _limited(super().make_connection(host), self._limit)


class _SecureTransport(SafeTransport):
    def __init__(self, limit: _Limit, context: ssl.SSLContext) -> None:
        super().__init__(context=context)
        self._limit = limit

    def make_connection(self, host: Any) -> http.client.HTTPSConnection:
        return _limited(super().make_connection(host), self._limit)


def _limited(connection: _Kind, limit: _Limit) -> _Kind:
    connection.timeout = limit.seconds
    if connection.sock is not None:
        connection.sock.settimeout(limit.seconds)
    return connection
