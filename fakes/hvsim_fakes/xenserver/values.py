"""Values as a remote procedure call carries them, before they have a XenAPI type.

Plain Python stands for most of them: ``None`` (nil), ``bool``, ``int``, ``float``, ``str``,
``bytes`` (base64), ``list`` (array), ``dict`` (struct). Only a date needs its own class, since
the product tells it from a string.
"""

from __future__ import annotations

from typing import TypeAlias


class DateTime(str):
    """A ``dateTime.iso8601`` value as it was written."""

    __slots__ = ()


RpcValue: TypeAlias = (
    "bool | int | float | str | bytes | list[RpcValue] | dict[str, RpcValue] | None"
)


def describe(value: RpcValue) -> str:
    """Write a value the way the product's error texts do, e.g. ``[S(a);I(1)]``."""
    if isinstance(value, list):
        return "[" + ";".join(map(describe, value)) + "]"
    if isinstance(value, dict):
        return "{" + ";".join(f"{key}:{describe(item)}" for key, item in value.items()) + "}"
    return _describe_scalar(value)


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
