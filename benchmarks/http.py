"""An HTTP client that does next to nothing, so that what is timed with it is the server.

It knows what the servers measured here send: bodies of a stated length and chunked ones.
"""

from __future__ import annotations

import re
import selectors
import socket
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_LENGTH: Final = re.compile(rb"\r\ncontent-length: *([0-9]+)\r\n", re.IGNORECASE)
_CHUNKED: Final = re.compile(rb"\r\ntransfer-encoding: *chunked\r\n", re.IGNORECASE)
_COOKIE: Final = re.compile(rb"\r\nset-cookie: *([^;\r]+)", re.IGNORECASE)
_READ: Final = 256 * 1024
_PATIENCE: Final = 300.0


class Line:
    """One connection that is kept alive; one request is under way at a time.

    Attributes:
        cookie: what the server gave last, sent with every request.
    """

    def __init__(self, host: str, port: int) -> None:
        self.sock = socket.create_connection((host, port), timeout=_PATIENCE)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.cookie = b""
        self._host = f"{host}:{port}".encode()
        self._pieces: list[bytes] = []
        self._head = b""
        self._left: int | None = 0

    def send(self, path: bytes, headers: bytes, body: bytes) -> None:
        """Post a body; ``headers`` are whole lines."""
        cookie = b"Cookie: %b\r\n" % self.cookie if self.cookie else b""
        self.sock.sendall(
            b"POST %b HTTP/1.1\r\nHost: %b\r\n%b%bContent-Length: %d\r\n\r\n%b"
            % (path, self._host, headers, cookie, len(body), body)
        )
        self._pieces, self._head = [], b""

    def take(self) -> bool:
        """Read what has come, waiting for something; return whether the answer is whole.

        Raises:
            ConnectionError: when the server closed the connection.
        """
        data = self.sock.recv(_READ)
        if not data:
            raise ConnectionError("the server closed the connection")
        if self._head:
            self._pieces.append(data)
            if self._left is not None:
                self._left -= len(data)
        else:
            self._begin(data)
        return self._left == 0 if self._left is not None else self._last_chunk_came()

    def answer(self) -> bytes:
        """Return the body of the answer, once it is whole.

        Raises:
            RuntimeError: with its end, when the server did not answer with 200.
        """
        given = _COOKIE.search(self._head)
        if given:
            self.cookie = given[1]
        body = b"".join(self._pieces)
        if self._left is None:
            body = _dechunked(body)
        if not self._head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(body[-500:].decode())
        return body

    def _begin(self, data: bytes) -> None:
        """Take the head off the first bytes of an answer."""
        data = b"".join((*self._pieces, data))
        head, end, body = data.partition(b"\r\n\r\n")
        self._pieces = [body if end else data]
        self._left = -1
        if end:
            self._head = head + b"\r\n"
            length = _LENGTH.search(self._head)
            self._left = int(length[1]) - len(body) if length is not None else None
            if length is None and _CHUNKED.search(self._head) is None:
                raise RuntimeError("the answer's length is not told")

    def _last_chunk_came(self) -> bool:
        tail = b"".join(self._pieces[-2:])[-7:]
        return tail.endswith(b"\r\n0\r\n\r\n") or tail == b"0\r\n\r\n"


def await_all(lines: Sequence[Line]) -> None:
    """Read the answers of many connections as they come, until all are whole."""
    left = len(lines)
    with selectors.DefaultSelector() as ready:
        for line in lines:
            ready.register(line.sock, selectors.EVENT_READ, line)
        while left:
            found = ready.select(_PATIENCE)
            if not found:
                raise TimeoutError(f"{left} of {len(lines)} clients got no answer")
            for key, _ in found:
                if key.data.take():
                    ready.unregister(key.fileobj)
                    left -= 1


def _dechunked(body: bytes) -> bytes:
    pieces: list[bytes] = []
    at = 0
    while True:
        end = body.index(b"\r\n", at)
        size = int(body[at:end], 16)
        if not size:
            return b"".join(pieces)
        pieces.append(body[end + 2 : end + 2 + size])
        at = end + 4 + size
