"""Writes XML-RPC answers, as bytes throughout.

A writer is compiled once for every XenAPI type; a record's becomes one format and one tuple of
field writers, so that writing a record is a single format operation. Integers travel as untyped
text, ``void`` as the empty string.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from hvsim.xenserver.database import Row
    from hvsim.xenserver.model import ClassModel, Model, Type

Writer: TypeAlias = Callable[[Any], bytes]

_CONTROLS: Final = (code for code in range(32) if chr(code) not in "\t\n\r")
_NO_XML: Final = dict.fromkeys((*_CONTROLS, *range(0xD800, 0xE000), 0xFFFE, 0xFFFF))
_ESCAPES: Final = {**_NO_XML, 34: "&quot;", 38: "&amp;", 60: "&lt;", 62: "&gt;"}
_REMEMBERED: Final = 100_000
_LONGEST_REMEMBERED: Final = 200


class _Texts(dict[str, bytes]):
    """Escaped text by raw text: most strings of a record occur in many others too."""

    def __missing__(self, text: str) -> bytes:
        escaped = text.translate(_ESCAPES).encode()
        if len(text) <= _LONGEST_REMEMBERED:
            if len(self) >= _REMEMBERED:
                self.clear()
            self[text] = escaped
        return escaped


class _Numbers(dict[int, bytes]):
    """Decimal digits by number; a truth value counts as 0 or 1, as XML-RPC writes it."""

    def __missing__(self, number: int) -> bytes:
        digits = b"%d" % number
        if len(self) >= _REMEMBERED:
            self.clear()
        self[number] = digits
        return digits


_TEXTS: Final = _Texts()
_NUMBERS: Final = _Numbers()
escape: Final[Callable[[str], bytes]] = _TEXTS.__getitem__
"""Escape text for element content; characters XML cannot carry are left out, as the product
does."""

EMPTY_ARRAY: Final = b"<value><array><data></data></array></value>"
EMPTY_STRUCT: Final = b"<value><struct></struct></value>"


def string(text: str) -> bytes:
    """Write a string value."""
    return b"<value>%s</value>" % _TEXTS[text]


def array(items: Iterable[bytes]) -> bytes:
    """Write an array of values that are already written."""
    return b"<value><array><data>%s</data></array></value>" % b"".join(items)


def struct(members: Iterable[tuple[str, bytes]]) -> bytes:
    """Write a struct of values that are already written."""
    inner = [b"<member><name>%s</name>%s</member>" % (_TEXTS[name], v) for name, v in members]
    return b"<value><struct>%s</struct></value>" % b"".join(inner)


def _double(value: float) -> bytes:
    return b"%.16g" % value


_SCALARS: Final[dict[str, tuple[bytes, Writer]]] = {
    "int": (b"<value>%s</value>", _NUMBERS.__getitem__),
    "bool": (b"<value><boolean>%s</boolean></value>", _NUMBERS.__getitem__),
    "float": (b"<value><double>%s</double></value>", _double),
    "datetime": (b"<value><dateTime.iso8601>%s</dateTime.iso8601></value>", escape),
    "string": (b"<value>%s</value>", escape),
    "ref": (b"<value>%s</value>", escape),
    "enum": (b"<value>%s</value>", escape),
    "void": (b"<value>%s</value>", escape),
}
"""By kind of type: the text around a value, and what writes the value itself."""


@cache
def writer(model: Model, kind: Type) -> Writer:
    """Return the writer of a type, records included."""
    scalar = _SCALARS.get(kind.kind)
    if scalar is not None:
        return _scalar_writer(*scalar)
    if kind.kind == "set" and kind.of is not None:
        return _set_writer(writer(model, kind.of))
    if kind.kind == "map" and kind.value is not None:
        return _map_writer(writer(model, kind.value))
    cls = model.classes.get(kind.cls or "")
    if kind.kind == "record" and cls is not None and (cls.in_database or cls.name == "message"):
        return record_writer(model, cls.name)
    return untyped


def _scalar_writer(text: bytes, write: Writer) -> Writer:
    return lambda value: text % write(value)


def _set_writer(write: Writer) -> Writer:
    def write_set(items: Sequence[Any]) -> bytes:
        return array(map(write, items)) if items else EMPTY_ARRAY

    return write_set


def _map_writer(write: Writer) -> Writer:
    def write_map(items: dict[str, Any]) -> bytes:
        if not items:
            return EMPTY_STRUCT
        return struct((key, write(value)) for key, value in items.items())

    return write_map


def untyped(value: Any) -> bytes:
    """Write a value by its Python type: for the few answers the model gives no type for."""
    if isinstance(value, dict):
        return struct((key, untyped(item)) for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return array(map(untyped, value))
    kind = _KINDS.get(type(value))
    if kind is None:
        return b"<value><nil/></value>"
    text, write = _SCALARS[kind]
    return text % write(value)


_KINDS: Final[dict[type, str]] = {bool: "bool", int: "int", float: "float", str: "string"}


class RecordWriter:
    """Writes whole records of one class."""

    def __init__(self, model: Model, cls: ClassModel) -> None:
        parts: list[bytes] = []
        self._writers: list[Writer] = []
        for name, field in cls.fields.items():
            text, write = _SCALARS.get(field.type.kind) or (b"%s", writer(model, field.type))
            parts.append(b"<member><name>%s</name>%s</member>" % (name.encode(), text))
            self._writers.append(write)
        self._record = b"<value><struct>%s</struct></value>" % b"".join(parts)
        self._member = b"<member><name>%%s</name>%s</member>" % self._record
        names = list(cls.fields)
        # itemgetter gives a bare value, not a tuple, for a single name.
        self._values = itemgetter(*names) if len(names) > 1 else _tuple_of(names)

    def __call__(self, row: Row) -> bytes:
        """Return the ``<value>`` of one record."""
        return self._record % tuple(self._written(row))

    def member(self, ref: str, row: Row) -> bytes:
        """Return a struct's member ``reference -> record``."""
        return self._member % (_TEXTS[ref], *self._written(row))

    def _written(self, row: Row) -> list[bytes]:
        pairs = zip(self._writers, self._values(row), strict=True)
        return [write(value) for write, value in pairs]


