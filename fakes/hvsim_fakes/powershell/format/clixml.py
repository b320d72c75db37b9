"""CLIXML: objects as XML, on the error stream of WinRS and in files."""

from __future__ import annotations

import base64
import math
import uuid
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import regex

from hvsim_fakes.powershell.objects.enums import EnumValue
from hvsim_fakes.powershell.objects.members import list_members
from hvsim_fakes.powershell.objects.moments import DateTime, TimeSpan
from hvsim_fakes.powershell.objects.nettype import NetType
from hvsim_fakes.powershell.objects.registry import type_of
from hvsim_fakes.powershell.objects.text import float_text, net_text, to_text
from hvsim_fakes.powershell.objects.values import (
    NOTHING,
    Byte,
    Char,
    Hashtable,
    Int16,
    Long,
    PSObject,
    SByte,
    SecureString,
    Single,
    UInt16,
    UInt32,
    UInt64,
    Version,
    elements,
    is_list,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

HEADER: Final = "#< CLIXML\r\n"
_OPEN: Final = '<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">'
_CLOSE: Final = "</Objs>"
_ESCAPED: Final = regex.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]|_(?=[xX])")
_TAGS: Final[dict[type, str]] = {
    Long: "I64",
    Byte: "By",
    SByte: "SB",
    Int16: "I16",
    UInt16: "U16",
    UInt32: "U32",
    UInt64: "U64",
    Single: "Sg",
}


def escaped(text: str) -> str:
    """Return a text with what XML cannot hold as ``_xHHHH_``, and its signs escaped."""
    plain = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _ESCAPED.sub(lambda found: f"_x{ord(found.group()):04X}_", plain)


def stream_element(text: str, stream: str) -> str:
    """Return a text as an element of a stream, as WinRS has them on stderr."""
    return f'<S S="{stream}">{escaped(text)}</S>'


def document(parts: Iterable[str]) -> str:
    """Return serialised objects as a document."""
    return f"{_OPEN}{''.join(parts)}{_CLOSE}"


class Writer:
    """Serialises objects; those met before are referred to."""

    def __init__(self, depth: int = 2) -> None:
        self.depth = depth
        self._count = 0
        self._types: dict[tuple[str, ...], int] = {}

    def write(self, value: Any, name: str = "", left: int | None = None) -> str:
        """Return a value as XML; ``name`` when it is a property."""
        left = self.depth if left is None else left
        mark = f' N="{escaped(name)}"' if name else ""
        found = _primitive(value)
        if found is not None:
            tag, text = found
            return f"<{tag}{mark}>{text}</{tag}>" if text is not None else f"<{tag}{mark} />"
        if left < 0:
            return f"<S{mark}>{escaped(to_text(value))}</S>"
        return self._object(value, mark, left)

    def _object(self, value: Any, mark: str, left: int) -> str:
        number = self._count
        self._count += 1
        head = f'<Obj{mark} RefId="{number}">{self._type(value)}'
        if isinstance(value, Hashtable):
            pairs = "".join(
                f"<En>{self.write(key, 'Key', left - 1)}{self.write(one, 'Value', left - 1)}</En>"
                for key, one in value.items()
            )
            return f"{head}<DCT>{pairs}</DCT></Obj>"
        if is_list(value):
            inner = "".join(self.write(one, "", left - 1) for one in elements(value))
            return f"{head}<LST>{inner}</LST></Obj>"
        if isinstance(value, EnumValue):
            return (
                f"{head}<ToString>{escaped(value.name)}</ToString><I32>{value.number}</I32></Obj>"
            )
        return head + self._properties(value, left) + "</Obj>"

    def _properties(self, value: Any, left: int) -> str:
        pairs = "".join(self.write(one, name, left - 1) for name, one in list_members(value))
        if isinstance(value, PSObject):
            return f"<MS>{pairs}</MS>"
        return f"<ToString>{escaped(net_text(value))}</ToString><Props>{pairs}</Props>"

    def _type(self, value: Any) -> str:
        names = (
            tuple(value.type_names)
            if isinstance(value, PSObject)
            else tuple(one.name for one in type_of(value).lineage())
        )
        if names in self._types:
            return f'<TNRef RefId="{self._types[names]}" />'
        number = self._types[names] = len(self._types)
        inner = "".join(f"<T>{escaped(one)}</T>" for one in names)
        return f'<TN RefId="{number}">{inner}</TN>'


def _primitive(value: Any) -> tuple[str, str | None] | None:  # noqa: PLR0911 - a case a line
    """Return the tag and text of a value that has one; None for objects."""
    if value is None or value is NOTHING:
        return "Nil", None
    if isinstance(value, Char):
        return "C", str(ord(value))
    if isinstance(value, str):
        return "S", escaped(value)
    if isinstance(value, bool):
        return "B", str(value).lower()
    if isinstance(value, int):
        return _TAGS.get(type(value), "I32" if -(2**31) <= value < 2**31 else "I64"), str(
            int(value)
        )
    if isinstance(value, float):
        return ("Sg" if isinstance(value, Single) else "Db"), _real(value)
    return _special(value)


def _real(value: float) -> str:
    if not math.isfinite(value):
        return float_text(value)
    return repr(float(value)).upper().removesuffix(".0")


def _special(value: Any) -> tuple[str, str | None] | None:  # noqa: PLR0911 - a case a line
    if isinstance(value, Decimal):
        return "D", format(value, "f")
    if isinstance(value, uuid.UUID):
        return "G", str(value)
    if isinstance(value, DateTime):
        return "DT", value.format("o")
    if isinstance(value, TimeSpan):
        return "TS", _duration(value)
    if isinstance(value, Version):
        return "Version", str(value)
    if isinstance(value, bytearray):
        return "BA", base64.b64encode(bytes(value)).decode()
    if isinstance(value, SecureString):
        return "SS", ""
    if isinstance(value, NetType):
        return "S", escaped(value.name)
    text = getattr(value, "text", None)
    if type_of(value).name.endswith("ScriptBlock") and isinstance(text, str):
        return "SBK", escaped(text)
    return None


def _duration(value: TimeSpan) -> str:
    days, hours, minutes, seconds, fraction = map(abs, value.parts)
    text = "-P" if value.ticks < 0 else "P"
    text += f"{days}D" if days else ""
    part = f".{fraction:07}".rstrip("0") if fraction else ""
    time = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    time += f"{seconds}{part}S" if seconds or part or not (days or time) else ""
    return text + (f"T{time}" if time else "")
