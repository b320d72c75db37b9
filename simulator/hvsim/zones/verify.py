"""What a configuration has to be before it is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim.zones.errors import ZoneError
from hvsim.zones.schema import RESOURCES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hvsim.zones.config import Config, Resource

_MISSING = "Required resource missing"
_LESS = "Required property missing"


def problems(config: Config) -> Iterator[ZoneError]:
    """Give what is wrong with a configuration, in the order in which it is told.

    The last parameter of each is the general name of the trouble.
    """
    if not config.zonepath:
        yield ZoneError("zonepath-empty", _MISSING)
    if not config.brand:
        yield ZoneError("brand-empty", _MISSING)
    for resource in config.resources:
        yield from _lacking(resource)
    for net in config.of_kind("net"):
        yield from _network(config, net)


def demand(config: Config) -> None:
    """Refuse a configuration with the first thing that is wrong with it."""
    for problem in problems(config):
        raise problem


def _lacking(resource: Resource) -> Iterator[ZoneError]:
    for name in RESOURCES[resource.kind].required:
        if not resource.values.get(name):
            yield ZoneError("property-missing", resource.kind, name, _LESS)


def _network(config: Config, net: Resource) -> Iterator[ZoneError]:
    if config.exclusive:
        for name in ("address", "defrouter"):
            if net.values.get(name):
                yield ZoneError("net-not-exclusive", name, "Invalid argument")
    elif not net.values.get("address"):
        yield ZoneError("property-missing", "net", "address", _LESS)
