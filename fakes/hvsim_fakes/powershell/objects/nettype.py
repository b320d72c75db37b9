"""Types of values and their members: the only way from a script to a value's inside.

A value is a plain Python object. Its :class:`NetType` lists which properties and methods a script
sees; anything else does not exist. Names are looked up without regard to case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Getter = Callable[[Any], Any]
Setter = Callable[[Any, Any], None]


@dataclass(frozen=True, slots=True)
class Property:
    """A property of a type.

    Attributes:
        name: as the product spells it.
        get: the value, from the object.
        set: how it is assigned; None when it is read-only.
        type: the .NET name of its type, for ``Get-Member``.
    """

    name: str
    get: Getter
    set: Setter | None = None
    type: str = "System.Object"


@dataclass(frozen=True, slots=True)
class Method:
    """A method of a type.

    Attributes:
        name: as .NET spells it.
        call: gets the object (none for a static method) and the converted arguments; with
            ``engine``, the running engine comes first.
        parameters: ``"name:type"`` for each; ``"?name:type"`` may be left out,
            ``"*name:type"`` takes all that remain.
        engine: whether the call needs the engine (clock, random streams, script blocks).
    """

    name: str
    call: Callable[..., Any]
    parameters: tuple[str, ...] = ()
    engine: bool = False

    @property
    def fewest(self) -> int:
        """How many arguments it needs."""
        return sum(1 for one in self.parameters if one[0] not in "?*")

    @property
    def most(self) -> int | None:
        """How many arguments it takes; None if any number."""
        if any(one[0] == "*" for one in self.parameters):
            return None
        return len(self.parameters)


def method(name: str, call: Callable[..., Any], *parameters: str, engine: bool = False) -> Method:
    """Return a method, written in one line."""
    return Method(name, call, parameters, engine)


class NetType:
    """A .NET type as scripts see it.

    Args:
        name: the full name, as ``System.String``.
        base: the type it extends; None for ``System.Object`` and interfaces.
        properties: getters by name (read-only), or :class:`Property` objects; in the order in
            which ``Format-List`` and ``ConvertTo-Json`` show them.
        methods: of objects; several of one name are overloads.
        static: properties of the type itself, by name; their getters get the engine.
        static_methods: methods of the type itself.
        interfaces: full names of interfaces that ``-is`` knows.
        text: what ``ToString()`` gives; the type's name unless said.
        construct: makes an object from the engine and a list of arguments; None if none can be.
        convert: casts any value to the type, or raises ``ValueError``; None for no conversions.
        default: property shown first where an object has to be told by one.
    """

    def __init__(
        self,
        name: str,
        base: NetType | None = None,
        *,
        properties: Mapping[str, Getter] | Iterable[Property] = (),
        methods: Iterable[Method] = (),
        static: Mapping[str, Getter] | None = None,
        static_methods: Iterable[Method] = (),
        interfaces: Iterable[str] = (),
        text: Callable[[Any], str] | None = None,
        construct: Callable[[Any, list[Any]], Any] | None = None,
        convert: Callable[[Any], Any] | None = None,
    ) -> None:
        self.name = name
        self.base = base
        self.interfaces = tuple(interfaces)
        self.construct = construct
        self.convert = convert
        self.own_text = text
        self._own = _properties(properties)
        self._methods = _overloads(methods)
        self.static = {key.lower(): Property(key, get) for key, get in (static or {}).items()}
        self.static_methods = _overloads(static_methods)
        self._flat: dict[str, Property] | None = None
        self._flat_methods: dict[str, tuple[Method, ...]] | None = None

    def fragment(self, data: Any, levels: int) -> tuple[dict[Any, bytes], Any] | None:  # noqa: ARG002 - for products to override
        """Return where an object's JSON is kept, and under which key; None keeps it nowhere.

        The key has to change with whatever the object shows ``levels`` levels deep.
        """
        return None

    def __repr__(self) -> str:
        return f"[{self.name}]"

    def extend(  # noqa: PLR0917 - they go together everywhere
        self,
        properties: Mapping[str, Getter] | Iterable[Property] = (),
        methods: Iterable[Method] = (),
        static: Mapping[str, Getter] | None = None,
        static_methods: Iterable[Method] = (),
        text: Callable[[Any], str] | None = None,
        construct: Callable[[Any, list[Any]], Any] | None = None,
        convert: Callable[[Any], Any] | None = None,
        writable: Iterable[str] = (),
    ) -> NetType:
        """Add members to a type that was made without them, before its first use; return it."""
        self._own.update(_properties(properties))
        self._methods.update(_overloads(methods))
        self.static.update({key.lower(): Property(key, get) for key, get in (static or {}).items()})
        self.static_methods.update(_overloads(static_methods))
        for name in writable:  # static properties that a script may assign
            old = self.static[name.lower()]
            self.static[name.lower()] = Property(old.name, old.get, _kept_by_the_session)
        self.own_text = text or self.own_text
        self.construct = construct or self.construct
        self.convert = convert or self.convert
        self._flat = self._flat_methods = None
        return self

    def own_properties(self) -> list[Property]:
        """Return the properties that it does not inherit."""
        return list(self._own.values())

    def own_methods(self) -> list[tuple[Method, ...]]:
        """Return the methods that it does not inherit, overloads together."""
        return list(self._methods.values())

    @property
    def short(self) -> str:
        """The name without its namespace."""
        return self.name.partition("[")[0].partition("`")[0].rpartition(".")[2]

    @property
    def properties(self) -> dict[str, Property]:
        """All properties by lower-case name, inherited ones last."""
        if self._flat is None:
            inherited = self.base.properties if self.base else {}
            self._flat = {**self._own, **{k: v for k, v in inherited.items() if k not in self._own}}
        return self._flat

    @property
    def methods(self) -> dict[str, tuple[Method, ...]]:
        """All methods by lower-case name."""
        if self._flat_methods is None:
            self._flat_methods = {**(self.base.methods if self.base else {}), **self._methods}
        return self._flat_methods

    def text(self, value: Any) -> str:
        """Return what ``ToString()`` gives for an object of the type."""
        kind: NetType | None = self
        while kind is not None:
            if kind.own_text is not None:
                return kind.own_text(value)
            kind = kind.base
        return self.name

    def lineage(self) -> list[NetType]:
        """Return the type and all it extends, itself first."""
        kind: NetType | None = self
        found = []
        while kind is not None:
            found.append(kind)
            kind = kind.base
        return found

    def fits(self, other: NetType) -> bool:
        """Tell whether objects of this type are of ``other`` as well."""
        name = other.name
        return any(kind is other or name in kind.interfaces for kind in self.lineage())


class NetObject:
    """An object of a product: a type and whatever its getters read from.

    Args:
        ps_type: the type, whose getters get ``data``... and nothing else of this object.
        data: the product's own object; scripts never see it but through the getters.
    """

    __slots__ = ("data", "extra", "ps_type")

    def __init__(self, ps_type: NetType, data: Any = None) -> None:
        self.ps_type = ps_type
        self.data = data
        self.extra: dict[str, Any] | None = None


def _kept_by_the_session(_engine: Any, _value: Any) -> None:
    """Mark a static property as writable; the engine keeps what is assigned."""


def _properties(given: Mapping[str, Getter] | Iterable[Property]) -> dict[str, Property]:
    if isinstance(given, Mapping):
        return {name.lower(): Property(name, get) for name, get in given.items()}
    return {one.name.lower(): one for one in given}


def _overloads(methods: Iterable[Method]) -> dict[str, tuple[Method, ...]]:
    found: dict[str, tuple[Method, ...]] = {}
    for one in methods:
        found[one.name.lower()] = (*found.get(one.name.lower(), ()), one)
    return found


OBJECT = NetType("System.Object")
VALUE_TYPE = NetType("System.ValueType", OBJECT)
