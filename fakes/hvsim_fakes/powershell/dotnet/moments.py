"""DateTime, TimeSpan and Stopwatch."""

from __future__ import annotations

import calendar
import datetime as dt
from decimal import Decimal
from typing import Any

from hvsim_fakes.powershell.dotnet.enumerations import DATE_TIME_KIND, DAY_OF_WEEK
from hvsim_fakes.powershell.objects import dates
from hvsim_fakes.powershell.objects.compare import order
from hvsim_fakes.powershell.objects.convert import convert
from hvsim_fakes.powershell.objects.fault import NetError, out_of_range
from hvsim_fakes.powershell.objects.formatting import format_value
from hvsim_fakes.powershell.objects.moments import (
    DAY,
    LOCAL,
    MAX_TICKS,
    TICKS,
    UTC,
    DateTime,
    TimeSpan,
)
from hvsim_fakes.powershell.objects.nettype import OBJECT, NetType, Property, method
from hvsim_fakes.powershell.objects.registry import INT32, register
from hvsim_fakes.powershell.objects.text import to_text
from hvsim_fakes.powershell.objects.values import Reference, elements, is_list

# DateTime


def _moved(moment: DateTime, ticks: float) -> DateTime:
    try:
        return moment.moved(round(ticks))
    except OverflowError as wrong:
        raise out_of_range(str(wrong), "value") from None


