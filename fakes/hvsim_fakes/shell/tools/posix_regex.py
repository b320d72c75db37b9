"""POSIX regular expressions, basic and extended, by a library with a limit on time."""

from __future__ import annotations

from functools import lru_cache

import regex

from hvsim_fakes.shell.numerals import is_number
from hvsim_fakes.shell.program import SIGXCPU, Interrupted
from hvsim_fakes.shell.tools.options import UsageError

_SECONDS = 2.0
"""The longest one match may take on the machine, whatever the expression."""
_LONGEST = 4_096
_CLASS_NAMES = frozenset(
    (
        *("alnum", "alpha", "blank", "cntrl", "digit", "graph"),
        *("lower", "print", "punct", "space", "upper", "xdigit"),
    )
)
_GNU = {"w": r"[0-9A-Za-z_]", "W": r"[^0-9A-Za-z_]", "s": r"\s", "S": r"\S", "b": r"\b", "B": r"\B"}
_GNU |= {"<": r"\b(?=[0-9A-Za-z_])", ">": r"\b(?<=[0-9A-Za-z_])", "`": r"\A", "'": r"\Z"}


class Matcher:
    """A compiled expression.

    Args:
        extended: ERE, else BRE.
    """

    def __init__(self, text: str, *, extended: bool, ignore_case: bool = False) -> None:
        if len(text) > _LONGEST:
            raise UsageError("regular expression too big")
        flags = regex.VERSION0 | (regex.IGNORECASE if ignore_case else 0)
        try:
            self._compiled = regex.compile(_translated(text, extended=extended), flags)
        except (regex.error, RecursionError, OverflowError, ValueError):
            raise UsageError(f"invalid regular expression: {text}") from None

    def search(self, text: str, at: int = 0) -> regex.Match[str] | None:
        """Return the first match at or after ``at``; ``^`` matches at the text's start alone."""
        try:
            return self._compiled.search(text, at, timeout=_SECONDS, concurrent=True)
        except TimeoutError:
            raise Interrupted(SIGXCPU) from None

    @property
    def groups(self) -> int:
        """How many groups it has."""
        return int(self._compiled.groups)


@lru_cache(maxsize=256)
def compiled(text: str, *, extended: bool, ignore_case: bool = False) -> Matcher:
    """Return a matcher; raises UsageError for an expression that is none."""
    return Matcher(text, extended=extended, ignore_case=ignore_case)


def _translated(text: str, *, extended: bool) -> str:
    return _Translator(text, extended=extended).run()


class _Translator:
    def __init__(self, text: str, *, extended: bool) -> None:
        self._text = text
        self._extended = extended
        self._at = 0
        self._out: list[str] = []

    def run(self) -> str:
        while self._at < len(self._text):
            char = self._text[self._at]
            if char == "[":
                self._bracket()
            elif char == "\\":
                self._escape()
            elif self._extended:
                self._extended_char(char)
            else:
                self._basic_char(char)
        return "".join(self._out)

    @property
    def _begins(self) -> bool:
        """Whether nothing that could be repeated comes before."""
        return not self._out or self._out[-1] in ("(", "|", "^")

    def _put(self, text: str, length: int = 1) -> None:
        self._out.append(text)
        self._at += length

    def _basic_char(self, char: str) -> None:
        following = self._text[self._at + 1 : self._at + 3]
        if char == "*":
            self._put("\\*" if self._begins else "*")
        elif char == "^":
            self._put("^" if not self._out or self._out[-1] == "(" else "\\^")
        elif char == "$":
            self._put(r"\Z" if not following or following == "\\)" else "\\$")
        else:
            self._put("." if char == "." else regex.escape(char, literal_spaces=True))

    def _extended_char(self, char: str) -> None:
        if char in "*+?" and self._begins:
            self._put(f"\\{char}")
        elif char == "{":
            self._interval("{", "}")
        elif char == "$":
            self._put(r"\Z")
        elif char in "()|^.*+?":
            self._put(char)
        else:
            self._put(regex.escape(char, literal_spaces=True))

    def _escape(self) -> None:
        char = self._text[self._at + 1 : self._at + 2]
        if not char:
            raise UsageError("trailing backslash")
        if not self._extended and char in "()|":
            self._put(char, 2)
        elif not self._extended and char == "{":
            self._at += 1
            self._interval("{", "\\}")
        elif not self._extended and char in "+?":
            self._put(f"\\{char}" if self._begins else char, 2)
        elif is_number(char) and char != "0":
            self._put(f"(?:\\{char})", 2)
        elif char in "nt":
            self._put({"n": "\n", "t": "\t"}[char], 2)
        else:
            self._put(_GNU.get(char) or regex.escape(char, literal_spaces=True), 2)

    def _interval(self, opening: str, closing: str) -> None:
        end = self._text.find(closing, self._at + len(opening))
        inner = self._text[self._at + 1 : end] if end > 0 else ""
        numbers = inner.split(",")
        good = len(numbers) <= 2 and all(is_number(one) or not one for one in numbers)
        if not good or not is_number(numbers[0]):
            if self._extended:
                self._put("\\{")
                return
            raise UsageError("invalid interval")
        if self._begins or any(one and int(one) > 255 for one in numbers):
            raise UsageError("invalid interval")
        self._put("{" + inner + "}", end + len(closing) - self._at)

    def _bracket(self) -> None:
        at = self._at + 1
        negated = self._text[at : at + 1] == "^"
        at += int(negated)
        parts = ["[^" if negated else "["]
        first = True
        while first or self._text[at : at + 1] != "]":
            first = False
            char = self._text[at : at + 1]
            if not char:
                raise UsageError("unmatched [")
            end = self._text.find(":]", at + 2)
            if self._text.startswith("[:", at) and end > 0:
                parts.append(_named_class(self._text[at + 2 : end]))
                at = end + 2
                continue
            if self._text[at + 1 : at + 2] == "-" and self._text[at + 2 : at + 3] not in ("", "]"):
                parts.append(f"{_in_set(char)}-{_in_set(self._text[at + 2])}")
                at += 3
                continue
            parts.append(_in_set(char))
            at += 1
        self._at = at + 1
        self._out.append("".join(parts) + "]")


def _in_set(char: str) -> str:
    return f"\\{char}" if char in "\\]^-[&~|" else char


def _named_class(name: str) -> str:
    if name not in _CLASS_NAMES:
        raise UsageError(f"invalid character class: {name}")
    return f"[:{name}:]"
