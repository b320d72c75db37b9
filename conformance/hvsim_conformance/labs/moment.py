"""The moment in the middle of somebody else's operation, and what is done in it."""

import threading
from collections.abc import Callable

from hvsim.world import World

_LOOK = 0.002
"""Wall seconds between two looks whether the moment has come."""


class Moment:
    """Waits beside a check until an operation is held in a stage, acts, and lets it go.

    Args:
        world: whose operations.
        action: what to do then; what it raises is raised by :meth:`end`.
        release: lets go what is held.
    """

    def __init__(
        self, world: World, action: Callable[[], object], release: Callable[[], None]
    ) -> None:
        self._world = world
        self._action = action
        self._release = release
        self._over = threading.Event()
        self._problem: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="hvsim-moment", daemon=True)
        self.came = False
        """Whether an operation was held at all."""
        self._thread.start()

    def end(self) -> None:
        """Wait for the action, let go, and raise what the action raised."""
        self._over.set()
        self._thread.join()
        self._release()
        if self._problem is not None:
            raise self._problem

    def _run(self) -> None:
        while not self._over.is_set():
            if self._held():
                self._act()
                return
            self._over.wait(_LOOK)

    def _held(self) -> bool:
        with self._world.access():
            running = list(self._world.operations.running.values())
            return any(operation.held is not None for operation in running)

    def _act(self) -> None:
        self.came = True
        try:
            self._action()
        except Exception as problem:  # noqa: BLE001 - it belongs to the check that waits
            self._problem = problem
        finally:
            self._release()
