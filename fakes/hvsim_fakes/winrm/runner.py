"""Commands on their way: each in a thread of its own, which waits where the world has to go on."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final

from hvsim.operations import Stage
from hvsim_fakes.shell.workers import Workers
from hvsim_fakes.winrm.engine import Pause, Stopped

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim.operations import Steps
    from hvsim.world import World

WORKERS: Final = Workers("hvsim-winrm")
_numbers: Final = itertools.count(1)


class Run:
    """One command on its way; other threads may stop it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.stopped = False
        self._topic = f"winrm/run/{next(_numbers)}"
        self._wakes: list[Callable[[], None]] = []

    def start(self, work: Callable[[], object]) -> None:
        """Begin, in a thread of its own; ``work`` deals with its own errors."""

        def busy() -> None:
            with self.world.activity.request():
                work()

        WORKERS.run(busy)

    def on_stop(self, wake: Callable[[], None]) -> None:
        """Have something called when the run is stopped, for whoever waits elsewhere."""
        self._wakes.append(wake)

    def stop(self) -> None:
        """Stop it as soon as it looks."""
        self.stopped = True
        self.world.log.wake([self._topic])
        for wake in self._wakes:
            wake()

    def is_stopped(self) -> bool:
        """Tell whether it was stopped."""
        return self.stopped

    def hold(self, seconds: float) -> None:
        """Let simulated time pass; raises :class:`Stopped` when the run is stopped meanwhile."""
        if seconds > 0:
            sleep(self.world, "winrm.latency", self._topic, seconds, self.pause)

    def check(self) -> None:
        """Raise :class:`Stopped` when it was stopped."""
        if self.stopped:
            raise Stopped

    def pause(self, pause: Pause) -> None:
        """Wait for the simulated world; raises :class:`Stopped` when the run is stopped."""

        def over() -> bool:
            return self.stopped or pause.ready()

        self.check()
        self.world.park((*pause.topics, self._topic), over)
        self.check()


def sleep(
    world: World, kind: str, subject: str, seconds: float, pause: Callable[[Pause], None]
) -> None:
    """Let simulated time pass; who stops the waiting ends it for the clock, too."""
    with world.access():
        found = world.operations.start(kind, subject, _passing(seconds))
        world.engine.settle()
    try:
        pause(Pause((found.topic,), lambda: found.done))
    except Stopped:
        with world.access():
            if not found.done:
                world.operations.interrupt(found)
                world.engine.settle()
        raise


def _passing(seconds: float) -> Steps:
    yield Stage("sleep", seconds)
