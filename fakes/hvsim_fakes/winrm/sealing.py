"""Sealed messages: the encrypted parts that a login's keys protect ([MS-WSMV] 2.2.9.1)."""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

BOUNDARY: Final = b"--Encrypted Boundary"
SPNEGO: Final = "application/HTTP-SPNEGO-session-encrypted"
CREDSSP: Final = "application/HTTP-CredSSP-session-encrypted"
_PART: Final = 16 * 1024
"""CredSSP seals at most so much at once: a TLS record."""
_HEAD: Final = re.compile(
    rb"--\s*Encrypted Boundary\r\n"
    rb"[ \t]*Content-Type:[ \t]*[^\r\n]{1,100}\r\n"
    rb"[ \t]*OriginalContent:[ \t]*type=[^\r\n]{1,100}?;Length=(\d{1,9})[ \t]*\r\n"
    rb"--\s*Encrypted Boundary\r\n"
    rb"[ \t]*Content-Type:[ \t]*application/octet-stream\r\n",
    re.IGNORECASE,
)
_END: Final = re.compile(rb"--\s*Encrypted Boundary--(?:\r\n)?\Z", re.IGNORECASE)


class SealError(Exception):
    """A sealed message is damaged, forged, or of another login."""


class Wrapped(Protocol):
    """A sealed piece: its signature or trailer, and the rest."""

    @property
    def header(self) -> bytes:
        """The signature, or what a sealed record has more than what it seals."""

    @property
    def data(self) -> bytes:
        """The sealed bytes."""


class Sealer(Protocol):
    """The keys of a login."""

    def wrap_winrm(self, data: bytes) -> Wrapped:
        """Seal the next message of the server."""

    def unwrap_winrm(self, header: bytes, data: bytes) -> bytes:
        """Open the next message of the client."""


def is_sealed(content_type: str) -> bool:
    """Tell by its content type whether a message is sealed."""
    return content_type.startswith(("multipart/encrypted", "multipart/x-multi-encrypted"))


def unseal(sealer: Sealer, body: bytes) -> bytes:
    """Open a message.

    Raises:
        SealError: when it cannot be opened.
    """
    return b"".join(_opened(sealer, length, part) for length, part in _parts(body))


def seal(sealer: Sealer, body: bytes, protocol: str) -> tuple[str, bytes]:
    """Return the content type and the bytes of a sealed message."""
    several = protocol == CREDSSP and len(body) > _PART
    step = _PART if several else max(len(body), 1)
    pieces = [_sealed(sealer, body[at : at + step], protocol) for at in range(0, len(body), step)]
    kind = "multipart/x-multi-encrypted" if several else "multipart/encrypted"
    content_type = f'{kind};protocol="{protocol}";boundary="Encrypted Boundary"'
    return content_type, b"".join([*pieces, BOUNDARY, b"--\r\n"])


def _parts(body: bytes) -> Iterator[tuple[int, bytes]]:
    """Give the announced length and the sealed bytes of each part."""
    end = _END.search(body)
    heads = _heads(body)
    if end is None or not heads or heads[0].start() != 0:
        raise SealError("no encrypted parts")
    ends = [head.start() for head in heads[1:]] + [end.start()]
    for head, stop in zip(heads, ends, strict=True):
        yield int(head[1]), body[head.end() : stop]


def _heads(body: bytes) -> list[re.Match[bytes]]:
    # What lies within sealed bytes is noise; a whole head there by chance is out of question.
    return list(_HEAD.finditer(body))


def _opened(sealer: Sealer, length: int, part: bytes) -> bytes:
    if len(part) < 4:
        raise SealError("a part without a signature")
    (size,) = struct.unpack_from("<I", part)
    if size > len(part) - 4:
        raise SealError("a signature longer than its part")
    try:
        found = sealer.unwrap_winrm(part[4 : 4 + size], part[4 + size :])
    except Exception as error:
        # Whatever the keys make of damaged input, it is no message.
        raise SealError(str(error)) from error
    if len(found) != length:
        raise SealError("not as long as announced")
    return found


def _sealed(sealer: Sealer, piece: bytes, protocol: str) -> bytes:
    wrapped = sealer.wrap_winrm(piece)
    head = (
        f"\r\n\tContent-Type: {protocol}\r\n"
        f"\tOriginalContent: type=application/soap+xml;charset=UTF-8;Length={len(piece)}\r\n"
    ).encode()
    return b"".join(
        (
            BOUNDARY,
            head,
            BOUNDARY,
            b"\r\n\tContent-Type: application/octet-stream\r\n",
            struct.pack("<I", len(wrapped.header)),
            wrapped.header,
            wrapped.data,
        )
    )
