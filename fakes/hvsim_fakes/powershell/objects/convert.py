"""Conversions: casts, parameters and method arguments all come here."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

from hvsim_fakes.powershell.errors import NetException, PowerShellError, exception_type, failure
from hvsim_fakes.powershell.objects import numbers
from hvsim_fakes.powershell.objects.enums import EnumNameError, EnumType, EnumValue
from hvsim_fakes.powershell.objects.fault import NetError
from hvsim_fakes.powershell.objects.nettype import VALUE_TYPE, NetType
from hvsim_fakes.powershell.objects.registry import (
    BYTE_ARRAY,
    CHAR,
    ArrayType,
    find,
    type_of,
)
from hvsim_fakes.powershell.objects.text import to_text
from hvsim_fakes.powershell.objects.values import (
    NOTHING,
    ArrayList,
    Char,
    Hashtable,
    OrderedTable,
    PSObject,
    TypedArray,
    elements,
    is_list,
)


def truth(value: Any) -> bool:
    """Return a value as a condition sees it."""
    if value is True or value is False:
        return bool(value)
    if value is None or value is NOTHING:
        return False
    if is_list(value):
        return truth(elements(value)[0]) if len(value) == 1 else len(value) > 1
    if isinstance(value, str | int | float | Decimal):
        return bool(value)
    if isinstance(value, EnumValue):
        return value.number != 0
    is_present = getattr(value, "present", None)
    return is_present is not False


def convert(value: Any, kind: NetType) -> Any:
    """Convert a value to a type.

    Raises:
        PowerShellError: it cannot be; the record is the one that a cast gives.
    """
    if value is NOTHING:
        value = None
    try:
        return _convert(value, kind)
    except EnumNameError as wrong:
        raise _refused(value, kind, wrong.why, "System.FormatException") from None
    except NetError as wrong:
        raise _refused(value, kind, wrong.message, wrong.kind) from None
    except (ValueError, TypeError, ArithmeticError):
        raise _impossible(value, kind) from None


def try_convert(value: Any, kind: NetType) -> Any:
    """Convert a value (``-as``); None if it cannot be."""
    try:
        return convert(value, kind)
    except PowerShellError:
        return None


def _convert(value: Any, kind: NetType) -> Any:  # noqa: PLR0911 - a case a line
    special = _SPECIAL.get(kind.name)
    if special is not None:
        return special(value)
    if isinstance(kind, ArrayType):
        return _to_array(value, kind)
    if kind.name in numbers.RANGES:
        return _to_integer(value, kind.name)
    if value is None:
        return _of_null(kind)
    if type_of(value).fits(kind):
        return value
    if isinstance(kind, EnumType):
        return _to_enum(value, kind)
    if kind.convert is not None:
        return kind.convert(_single(value))
    raise ValueError(kind)


def _single(value: Any) -> Any:
    """Return the only element of a list, else the value: as casts of lists do."""
    if is_list(value) and len(value) == 1:
        return elements(value)[0]
    return value


def _of_null(kind: NetType) -> Any:

    if kind.fits(VALUE_TYPE):
        raise ValueError(kind)
    return None


def _to_enum(value: Any, kind: EnumType) -> EnumValue:
    if is_list(value):
        value = ",".join(to_text(one) for one in value)
    return kind.cast(value)


def _to_text(value: Any) -> Any:
    return "" if value is None else str(to_text(value))


def _to_char(value: Any) -> Char:
    value = _single(value)
    if isinstance(value, str):
        if len(value) == 1:
            return Char(value)
        raise NetError("System.FormatException", "String must be exactly one character long.")
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(value)  # noqa: TRY004 - a conversion refuses a value in one way
    if not 0 <= value <= 65_535:
        raise NetError(
            "System.OverflowException", "Value was either too large or too small for a character."
        )
    return Char(chr(value))


def _to_integer(value: Any, name: str) -> Any:
    value = _single(value)
    if value is None:
        value = 0
    if isinstance(value, EnumValue):
        value = value.number
    if not isinstance(value, str | int | float | Decimal):
        raise ValueError(value)  # noqa: TRY004 - a conversion refuses a value in one way
    return numbers.to_integer(value, name)


def _to_real(value: Any, make: Any) -> Any:
    value = _single(value)
    if isinstance(value, EnumValue):
        value = value.number
    if value is not None and not isinstance(value, str | int | float | Decimal):
        raise ValueError(value)
    return make(0 if value is None else value)


def _to_bool(value: Any) -> bool:
    return truth(value)


def _to_guid(value: Any) -> uuid.UUID:
    value = _single(value)
    if isinstance(value, uuid.UUID):
        return value
    if isinstance(value, bytearray) and len(value) == 16:
        return uuid.UUID(bytes_le=bytes(value))
    if not isinstance(value, str):
        raise ValueError(value)  # noqa: TRY004 - a conversion refuses a value in one way
    plain = value.strip()
    if not _is_guid(plain):
        raise NetError(
            "System.FormatException",
            "Guid should contain 32 digits with 4 dashes (xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx).",
        )
    return uuid.UUID(plain.strip("{}()"))


def _is_guid(text: str) -> bool:
    inner = text[1:-1] if text[:1] + text[-1:] in ("{}", "()") else text
    digits = inner.replace("-", "")
    hyphens = [at for at, char in enumerate(inner) if char == "-"]
    good = len(digits) == 32 and all(char in "0123456789abcdefABCDEF" for char in digits)
    return good and hyphens in ([], [8, 13, 18, 23])


def _to_type(value: Any) -> NetType:
    if isinstance(value, NetType):
        return value
    found = find(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError(value)
    return found


def _to_list(value: Any) -> list[Any]:
    if value is None:
        return []
    if is_list(value):
        return elements(value)
    return [value]


def _to_object_array(value: Any) -> Any:
    if value is None:
        return None
    return value if type(value) is list else _to_list(value)


def _to_array(value: Any, kind: ArrayType) -> Any:
    if value is None:
        return None
    if kind is BYTE_ARRAY:
        return value if isinstance(value, bytearray) else _to_bytes(value)
    if type_of(value) is kind:
        return value
    if isinstance(value, str) and kind.element is CHAR:
        return TypedArray(kind, CHAR, [Char(one) for one in value])
    inner = [convert(one, kind.element) for one in _to_list(value)]
    return TypedArray(kind, kind.element, inner)


def _to_bytes(value: Any) -> bytearray:
    return bytearray(int(_to_integer(one, "System.Byte")) for one in _to_list(value))


def _to_hashtable(value: Any) -> Any:
    if value is None or isinstance(value, Hashtable):
        return value
    raise ValueError(value)


def _to_custom(value: Any) -> Any:
    if not isinstance(value, Hashtable):
        return value
    return PSObject((to_text(key), one) for key, one in value.items())


def _to_psobject(value: Any) -> Any:
    return value


def _to_switch(value: Any) -> Any:
    return truth(value)


def _to_ordered(value: Any) -> Any:
    if isinstance(value, OrderedTable):
        return value
    if isinstance(value, Hashtable):
        return OrderedTable(value.items())
    raise ValueError(value)


_SPECIAL = {
    "System.String": _to_text,
    "System.Char": _to_char,
    "System.Boolean": _to_bool,
    "System.Double": lambda value: _to_real(value, numbers.to_double),
    "System.Single": lambda value: _to_real(value, numbers.to_single),
    "System.Decimal": lambda value: _to_real(value, numbers.to_decimal),
    "System.Guid": _to_guid,
    "System.Type": _to_type,
    "System.RuntimeType": _to_type,
    "System.Array": _to_object_array,
    "System.Object[]": _to_object_array,
    "System.Collections.ArrayList": lambda value: (
        value if value is None or isinstance(value, ArrayList) else ArrayList(_to_list(value))
    ),
    "System.Collections.Hashtable": _to_hashtable,
    "System.Collections.IDictionary": _to_hashtable,
    "System.Collections.Specialized.OrderedDictionary": _to_ordered,
    "System.Management.Automation.PSCustomObject": _to_custom,
    "System.Management.Automation.PSObject": _to_custom,
    "System.Object": _to_psobject,
    "System.Management.Automation.SwitchParameter": _to_switch,
}


def _shown(value: Any) -> str:
    if is_list(value) or isinstance(value, Hashtable):
        return type_of(value).name
    return to_text(value)


def _refused(value: Any, kind: NetType, why: str, inner: str) -> PowerShellError:
    text = f'Cannot convert value "{_shown(value)}" to type "{kind.name}". Error: "{why}"'
    error_id = "InvalidCastFromStringToInteger"
    if not (isinstance(value, str) and kind.name in numbers.RANGES):
        error_id = "InvalidCastParseTargetInvocation" if isinstance(value, str) else ""
        error_id = error_id or "InvalidCastIConvertible"
    if isinstance(kind, EnumType):
        error_id = "InvalidCastFromStringToEnum"
    cause = NetException(exception_type(_CAST), text, NetException(exception_type(inner), why))
    return failure(text, error_id, "InvalidArgument", inner=cause)


_CAST = "System.Management.Automation.PSInvalidCastException"


def _impossible(value: Any, kind: NetType) -> PowerShellError:
    if value is None:
        text = f'Cannot convert null to type "{kind.name}".'
        return _cast_failure(text, "nullToObjectInvalidCast")
    text = (
        f'Cannot convert the "{_shown(value)}" value of type "{type_of(value).name}" to type '
        f'"{kind.name}".'
    )
    return _cast_failure(text, "ConvertToFinalInvalidCastException")


def _cast_failure(text: str, error_id: str) -> PowerShellError:
    """Return the RuntimeException in which a script sees a cast's exception."""
    cause = NetException(exception_type(_CAST), text)
    return failure(text, error_id, "InvalidArgument", inner=cause)
