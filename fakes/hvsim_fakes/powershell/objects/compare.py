"""Equality and order, as the comparison operators and Sort-Object see them.

The left operand's type decides: the right one is converted to it (language specification, 7.8).
"""

from __future__ import annotations

import unicodedata
from decimal import Decimal
from functools import cmp_to_key
from typing import Any

from hvsim_fakes.powershell.errors import PowerShellError, failure
from hvsim_fakes.powershell.objects.convert import truth, try_convert
from hvsim_fakes.powershell.objects.enums import EnumValue
from hvsim_fakes.powershell.objects.fault import NetError
from hvsim_fakes.powershell.objects.moments import DateTime, TimeSpan
from hvsim_fakes.powershell.objects.nettype import NetObject
from hvsim_fakes.powershell.objects.numbers import as_number
from hvsim_fakes.powershell.objects.registry import type_of
from hvsim_fakes.powershell.objects.text import to_text
from hvsim_fakes.powershell.objects.values import NOTHING, Char, Version


def equal(left: Any, right: Any, *, case: bool = False) -> bool:
    """Tell whether two values are equal; ``case`` counts case."""
    if type(left) is str:
        if type(right) is not str:
            if right is None or right is NOTHING:
                return False
            right = to_text(right)
        return bool(left == right or (not case and left.lower() == right.lower()))
    if left is None or left is NOTHING:
        return right is None or right is NOTHING
    if right is None or right is NOTHING:
        return False
    return _equal(left, right, case=case)


def _equal(left: Any, right: Any, *, case: bool) -> bool:
    if isinstance(left, bool):
        return left is truth(right)
    if isinstance(left, Char):
        if isinstance(right, str):
            return equal(str(left), str(right), case=case)
        return bool(ord(left) == right)
    if isinstance(left, int | float | Decimal):
        return _equal_number(left, right)
    if isinstance(left, NetObject):
        return left is right or (
            isinstance(right, NetObject)
            and left.ps_type is right.ps_type
            and left.data is not None
            and bool(left.data == right.data)
        )
    return _equal_other(left, right)


def _equal_number(left: Any, right: Any) -> bool:
    try:
        other = as_number(right)
    except NetError:
        return False
    if other is None:
        return False
    if isinstance(left, float) != isinstance(other, float) and (
        isinstance(left, Decimal) or isinstance(other, Decimal)
    ):
        return float(left) == float(other)
    return bool(left == other)


def _equal_other(left: Any, right: Any) -> bool:
    if left is right:
        return True
    if isinstance(left, EnumValue) and isinstance(right, str):
        number = try_convert(right, left.ps_type)
        return number is not None and left == number
    other = right if type(left) is type(right) else try_convert(right, type_of(left))
    if other is None:
        return False
    if isinstance(left, DateTime):
        return bool(left.ticks == other.ticks)
    if isinstance(left, list):
        return False
    return bool(left == other)


def order(left: Any, right: Any, *, case: bool = False) -> int:
    """Return -1, 0 or 1.

    Raises:
        PowerShellError: they have no order, or the right one cannot be converted.
    """
    if left is None or left is NOTHING:
        return _order_null(right)
    if right is None or right is NOTHING:
        return _order_to_null(left)
    if isinstance(left, str):
        return order_text(str(left), to_text(right), case=case)
    if isinstance(left, bool | int | float | Decimal):
        return _order_number(left, right)
    return _order_other(left, right)


def _order_null(right: Any) -> int:
    if right is None or right is NOTHING:
        return 0
    if isinstance(right, int | float) and not isinstance(right, bool):
        return 1 if right < 0 else -1
    return -1


def _order_to_null(left: Any) -> int:
    if isinstance(left, int | float) and not isinstance(left, bool):
        return -1 if left < 0 else 1
    return 1


def _order_number(left: Any, right: Any) -> int:
    try:
        other = as_number(right)
    except NetError:
        other = None
    if other is None:
        raise _unordered(left, right)
    first: Any = left
    if isinstance(first, Decimal) and isinstance(other, float):
        first = float(first)
    elif isinstance(other, Decimal) and isinstance(first, float):
        other = float(other)
    return int(first > other) - int(first < other)


def _order_other(left: Any, right: Any) -> int:
    other = right if type(left) is type(right) else try_convert(right, type_of(left))
    if isinstance(left, EnumValue) and isinstance(other, EnumValue):
        return (left.number > other.number) - (left.number < other.number)
    if isinstance(left, DateTime) and isinstance(other, DateTime):
        return (left.ticks > other.ticks) - (left.ticks < other.ticks)
    if isinstance(left, TimeSpan | Version) and type(other) is type(left):
        return (left > other) - (left < other)  # type: ignore[operator] # of one class
    if other is not None and type_of(left).name == "System.Guid":
        return int(left > other) - int(left < other)
    if equal(left, right):
        return 0
    raise _unordered(left, right)


def _unordered(left: Any, right: Any) -> PowerShellError:
    if not isinstance(left, bool | int | float | Decimal | DateTime | TimeSpan | Version):
        text = f'Cannot compare "{to_text(left)}" because it is not IComparable.'
        return failure(text, "NotIcomparable", "InvalidOperation")
    text = (
        f'Could not compare "{to_text(left)}" to "{to_text(right)}". Error: "Cannot convert value '
        f'"{to_text(right)}" to type "{type_of(left).name}"."'
    )
    return failure(text, "ComparisonFailure", "InvalidOperation")


def order_text(left: str, right: str, *, case: bool = False) -> int:
    """Compare strings as a culture does: signs before digits before letters."""
    first, second = _weights(left), _weights(right)
    if first != second:
        return -1 if first < second else 1
    if not case or left == right:
        return 0
    swapped = (left.swapcase() > right.swapcase()) - (left.swapcase() < right.swapcase())
    return swapped or (left > right) - (left < right)


def _weights(text: str) -> tuple[list[tuple[int, str]], str]:
    plain = text.lower()
    if not plain.isascii():
        decomposed = unicodedata.normalize("NFD", plain)
        plain = "".join(one for one in decomposed if not unicodedata.combining(one))
    main = [(_class(one), one) for one in plain if one not in "-'"]
    return main, text.lower()


def _class(char: str) -> int:
    if char.isalpha():
        return 3
    if char.isdecimal():
        return 2
    return 0 if char.isspace() else 1


def sort_key(*, case: bool = False) -> Any:
    """Return a key for Python's sort: any values, in the order Sort-Object gives."""
    return cmp_to_key(lambda left, right: _sort_order(left, right, case=case))


def _sort_order(left: Any, right: Any, *, case: bool) -> int:
    try:
        return order(left, right, case=case)
    except PowerShellError:
        return order_text(to_text(left), to_text(right), case=case)
