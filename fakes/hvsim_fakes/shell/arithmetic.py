"""``$((...))``: 64-bit integers with C's operators."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hvsim_fakes.shell.numerals import is_number

if TYPE_CHECKING:
    from collections.abc import Callable, MutableMapping

_TOKEN = re.compile(
    r"\s*(0[xX][0-9a-fA-F]+|\d+|[A-Za-z_]\w*|<<=|>>=|<<|>>|<=|>=|==|!=|&&|\|\|"
    r"|[-+*/%&|^]=|[-+*/%<>=!~&|^?:(),])"
)
_BINARY: tuple[tuple[str, ...], ...] = (
    ("||",),
    ("&&",),
    ("|",),
    ("^",),
    ("&",),
    ("==", "!="),
    ("<", ">", "<=", ">="),
    ("<<", ">>"),
    ("+", "-"),
    ("*", "/", "%"),
)
_ASSIGNING = frozenset({"=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>="})
_DEEPEST = 40


class BadArithmetic(Exception):  # noqa: N818 - reads as what it is
    """The expression is wrong, or divides by zero."""


def evaluate(text: str, variables: MutableMapping[str, str]) -> int:
    """Return an expression's value; assignments in it change ``variables``.

    Raises:
        BadArithmetic: with what is wrong.
    """
    return _Reader(text, variables).whole()


def wrapped(value: int) -> int:
    """Return a value as 64 bits hold it."""
    return (value + 2**63) % 2**64 - 2**63


def number(text: str) -> int:
    """Return a C integer constant: decimal, ``0x`` or octal; raises BadArithmetic."""
    text = text.strip()
    sign = -1 if text.startswith("-") else 1
    digits = text.lstrip("+-")
    try:
        if len(digits) > 40:
            raise BadArithmetic(f"{text[:40]}...: out of range")
        if digits[:2].lower() == "0x":
            return wrapped(sign * int(digits, 16))
        return wrapped(sign * int(digits, 8 if digits[:1] == "0" and len(digits) > 1 else 10))
    except ValueError:
        raise BadArithmetic(f"Illegal number: {text}") from None


class _Reader:
    def __init__(self, text: str, variables: MutableMapping[str, str]) -> None:
        self._tokens = _split(text)
        self._at = 0
        self._variables = variables
        self._depth = 0
        self._idle = 0
        """Above 0 in a branch that is not taken: nothing is assigned or divided there."""

    def whole(self) -> int:
        if not self._tokens:
            return 0
        value = self._comma()
        if self._next:
            raise BadArithmetic("arithmetic expression: expecting EOF")
        return value

    @property
    def _next(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self, *tokens: str) -> str:
        found = self._next
        if found and found in tokens:
            self._at += 1
            return found
        return ""

    def _comma(self) -> int:
        value = self._assignment()
        while self._take(","):
            value = self._assignment()
        return value

    def _assignment(self) -> int:
        name = self._next
        following = self._tokens[self._at + 1] if self._at + 1 < len(self._tokens) else ""
        if not (_is_name(name) and following in _ASSIGNING):
            return self._ternary()
        self._at += 2
        value = self._assignment()
        if following != "=":
            value = self._operate(following[:-1], self._value(name), lambda: value)
        if not self._idle:
            self._variables[name] = str(value)
        return value

    def _ternary(self) -> int:
        condition = self._binary(0)
        if not self._take("?"):
            return condition
        yes = self._branch(self._comma, taken=bool(condition))
        if not self._take(":"):
            raise BadArithmetic("arithmetic expression: expecting ':'")
        no = self._branch(self._ternary, taken=not condition)
        return yes if condition else no

    def _branch(self, read: Callable[[], int], *, taken: bool) -> int:
        self._idle += not taken
        try:
            return read()
        finally:
            self._idle -= not taken

    def _binary(self, level: int) -> int:
        if level == len(_BINARY):
            return self._unary()
        left = self._binary(level + 1)
        while operator := self._take(*_BINARY[level]):
            left = self._operate(operator, left, lambda: self._binary(level + 1))
        return left

    def _operate(self, operator: str, left: int, right: Callable[[], int]) -> int:
        if operator == "&&":
            return int(bool(self._branch(right, taken=bool(left))) and bool(left))
        if operator == "||":
            return int(bool(self._branch(right, taken=not left)) or bool(left))
        value = right()
        if operator in ("/", "%"):
            return self._divide(operator, left, value)
        return wrapped(_OPERATIONS[operator](left, value))

    def _divide(self, operator: str, left: int, right: int) -> int:
        if right == 0:
            if self._idle:
                return 0
            raise BadArithmetic("division by zero")
        quotient = abs(left) // abs(right)
        quotient = quotient if (left < 0) == (right < 0) else -quotient
        return wrapped(quotient if operator == "/" else left - quotient * right)

    def _unary(self) -> int:
        operator = self._take("-", "+", "!", "~")
        if not operator:
            return self._primary()
        self._enter()
        value = self._unary()
        self._depth -= 1
        return {"-": wrapped(-value), "+": value, "!": int(not value), "~": ~value}[operator]

    def _enter(self) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise BadArithmetic("arithmetic expression: too deep")

    def _primary(self) -> int:
        if self._take("("):
            self._enter()
            value = self._comma()
            self._depth -= 1
            if not self._take(")"):
                raise BadArithmetic("arithmetic expression: expecting ')'")
            return value
        token = self._next
        self._at += 1
        if is_number(token[:1]):
            return number(token)
        if _is_name(token):
            return self._value(token)
        raise BadArithmetic("arithmetic expression: expecting primary")

    def _value(self, name: str) -> int:
        text = self._variables.get(name, "")
        return number(text) if text.strip() else 0


_OPERATIONS: dict[str, Callable[[int, int], int]] = {
    "|": lambda a, b: a | b,
    "^": lambda a, b: a ^ b,
    "&": lambda a, b: a & b,
    "==": lambda a, b: int(a == b),
    "!=": lambda a, b: int(a != b),
    "<": lambda a, b: int(a < b),
    ">": lambda a, b: int(a > b),
    "<=": lambda a, b: int(a <= b),
    ">=": lambda a, b: int(a >= b),
    "<<": lambda a, b: a << (b % 64),
    ">>": lambda a, b: a >> (b % 64),
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
}


def _split(text: str) -> list[str]:
    found, at = [], 0
    text = text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise BadArithmetic(f"arithmetic expression: unexpected {text[at:].strip()[:20]!r}")
        found.append(match.group(1))
        at = match.end()
    return found


def _is_name(token: str) -> bool:
    return token[:1].isalpha() or token[:1] == "_"
