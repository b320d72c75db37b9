"""Numbers: from text, between types, and how arithmetic widens them."""

from __future__ import annotations

import math
import struct
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any, Final

import regex

from hvsim_fakes.powershell.objects.fault import NetError, bad_format, overflow
from hvsim_fakes.powershell.objects.values import (
    INT_MAX,
    INT_MIN,
    LONG_MAX,
    LONG_MIN,
    Byte,
    Char,
    Int16,
    Long,
    SByte,
    Single,
    UInt16,
    UInt32,
    UInt64,
)

_TEXT: Final = regex.compile(
    r"\s*(?P<sign>[+-]?)(?:0x(?P<hex>[0-9a-f]{1,16})|"
    r"(?P<real>(?:\d[\d,]*(?:\.\d*)?|\.\d+)(?:e[+-]?\d{1,4})?))(?P<times>kb|mb|gb|tb|pb)?\s*",
    regex.IGNORECASE,
)
_TIMES: Final = {"": 1, "kb": 2**10, "mb": 2**20, "gb": 2**30, "tb": 2**40, "pb": 2**50}
MAX_DECIMAL: Final = Decimal(2**96 - 1)

RANGES: Final[dict[str, tuple[int, int, type[int]]]] = {
    "System.Byte": (0, 255, Byte),
    "System.SByte": (-128, 127, SByte),
    "System.Int16": (-(2**15), 2**15 - 1, Int16),
    "System.UInt16": (0, 2**16 - 1, UInt16),
    "System.Int32": (INT_MIN, INT_MAX, int),
    "System.UInt32": (0, 2**32 - 1, UInt32),
    "System.Int64": (LONG_MIN, LONG_MAX, Long),
    "System.UInt64": (0, 2**64 - 1, UInt64),
}


def parse(text: str) -> int | float:
    """Return the number that a string stands for; NetError if it stands for none."""
    if not text.strip():
        return 0
    found = _TEXT.fullmatch(text)
    if found is None or len(text) > 400:
        raise bad_format()
    sign = -1 if found["sign"] == "-" else 1
    times = sign * _TIMES[(found["times"] or "").lower()]
    if found["hex"]:
        number = int(found["hex"], 16)
        return times * (number - 2**32 if INT_MAX < number < 2**32 else number)
    plain = found["real"].replace(",", "")
    if plain.isdecimal():
        whole = int(plain)
        return whole * times if whole <= LONG_MAX else float(whole) * times
    return float(plain) * times


def sized(number: int, name: str) -> Any:
    """Return an integer of the type named; NetError if it does not fit."""
    low, high, kind = RANGES[name]
    if not low <= number <= high:
        raise overflow(name.rpartition(".")[2])
    if kind is Long:
        return number if not INT_MIN <= number <= INT_MAX else Long(number)
    return kind(number)


def to_integer(value: Any, name: str) -> Any:
    """Convert a number or text to an integer type; halves go to the even neighbour."""
    if isinstance(value, Char):
        return sized(ord(value), name)
    if isinstance(value, str):
        value = parse(value)
    if isinstance(value, float):
        if math.isnan(value) or math.isinf(value):
            raise overflow(name.rpartition(".")[2])
        value = round(value)
    elif isinstance(value, Decimal):
        value = int(value.to_integral_value(ROUND_HALF_EVEN))
    return sized(int(value), name)


def to_double(value: Any) -> float:
    """Convert a number or text to a Double."""
    if isinstance(value, Char):
        value = ord(value)
    if isinstance(value, str):
        lower = value.strip().lower()
        if lower in ("nan", "infinity", "-infinity"):
            return float(lower)
        value = parse(value)
    try:
        return float(value)
    except OverflowError:
        raise overflow("Double") from None


def to_single(value: Any) -> float:
    """Convert to single precision."""
    number = to_double(value)
    try:
        return Single(struct.unpack("f", struct.pack("f", number))[0])
    except OverflowError:
        return Single(math.inf if number > 0 else -math.inf)


def to_decimal(value: Any) -> Decimal:
    """Convert a number or text to a Decimal."""
    try:
        if isinstance(value, str):
            plain = value.strip().replace(",", "") or "0"
            number = Decimal(plain) if len(plain) < 64 else None
        elif isinstance(value, float):
            number = Decimal(f"{value:.15g}")
        else:
            number = Decimal(value)
    except (InvalidOperation, ValueError):
        raise bad_format() from None
    if number is None or not number.is_finite() or abs(number) > MAX_DECIMAL:
        raise NetError(
            "System.OverflowException", "Value was either too large or too small for a Decimal."
        )
    return number


def as_number(value: Any) -> Any:  # noqa: PLR0911 - a case a line
    """Return what arithmetic makes of a value: a number; NetError or None if it has none."""
    kind = type(value)
    if kind is int or kind is float or kind is Decimal or isinstance(value, float):
        return value
    if kind is bool:
        return int(value)
    if kind is Char:
        return ord(value)
    if isinstance(value, int):
        return value
    if isinstance(value, str):
        return parse(value)
    if value is None:
        return 0
    number = getattr(value, "number", None)
    return number if isinstance(number, int) else None
