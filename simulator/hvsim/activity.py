"""Who is busy and who only waits: what lets a clock skip idle time."""

from __future__ import annotations

import threading
import time
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from hvsim.events import Waiter
    from hvsim.world import World

_LOOK_AGAIN = 1.0
"""Seconds after which a parked caller looks whether its client is still there."""


class Activity:
    """Counts requests being worked on and requests parked until something happens."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._mine = threading.local()
        self.busy = 0
        self.parked = 0
        self.last = time.monotonic()
        """When, on the machine's monotonic clock, a request last came, went or parked."""
        self.on_park: Callable[[], object] | None = None
        """Told whenever a caller parks, and whenever all of them only wait from then on."""

    def request(self) -> AbstractContextManager[None]:
        """Mark a client's request as being worked on for the length of a ``with`` block."""
        return _Serving(self)

    def enter(self) -> bool:
        """Begin to work on a request; return whether one was being worked on already."""
        nested: bool = getattr(self._mine, "serving", False)
        self._mine.serving = True
        self._count(busy=0 if nested else 1)
        return nested

    def leave(self, *, nested: bool) -> None:
        """End what :meth:`enter` began."""
        self._mine.serving = nested
        self._count(busy=0 if nested else -1)

    @contextmanager
    def aside(self) -> Iterator[Callable[[], None]]:
        """Mark a request as waiting for its own client, or for another thread of its own.

        It is not busy, and does not wait for the world either. Gives what marks it as busy again
        ahead of the end of the ``with`` block, for whoever ends the waiting.
        """
        serving = int(getattr(self._mine, "serving", False))
        stay = _Stay(self, serving, parked=0)
        self._count(busy=-serving)
        try:
            yield stay.end
        finally:
            stay.end()

    def waiting_for(self) -> float | None:
        """Return the seconds since every client only waits; None while one is served or none is."""
        with self._lock:
            return time.monotonic() - self.last if self.parked and self.busy <= 0 else None

    def park(
        self,
        world: World,
        topics: Iterable[str],
        ready: Callable[[], bool],
        seconds: float | None,
        gone: Callable[[], bool] | None,
    ) -> bool:
        """See :meth:`hvsim.world.World.park`."""
        deadline = None if seconds is None else time.monotonic() + seconds
        with world.log.waiter(topics) as waiter:
            while True:
                with world.access():
                    if ready():
                        return True
                left = _LOOK_AGAIN if deadline is None else deadline - time.monotonic()
                if left <= 0 or (gone is not None and gone()):
                    return False
                with self._parked(waiter):
                    waiter.wait(min(left, _LOOK_AGAIN))

    @contextmanager
    def _parked(self, waiter: Waiter) -> Iterator[None]:
        # Who parks without a request (a test, a tool) was not counted as busy before.
        serving = int(getattr(self._mine, "serving", False))
        stay = _Stay(self, serving, parked=1)
        # Who is woken counts as busy at once: a clock must not jump on before it has run.
        waiter.on_wake = stay.end
        self._count(busy=-serving, parked=1)
        try:
            yield
        finally:
            waiter.on_wake = None
            stay.end()

    def _count(self, *, busy: int = 0, parked: int = 0) -> None:
        with self._lock:
            self.busy += busy
            self.parked += parked
            self.last = time.monotonic()
            idle = busy < 0 and self.busy <= 0 and self.parked > 0
        if (idle or parked > 0) and self.on_park is not None:
            self.on_park()


class _Serving(AbstractContextManager[None]):
    """One request being worked on."""

    __slots__ = ("_activity", "_nested")

    def __init__(self, activity: Activity) -> None:
        self._activity = activity
        self._nested = False

    def __enter__(self) -> None:
        self._nested = self._activity.enter()

    def __exit__(self, *_: object) -> None:
        self._activity.leave(nested=self._nested)


class _Stay:
    """One caller's time of not being busy; ends once, by a wake or by the caller itself."""

    __slots__ = ("_activity", "_ended", "_lock", "_parked", "_serving")

    def __init__(self, activity: Activity, serving: int, *, parked: int) -> None:
        self._activity = activity
        self._serving = serving
        self._parked = parked
        self._ended = False
        self._lock = threading.Lock()

    def end(self) -> None:
        """Count the caller as busy again, if that has not been done."""
        with self._lock:
            ended, self._ended = self._ended, True
        if not ended:
            self._activity._count(  # noqa: SLF001 - its own part
                busy=self._serving, parked=-self._parked
            )
