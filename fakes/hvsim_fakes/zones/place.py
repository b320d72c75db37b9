"""Where a command runs: on a host with zones, in its global zone or in another one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hvsim.zones.zone import GLOBAL, Zone

if TYPE_CHECKING:
    from hvsim.zones.host import ZoneHost
    from hvsim_fakes.shell.program import Process


@dataclass(frozen=True, slots=True)
class Place:
    """A host and, inside a zone, that zone."""

    host: ZoneHost
    zone: Zone | None = None

    @property
    def zonename(self) -> str:
        """What ``zonename`` says."""
        return GLOBAL if self.zone is None else self.zone.name


def place_of(process: Process) -> Place:
    """Return where a program runs."""
    place = process.host.context
    if not isinstance(place, Place):
        raise TypeError(f"{process.argv[0]} runs on no host with zones")
    return place
