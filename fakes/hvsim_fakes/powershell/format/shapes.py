"""Tables and lists laid out in lines of text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from hvsim_fakes.powershell.objects.formatting import format_value
from hvsim_fakes.powershell.objects.members import get_member, list_members
from hvsim_fakes.powershell.objects.nettype import OBJECT, NetType
from hvsim_fakes.powershell.objects.registry import register
from hvsim_fakes.powershell.objects.text import element_text, to_text
from hvsim_fakes.powershell.objects.values import (
    NOTHING,
    Entry,
    Hashtable,
    elements,
    is_list,
)

if TYPE_CHECKING:
    from hvsim_fakes.powershell.cmdlet import Call
    from hvsim_fakes.powershell.cmdlets.projection import Plan
    from hvsim_fakes.powershell.format.views import Column

WIDTH: Final = 80
_NUMBERS: Final = (int, float)


@dataclass(slots=True)
class Shaped:
    """What a Format cmdlet gives: text that only the host can show.

    Attributes:
        lines: the text.
    """

    lines: list[str] = field(default_factory=list)
    ps_type = NetType("Microsoft.PowerShell.Commands.Internal.Format.FormatEntryData", OBJECT)


register(Shaped.ps_type)


def cell(value: Any, limit: int = 4, pattern: str = "") -> str:
    """Return a value as a table or list shows it."""
    if value is None or value is NOTHING:
        return ""
    if isinstance(value, Hashtable):
        return _braces([Entry(key, one) for key, one in value.items()], limit)
    if is_list(value):
        return _braces(elements(value), limit)
    if pattern:
        return format_value(value, pattern)
    if hasattr(value, "format"):
        return str(value.format("G")) if not isinstance(value, str) else str(value)
    return element_text(value)


def _braces(values: list[Any], limit: int) -> str:
    limit = len(values) if limit < 0 else limit
    shown = [_inner(one) for one in values[:limit]]
    if len(values) > limit:
        shown[-1:] = [f"{shown[-1]}..."] if shown else []
    return "{" + ", ".join(shown) + "}"


def _inner(value: Any) -> str:
    if isinstance(value, Entry):
        return to_text(value.key)
    return element_text(value)


def limit_of(call: Call | None) -> int:
    """Return ``$FormatEnumerationLimit``."""
    if call is None:
        return 4
    found = call.engine.scope.get("formatenumerationlimit")
    return found if isinstance(found, int) else 4


# Lists


def list_lines(pairs: list[tuple[str, str]], width: int = WIDTH - 1) -> list[str]:
    """Return names and values as ``name : value``, long values going on below."""
    if not pairs:
        return []
    size = max(len(name) for name, _ in pairs)
    room = max(width - size - 3, 1)
    out = []
    for name, text in pairs:
        parts = [part for line in text.split("\n") for part in wrapped(line.rstrip("\r"), room)]
        out.append(f"{name.ljust(size)} : {parts[0]}")
        out += [" " * (size + 3) + part for part in parts[1:]]
    return out


def wrapped(text: str, width: int) -> list[str]:
    """Cut a text into lines, at blanks where there are any."""
    out = []
    while len(text) > width:
        at = text.rfind(" ", 0, width + 1)
        cut = at if at > 0 else width
        out.append(text[:cut])
        text = text[cut:].lstrip(" ") if at > 0 else text[cut:]
    return [*out, text]


# Tables


@dataclass(slots=True)
class _Sized:
    column: Column
    width: int
    right: bool


def table_lines(
    columns: list[Column],
    rows: list[list[Any]],
    *,
    width: int = WIDTH - 1,
    limit: int = 4,
    headers: bool = True,
    wrap: bool = False,
    patterns: list[str] | None = None,
) -> list[str]:
    """Return rows of values as a table.

    Args:
        columns: what stands above.
        rows: values, one for each column.
        width: of the page; columns that do not fit are left out.
        limit: elements shown of a collection.
        headers: whether there is a head.
        wrap: whether long cells go on below instead of being cut.
        patterns: formats, one for each column.
    """
    given = patterns or [""] * len(columns)
    texts = [
        [
            cell(value, limit, pattern).replace("\r", "").replace("\n", " " if not wrap else "\n")
            for value, pattern in zip(row, given, strict=True)
        ]
        for row in rows
    ]
    sized = _sizes(columns, rows, texts, width)
    out = []
    if headers:
        out.append(_row(sized, [one.column.header for one in sized]))
        out.append(_row(sized, ["-" * min(len(one.column.header), one.width) for one in sized]))
    for row in texts:
        out += _cells(sized, row, wrap=wrap)
    return out


def _sizes(
    columns: list[Column], rows: list[list[Any]], texts: list[list[str]], width: int
) -> list[_Sized]:
    out: list[_Sized] = []
    left = width
    for at, column in enumerate(columns):
        need = column.width
        if need is None:
            need = max([len(column.header), *(len(row[at]) for row in texts)])
        if need == 0:
            need = max(left, 1)
        if left < 1 or (out and left < min(need, len(column.header), 4)):
            break
        need = min(need, left)
        out.append(_Sized(column, need, _to_right(column, rows, at)))
        left -= need + 1
    return out


def _to_right(column: Column, rows: list[list[Any]], at: int) -> bool:
    if column.right is not None:
        return column.right
    first = next((row[at] for row in rows if row[at] is not None), None)
    return isinstance(first, _NUMBERS) and not isinstance(first, bool)


def _row(sized: list[_Sized], texts: list[str]) -> str:
    cells = []
    for one, text in zip(sized, texts, strict=False):
        shown = text if len(text) <= one.width else _cut(text, one)
        cells.append(shown.rjust(one.width) if one.right else shown.ljust(one.width))
    return " ".join(cells).rstrip(" ")


def _cut(text: str, one: _Sized) -> str:
    if one.width < 4:
        return text[: one.width]
    return "..." + text[-(one.width - 3) :] if one.right else text[: one.width - 3] + "..."


def _cells(sized: list[_Sized], row: list[str], *, wrap: bool) -> list[str]:
    if not wrap:
        return [_row(sized, row)]
    parts = [
        [piece for line in text.split("\n") for piece in wrapped(line, one.width)]
        for one, text in zip(sized, row, strict=False)
    ]
    count = max((len(one) for one in parts), default=1)
    return [_row(sized, [one[at] if at < len(one) else "" for one in parts]) for at in range(count)]


# What to show of an object


def shown_properties(value: Any, engine: Any) -> list[tuple[str, Any]]:
    """Return all properties of a value, for a view that shows them all."""
    if isinstance(value, Hashtable):
        return [(to_text(key), one) for key, one in value.items()]
    return list(list_members(value, engine))


def column_value(column: Column, value: Any, engine: Any) -> Any:
    """Return what a column shows of a value."""
    if column.get is not None:
        return column.get(value)
    return get_member(value, (column.source or column.header).lower(), engine)


def plan_facts(plan: Plan) -> tuple[int | None, bool | None, str]:
    """Return width, alignment and format of a calculated column."""
    width: int | None = None
    right: bool | None = None
    pattern = ""
    for key, value in plan.facts.items():
        word = to_text(key).lower()
        if word and "width".startswith(word):
            width = int(value)
        elif word and "alignment".startswith(word):
            right = to_text(value).lower() == "right"
        elif word and "formatstring".startswith(word):
            pattern = to_text(value)
    return width, right, pattern
