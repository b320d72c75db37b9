"""Requests, responses and the applications between them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

Address = tuple[str, int]
"""A host (name or IP address) and a TCP port."""

Headers = Mapping[str, str] | Sequence[tuple[str, str]]
"""Response headers: a mapping, or pairs where a name may occur more than once."""


class Peer(Protocol):
    """The far end of a connection."""

    def gone(self) -> bool:
        """Tell whether no further request can come and an answer may have no reader."""


class Connection(dict[str, object]):
    """What applications remember about one client connection, for example its login state.

    The same object accompanies every request of the connection: `request.connection`, and
    `environ["hvsim.connection"]` for WSGI applications.
    """

    __slots__ = ("_peer", "local", "remote", "scheme")

    def __init__(
        self,
        peer: Peer | None = None,
        *,
        scheme: str = "http",
        local: Address = ("127.0.0.1", 80),
        remote: Address = ("127.0.0.1", 0),
    ) -> None:
        super().__init__()
        self._peer = peer
        self.scheme = scheme
        self.local = local
        self.remote = remote

    def closed(self) -> bool:
        """Tell whether waiting any longer for this client is useless. Costs one system call.

        True when the client closed or reset its connection, and when the listener stopped
        serving it (stopped, refusing, black-holed). A client that only shut down its sending
        side looks the same on the wire; so a waiter that sees True answers early with what it
        has, and the server still delivers that answer if somebody is there to read it.
        """
        return self._peer is not None and self._peer.gone()


@dataclass(slots=True)
class Request:
    """One whole HTTP request.

    `path` is percent-decoded UTF-8, `query` is the raw text after `?`, header names are lower
    case, repeated headers are joined with a comma. The body is complete: chunks are joined and
    gzip is decoded. `target` is the request target as the client wrote it.
    """

    method: str
    path: str
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    target: str = ""
    version: str = "HTTP/1.1"
    connection: Connection = field(default_factory=Connection)


@dataclass(slots=True)
class Response:
    """One HTTP response.

    A bytes body is sent with its length in one piece. An iterable body is streamed: each item
    is on the wire before the next is asked for; its `close()`, if any, is called at the end.
    The framing headers (Content-Length of a bytes body, Transfer-Encoding, keep-alive) belong
    to the server; `Connection: close` asks it to end the connection.
    """

    status: int
    headers: Headers = ()
    body: bytes | Iterable[bytes] = b""
    reason: str = ""

    def header_items(self) -> list[tuple[str, str]]:
        """Give the headers as pairs, whichever way they were given."""
        if isinstance(self.headers, Mapping):
            return list(self.headers.items())
        return list(self.headers)


class RawApp(Protocol):
    """An application on the fast path: one call, no WSGI environment."""

    def __call__(self, request: Request, /) -> Response:
        """Answer one request; an exception becomes a bare 500."""


class HttpError(Exception):
    """A request the server itself refuses, with the HTTP status that says so."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
