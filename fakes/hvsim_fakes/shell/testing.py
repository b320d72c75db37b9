"""``test`` and ``[``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hvsim.files import FileError, Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim.files import Node
    from hvsim_fakes.shell.program import Process, Reader, Writer

_COMPARISONS: dict[str, Callable[[int, int], bool]] = {
    "-eq": lambda a, b: a == b,
    "-ne": lambda a, b: a != b,
    "-lt": lambda a, b: a < b,
    "-le": lambda a, b: a <= b,
    "-gt": lambda a, b: a > b,
    "-ge": lambda a, b: a >= b,
}
_STRINGS: dict[str, Callable[[str, str], bool]] = {
    "=": lambda a, b: a == b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
}
_FILES: dict[str, Callable[[Node], bool]] = {
    "-d": lambda node: node.kind is Kind.DIRECTORY,
    "-f": lambda node: node.kind is Kind.FILE,
    "-e": lambda _: True,
    "-s": lambda node: node.size > 0,
    "-c": lambda node: node.kind is Kind.DEVICE,
    "-b": lambda _: False,
    "-p": lambda _: False,
    "-S": lambda _: False,
    "-u": lambda node: bool(node.mode & 0o4000),
    "-g": lambda node: bool(node.mode & 0o2000),
    "-k": lambda node: bool(node.mode & 0o1000),
}
_RIGHTS = {"-r": 4, "-w": 2, "-x": 1}
_UNARY = frozenset({*_FILES, *_RIGHTS, "-n", "-z", "-t", "-h", "-L", "-O", "-G"})
_BINARY = frozenset({*_COMPARISONS, *_STRINGS, "-nt", "-ot", "-ef"})


class _BadTest(Exception):  # noqa: N818 - an answer to the user
    """The expression is none."""


def test(process: Process) -> int:
    """Judge an expression: 0 true, 1 false, 2 no expression."""
    args, name = process.argv[1:], process.argv[0]
    if name == "[":
        if args[-1:] != ["]"]:
            return process.fail("[: missing ]", 2)
        args = args[:-1]
    try:
        return 0 if args and _Reader(process, args).whole() else 1
    except _BadTest as error:
        return process.fail(f"{name}: {error}", 2)


class _Reader:
    def __init__(self, process: Process, args: list[str]) -> None:
        self._process = process
        self._args = args
        self._at = 0

    def whole(self) -> bool:
        found = self._short() if len(self._args) <= 4 else None
        if found is not None:
            return found
        value = self._or()
        if self._at < len(self._args):
            raise _BadTest(f"{self._args[self._at]}: unexpected operator")
        return value

    def _short(self) -> bool | None:
        """Judge up to four arguments by their number, as POSIX says; None if it says nothing."""
        args = self._args
        if len(args) == 1:
            return bool(args[0])
        if args[0] == "!" and not (len(args) == 3 and args[1] in _BINARY):
            inner = _Reader(self._process, args[1:])
            return not inner.whole()
        if len(args) == 2:
            if args[0] not in _UNARY:
                raise _BadTest(f"{args[0]}: unexpected operator")
            return self._unary(*args)
        if len(args) == 3 and args[1] in _BINARY:
            return self._binary(*args)
        return None

    def _or(self) -> bool:
        value = self._and()
        while self._take("-o"):
            right = self._and()
            value = value or right
        return value

    def _and(self) -> bool:
        value = self._not()
        while self._take("-a"):
            right = self._not()
            value = value and right
        return value

    def _not(self) -> bool:
        negated = False
        while self._take("!"):
            negated = not negated
        return self._primary() is not negated

    def _take(self, word: str) -> bool:
        if self._args[self._at : self._at + 1] != [word]:
            return False
        self._at += 1
        return True

    def _primary(self) -> bool:
        args, at = self._args, self._at
        if at >= len(args):
            raise _BadTest("argument expected")
        if args[at + 1 : at + 2] and args[at + 1] in _BINARY and at + 2 < len(args):
            self._at += 3
            return self._binary(*args[at : at + 3])
        if args[at] == "(":
            self._at += 1
            value = self._or()
            if not self._take(")"):
                raise _BadTest("closing paren expected")
            return value
        if args[at] in _UNARY and at + 1 < len(args):
            self._at += 2
            return self._unary(args[at], args[at + 1])
        self._at += 1
        return bool(args[at])

    def _unary(self, operator: str, value: str) -> bool:
        if operator in ("-n", "-z"):
            return bool(value) is (operator == "-n")
        if operator == "-t":
            return self._is_terminal(value)
        if operator in _RIGHTS:
            return self._process.files.allows(value, _RIGHTS[operator])
        try:
            node = self._process.files.find(value, follow=operator not in ("-h", "-L"))
        except FileError:
            return False
        return self._file(operator, node)

    def _file(self, operator: str, node: Node) -> bool:
        if operator in ("-h", "-L"):
            return node.kind is Kind.LINK
        if operator in ("-O", "-G"):
            account = self._process.account
            return node.uid == account.uid if operator == "-O" else node.gid == account.gid
        return _FILES[operator](node)

    def _is_terminal(self, value: str) -> bool:
        process = self._process
        channels: dict[int, Reader | Writer] = {0: process.stdin, 1: process.out, 2: process.err}
        found = channels.get(_integer(value))
        return found is not None and found.is_tty

    def _binary(self, left: str, operator: str, right: str) -> bool:
        if operator in _STRINGS:
            return _STRINGS[operator](left, right)
        if operator in _COMPARISONS:
            return _COMPARISONS[operator](_integer(left), _integer(right))
        files = self._process.files
        if not files.exists(left):
            return operator == "-ot" and files.exists(right)
        if not files.exists(right):
            return operator == "-nt"
        one, other = files.find(left), files.find(right)
        if operator == "-ef":
            return one.number == other.number
        later = one.modified > other.modified
        return later if operator == "-nt" else one.modified < other.modified


def _integer(text: str) -> int:
    if not re.fullmatch(r"\s*[-+]?\d{1,18}\s*", text):
        raise _BadTest(f"Illegal number: {text}")
    return int(text)
