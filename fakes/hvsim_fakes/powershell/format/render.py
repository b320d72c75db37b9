"""Any objects as text, the way Out-Default and Out-String show them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hvsim_fakes.powershell.errors import ErrorRecord
from hvsim_fakes.powershell.format import shapes
from hvsim_fakes.powershell.format.layout import error_lines
from hvsim_fakes.powershell.format.shapes import WIDTH, Shaped, cell
from hvsim_fakes.powershell.format.views import Column, ListView, TableView, TextView, View, view_of
from hvsim_fakes.powershell.objects.enums import EnumValue
from hvsim_fakes.powershell.objects.registry import type_of
from hvsim_fakes.powershell.objects.text import net_text
from hvsim_fakes.powershell.objects.values import (
    NOTHING,
    Credential,
    Entry,
    Hashtable,
    PSObject,
    SecureString,
    elements,
    is_list,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_TABLE_COLUMNS = 4


def render(values: Iterable[Any], engine: Any = None, width: int = WIDTH) -> list[str]:
    """Return objects as lines of text."""
    return list(Renderer(engine, width).lines(values))


class Renderer:
    """Shows objects one after the other; neighbours of one type share a table."""

    def __init__(self, engine: Any, width: int = WIDTH) -> None:
        self.engine = engine
        self.width = width - 1
        self.limit = 4
        if engine is not None:
            found = engine.scope.get("formatenumerationlimit")
            self.limit = found if isinstance(found, int) else 4

    def lines(self, values: Iterable[Any]) -> Iterator[str]:
        """Go through the lines."""
        group: list[Any] = []
        mark: Any = None
        for value in values:
            for one in self._plain(value):
                key = self._mark(one)
                if group and key != mark:
                    yield from self._group(group)
                    group = []
                mark = key
                group.append(one)
        if group:
            yield from self._group(group)

    def _plain(self, value: Any) -> Iterator[Any]:
        """Take collections apart, as the pipeline to Out-Default does."""
        if value is None or value is NOTHING:
            return
        if is_list(value):
            for one in elements(value):
                yield from self._plain(one)
        elif (isinstance(value, Hashtable) and view_of(value) is not None) or isinstance(
            value, Hashtable
        ):
            for key, one in value.items():
                yield Entry(key, one)
        else:
            yield value

    def _mark(self, value: Any) -> Any:
        """Return what neighbours must share to be shown together."""
        if is_line(value):
            return "line"
        if isinstance(value, Shaped | ErrorRecord):
            return id(value)
        if isinstance(value, PSObject):
            return ("object", value.type_names, tuple(value.members))
        return type_of(value)

    def _group(self, group: list[Any]) -> Iterator[str]:
        first = group[0]
        if is_line(first):
            for one in group:
                yield from net_text(one).replace("\r\n", "\n").split("\n")
        elif isinstance(first, Shaped):
            yield from first.lines
        elif isinstance(first, ErrorRecord):
            yield from error_lines(first)
        else:
            yield from self._objects(group, view_of(first))

    def _objects(self, group: list[Any], view: View | None) -> Iterator[str]:
        if isinstance(view, TextView):
            for one in group:
                yield from [""] * view.before
                yield from view.text(one).replace("\r\n", "\n").split("\n")
                yield from [""] * view.after
        elif isinstance(view, TableView):
            yield from self._table(group, settled(view))
        elif isinstance(view, ListView):
            yield from self._list(group, view.properties)
        else:
            yield from self._unknown(group)

    def _unknown(self, group: list[Any]) -> Iterator[str]:
        names = [name for name, _ in shapes.shown_properties(group[0], self.engine)]
        if not names:
            if not isinstance(group[0], PSObject):
                for one in group:
                    yield net_text(one)
            return
        if len(names) <= _TABLE_COLUMNS:
            yield from self._table(group, [Column(name) for name in names])
        else:
            yield from self._list(group, ())

    def _table(self, group: list[Any], columns: list[Column]) -> Iterator[str]:
        rows = [
            [shapes.column_value(one, value, self.engine) for one in columns] for value in group
        ]
        yield ""
        yield from shapes.table_lines(columns, rows, width=self.width, limit=self.limit)
        yield ""
        yield ""

    def _list(self, group: list[Any], names: tuple[str, ...]) -> Iterator[str]:
        yield ""
        for one in group:
            yield ""
            pairs = shapes.shown_properties(one, self.engine)
            if names:
                wanted = {name.lower(): value for name, value in pairs}
                pairs = [(name, wanted.get(name.lower())) for name in names]
            shown = [(name, cell(value, self.limit)) for name, value in pairs]
            yield from shapes.list_lines(shown, self.width)
        yield from ("", "", "")


def settled(view: TableView) -> list[Column]:
    """Return a view's columns: those that say nothing else are aligned to the left."""
    return [replace(one, right=bool(one.right)) for one in view.columns]


def is_line(value: Any) -> bool:
    """Tell whether a value is shown on a line of its own: strings, numbers, names."""
    if isinstance(value, str | int | float | EnumValue):
        return True
    kind = type_of(value)
    if kind.name == "System.Decimal":
        return True
    return (
        isinstance(value, SecureString | Credential) is False
        and kind.name == "System.Management.Automation.Internal.AutomationNull"
    )