def _adder(unit: int) -> Any:
    """Return a method that adds a number of units; .NET rounds it to a millisecond."""

    def add(moment: DateTime, value: float) -> DateTime:
        return _moved(moment, round(value * unit / (TICKS // 1000)) * (TICKS // 1000))

    return add


def _add_months(moment: DateTime, months: int) -> DateTime:
    day = moment.python
    total = day.year * 12 + day.month - 1 + months
    year, month = divmod(total, 12)
    if not 1 <= year <= 9999:
        raise out_of_range(
            "The added or subtracted value results in an un-representable DateTime.", "months"
        )
    last = _days_in_month(year, month + 1)
    moved = day.replace(year=year, month=month + 1, day=min(day.day, last))
    found = DateTime.of(moved, moment.kind, moment.offset)
    return found.moved(moment.ticks % 10)


def _days_in_month(year: int, month: int) -> int:

    if not 1 <= year <= 9999 or not 1 <= month <= 12:
        raise out_of_range("Month must be between one and twelve.", "month")
    return calendar.monthrange(year, month)[1]


def _subtract(moment: DateTime, other: Any) -> Any:
    if isinstance(other, TimeSpan):
        return _moved(moment, -other.ticks)
    return TimeSpan(moment.ticks - convert(other, DateTime.ps_type).ticks)


def _parse(engine: Any, text: str, *_: Any) -> DateTime:
    return dates.parse(text, now(engine), engine.host.utc_offset)


def _parse_exact(engine: Any, text: str, pattern: Any, *_: Any) -> DateTime:
    patterns = [to_text(one) for one in (elements(pattern) if is_list(pattern) else [pattern])]
    return dates.parse_exact(text, patterns, engine.host.utc_offset)


def _try_parse(engine: Any, text: Any, target: Any) -> bool:
    try:
        found, good = dates.parse(to_text(text), now(engine), engine.host.utc_offset), True
    except NetError:
        found, good = DateTime(0), False
    if isinstance(target, Reference):
        target.write(found)
    return good


def now(engine: Any) -> DateTime:
    """Return the simulated local time."""
    return DateTime.unix(engine.host.now(), engine.host.utc_offset)


def _utc_now(engine: Any) -> DateTime:
    return DateTime(DateTime.unix(engine.host.now()).ticks, UTC)


def _date(moment: DateTime) -> DateTime:
    return DateTime(moment.ticks - moment.ticks % DAY, moment.kind, moment.offset)


def _make(engine: Any, given: list[Any]) -> DateTime:
    if not given:
        return DateTime(0)
    if len(given) == 1:
        return DateTime(int(given[0]))

    kind = int(DATE_TIME_KIND.cast(given.pop()).number) if not isinstance(given[-1], int) else 0
    parts = [int(convert(one, INT32)) for one in given]
    if len(parts) not in (3, 6, 7):
        raise TypeError(parts)
    millis = parts[6] if len(parts) == 7 else 0
    try:
        year, month, day, hour, minute, second = [*parts, 0, 0, 0][:6]
        moment = dt.datetime(year, month, day, hour, minute, second, millis * 1000)  # noqa: DTZ001 - ticks have no time zone
    except ValueError:
        raise out_of_range(
            "Year, Month, and Day parameters describe an un-representable DateTime."
        ) from None
    return DateTime.of(moment, kind, engine.host.utc_offset if kind == LOCAL else 0)


def _cast(value: Any) -> DateTime:
    if isinstance(value, DateTime):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        if not 0 <= value <= MAX_TICKS:
            raise out_of_range(
                "Ticks must be between DateTime.MinValue.Ticks and DateTime.MaxValue.Ticks.",
                "ticks",
            )
        return DateTime(int(value))
    if not isinstance(value, str):
        raise ValueError(value)  # noqa: TRY004 - a conversion refuses a value in one way
    return dates.parse(value)


def _long_date(moment: DateTime) -> str:
    return moment.format("D")


def _file_time(engine: Any, moment: DateTime) -> int:
    return dates.utc(moment, engine.host.utc_offset).ticks - 504_911_232_000_000_000


register(DateTime.ps_type, "datetime", of=DateTime).extend(
    properties=[
        Property("DateTime", lambda one: one.format("F"), type="System.String"),
        Property("Date", _date),
        Property("Day", lambda one: one.python.day),
        Property("DayOfWeek", lambda one: DAY_OF_WEEK.of(one.python.isoweekday() % 7)),
        Property("DayOfYear", lambda one: one.python.timetuple().tm_yday),
        Property("Hour", lambda one: one.python.hour),
        Property("Kind", lambda one: DATE_TIME_KIND.of(one.kind)),
        Property("Millisecond", lambda one: one.ticks % TICKS // 10_000),
        Property("Minute", lambda one: one.python.minute),
        Property("Month", lambda one: one.python.month),
        Property("Second", lambda one: one.python.second),
        Property("Ticks", lambda one: one.ticks),
        Property("TimeOfDay", lambda one: TimeSpan(one.ticks % DAY)),
        Property("Year", lambda one: one.python.year),
    ],
    methods=[
        method("ToString", lambda one: one.format("G")),
        method("ToString", format_value, "format:string"),
        method(
            "ToString",
            lambda one, pattern, _: format_value(one, pattern),
            "format:string",
            "provider:object",
        ),
        method("AddDays", _adder(DAY), "value:double"),
        method("AddHours", _adder(3600 * TICKS), "value:double"),
        method("AddMinutes", _adder(60 * TICKS), "value:double"),
        method("AddSeconds", _adder(TICKS), "value:double"),
        method("AddMilliseconds", _adder(TICKS // 1000), "value:double"),
        method("AddTicks", _moved, "value:long"),
        method("AddMonths", _add_months, "months:int"),
        method("AddYears", lambda one, years: _add_months(one, years * 12), "value:int"),
        method("Add", lambda one, span: _moved(one, span.ticks), "value:timespan"),
        method("Subtract", _subtract, "value:object"),
        method("ToUniversalTime", lambda e, one: dates.utc(one, e.host.utc_offset), engine=True),
        method("ToLocalTime", lambda e, one: dates.local(one, e.host.utc_offset), engine=True),
        method("ToShortDateString", lambda one: one.format("d")),
        method("ToLongDateString", _long_date),
        method("ToShortTimeString", lambda one: one.format("t")),
        method("ToLongTimeString", lambda one: one.format("T")),
        method("ToFileTime", _file_time, engine=True),
        method("ToFileTimeUtc", _file_time, engine=True),
        method("ToOADate", lambda one: (one.ticks - 599_264_352_000_000_000) / DAY),
        method("CompareTo", order, "value:object"),
    ],
    static={
        "Now": now,
        "UtcNow": _utc_now,
        "Today": lambda engine: _date(now(engine)),
        "MinValue": lambda _: DateTime(0),
        "MaxValue": lambda _: DateTime(MAX_TICKS),
    },
    static_methods=[
        method("Parse", _parse, "s:string", "*provider:object", engine=True),
        method(
            "ParseExact", _parse_exact, "s:string", "format:object", "*provider:object", engine=True
        ),
        method("TryParse", _try_parse, "s:string", "result:object", engine=True),
        method("DaysInMonth", _days_in_month, "year:int", "month:int"),
        method(
            "IsLeapYear",
            lambda year: year % 4 == 0 and (year % 100 != 0 or year % 400 == 0),
            "year:int",
        ),
        method("Compare", order, "t1:datetime", "t2:datetime"),
        method(
            "SpecifyKind",
            lambda one, kind: DateTime(one.ticks, kind.number),
            "value:datetime",
            "kind:System.DateTimeKind",
        ),
        method(
            "FromFileTime",
            lambda e, ticks: dates.local(
                DateTime(ticks + 504_911_232_000_000_000, UTC), e.host.utc_offset
            ),
            "fileTime:long",
            engine=True,
        ),
        method(
            "FromFileTimeUtc",
            lambda ticks: DateTime(ticks + 504_911_232_000_000_000, UTC),
            "fileTime:long",
        ),
    ],
    text=lambda one: one.format("G"),
    construct=_make,
    convert=_cast,
)


# TimeSpan


def _total(unit: int) -> Any:
    return lambda one: one.ticks / unit


def _from(unit: int) -> Any:
    def make(value: float) -> TimeSpan:
        millis = round(value * unit / (TICKS // 1000))
        if abs(millis) > 922_337_203_685_477:
            raise NetError(
                "System.OverflowException", "TimeSpan overflowed because the duration is too long."
            )
        return TimeSpan(millis * (TICKS // 1000))

    return make


def _make_span(_: Any, given: list[Any]) -> TimeSpan:
    parts = [int(convert(one, INT32)) if len(given) > 1 else int(one) for one in given]
    if len(parts) <= 1:
        return TimeSpan(parts[0] if parts else 0)
    if len(parts) == 3:
        return TimeSpan.of(0, *parts)
    if len(parts) in (4, 5):
        return TimeSpan.of(*parts)
    raise TypeError(parts)


def _cast_span(value: Any) -> TimeSpan:
    if isinstance(value, int) and not isinstance(value, bool):
        return TimeSpan(int(value))
    if isinstance(value, float | Decimal):
        return TimeSpan(int(value))
    if not isinstance(value, str):
        raise ValueError(value)  # noqa: TRY004 - a conversion refuses a value in one way
    return dates.parse_span(value)


def _part(at: int) -> Any:
    return lambda one: one.parts[at]


register(TimeSpan.ps_type, "timespan", of=TimeSpan).extend(
    properties=[
        Property("Days", _part(0)),
        Property("Hours", _part(1)),
        Property("Milliseconds", lambda one: one.parts[4] // 10_000),
        Property("Minutes", _part(2)),
        Property("Seconds", _part(3)),
        Property("Ticks", lambda one: one.ticks),
        Property("TotalDays", _total(DAY)),
        Property("TotalHours", _total(3600 * TICKS)),
        Property("TotalMilliseconds", _total(TICKS // 1000)),
        Property("TotalMinutes", _total(60 * TICKS)),
        Property("TotalSeconds", _total(TICKS)),
    ],
    methods=[
        method("ToString", str),
        method("ToString", format_value, "format:string"),
        method("Add", lambda a, b: TimeSpan(a.ticks + b.ticks), "ts:timespan"),
        method("Subtract", lambda a, b: TimeSpan(a.ticks - b.ticks), "ts:timespan"),
        method("Negate", lambda one: TimeSpan(-one.ticks)),
        method("Duration", lambda one: TimeSpan(abs(one.ticks))),
        method("CompareTo", order, "value:object"),
    ],
    static={
        "Zero": lambda _: TimeSpan(0),
        "MaxValue": lambda _: TimeSpan(2**63 - 1),
        "MinValue": lambda _: TimeSpan(-(2**63)),
    },
    static_methods=[
        method("FromDays", _from(DAY), "value:double"),
        method("FromHours", _from(3600 * TICKS), "value:double"),
        method("FromMinutes", _from(60 * TICKS), "value:double"),
        method("FromSeconds", _from(TICKS), "value:double"),
        method("FromMilliseconds", _from(TICKS // 1000), "value:double"),
        method("FromTicks", TimeSpan, "value:long"),
        method("Parse", dates.parse_span, "s:string"),
    ],
    text=str,
    construct=_make_span,
    convert=_cast_span,
)


# Stopwatch


class Stopwatch:
    """System.Diagnostics.Stopwatch, by the simulated clock."""

    ps_type = NetType("System.Diagnostics.Stopwatch", OBJECT)

    def __init__(self, engine: Any) -> None:
        self.engine = engine
        self.spent = 0.0
        self.since: float | None = None

    @property
    def elapsed(self) -> TimeSpan:
        """How long it has run."""
        running = self.engine.host.now() - self.since if self.since is not None else 0.0
        return TimeSpan(round((self.spent + running) * TICKS))

    def start(self) -> None:
        """Run."""
        if self.since is None:
            self.since = self.engine.host.now()

    def stop(self) -> None:
        """Stand still."""
        self.spent, self.since = self.elapsed.ticks / TICKS, None


def _start_new(engine: Any) -> Stopwatch:
    one = Stopwatch(engine)
    one.start()
    return one


def _reset(one: Stopwatch) -> None:
    one.spent, one.since = 0.0, None


def _restart(one: Stopwatch) -> None:
    _reset(one)
    one.start()


register(Stopwatch.ps_type, "diagnostics.stopwatch").extend(
    properties=[
        Property("IsRunning", lambda one: one.since is not None),
        Property("Elapsed", lambda one: one.elapsed),
        Property("ElapsedMilliseconds", lambda one: one.elapsed.ticks // 10_000),
        Property("ElapsedTicks", lambda one: one.elapsed.ticks),
    ],
    methods=[
        method("Start", lambda one: one.start()),
        method("Stop", lambda one: one.stop()),
        method("Reset", _reset),
        method("Restart", _restart),
    ],
    static_methods=[method("StartNew", _start_new, engine=True)],
    construct=lambda engine, _given: Stopwatch(engine),
)
