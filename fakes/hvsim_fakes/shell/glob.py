"""Matching file names with patterns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim.files import FileError
from hvsim_fakes.shell.pattern import Pattern

if TYPE_CHECKING:
    from hvsim_fakes.shell.state import State
    from hvsim_fakes.shell.view import View

_MOST = 100_000


def expand_names(state: State, text: str, quoted: list[bool]) -> list[str]:
    """Return the paths a pattern matches, sorted; empty when there are none."""
    view = state.view
    found = ["/" if text.startswith("/") else ""]
    for part, flags in _components(text, quoted):
        pattern = Pattern(part, flags)
        found = [path for base in found for path in _step(view, base, part, pattern, flags)]
        state.session.step(len(found))
        if len(found) > _MOST:
            return []
    return sorted(found)


def _components(text: str, quoted: list[bool]) -> list[tuple[str, list[bool]]]:
    parts, start = [], 0
    for at, char in enumerate(text):
        if char == "/":
            if at > start:
                parts.append((text[start:at], quoted[start:at]))
            start = at + 1
    parts.append((text[start:], quoted[start:]))
    return parts


def _step(view: View, base: str, part: str, pattern: Pattern, quoted: list[bool]) -> list[str]:
    """Return the paths that one more component of a pattern leads to."""
    if not part:
        # A pattern that ends with a slash means directories.
        return [base + "/"] if view.is_directory(base or ".") else []
    front = base if base in ("", "/") else base + "/"
    if pattern.plain:
        name = part if all(quoted) else _unquoted(part, quoted)
        return [front + name] if view.exists(front + name, follow=False) else []
    hidden = part.startswith(".")
    try:
        names = view.names(base or ".")
    except FileError:
        return []
    return [
        front + name
        for name in names
        if (hidden or not name.startswith(".")) and pattern.matches(name)
    ]


def _unquoted(part: str, quoted: list[bool]) -> str:
    """Return a component without the backslashes that quote in it."""
    kept, at = [], 0
    while at < len(part):
        if part[at] == "\\" and not quoted[at] and at + 1 < len(part):
            at += 1
        kept.append(part[at])
        at += 1
    return "".join(kept)
