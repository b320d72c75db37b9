"""``grep``, ``egrep``, ``fgrep``."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hvsim.files import FileError, Kind
from hvsim_fakes.shell.numerals import is_number
from hvsim_fakes.shell.tools import tool
from hvsim_fakes.shell.tools.inputs import complain, failed, lines_of, open_input
from hvsim_fakes.shell.tools.options import UsageError, getopt
from hvsim_fakes.shell.tools.posix_regex import compiled

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hvsim_fakes.shell.program import Process

_LETTERS = "abcEe:Ff:GHhilLm:noqrRsvwxA:B:C:"


@dataclass(slots=True)
class _Wanted:
    """What is looked for: texts, or expressions, on the whole line or in words alone."""

    patterns: list[str]
    flags: set[str]
    kind: str

    def spans(self, line: str) -> Iterable[tuple[int, int]]:
        """Give where each match begins and ends, from the left."""
        at = 0
        while at <= len(line):
            found = min(
                (span for pattern in self.patterns if (span := self._first(pattern, line, at))),
                default=None,
                key=lambda span: (span[0], -span[1]),
            )
            if found is None:
                return
            yield found
            at = found[1] if found[1] > found[0] else found[1] + 1

    def _first(self, pattern: str, line: str, at: int) -> tuple[int, int] | None:
        while at <= len(line):
            span = self._plain_first(pattern, line, at)
            if span is None or self._fits(line, span):
                return span
            at = span[0] + 1
        return None

    def _plain_first(self, pattern: str, line: str, at: int) -> tuple[int, int] | None:
        ignore = "i" in self.flags
        if self.kind == "F":
            text, wanted = (line.lower(), pattern.lower()) if ignore else (line, pattern)
            start = text.find(wanted, at)
            return None if start < 0 else (start, start + len(pattern))
        extended = self.kind == "E"
        if "x" in self.flags:
            pattern = f"^({pattern})$" if extended else rf"^\({pattern}\)$"
        found = compiled(pattern, extended=extended, ignore_case=ignore).search(line, at)
        return None if found is None else found.span()

    def _fits(self, line: str, span: tuple[int, int]) -> bool:
        if "x" in self.flags:
            return span == (0, len(line))
        if "w" not in self.flags:
            return True
        before, after = line[max(0, span[0] - 1) : span[0]], line[span[1] : span[1] + 1]
        return not (_in_word(before) or _in_word(after))


@tool("grep", "egrep", "fgrep")
def grep(process: Process) -> int:
    """Write the lines that match."""
    options, operands = getopt(process.argv[1:], _LETTERS, permute=True)
    flags = {letter for letter, _ in options}
    patterns = _patterns(process, options)
    if patterns is None:
        if not operands:
            raise UsageError("usage: grep [option ...] pattern [file ...]")
        patterns = operands.pop(0).split("\n")
    name = posixpath.basename(process.argv[0])
    kind = (
        "F" if "F" in flags or name == "fgrep" else "E" if "E" in flags or name == "egrep" else "G"
    )
    search = _Search(process, _Wanted(patterns, flags, kind), dict(options), len(operands))
    found = False
    for operand in _files(process, operands or ["-"], flags):
        found = search.one(operand) or found
        if found and "q" in flags:
            return 0
    return 2 if failed(process) else int(not found)


def _patterns(process: Process, options: list[tuple[str, str]]) -> list[str] | None:
    found: list[str] | None = None
    for letter, value in options:
        if letter == "e":
            found = [*(found or []), *value.split("\n")]
        elif letter == "f":
            found = [*(found or []), *process.files.text(value).splitlines()]
    return found


def _files(process: Process, names: list[str], flags: set[str]) -> Iterable[str]:
    for name in names:
        if name != "-" and process.files.is_directory(name):
            if flags & {"r", "R"}:
                yield from (
                    path for path, node in process.files.walk(name) if node.kind is Kind.FILE
                )
            else:
                process.err(f"grep: {name}: Is a directory\n")
        else:
            yield name


class _Search:
    def __init__(
        self, process: Process, wanted: _Wanted, options: dict[str, str], count: int
    ) -> None:
        self._process = process
        self._wanted = wanted
        self._options = options
        recursive = bool({"r", "R"} & options.keys())
        self._named = ("H" in options or count > 1 or recursive) and "h" not in options

    def one(self, name: str) -> bool:
        """Search one input; return whether a line was selected."""
        process, options = self._process, self._options
        try:
            reader = open_input(process, name)
        except FileError as error:
            if "s" not in options:
                complain(process, f"{name}: {error.reason}")
            return False
        shown = "(standard input)" if name == "-" else name
        most = int(options["m"]) if is_number(options.get("m", "")) else -1
        count = self._lines(process, reader, shown, most)
        if "c" in options:
            process.out((f"{shown}:" if self._named else "") + f"{count}\n")
        if ("l" in options and count) or ("L" in options and not count):
            process.out(f"{shown}\n")
        return count > 0

    def _lines(self, process: Process, reader: object, name: str, most: int) -> int:
        options, count = self._options, 0
        silent = bool({"c", "l", "L", "q"} & options.keys())
        context = _Context(options)
        for number, raw in enumerate(lines_of(process, reader), 1):  # type: ignore[arg-type] # a reader
            line = raw.removesuffix("\n")
            spans = list(self._wanted.spans(line)) if "o" in options else None
            matched = (
                bool(spans) if spans is not None else any(True for _ in self._wanted.spans(line))
            )
            if matched is ("v" in options):
                if not silent:
                    for other, text in context.other(number, line):
                        self._show(name, other, text, "-")
                continue
            count += 1
            if {"l", "q"} & options.keys():
                return count
            if not silent:
                for other, text in context.before(number):
                    self._show(name, other, text, "-")
                for text in [line] if spans is None else [line[a:b] for a, b in spans if b > a]:
                    self._show(name, number, text, ":")
            if count == most:
                break
        return count

    def _show(self, name: str, number: int, text: str, mark: str) -> None:
        front = f"{name}{mark}" if self._named else ""
        if "n" in self._options:
            front += f"{number}{mark}"
        self._process.out(f"{front}{text}\n")


class _Context:
    """The lines around those that match."""

    def __init__(self, options: dict[str, str]) -> None:
        both = options.get("C", "0")
        self._after = int(options.get("A", both)) if is_number(options.get("A", both)) else 0
        self._before = int(options.get("B", both)) if is_number(options.get("B", both)) else 0
        self._kept: list[tuple[int, str]] = []
        self._left = 0

    def other(self, number: int, line: str) -> list[tuple[int, str]]:
        """Take a line that does not match; return it if it follows one that does."""
        if self._left > 0:
            self._left -= 1
            return [(number, line)]
        self._kept = [*self._kept, (number, line)][-self._before :] if self._before else []
        return []

    def before(self, _: int) -> list[tuple[int, str]]:
        """Return the lines before one that matches."""
        kept, self._kept, self._left = self._kept, [], self._after
        return kept


def _in_word(char: str) -> bool:
    return bool(char) and (char.isalnum() or char == "_")
