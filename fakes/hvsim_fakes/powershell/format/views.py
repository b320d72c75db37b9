"""Default views: how objects of a type are shown when nothing else is asked for.

A product registers its own::

    register("Microsoft.SystemCenter.VirtualMachineManager.VM", ListView(("Name", "Status")))
    register("My.Type", TableView((Column("Name", 20), Column("Count", 6, right=True))))
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hvsim_fakes.powershell.objects.registry import type_of
from hvsim_fakes.powershell.objects.values import PSObject

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        header: its title.
        width: in characters; 0 takes what is left, None what its contents need.
        right: whether it is aligned to the right; None leaves it to the first value.
        source: name of the property; the header unless said.
        get: computes the value instead.
    """

    header: str
    width: int | None = None
    right: bool | None = None
    source: str = ""
    get: Callable[[Any], Any] | None = None


@dataclass(frozen=True, slots=True)
class TableView:
    """Objects as rows."""

    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class ListView:
    """Objects as lists of properties; none stands for all of them."""

    properties: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TextView:
    """Objects as text of their own, with blank lines around them."""

    text: Callable[[Any], str]
    before: int = 0
    after: int = 0


View = TableView | ListView | TextView
_VIEWS: dict[str, View] = {}


def register(type_name: str, view: View) -> None:
    """Register the default view of a type and of what extends it."""
    _VIEWS[type_name.lower()] = view


def view_of(value: Any) -> View | None:
    """Return the default view registered for a value's type, None if there is none."""
    names = (
        value.type_names
        if isinstance(value, PSObject)
        else [one.name for one in type_of(value).lineage()]
    )
    for name in names:
        found = _VIEWS.get(name.removeprefix("Deserialized.").lower())
        if found is not None:
            return found
    return None


def default_names(value: Any) -> tuple[str, ...]:
    """Return the properties that a list view of a value's type shows, none if unknown."""
    found = view_of(value)
    return found.properties if isinstance(found, ListView) else ()


register("System.DateTime", TextView(lambda one: str(one.format("F")), 1, 2))
register(
    "System.TimeSpan",
    ListView(
        (
            "Days",
            "Hours",
            "Minutes",
            "Seconds",
            "Milliseconds",
            "Ticks",
            "TotalDays",
            "TotalHours",
            "TotalMinutes",
            "TotalSeconds",
            "TotalMilliseconds",
        )
    ),
)
register("System.Guid", TableView((Column("Guid"),)))
register(
    "System.Version",
    TableView(
        tuple(
            Column(name, width, right=False)
            for name, width in (("Major", 6), ("Minor", 6), ("Build", 6), ("Revision", 8))
        )
    ),
)
register("System.Collections.Hashtable", TableView((Column("Name", 30), Column("Value", 0))))
register("System.Collections.DictionaryEntry", TableView((Column("Name", 30), Column("Value", 0))))
register(
    "Microsoft.PowerShell.Commands.GroupInfo",
    TableView((Column("Count", 5, right=True), Column("Name", 25), Column("Group", 0))),
)
register(
    "System.RuntimeType",
    TableView(
        (
            Column("IsPublic", 8),
            Column("IsSerial", 8, get=lambda _: True),
            Column("Name", 40),
            Column("BaseType", 0),
        )
    ),
)
register("System.Exception", TextView(lambda one: f"{one.ps_type.name}: {one.message}", 0, 0))
register("System.Management.Automation.ScriptBlock", TextView(lambda one: one.text))
register(
    "System.Text.RegularExpressions.Match",
    ListView(("Groups", "Success", "Captures", "Index", "Length", "Value")),
)
