"""The way from a program's thread to the client: batched, in order, bounded."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Any

from asyncssh import EXTENDED_DATA_STDERR

if TYPE_CHECKING:
    from asyncssh import SSHServerChannel

    from hvsim_fakes.shell.session import Session
    from hvsim_fakes.ssh.loop import Loop


class Outlet:
    """Hands what programs write to a channel, one call to the event loop for many pieces.

    Args:
        text: whether the channel takes text (a terminal) instead of bytes.
        most: unsent bytes at which a program has to wait.
    """

    def __init__(
        self, loop: Loop, channel: SSHServerChannel[Any], session: Session, *, text: bool, most: int
    ) -> None:
        self._loop = loop
        self._channel = channel
        self._session = session
        self._text = text
        self._most = most
        self._pieces: deque[tuple[int | None, bytes]] = deque()
        self._unsent = 0
        self._scheduled = False
        self._paused = False
        self._gone = False
        self._status: int | None = None
        self._lock = threading.Lock()

    def put(self, data: bytes) -> None:
        """Write to standard output; waits while the client takes nothing."""
        self._put(None, data)

    def put_error(self, data: bytes) -> None:
        """Write to standard error; on a terminal that is the same."""
        self._put(None if self._text else EXTENDED_DATA_STDERR, data)

    def exit(self, status: int) -> None:
        """Close the channel with an exit status once everything is written."""
        with self._lock:
            self._status = status
            self._schedule()

    # Called in the loop's thread

    def pause(self) -> None:
        """Let programs wait: the client takes nothing for now."""
        self._paused = True

    def resume(self) -> None:
        """Let programs go on: the client takes more."""
        with self._session.changed:
            self._paused = False
            self._session.tell()

    def lose(self) -> None:
        """Let what is written go nowhere: the client is gone."""
        with self._session.changed:
            self._gone = True
            self._session.tell()

    def _put(self, datatype: int | None, data: bytes) -> None:
        session = self._session
        if self._full:
            with session.changed:
                session.wait_for(lambda: not self._full)
        with self._lock:
            if not self._gone:
                self._pieces.append((datatype, data))
                self._unsent += len(data)
                self._schedule()

    @property
    def _full(self) -> bool:
        return not self._gone and (self._paused or self._unsent > self._most)

    def _schedule(self) -> None:
        if not self._scheduled:
            self._scheduled = True
            self._loop.soon(self._drain)

    def _drain(self) -> None:
        with self._lock:
            self._scheduled = False
            pieces, self._pieces = self._pieces, deque()
            full, self._unsent = self._unsent > self._most, 0
            status = self._status
        if not self._gone:
            for datatype, data in _joined(pieces):
                self._write(datatype, data)
            if status is not None:
                self._channel.exit(status)
        if full:
            self.resume() if not self._paused else None

    def _write(self, datatype: int | None, data: bytes) -> None:
        if self._text:
            self._channel.write(data.decode("utf-8", "replace"), datatype)
        else:
            self._channel.write(data, datatype)


def _joined(pieces: deque[tuple[int | None, bytes]]) -> list[tuple[int | None, bytes]]:
    """Join neighbours that go the same way."""
    found: list[tuple[int | None, list[bytes]]] = []
    for datatype, data in pieces:
        if found and found[-1][0] == datatype:
            found[-1][1].append(data)
        else:
            found.append((datatype, [data]))
    return [(datatype, b"".join(parts)) for datatype, parts in found]
