"""All types by name, and the type of any value."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

from hvsim_fakes.powershell.errors import exception_types
from hvsim_fakes.powershell.objects.fault import NetError
from hvsim_fakes.powershell.objects.nettype import OBJECT, VALUE_TYPE, NetType
from hvsim_fakes.powershell.objects.values import (
    INT_MAX,
    INT_MIN,
    NOTHING,
    ArrayList,
    Byte,
    Char,
    Int16,
    Long,
    SByte,
    Single,
    TypedArray,
    UInt16,
    UInt32,
    UInt64,
)

_TYPES: dict[str, NetType] = {}
_ALIASES: dict[str, str] = {}
_ARRAYS: dict[str, NetType] = {}
_OF_CLASS: dict[type, NetType] = {}

ARRAY = NetType(
    "System.Array",
    OBJECT,
    interfaces=(
        "System.Collections.IEnumerable",
        "System.Collections.ICollection",
        "System.Collections.IList",
    ),
)
RUNTIME_TYPE = NetType("System.RuntimeType", NetType("System.Type", OBJECT))


def register(kind: NetType, *aliases: str, of: type | None = None) -> NetType:
    """Make a type known to scripts.

    Args:
        kind: the type.
        aliases: short names (type accelerators), as ``string``.
        of: the Python class whose values are of the type.
    """
    _TYPES[kind.name.lower()] = kind
    for alias in aliases:
        _ALIASES[alias.lower()] = kind.name.lower()
    if of is not None:
        _OF_CLASS[of] = kind
    return kind


def known() -> list[NetType]:
    """Return all types, by name."""
    return [_TYPES[name] for name in sorted(_TYPES)]


def aliases() -> dict[str, str]:
    """Return full names by alias, both in lower case."""
    return dict(_ALIASES)


def find(name: str) -> NetType | None:
    """Return the type of a name as it stands in brackets: a full name, an alias, an array."""
    text = name.strip().lower()
    if text.endswith("[]"):
        element = find(text[:-2])
        return None if element is None else array_of(element)
    if text.endswith("]") and "[" in text:
        return _generic(text)
    return _plain(text)


def short_name(kind: NetType) -> str:
    """Return the first short name that a type has, else its full one."""
    lower = kind.name.lower()
    return next((alias for alias, name in _ALIASES.items() if name == lower), kind.name)


def _plain(text: str) -> NetType | None:
    for one in (_ALIASES.get(text, text), f"system.{text}"):
        found = _TYPES.get(one) or exception_types().get(one)
        if found is not None:
            return found
    return None


def _generic(text: str) -> NetType | None:
    outer, _, inner = text.partition("[")
    parts = [
        find(one.strip(" []") if "[" not in one.strip("[] ") else one)
        for one in split_arguments(inner[:-1])
    ]
    base = _plain(outer.split("`")[0])
    if base is None or None in parts or not isinstance(base, GenericType):
        return None
    return base.of([one for one in parts if one is not None])


def split_arguments(text: str) -> list[str]:
    """Split the type arguments of a generic type at its outer commas."""
    parts, depth = [""], 0
    for char in text:
        depth += (char == "[") - (char == "]")
        if char == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += char
    return [one.strip() for one in parts]


class GenericType(NetType):
    """A generic type, which has to be given its arguments.

    Args:
        name: the full name without arguments.
        build: makes the type from the full name and the arguments.
    """

    def __init__(self, name: str, build: Any) -> None:
        super().__init__(name, OBJECT)
        self._build = build
        self._made: dict[str, NetType] = {}

    def of(self, arguments: list[NetType]) -> NetType:
        """Return the type with its arguments."""
        inside = ",".join(f"[{one.name}]" for one in arguments)
        name = f"{self.name}`{len(arguments)}[{inside}]"
        if name not in self._made:
            self._made[name] = self._build(name, arguments)
        return self._made[name]


def array_of(element: NetType) -> NetType:
    """Return the type of arrays of a type."""
    found = _ARRAYS.get(element.name)
    if found is None:
        found = ArrayType(element)
        _ARRAYS[element.name] = found
    return found


class ArrayType(NetType):
    """The type of arrays of one type."""

    def __init__(self, element: NetType) -> None:
        super().__init__(f"{element.name}[]", ARRAY, construct=self._make)
        self.element = element

    def _make(self, engine: Any, given: list[Any]) -> Any:
        size = int(given[0]) if given else 0
        if size < 0:
            raise NetError(
                "System.OverflowException", "Arithmetic operation resulted in an overflow."
            )
        engine.budget.hold(size * 8)
        if self.element is BYTE:
            return bytearray(size)
        if self.element is OBJECT:
            return [None] * size
        blank: Any = 0 if self.element.name.startswith(("System.Int", "System.UInt")) else None
        return TypedArray(self, self.element, [blank] * size)

    @property
    def short(self) -> str:
        """The name without its namespace."""
        return f"{self.element.short}[]"


NULL_TYPE = NetType("System.Management.Automation.Internal.AutomationNull", OBJECT)


def type_of(value: Any) -> NetType:
    """Return a value's type; of $null, a type without members."""
    kind = type(value)
    if kind is int:
        return INT32 if INT_MIN <= value <= INT_MAX else INT64
    found = _OF_CLASS.get(kind)
    if found is not None:
        return found
    return getattr(value, "ps_type", None) or _other(value)


