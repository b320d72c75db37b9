"""Codings of request bodies."""

import re
import zlib

from hvsim_fakes.server.message import HttpError

_CHUNK_LINE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;.*)?", re.DOTALL)
_GZIP_WINDOW = 16 + zlib.MAX_WBITS


def chunk_size(line: bytes) -> int:
    """Give the size that a chunk's first line announces; extensions are ignored.

    Raises HttpError 400.
    """
    match = _CHUNK_LINE.fullmatch(line)
    if match is None:
        raise HttpError(400, "malformed chunk size")
    return int(match.group(1), 16)


def gunzip(data: bytes, limit: int) -> bytes:
    """Decode gzip data of one or several members, to `limit` bytes at most.

    Raises HttpError 413 when more would come out, 400 when the data is damaged or cut short.
    """
    pieces: list[bytes] = []
    while data:
        member, data = _gunzip_member(data, limit)
        limit -= len(member)
        pieces.append(member)
    return b"".join(pieces)


def _gunzip_member(data: bytes, limit: int) -> tuple[bytes, bytes]:
    decoder = zlib.decompressobj(_GZIP_WINDOW)
    try:
        # One byte more than allowed tells "too large" from "just fits"; 0 would mean no limit.
        member = decoder.decompress(data, limit + 1)
    except zlib.error:
        raise HttpError(400, "the gzip body is damaged") from None
    if len(member) > limit:
        raise HttpError(413, "the decoded request body is too large")
    if not decoder.eof:
        raise HttpError(400, "the gzip body is cut short")
    return member, decoder.unused_data
