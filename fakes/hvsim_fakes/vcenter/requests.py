"""Reads SOAP requests: which method of which object, with which arguments."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as Base64Error
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

import orjson

from hvsim.vcenter.faults import VimFault
from hvsim.vcenter.values import Data, Ref
from hvsim_fakes import wirelog
from hvsim_fakes.vcenter import registry

if TYPE_CHECKING:
    from hvsim_fakes.vcenter.registry import Field, Method

_SOAP: Final = "{http://schemas.xmlsoap.org/soap/envelope/}"
_XSI_TYPE: Final = "{http://www.w3.org/2001/XMLSchema-instance}type"
_OURS: Final = f"{{{registry.NAMESPACE}}}"
_THIS: Final = f"{_OURS}_this"
_DEEPEST: Final = 200
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,19}")
_BITS: Final = {"byte": 8, "short": 16, "int": 32, "long": 64}
_BOOLEANS: Final = {"true": True, "1": True, "false": False, "0": False}
_REMEMBERED: Final = 256
_LONGEST: Final = 4_096
_SECRET: Final = re.compile(rb'"[^"]*(pass|secret|token|cookie|credential|pwd)', re.IGNORECASE)
_SECRETS: Final = frozenset({"password", "cloneTicket", "token"})


_NO_DOCTYPE: Final = "\nA document type declaration is not allowed in a SOAP message"


class UnreadableError(Exception):
    """A body in which no method could be made out; its text is the fault's."""


@dataclass(frozen=True)
class Incoming:
    """One call as it came: its arguments by name, those that were left out not there."""

    method: Method
    this: Ref
    args: dict[str, Any]

    @cached_property
    def told(self) -> dict[str, object]:
        """What the wire log tells of it, without secrets."""
        told: dict[str, object] = {"_this": str(self.this)}
        for name, value in self.args.items():
            told[name] = wirelog.MASK if name in _SECRETS else _shown(value)
        return wirelog.mask(told)


class Reader:
    """Reads requests, and remembers them: clients send most again and again unchanged.

    Logins are among them, for a lab keeps its passwords in clear in any case.
    """

    def __init__(self) -> None:
        self._known: dict[bytes, Incoming] = {}

    def read(self, body: bytes) -> Incoming:
        """Return the call a body carries. Who gets it never changes its arguments.

        Raises:
            UnreadableError: when it is no SOAP request.
            VimFault: ``InvalidRequest`` when the method or an argument is not vim25's.
        """
        found = self._known.get(body)
        if found is None:
            found = _incoming(_operation(parse(body)))
            if len(body) <= _LONGEST:
                self._remember(body, found)
        return found

    def _remember(self, body: bytes, incoming: Incoming) -> None:
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[body] = incoming


def _shown(value: Any) -> object:
    """Return an argument as the wire log tells it: what is no scalar as JSON, without secrets."""
    if isinstance(value, str | int | float):
        return value
    text = orjson.dumps(value, default=str)
    if _SECRET.search(text):
        text = orjson.dumps(wirelog.mask({"told": orjson.loads(text)})["told"])
    return text.decode()


def invalid_request(why: str, where: str = "SOAP body") -> VimFault:
    """Return vCenter's fault about a request that is not as vim25 says."""
    return VimFault("InvalidRequest", msg=f"{why}\n\nwhile parsing {where}")


