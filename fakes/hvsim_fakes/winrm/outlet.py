"""Output that waits to be fetched, and the requests that wait for output."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim.activity import Activity

_LOOK_AGAIN: Final = 1.0
"""Seconds after which a waiting request looks whether its client is still there."""
_HELD: Final = 8 * 1024 * 1024
"""Bytes that wait before who produces them has to wait as well."""
_PIECE: Final = 32 * 1024
"""Bytes of each piece that output is kept in, unless it has to stay whole."""
_AROUND: Final = 150
"""Bytes that each piece costs an answer beyond its own."""


@dataclass(slots=True)
class Taken:
    """What one request fetches.

    Attributes:
        chunks: stream and bytes, in order.
        done: whether nothing will follow.
        timed_out: whether there was nothing in time.
        broken: whether the command or shell is gone.
    """

    chunks: list[tuple[str, bytes]] = field(default_factory=list)
    done: bool = False
    exit_code: int = 0
    timed_out: bool = False
    broken: bool = False


class Outlet:
    """The output of one command, or of a runspace pool itself.

    Args:
        activity: told who is busy and who waits, for the clock's sake.
        whole: whether each piece has to stay in one.
    """

    def __init__(self, activity: Activity, *, whole: bool = False) -> None:
        self._activity = activity
        self._whole = whole
        self._change = threading.Condition()
        self._chunks: deque[tuple[str, bytes]] = deque()
        self._held = 0
        self._wakes: list[Callable[[], None]] = []
        self._broken = False
        self.done = False
        self.exit_code = 0

    def put(self, stream: str, data: bytes, cancelled: Callable[[], bool] | None = None) -> None:
        """Add output; waits while too much of it is there already, unless cancelled."""
        if not data:
            return
        with self._change:
            while self._held > _HELD and not self._broken and not (cancelled and cancelled()):
                with self._activity.aside():
                    self._change.wait(_LOOK_AGAIN)
            step = len(data) if self._whole else _PIECE
            self._chunks.extend((stream, data[at : at + step]) for at in range(0, len(data), step))
            self._held += len(data)
            self._tell()

    def end(self, exit_code: int = 0) -> None:
        """Say that nothing will follow."""
        with self._change:
            self.exit_code = exit_code
            self.done = True
            self._tell()

    def abort(self) -> None:
        """End whoever waits here: the shell or command is gone."""
        with self._change:
            self._broken = True
            self._tell()

    def nudge(self) -> None:
        """Let whoever waits look again."""
        with self._change:
            self._tell()

    def take(
        self, room: int, seconds: float, gone: Callable[[], bool], streams: frozenset[str]
    ) -> Taken:
        """Return output as soon as there is some.

        Args:
            room: the most bytes to take.
            seconds: the most to wait, in the machine's time.
            gone: asked once a second; true when nobody waits for the answer any more.
        """
        deadline = time.monotonic() + seconds
        with self._change:
            while not (self._chunks or self.done or self._broken):
                left = min(deadline - time.monotonic(), _LOOK_AGAIN)
                if left <= 0 or gone():
                    return Taken(timed_out=True)
                self._wait(left)
            # A client that is no longer there must not swallow what another request is to get.
            return Taken(timed_out=True) if gone() else self._taken(room, streams)

    def _wait(self, seconds: float) -> None:
        with self._activity.aside() as busy_again:
            self._wakes.append(busy_again)
            try:
                self._change.wait(seconds)
            finally:
                self._wakes.remove(busy_again)

    def _taken(self, room: int, streams: frozenset[str]) -> Taken:
        taken = Taken(broken=self._broken)
        while self._chunks and room > 0:
            stream, data = self._chunks[0]
            piece = data if self._whole else data[:room]
            if len(piece) > room and taken.chunks:
                break
            self._chunks.popleft()
            if len(piece) < len(data):
                self._chunks.appendleft((stream, data[len(piece) :]))
            self._held -= len(piece)
            room -= len(piece) + _AROUND
            if stream in streams:
                taken.chunks.append((stream, piece))
        taken.done = self.done and not self._chunks
        taken.exit_code = self.exit_code
        # Who waits for room may go on.
        self._change.notify_all()
        return taken

    def _tell(self) -> None:
        for busy_again in self._wakes:
            busy_again()
        self._change.notify_all()
