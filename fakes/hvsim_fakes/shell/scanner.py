"""Reads words and operators out of shell text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim_fakes.shell.numerals import is_number
from hvsim_fakes.shell.syntax import Arithmetic, Literal, Parameter, Substitution, Word

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim_fakes.shell.syntax import Commands, Part

OPERATORS = ("<<-", "&&", "||", ";;", "<<", ">>", "<&", ">&", "<>", ">|")
SINGLE_OPERATORS = "&|;<>()\n"
_BLANKS = " \t"
_META = frozenset(" \t\n;&|<>()")
_SPECIAL_PARAMETERS = "@*#?-$!"
_PARAMETER_OPERATORS = (":-", ":=", ":?", ":+", "%%", "##", "-", "=", "?", "+", "%", "#")
_DEEPEST = 40
_NOTHING = Literal("", quoted=True)


class ShellSyntaxError(Exception):
    """The text is no shell command.

    Attributes:
        incomplete: whether more text could make it one.
        line: where, counted from 1.
    """

    def __init__(self, message: str, line: int, *, incomplete: bool = False) -> None:
        super().__init__(message)
        self.line = line
        self.incomplete = incomplete


class Scanner:
    """A position in shell text.

    Args:
        parse: parses the commands of a substitution up to its closing parenthesis.
    """

    def __init__(self, text: str, parse: Callable[[Scanner], Commands]) -> None:
        self.text = text
        self.at = 0
        self.depth = 0
        self._parse = parse

    @property
    def line(self) -> int:
        """The present line, counted from 1."""
        return self.text.count("\n", 0, self.at) + 1

    @property
    def char(self) -> str:
        """The next character; empty at the end."""
        return self.text[self.at : self.at + 1]

    def error(self, what: str) -> ShellSyntaxError:
        """Return an error at this place, for text that nothing can mend."""
        return ShellSyntaxError(f"Syntax error: {what}", self.line)

    def missing(self, what: str) -> ShellSyntaxError:
        """Return an error at the end of the text, which more text would mend."""
        return ShellSyntaxError(f"Syntax error: {what}", self.line, incomplete=True)

    def deeper(self) -> None:
        """Enter a nested construct; refuses one too deep."""
        self.depth += 1
        if self.depth > _DEEPEST:
            raise self.error("too many nested constructs")

    def skip_blanks(self) -> None:
        """Pass blanks, comments and joined lines."""
        while True:
            if self.char and self.char in _BLANKS:
                self.at += 1
            elif self.text.startswith("\\\n", self.at):
                self.at += 2
            elif self.char == "#":
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            else:
                return

    def operator(self) -> str:
        """Return the operator that comes next, without passing it; empty when none does."""
        for operator in OPERATORS:
            if self.text.startswith(operator, self.at):
                return operator
        return self.char if self.char and self.char in SINGLE_OPERATORS else ""

    def take(self, operator: str) -> bool:
        """Pass an operator if it comes next."""
        if self.operator() != operator:
            return False
        self.at += len(operator)
        return True

    def word(self) -> Word | None:
        """Read the word that comes next; None when an operator or the end does."""
        parts: list[Part] = []
        start = self.at
        while self.char and self.char not in _META:
            self._piece(parts)
        return Word(tuple(parts)) if self.at > start else None

    def _piece(self, parts: list[Part]) -> None:
        char = self.char
        if char == "\\":
            self._escape(parts)
        elif char == "'":
            parts.append(self._single_quoted())
        elif char == '"':
            self.at += 1
            parts.extend(self.double_quoted('"'))
        elif char in "$`":
            parts.append(self._dollar(quoted=False))
        else:
            start = self.at
            while self.char and self.char not in _META and self.char not in "\\'\"$`":
                self.at += 1
            parts.append(Literal(self.text[start : self.at]))

    def _escape(self, parts: list[Part]) -> None:
        following = self.text[self.at + 1 : self.at + 2]
        self.at += 2 if following else 1
        if following != "\n":
            parts.append(Literal(following or "\\", quoted=True))

    def _single_quoted(self) -> Literal:
        end = self.text.find("'", self.at + 1)
        if end < 0:
            raise self.missing("Unterminated quoted string")
        text = self.text[self.at + 1 : end]
        self.at = end + 1
        return Literal(text, quoted=True)

    def double_quoted(self, end: str) -> list[Part]:
        """Read to the closing quote, or (``end`` empty) to the end of a here-document."""
        parts: list[Part] = []
        escapable = '$`"\\' if end else "$`\\"
        start = self.at
        while self.char != end:
            if not self.char:
                raise self.missing("Unterminated quoted string")
            start = self._double_quoted_piece(parts, start, escapable)
        parts.append(Literal(self.text[start : self.at], quoted=True))
        self.at += len(end)
        # An empty string is a word; empty text next to something adds nothing to it.
        return [part for part in parts if part != _NOTHING] or [_NOTHING]

    def _double_quoted_piece(self, parts: list[Part], start: int, escapable: str) -> int:
        """Read one character, escape or expansion; return where unread plain text begins."""
        char, following = self.char, self.text[self.at + 1 : self.at + 2]
        if char == "\\" and following and following in escapable + "\n":
            parts.append(Literal(self.text[start : self.at], quoted=True))
            self.at += 2
            parts.append(Literal("" if following == "\n" else following, quoted=True))
            return self.at
        if char in "$`":
            parts.append(Literal(self.text[start : self.at], quoted=True))
            parts.append(self._dollar(quoted=True))
            return self.at
        self.at += 1
        return start

    def _dollar(self, *, quoted: bool) -> Part:
        if self.char == "`":
            return self._backquoted(quoted=quoted)
        following = self.text[self.at + 1 : self.at + 2]
        if self.text.startswith("$((", self.at):
            found = self._arithmetic(quoted=quoted)
            if found is not None:
                return found
        if following == "(":
            return self._substitution(quoted=quoted)
        if following == "{":
            return self._braced(quoted=quoted)
        return self._plain_parameter(following, quoted=quoted)

    def _plain_parameter(self, following: str, *, quoted: bool) -> Part:
        self.at += 1
        if following and (following in _SPECIAL_PARAMETERS or following in "0123456789"):
            self.at += 1
            return Parameter(following, quoted=quoted)
        name = self._name()
        return Parameter(name, quoted=quoted) if name else Literal("$", quoted=True)

    def _name(self) -> str:
        start = self.at
        if self.char and not is_number(self.char):
            while self.char and (self.char == "_" or (self.char.isalnum() and self.char.isascii())):
                self.at += 1
        return self.text[start : self.at]

    def _substitution(self, *, quoted: bool) -> Substitution:
        self.at += 2
        self.deeper()
        body = self._parse(self)
        self.skip_blanks()
        if not self.take(")"):
            if not self.char:
                raise self.missing('end of file unexpected (expecting ")")')
            raise self.error(f'"{self.operator() or self.char}" unexpected (expecting ")")')
        self.depth -= 1
        return Substitution(body, quoted)

    def _backquoted(self, *, quoted: bool) -> Substitution:
        inner, at = [], self.at + 1
        while self.text[at : at + 1] != "`":
            if at >= len(self.text):
                raise self.missing("EOF in backquote substitution")
            escapes = '$`\\"' if quoted else "$`\\"
            following = self.text[at + 1 : at + 2]
            if self.text[at] == "\\" and following and following in escapes:
                at += 1
            inner.append(self.text[at])
            at += 1
        nested = Scanner("".join(inner), self._parse)
        nested.depth = self.depth
        nested.deeper()
        body = self._parse(nested)
        if nested.char:
            raise nested.error(f'"{nested.operator() or nested.char}" unexpected')
        self.at = at + 1
        return Substitution(body, quoted)

    def _arithmetic(self, *, quoted: bool) -> Arithmetic | None:
        end = self._arithmetic_end()
        if end is None:
            return None
        inner = Scanner(self.text[self.at + 3 : end], self._parse)
        inner.depth = self.depth
        inner.deeper()
        parts = inner.double_quoted("")
        self.at = end + 2
        return Arithmetic(Word(tuple(parts)), quoted)

    def _arithmetic_end(self) -> int | None:
        """Find the ``))`` of a ``$((``; None when it is a subshell in a substitution."""
        open_ones, at = 0, self.at + 3
        while at < len(self.text):
            if self.text[at] == "(":
                open_ones += 1
            elif self.text[at] == ")":
                if open_ones == 0:
                    return at if self.text.startswith("))", at) else None
                open_ones -= 1
            at += 1
        return None

    def _braced(self, *, quoted: bool) -> Parameter:
        self.at += 2
        length = self.char == "#" and self.text[self.at + 1 : self.at + 2] not in ("}", "")
        self.at += int(length)
        name = self._braced_name()
        if not name:
            raise self.error("Bad substitution")
        if self.char == "}":
            self.at += 1
            return Parameter(name, quoted=quoted, length=length)
        operator = next((o for o in _PARAMETER_OPERATORS if self.text.startswith(o, self.at)), "")
        if length or not operator:
            if not self.char:
                raise self.missing("Missing '}'")
            raise self.error("Bad substitution")
        self.at += len(operator)
        self.deeper()
        argument = self._braced_argument(quoted=quoted and operator[0] not in "%#")
        self.depth -= 1
        return Parameter(name, operator, argument, quoted)

    def _braced_name(self) -> str:
        if self.char and self.char in _SPECIAL_PARAMETERS:
            self.at += 1
            return self.text[self.at - 1]
        start = self.at
        while self.char.isdigit() and self.char.isascii():
            self.at += 1
        return self.text[start : self.at] or self._name()

    def _braced_argument(self, *, quoted: bool) -> Word:
        parts: list[Part] = []
        while self.char != "}":
            if not self.char:
                raise self.missing("Missing '}'")
            self._braced_piece(parts, quoted=quoted)
        self.at += 1
        return Word(tuple(parts))

    def _braced_piece(self, parts: list[Part], *, quoted: bool) -> None:
        char = self.char
        if char == "\\":
            self._escape(parts)
        elif char == '"':
            self.at += 1
            parts.extend(self.double_quoted('"'))
        elif char in "$`":
            parts.append(self._dollar(quoted=quoted))
        elif char == "'" and not quoted:
            parts.append(self._single_quoted())
        else:
            self.at += 1
            parts.append(Literal(char, quoted=quoted))
