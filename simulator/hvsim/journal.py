"""The journal: the commands a world was given and when, enough to build it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import orjson

from hvsim.commands import Command, decode, encode
from hvsim.errors import HvsimError, InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One journalled command and the simulated time, in seconds, at which it was carried out."""

    time: float
    command: Command

    def line(self) -> bytes:
        """Return the entry as one JSON line."""
        data = {"time": self.time, **encode(self.command)}
        return orjson.dumps(data, option=orjson.OPT_APPEND_NEWLINE)


class Journal:
    """The commands carried out so far, in order."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.sink: Callable[[bytes], object] | None = None
        """Takes every line as it is written, for example a file's ``write``."""

    def append(self, time: float, command: Command) -> None:
        """Note that ``command`` is carried out at simulated ``time``."""
        entry = Entry(time, command)
        self.entries.append(entry)
        if self.sink is not None:
            self.sink(entry.line())


def parse(lines: Iterable[bytes], file: str = "journal") -> list[Entry]:
    """Read journal lines.

    Raises:
        InputError: with the file, the line and what was expected of it.
    """
    return [_parse(line, file, at) for at, line in enumerate(lines, 1) if line.strip()]


def _parse(line: bytes, file: str, at: int) -> Entry:
    try:
        data = orjson.loads(line)
        return Entry(_time(data.pop("time")), decode(data))
    except HvsimError as error:
        raise InputError(str(error), file=file, line=at) from None
    except (orjson.JSONDecodeError, AttributeError, KeyError, TypeError, ValueError):
        expected = 'expected a JSON object with "time" (a number) and "kind"'
        raise InputError(expected, file=file, line=at) from None


def _time(value: object) -> float:
    # JSON has no infinity, so that a number of at least 0 is a time.
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise TypeError
    return float(value)
