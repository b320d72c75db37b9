"""The simulated host's idea of the date, always in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hvsim_fakes.shell.program import Process

_ORIGIN = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST = 4e9
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


def formatted(process: Process, simulated: float, form: str) -> str:
    """Return a time, in simulated seconds since the lab began, in a format of ``date``."""
    seconds = min(max(0.0, process.host.epoch + simulated), _LONGEST)
    when = _ORIGIN + timedelta(seconds=int(seconds))
    return strftime(when, form, int(seconds))


def strftime(when: datetime, form: str, seconds: int) -> str:
    """Format without the machine's locale."""
    pieces, at = [], 0
    while at < len(form):
        if form[at] == "%" and at + 1 < len(form):
            at += 1
            pieces.append(_directive(when, form[at], seconds))
        else:
            pieces.append(form[at])
        at += 1
    return "".join(pieces)


def _directive(when: datetime, letter: str, seconds: int) -> str:
    if letter in _COMPOUND:
        return strftime(when, _COMPOUND[letter], seconds)
    day, month = _DAYS[when.weekday()], _MONTHS[when.month - 1]
    hour = when.hour % 12 or 12
    values = {
        "a": day[:3], "A": day, "b": month[:3], "B": month, "C": f"{when.year // 100:02d}",
        "d": f"{when.day:02d}", "e": f"{when.day:2d}", "H": f"{when.hour:02d}",
        "I": f"{hour:02d}", "j": f"{when.timetuple().tm_yday:03d}", "m": f"{when.month:02d}",
        "M": f"{when.minute:02d}", "n": "\n", "N": "000000000",
        "p": "AM" if when.hour < 12 else "PM",
        "s": str(seconds), "S": f"{when.second:02d}", "t": "\t", "u": str(when.isoweekday()),
        "w": str(when.isoweekday() % 7), "y": f"{when.year % 100:02d}", "Y": str(when.year),
        "z": "+0000", "Z": "GMT", "%": "%",
    }  # fmt: skip
    return values.get(letter, f"%{letter}")


_COMPOUND = {
    "c": "%a %b %e %H:%M:%S %Y",
    "D": "%m/%d/%y",
    "F": "%Y-%m-%d",
    "h": "%b",
    "r": "%I:%M:%S %p",
    "R": "%H:%M",
    "T": "%H:%M:%S",
    "x": "%m/%d/%y",
    "X": "%H:%M:%S",
}
