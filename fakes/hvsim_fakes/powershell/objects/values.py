"""Classes of values that Python has no class for.

What Python has is used as it is: None for $null, str, bool, float (Double), Decimal, uuid.UUID,
list (Object[]), bytearray (Byte[]). A plain int is an Int32 if it fits in 32 bits, else an Int64.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hvsim_fakes.powershell.objects.nettype import OBJECT, VALUE_TYPE, NetType

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

INT_MIN, INT_MAX = -(2**31), 2**31 - 1
LONG_MIN, LONG_MAX = -(2**63), 2**63 - 1


class _Nothing:
    """AutomationNull: what a command gives that gives nothing; like $null in an expression."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "NOTHING"


NOTHING = _Nothing()


class Char(str):
    """A character."""

    __slots__ = ()


class Sized(int):
    """An integer of a type of its own: the classes below."""

    __slots__ = ()


class Long(Sized):
    """An Int64 that would fit in 32 bits."""

    __slots__ = ()


class Byte(Sized):
    """0 to 255."""

    __slots__ = ()


class SByte(Sized):
    """-128 to 127."""

    __slots__ = ()


class Int16(Sized):
    """16 bits, signed."""

    __slots__ = ()


class UInt16(Sized):
    """16 bits, unsigned."""

    __slots__ = ()


class UInt32(Sized):
    """32 bits, unsigned."""

    __slots__ = ()


class UInt64(Sized):
    """64 bits, unsigned."""

    __slots__ = ()


class Single(float):
    """A number of single precision."""

    __slots__ = ()


class ArrayList(list[Any]):
    """System.Collections.ArrayList."""

    __slots__ = ()


class TypedList(list[Any]):
    """A list or array whose elements are of one type.

    Attributes:
        ps_type: its own type, as ``System.String[]``.
        element: the type of its elements.
    """

    __slots__ = ("element", "ps_type")

    def __init__(self, ps_type: NetType, element: NetType, values: Iterable[Any] = ()) -> None:
        super().__init__(values)
        self.ps_type = ps_type
        self.element = element


class TypedArray(TypedList):
    """An array of one type, as ``[string[]]`` makes."""

    __slots__ = ()


class GenericList(TypedList):
    """System.Collections.Generic.List."""

    __slots__ = ()


def hash_key(key: Any) -> Any:
    """Return what a key of a hashtable is found by: strings without regard to case."""
    kind = type(key)
    if kind is str:
        return key.lower()
    if kind is bool:
        return (bool, key)
    try:
        hash(key)
    except TypeError:  # a list: found again as the same object only
        return (id, id(key))
    return key


class Hashtable:
    """System.Collections.Hashtable; keeps the order of insertion, which 5.1 leaves open."""

    __slots__ = ("_items",)
    ps_type: NetType = NetType("System.Collections.Hashtable")

    def __init__(self, items: Iterable[tuple[Any, Any]] = ()) -> None:
        self._items: dict[Any, tuple[Any, Any]] = {}
        for key, value in items:
            self.set(key, value)

    def key(self, key: Any) -> Any:
        """Return what a key is found by."""
        return hash_key(key)

    def get(self, key: Any, default: Any = None) -> Any:
        """Return the value of a key."""
        found = self._items.get(self.key(key))
        return default if found is None else found[1]

    def set(self, key: Any, value: Any) -> None:
        """Set the value of a key; an existing key keeps its spelling and place."""
        lower = self.key(key)
        old = self._items.get(lower)
        self._items[lower] = (key if old is None else old[0], value)

    def has(self, key: Any) -> bool:
        """Tell whether the key is there."""
        return self.key(key) in self._items

    def remove(self, key: Any) -> bool:
        """Remove a key; tell whether it was there."""
        return self._items.pop(self.key(key), None) is not None

    def clear(self) -> None:
        """Remove all."""
        self._items.clear()

    def items(self) -> list[tuple[Any, Any]]:
        """Return keys and values, in order."""
        return list(self._items.values())

    def keys(self) -> list[Any]:
        """Return the keys, in order."""
        return [key for key, _ in self._items.values()]

    def values(self) -> list[Any]:
        """Return the values, in order."""
        return [value for _, value in self._items.values()]

    def copy(self) -> Hashtable:
        """Return another of the same class with the same items."""
        return type(self)(self.items())

    def __len__(self) -> int:
        return len(self._items)


class OrderedTable(Hashtable):
    """System.Collections.Specialized.OrderedDictionary: ``[ordered]@{}``."""

    __slots__ = ()
    ps_type: NetType = NetType("System.Collections.Specialized.OrderedDictionary")


