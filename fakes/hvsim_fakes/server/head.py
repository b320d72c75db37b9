"""Parsing of HTTP/1 request heads: bytes in, facts out, no input or output.

Source: RFC 9110 (fields), RFC 9112 (message syntax). Where a recipient may be lenient this
parser is strict, so that two readers of the same bytes never disagree about them.
"""

import functools
import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from hvsim_fakes.server.limits import Limits
from hvsim_fakes.server.message import HttpError

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_TARGET = re.compile(r"[!-~\x80-\xff]+")
_VERSION = re.compile(r"HTTP/[0-9]\.[0-9]")
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)|(?<!\r)\n")
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*://[^/?]*")
_DIGITS = re.compile(r"[0-9]{1,18}")
_REPEATED_BYTES = 2048
_SINGLE = frozenset({"host", "content-length", "content-type", "authorization"})


@dataclass(slots=True)
class Head:
    """The request line and the headers of one request."""

    method: str
    target: str
    version: str
    headers: dict[str, str]

    def keeps_alive(self) -> bool:
        """Tell whether the client wants to go on with this connection."""
        connection = self.headers.get("connection")
        if connection is None:
            return self.version == "HTTP/1.1"
        options = {option.strip() for option in connection.lower().split(",")}
        if self.version == "HTTP/1.1":
            return "close" not in options
        return "keep-alive" in options

    def chunked(self) -> bool:
        """Tell whether the body comes in chunks. Raises HttpError 400 or 501."""
        coding = self.headers.get("transfer-encoding")
        if coding is None:
            return False
        if self.version != "HTTP/1.1" or "content-length" in self.headers:
            raise HttpError(400, "this request frames its body in two ways")
        if coding.lower() != "chunked":
            raise HttpError(501, "the only transfer coding understood is chunked")
        return True

    def content_length(self) -> int:
        """Give the length of the body that is not chunked. Raises HttpError 400."""
        text = self.headers.get("content-length")
        if text is None:
            return 0
        if not _DIGITS.fullmatch(text):
            raise HttpError(400, "Content-Length is not a number")
        return int(text)

    def expects_continue(self) -> bool:
        """Tell whether the client waits for a 100 before its body. Raises HttpError 417."""
        expectation = self.headers.get("expect")
        if expectation is None or self.version != "HTTP/1.1":
            return False
        if expectation.lower() != "100-continue":
            raise HttpError(417, "the only expectation understood is 100-continue")
        return True


def parse_head(raw: bytes | bytearray, limits: Limits) -> Head:
    """Parse a head without its closing empty line.

    Raises HttpError 400 (malformed), 414 (request line too long), 431 (too large or too many
    headers), 505 (not HTTP/1.0 or HTTP/1.1).
    """
    if len(raw) > _REPEATED_BYTES:
        return _parsed(bytes(raw), limits)
    known = _remembered(bytes(raw), limits)
    # The headers go on to describe the one body that comes with them.
    return Head(known.method, known.target, known.version, known.headers.copy())


def _parsed(raw: bytes, limits: Limits) -> Head:
    text = raw.decode("latin-1")
    if _FORBIDDEN.search(text):
        raise HttpError(400, "the request head holds a forbidden character")
    lines = text.split("\r\n")
    _check_size(text, lines, limits)
    method, target, version = _request_line(lines[0])
    headers = _headers(lines)
    if version == "HTTP/1.1" and "host" not in headers:
        raise HttpError(400, "an HTTP/1.1 request needs a Host header")
    return Head(method, target, version, headers)


# A client says the same with every request, but for a few lengths of its bodies.
_remembered = functools.lru_cache(maxsize=256)(_parsed)


def check_unfinished(raw: bytes | bytearray, limits: Limits) -> None:
    """Refuse early what cannot become a good head any more. Raises HttpError 400, 414, 431."""
    if not _TOKEN.match(raw[:1].decode("latin-1")):
        raise HttpError(400, "this is not an HTTP request")
    if len(raw) > limits.request_line_bytes and b"\n" not in raw[: limits.request_line_bytes]:
        raise HttpError(414, "the request line is too long")
    if len(raw) > limits.header_bytes:
        raise HttpError(431, "the request head is too large")
    if b"\n\n" in raw:
        raise HttpError(400, "lines of a request head end with CR LF")


def split_target(method: str, target: str) -> tuple[str, str]:
    """Give the raw path and the raw query of a request target.

    An absolute URL loses its scheme and host; the target of CONNECT (host:port) and `*` are
    paths as they stand. Raises HttpError 400 for anything else.
    """
    if method == "CONNECT" or target == "*":
        return target, ""
    if not target.startswith("/"):
        target = _origin_form(target)
    path, _, query = target.partition("?")
    return path, query


def decode_path(path: str) -> str:
    """Decode percent escapes and UTF-8 of a raw path."""
    if "%" not in path and path.isascii():
        return path
    return unquote_to_bytes(path.encode("latin-1")).decode("utf-8", "replace")


def _origin_form(target: str) -> str:
    absolute = _ABSOLUTE.match(target)
    if absolute is None:
        raise HttpError(400, "the request target is neither a path nor a URL")
    rest = target[absolute.end() :]
    return rest if rest.startswith("/") else "/" + rest


def _check_size(text: str, lines: list[str], limits: Limits) -> None:
    if len(lines[0]) > limits.request_line_bytes:
        raise HttpError(414, "the request line is too long")
    if len(text) > limits.header_bytes or len(lines) - 1 > limits.header_count:
        raise HttpError(431, "the request head is too large")


def _request_line(line: str) -> tuple[str, str, str]:
    parts = line.split(" ")
    if len(parts) != 3:
        raise HttpError(400, "a request line has three parts")
    method, target, version = parts
    if not (_TOKEN.fullmatch(method) and _TARGET.fullmatch(target)):
        raise HttpError(400, "malformed request line")
    if version not in {"HTTP/1.1", "HTTP/1.0"}:
        known = _VERSION.fullmatch(version)
        raise HttpError(505 if known else 400, "this server speaks HTTP/1.0 and HTTP/1.1")
    return method, target, version


def _headers(lines: list[str]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in lines[1:]:
        name, value = _repeated_field(line) if len(line) <= _REPEATED_BYTES else _field(line)
        headers[name] = _joined(name, headers[name], value) if name in headers else value
    return headers


def _field(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not colon or not _TOKEN.fullmatch(name):
        raise HttpError(400, "malformed header line")
    return name.lower(), value.strip(" \t")


_repeated_field = functools.lru_cache(maxsize=512)(_field)


def _joined(name: str, first: str, second: str) -> str:
    if name in _SINGLE:
        raise HttpError(400, f"{name} is given twice")
    return first + ("; " if name == "cookie" else ", ") + second
