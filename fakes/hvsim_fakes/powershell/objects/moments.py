"""DateTime and TimeSpan in ticks of 100 ns, and their formats."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hvsim_fakes.powershell.objects.nettype import VALUE_TYPE, NetType

if TYPE_CHECKING:
    from collections.abc import Callable

TICKS: Final = 10_000_000
DAY: Final = 86_400 * TICKS
UNIX_EPOCH: Final = 621_355_968_000_000_000
MAX_TICKS: Final = 3_155_378_975_999_999_999
_ZERO: Final = dt.datetime(1, 1, 1)  # noqa: DTZ001 - ticks have no time zone

UNSPECIFIED, UTC, LOCAL = 0, 1, 2
DAYS: Final = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_STANDARD: Final = {
    "d": "M/d/yyyy",
    "D": "dddd, MMMM d, yyyy",
    "f": "dddd, MMMM d, yyyy h:mm tt",
    "F": "dddd, MMMM d, yyyy h:mm:ss tt",
    "g": "M/d/yyyy h:mm tt",
    "G": "M/d/yyyy h:mm:ss tt",
    "m": "MMMM d",
    "M": "MMMM d",
    "o": "yyyy-MM-ddTHH:mm:ss.fffffffK",
    "O": "yyyy-MM-ddTHH:mm:ss.fffffffK",
    "r": "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
    "R": "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
    "s": "yyyy-MM-ddTHH:mm:ss",
    "t": "h:mm tt",
    "T": "h:mm:ss tt",
    "u": "yyyy-MM-dd HH:mm:ss'Z'",
    "U": "dddd, MMMM d, yyyy h:mm:ss tt",
    "y": "MMMM yyyy",
    "Y": "MMMM yyyy",
}


class FormatError(ValueError):
    """A format that .NET does not take."""


@dataclass(frozen=True, slots=True, order=True)
class TimeSpan:
    """A length of time."""

    ticks: int
    ps_type = NetType("System.TimeSpan", VALUE_TYPE)

    @classmethod
    def of(
        cls, days: int = 0, hours: int = 0, minutes: int = 0, seconds: int = 0, millis: int = 0
    ) -> TimeSpan:
        """Return the sum of its parts."""
        whole = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
        return cls(whole * TICKS + millis * (TICKS // 1000))

    @property
    def parts(self) -> tuple[int, int, int, int, int]:
        """Days, hours, minutes, seconds, ticks; each with the sign of the whole."""
        sign = -1 if self.ticks < 0 else 1
        rest, fraction = divmod(abs(self.ticks), TICKS)
        rest, seconds = divmod(rest, 60)
        rest, minutes = divmod(rest, 60)
        days, hours = divmod(rest, 24)
        return sign * days, sign * hours, sign * minutes, sign * seconds, sign * fraction

    def __str__(self) -> str:
        days, hours, minutes, seconds, fraction = map(abs, self.parts)
        text = f"{days}." if days else ""
        text += f"{hours:02}:{minutes:02}:{seconds:02}"
        text += f".{fraction:07}" if fraction else ""
        return f"-{text}" if self.ticks < 0 else text

    def format(self, pattern: str) -> str:
        """Return it in a format of .NET: ``c``, ``g``, ``G`` or a pattern of d h m s f."""
        if pattern in ("", "c", "t", "T"):
            return str(self)
        if pattern in ("g", "G"):
            return self._general(long=pattern == "G")
        days, hours, minutes, seconds, fraction = map(abs, self.parts)
        values = {"d": days, "h": hours, "m": minutes, "s": seconds}
        out = []
        for run in runs(pattern):
            if run.literal:
                out.append(run.text)
            elif run.letter in values:
                out.append(str(values[run.letter]).rjust(len(run.text), "0"))
            elif run.letter in ("f", "F"):
                digits = f"{fraction:07}"[: len(run.text)]
                out.append(digits if run.letter == "f" else digits.rstrip("0"))
            else:
                raise FormatError("Input string was not in a correct format.")
        return "".join(out)

    def _general(self, *, long: bool) -> str:
        days, hours, minutes, seconds, fraction = map(abs, self.parts)
        sign = "-" if self.ticks < 0 else ""
        if long:
            return f"{sign}{days}:{hours:02}:{minutes:02}:{seconds:02}.{fraction:07}"
        text = f"{days}:" if days else ""
        tail = f".{fraction:07}".rstrip("0") if fraction else ""
        return f"{sign}{text}{hours}:{minutes:02}:{seconds:02}{tail}"


@dataclass(frozen=True, slots=True)
class DateTime:
    """A moment; ``offset`` is the local time's distance from UTC in minutes, for local ones."""

    ticks: int
    kind: int = UNSPECIFIED
    offset: int = 0
    ps_type = NetType("System.DateTime", VALUE_TYPE)

    @classmethod
    def of(cls, moment: dt.datetime, kind: int = UNSPECIFIED, offset: int = 0) -> DateTime:
        """Return the moment of a Python datetime, whatever its zone."""
        return cls(_ticks(moment), kind, offset)

    @classmethod
    def unix(cls, seconds: float, offset: int = 0) -> DateTime:
        """Return a local time from Unix seconds."""
        ticks = UNIX_EPOCH + round(seconds * 1_000_000) * 10 + offset * 60 * TICKS
        return cls(ticks, LOCAL, offset)

    @property
    def python(self) -> dt.datetime:
        """As Python has it, without a zone; microseconds are cut off."""
        return _ZERO + dt.timedelta(microseconds=self.ticks // 10)

    @property
    def utc_ticks(self) -> int:
        """Ticks of the same moment in UTC."""
        return self.ticks - self.offset * 60 * TICKS if self.kind == LOCAL else self.ticks

    def moved(self, ticks: int) -> DateTime:
        """Return a moment later by some ticks; OverflowError if there is none."""
        total = self.ticks + ticks
        if not 0 <= total <= MAX_TICKS:
            raise OverflowError(
                "The added or subtracted value results in an un-representable DateTime."
            )
        return DateTime(total, self.kind, self.offset)

    def __str__(self) -> str:
        """Return it as the invariant culture has it: casts and expandable strings."""
        return self.format("MM/dd/yyyy HH:mm:ss")

    def format(self, pattern: str = "G") -> str:
        """Return it in a format of .NET, of the culture en-US."""
        if len(pattern) == 1:
            if pattern not in _STANDARD:
                raise FormatError("Input string was not in a correct format.")
            pattern = _STANDARD[pattern]
        return "".join(self._part(run) for run in runs(pattern or _STANDARD["G"]))

    def _part(self, run: Run) -> str:
        if run.literal:
            return run.text
        made = _FIELDS.get(run.letter)
        return run.text if made is None else made(self, len(run.text))


@dataclass(frozen=True, slots=True)
class Run:
    """A run of one letter, or literal text, in a format."""

    text: str
    letter: str
    literal: bool


def runs(pattern: str) -> list[Run]:
    """Split a format into runs of one letter and literal text."""
    found: list[Run] = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        end = at + 1
        if char in "'\"":
            end = pattern.find(char, at + 1)
            if end < 0:
                raise FormatError("Input string was not in a correct format.")
            found.append(Run(pattern[at + 1 : end], "", literal=True))
            end += 1
        elif char == "\\" and end < len(pattern):
            found.append(Run(pattern[end], "", literal=True))
            end += 1
        elif char == "%":
            pass
        elif char.isalpha():
            while end < len(pattern) and pattern[end] == char:
                end += 1
            found.append(Run(pattern[at:end], char, literal=False))
        else:
            found.append(Run(char, "", literal=True))
        at = end
    return found


def _ticks(moment: dt.datetime) -> int:
    gap = moment.replace(tzinfo=None) - _ZERO
    return ((gap.days * 86_400 + gap.seconds) * 1_000_000 + gap.microseconds) * 10


def _zone(one: DateTime, size: int) -> str:
    hours, minutes = divmod(abs(one.offset), 60)
    sign = "-" if one.offset < 0 else "+"
    if size == 1:
        return f"{sign}{hours}"
    return f"{sign}{hours:02}" + (f":{minutes:02}" if size > 2 else "")


def _kind(one: DateTime, _: int) -> str:
    return {UTC: "Z", LOCAL: _zone(one, 3)}.get(one.kind, "")


def _fraction(one: DateTime, size: int) -> str:
    return f"{one.ticks % TICKS:07}"[:size]


def _number(value: int, size: int) -> str:
    return str(value).rjust(min(size, 2), "0")


def _day(one: DateTime, size: int) -> str:
    name = DAYS[one.python.isoweekday() % 7]
    if size <= 2:
        return _number(one.python.day, size)
    return name[:3] if size == 3 else name


def _month(one: DateTime, size: int) -> str:
    name = MONTHS[one.python.month - 1]
    if size <= 2:
        return _number(one.python.month, size)
    return name[:3] if size == 3 else name


def _year(one: DateTime, size: int) -> str:
    year = one.python.year
    return _number(year % 100, size) if size <= 2 else f"{year:0{size}}"


_FIELDS: Final[dict[str, Callable[[DateTime, int], str]]] = {
    "d": _day,
    "M": _month,
    "y": _year,
    "H": lambda one, size: _number(one.python.hour, size),
    "h": lambda one, size: _number(one.python.hour % 12 or 12, size),
    "m": lambda one, size: _number(one.python.minute, size),
    "s": lambda one, size: _number(one.python.second, size),
    "t": lambda one, size: ("AM" if one.python.hour < 12 else "PM")[:size],
    "f": _fraction,
    "F": lambda one, size: _fraction(one, size).rstrip("0"),
    "z": _zone,
    "K": _kind,
    "g": lambda _one, _size: "A.D.",
}
