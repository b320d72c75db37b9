"""Gives call parameters their XenAPI types, or says what the product says when it cannot.

Source: the unmarshalling code that xapi generates from its data model, today's and that of June
2009. XenServer 5.5 took no number for an ``int`` (only its digits as a string), no string for a
``float`` or a date, and named the parameter at fault; today's names what it found instead.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NoReturn

from hvsim.xenserver.errors import XenError
from hvsim_fakes.xenserver.values import DateTime, RpcValue, describe, quote

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim.xenserver.model import ClassModel, Model, Type

_INTEGER: Final = re.compile(
    r"[-+]?(?:0[xX][0-9a-fA-F][0-9a-fA-F_]*|0[oO][0-7][0-7_]*|0[bB][01][01_]*|[0-9][0-9_]*)"
)
_DATE: Final = re.compile(
    r"(\d{4})-?(\d\d)-?(\d\d)T(\d\d):?(\d\d):?(\d\d)(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?"
)
_INT64: Final = 1 << 63


def _fail(text: str) -> NoReturn:
    raise XenError("INTERNAL_ERROR", f"Failure({quote(text)})")


class Unmarshaller:
    """Types the parameters of one profile's messages; results are JSON-ready row values."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._enums = {
            name: {value.lower(): value for value in reversed(values)}
            for name, values in model.enums.items()
        }
        self._legacy = model.profile == "xenserver-5.5"
        self._scalars = _SCALARS | _STRICT if self._legacy else _SCALARS

    def argument(self, name: str, kind: Type, value: RpcValue) -> Any:
        """Return the value of a parameter or constructor field called ``name``.

        Raises:
            XenError: 5.5 ``FIELD_TYPE_ERROR`` [name], today as :meth:`typed`.
        """
        try:
            return self.typed(kind, value)
        except XenError:
            if self._legacy:
                raise XenError("FIELD_TYPE_ERROR", name) from None
            raise

    def typed(self, kind: Type, value: RpcValue) -> Any:
        """Return ``value`` as a row holds it.

        Raises:
            XenError: ``INTERNAL_ERROR`` with the product's text when the types do not fit.
        """
        scalar = self._scalars.get(kind.kind)
        if scalar is not None:
            return scalar(value)
        if kind.kind == "enum":
            return self._enum(kind, value)
        return self._compound(kind, value)

    def constructor(self, cls: ClassModel, value: RpcValue) -> dict[str, Any]:
        """Return the typed fields of a ``create`` struct, the model's defaults filled in."""
        if not isinstance(value, dict):
            if self._legacy:
                raise XenError("INTERNAL_ERROR", 'XMLRPC.RunTimeTypeError("struct", _)')
            _fail("bad __structure")
        fields: dict[str, Any] = {}
        for field in cls.constructor_fields:
            if field.name in value:
                fields[field.name] = self.argument(field.name, field.type, value[field.name])
            elif field.default is None:
                missing = f"Server_helpers.Dispatcher_FieldNotFound({quote(field.name)})"
                raise XenError("INTERNAL_ERROR", missing)
            else:
                fields[field.name] = field.default
        return fields

    def _compound(self, kind: Type, value: RpcValue) -> Any:
        if kind.kind in ("set", "option"):
            return self._set(kind, value)
        if kind.kind == "map":
            return self._map(kind, value)
        return self._record(kind, value)

    def _enum(self, kind: Type, value: RpcValue) -> str:
        known = self._enums.get(kind.enum or "", {})
        if not isinstance(value, str) or value.lower() not in known:
            _fail("Unknown tag/contents")
        return known[value.lower()]

    def _set(self, kind: Type, value: RpcValue) -> list[Any]:
        if not isinstance(value, list) or kind.of is None:
            _fail(f"Expecting Rpc.Enum, but found '{describe(value)}'")
        return [self.typed(kind.of, item) for item in value]

    def _map(self, kind: Type, value: RpcValue) -> dict[str, Any]:
        if not isinstance(value, dict) or kind.key is None or kind.value is None:
            _fail(f"Expecting Rpc.Dict, but found '{describe(value)}'")
        return {
            str(self.typed(kind.key, key)): self.typed(kind.value, item)
            for key, item in value.items()
        }

    def _record(self, kind: Type, value: RpcValue) -> dict[str, Any]:
        if not isinstance(value, dict):
            _fail("Expected Dictionary")
        cls = self._model.classes.get(kind.cls or "")
        if cls is None:
            return value
        fields: dict[str, Any] = {}
        for field in cls.fields.values():
            if field.name in value:
                fields[field.name] = self.typed(field.type, value[field.name])
            elif field.default is None and not _is_ref_set(field.type):
                _fail(f"Field {field.name} not present in rpc")
        return fields


def _is_ref_set(kind: Type) -> bool:
    return kind.kind == "set" and kind.of is not None and kind.of.kind == "ref"


def _string(value: RpcValue) -> str:
    if not isinstance(value, str) or isinstance(value, DateTime):
        _fail(f"Expected string, got '{describe(value)}'")
    return value


def _int(value: RpcValue) -> int:
    if isinstance(value, str) and not isinstance(value, DateTime):
        return _int_of_string(value)
    if isinstance(value, bool) or not isinstance(value, int) or not -_INT64 <= value < _INT64:
        _fail(f"Expected int64, got '{describe(value)}'")
    return value


def _int_of_string(text: str) -> int:
    if not _INTEGER.fullmatch(text):
        _fail("Int64.of_string")
    digits = text.replace("_", "")
    number = int(digits, 0 if digits.lstrip("+-")[:2].lower() in ("0x", "0o", "0b") else 10)
    if not -_INT64 <= number < _INT64:
        _fail("Int64.of_string")
    return number


def _bool(value: RpcValue) -> bool:
    if not isinstance(value, bool):
        _fail(f"Expected bool, got '{describe(value)}'")
    return value


def _float(value: RpcValue) -> float:
    if isinstance(value, str) and not isinstance(value, DateTime):
        try:
            return float(value.replace("_", ""))
        except ValueError:
            _fail("float_of_string")
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        _fail(f"Expected float, got '{describe(value)}'")
    return float(value)


def _datetime(value: RpcValue) -> str:
    if not isinstance(value, str):
        _fail("Date.t_of_rpc")
    found = _DATE.fullmatch(value)
    if found is None:
        text = f"Invalid argument: Clock__Date.of_iso8601: {value}"
        raise XenError("INTERNAL_ERROR", text)
    year, month, day, hour, minute, second = found.groups()
    return f"{year}{month}{day}T{hour}:{minute}:{second}Z"


_SCALARS: Final[dict[str, Callable[[RpcValue], str | int | float | bool]]] = {
    "string": _string,
    "ref": _string,
    "void": _string,
    "int": _int,
    "bool": _bool,
    "float": _float,
    "datetime": _datetime,
}


def _digits(value: RpcValue) -> int:
    return _int_of_string(_string(value))


def _only_float(value: RpcValue) -> float:
    if not isinstance(value, float):
        _fail(f"Expected float, got '{describe(value)}'")
    return value


def _only_date(value: RpcValue) -> str:
    if not isinstance(value, DateTime):
        _fail("Date.t_of_rpc")
    return _datetime(value)


_STRICT: Final[dict[str, Callable[[RpcValue], str | int | float | bool]]] = {
    "int": _digits,
    "float": _only_float,
    "datetime": _only_date,
}
