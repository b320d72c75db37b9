"""Values as a remote procedure call carries them, before they have a XenAPI type.

Plain Python stands for most of them: ``None`` (nil), ``bool``, ``int``, ``float``, ``str``,
``bytes`` (base64), ``list`` (array), ``dict`` (struct). Only a date needs its own class, since
the product tells it from a string.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


class DateTime(str):
    """A ``dateTime.iso8601`` value as it was written."""

    __slots__ = ()


RpcValue: TypeAlias = (
    "bool | int | float | str | bytes | list[RpcValue] | dict[str, RpcValue] | None"
)


def describe(value: RpcValue) -> str:
    """Write a value the way the product's error texts do, e.g. ``[S(a);I(1)]``."""
    # A stack of its own: a value may be nested deeper than Python likes to recurse.
    written: list[str] = []
    left: list[RpcValue | _Text] = [value]
    while left:
        item = left.pop()
        if isinstance(item, _Text):
            written.append(item.text)
        elif isinstance(item, list | dict):
            left.extend(reversed(_taken_apart(item)))
        else:
            written.append(_describe_scalar(item))
    return "".join(written)


@dataclass(frozen=True, slots=True)
class _Text:
    """A part of a description that is written already."""

    text: str


def _taken_apart(value: list[RpcValue] | dict[str, RpcValue]) -> list[RpcValue | _Text]:
    opening, closing = "[]" if isinstance(value, list) else "{}"
    names = [""] * len(value) if isinstance(value, list) else [f"{key}:" for key in value]
    items = value if isinstance(value, list) else value.values()
    parts: list[RpcValue | _Text] = []
    for at, (name, item) in enumerate(zip(names, items, strict=True)):
        parts += [_Text((";" if at else "") + name), item]
    return [_Text(opening), *parts, _Text(closing)]


def _describe_scalar(value: RpcValue) -> str:
    if value is None:
        return "N"
    if isinstance(value, bytes):
        return f"B64({value.decode('latin-1')})"
    if isinstance(value, bool):
        return f"B({str(value).lower()})"
    if isinstance(value, float):
        return f"F({value:g})"
    return f"{_LETTERS[type(value)]}({value})"


_LETTERS = {int: "I", str: "S", DateTime: "D"}


def quote(text: str) -> str:
    """Write a string literal as the product's exception printer does (OCaml's ``%S``)."""
    return '"' + "".join(map(_escape, text)) + '"'


_NAMED = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\b": "\\b"}


def _escape(char: str) -> str:
    if char in _NAMED:
        return _NAMED[char]
    if " " <= char <= "~":
        return char
    return "".join(f"\\{byte:03d}" for byte in char.encode())