def _other(value: Any) -> NetType:
    if value is None or value is NOTHING:
        return NULL_TYPE
    if isinstance(value, NetType):
        return RUNTIME_TYPE
    return OBJECT


def is_of(value: Any, kind: NetType) -> bool:
    """Tell whether a value is of a type (``-is``)."""
    if value is None or value is NOTHING:
        return False
    return type_of(value).fits(kind)


_COMPARABLE = ("System.IComparable", "System.IConvertible", "System.IFormattable")
STRING = register(
    NetType(
        "System.String",
        OBJECT,
        interfaces=("System.Collections.IEnumerable", "System.IComparable", "System.IConvertible"),
        text=str,
    ),
    "string",
    of=str,
)
CHAR = register(NetType("System.Char", VALUE_TYPE, text=str), "char", of=Char)
BOOLEAN = register(NetType("System.Boolean", VALUE_TYPE, text=str), "bool", of=bool)
INT32 = register(NetType("System.Int32", VALUE_TYPE, interfaces=_COMPARABLE), "int", "int32")
INT64 = register(
    NetType("System.Int64", VALUE_TYPE, interfaces=_COMPARABLE), "long", "int64", of=Long
)
INT16 = register(
    NetType("System.Int16", VALUE_TYPE, interfaces=_COMPARABLE), "int16", "short", of=Int16
)
BYTE = register(NetType("System.Byte", VALUE_TYPE, interfaces=_COMPARABLE), "byte", of=Byte)
SBYTE = register(NetType("System.SByte", VALUE_TYPE, interfaces=_COMPARABLE), "sbyte", of=SByte)
UINT16 = register(
    NetType("System.UInt16", VALUE_TYPE, interfaces=_COMPARABLE), "uint16", "ushort", of=UInt16
)
UINT32 = register(
    NetType("System.UInt32", VALUE_TYPE, interfaces=_COMPARABLE), "uint32", "uint", of=UInt32
)
UINT64 = register(
    NetType("System.UInt64", VALUE_TYPE, interfaces=_COMPARABLE), "uint64", "ulong", of=UInt64
)
DOUBLE = register(NetType("System.Double", VALUE_TYPE, interfaces=_COMPARABLE), "double", of=float)
SINGLE = register(
    NetType("System.Single", VALUE_TYPE, interfaces=_COMPARABLE), "single", "float", of=Single
)
DECIMAL = register(
    NetType("System.Decimal", VALUE_TYPE, interfaces=_COMPARABLE), "decimal", of=Decimal
)
GUID = register(NetType("System.Guid", VALUE_TYPE, text=str), "guid", of=uuid.UUID)
OBJECT_ARRAY = array_of(register(OBJECT, "object"))
BYTE_ARRAY = array_of(BYTE)
_OF_CLASS[list] = OBJECT_ARRAY
_OF_CLASS[bytearray] = BYTE_ARRAY
ARRAY_LIST = register(
    NetType(
        "System.Collections.ArrayList",
        OBJECT,
        interfaces=(
            "System.Collections.IEnumerable",
            "System.Collections.ICollection",
            "System.Collections.IList",
        ),
    ),
    of=ArrayList,
)
register(ARRAY, "array")
register(VALUE_TYPE)
register(RUNTIME_TYPE)
if RUNTIME_TYPE.base is not None:
    register(RUNTIME_TYPE.base, "type")
for _interface in (
    "System.Collections.IEnumerable",
    "System.Collections.ICollection",
    "System.Collections.IList",
    "System.Collections.IDictionary",
    "System.IComparable",
    "System.IConvertible",
    "System.IFormattable",
):
    register(NetType(_interface))
