"""What programs read from and write to: pipes, files, text, the client."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from hvsim_fakes.shell.program import SIGKILL, SIGPIPE, Interrupted

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim_fakes.shell.session import Session
    from hvsim_fakes.shell.view import View

PIPE_SIZE = 65_536
_BATCH = 32_768
_ENDLESS = 4 * 2**20


def encoded(text: str | bytes) -> bytes:
    """Return text as the bytes it came from."""
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")


def decoded(data: bytes) -> str:
    """Return bytes as text; bytes that are none come out again as they were."""
    return data.decode("utf-8", "surrogateescape")


class Source:
    """A reader over a buffer that :meth:`fill` adds to."""

    is_tty = False

    def __init__(self, data: bytes = b"") -> None:
        self._buffer = bytearray(data)

    def fill(self) -> bool:
        """Wait for more data in the buffer; return False at the end."""
        return False

    def grown(self, size: int) -> None:
        """Judge the size of what is held at once."""

    def read(self) -> bytes:
        """Return everything up to the end."""
        while self.fill():
            self.grown(len(self._buffer))
        return self._take(len(self._buffer))

    def read_some(self, most: int = PIPE_SIZE) -> bytes:
        """Wait for at least one byte; return ``most`` at most, none at the end."""
        while not self._buffer:
            if not self.fill():
                return b""
        return self._take(min(most, len(self._buffer)))

    def read_line(self) -> bytes:
        """Return the next line with its newline (the last may have none), none at the end."""
        searched = 0
        while (end := self._buffer.find(b"\n", searched)) < 0:
            searched = len(self._buffer)
            if not self.fill():
                return self._take(len(self._buffer))
            self.grown(len(self._buffer))
        return self._take(end + 1)

    def _take(self, size: int) -> bytes:
        data = bytes(self._buffer[:size])
        del self._buffer[:size]
        return data


class DeviceSource(Source):
    """``/dev/zero``: endless, so that nobody may take all of it."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session

    def fill(self) -> bool:
        """Add zeros."""
        self._session.step()
        self._buffer.extend(bytes(PIPE_SIZE))
        return True

    def grown(self, size: int) -> None:
        """Refuse to hold it all."""
        if size > _ENDLESS:
            raise Interrupted(SIGKILL)


class Sink:
    """A writer that gathers small pieces; :meth:`flush` hands them on."""

    is_tty = False

    def __init__(self, session: Session) -> None:
        self.session = session
        self._pieces: list[bytes] = []
        self._size = 0
        self._lock = threading.Lock()

    def __call__(self, text: str | bytes) -> None:
        """Write; text as UTF-8. Buffered."""
        self.write(text)

    def write(self, text: str | bytes) -> None:
        """Write; text as UTF-8. Buffered."""
        data = encoded(text)
        self.session.budget.put_out(len(data))
        with self._lock:
            self._pieces.append(data)
            self._size += len(data)
        if self._size >= _BATCH:
            self.flush()

    def flush(self) -> None:
        """Let what was written be seen now."""
        if self._pieces:
            with self._lock:
                data = b"".join(self._pieces)
                self._pieces.clear()
                self._size = 0
            self.hand_on(data)

    def hand_on(self, data: bytes) -> None:
        """Take a batch of written data."""

    def close(self) -> None:
        """Write no more."""
        self.flush()


class Gathered(Sink):
    """Keeps what is written, as a substitution does; bounded."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._data = bytearray()

    def hand_on(self, data: bytes) -> None:
        """Keep it."""
        self.session.budget.hold(len(self._data) + len(data))
        self._data += data

    @property
    def data(self) -> bytes:
        """What was written and flushed."""
        return bytes(self._data)


class ClientSink(Sink):
    """Writes to the client.

    Args:
        put: takes data; may wait for the client to read.
        after: is flushed first, so that the client sees things in the order of their writing.
    """

    def __init__(
        self,
        session: Session,
        put: Callable[[bytes], object],
        *,
        is_tty: bool = False,
        after: Sink | None = None,
    ) -> None:
        super().__init__(session)
        self.is_tty = is_tty
        self._put = put
        self._after = after

    def write(self, text: str | bytes) -> None:
        """Write; text as UTF-8. Buffered."""
        if self._after is not None:
            self._after.flush()
        super().write(text)

    def hand_on(self, data: bytes) -> None:
        """Send it."""
        self._put(data)

    def close(self) -> None:
        """Let everything be seen; the session itself closes the channel."""
        self.flush()


class FileSink(Sink):
    """Writes to a file, which is already there.

    Args:
        at: where to write first; -1 always at the end.
    """

    def __init__(self, session: Session, view: View, path: str, at: int = 0) -> None:
        super().__init__(session)
        self._view = view
        self._path = view.absolute(path)
        self._at = at

    def hand_on(self, data: bytes) -> None:
        """Write it; where the file has been removed meanwhile it goes away with the file."""
        if not self._view.exists(self._path):
            return
        self._view.write(self._path, data, at=self._at)
        if self._at >= 0:
            self._at += len(data)


class Pipe:
    """A bounded pipe between two stages."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.data = bytearray()
        self.written = False
        """Whether the writer has ended."""
        self.unread = False
        """Whether the reader has ended."""
        self.source = PipeSource(self)
        self.sink = PipeSink(self)


