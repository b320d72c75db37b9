"""Writes values as vim25 XML, each as the type that the data model declares it to be.

Encoders are compiled for each type and API version when they are first needed. A field that the
client's version does not know is left out; so is whatever is not set, never written as an empty
element.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

from hvsim.vcenter.values import Data, Ref
from hvsim_fakes.vcenter import registry
from hvsim_fakes.vcenter.registry import Field

Encoder = Callable[[Any], str]

_SPECIAL: Final = re.compile("[&<>\r\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_ESCAPES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
_INT: Final = 2**31
_OF_PYTHON: Final[dict[type, str]] = {
    bool: "boolean",
    float: "double",
    str: "string",
    datetime: "dateTime",
    bytes: "base64Binary",
}


def escape(text: str) -> str:
    """Return a text as XML content; what XML cannot carry becomes a question mark."""
    if _SPECIAL.search(text) is None:
        return text
    return _SPECIAL.sub(lambda found: _ESCAPES.get(found[0], "?"), text)


def date(value: datetime) -> str:
    """Return a date as vCenter writes it, in UTC to the microsecond."""
    if value.tzinfo is not UTC:
        value = value.astimezone(UTC)
    return value.isoformat(timespec="microseconds")[:26] + "Z"


def _text(value: Any) -> str:
    """Return a scalar's or an enumeration's content."""
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, str):
        return escape(value)
    if isinstance(value, datetime):
        return date(value)
    if isinstance(value, bytes):
        return b64encode(value).decode()
    return str(value)


class Writer:
    """Writes for clients of one API version.

    Args:
        version: pyVmomi's name of it.
    """

    def __init__(self, version: str) -> None:
        self.version = version
        self._bodies: dict[str, Encoder] = {}
        self._typed: dict[Field, Encoder] = {}

    def element(self, field: Field, value: Any) -> str:
        """Return a value as elements called ``field.name``; nothing when it is not set."""
        if value is None:
            return ""
        found = self._typed.get(field)
        if found is None:
            found = self._typed[field] = self._encoder(field)
        return found(value)

    def typed(self, tag: str, value: Any, field: Field | None = None) -> str:
        """Return a value as an element that says its type; ``field`` is what it is declared as."""
        if value is None:
            return ""
        if isinstance(value, list):
            return self._array(tag, value, field)
        if isinstance(value, Ref):
            head = f'<{tag} type="{value.type}" xsi:type="ManagedObjectReference">'
            return f"{head}{escape(value.moid)}</{tag}>"
        if isinstance(value, Data):
            name = self._known(value.type)
            return f'<{tag} xsi:type="{name}">{self._body(name)(value.fields)}</{tag}>'
        if field is not None and field.kind == "enum":
            return f'<{tag} xsi:type="{field.type}">{_text(value)}</{tag}>'
        scalar = field.type if field is not None and field.kind == "scalar" else _scalar(value)
        return f'<{tag} xsi:type="xsd:{scalar}">{_text(value)}</{tag}>'

    def fault(self, fault: Data) -> str:
        """Return a fault as the content of a SOAP fault's detail."""
        name = self._known(fault.type)
        body = self._body(name)(fault.fields)
        return f'<{name}Fault xmlns="{registry.NAMESPACE}" xsi:type="{name}">{body}</{name}Fault>'

    def _array(self, tag: str, items: list[Any], field: Field | None) -> str:
        item, name = _item_of(items, field)
        write = self._encoder(Field(item.name, item.type, item.kind))
        return f'<{tag} xsi:type="ArrayOf{name}">{"".join(map(write, items))}</{tag}>'

    def _encoder(self, field: Field) -> Encoder:
        one = self._one(field)
        if not field.many:
            return one
        return lambda items: "".join(map(one, items))

    def _one(self, field: Field) -> Encoder:
        tag = field.name
        if field.kind == "data":
            return self._data(tag, field.type)
        if field.kind == "any":
            return lambda value: self.typed(tag, value)
        if field.kind == "reference":
            return lambda ref: f'<{tag} type="{ref.type}">{escape(ref.moid)}</{tag}>'
        return _plain(tag, field.type)

    def _data(self, tag: str, declared: str) -> Encoder:
        def write(value: Data) -> str:
            name = value.type
            if name == declared:
                return f"<{tag}>{self._body(name)(value.fields)}</{tag}>"
            name = self._known(name)
            if name == declared:
                return f"<{tag}>{self._body(name)(value.fields)}</{tag}>"
            return f'<{tag} xsi:type="{name}">{self._body(name)(value.fields)}</{tag}>'

        return write

    def _body(self, name: str) -> Encoder:
        found = self._bodies.get(name)
        if found is None:
            found = self._bodies[name] = self._compile(name)
        return found

    def _compile(self, name: str) -> Encoder:
        known = registry.shape(name)
        if known is None or known.kind != "data":
            raise LookupError(f"vim25 has no data object type {name!r}")
        steps = [
            (field.name, self._encoder(field))
            for field in known.fields.values()
            if registry.visible(field.since, self.version)
        ]

        def write(fields: dict[str, Any]) -> str:
            get = fields.get
            return "".join(
                [encode(value) for key, encode in steps if (value := get(key)) is not None]
            )

        return write

    def _known(self, name: str) -> str:
        """Return the nearest type that the client's version knows."""
        found = registry.shape(name)
        if found is None:
            raise LookupError(f"vim25 has no data object type {name!r}")
        for candidate in found.parents:
            known = registry.shape(candidate)
            if known is None or registry.visible(known.since, self.version):
                return candidate
        return name


def _plain(tag: str, kind: str) -> Encoder:
    head, tail = f"<{tag}>", f"</{tag}>"
    if kind in ("int", "long", "short", "byte"):
        return lambda value: f"{head}{value:d}{tail}"
    if kind in ("boolean", "double", "float", "base64Binary"):
        return lambda value: f"{head}{_text(value)}{tail}"
    if kind == "dateTime":
        return lambda value: f"{head}{date(value)}{tail}"
    special = _SPECIAL.search

    def write(text: str) -> str:
        # Texts and enumerations: most of what there is.
        return f"{head}{text if special(text) is None else escape(text)}{tail}"

    return write


def _scalar(value: Any) -> str:
    named = _OF_PYTHON.get(type(value))
    if named is not None:
        return named
    if isinstance(value, int):
        return "int" if -_INT <= value < _INT else "long"
    raise TypeError(f"vim25 has no type for {type(value).__name__}")


def _item_of(items: list[Any], field: Field | None) -> tuple[Field, str]:
    """Return how an array's items are written, and the array type's name after ``ArrayOf``."""
    if field is not None and field.kind != "any":
        kind, name = field.kind, field.type
    elif items and all(isinstance(item, Ref) for item in items):
        kind, name = "reference", "ManagedObject"
    elif items and isinstance(items[0], Data):
        kind, name = "data", _common(items)
    elif items:
        kind, name = "scalar", _scalar(items[0])
    else:
        kind, name = "any", "anyType"
    if kind == "reference":
        return Field("ManagedObjectReference", name, kind), "ManagedObjectReference"
    return Field(name, name, kind), name[0].upper() + name[1:]


def _common(items: list[Data]) -> str:
    """Return the nearest type that all data objects of a list are."""
    first = registry.shape(items[0].type)
    for candidate in first.parents if first else ():
        if all(registry.is_a(item.type, candidate) for item in items):
            return candidate
    return items[0].type


@cache
def writer_for(version: str) -> Writer:
    """Return the writer for clients of a version (by pyVmomi's name of it)."""
    return Writer(version)
