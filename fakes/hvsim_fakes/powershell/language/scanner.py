"""The characters of a script: blanks, names, numbers and strings."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

import regex

from hvsim_fakes.powershell.language.extent import Extent, Source
from hvsim_fakes.powershell.language.mistake import ParseError
from hvsim_fakes.powershell.language.syntax import Block, Expandable, Node, SubExpression, Variable
from hvsim_fakes.powershell.objects.values import INT_MAX, INT_MIN, LONG_MAX, LONG_MIN, Long

DASHES: Final = "-\u2013\u2014\u2015"
DOUBLE: Final = '"\u201c\u201d\u201e'
SINGLE: Final = "'\u2018\u2019\u201a\u201b"
BLANKS: Final = " \t\f\v\u00a0\u0085"
ENDS: Final = "\r\n"
MAX_DEPTH: Final = 80
_ESCAPES: Final = {
    "0": "\0",
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
}
_MULTIPLIERS: Final = {"kb": 2**10, "mb": 2**20, "gb": 2**30, "tb": 2**40, "pb": 2**50}
_NUMBER: Final = regex.compile(
    r"(?:0x(?P<hex>[0-9a-f]+)|(?P<real>(?:\d+\.\d+|\.\d+|\d+\.(?![.\w])|\d+)(?:e[+-]?\d+)?))"
    r"(?P<suffix>[dl])?(?P<times>kb|mb|gb|tb|pb)?",
    regex.IGNORECASE,
)
_NAME: Final = regex.compile(r"\w+(?::(?!:)\w+)?")
_WORD: Final = regex.compile(r"\w+")
_BRACED: Final = regex.compile(r"\{((?:`.|[^`}])*)\}", regex.DOTALL)


class Scanner:
    """A position in a text, and what stands there."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.size = len(self.text)
        self.at = 0
        self._depth = 0

    # Where we are

    def extent(self, start: int) -> Extent:
        """Return the extent from ``start`` to here."""
        return Extent(self.source, start, self.at)

    def mistake(self, error_id: str, *words: str, at: int | None = None) -> ParseError:
        """Return a parse error at the token that stands here (or ``at``)."""
        start = self.at if at is None else at
        start = min(start, self.size)
        size = max(len(self.token(start)), 0)
        return ParseError(error_id, Extent(self.source, start, start + size), *words)

    def unexpected(self) -> ParseError:
        """Return the error for a token that has no place here."""
        found = self.token(self.at)
        if found in ("&&", "||"):
            return self.mistake("InvalidEndOfLine", found)
        if found == "&":
            return self.mistake("AmpersandNotAllowed")
        return self.mistake("UnexpectedToken", found)

    def token(self, at: int) -> str:
        """Return the text of the token at an offset, for messages."""
        if at >= self.size:
            return ""
        text = self.text
        if text.startswith(("&&", "||", "::", "..", "++", "--"), at):
            return text[at : at + 2]
        if text[at] in "()[]{},;|=+*/%.!&<>@" + SINGLE + DOUBLE:
            return text[at]
        end = at + 1
        while end < self.size and text[end] not in " \t\r\n()[]{},;|'\"":
            end += 1
        return text[at:end]

    def deeper(self) -> None:
        """Go one level deeper; there are only so many. A mistake ends all, so none is undone."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self.mistake("ScriptTooComplicated")

    def shallower(self) -> None:
        """Come back from a level."""
        self._depth -= 1

    # Characters

    def peek(self, size: int = 1) -> str:
        """Return the next characters."""
        return self.text[self.at : self.at + size]

    def looking_at(self, *texts: str) -> bool:
        """Tell whether one of some texts stands here."""
        return self.text.startswith(texts, self.at)

    def take(self, text: str) -> bool:
        """Go past a text if it stands here."""
        if self.text.startswith(text, self.at):
            self.at += len(text)
            return True
        return False

    def blanks(self) -> None:
        """Go past blanks, comments and continued lines."""
        text, size = self.text, self.size
        while self.at < size:
            char = text[self.at]
            if char in BLANKS:
                self.at += 1
            elif char == "`" and self._continued():
                pass
            elif char == "#":
                end = text.find("\n", self.at)
                self.at = size if end < 0 else end
            elif char == "<" and text.startswith("<#", self.at):
                self._comment()
            else:
                return

    def newlines(self) -> None:
        """Go past blanks and the ends of lines."""
        while True:
            self.blanks()
            if self.at >= self.size or self.text[self.at] not in ENDS:
                return
            self.at += 1

    def separators(self) -> None:
        """Go past blanks, ends of lines and semicolons."""
        while True:
            self.newlines()
            if not self.take(";"):
                return

    def _continued(self) -> bool:
        after = self.text[self.at + 1 : self.at + 3]
        if after.startswith("\r\n"):
            self.at += 3
        elif after[:1] in ("\n", "\r") and after:
            self.at += 2
        else:
            return False
        return True

    def _comment(self) -> None:
        end = self.text.find("#>", self.at + 2)
        if end < 0:
            raise self.mistake("MissingEndMultiLineComment")
        self.at = end + 2

    # Words

    def word(self) -> str:
        """Return the word of letters and digits that stands here, without going past it."""
        found = _WORD.match(self.text, self.at)
        return found.group() if found else ""

    def keyword(self) -> str:
        """Return the keyword that stands here, in lower case: a word and nothing that adds to it.

        A name with a hyphen or a dot in it, and a path, are no keywords.
        """
        word = self.word()
        after = self.text[self.at + len(word) : self.at + len(word) + 1]
        return "" if after and after in DASHES + ".\\/:*?" else word.lower()

    def dashed(self) -> str:
        """Return the name of the operator that stands here, in lower case without its dash."""
        if self.at + 1 >= self.size or self.text[self.at] not in DASHES:
            return ""
        found = _WORD.match(self.text, self.at + 1)
        return found.group().lower() if found and not found.group()[0].isdecimal() else ""

    # Numbers

    def number(self, start: int, *, argument: bool = False) -> tuple[Any, int] | None:
        """Return the number at an offset and where it ends; None if there is none.

        In an argument it has to be the whole word.
        """
        found = _NUMBER.match(self.text, start)
        if found is None:
            return None
        end = found.end()
        after = self.text[end : end + 1]
        if after and (after.isalnum() or after == "_"):
            return None
        if argument and after and after not in BLANKS + ENDS + "|;&(){},<>'\"":
            return None
        return _value(found), end

    # Variables

    def variable(self) -> Variable | None:
        """Parse the variable whose ``$`` or ``@`` stands here; None if it is none."""
        start = self.at
        splatted = self.text[start] == "@"
        rest = self.text[start + 1 : start + 2]
        if rest == "{" and not splatted:
            return self._braced(start)
        found = _NAME.match(self.text, start + 1)
        if found is None:
            if rest and rest in "$?^" and not splatted:
                self.at = start + 2
                return Variable(self.extent(start), rest)
            return None
        self.at = found.end()
        if self.looking_at(":") and not self.looking_at("::"):
            return self._drive(start, found.group())
        scope, _, name = found.group().rpartition(":")
        return Variable(self.extent(start), name, scope.lower(), splatted)

    def _drive(self, start: int, _: str) -> Variable:
        raise ParseError("InvalidVariableReferenceWithDrive", self.extent(start))

    def _braced(self, start: int) -> Variable:
        found = _BRACED.match(self.text, start + 1)
        if found is None:
            raise self.mistake("InvalidVariableReference", at=start)
        self.at = found.end()
        inside = found.group(1).replace("`", "")
        scope, colon, name = inside.partition(":")
        if not colon:
            scope, name = "", inside
        return Variable(self.extent(start), name, scope.lower())

    # Strings

    def single_quoted(self) -> str:
        """Return the string in single quotes that stands here."""
        start = self.at
        self.at += 1
        parts: list[str] = []
        while self.at < self.size:
            char = self.text[self.at]
            self.at += 1
            if char in SINGLE:
                if self.at >= self.size or self.text[self.at] not in SINGLE:
                    return "".join(parts)
                self.at += 1
            parts.append(char)
        raise self.mistake("TerminatorExpectedAtEndOfString", "'", at=start)

    def double_quoted(self) -> Node | str:
        """Return the string in double quotes that stands here."""
        start = self.at
        self.at += 1
        parts: list[str | Node] = []
        while self.at < self.size:
            char = self.text[self.at]
            if char in DOUBLE:
                self.at += 1
                if self.at >= self.size or self.text[self.at] not in DOUBLE:
                    return self.joined(start, parts)
                parts.append(char)
                self.at += 1
            else:
                parts.append(self.expanded())
        raise self.mistake("TerminatorExpectedAtEndOfString", '"', at=start)

    def here_string(self) -> Node | str:
        """Return the here-string that stands here."""
        start = self.at
        quote = self.text[self.at + 1]
        self.at += 2
        line_end = self.text.find("\n", self.at)
        if line_end < 0:
            raise self.mistake("TerminatorExpectedAtEndOfString", f"{quote}@", at=start)
        if self.text[self.at : line_end].strip():
            raise self.mistake("UnexpectedCharactersAfterHereStringHeader")
        self.at = line_end + 1
        if quote in SINGLE:
            return self._plain_here(start)
        return self._expanded_here(start)

    def _here_end(self, quotes: str) -> int:
        """Return the length of a here-string's end that stands here, 0 if none does."""
        at = self.at
        if self.text.startswith("\r\n", at):
            at += 2
        elif self.text.startswith("\n", at):
            at += 1
        elif at and self.text[at - 1] != "\n":
            return 0
        good = self.text[at : at + 1] in quotes and self.text[at + 1 : at + 2] == "@"
        return at + 2 - self.at if good and at < self.size else 0

    def _plain_here(self, start: int) -> str:
        begin = self.at
        while self.at < self.size:
            size = self._here_end(SINGLE)
            if size:
                text = self.text[begin : self.at]
                self.at += size
                return text
            self.at += 1
        raise self.mistake("TerminatorExpectedAtEndOfString", "'@", at=start)

    def _expanded_here(self, start: int) -> Node | str:
        parts: list[str | Node] = []
        while self.at < self.size:
            size = self._here_end(DOUBLE) if self.text[self.at] in "\r\n" + DOUBLE else 0
            if size:
                self.at += size
                return self.joined(start, parts)
            parts.append(self.expanded())
        raise self.mistake("TerminatorExpectedAtEndOfString", '"@', at=start)

    def expanded(self) -> str | Node:
        """Return the next piece of an expandable string."""
        char = self.text[self.at]
        if char == "`":
            return self.escape()
        if char == "$":
            return self._dollar()
        end = self.at + 1
        while end < self.size and self.text[end] not in "`$\r\n" + DOUBLE:
            end += 1
        piece = self.text[self.at : end]
        self.at = end
        return piece

    def _dollar(self) -> str | Node:
        if self.looking_at("$("):
            return self.subexpression()
        found = self.variable()
        if found is None:
            self.at += 1
            return "$"
        return found

    def escape(self) -> str:
        """Return the character that a backtick here stands for."""
        following = self.text[self.at + 1 : self.at + 2]
        self.at += 2
        if not following:
            return ""
        if following == "\r" and self.looking_at("\n"):
            self.at += 1
            return ""
        return "" if following in ENDS else _ESCAPES.get(following, following)

    def joined(self, start: int, parts: list[str | Node]) -> Node | str:
        """Return the string made of some pieces."""
        merged: list[str | Node] = []
        for part in parts:
            if isinstance(part, str) and merged and isinstance(merged[-1], str):
                merged[-1] += part
            else:
                merged.append(part)
        if all(isinstance(part, str) for part in merged):
            return "".join(str(part) for part in merged)
        return Expandable(self.extent(start), tuple(merged))

    def subexpression(self) -> SubExpression:
        """Parse ``$( )``."""
        start = self.at
        self.at += 2
        body = self.statements(")")
        if not self.take(")"):
            raise self.mistake("MissingEndParenthesisInSubexpression", at=start)
        return SubExpression(self.extent(start), body)

    def statements(self, end: str) -> Block:
        """Parse statements up to a closing character; the parser of statements does."""
        raise NotImplementedError


def _value(found: regex.Match[str]) -> Any:
    suffix = (found["suffix"] or "").lower()
    times = _MULTIPLIERS.get((found["times"] or "").lower(), 1)
    if found["hex"]:
        number = int(found["hex"], 16)
        if number > INT_MAX and len(found["hex"].lstrip("0")) == 8:
            number -= 2**32
    elif suffix == "d":
        return _decimal(found["real"]) * times
    elif found["real"].isdecimal():
        number = int(found["real"][:400])
    else:
        return float(found["real"]) * times
    return _integer(number * times, long=suffix == "l")


def _decimal(text: str) -> Decimal:
    return Decimal(text)


def _integer(number: int, *, long: bool) -> Any:
    if long:
        return Long(number) if LONG_MIN <= number <= LONG_MAX else float(number)
    if INT_MIN <= number <= INT_MAX or LONG_MIN <= number <= LONG_MAX:
        return number
    if abs(number) < 2**96:
        return Decimal(number)
    return float(number) if abs(number) < 10**308 else float("inf")
