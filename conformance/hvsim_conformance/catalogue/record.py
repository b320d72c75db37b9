"""The requirement record: what a manager of virtual machines must make of its products."""

from dataclasses import dataclass, field
from enum import StrEnum

from hvsim_conformance.adapters.model import Product


class Level(StrEnum):
    """How binding a requirement is; a MAY is reported and never fails a run."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    MAY = "MAY"


class Layer(StrEnum):
    """Where a requirement can be seen: on the endpoint, in the manager, or out of band."""

    ENDPOINT = "EP"
    MANAGER = "ML"
    BOTH = "EP+ML"
    OUT_OF_BAND = "OOB"
    MANAGER_OUT_OF_BAND = "ML+OOB"


class Observability(StrEnum):
    """Whether the suite observes the requirement."""

    TESTED = "tested"
    UNTESTED = "untested"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One entry of the catalogue.

    `source` holds the source marks of the catalogue page, `needs` the operations an implementation
    must offer for the requirement to be checked, `since` the suite's version that first had it,
    `relaxed` the profiles under which another level than `level` holds.
    """

    id: str
    area: str
    level: Level
    statement: str
    source: tuple[str, ...]
    products: tuple[Product, ...]
    profiles: tuple[str, ...]
    layer: Layer
    needs: tuple[str, ...]
    since: str
    untested: str | None = None
    relaxed: dict[str, Level] = field(default_factory=dict)

    @property
    def observability(self) -> Observability:
        """Tested, or untested for the reason in `untested`."""
        return Observability.UNTESTED if self.untested else Observability.TESTED

    def level_in(self, profile: str) -> Level:
        """Return the level that holds under a profile."""
        return self.relaxed.get(profile, self.level)


@dataclass(frozen=True, slots=True)
class Area:
    """A part of the catalogue, with its heading."""

    id: str
    title: str
    requirements: tuple[Requirement, ...]
