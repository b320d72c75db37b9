"""Threads that are kept for the next piece of work."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_IDLE_SECONDS = 10.0


class Workers:
    """Runs each piece of work at once in a thread of its own, reusing idle ones.

    The threads are daemons: none of them keeps the interpreter from ending.

    Args:
        name: of the threads.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._work: deque[Callable[[], object]] = deque()
        self._idle = 0
        self._change = threading.Condition()

    def run(self, work: Callable[[], object]) -> None:
        """Have ``work`` done; it deals with its own errors."""
        with self._change:
            self._work.append(work)
            if self._idle >= len(self._work):
                self._change.notify()
                return
        threading.Thread(target=self._serve, name=self._name, daemon=True).start()

    def _serve(self) -> None:
        while (work := self._next()) is not None:
            work()
            # Else an idle thread keeps what it worked on alive.
            del work

    def _next(self) -> Callable[[], object] | None:
        with self._change:
            self._idle += 1
            try:
                self._change.wait_for(lambda: bool(self._work), _IDLE_SECONDS)
            finally:
                self._idle -= 1
            return self._work.popleft() if self._work else None


WORKERS = Workers("hvsim-shell")
