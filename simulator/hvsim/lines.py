"""Where things stand in a TOML file: the line of every key, for messages a person can follow."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from typing import Any, Final, TypeAlias

Path: TypeAlias = tuple[str | int, ...]
"""Keys and array indexes from the document's root down."""

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^,\]}\n#]*")
_STRINGS: Final = (
    # A multi-line string may end in up to two quotes of its own.
    re.compile(r'"""(?:[^\\]|\\.)*?"{3,5}', re.DOTALL),
    re.compile(r"'''.*?'{3,5}", re.DOTALL),
    re.compile(r'"(?:[^"\\\n]|\\.)*"'),
    re.compile(r"'[^'\n]*'"),
)


class Lines:
    """Line numbers, counted from 1, of the tables and keys of a valid TOML document."""

    def __init__(self, text: str) -> None:
        self._found = _Scanner(text).scan()

    def line(self, path: Path) -> int | None:
        """Return the line of ``path``, or of the nearest thing around it that has one."""
        for length in range(len(path), 0, -1):
            found = self._found.get(path[:length])
            if found is not None:
                return found
        return None


class _Scanner:
    """Walks over a document that ``tomllib`` has accepted; judges nothing itself."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._newlines = [match.start() for match in re.finditer("\n", text)]
        self._found: dict[Path, int] = {}
        self._last: dict[Path, int] = {}

    def scan(self) -> dict[Path, int]:
        table: Path = ()
        while self._skip(_BLANK) < len(self._text):
            if self._take("[["):
                table = self._header(array=True)
            elif self._take("["):
                table = self._header(array=False)
            else:
                self._pair(table)
        return self._found

    def _header(self, *, array: bool) -> Path:
        path: Path = ()
        start = self._at
        *outer, last = self._key()
        for part in outer:
            path = self._element((*path, part))
        path = (*path, last)
        if array:
            self._last[path] = self._last.get(path, -1) + 1
            self._note(path, start)
        path = self._element(path)
        self._note(path, start)
        self._take("]")
        self._take("]")
        return path

    def _element(self, path: Path) -> Path:
        """Return the path of an array's newest table when ``path`` is an array of tables."""
        return (*path, self._last[path]) if path in self._last else path

    def _pair(self, table: Path) -> None:
        start = self._at
        path = table
        for part in self._key():
            path = (*path, part)
            self._note(path, start)
        self._take("=")
        self._value(path)

    def _key(self) -> list[str]:
        parts = [self._key_part()]
        while self._take("."):
            parts.append(self._key_part())
        return parts

    def _key_part(self) -> str:
        self._skip(_SPACE)
        bare = _BARE.match(self._text, self._at)
        if bare:
            self._at = bare.end()
            return bare.group()
        start = self._at
        self._string()
        quoted: dict[str, Any] = tomllib.loads(f"key = {self._text[start : self._at]}")
        return str(quoted["key"])

    def _value(self, path: Path) -> None:
        self._skip(_BLANK)
        if self._take("["):
            self._array(path)
        elif self._take("{"):
            self._inline_table(path)
        elif not self._string():
            self._skip(_SCALAR)

    def _array(self, path: Path) -> None:
        index = 0
        self._skip(_BLANK)
        while not self._take("]"):
            element = (*path, index)
            self._note(element, self._at)
            self._value(element)
            index += 1
            self._skip(_BLANK)
            self._take(",")
            self._skip(_BLANK)

    def _inline_table(self, path: Path) -> None:
        self._skip(_BLANK)
        while not self._take("}"):
            self._pair(path)
            self._skip(_BLANK)
            self._take(",")
            self._skip(_BLANK)

    def _string(self) -> bool:
        for kind in _STRINGS:
            match = kind.match(self._text, self._at)
            if match:
                self._at = match.end()
                return True
        return False

    def _take(self, token: str) -> bool:
        at = self._skip(_SPACE)
        if not self._text.startswith(token, at):
            return False
        self._at = at + len(token)
        return True

    def _skip(self, what: re.Pattern[str]) -> int:
        match = what.match(self._text, self._at)
        if match:
            self._at = match.end()
        return self._at

    def _note(self, path: Path, at: int) -> None:
        self._found.setdefault(path, bisect_right(self._newlines, at - 1) + 1)