class Dictionary(Hashtable):
    """System.Collections.Generic.Dictionary: case counts, and a missing key is an error."""

    __slots__ = ("ps_type",)

    def __init__(self, items: Iterable[tuple[Any, Any]] = (), ps_type: NetType = OBJECT) -> None:
        super().__init__(items)
        self.ps_type: NetType = ps_type

    def key(self, key: Any) -> Any:
        """Return what a key is found by."""
        return key if isinstance(key, str) else hash_key(key)

    def copy(self) -> Dictionary:
        """Return another with the same items."""
        return Dictionary(self.items(), self.ps_type)


@dataclass(slots=True)
class Entry:
    """A key and its value, as GetEnumerator gives them."""

    key: Any
    value: Any
    ps_type = NetType("System.Collections.DictionaryEntry", VALUE_TYPE)


@dataclass(slots=True)
class Member:
    """A member of a custom object.

    Attributes:
        name: as it was spelled at first.
        value: its value; a script block for a script property or method, a name for an alias.
        kind: ``NoteProperty``, ``ScriptProperty``, ``ScriptMethod`` or ``AliasProperty``.
    """

    name: str
    value: Any
    kind: str = "NoteProperty"


class PSObject:
    """A custom object: named values in order.

    Attributes:
        type_names: of the type and all it extends, as PSTypeNames lists them.
        members: by name in lower case.
    """

    __slots__ = ("members", "type_names")
    ps_type: NetType = NetType("System.Management.Automation.PSCustomObject", OBJECT)

    def __init__(self, items: Iterable[tuple[str, Any]] = (), *type_names: str) -> None:
        self.type_names: tuple[str, ...] = (
            *type_names,
            "System.Management.Automation.PSCustomObject",
            "System.Object",
        )
        self.members: dict[str, Member] = {}
        for name, value in items:
            self.members[name.lower()] = Member(name, value)

    def get(self, name: str, default: Any = None) -> Any:
        """Return the value of a note property."""
        found = self.members.get(name.lower())
        return default if found is None else found.value

    def set(self, name: str, value: Any) -> None:
        """Set a note property, made if need be."""
        found = self.members.get(name.lower())
        if found is None:
            self.members[name.lower()] = Member(name, value)
        else:
            found.value = value

    def items(self) -> list[tuple[str, Any]]:
        """Return names and values, in order."""
        return [(one.name, one.value) for one in self.members.values()]


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """System.Version; -1 stands for a part that is not given."""

    major: int
    minor: int = 0
    build: int = -1
    revision: int = -1
    ps_type = NetType("System.Version", OBJECT)

    def __str__(self) -> str:
        parts = (self.major, self.minor, self.build, self.revision)
        return ".".join(str(one) for one in parts if one >= 0)


@dataclass(frozen=True, slots=True)
class SecureString:
    """System.Security.SecureString."""

    text: str
    ps_type = NetType("System.Security.SecureString", OBJECT)


@dataclass(frozen=True, slots=True)
class Credential:
    """System.Management.Automation.PSCredential."""

    user: str
    password: SecureString
    ps_type = NetType("System.Management.Automation.PSCredential", OBJECT)


class Reference:
    """A ``[ref]``: where a variable is read and written."""

    __slots__ = ("read", "write")
    ps_type = NetType("System.Management.Automation.PSReference", OBJECT)

    def __init__(self, read: Any, write: Any) -> None:
        self.read = read
        self.write = write


def wide(number: int) -> Any:
    """Return an Int64, or the Double nearest to it when 64 bits do not hold it."""
    if INT_MIN <= number <= INT_MAX:
        return Long(number)
    if LONG_MIN <= number <= LONG_MAX:
        return int(number)
    return float(number)


def is_list(value: Any) -> bool:
    """Tell whether the pipeline takes a value apart."""
    return isinstance(value, list | bytearray)


def unrolled(value: Any) -> Iterator[Any]:
    """Go through what a pipeline makes of a value: elements of a list, nothing of NOTHING."""
    if isinstance(value, list | bytearray):
        yield from elements(value)
    elif value is not NOTHING:
        yield value


def elements(value: list[Any] | bytearray) -> list[Any]:
    """Return a list's elements, as values."""
    return [Byte(one) for one in value] if isinstance(value, bytearray) else list(value)


def collapsed(values: list[Any]) -> Any:
    """Return what an expression makes of a pipeline's outputs: none, one, or an array."""
    if len(values) == 1:
        return values[0]
    return values or NOTHING
