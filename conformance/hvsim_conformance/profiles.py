"""Profiles: the named rule sets of a product that a conformance run is made under."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from hvsim_conformance.adapters.model import Product


@dataclass(frozen=True, slots=True)
class Profile:
    """One rule set; `minimum` is the least number of requirements a complete run executes."""

    id: str
    product: Product
    title: str
    default: bool
    minimum: int


@cache
def load() -> tuple[Profile, ...]:
    """Every shipped profile, the products in catalogue order."""
    text = resources.files("hvsim_conformance").joinpath("profiles.toml").read_text("utf-8")
    return tuple(_profile(entry) for entry in tomllib.loads(text)["profile"])


def _profile(entry: dict[str, object]) -> Profile:
    return Profile(
        id=str(entry["id"]),
        product=Product(str(entry["product"])),
        title=str(entry["title"]),
        default=bool(entry["default"]),
        minimum=int(str(entry["minimum"])),
    )
