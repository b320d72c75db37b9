"""The lab's clock: how simulated seconds follow the machine's."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from enum import StrEnum
from math import isfinite
from typing import TYPE_CHECKING, Final

from hvsim.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

LAB_BEGINS: Final = datetime(2026, 1, 5, 8, 0, 0, tzinfo=UTC)
"""The date at simulated second 0: fixed, so that the same lab writes the same dates."""


class ClockMode(StrEnum):
    """How simulated time moves."""

    REAL = "real"
    """One simulated second a second."""
    SCALED = "scaled"
    """``scale`` simulated seconds a second."""
    STEPPED = "stepped"
    """Stands still until somebody advances it."""
    PAUSED = "paused"
    """Stands still; :meth:`Clock.resume` goes back to the mode before."""
    SKIP_IDLE = "skip-idle"
    """As scaled, and jumps to the next event while every client only waits."""


class Clock:
    """Simulated seconds since the lab began, never running backwards.

    Args:
        mode: how time moves.
        scale: simulated seconds per second in the modes that flow; above 0.
        source: the monotonic clock to follow, in seconds; a test passes its own.
    """

    def __init__(
        self,
        mode: ClockMode = ClockMode.STEPPED,
        scale: float = 1.0,
        source: Callable[[], float] = time.monotonic,
    ) -> None:
        self._source = source
        self._base = 0.0
        self._anchor = source()
        self._resume_to = mode
        self.on_change: Callable[[], object] | None = None
        """Told whenever time has jumped, or moves otherwise from now on."""
        self.mode = mode
        self.scale = 1.0 if mode is ClockMode.REAL else _checked(scale)

    @property
    def flows(self) -> bool:
        """Whether time passes by itself."""
        mode = self.mode
        return mode is not ClockMode.STEPPED and mode is not ClockMode.PAUSED

    def now(self) -> float:
        """Return the simulated time in seconds."""
        if not self.flows:
            return self._base
        return self._base + (self._source() - self._anchor) * self.scale

    def jump(self, to: float) -> None:
        """Move to simulated time ``to`` when that lies ahead."""
        self._rebase(max(self.now(), to))
        self._tell()

    def start_at(self, when: float) -> None:
        """Stand at simulated time ``when``: what passed while a world was made does not count."""
        self._rebase(when)
        self._tell()

    def set_mode(self, mode: ClockMode, scale: float | None = None) -> None:
        """Change how time moves from now on; ``scale`` is kept when not given.

        Raises:
            InputError: when ``scale`` is not a number above 0; nothing has changed then.
        """
        scale = None if scale is None else _checked(scale)
        self._rebase(self.now())
        if mode is ClockMode.PAUSED and self.mode is not ClockMode.PAUSED:
            self._resume_to = self.mode
        self.mode = mode
        if mode is ClockMode.REAL:
            self.scale = 1.0
        elif scale is not None:
            self.scale = scale
        self._tell()

    def resume(self) -> None:
        """Leave the paused mode."""
        if self.mode is ClockMode.PAUSED:
            self.set_mode(self._resume_to)

    def seconds_until(self, when: float) -> float | None:
        """Return the machine's seconds until simulated time ``when``; None if it never comes."""
        if not self.flows:
            return None
        return max(0.0, (when - self.now()) / self.scale)

    def _tell(self) -> None:
        if self.on_change is not None:
            self.on_change()

    def _rebase(self, now: float) -> None:
        self._base = now
        self._anchor = self._source()


def _checked(scale: float) -> float:
    if not (isfinite(scale) and scale > 0):
        raise InputError(f"expected a clock scale above 0, not {scale}")
    return scale
