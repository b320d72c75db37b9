"""ConvertTo-Json and ConvertFrom-Json, with the rules of Windows PowerShell 5.1."""

from __future__ import annotations

import json
import math
import uuid
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import orjson

from hvsim_fakes.powershell.cmdlet import Body, Call, Parameter, Stages
from hvsim_fakes.powershell.cmdlets.tables import UTILITY
from hvsim_fakes.powershell.errors import failure
from hvsim_fakes.powershell.objects.enums import EnumValue
from hvsim_fakes.powershell.objects.members import list_members
from hvsim_fakes.powershell.objects.moments import LOCAL, UNIX_EPOCH, DateTime
from hvsim_fakes.powershell.objects.nettype import NetObject
from hvsim_fakes.powershell.objects.registry import type_of
from hvsim_fakes.powershell.objects.text import net_text, object_text, to_text
from hvsim_fakes.powershell.objects.values import (
    NOTHING,
    Hashtable,
    PSObject,
    elements,
    is_list,
)

if TYPE_CHECKING:
    from hvsim_fakes.powershell.limits import Budget


_DEEPEST: Final = 100
_KEPT: Final = 50_000
"""Texts of objects that are kept at most."""


_SIGNS: Final = {
    ord(char): f"\\u{ord(char):04x}" for char in "<>&'\u0085\u2028\u2029"
}  # what .NET's JavaScriptSerializer, on which 5.1 builds, escapes beside control characters


@UTILITY.cmdlet(
    "ConvertTo-Json",
    Parameter(
        "InputObject", "object", position=0, mandatory=True, pipeline=True, null=True, empty=True
    ),
    Parameter("Depth", "int", default=2, least=1, most=100),
    Parameter("Compress", "switch"),
)
class ConvertToJson(Stages):
    """Objects as JSON; several of the pipeline become an array."""

    def __init__(self) -> None:
        self.items: list[Any] = []

    def process(self, call: Call) -> Body:
        """Take an object."""
        self.items.append(call.get("InputObject") if call.item is NOTHING else call.item)
        yield from ()

    def end(self, call: Call) -> Body:
        """Give the text."""
        if not self.items:
            return
        value = self.items[0] if len(self.items) == 1 else self.items
        engine = call.engine
        compress = call.on("Compress")
        shaper = Shaper(int(call.get("Depth", 2)), engine, engine.budget, compress=compress)
        yield text_of(shaper.shape(value, 0), compress=compress)


class Shaper:
    """Turns values into what JSON has."""

    def __init__(self, depth: int, engine: Any, budget: Budget, *, compress: bool = False) -> None:
        self.depth = depth
        self.engine = engine
        self.budget = budget
        self.compress = compress

    def shape(self, value: Any, level: int) -> Any:
        """Return a value in terms of JSON."""
        self.budget.step()
        if value is NOTHING:
            return {}
        if value is None or isinstance(value, str | bool):
            return value if not isinstance(value, str) else str(value)
        if isinstance(value, int):
            return int(value)
        if isinstance(value, float | Decimal):
            return _real(value)
        return self._special(value, level)

    def _special(self, value: Any, level: int) -> Any:  # noqa: PLR0911 - a case a line
        if isinstance(value, EnumValue):
            return value.number
        if isinstance(value, uuid.UUID):
            return str(value)
        if isinstance(value, DateTime):
            return _Date(value)
        if level > self.depth:
            return _flat(value)
        if is_list(value):
            return [self.shape(one, level + 1) for one in elements(value)]
        if isinstance(value, Hashtable):
            return {to_text(key): self.shape(one, level + 1) for key, one in value.items()}
        return self._object(value, level)

    def _object(self, value: Any, level: int) -> Any:
        if self.compress and isinstance(value, NetObject) and not value.extra:
            known = value.ps_type.fragment(value.data, self.depth - level)
            if known is not None:
                return self._kept(value, level, *known)
        return self._members(value, level)

    def _kept(self, value: Any, level: int, cache: dict[Any, bytes], key: Any) -> Any:
        """Return an object's text as it was written before, or write it and keep it."""
        place = (value.ps_type.name, self.depth - level, key)
        found = cache.get(place)
        if found is None:
            if len(cache) > _KEPT:
                cache.clear()
            found = cache[place] = text_of(self._members(value, level), compress=True).encode(
                "utf-8", "surrogatepass"
            )
        self.budget.step()
        return _Kept(found)

    def _members(self, value: Any, level: int) -> Any:
        found = {}
        for name, one in list_members(value, self.engine):
            found[name] = self.shape(one, level + 1)
        if not found and not isinstance(value, PSObject | NetObject):
            return net_text(value)
        return found


class _Kept:
    """JSON that was written before."""

    __slots__ = ("data",)

    def __init__(self, data: bytes) -> None:
        self.data = data

    @property
    def text(self) -> str:
        """The JSON."""
        return self.data.decode("utf-8", "surrogatepass")


class _Date:
    """A date, which 5.1 writes as milliseconds since 1970 in ``Date( )``."""

    def __init__(self, moment: DateTime) -> None:
        ticks = moment.utc_ticks if moment.kind == LOCAL else moment.ticks
        self.text = f'"\\/Date({(ticks - UNIX_EPOCH) // 10_000})\\/"'


