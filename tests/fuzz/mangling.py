"""Damages bytes the way lines, disks and careless programs do."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

_TOKENS = (
    b"<", b">", b"</value>", b"<value>", b"<nil/>", b"&", b"&#0;", b"]]>", b"<!--", b"\x00",
    b"\xff", b"\xed\xa0\x80", b"\xc0\xaf", b"{", b"}", b"[", b"]", b'"', b"\\", b"\\ud800",
    b"NaN", b"Infinity", b"1e999", b"-", b"9" * 50, b",", b":", b"null", b"true",
)  # fmt: skip


def mangled(random: Random, body: bytes) -> bytes:
    """Return ``body`` with one to four injuries."""
    for _ in range(random.choice((1, 1, 1, 2, 4))):
        body = random.choice(_INJURIES)(random, body)
    return body


def _truncated(random: Random, body: bytes) -> bytes:
    return body[: _place(random, body)]


def _beheaded(random: Random, body: bytes) -> bytes:
    return body[_place(random, body) :]


def _doubled(random: Random, body: bytes) -> bytes:
    start, end = _stretch(random, body)
    return body[:end] + body[start:end] * random.choice((1, 1, 3, 50)) + body[end:]


def _cut(random: Random, body: bytes) -> bytes:
    start, end = _stretch(random, body)
    return body[:start] + body[end:]


def _moved(random: Random, body: bytes) -> bytes:
    start, end = _stretch(random, body)
    rest = body[:start] + body[end:]
    place = _place(random, rest)
    return rest[:place] + body[start:end] + rest[place:]


def _flipped(random: Random, body: bytes) -> bytes:
    damaged = bytearray(body)
    for _ in range(random.choice((1, 1, 2, 8))):
        if damaged:
            damaged[random.randrange(len(damaged))] ^= 1 << random.randrange(8)
    return bytes(damaged)


def _inserted(random: Random, body: bytes) -> bytes:
    place = _place(random, body)
    return body[:place] + random.choice(_TOKENS) + body[place:]


def _place(random: Random, body: bytes) -> int:
    return random.randrange(len(body) + 1)


def _stretch(random: Random, body: bytes) -> tuple[int, int]:
    start = _place(random, body)
    return start, min(len(body), start + random.choice((1, 4, 16, 64)))


_INJURIES = (
    _truncated,
    _beheaded,
    _doubled,
    _cut,
    _moved,
    _flipped,
    _flipped,
    _inserted,
    _inserted,
)
