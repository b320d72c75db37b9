"""The registry of scenario sections: each product reads its own ``[[table]]`` of a scenario."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from hvsim import modules

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path as Folder

    from hvsim.ambient import Resident
    from hvsim.inventory import Inventory
    from hvsim.lines import Path
    from hvsim.survey import Survey
    from hvsim.world import World

T = TypeVar("T")


@dataclass(frozen=True)
class Section(Generic[T]):
    """How one product's tables are read and built.

    Attributes:
        name: the table's name in scenarios.
        table: the struct that each of its tables must fit.
        examine: declares a table's names and its references, and judges the rest of it.
        build: makes the table's part of a world.
        residents: the guests of what was built, for ambient activity.

    Both ``examine`` and ``build`` get the table's number among all products' tables, from 0,
    which is its block of addresses.
    """

    name: str
    table: type[T]
    examine: Callable[[T, int, Path, Survey], None]
    build: Callable[[World, T, int, Inventory], Any]
    residents: Callable[[World, T], list[Resident]]
    prepare: Callable[[dict[str, Any], Folder | None], None] | None = None
    """Puts what a table's data names in files in their place, given the scenario's folder; it
    raises InputError."""


_sections: dict[str, Section[Any]] = {}


def register(section: Section[Any]) -> None:
    """Let scenarios have a table of a product."""
    if section.name in _sections:
        raise AssertionError(f"scenario section {section.name!r} is registered twice")
    _sections[section.name] = section


def sections() -> dict[str, Section[Any]]:
    """Return the registered sections by name, in an order that does not depend on loading."""
    names = (*(name for name in modules.PRODUCTS if name in _sections), *_sections)
    return {name: _sections[name] for name in names}
