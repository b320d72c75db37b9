"""Ambient activity: what goes on in a datacentre by itself over a day.

Guests are stopped and started again, rebooted and moved, each at times from its own random
stream. Nobody asked for it, so it never makes a clock that skips idle time run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Protocol

import msgspec

from hvsim.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random

    from hvsim.operations import Steps
    from hvsim.world import World

DAY = 86_400.0

Rate = Annotated[float, msgspec.Meta(ge=0, le=1_000)]


class ActivitySpec(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """How often things happen, for each guest and day on average.

    ``off`` is how many seconds a stopped guest stays off, on average.
    """

    stops: Rate = 0.3
    reboots: Rate = 0.2
    migrations: Rate = 0.5
    off: Annotated[float, msgspec.Meta(gt=0, le=1_000_000)] = 3_600.0

    @property
    def total(self) -> float:
        """Changes of a running guest in a day."""
        return self.stops + self.reboots + self.migrations


class Resident(Protocol):
    """A guest that ambient activity may touch; each method raises a ``Refusal`` if it cannot."""

    @property
    def name(self) -> str:
        """Path of the guest; names its random stream."""

    def runs(self) -> bool | None:
        """Whether it runs; None when it is neither on nor off, or gone for good."""

    def start(self) -> None:
        """Start it."""

    def stop(self) -> None:
        """Shut it down in good order."""

    def reboot(self) -> None:
        """Reboot it in good order."""

    def migrate(self, stream: Random) -> None:
        """Move it to another host."""


def begin(world: World, residents: Iterable[Resident], spec: ActivitySpec) -> None:
    """Let ambient activity go on from now on."""
    if spec.total <= 0:
        return
    for resident in residents:
        world.engine.process(_live(world, resident, spec))


def _live(world: World, resident: Resident, spec: ActivitySpec) -> Steps:
    stream = world.streams.fresh(f"{resident.name}/ambient")
    pause = stream.expovariate(spec.total / DAY)
    while True:
        yield world.engine.timeout(pause)
        running = resident.runs()
        with world.log.caused_by("ambient"):
            try:
                stopped = _act(resident, spec, stream, running=running)
            except Refusal:
                # The product refused (no room, an operation under way): another time.
                stopped = False
        rate = 1 / spec.off if stopped else spec.total / DAY
        pause = stream.expovariate(rate)


def _act(resident: Resident, spec: ActivitySpec, stream: Random, *, running: bool | None) -> bool:
    """Do one thing; return whether the guest was stopped, and is to be started soon."""
    if running is None:
        return False
    if not running:
        resident.start()
        return False
    choice = stream.uniform(0, spec.total)
    if choice < spec.stops:
        resident.stop()
        return True
    if choice < spec.stops + spec.reboots:
        resident.reboot()
    else:
        resident.migrate(stream)
    return False
