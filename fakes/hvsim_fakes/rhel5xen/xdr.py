"""XDR (RFC 4506), as much of it as libvirt's remote protocol needs."""

from __future__ import annotations

import struct

MOST_STRING = 4_194_304
"""Bytes of the longest string; the longest message is not longer."""


class XdrError(ValueError):
    """Bytes are no values of the expected types."""


class Reader:
    """Takes values from the beginning of ``data`` on; raises :class:`XdrError`."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def left(self) -> int:
        """Bytes that were not taken yet."""
        return len(self._data) - self._at

    def uint(self) -> int:
        """Take an unsigned 32-bit number."""
        return int.from_bytes(self._take(4), "big")

    def sint(self) -> int:
        """Take a signed 32-bit number."""
        return int.from_bytes(self._take(4), "big", signed=True)

    def uhyper(self) -> int:
        """Take an unsigned 64-bit number."""
        return int.from_bytes(self._take(8), "big")

    def opaque(self, length: int) -> bytes:
        """Take a fixed number of bytes."""
        value = self._take(length)
        self._take(-length % 4)
        return value

    def block(self, most: int = MOST_STRING) -> bytes:
        """Take bytes that say how many they are."""
        length = self.uint()
        if length > most:
            raise XdrError(f"{length} bytes are more than {most}")
        return self.opaque(length)

    def string(self) -> str:
        """Take a string."""
        try:
            return self.block().decode()
        except UnicodeDecodeError:
            raise XdrError("a string is not UTF-8") from None

    def optional_string(self) -> str | None:
        """Take a string that may be missing."""
        present = self.uint()
        if present > 1:
            raise XdrError(f"{present} is neither yes nor no")
        return self.string() if present else None

    def end(self) -> None:
        """Expect that nothing is left."""
        if self.left:
            raise XdrError(f"{self.left} bytes too many")

    def _take(self, length: int) -> bytes:
        if length > self.left:
            raise XdrError(f"{length} bytes expected, {self.left} there")
        value = self._data[self._at : self._at + length]
        self._at += length
        return value


class Writer:
    """Puts values together; each method returns the writer."""

    def __init__(self) -> None:
        self.data = bytearray()

    def uint(self, value: int) -> Writer:
        """Put an unsigned 32-bit number."""
        self.data += struct.pack("!I", value)
        return self

    def sint(self, value: int) -> Writer:
        """Put a signed 32-bit number."""
        self.data += struct.pack("!i", value)
        return self

    def uhyper(self, value: int) -> Writer:
        """Put an unsigned 64-bit number."""
        self.data += struct.pack("!Q", value)
        return self

    def opaque(self, value: bytes) -> Writer:
        """Put a fixed number of bytes."""
        self.data += value + bytes(-len(value) % 4)
        return self

    def block(self, value: bytes) -> Writer:
        """Put bytes and how many they are."""
        return self.uint(len(value)).opaque(value)

    def string(self, value: str) -> Writer:
        """Put a string."""
        return self.block(value.encode())

    def optional_string(self, value: str | None) -> Writer:
        """Put a string that may be missing."""
        return self.uint(0) if value is None else self.uint(1).string(value)