class _Limited:
    """Builds the tree, refusing what SOAP forbids (document types) and absurd depth."""

    def __init__(self) -> None:
        self._open: list[Element] = []
        self._text: list[str] = []
        self._last: Element | None = None
        self._root: Element | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._flush()
        element = Element(tag, attributes)
        if self._open:
            self._open[-1].append(element)
        else:
            self._root = element
        self._open.append(element)
        self._last = None
        if len(self._open) > _DEEPEST:
            raise UnreadableError("\nElements are nested too deeply")

    def end(self, _tag: str) -> None:
        self._flush()
        self._open.pop()
        self._last = None

    def data(self, text: str) -> None:
        self._text.append(text)

    def doctype(self, _name: str, _public: str | None, _system: str | None) -> None:
        raise UnreadableError(_NO_DOCTYPE)

    def close(self) -> Element:
        if self._root is None:
            raise UnreadableError("\nError returned by expat parser: no element found")
        return self._root

    def _flush(self) -> None:
        if self._text:
            if self._open and not len(self._open[-1]):
                self._open[-1].text = "".join(self._text)
            self._text.clear()


class _Quick(TreeBuilder):
    """Builds the tree of a body that is too small to be absurdly deep."""

    def doctype(self, _name: str, _public: str | None, _system: str | None) -> None:
        raise UnreadableError(_NO_DOCTYPE)


def parse(body: bytes) -> Element:
    """Return a document's root; raise ``UnreadableError``. Document types are refused."""
    target = _Quick() if body.count(b"<") <= _DEEPEST else _Limited()
    parser = XMLParser(target=target)  # noqa: S314 - the targets refuse document types
    try:
        parser.feed(body)
        root: Element = parser.close()
    except ParseError as error:
        raise UnreadableError(_unreadable(str(error).partition(":")[0])) from None
    except (LookupError, ValueError):
        raise UnreadableError(_unreadable("unknown encoding")) from None
    except UnreadableError as error:
        raise UnreadableError(_placed(str(error))) from None
    return root


def _unreadable(why: str) -> str:
    return _placed(f"\nError returned by expat parser: {why}")


def _placed(why: str) -> str:
    return f"{why}\n\nwhile parsing HTTP request before method was determined\nat line 1, column 0"


def _operation(root: Element) -> Element:
    if root.tag != f"{_SOAP}Envelope":
        raise UnreadableError(_placed("\nThe root element is not a SOAP envelope"))
    body = root.find(f"{_SOAP}Body")
    if body is None or not len(body):
        raise UnreadableError(_placed("\nThe SOAP envelope has no body"))
    return body[0]


def _qualify(operation: Element) -> None:
    """Put a call that names no namespace into vim25's, as govc's signed logins come."""
    for element in operation.iter():
        if not element.tag.startswith("{"):
            element.tag = f"{_OURS}{element.tag}"


def _incoming(operation: Element) -> Incoming:
    if not operation.tag.startswith("{"):
        _qualify(operation)
    namespace, _, name = operation.tag.rpartition("}")
    if f"{namespace}}}" != _OURS:
        shown = namespace.removeprefix("{")
        raise invalid_request(f'Unsupported namespace "{shown}" in content of SOAP body')
    method = registry.method(name)
    if method is None:
        raise invalid_request(
            f"Unable to resolve WSDL method name {name} for namespace {registry.NAMESPACE}"
        )
    this = operation.find(_THIS)
    if this is None:
        raise invalid_request(f"Missing parameter _this in call of method {name}")
    try:
        args = _fields(operation, method.params, f"call of method {name}", skip=_THIS)
    except RecursionError:
        raise invalid_request("Elements are nested too deeply") from None
    return Incoming(method, _reference(this, "ManagedObject"), args)


def _fields(
    element: Element, known: dict[str, Field], where: str, skip: str = ""
) -> dict[str, Any]:
    """Return the values of an element's children by the fields they are for."""
    found: dict[str, Any] = {}
    for child in element:
        tag = child.tag.rpartition("}")[2]
        field = known.get(tag)
        if field is None:
            if child.tag == skip or tag in ("dynamicType", "dynamicProperty"):
                continue
            raise invalid_request(f"Unexpected element tag {tag!r} seen", where)
        value = _value(child, field)
        if field.many:
            found.setdefault(tag, []).append(value)
        else:
            found[tag] = value
    for field in known.values():
        if field.optional or field.name in found:
            continue
        if field.many:
            found[field.name] = []
        else:
            raise invalid_request(
                f'Required parameter or property "{field.name}" is missing', where
            )
    return found


