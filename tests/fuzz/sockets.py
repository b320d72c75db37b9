"""Requests over real sockets, well-formed and not, as bytes."""

from __future__ import annotations

import http.client
import socket
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from fuzz.mangling import mangled
from fuzz.oracle import FindingError, no_python

if TYPE_CHECKING:
    from random import Random

PATIENCE: Final = 10.0
"""Seconds within which every answer has to come."""
_LINES: Final = (
    b"Host: x", b"Host:", b"Content-Length: -1", b"Content-Length: 99999999999999999999",
    b"Content-Length: 1e3", b"Content-Length: 5, 6", b"Transfer-Encoding: chunked",
    b"Transfer-Encoding: gzip, x", b"Content-Encoding: gzip", b"Expect: 100-continue",
    b"Expect: the worst", b": nothing", b"no colon", b"\xff\xfe: \x00", b"X: " + b"y" * 70_000,
    b" folded: yes", b"Connection: close", b"Connection: keep-alive, \x01", b"Cookie: session_id=",
    b"Authorization: Basic !!!", b"Authorization: Basic cm9vdDo=", b"Upgrade: h2c",
)  # fmt: skip
_TARGETS: Final = (
    b"/", b"/jsonrpc", b"//", b"/%00", b"/%zz", b"/%ff%fe", b"*", b"", b"http://x/",
    b"/rrd_updates",
    b"/vm_rrd?uuid=%ff", b"/host_rrd", b"/import", b"/console", b"/../../etc/passwd",
    b"/" + b"a" * 20_000,
)  # fmt: skip
_METHODS: Final = (b"GET", b"PUT", b"POST", b"OPTIONS", b"HEAD", b"DELETE", b"TRACE", b"get", b"")
_VERSIONS: Final = (b"HTTP/1.1", b"HTTP/1.0", b"HTTP/2.0", b"HTTP/9", b"", b"ICY")


def head(path: str, length: int) -> bytes:
    """Return the head of a good POST."""
    return f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n".encode()


def bad_head(random: Random) -> bytes:
    """Return the head of a request as no client should send it."""
    first = b" ".join((random.choice(_METHODS), random.choice(_TARGETS), random.choice(_VERSIONS)))
    lines = [first, *(random.choice(_LINES) for _ in range(random.randrange(5))), b"", b""]
    found = b"\r\n".join(lines)
    return mangled(random, found) if random.random() < 0.4 else found


class NoAnswerError(FindingError):
    """Nothing came in time."""


def exchange(url: str, data: bytes, *, stay: bool) -> tuple[int, bytes] | None:
    """Send bytes; return status and body of the answer, None if the connection just ends.

    Args:
        stay: whether to wait for the answer as a patient client does; otherwise the sending
            side is shut down, after which the server may cut every wait short.
    """
    address = urlsplit(url)
    with socket.create_connection((address.hostname, address.port), PATIENCE) as sock:
        try:
            sock.sendall(data)
            if not stay:
                sock.shutdown(socket.SHUT_WR)
            return _answer(sock)
        except TimeoutError as error:
            raise NoAnswerError(f"no answer within {PATIENCE:g} s to {data[:300]!r}") from error
        except (OSError, http.client.HTTPException):
            # A server may close on who sends garbage.
            return None


def _answer(sock: socket.socket) -> tuple[int, bytes]:
    response = http.client.HTTPResponse(sock)
    response.begin()
    body = response.read()
    no_python(str(response.headers))
    return response.status, body
