"""Command lines as ``cmd.exe`` reads them: operators, redirections, quotes and carets."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_VARIABLE: Final = re.compile(r"%([^%\s=|&<>]{1,255})%")
_REDIRECTION: Final = re.compile(r"([012]?)(>>|>|<)(?:&([12]))?")
_DEEPEST: Final = 20


class CmdSyntaxError(Exception):
    """``cmd`` cannot read the line; the text is what it says."""


@dataclass(slots=True)
class Redirection:
    """Where a handle (0, 1 or 2) goes: to a file, or to where another handle goes."""

    handle: int
    target: str = ""
    append: bool = False
    same_as: int | None = None


@dataclass(slots=True)
class Simple:
    """One command: its name as written, and all that follows it, unread."""

    name: str = ""
    tail: str = ""
    group: Sequence | None = None
    redirections: list[Redirection] = field(default_factory=list)


@dataclass(slots=True)
class Pipeline:
    """Commands joined by ``|``; ``operator`` is what stands before it."""

    stages: list[Simple]
    operator: str = "&"


@dataclass(slots=True)
class Sequence:
    """Pipelines joined by ``&``, ``&&`` and ``||``."""

    pipelines: list[Pipeline]


def expand(line: str, variables: Mapping[str, str]) -> str:
    """Put in the values of ``%NAME%``; a name that is none stays as it is."""

    def value(found: re.Match[str]) -> str:
        return variables.get(found[1].upper(), found[0])

    return _VARIABLE.sub(value, line)


def parse(line: str) -> Sequence:
    """Read a command line; raises CmdSyntaxError."""
    reader = _Reader(line)
    sequence = reader.sequence(0)
    if reader.at < len(line):
        raise CmdSyntaxError(") was unexpected at this time.")
    return sequence


class _Reader:
    def __init__(self, line: str) -> None:
        self.line = line
        self.at = 0

    def sequence(self, depth: int) -> Sequence:
        if depth > _DEEPEST:
            raise CmdSyntaxError("The syntax of the command is incorrect.")
        pipelines = [self._pipeline("&", depth)]
        while (operator := self._operator()) in ("&", "&&", "||"):
            self.at += len(operator)
            if operator == "&" and self._at_end():
                break
            pipelines.append(self._pipeline(operator, depth))
        return Sequence(pipelines)

    def _pipeline(self, operator: str, depth: int) -> Pipeline:
        stages = [self._simple(depth)]
        while self._operator() == "|":
            self.at += 1
            stages.append(self._simple(depth))
        if any(not stage.name and stage.group is None for stage in stages) and (
            len(stages) > 1 or operator != "&" or self._operator()
        ):
            raise CmdSyntaxError(f"{self._operator() or operator} was unexpected at this time.")
        return Pipeline(stages, operator)

    def _operator(self) -> str:
        two = self.line[self.at : self.at + 2]
        if two in ("&&", "||"):
            return two
        return two[:1] if two[:1] in ("&", "|") else ""

    def _at_end(self) -> bool:
        return self.line[self.at :].strip() in ("", ")")

    def _simple(self, depth: int) -> Simple:
        found = Simple()
        self._skip_blanks()
        if self.line[self.at : self.at + 1] == "(":
            self.at += 1
            found.group = self.sequence(depth + 1)
            if self.line[self.at : self.at + 1] != ")":
                raise CmdSyntaxError("The syntax of the command is incorrect.")
            self.at += 1
        text = self._text(found, grouped=depth > 0)
        if found.group is None:
            found.name, found.tail = _split_name(text)
        elif text.strip():
            raise CmdSyntaxError(f"{text.strip().split()[0]} was unexpected at this time.")
        return found

    def _skip_blanks(self) -> None:
        while self.line[self.at : self.at + 1] in (" ", "\t", "@"):
            self.at += 1

    def _text(self, found: Simple, *, grouped: bool) -> str:
        """Take a command's text up to an operator; redirections go to ``found``."""
        taken: list[str] = []
        quoted = False
        while self.at < len(self.line):
            char = self.line[self.at]
            if char == '"':
                quoted = not quoted
            elif not quoted:
                if char in "&|" or (char == ")" and grouped):
                    break
                if char == "^":
                    self.at += 1
                    char = self.line[self.at : self.at + 1]
                elif self._redirected(found, taken):
                    continue
            taken.append(char)
            self.at += 1
        return "".join(taken)

    def _redirected(self, found: Simple, taken: list[str]) -> bool:
        match = _REDIRECTION.match(self.line, self.at)
        if match is None or (match[1] and taken and not taken[-1].isspace()):
            return False
        self.at = match.end()
        handle = int(match[1] or (0 if match[2] == "<" else 1))
        redirection = Redirection(handle, append=match[2] == ">>")
        if match[3]:
            redirection.same_as = int(match[3])
        else:
            redirection.target = self._word()
        found.redirections.append(redirection)
        return True

    def _word(self) -> str:
        while self.line[self.at : self.at + 1] in (" ", "\t"):
            self.at += 1
        start, quoted = self.at, False
        while self.at < len(self.line):
            char = self.line[self.at]
            if char == '"':
                quoted = not quoted
            elif not quoted and char in " \t&|<>()":
                break
            self.at += 1
        word = self.line[start : self.at].replace('"', "")
        if not word:
            raise CmdSyntaxError("The syntax of the command is incorrect.")
        return word


def _split_name(text: str) -> tuple[str, str]:
    """Return the command's name and what follows, as ``cmd`` parts them."""
    text = text.lstrip(" \t,;=")
    if text.startswith('"'):
        name, _, tail = text[1:].partition('"')
        return name, tail
    match = re.match(r"(?i)(echo)(?=[.,:;(/\\+\[\]])|[^\s,;=/\"]+", text)
    if match is None:
        return ("", "") if not text.strip() else (text, "")
    return match[0], text[match.end() :]


def arguments(tail: str) -> list[str]:
    r"""Split what follows a program's name as C programs of Windows do.

    Blanks part arguments, quotes hold them together, and backslashes before a quote escape it.
    """
    found: list[str] = []
    word: list[str] = []
    quoted = begun = False
    for slashes, char in re.findall(r'(\\*)("|[^"\\]|\Z)', tail):
        if char == '"':
            word.append("\\" * (len(slashes) // 2))
            if len(slashes) % 2:
                word.append('"')
            else:
                quoted = not quoted
            begun = True
            continue
        word.append(slashes)
        begun = begun or bool(slashes)
        if char in (" ", "\t", "") and not (quoted and char):
            if begun:
                found.append("".join(word))
            word, begun = [], False
        else:
            word.append(char)
            begun = True
    return found
