"""Writes XML-RPC answers.

A writer is compiled once for every XenAPI type; a record's becomes one format string and one
tuple of field writers, so that writing a record is a single string format. Integers travel as
untyped text, the null datetime as any other, ``void`` as the empty string.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from operator import itemgetter
from typing import Any, Final, TypeAlias

from hvsim.xenserver.model import ClassModel, Model, Type

Writer: TypeAlias = Callable[[Any], str]

_NO_CONTROL: Final = {code: None for code in range(32) if chr(code) not in "\t\n\r"}
_ESCAPES: Final = {**_NO_CONTROL, 34: "&quot;", 38: "&amp;", 60: "&lt;", 62: "&gt;"}
_REMEMBERED: Final = 100_000
_LONGEST_REMEMBERED: Final = 200


class _Escaped(dict[str, str]):
    """Escaped text by raw text: most strings of a record occur in many others too."""

    def __missing__(self, text: str) -> str:
        escaped = text.translate(_ESCAPES)
        if len(text) <= _LONGEST_REMEMBERED:
            if len(self) >= _REMEMBERED:
                self.clear()
            self[text] = escaped
        return escaped


_ESCAPED: Final = _Escaped()
escape: Final[Callable[[str], str]] = _ESCAPED.__getitem__
"""Escape text for element content; characters XML cannot carry are left out, as the product
does."""

EMPTY_ARRAY: Final = "<value><array><data></data></array></value>"
EMPTY_STRUCT: Final = "<value><struct></struct></value>"


def string(text: str) -> str:
    """Write a string value."""
    return f"<value>{_ESCAPED[text]}</value>"


def array(items: Iterable[str]) -> str:
    """Write an array of values that are already written."""
    return f"<value><array><data>{''.join(items)}</data></array></value>"


def struct(members: Iterable[tuple[str, str]]) -> str:
    """Write a struct of values that are already written."""
    inner = "".join(
        f"<member><name>{_ESCAPED[name]}</name>{value}</member>" for name, value in members
    )
    return f"<value><struct>{inner}</struct></value>"


def _bare(kind: Type) -> tuple[str, Writer] | None:
    """Return the text around a scalar and what writes it, or ``None`` for a compound type."""
    match kind.kind:
        case "int":
            return "<value>%s</value>", int.__repr__
        case "bool":
            return "<value><boolean>%s</boolean></value>", _BOOLEANS.__getitem__
        case "float":
            return "<value><double>%s</double></value>", "{:.16g}".format
        case "datetime":
            return "<value><dateTime.iso8601>%s</dateTime.iso8601></value>", escape
        case "string" | "ref" | "enum" | "void":
            return "<value>%s</value>", escape
        case _:
            return None


_BOOLEANS: Final[dict[bool, str]] = {False: "0", True: "1"}


@cache
def writer(kind: Type) -> Writer:
    """Return the writer of one type that names no record class."""
    scalar = _bare(kind)
    if scalar is not None:
        text, write = scalar
        return lambda value: text % write(value)
    if kind.kind == "set" and kind.of is not None:
        return _set_writer(writer(kind.of))
    if kind.kind == "map" and kind.value is not None:
        return _map_writer(writer(kind.value))
    return untyped


def _set_writer(write: Writer) -> Writer:
    def write_set(items: Sequence[Any]) -> str:
        return array(map(write, items)) if items else EMPTY_ARRAY

    return write_set


def _map_writer(write: Writer) -> Writer:
    def write_map(items: dict[str, Any]) -> str:
        if not items:
            return EMPTY_STRUCT
        return struct((key, write(value)) for key, value in items.items())

    return write_map


def untyped(value: Any) -> str:
    """Write a value by its Python type: for the few answers the model gives no type for."""
    if isinstance(value, dict):
        return struct((key, untyped(item)) for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return array(map(untyped, value))
    kind = _PYTHON_TYPES.get(type(value))
    return "<value><nil/></value>" if kind is None else writer(kind)(value)


_PYTHON_TYPES: Final = {
    bool: Type("bool"),
    int: Type("int"),
    float: Type("float"),
    str: Type("string"),
}


class RecordWriter:
    """Writes whole records of one class."""

    def __init__(self, cls: ClassModel) -> None:
        parts: list[str] = []
        self._writers: list[Writer] = []
        for name, field in cls.fields.items():
            text, write = _bare(field.type) or ("%s", writer(field.type))
            parts.append(f"<member><name>{name}</name>{text}</member>")
            self._writers.append(write)
        self._format = f"<value><struct>{''.join(parts)}</struct></value>"
        names = list(cls.fields)
        # itemgetter gives a bare value, not a tuple, for a single name.
        self._values = itemgetter(*names) if len(names) > 1 else _tuple_of(names)

    def __call__(self, row: dict[str, Any]) -> str:
        """Return the ``<value>`` of one record."""
        pairs = zip(self._writers, self._values(row), strict=True)
        return self._format % tuple([write(value) for write, value in pairs])


def _tuple_of(names: list[str]) -> Callable[[dict[str, Any]], tuple[Any, ...]]:
    return lambda row: tuple(row[name] for name in names)


@cache
def record_writer(model: Model, cls: str) -> RecordWriter:
    """Return the writer of a class's records as the model's release has them."""
    return RecordWriter(model.classes[cls])


def result(model: Model, kind: Type, value: Any) -> str:
    """Write a message's result: a ``<value>`` element."""
    if kind.kind == "void":
        return "<value></value>"
    return compile_writer(model, kind)(value)


@cache
def compile_writer(model: Model, kind: Type) -> Writer:
    """Return the writer of any type, records included."""
    if kind.kind == "record":
        cls = model.classes.get(kind.cls or "")
        stored = cls is not None and cls.in_database
        return record_writer(model, cls.name) if cls is not None and stored else untyped
    if kind.kind == "set" and kind.of is not None:
        return _set_writer(compile_writer(model, kind.of))
    if kind.kind == "map" and kind.value is not None:
        return _map_writer(compile_writer(model, kind.value))
    return writer(kind)


_HEAD: Final = (
    '<?xml version="1.0"?><methodResponse><params><param><value><struct><member><name>Status'
    "</name><value>"
)
_SUCCESS: Final = f"{_HEAD}Success</value></member><member><name>Value</name>"
_FAILURE: Final = f"{_HEAD}Failure</value></member><member><name>ErrorDescription</name>"
_TAIL: Final = "</member></struct></value></param></params></methodResponse>"
SUCCESS_HEAD: Final = _SUCCESS.encode()
SUCCESS_TAIL: Final = _TAIL.encode()


def success(value: str) -> bytes:
    """Return the document that answers with a written value."""
    return f"{_SUCCESS}{value}{_TAIL}".encode()


def failure(error: Sequence[str]) -> bytes:
    """Return the document that answers with an error: its code, then its parameters."""
    return f"{_FAILURE}{array(map(string, error))}{_TAIL}".encode()


def bare(value: str) -> bytes:
    """Return a document whose parameter is the value itself, without a status."""
    return (
        f'<?xml version="1.0"?><methodResponse><params><param>{value}</param></params>'
        "</methodResponse>"
    ).encode()


def fault(text: str) -> bytes:
    """Return an XML-RPC fault, as releases before 6.0 answer calls they cannot make."""
    detail = (
        "<value><struct><member><name>faultCode</name><value><i4>0</i4></value></member>"
        f"<member><name>faultString</name>{string(text)}</member></struct></value>"
    )
    head = '<?xml version="1.0"?><methodResponse><fault>'
    return f"{head}{detail}</fault></methodResponse>".encode()
