"""Named random streams: one for each entity, so that adding one shifts no other."""

from __future__ import annotations

from hashlib import blake2b
from random import Random


class Streams:
    """Every random value of a world comes from here.

    A stream is a function of the seed and its name alone.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._streams: dict[str, Random] = {}
        self._counters: dict[str, int] = {}

    def stream(self, name: str) -> Random:
        """Return the stream of ``name``, created at its first use."""
        found = self._streams.get(name)
        if found is None:
            found = self._streams[name] = self.fresh(name)
        return found

    def fresh(self, name: str) -> Random:
        """Return the stream of ``name`` at its beginning, for somebody who keeps it himself."""
        return Random(self._digest(f"stream/{name}"))

    def uuid(self, name: str) -> str:
        """Return the next UUID (lower-case, with dashes) of the sequence called ``name``."""
        count = self._counters.get(name, 0)
        self._counters[name] = count + 1
        text = self._digest(f"uuid/{name}/{count}").hex()
        # Version 4, variant 1, as the products' own generators mark theirs.
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:32]}"

    def constant(self, name: str) -> str:
        """Return 32 hexadecimal digits that are always the same for ``name``."""
        return self._digest(f"constant/{name}").hex()

    def number(self, name: str) -> int:
        """Return the next number (from 1) of the sequence called ``name``."""
        key = f"number/{name}"
        count = self._counters[key] = self._counters.get(key, 0) + 1
        return count

    def _digest(self, text: str) -> bytes:
        return blake2b(f"{self.seed}/{text}".encode(), digest_size=16).digest()
