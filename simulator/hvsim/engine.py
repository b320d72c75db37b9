"""Discrete-event time: SimPy's queue, advanced to where the clock stands."""

from __future__ import annotations

from math import inf, isfinite
from typing import TYPE_CHECKING

import simpy

if TYPE_CHECKING:
    from collections.abc import Callable


class Engine(simpy.Environment):
    """A SimPy environment that can be moved to any later time, events or not.

    SimPy's ``run(until=t)`` leaves a marker in the queue, so that ``peek()`` then answers "now",
    and refuses to run to the present; both would make a caller that follows a clock spin.
    """

    on_crash: Callable[[Exception], None] | None = None
    """Told of an exception that left a process; without it the exception is raised."""
    stepping = False
    """Whether an event is being processed at this moment."""

    def __init__(self) -> None:
        # Times are floats throughout: 5 and 5.0 are different bytes in the event log.
        super().__init__(0.0)

    def advance(self, to: float, limit: int | None = None) -> bool:
        """Process what is due up to and including ``to``, then stand there.

        Args:
            to: simulated time in seconds.
            limit: stop after this many SimPy events.

        Returns:
            Whether everything due was processed (False when ``limit`` cut it short).
        """
        if not isfinite(to):
            raise ValueError(f"cannot move to the simulated time {to}")
        if self.peek() > to:
            # Most calls find nothing due.
            if to > self._now:
                self._now = float(to)
            return True
        left = inf if limit is None else limit
        while self.peek() <= to:
            if left <= 0:
                return False
            left -= 1
            self._step_guarded()
        self._now = max(self._now, float(to))
        return True

    def peek(self) -> float:
        """Return when the next event is due, infinity when nothing is."""
        # As SimPy's own, which raises and catches an error while nothing is.
        queue = self._queue
        return queue[0][0] if queue else inf

    def settle(self) -> None:
        """Process what is due at this very moment."""
        self.advance(self._now)

    def next_time(self) -> float | None:
        """Return when the next event is due, or None when nothing is scheduled."""
        when = self.peek()
        return None if when == inf else when

    def _step_guarded(self) -> None:
        self.stepping = True
        try:
            self.step()
        except Exception as error:
            if self.on_crash is None:
                raise
            self.on_crash(error)
        finally:
            self.stepping = False
