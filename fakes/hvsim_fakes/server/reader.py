"""Buffered reading of whole requests from a channel."""

import time

from hvsim_fakes.server.body import chunk_size, gunzip
from hvsim_fakes.server.channel import Channel
from hvsim_fakes.server.head import Head, check_unfinished, parse_head
from hvsim_fakes.server.limits import Limits
from hvsim_fakes.server.message import HttpError

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_CHUNK_LINE_BYTES = 1024
_GZIP = frozenset({"gzip", "x-gzip"})


class Reader:
    """Takes requests one after the other, keeping what a client pipelined behind them."""

    def __init__(self, channel: Channel, limits: Limits) -> None:
        self._channel = channel
        self._limits = limits
        self._buffer = bytearray()

    def head(self) -> Head | None:
        """Read the next request head; None when the client has no further request.

        Raises HttpError for a bad or slow head, Hangup when the connection broke.
        """
        if not self._begin():
            return None
        deadline = time.monotonic() + self._limits.head_seconds
        return parse_head(self._head_bytes(deadline), self._limits)

    def body(self, head: Head) -> bytes:
        """Read the request's whole body, without chunks and gzip.

        The head's headers then describe the body returned. Raises HttpError, Hangup.
        """
        chunked = head.chunked()
        length = head.content_length()
        if length > self._limits.body_bytes:
            raise HttpError(413, "the request body is too large")
        if head.expects_continue():
            self._invite(body_comes=chunked or length > 0)
        if not chunked and length == 0:
            return b""
        deadline = time.monotonic() + self._limits.body_seconds
        body = self._chunks(deadline) if chunked else self._exactly(length, deadline)
        return self._decoded(head, body, chunked=chunked)

    def discard(self, seconds: float) -> None:
        """Swallow input until the client ends it or the time is over."""
        deadline = time.monotonic() + seconds
        try:
            while self._channel.read(deadline):
                pass
        except TimeoutError:
            return

    def _begin(self) -> bool:
        """Wait for a request's first byte, skipping empty lines before it."""
        deadline = time.monotonic() + self._limits.idle_seconds
        while True:
            self._skip_empty_lines()
            if self._buffer and self._buffer != b"\r":
                return True
            try:
                data = self._channel.read_later(deadline)
                self._buffer += data
                if not data:
                    return False
            except TimeoutError:
                return False

    def _skip_empty_lines(self) -> None:
        while self._buffer.startswith(b"\r\n"):
            del self._buffer[:2]

    def _head_bytes(self, deadline: float) -> bytes:
        searched = 0
        while (end := self._buffer.find(b"\r\n\r\n", searched)) < 0:
            check_unfinished(self._buffer, self._limits)
            searched = max(0, len(self._buffer) - 3)
            self._need_more(deadline)
        head = self._take(end)
        del self._buffer[:4]
        return head

    def _line(self, deadline: float) -> bytes:
        while (end := self._buffer.find(b"\r\n")) < 0:
            if len(self._buffer) > _CHUNK_LINE_BYTES:
                raise HttpError(400, "a line between chunks is too long")
            self._need_more(deadline)
        line = self._take(end)
        del self._buffer[:2]
        return line

    def _exactly(self, count: int, deadline: float) -> bytes:
        while len(self._buffer) < count:
            self._need_more(deadline)
        return self._take(count)

    def _chunks(self, deadline: float) -> bytes:
        pieces: list[bytes] = []
        total = 0
        while (size := chunk_size(self._line(deadline))) > 0:
            total += size
            if total > self._limits.body_bytes:
                raise HttpError(413, "the request body is too large")
            pieces.append(self._exactly(size, deadline))
            if self._exactly(2, deadline) != b"\r\n":
                raise HttpError(400, "a chunk does not end where it should")
        self._skip_trailers(deadline)
        return b"".join(pieces)

    def _skip_trailers(self, deadline: float) -> None:
        for _ in range(self._limits.header_count):
            if not self._line(deadline):
                return
        raise HttpError(431, "too many trailers")

    def _invite(self, *, body_comes: bool) -> None:
        if body_comes and not self._buffer:
            self._channel.write(_CONTINUE, self._limits.send_seconds)

    def _decoded(self, head: Head, body: bytes, *, chunked: bool) -> bytes:
        if head.headers.get("content-encoding", "").lower() in _GZIP:
            body = gunzip(body, self._limits.body_bytes)
            del head.headers["content-encoding"]
        if chunked:
            del head.headers["transfer-encoding"]
        head.headers["content-length"] = str(len(body))
        return body

    def _take(self, count: int) -> bytes:
        with memoryview(self._buffer) as view:
            taken = bytes(view[:count])
        del self._buffer[:count]
        return taken

    def _need_more(self, deadline: float) -> None:
        try:
            if not self._fill(deadline):
                raise HttpError(400, "the request ended early")
        except TimeoutError:
            raise HttpError(408, "the request took too long") from None

    def _fill(self, deadline: float) -> bool:
        data = self._channel.read(deadline)
        self._buffer += data
        return bool(data)
