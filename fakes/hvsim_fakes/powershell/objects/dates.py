"""Moments and lengths of time from text."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

import regex

from hvsim_fakes.powershell.objects.fault import NetError, bad_format
from hvsim_fakes.powershell.objects.moments import (
    LOCAL,
    MONTHS,
    TICKS,
    UNSPECIFIED,
    UTC,
    DateTime,
    TimeSpan,
    runs,
)

_TIME: Final = (
    r"(?:(?P<hour>\d{1,2}):(?P<minute>\d{1,2})(?::(?P<second>\d{1,2})(?:\.(?P<fraction>\d{1,9}))?)?"
    r"\s*(?P<half>[AaPp]\.?[Mm]?\.?)?)"
)
_ZONE: Final = r"\s*(?P<zone>Z|z|GMT|UTC|[+-]\d{1,2}:?\d{2})?"
_MONTH: Final = "|".join(name if len(name) < 4 else f"{name[:3]}(?:{name[3:]})?" for name in MONTHS)
_FORMS: Final = tuple(
    regex.compile(form, regex.IGNORECASE)
    for form in (
        rf"(?P<year>\d{{4}})[-/.](?P<month>\d{{1,2}})(?:[-/.](?P<day>\d{{1,2}}))?(?:[T\s]+{_TIME})?{_ZONE}",
        rf"(?P<month>\d{{1,2}})[-/.](?P<day>\d{{1,2}})[-/.](?P<year>\d{{2,4}})(?:\s+{_TIME})?{_ZONE}",
        rf"(?:\w+,\s*)?(?P<name>{_MONTH})\.?\s+(?P<day>\d{{1,2}}),?\s+(?P<year>\d{{4}})(?:,?\s+{_TIME})?{_ZONE}",
        rf"(?:\w+,\s*)?(?P<day>\d{{1,2}})[\s-]+(?P<name>{_MONTH})[\s,-]+(?P<year>\d{{4}})(?:\s+{_TIME})?{_ZONE}",
        rf"(?P<month>\d{{1,2}})/(?P<day>\d{{1,2}})(?:\s+{_TIME})?",
        rf"{_TIME}{_ZONE}",
    )
)
_SPAN: Final = regex.compile(
    r"(?P<sign>-?)(?:(?P<days>\d{1,8})\.)?(?P<hours>\d{1,2}):(?P<minutes>\d{1,2})"
    r"(?::(?P<seconds>\d{1,2})(?:\.(?P<fraction>\d{1,7}))?)?"
)
_WRONG: Final = "String was not recognized as a valid DateTime."


def parse(text: str, today: DateTime | None = None, offset: int = 0) -> DateTime:
    """Return the moment that a text tells.

    Args:
        text: in a form of en-US or ISO 8601.
        today: for a time without a date.
        offset: of the local time from UTC, in minutes.

    Raises:
        NetError: it tells none.
    """
    plain = text.strip()
    if len(plain) <= 100:
        for form in _FORMS:
            found = form.fullmatch(plain)
            if found is not None:
                return _moment(found.groupdict(), today, offset)
    raise bad_format(_WRONG)


def _moment(parts: dict[str, str | None], today: DateTime | None, offset: int) -> DateTime:
    base = (today or DateTime(0)).python
    try:
        day = dt.datetime(  # noqa: DTZ001 - ticks have no time zone
            _year(parts.get("year")) or base.year,
            _month(parts) or base.month,
            int(parts.get("day") or 0) or (1 if parts.get("year") else base.day),
            _hour(parts),
            int(parts.get("minute") or 0),
            int(parts.get("second") or 0),
        )
    except ValueError:
        raise bad_format(
            "The DateTime represented by the string is not supported in calendar "
            "System.Globalization.GregorianCalendar."
        ) from None
    fraction = (parts.get("fraction") or "0").ljust(7, "0")[:7]
    return _zoned(DateTime.of(day).moved(int(fraction)), parts.get("zone"), offset)


def _zoned(moment: DateTime, zone: str | None, offset: int) -> DateTime:
    if zone is None:
        return moment
    ahead = 0
    if zone[0] in "+-":
        digits = zone[1:].replace(":", "").rjust(4, "0")
        ahead = (int(digits[:2]) * 60 + int(digits[2:])) * (-1 if zone[0] == "-" else 1)
    return DateTime(moment.moved((offset - ahead) * 60 * TICKS).ticks, LOCAL, offset)


def _year(text: str | None) -> int:
    if not text:
        return 0
    year = int(text)
    return year + (2000 if year < 30 else 1900) if len(text) <= 2 else year


def _month(parts: dict[str, str | None]) -> int:
    name = parts.get("name")
    if name:
        return next(n for n, one in enumerate(MONTHS, 1) if one[:3].lower() == name[:3].lower())
    return int(parts.get("month") or 0)


def _hour(parts: dict[str, str | None]) -> int:
    hour = int(parts.get("hour") or 0)
    half = (parts.get("half") or "").lower()
    if half and not 1 <= hour <= 12:
        raise ValueError(hour)
    if half.startswith("p") and hour < 12:
        return hour + 12
    return 0 if half.startswith("a") and hour == 12 else hour


def parse_exact(text: str, patterns: list[str], offset: int = 0) -> DateTime:
    """Return the moment that a text tells in one of some formats of .NET."""
    for pattern in patterns:
        found = _exact(pattern).fullmatch(text)
        if found is not None:
            parts: dict[str, Any] = {"year": None, **found.groupdict()}
            return _moment(parts, None, offset)
    raise bad_format(_WRONG)


_PIECES: Final = {
    "yyyy": r"(?P<year>\d{4})",
    "yy": r"(?P<year>\d{2})",
    "MMMM": rf"(?P<name>{_MONTH})",
    "MMM": rf"(?P<name>{_MONTH})",
    "MM": r"(?P<month>\d{2})",
    "M": r"(?P<month>\d{1,2})",
    "dddd": r"\w+",
    "ddd": r"\w{3}",
    "dd": r"(?P<day>\d{2})",
    "d": r"(?P<day>\d{1,2})",
    "HH": r"(?P<hour>\d{2})",
    "H": r"(?P<hour>\d{1,2})",
    "hh": r"(?P<hour>\d{2})",
    "h": r"(?P<hour>\d{1,2})",
    "mm": r"(?P<minute>\d{2})",
    "m": r"(?P<minute>\d{1,2})",
    "ss": r"(?P<second>\d{2})",
    "s": r"(?P<second>\d{1,2})",
    "tt": r"(?P<half>[AaPp][Mm])",
    "K": r"(?P<zone>Z|[+-]\d{2}:\d{2})?",
    "zzz": r"(?P<zone>[+-]\d{2}:\d{2})",
}


def _exact(pattern: str) -> regex.Pattern[str]:

    out, seen = "", set()
    for run in runs(pattern[:200]):
        piece = _PIECES.get(run.text) if not run.literal else None
        if piece is None and run.letter in ("f", "F") and not run.literal:
            piece = rf"(?P<fraction>\d{{{len(run.text)}}})"
        if piece is None or piece in seen:
            out += regex.escape(run.text)
        else:
            seen.add(piece)
            out += piece
    try:
        return regex.compile(out, regex.IGNORECASE)
    except regex.error:
        raise bad_format() from None


def parse_span(text: str) -> TimeSpan:
    """Return the length of time that a text tells: ``[-][d.]hh:mm[:ss[.f]]``, or days."""
    plain = text.strip()
    if plain.lstrip("-").isdecimal() and len(plain) < 9:
        return TimeSpan.of(days=int(plain))
    found = _SPAN.fullmatch(plain)
    if found is None:
        raise bad_format("String was not recognized as a valid TimeSpan.")
    parts = {name: int(found[name] or 0) for name in ("days", "hours", "minutes", "seconds")}
    if parts["hours"] > 23 or parts["minutes"] > 59 or parts["seconds"] > 59:
        raise NetError(
            "System.OverflowException",
            "The TimeSpan could not be parsed because at least one of the numeric components is "
            "out of range or contains too many digits.",
        )
    ticks = TimeSpan.of(**parts).ticks + int((found["fraction"] or "0").ljust(7, "0"))
    return TimeSpan(-ticks if found["sign"] else ticks)


def utc(moment: DateTime, offset: int) -> DateTime:
    """Return the same moment in UTC; without a kind it counts as local."""
    if moment.kind == UTC:
        return moment
    ahead = moment.offset if moment.kind == LOCAL else offset
    return DateTime(moment.moved(-ahead * 60 * TICKS).ticks, UTC)


def local(moment: DateTime, offset: int) -> DateTime:
    """Return the same moment in local time; without a kind it counts as UTC."""
    if moment.kind == LOCAL:
        return moment
    return DateTime(moment.moved(offset * 60 * TICKS).ticks, LOCAL, offset)


__all__ = ["UNSPECIFIED", "local", "parse", "parse_exact", "parse_span", "utc"]
