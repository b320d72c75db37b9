"""The layout of errors on a console: message, place, category and identifier."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from hvsim_fakes.powershell.errors import ErrorRecord

WIDTH: Final = 79


def error_lines(record: ErrorRecord, width: int = WIDTH) -> list[str]:
    """Return an error's lines, wrapped as a console of 80 columns does."""
    from hvsim_fakes.powershell.dotnet.automation import (  # noqa: PLC0415 - the modules need each other
        category_text,
        position_message,
    )

    command = record.command or record.activity
    head = f"{command} : {record.message}" if command else record.message
    out = [part for line in _lines(head) for part in by_words(line, width)]
    place = position_message(record)
    if place:
        out += [part for line in _lines(place) for part in by_words(line, width)]
    out += by_size(f"    + CategoryInfo          : {category_text(record)}", width)
    out += by_size(f"    + FullyQualifiedErrorId : {record.full_id}", width)
    if record.recommended:
        out += by_size(f"    + RecommendedAction     : {record.recommended}", width)
    return [*out, " "]


def error_text(record: ErrorRecord) -> str:
    """Return an error as one text."""
    return "\r\n".join(error_lines(record)) + "\r\n"


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").split("\n")


def by_words(text: str, width: int) -> list[str]:
    """Cut a line at blanks; the blank stays at the line's end."""
    out = []
    while len(text) > width:
        at = text.rfind(" ", 0, width)
        cut = at + 1 if at > 0 and text[:at].strip() else width
        out.append(text[:cut])
        text = text[cut:]
    return [*out, text]


def by_size(text: str, width: int) -> list[str]:
    """Cut an indented line anywhere; a blank ends each piece, three begin the next."""
    if len(text) <= width:
        return [text]
    out = [text[: width - 1] + " "]
    rest = text[width - 1 :]
    size = width - 4
    while len(rest) > size + 1:
        out.append(f"   {rest[:size]} ")
        rest = rest[size:]
    return [*out, f"   {rest}"]