def _flat(value: Any) -> str:
    if is_list(value):
        return " ".join(
            _flat(one) if isinstance(one, PSObject) else to_text(one) for one in elements(value)
        )
    if isinstance(value, PSObject):
        return object_text(value)
    return type_of(value).name if isinstance(value, Hashtable) else net_text(value)


def _real(value: Any) -> Any:
    if isinstance(value, Decimal):
        return _Number(format(value, "f"))
    if math.isnan(value) or math.isinf(value):
        return net_text(value)
    text = f"{value:.15G}"  # .NET's round-trip format: 17 digits where 15 are not enough
    return _Number(text if float(text) == value else f"{value:.17G}")


class _Number:
    """A number whose digits are settled."""

    def __init__(self, text: str) -> None:
        self.text = text


def text_of(value: Any, *, compress: bool) -> str:
    """Return JSON as 5.1 lays it out: values under the end of their names."""
    if compress:
        return _written(value)
    return _laid_out(value, 0)


def _string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).translate(_SIGNS)


def _scalar(value: Any) -> str:
    if isinstance(value, _Date | _Number | _Kept):
        return value.text
    if isinstance(value, str):
        return _string(value)
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _written(value: Any) -> str:
    """Return compressed JSON by a library where that can, by our own means elsewhere."""
    try:
        text = orjson.dumps(value, default=_fragment).decode()
    except (TypeError, UnicodeDecodeError):
        # A number that is too large for it, or half of a surrogate pair.
        return _compressed(value)
    # These four stand in texts alone; what was kept has none of them left.
    return text.translate(_SIGNS).replace("\x7f", "\\u007f")


def _fragment(value: Any) -> Any:
    if isinstance(value, _Kept):
        return orjson.Fragment(value.data)
    if isinstance(value, _Date | _Number):
        return orjson.Fragment(value.text)
    raise TypeError


def _compressed(value: Any) -> str:
    if isinstance(value, dict):
        inner = ",".join(f"{_string(key)}:{_compressed(one)}" for key, one in value.items())
        return "{" + inner + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_compressed, value)) + "]"
    return _scalar(value)


def _laid_out(value: Any, indent: int) -> str:
    pad = " " * (indent + 4)
    if isinstance(value, dict):
        if not value:
            return "{\r\n\r\n" + " " * indent + "}"
        lines = []
        for key, one in value.items():
            name = f"{_string(key)}:  "
            lines.append(f"{pad}{name}{_laid_out(one, indent + 4 + len(name))}")
        return "{\r\n" + ",\r\n".join(lines) + "\r\n" + " " * indent + "}"
    if isinstance(value, list):
        if not value:
            return "[\r\n\r\n" + " " * indent + "]"
        lines = [pad + _laid_out(one, indent + 4) for one in value]
        return "[\r\n" + ",\r\n".join(lines) + "\r\n" + " " * indent + "]"
    return _scalar(value)


@UTILITY.cmdlet(
    "ConvertFrom-Json",
    Parameter("InputObject", "string", position=0, mandatory=True, pipeline=True, empty=True),
)
class ConvertFromJson(Stages):
    """JSON as objects; lines of the pipeline belong together."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def process(self, call: Call) -> Body:
        """Take a line."""
        self.lines.append(to_text(call.get("InputObject")))
        yield from ()

    def end(self, call: Call) -> Body:
        """Give the objects."""
        texts = self.lines
        if len(texts) > 1 and _whole(texts[0]):
            for one in texts:
                yield _objects(call, one)
            return
        yield _objects(call, "\r\n".join(texts))


def _whole(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _objects(call: Call, text: str) -> Any:
    if not text.strip():
        return None
    call.engine.budget.hold(len(text) * 4)
    try:
        return _value(json.loads(text, parse_int=_integer, parse_constant=_refuse))
    except (ValueError, RecursionError):
        shown = text if len(text) < 200 else text[:200]
        raise failure(
            f"Invalid JSON primitive: {_first_word(shown)}.",
            "System.ArgumentException",
            "NotSpecified",
            exception="System.ArgumentException",
        ) from None


def _first_word(text: str) -> str:
    word = ""
    for char in text.strip():
        if not (char.isalnum() or char in "._-"):
            break
        word += char
    return word


def _refuse(text: str) -> Any:
    raise ValueError(text)


def _integer(text: str) -> Any:
    number = int(text) if len(text) < 40 else float(text)
    return number if abs(number) < 2**63 else Decimal(text)


def _value(value: Any) -> Any:
    if isinstance(value, dict):
        return PSObject((key, _value(one)) for key, one in value.items())
    if isinstance(value, list):
        return [_value(one) for one in value]
    if isinstance(value, float):
        return Decimal(repr(value)) if abs(value) < 1e27 and "e" not in repr(value) else value
    if isinstance(value, str) and value.startswith("/Date(") and value.endswith(")/"):
        digits = value[6:-2].partition("+")[0]
        if digits.lstrip("-").isdecimal():
            return DateTime(UNIX_EPOCH + int(digits) * 10_000, 1)
    return value
