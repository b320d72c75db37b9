"""Reads the shipped catalogue and refuses one that contradicts itself."""

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from hvsim_conformance import profiles, schemas
from hvsim_conformance.adapters.model import Product
from hvsim_conformance.catalogue.record import Area, Layer, Level, Requirement

AREAS = (
    "name", "power", "zone", "ha", "spare", "mig", "state", "maint", "ext", "home", "pool",
    "reg", "backup",
)  # fmt: skip


class CatalogueError(ValueError):
    """A catalogue file that is malformed or contradicts another."""


@cache
def load_areas() -> tuple[Area, ...]:
    """Return the areas of the catalogue in reading order; raises CatalogueError."""
    folder = resources.files("hvsim_conformance.catalogue")
    areas = tuple(_read(folder.joinpath(f"{name}.toml")) for name in AREAS)
    _refuse_duplicates(areas)
    return areas


@cache
def load() -> Mapping[str, Requirement]:
    """Every requirement by its id, in reading order; raises CatalogueError."""
    return {record.id: record for area in load_areas() for record in area.requirements}


def parse_area(text: str, name: str) -> Area:
    """One area from TOML text; `name` is the file's name for messages. Raises CatalogueError."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise CatalogueError(f"{name}: {problem}") from problem
    if wrong := schemas.complaint(data, "catalogue"):
        raise CatalogueError(f"{name}: {wrong}")
    records = tuple(_requirement(entry, data["area"], name) for entry in data["requirement"])
    return Area(data["area"], data["title"], records)


def _read(file: Traversable) -> Area:
    return parse_area(file.read_text("utf-8"), file.name)


def _requirement(entry: dict[str, Any], area: str, name: str) -> Requirement:
    if not entry["id"].startswith(f"{area}-"):
        raise CatalogueError(f"{name}: {entry['id']} does not belong to the area {area}")
    products = tuple(Product(product) for product in entry["products"])
    record = Requirement(
        id=entry["id"],
        area=area,
        level=Level(entry["level"]),
        statement=entry["statement"],
        source=tuple(entry["source"]),
        products=products,
        profiles=tuple(entry.get("profiles", ())) or _profiles_of(products),
        layer=Layer(entry["layer"]),
        needs=tuple(entry["needs"]),
        since=entry["since"],
        untested=entry.get("untested"),
        relaxed={key: Level(level) for key, level in entry.get("relaxed", {}).items()},
    )
    _refuse_foreign_profiles(record, name)
    return record


def _profiles_of(products: Iterable[Product]) -> tuple[str, ...]:
    wanted = set(products)
    return tuple(profile.id for profile in profiles.load() if profile.product in wanted)


def _refuse_foreign_profiles(record: Requirement, name: str) -> None:
    for profile in (*record.profiles, *record.relaxed):
        if profile not in _profiles_of(record.products):
            raise CatalogueError(f"{name}: {record.id} names {profile}, no profile of its products")


def _refuse_duplicates(areas: Iterable[Area]) -> None:
    seen: set[str] = set()
    for record in (record for area in areas for record in area.requirements):
        if record.id in seen:
            raise CatalogueError(f"{record.id} is in the catalogue twice")
        seen.add(record.id)
