"""Where in a script something stands."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass


class Source:
    """The text of a script; ``file`` is its path on the simulated host, if it has one."""

    __slots__ = ("_starts", "file", "text")

    def __init__(self, text: str, file: str = "") -> None:
        self.text = text
        self.file = file
        self._starts: list[int] | None = None

    def place(self, at: int) -> tuple[int, int]:
        """Return line and column of an offset, both from 1."""
        starts = self._lines()
        line = bisect_right(starts, at)
        return line, at - starts[line - 1] + 1

    def line(self, number: int) -> str:
        """Return a line without its end."""
        starts = self._lines()
        end = starts[number] if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].rstrip("\r\n")

    def _lines(self) -> list[int]:
        if self._starts is None:
            self._starts = [0]
            self._starts += [at + 1 for at, char in enumerate(self.text) if char == "\n"]
        return self._starts


@dataclass(frozen=True, slots=True)
class Extent:
    """A part of a script, from ``start`` up to ``end``."""

    source: Source
    start: int
    end: int

    @property
    def text(self) -> str:
        """The text itself."""
        return self.source.text[self.start : self.end]

    @property
    def line(self) -> int:
        """The line it begins on, from 1."""
        return self.source.place(self.start)[0]

    @property
    def column(self) -> int:
        """The column it begins at, from 1."""
        return self.source.place(self.start)[1]
