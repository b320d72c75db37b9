"""The words of a ``zonecfg`` command: plain, quoted, ``name=value``, lists and tuples."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

_SPACE = re.compile(r"[ \t\r]+")
_QUOTED = re.compile(r'"([^"\n]*)"')
_PLAIN = re.compile(r"[^ \t\r\n;=\[\](),\"#]+")
_LIST = re.compile(r"\[([^\]\n]*)\]")
_TUPLE = re.compile(r"\(([^()\n]*)\)")


class WordsError(Exception):
    """A line that is no command; ``token`` is where the reading stopped."""

    def __init__(self, token: str) -> None:
        self.token = token
        super().__init__(token)


@dataclass(slots=True)
class Line:
    """One command.

    Attributes:
        verb: the first word.
        words: the others that stand by themselves, options among them.
        pairs: ``name=value`` in their order; a list is a list, a tuple a string in parentheses.
        loose: lists and tuples that have no name.
    """

    verb: str
    words: list[str] = field(default_factory=list)
    pairs: list[tuple[str, str | list[str]]] = field(default_factory=list)
    loose: list[str | list[str]] = field(default_factory=list)


def split(text: str) -> list[str]:
    """Return the commands of a text: its lines, taken apart at semicolons outside quotes."""
    found: list[str] = []
    current, quoted = "", False
    for letter in text:
        if letter == '"':
            quoted = not quoted
        if (letter == ";" and not quoted) or letter == "\n":
            found.append(current)
            current, quoted = "", False
        else:
            current += letter
    found.append(current)
    return found


def read(text: str) -> Line | None:
    """Return the command in a line, None for an empty one; raises :class:`WordsError`."""
    reader = _Reader(text)
    verb = reader.word()
    if verb is None:
        return None
    line = Line(verb)
    while (item := reader.item()) is not None:
        kind, name, value = item
        if kind == "pair":
            line.pairs.append((name, value))
        elif kind == "loose":
            line.loose.append(value)
        else:
            line.words.append(name)
    return line


Item = tuple[str, str, str | list[str]]
_END: Final = ""


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def word(self) -> str | None:
        """Return a plain or quoted word, None at the end."""
        self._skip()
        if self._over():
            return None
        found = self._take(_QUOTED) or self._take(_PLAIN)
        if found is None:
            raise WordsError(self._text[self._at])
        return found

    def item(self) -> Item | None:
        """Return the next word, pair or list."""
        self._skip()
        if self._over():
            return None
        if self._text[self._at] in "[(":
            return ("loose", "", self._value())
        name = self.word() or ""
        self._skip()
        if not self._text.startswith("=", self._at):
            return ("word", name, "")
        self._at += 1
        return ("pair", name, self._value())

    def _value(self) -> str | list[str]:
        self._skip()
        listed = self._take(_LIST)
        if listed is not None:
            return [part.strip().strip('"') for part in _parts(listed)]
        grouped = self._take(_TUPLE)
        if grouped is not None:
            return f"({grouped.replace(' ', '')})"
        quoted = self._take(_QUOTED)
        if quoted is not None:
            return quoted
        return self._bare()

    def _bare(self) -> str:
        """Return an unquoted value, which may hold further ``=`` and commas."""
        found = re.compile(r"[^ \t\r\n;\"\[\]()#]*").match(self._text, self._at)
        value = found.group() if found else ""
        self._at += len(value)
        if not value and not self._over():
            raise WordsError(self._text[self._at])
        return value

    def _take(self, what: re.Pattern[str]) -> str | None:
        found = what.match(self._text, self._at)
        if found is None:
            return None
        self._at = found.end()
        return found.group(1) if what.groups else found.group()

    def _skip(self) -> None:
        found = _SPACE.match(self._text, self._at)
        if found:
            self._at = found.end()

    def _over(self) -> bool:
        return self._at >= len(self._text) or self._text[self._at] == "#"


def _parts(text: str) -> list[str]:
    """Return the members of a list; commas within parentheses do not part them."""
    parts, depth, current = [], 0, ""
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            parts.append(current)
            current = ""
        else:
            current += letter
    return [part for part in (*parts, current) if part.strip()]