def _tuple_of(names: list[str]) -> Callable[[Row], tuple[Any, ...]]:
    return lambda row: tuple(row[name] for name in names)


@cache
def record_writer(model: Model, cls: str) -> RecordWriter:
    """Return the writer of a class's records as the model's release has them."""
    return RecordWriter(model, model.classes[cls])


def result(model: Model, kind: Type, value: Any) -> bytes:
    """Write a message's result: a ``<value>`` element."""
    return b"<value></value>" if kind.kind == "void" else writer(model, kind)(value)


_OPEN: Final = b'<?xml version="1.0"?><methodResponse>'
_STATUS: Final = (
    _OPEN + b"<params><param><value><struct><member><name>Status</name><value>%s</value></member>"
    b"<member><name>%s</name>"
)
SUCCESS_HEAD: Final = _STATUS % (b"Success", b"Value")
FAILURE_HEAD: Final = _STATUS % (b"Failure", b"ErrorDescription")
TAIL: Final = b"</member></struct></value></param></params></methodResponse>"


def success(value: bytes) -> bytes:
    """Return the document that answers with a written value."""
    return b"".join((SUCCESS_HEAD, value, TAIL))


def failure(error: Sequence[str]) -> bytes:
    """Return the document that answers with an error: its code, then its parameters."""
    return b"".join((FAILURE_HEAD, array(map(string, error)), TAIL))


def bare(value: bytes) -> bytes:
    """Return a document whose parameter is the value itself, without a status."""
    return b"%s<params><param>%s</param></params></methodResponse>" % (_OPEN, value)


def fault(text: str) -> bytes:
    """Return an XML-RPC fault, as releases before 6.0 answer calls they cannot make."""
    detail = struct((("faultCode", b"<value><i4>0</i4></value>"), ("faultString", string(text))))
    return b"%s<fault>%s</fault></methodResponse>" % (_OPEN, detail)
