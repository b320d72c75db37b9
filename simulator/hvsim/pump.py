"""The pump: brings a world along with its clock when no request does."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from hvsim.clock import ClockMode

if TYPE_CHECKING:
    from hvsim.world import World

_COALESCE = 0.01
"""Seconds of the machine's time into which neighbouring events are gathered."""
_QUIET = 0.002
"""Seconds without a request after which clients are taken to be only waiting."""
_LONGEST = 0.25
"""Seconds after which a sleeping pump looks again, in case the clock was changed."""


class Pump:
    """A thread that wakes for the next event and, in skip-idle mode, jumps to it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._wake = threading.Event()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="hvsim-pump", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._world.activity.on_park = self._wake.set
        self._thread.start()

    def stop(self) -> None:
        """End, and wait for the thread."""
        self._stopped = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5.0)

    def _run(self) -> None:
        while not self._stopped:
            self._wake.wait(self._turn())
            self._wake.clear()

    def _turn(self) -> float:
        """Do what is due; return the seconds to sleep unless somebody parks before."""
        world = self._world
        with world.access():
            when = world.engine.next_time()
            skipping = world.clock.mode is ClockMode.SKIP_IDLE and world.operations.foreground
        if when is None:
            return _LONGEST
        if skipping and world.activity.parked:
            return self._skip(when)
        left = world.clock.seconds_until(when)
        return _LONGEST if left is None else min(max(left, _COALESCE), _LONGEST)

    def _skip(self, when: float) -> float:
        waiting = self._world.activity.waiting_for()
        if waiting is None or waiting < _QUIET:
            return _QUIET
        self._world.advance_to(when)
        return 0.0
