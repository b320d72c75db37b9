"""Who plays a script: the real SDK, against a lab that is there, or against a recording of it."""

from __future__ import annotations

import http.client
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import XenAPI

from golden.played import PASSWORD, Played

if TYPE_CHECKING:
    from collections.abc import Iterator

OPERATOR: Final = ("olga", "olgas-password")
_ADDRESSES: Final = {"host1": "127.0.0.11", "host2": "127.0.0.12", "host3": "127.0.0.13"}


class Player(Played):
    """Gives scripts their sessions."""

    @property
    def legacy(self) -> bool:
        """Whether it is a release of long ago."""
        return self.profile == "xenserver-5.5"

    def url(self, host: str = "host1") -> str:
        """Return a member's URL; a recording knows no ports."""
        if self.lab is None:
            return f"http://{_ADDRESSES[host]}"
        pool = self.lab.pool()
        member = pool.member_on(host)
        assert member is not None
        return self.lab.member_url(pool.name, member.host)

    @contextmanager
    def session(self, user: str = "root", password: str = PASSWORD) -> Iterator[Any]:
        """Log in for a ``with`` block, and out after it."""
        session = XenAPI.Session(self.url())
        session.xenapi.login_with_password(user, password, "1.0", "golden")
        yield session
        session.xenapi.session.logout()


def refusal(call: Any, *args: Any) -> list[str]:
    """Return the error of a call that is refused: code and parameters."""
    try:
        call(*args)
    except XenAPI.Failure as failure:
        return list(failure.details)
    raise AssertionError("the call succeeded")


def guest(api: Any, name: str) -> str:
    """Return the reference of the guest of that name."""
    (ref,) = api.VM.get_by_name_label(name)
    return str(ref)


class JsonClient:
    """JSON-RPC over :mod:`http.client`, and nothing else."""

    def __init__(self, url: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc)
        self._next = 0

    def call(self, method: str, *params: Any, version: int = 2) -> Any:
        """Make a call; return the whole answer."""
        self._next += 1
        body: dict[str, Any] = {"method": method, "params": params, "id": self._next}
        if version == 2:
            body["jsonrpc"] = "2.0"
        headers = {"Content-Type": "application/json"}
        self._connection.request("POST", "/jsonrpc", json.dumps(body).encode(), headers)
        response = self._connection.getresponse()
        assert response.status == 200
        return json.loads(response.read())

    def close(self) -> None:
        self._connection.close()