def _value(element: Element, field: Field) -> Any:
    said = element.get(_XSI_TYPE)
    if said is not None:
        name = said.rpartition(":")[2]
        if name != field.type or field.kind == "any":
            return _as_said(element, field, name)
    if field.kind == "scalar":
        return _scalar(element, field.type)
    if field.kind == "reference":
        return _reference(element, field.type)
    if field.kind == "enum":
        return _enum(element, field.type)
    if field.kind == "any":
        return _scalar(element, "string")
    return _data(element, field.type)


def typed_value(element: Element, field: Field) -> Any:
    """Return the value of an element that is no data object.

    Raises:
        VimFault: ``InvalidRequest`` when it is not as vim25 says.
    """
    return _value_of(element, field)


def _as_said(element: Element, field: Field, name: str) -> Any:
    """Read a value that names its own type."""
    if field.kind in ("scalar", "reference", "enum"):
        plain = registry.named_type(name)
        if plain is None or plain.kind == "data":
            raise _wrong_type(name, field.type)
        return _value_of(element, field)
    items = registry.element_type(name)
    if items is not None:
        return [_value_of(child, items) for child in element]
    known = registry.named_type(name)
    if known is None:
        raise invalid_request(f'Unable to resolve WSDL type name "{name}"')
    if field.kind == "data" and not registry.is_a(name, field.type):
        raise _wrong_type(name, field.type)
    return _value_of(element, known)


def _value_of(element: Element, field: Field) -> Any:
    if field.kind == "data":
        said = element.get(_XSI_TYPE)
        return _data(element, said.rpartition(":")[2] if said else field.type)
    if field.kind == "reference":
        return _reference(element, field.type)
    if field.kind == "enum":
        return _enum(element, field.type)
    return _scalar(element, field.type if field.kind == "scalar" else "string")


def _wrong_type(said: str, wanted: str) -> VimFault:
    return invalid_request(f'Type "{said}" is not compatible with the expected type "{wanted}"')


def _data(element: Element, name: str) -> Data:
    known = registry.shape(name)
    if known is None or known.kind != "data":
        raise invalid_request(f'Unable to resolve WSDL type name "{name}"')
    return Data(name, _fields(element, known.fields, f"data object of type {name}"))


def _reference(element: Element, declared: str) -> Ref:
    kind = element.get("type")
    if kind is None:
        said = element.get(_XSI_TYPE, declared).rpartition(":")[2]
        kind = declared if said == "ManagedObjectReference" else said
    return Ref(kind.rpartition(":")[2], (element.text or "").strip())


def _enum(element: Element, name: str) -> str:
    text = element.text or ""
    if text not in registry.enum_values(name):
        raise invalid_request(f'"{text}" is not a valid value of the enumeration {name}')
    return text


def _scalar(element: Element, kind: str) -> Any:
    text = element.text or ""
    if kind in ("string", "anyURI"):
        return text
    text = text.strip()
    try:
        return _converted(text, kind)
    except (ValueError, OverflowError, KeyError, Base64Error):
        raise invalid_request(f'"{text}" is not a valid value of type {kind}') from None


def _converted(text: str, kind: str) -> Any:
    if kind == "boolean":
        return _BOOLEANS[text]
    if kind in _BITS:
        return _integer(text, _BITS[kind])
    if kind in ("double", "float"):
        return float(text)
    if kind == "base64Binary":
        return b64decode(text, validate=False)
    when = datetime.fromisoformat(text)
    return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)


def _integer(text: str, bits: int) -> int:
    if _INTEGER.fullmatch(text) is None:
        raise ValueError(text)
    number = int(text)
    if not -(2 ** (bits - 1)) <= number < 2 ** (bits - 1):
        raise OverflowError(text)
    return number
