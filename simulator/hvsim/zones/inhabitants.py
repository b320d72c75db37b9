"""The zones of a host as ambient activity touches them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim.zones import power
from hvsim.zones.errors import ZoneError
from hvsim.zones.zone import State

if TYPE_CHECKING:
    from random import Random

    from hvsim.ambient import Resident
    from hvsim.operations import Operation, Steps
    from hvsim.zones.host import ZoneHost
    from hvsim.zones.zone import Zone


class Inhabitant:
    """One zone; it keeps its name for activity, whatever it is called later."""

    def __init__(self, host: ZoneHost, zone: Zone) -> None:
        self._host = host
        self._zone = zone
        self.name = host.subject(zone)

    def runs(self) -> bool | None:
        """Whether it runs; None when it is neither running nor installed."""
        states = {State.RUNNING: True, State.INSTALLED: False}
        known = self._host.zones.get(self._zone.name) is self._zone
        return states.get(self._zone.state) if known and self._host.up else None

    def start(self) -> None:
        """Boot it."""
        self._alone("boot")

    def stop(self) -> None:
        """Shut it down in good order."""
        self._alone("shutdown")

    def reboot(self) -> None:
        """Reboot it."""
        self._alone("reboot")

    def migrate(self, stream: Random) -> None:  # noqa: ARG002 - no zone is ever moved
        """Refuse: no release moves a zone to another host."""
        raise ZoneError("no-migration")

    def _alone(self, what: str) -> None:
        self._host.world.operations.start(
            f"zone.ambient-{what}", f"{self.name}", self._steps(what), foreground=False
        )

    def _steps(self, what: str) -> Steps:
        act = {"boot": power.boot, "shutdown": power.shutdown, "reboot": power.reboot}[what]
        operation: Operation = act(self._host, self._zone.name)
        yield operation


def residents_of(host: ZoneHost) -> list[Resident]:
    """Return a host's zones that have a system."""
    found: list[Resident] = [
        Inhabitant(host, zone) for zone in host.zones.values() if zone.config.zonepath
    ]
    return found
