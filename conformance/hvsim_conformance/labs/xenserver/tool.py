"""The other tool: an administrator's own XenAPI client, distinct from the implementation's."""

import http.client
from typing import Any
from xmlrpc.client import Transport

import XenAPI

from hvsim_conformance.labs.base import ADDRESS

_SECONDS = 30.0


class Tool:
    """A session on one host, opened at first use; calls raise XenAPI.Failure.

    Args:
        url: the host's URL (plain HTTP).
        user, password: the account.
    """

    def __init__(self, url: str, user: str, password: str) -> None:
        self.session = XenAPI.Session(url, transport=_Transport(), allow_none=False)
        self._account = (user, password)
        self._open = False

    def call(self, method: str, *args: object) -> Any:
        """Call a method as the administrator."""
        if not self._open:
            self.session.xenapi.login_with_password(*self._account, "1.0", "hvsim-suite")
            self._open = True
        return self.session.xenapi_request(method, args)

    def local(self) -> "Tool":
        """Use a local session, which any member accepts for emergency messages."""
        self.session.slave_local_login_with_password(*self._account)
        self._open = True
        return self

    def refusal(self, method: str, *args: object) -> list[str]:
        """Return the error that a call gets; raise AssertionError when it succeeds."""
        try:
            self.call(method, *args)
        except XenAPI.Failure as failure:
            return [str(part) for part in failure.details]
        raise AssertionError(f"{method} succeeded")

    def ref(self, cls: str, name: str) -> str:
        """Return the reference of the only object of a class with that name."""
        found: list[str] = self.call(f"{cls}.get_by_name_label", name)
        if len(found) != 1:
            raise AssertionError(f"{len(found)} objects of {cls} are called {name}")
        return found[0]


class _Transport(Transport):
    """Keeps one connection, from the suite's own address."""

    _kept: http.client.HTTPConnection | None = None

    def make_connection(self, host: Any) -> http.client.HTTPConnection:
        if self._kept is None:
            self._kept = http.client.HTTPConnection(
                str(host), timeout=_SECONDS, source_address=(ADDRESS, 0)
            )
        return self._kept

    def close(self) -> None:
        if self._kept is not None:
            self._kept.close()
            self._kept = None
