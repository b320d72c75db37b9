"""Reads XML-RPC calls.

Bounded in size, depth and number of elements. Document type declarations are refused, so no
entity can be declared, expanded or fetched. The shape is judged as strictly as the product's
own parser judges it: a call it cannot read ends in HTTP 500, not in an XML-RPC answer.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from xml.parsers import expat

from hvsim_fakes.xenserver.values import DateTime, RpcValue, quote

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_DEPTH: Final = 100
"""Deepest nesting of elements: some thirty nested arrays."""
MAX_ELEMENTS: Final = 500_000
MAX_BYTES: Final = 20 * 1024 * 1024

_INT64: Final = 1 << 63


class MalformedCallError(Exception):
    """The request is no call. The text reads as the product's own parser reports it."""


@dataclass(slots=True)
class MethodCall:
    """One call: the method's name as written, and its parameters in order."""

    name: str
    params: list[RpcValue] = field(default_factory=list)


_CHILDREN: Final = {
    "": {"methodCall"},
    "methodCall": {"methodName", "params"},
    "params": {"param"},
    "param": {"value"},
    "value": {
        "int", "i4", "i8", "boolean", "double", "string", "dateTime.iso8601", "base64", "array",
        "struct", "nil",
    },
    "array": {"data"},
    "data": {"value"},
    "struct": {"member"},
    "member": {"name", "value"},
}  # fmt: skip


def _integer(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        raise MalformedCallError('Failure("Int64.of_string")') from None
    if not -_INT64 <= number < _INT64:
        raise MalformedCallError('Failure("Int64.of_string")')
    return number


def _double(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise MalformedCallError('Failure("float_of_string")') from None


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=False)
    except (binascii.Error, ValueError):
        raise MalformedCallError('Invalid_argument("Base64")') from None


_LEAVES: Final[dict[str, Callable[[str], RpcValue]]] = {
    "int": _integer,
    "i4": _integer,
    "i8": _integer,
    "boolean": lambda text: text == "1",
    "double": _double,
    "string": str,
    "dateTime.iso8601": DateTime,
    "base64": _base64,
    "nil": lambda _: None,
}
_MAY_BE_EMPTY: Final = {"string", "nil", "array", "struct", "value"}


class _Reader:
    """Builds the call from expat's events. Each open element is a frame ``[tag, parts]``."""

    def __init__(self) -> None:
        self._frames: list[tuple[str, list[Any]]] = [("", [])]
        self._text: list[str] = []
        self._elements = 0
        self.call: MethodCall | None = None

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        parent, parts = self._frames[-1]
        self._elements += 1
        misplaced = parent == "member" and (tag == "name") != (not parts)
        if misplaced or tag not in _CHILDREN.get(parent, ()):
            raise _unexpected(f"open_tag({tag})", f"close_tag({parent})")
        if len(self._frames) > MAX_DEPTH or self._elements > MAX_ELEMENTS:
            raise MalformedCallError("Xmlrpc: too deep or too many elements")
        self._blank(f"open_tag({tag})")
        self._frames.append((tag, []))

    def text(self, data: str) -> None:
        self._text.append(data)

    def end(self, tag: str) -> None:
        _, parts = self._frames.pop()
        if tag in _LEAVES:
            value = self._leaf(tag)
        elif tag in ("name", "methodName"):
            value = self._take()
        else:
            value = self._compound(tag, parts)
        self._frames[-1][1].append(value)

    def _leaf(self, tag: str) -> RpcValue:
        text = self._take()
        if not text and tag not in _MAY_BE_EMPTY:
            raise _unexpected(f"empty_{tag}", tag)
        return _LEAVES[tag](text)

    def _compound(self, tag: str, parts: list[Any]) -> RpcValue:
        if tag == "value" and not parts:
            return self._take()
        self._blank(f"close_tag({tag})")
        if tag == "methodCall":
            self.call = _call(parts)
            return None
        value: RpcValue = _COMPOUNDS[tag](parts)
        return value

    def _blank(self, expected: str) -> None:
        text = self._take()
        if text and not text.isspace():
            raise _unexpected(f"data({text})", expected)

    def _take(self) -> str:
        text = "".join(self._text)
        self._text.clear()
        return text


def _only(parts: list[Any]) -> Any:
    if len(parts) != 1:
        raise _unexpected(*(("open_tag", "close_tag") if parts else ("close_tag", "open_tag")))
    return parts[0]


def _first(parts: list[Any]) -> Any:
    return _only(parts) if parts else []


def _struct(parts: list[Any]) -> RpcValue:
    return dict(parts)


def _same(parts: list[Any]) -> RpcValue:
    return parts


def _member(parts: list[Any]) -> tuple[str, RpcValue]:
    if len(parts) != 2 or not isinstance(parts[0], str):
        raise _unexpected("close_tag", "open_tag(value)")
    return parts[0], parts[1]


_COMPOUNDS: Final[dict[str, Callable[[list[Any]], Any]]] = {
    "value": _only,
    "param": _only,
    "array": _first,
    "data": _same,
    "struct": _struct,
    "member": _member,
    "params": _same,
}


def _call(parts: list[Any]) -> MethodCall:
    if len(parts) != 2 or not isinstance(parts[0], str) or not isinstance(parts[1], list):
        raise _unexpected("close_tag", "open_tag")
    return MethodCall(parts[0], parts[1])


def _unexpected(got: str, expected: str) -> MalformedCallError:
    return MalformedCallError(f"Xmlrpc.Parse_error({quote(got)}, {quote(expected)}, _)")


def _refuse_doctype(*_: object) -> None:
    raise MalformedCallError("Xmlrpc: document type declarations are not accepted")


def parse_call(body: bytes) -> MethodCall:
    """Read one ``methodCall`` document.

    Raises:
        MalformedCallError: for anything that is not one.
    """
    if len(body) > MAX_BYTES:
        raise MalformedCallError("Http_svr.Client_requested_size_over_limit")
    parser = expat.ParserCreate()
    reader = _Reader()
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, LookupError, ValueError):
        raise MalformedCallError("Xmlm.Error(_, _)") from None
    if reader.call is None:
        raise _unexpected("close_tag", "open_tag(methodCall)")
    return reader.call
