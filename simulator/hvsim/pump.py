"""The pump: brings a world along with its clock when no request does."""

from __future__ import annotations

import threading
from math import inf
from typing import TYPE_CHECKING

from hvsim.clock import ClockMode

if TYPE_CHECKING:
    from hvsim.world import World

_COALESCE = 0.01
"""Seconds of the machine's time into which neighbouring events are gathered."""
_QUIET = 0.002
"""Seconds without a request after which clients are taken to be only waiting."""
_LONGEST = 3600.0
"""Seconds after which a sleeping pump looks again in any case."""


class Pump:
    """A thread that wakes for the next event and, in skip-idle mode, jumps to it.

    It sleeps until then, and is woken by what can bring something forward: a command, a change
    of the clock, a client that parks.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._wake = threading.Event()
        self._stopped = False
        self._expected = -inf
        """Simulated time of the event that was the next one when it last looked."""
        self._thread = threading.Thread(target=self._run, name="hvsim-pump", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._world.activity.on_park = self._wake.set
        self._world.clock.on_change = self._wake.set
        self._world.on_command = self._command_done
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
        """Do what is due; return the seconds to sleep unless woken before."""
        world = self._world
        with world.access():
            when = world.engine.next_time()
            self._expected = inf if when is None else when
            skipping = world.clock.mode is ClockMode.SKIP_IDLE and world.operations.foreground
        if when is None:
            return _LONGEST
        if skipping and world.activity.parked:
            return self._skip(when)
        left = world.clock.seconds_until(when)
        return _LONGEST if left is None else min(max(left, _COALESCE), _LONGEST)

    def _skip(self, when: float) -> float:
        waiting = self._world.activity.waiting_for()
        if waiting is None:
            return _LONGEST
        if waiting < _QUIET:
            return _QUIET - waiting
        self._world.advance_to(when)
        return 0.0

    def _command_done(self) -> None:
        """Look again if a parked client may go on now, or something is due earlier."""
        when = self._world.engine.next_time()
        if self._world.activity.parked or (when is not None and when < self._expected):
            self._wake.set()
