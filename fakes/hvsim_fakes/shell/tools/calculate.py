"""``expr``, ``seq``, ``bc``-free arithmetic, and the shell's own tools as files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hvsim_fakes.shell import printing, testing
from hvsim_fakes.shell.tools import tool
from hvsim_fakes.shell.tools.options import UsageError, getopt
from hvsim_fakes.shell.tools.posix_regex import compiled

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim_fakes.shell.program import Process

_Value = str | int
_LEVELS: tuple[tuple[str, ...], ...] = (
    ("|",),
    ("&",),
    ("=", "==", ">", ">=", "<", "<=", "!="),
    ("+", "-"),
    ("*", "/", "%"),
    (":",),
)
_COMPARISONS: dict[str, Callable[[_Value, _Value], bool]] = {
    "=": lambda a, b: a == b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,  # type: ignore[operator] # of one kind
    "<=": lambda a, b: a <= b,  # type: ignore[operator] # of one kind
    ">": lambda a, b: a > b,  # type: ignore[operator] # of one kind
    ">=": lambda a, b: a >= b,  # type: ignore[operator] # of one kind
}

tool("echo")(printing.echo)
tool("printf")(printing.printf)
tool("test", "/usr/bin/[")(testing.test)


@tool("true")
def true(_: Process) -> int:
    """Succeed."""
    return 0


@tool("false")
def false(_: Process) -> int:
    """Fail."""
    return 1


@tool("expr")
def expr(process: Process) -> int:
    """Evaluate an expression of separate arguments."""
    args = process.argv[1:]
    if args[:1] == ["--"]:
        args = args[1:]
    value = _Expression(args).whole()
    process.out(f"{value}\n")
    return int(value in ("", 0, "0"))


class _Expression:
    def __init__(self, args: list[str]) -> None:
        self._args = args
        self._at = 0
        self._depth = 0

    def whole(self) -> _Value:
        value = self._level(0)
        if self._at < len(self._args):
            raise UsageError("syntax error")
        return value

    def _level(self, level: int) -> _Value:
        if level == len(_LEVELS):
            return self._primary()
        left = self._level(level + 1)
        while self._at < len(self._args) and self._args[self._at] in _LEVELS[level]:
            operator = self._args[self._at]
            self._at += 1
            left = _apply(operator, left, self._level(level + 1))
        return left

    def _primary(self) -> _Value:
        if self._at >= len(self._args):
            raise UsageError("syntax error")
        word = self._args[self._at]
        self._at += 1
        if word == "(":
            self._depth += 1
            if self._depth > 40:
                raise UsageError("syntax error")
            value = self._level(0)
            self._depth -= 1
            if self._args[self._at : self._at + 1] != [")"]:
                raise UsageError("syntax error")
            self._at += 1
            return value
        return self._function(word) if word in _FUNCTIONS and self._more(word) else word

    def _more(self, word: str) -> bool:
        return len(self._args) - self._at >= _FUNCTIONS[word]

    def _function(self, word: str) -> _Value:
        count = _FUNCTIONS[word]
        args = [str(self._primary()) for _ in range(count)]
        if word == "length":
            return len(args[0])
        if word == "match":
            return _match(args[0], args[1])
        if word == "index":
            places = [args[0].find(char) + 1 for char in args[1] if char in args[0]]
            return min(places, default=0)
        start, length = _integer(args[1]), _integer(args[2])
        return args[0][start - 1 : start - 1 + length] if start > 0 and length > 0 else ""


_FUNCTIONS = {"length": 1, "match": 2, "index": 2, "substr": 3}


def _apply(operator: str, left: _Value, right: _Value) -> _Value:
    if operator == "|":
        return left if left not in ("", 0, "0") else right if right != "" else 0
    if operator == "&":
        return left if left not in ("", 0, "0") and right not in ("", 0, "0") else 0
    if operator in _COMPARISONS:
        if _numeric(left) and _numeric(right):
            return int(_COMPARISONS[operator](int(left), int(right)))
        return int(_COMPARISONS[operator](str(left), str(right)))
    if operator == ":":
        return _match(str(left), str(right))
    return _calculated(operator, _integer(left), _integer(right))


def _calculated(operator: str, one: int, other: int) -> int:
    if operator in "/%":
        if other == 0:
            raise UsageError("division by zero")
        quotient = abs(one) // abs(other) * (1 if (one < 0) == (other < 0) else -1)
        return quotient if operator == "/" else one - quotient * other
    value = {"+": one + other, "-": one - other, "*": one * other}[operator]
    if abs(value) >= 2**63:
        raise UsageError("integer overflow")
    return value


def _match(text: str, pattern: str) -> _Value:
    found = compiled(pattern.removeprefix("^"), extended=False).search(text)
    if found is None or found.start() != 0:
        # The leftmost match may begin later although another one begins at the start.
        found = compiled(rf"^\({pattern.removeprefix('^')}\)", extended=False).search(text)
        shift = 1
    else:
        shift = 0
    groups = 0 if found is None else len(found.groups()) - shift
    if found is None:
        return "" if r"\(" in pattern else 0
    return (found.group(1 + shift) or "") if groups > 0 else found.end()


def _numeric(value: _Value) -> bool:
    return isinstance(value, int) or re.fullmatch(r"-?\d{1,18}", value) is not None


def _integer(value: _Value) -> int:
    if not _numeric(value):
        raise UsageError("non-numeric argument")
    return int(value)


@tool("seq")
def seq(process: Process) -> int:
    """Count from a number to another."""
    args = process.argv[1:]
    options: dict[str, str] = {}
    while args and args[0] in ("-s", "-f", "-w"):
        options[args[0]] = args[1] if args[0] != "-w" and len(args) > 1 else ""
        args = args[1 if args[0] == "-w" else 2 :]
    if not 1 <= len(args) <= 3 or not all(re.fullmatch(r"-?\d{1,15}", one) for one in args):
        raise UsageError("usage: seq [first [step]] last", 1)
    numbers = [int(one) for one in args]
    first = numbers[0] if len(numbers) > 1 else 1
    step = numbers[1] if len(numbers) == 3 else 1
    last = numbers[-1]
    if step == 0:
        raise UsageError("zero increment", 1)
    width = max(len(args[0] if len(args) > 1 else "1"), len(args[-1])) if "-w" in options else 0
    joint, at = options.get("-s", "\n"), first
    while at <= last if step > 0 else at >= last:
        process.step()
        process.out(("" if at == first else joint) + f"{at:0{width}d}")
        at += step
    process.out("\n" if at != first else "")
    return 0


@tool("basename")
def basename(process: Process) -> int:
    """Write the last part of a path."""
    args = process.argv[1:]
    if not args:
        raise UsageError("missing operand", 1)
    name = args[0].rstrip("/").rpartition("/")[2] or ("/" if args[0] else "")
    if len(args) > 1 and name != args[1]:
        name = name.removesuffix(args[1])
    process.out(name + "\n")
    return 0


@tool("dirname")
def dirname(process: Process) -> int:
    """Write all but the last part of a path."""
    _, names = getopt(process.argv[1:], "")
    if not names:
        raise UsageError("missing operand", 1)
    for name in names:
        stripped = name.rstrip("/")
        above = stripped.rpartition("/")[0].rstrip("/")
        process.out((above or ("/" if name.startswith("/") else ".")) + "\n")
    return 0
