"""Writing of responses: status line, headers and framing of the body."""

import enum
import functools
import http
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from hvsim_fakes.server.channel import Channel, Hangup
from hvsim_fakes.server.message import Response

_JOINED_BYTES = 64 * 1024
_SERVER_OWNED = frozenset({"connection", "content-length", "keep-alive", "transfer-encoding"})
_BODILESS = frozenset({204, 205, 304})
_BODIED = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})


class BrokenAnswer(Exception):  # noqa: N818 - says what became of the answer
    """The answer stopped half-way; only closing the connection can tell the client."""


class _Frame(enum.Enum):
    """How the client finds the end of the body."""

    NO_BODY = enum.auto()
    COUNTED = enum.auto()
    CHUNKED = enum.auto()
    UNTIL_CLOSE = enum.auto()


@dataclass(slots=True)
class Answer:
    """One response on its way: what was asked, and whether the connection goes on."""

    method: str
    version: str
    keep: bool
    patience: float

    def send(self, channel: Channel, response: Response) -> bool:
        """Send the response; tell whether the connection can take another request.

        Raises ValueError before anything is sent when the headers would break the framing,
        BrokenAnswer when a stream fails after that, Hangup and TimeoutError from the channel.
        """
        if isinstance(response.body, bytes) and self._is_plain(response.status):
            return self._send_plain(channel, response, response.body)
        with _closing(response.body):
            headers = response.header_items()
            frame = self._frame(response, _declared_length(headers))
            self.keep = self._keeps(frame, headers)
            head = self._head(response, headers, frame)
            if frame is _Frame.NO_BODY:
                channel.write(head, self.patience)
            elif isinstance(response.body, bytes):
                self._send_whole(channel, head, response.body)
            else:
                self._send_stream(channel, head, _framed(response.body, headers, frame))
        return self.keep

    def _is_plain(self, status: int) -> bool:
        """Tell whether a body of bytes is the usual case: sent whole, the connection goes on."""
        return (
            self.keep
            and status >= 200
            and status not in _BODILESS
            and self.version == "HTTP/1.1"
            and self.method in _BODIED
        )

    def _send_plain(self, channel: Channel, response: Response, body: bytes) -> bool:
        headers = tuple(response.header_items())
        lines, self.keep = _plain_lines(response.status, response.reason, headers)
        end = "" if self.keep else "Connection: close\r\n"
        head = f"{lines}Content-Length: {len(body)}\r\n{end}\r\n".encode("latin-1")
        self._send_whole(channel, head, body)
        return self.keep

    def _keeps(self, frame: _Frame, headers: list[tuple[str, str]]) -> bool:
        return self.keep and frame is not _Frame.UNTIL_CLOSE and not _asks_to_close(headers)

    def _frame(self, response: Response, declared: int | None) -> _Frame:
        if self.method == "HEAD" or response.status < 200 or response.status in _BODILESS:
            return _Frame.NO_BODY
        if self.method == "CONNECT" and response.status < 300:
            return _Frame.UNTIL_CLOSE
        if isinstance(response.body, bytes) or declared is not None:
            return _Frame.COUNTED
        return _Frame.CHUNKED if self.version == "HTTP/1.1" else _Frame.UNTIL_CLOSE

    def _head(self, response: Response, headers: list[tuple[str, str]], frame: _Frame) -> bytes:
        lines = _opening(response.status, response.reason, headers)
        lines += self._framing(response, headers, frame)
        return (_joined(lines) + "\r\n").encode("latin-1")

    def _framing(
        self, response: Response, headers: list[tuple[str, str]], frame: _Frame
    ) -> list[str]:
        lines: list[str] = []
        length = self._length(response, _declared_length(headers), frame)
        if length is not None:
            lines.append(f"Content-Length: {length}")
        if frame is _Frame.CHUNKED:
            lines.append("Transfer-Encoding: chunked")
        if not self.keep:
            lines.append("Connection: close")
        elif self.version == "HTTP/1.0":
            lines.append("Connection: keep-alive")
        return lines

    def _length(self, response: Response, declared: int | None, frame: _Frame) -> int | None:
        """Give the Content-Length to announce, if any (RFC 9110 8.6)."""
        if frame is _Frame.COUNTED and isinstance(response.body, bytes):
            return len(response.body)
        if frame is not _Frame.NO_BODY:
            return declared if frame is _Frame.COUNTED else None
        if response.status < 200 or response.status == 204:
            return None
        if response.status == 205:
            return 0
        if declared is None and response.status != 304 and isinstance(response.body, bytes):
            return len(response.body)
        return declared

    def _send_whole(self, channel: Channel, head: bytes, body: bytes) -> None:
        if len(body) <= _JOINED_BYTES:
            channel.write(head + body, self.patience)
            return
        # The first piece travels with the head; the rest is sent from where it lies.
        channel.write(head + body[:_JOINED_BYTES], self.patience)
        channel.write(memoryview(body)[_JOINED_BYTES:], self.patience)

    def _send_stream(self, channel: Channel, head: bytes, pieces: Iterator[bytes]) -> None:
        channel.write(head, self.patience)
        try:
            for piece in pieces:
                channel.write(piece, self.patience)
        except (Hangup, TimeoutError):
            raise
        except Exception as error:
            raise BrokenAnswer(str(error)) from error


