"""Values as strings: what a cast to string and an expandable string give."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

from hvsim_fakes.powershell.objects.moments import DateTime
from hvsim_fakes.powershell.objects.nettype import NetObject, NetType
from hvsim_fakes.powershell.objects.registry import short_name, type_of
from hvsim_fakes.powershell.objects.values import (
    NOTHING,
    Hashtable,
    PSObject,
    Single,
    is_list,
)

_DEEPEST = 8


def to_text(value: Any, separator: str = " ") -> str:
    """Return a value as a string; ``separator`` goes between the elements of a list."""
    if type(value) is str:
        return value
    if is_list(value):
        return separator.join(element_text(one) for one in value)
    return element_text(value)


def element_text(value: Any, depth: int = 0) -> str:  # noqa: PLR0911 - a case a line
    """Return a value as a string; a list gives the name of its type."""
    kind = type(value)
    if kind is str:
        return str(value)
    if value is None or value is NOTHING:
        return ""
    if kind is float or kind is Single:
        return float_text(value)
    if kind is Decimal:
        return decimal_text(value)
    if isinstance(value, str | int | DateTime):
        return str(value)  # of a date: in the invariant culture
    if isinstance(value, PSObject):
        return object_text(value, depth)
    if isinstance(value, NetType):
        return short_name(value)
    return net_text(value)


def net_text(value: Any) -> str:  # noqa: PLR0911 - a case a line
    """Return what .NET's ToString gives."""
    if value is None or value is NOTHING:
        return ""
    if isinstance(value, float):
        return float_text(value)
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, str | int):
        return str(value)
    if isinstance(value, NetType):
        return value.name
    if isinstance(value, NetObject):
        return value.ps_type.text(value.data)
    return type_of(value).text(value)


def object_text(value: PSObject, depth: int = 0) -> str:
    """Return a custom object as ``@{a=1; b=2}``."""
    if depth > _DEEPEST:
        return ""
    parts = [
        f"{one.name}={_inner_text(one.value, depth)}"
        for one in value.members.values()
        if one.kind == "NoteProperty"
    ]
    return "@{" + "; ".join(parts) + "}"


def _inner_text(value: Any, depth: int) -> str:
    if isinstance(value, PSObject):
        return ""  # 5.1 asks a custom object's own ToString, which gives nothing (issue 6163)
    if is_list(value) or isinstance(value, Hashtable):
        return type_of(value).name
    return element_text(value, depth + 1)


def float_text(value: float, digits: int = 15) -> str:
    """Return a Double as .NET Framework does: 15 digits at most."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    text = f"{float(value):.{7 if isinstance(value, Single) else digits}G}"
    return "0" if text == "-0" else text


def decimal_text(value: Decimal) -> str:
    """Return a Decimal, without an exponent."""
    return format(value, "f")
