"""Values of awk: numbers, strings, and input that may be either."""

from __future__ import annotations

import math
import re

_NUMBER = re.compile(r"\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")


class Numeric(str):
    """Text from outside: a number where it looks like one."""

    __slots__ = ()


Value = float | str


def looks_numeric(value: str) -> bool:
    """Tell whether the whole of a text is a number."""
    match = _NUMBER.match(value)
    return match is not None and not value[match.end() :].strip()


def number(value: Value) -> float:
    """Return a value as a number: a text's beginning, 0 if that is none."""
    if isinstance(value, float):
        return value
    match = _NUMBER.match(value[:400])
    return float(match.group()) if match else 0.0


def text(value: Value, form: str = "%.6g") -> str:
    """Return a value as text."""
    if isinstance(value, str):
        return str(value)
    if math.isfinite(value) and value == int(value) and abs(value) < 1e16:
        return str(int(value))
    if not math.isfinite(value):
        return ("-" if value < 0 else "") + ("nan" if math.isnan(value) else "inf")
    try:
        return form % value
    except (TypeError, ValueError):
        return f"{value:.6g}"


def truth(value: Value) -> bool:
    """Tell whether a value counts as true."""
    if isinstance(value, float):
        return value != 0
    if isinstance(value, Numeric) and looks_numeric(value):
        return number(value) != 0
    return value != ""


def compare(one: Value, other: Value) -> int:
    """Compare as numbers if both are or look like some, else as texts."""
    if _is_number(one) and _is_number(other):
        a, b = number(one), number(other)
        return (a > b) - (a < b)
    left, right = text(one), text(other)
    return (left > right) - (left < right)


def _is_number(value: Value) -> bool:
    if isinstance(value, float):
        return True
    # What was never set is a number and a text alike.
    return isinstance(value, Numeric) and (value == "" or looks_numeric(value))