def _framed(
    body: Iterable[bytes], headers: list[tuple[str, str]], frame: _Frame
) -> Iterator[bytes]:
    """Wrap the pieces of a streamed body as the frame wants them."""
    pieces = (piece for piece in body if piece)
    if frame is _Frame.CHUNKED:
        for piece in pieces:
            yield b"%x\r\n%b\r\n" % (len(piece), piece)
        yield b"0\r\n\r\n"
    elif frame is _Frame.COUNTED:
        yield from _counted(pieces, _declared_length(headers) or 0)
    else:
        yield from pieces


def _counted(pieces: Iterable[bytes], length: int) -> Iterator[bytes]:
    for piece in pieces:
        length -= len(piece)
        if length < 0:
            raise ValueError("the body is longer than its Content-Length")
        yield piece
    if length:
        raise ValueError("the body is shorter than its Content-Length")


@contextmanager
def _closing(body: object) -> Iterator[None]:
    """Call the body's close() at the end, as WSGI asks for."""
    try:
        yield
    finally:
        close: Callable[[], object] | None = getattr(body, "close", None)
        if close is not None:
            close()


@functools.lru_cache(maxsize=256)
def _plain_lines(
    status: int, reason: str, headers: tuple[tuple[str, str], ...]
) -> tuple[str, bool]:
    """Give a head's lines but for the framing, and whether the connection may go on."""
    return _joined(_opening(status, reason, headers)), not _asks_to_close(headers)


def _opening(status: int, reason: str, headers: Iterable[tuple[str, str]]) -> list[str]:
    told = (f"{name}: {value}" for name, value in headers if name.lower() not in _SERVER_OWNED)
    return [_status_line(status, reason), *told]


def _joined(lines: list[str]) -> str:
    text = "\r\n".join(lines)
    if text.count("\n") != len(lines) - 1 or text.count("\r") != len(lines) - 1:
        raise ValueError("a response header holds a line break")
    return text + "\r\n"


def _declared_length(headers: list[tuple[str, str]]) -> int | None:
    for name, value in headers:
        if name.lower() == "content-length":
            return int(value)
    return None


def _asks_to_close(headers: Iterable[tuple[str, str]]) -> bool:
    return any(name.lower() == "connection" and "close" in value.lower() for name, value in headers)


@functools.lru_cache(maxsize=256)
def _status_line(status: int, reason: str) -> str:
    return f"HTTP/1.1 {status} {reason or _phrase(status)}"


def _phrase(status: int) -> str:
    try:
        return http.HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