class PipeSource(Source):
    """The end to read from."""

    def __init__(self, pipe: Pipe) -> None:
        super().__init__()
        self._pipe = pipe

    def fill(self) -> bool:
        """Wait for the writer."""
        pipe, session = self._pipe, self._pipe.session
        with session.changed:
            if not pipe.data and not pipe.written:
                session.wait_for(lambda: bool(pipe.data) or pipe.written)
            found = bool(pipe.data)
            self._buffer += pipe.data
            pipe.data.clear()
            if found:
                session.tell()
            return found

    def grown(self, size: int) -> None:
        """Refuse to hold too much at once."""
        self._pipe.session.budget.hold(size)

    def close(self) -> None:
        """Read no more."""
        with self._pipe.session.changed:
            self._pipe.unread = True
            self._pipe.session.tell()


class PipeSink(Sink):
    """The end to write to."""

    def __init__(self, pipe: Pipe) -> None:
        super().__init__(pipe.session)
        self._pipe = pipe

    def hand_on(self, data: bytes) -> None:
        """Wait for room, and put it there."""
        pipe, session = self._pipe, self.session
        with session.changed:
            if len(pipe.data) >= PIPE_SIZE and not pipe.unread:
                session.wait_for(lambda: len(pipe.data) < PIPE_SIZE or pipe.unread)
            if pipe.unread:
                raise Interrupted(SIGPIPE)
            pipe.data += data
            session.tell()

    def close(self) -> None:
        """Write no more; who reads comes to the end."""
        try:
            self.flush()
        except Interrupted:
            self._pieces.clear()
        with self.session.changed:
            self._pipe.written = True
            self.session.tell()


class ClientSource(Source):
    """What the client sends; fed by the connection's thread.

    Args:
        taken: told how many bytes were taken out, so that more may be asked of the client.
    """

    def __init__(self, session: Session, *, is_tty: bool = False) -> None:
        super().__init__()
        self.is_tty = is_tty
        self._session = session
        self._arrived = bytearray()
        self._ends: list[int] = []
        self._ended = False
        self.on_taken: Callable[[int], object] | None = None

    @property
    def waiting(self) -> int:
        """Bytes that arrived and were not taken yet."""
        return len(self._arrived)

    def feed(self, data: bytes) -> None:
        """Add what arrived."""
        with self._session.changed:
            self._arrived += data
            self._session.tell()

    def end(self) -> None:
        """Nothing more comes; a terminal's end is for one reading only, see :meth:`soft_end`."""
        with self._session.changed:
            self._ended = True
            self._session.tell()

    def soft_end(self) -> None:
        """End the present reading, as ^D on a terminal does; more may come later."""
        with self._session.changed:
            self._ends.append(len(self._arrived))
            self._session.tell()

    def drop(self) -> None:
        """Forget what was typed ahead, as ^C does."""
        with self._session.changed:
            self._arrived.clear()
            self._ends.clear()
            self._buffer.clear()

    def fill(self) -> bool:
        """Wait for the client."""
        session = self._session
        with session.changed:
            if not (self._arrived or self._ends or self._ended):
                session.wait_for(lambda: bool(self._arrived or self._ends) or self._ended)
            # What was typed before an interrupt is gone; what comes after it is not its business.
            session.check()
            size = self._ends[0] if self._ends else len(self._arrived)
            if self._ends:
                self._ends = [end - size for end in self._ends[int(size == 0) :]]
            self._buffer += self._arrived[:size]
            del self._arrived[:size]
        if size and self.on_taken is not None:
            self.on_taken(size)
        return size > 0

    def grown(self, size: int) -> None:
        """Refuse to hold too much at once."""
        self._session.budget.hold(size)
