"""Input that a command reads: what clients send waits here, and the command waits for it."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from hvsim_fakes.winrm.engine import Stopped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hvsim_fakes.winrm.runner import Run

Item = TypeVar("Item")
_LOOK_AGAIN: Final = 1.0


class Inlet(Generic[Item]):
    """Input of one command: pieces of standard input, or objects of a pipeline."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._change = threading.Condition()
        self._items: deque[Item] = deque()
        self.ended = False
        run.on_stop(self._wake)

    def put(self, item: Item) -> None:
        """Add something to read."""
        with self._change:
            self._items.append(item)
            self._change.notify_all()

    def end(self) -> None:
        """Say that nothing will follow."""
        with self._change:
            self.ended = True
            self._change.notify_all()

    def __iter__(self) -> Iterator[Item]:
        """Give everything that is sent, waiting for it.

        Raises:
            Stopped: when the command is stopped.
        """
        while (found := self._next()) is not None:
            yield found[0]

    def _next(self) -> tuple[Item] | None:
        with self._change:
            while not (self._items or self.ended):
                self._run.check()
                with self._run.world.activity.aside():
                    self._change.wait(_LOOK_AGAIN)
            if self._run.stopped:
                raise Stopped
            return (self._items.popleft(),) if self._items else None

    def _wake(self) -> None:
        with self._change:
            self._change.notify_all()
