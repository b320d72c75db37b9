"""Shell patterns: ``*``, ``?`` and ``[...]``, matched without ever backtracking far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_CLASSES: dict[str, Callable[[str], bool]] = {
    "alnum": str.isalnum,
    "alpha": str.isalpha,
    "blank": lambda char: char in " \t",
    "cntrl": lambda char: ord(char) < 32 or ord(char) == 127,
    "digit": lambda char: char in "0123456789",
    "graph": lambda char: char.isprintable() and char != " ",
    "lower": str.islower,
    "print": str.isprintable,
    "punct": lambda char: char.isprintable() and not char.isalnum() and char != " ",
    "space": str.isspace,
    "upper": str.isupper,
    "xdigit": lambda char: char in "0123456789abcdefABCDEF",
}


@dataclass(frozen=True, slots=True)
class _Set:
    negated: bool
    ranges: tuple[tuple[str, str], ...]
    classes: tuple[str, ...]

    def has(self, char: str) -> bool:
        found = any(low <= char <= high for low, high in self.ranges)
        found = found or any(_CLASSES[name](char) for name in self.classes)
        return found is not self.negated


class _Any:
    """``?``."""

    def has(self, char: str) -> bool:
        return bool(char)


_Item = str | _Set | _Any
_STAR = "*"
_ANY = _Any()


class Pattern:
    """A compiled pattern.

    Args:
        text: the pattern.
        quoted: for each of its characters, whether it stands for itself; None if none is quoted.
    """

    def __init__(self, text: str, quoted: list[bool] | None = None) -> None:
        self._items: list[tuple[_Item, bool]] = []
        """Each with whether it is a plain character (else ``*``, a set, ``?``)."""
        flags = quoted or [False] * len(text)
        at = 0
        while at < len(text):
            at = self._compile(text, flags, at)

    @property
    def plain(self) -> bool:
        """Whether it matches one text only."""
        return all(plain for _, plain in self._items)

    def matches(self, text: str) -> bool:
        """Tell whether it matches the whole of a text, in time of their lengths' product."""
        at = item = 0
        star, mark = -1, 0
        while at < len(text):
            if item < len(self._items) and self._items[item] == (_STAR, False):
                star, mark = item, at
                item += 1
            elif item < len(self._items) and _fits(self._items[item], text[at]):
                at += 1
                item += 1
            elif star >= 0:
                mark += 1
                at, item = mark, star + 1
            else:
                return False
        return all(left == (_STAR, False) for left in self._items[item:])

    def shortest_prefix(self, text: str) -> int | None:
        """Return the length of the shortest beginning it matches."""
        return next(_accepted(self._items, text), None)

    def longest_prefix(self, text: str) -> int | None:
        """Return the length of the longest beginning it matches."""
        return max(_accepted(self._items, text), default=None)

    def shortest_suffix(self, text: str) -> int | None:
        """Return where the shortest end it matches begins."""
        length = next(_accepted(self._items[::-1], text[::-1]), None)
        return None if length is None else len(text) - length

    def longest_suffix(self, text: str) -> int | None:
        """Return where the longest end it matches begins."""
        length = max(_accepted(self._items[::-1], text[::-1]), default=None)
        return None if length is None else len(text) - length

    def _compile(self, text: str, quoted: list[bool], at: int) -> int:
        char = text[at]
        if quoted[at]:
            self._items.append((char, True))
        elif char == "\\" and at + 1 < len(text):
            self._items.append((text[at + 1], True))
            return at + 2
        elif char == "*":
            self._items.append((_STAR, False))
        elif char == "?":
            self._items.append((_ANY, False))
        elif char == "[" and (found := _set(text, quoted, at)) is not None:
            self._items.append((found[0], False))
            return found[1]
        else:
            self._items.append((char, True))
        return at + 1


def _accepted(items: list[tuple[_Item, bool]], text: str) -> Iterator[int]:
    """Give the lengths of the beginnings that a pattern matches, all in one pass."""
    states = _closed({0}, items)
    for length in range(len(text) + 1):
        if len(items) in states:
            yield length
        if length == len(text) or not states:
            return
        char = text[length]
        moved = {
            at if items[at] == (_STAR, False) else at + 1
            for at in states
            if at < len(items) and (items[at] == (_STAR, False) or _fits(items[at], char))
        }
        states = _closed(moved, items)


def _closed(states: set[int], items: list[tuple[_Item, bool]]) -> set[int]:
    """Add the states that stars lead to without a character."""
    found = set(states)
    for at in states:
        following = at
        while following < len(items) and items[following] == (_STAR, False):
            following += 1
            found.add(following)
    return found


def _fits(item: tuple[_Item, bool], char: str) -> bool:
    wanted, _ = item
    return wanted == char if isinstance(wanted, str) else wanted.has(char)


def _set(text: str, quoted: list[bool], start: int) -> tuple[_Set, int] | None:
    """Compile the set that begins at ``start``; None when it is no set."""
    at = start + 1
    negated = text[at : at + 1] in ("!", "^") and not quoted[at]
    at += int(negated)
    ranges: list[tuple[str, str]] = []
    classes: list[str] = []
    first = True
    while at < len(text):
        char = text[at]
        if char == "]" and not first and not quoted[at]:
            return _Set(negated, tuple(ranges), tuple(classes)), at + 1
        first = False
        end = text.find(":]", at + 2)
        if text.startswith("[:", at) and end > 0 and text[at + 2 : end] in _CLASSES:
            classes.append(text[at + 2 : end])
            at = end + 2
            continue
        if char == "\\" and not quoted[at] and at + 1 < len(text):
            at += 1
            char = text[at]
        if text[at + 1 : at + 2] == "-" and text[at + 2 : at + 3] not in ("", "]"):
            ranges.append((char, text[at + 2]))
            at += 3
        else:
            ranges.append((char, char))
            at += 1
    return None
