"""One client's socket, plain or TLS, that its listener can cut off at any moment."""

import contextlib
import enum
import math
import select
import socket
import ssl
import struct
import sys
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from hvsim_fakes.server.alarm import Alarm

Result = TypeVar("Result")

_READ_BYTES = 64 * 1024
_WRITE_BYTES = 256 * 1024
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # struct linger: on, no time


class Hangup(Exception):  # noqa: N818 - an event in a conversation, not an error in the program
    """The conversation is over: the client went away or the listener cut it off."""


class _State(enum.Enum):
    OPEN = enum.auto()
    SILENT = enum.auto()
    CLOSED = enum.auto()


class Channel:
    """A socket used by one thread and cut off by others.

    The socket never blocks; every use of it happens under a lock and takes no time, and waiting
    happens outside the lock together with the listener's alarm. So `abort` and `silence` take
    effect at once, whatever the owner is doing, and not one byte is sent after they return.
    """

    def __init__(self, sock: socket.socket, alarm: Alarm) -> None:
        sock.setblocking(False)
        self._sock = sock
        self._fd = sock.fileno()
        self._alarm = alarm
        self._lock = threading.Lock()
        self._state = _State.OPEN
        self._readable = self._poll_for(select.POLLIN)

    def handshake(self, context: ssl.SSLContext, deadline: float) -> None:
        """Become the server side of a TLS connection.

        Raises Hangup when the client does not speak TLS properly, TimeoutError when it is late.
        """
        self._use(lambda: self._wrap(context), deadline)
        self._use(self._shake, deadline)

    def read(self, deadline: float) -> bytes:
        """Give the next bytes, b"" when the client sends no more.

        Raises TimeoutError after the deadline (of time.monotonic) and Hangup.
        """
        return self._use(self._receive, deadline)

    def read_later(self, deadline: float) -> bytes:
        """Give the next bytes as `read` does, when none are likely to be there yet."""
        if not isinstance(self._sock, ssl.SSLSocket):
            self._wait(select.POLLIN, deadline)
        return self._use(self._receive, deadline)

    def write(self, data: bytes | memoryview, patience: float) -> None:
        """Send all the data; the client may take `patience` seconds for each piece."""
        sent = self._write_piece(data, patience) if len(data) <= _WRITE_BYTES else 0
        view = memoryview(data)[sent:]
        while view:
            view = view[self._write_piece(view[:_WRITE_BYTES], patience) :]

    def gone(self) -> bool:
        """Tell whether the client has closed its side or the listener has cut it off."""
        with self._lock:
            return self._state is not _State.OPEN or _hung_up(self._sock)

    def end_output(self) -> None:
        """Tell the client that nothing more will come."""
        self._use_once(self._say_goodbye)

    def close(self) -> None:
        """Close the socket in good order, unless it has to stay silent."""
        with self._lock:
            if self._state is _State.OPEN:
                self._release()

    def abort(self) -> None:
        """Reset the connection: the client sees its peer vanish with an RST."""
        with self._lock:
            if self._state is not _State.CLOSED:
                _make_abortive(self._sock)
                self._release()

    def silence(self) -> None:
        """Keep the connection but never read or write it again, as behind a cut cable."""
        with self._lock:
            if self._state is _State.OPEN:
                self._state = _State.SILENT

    @property
    def silent(self) -> bool:
        """Whether the connection is kept silent."""
        return self._state is _State.SILENT

    def _release(self) -> None:
        self._state = _State.CLOSED
        with contextlib.suppress(OSError):
            self._sock.close()

    def _wrap(self, context: ssl.SSLContext) -> None:
        self._sock = context.wrap_socket(
            self._sock, server_side=True, do_handshake_on_connect=False
        )

    def _shake(self) -> None:
        if isinstance(self._sock, ssl.SSLSocket):
            self._sock.do_handshake()

    def _say_goodbye(self) -> None:
        if isinstance(self._sock, ssl.SSLSocket):
            # Sends close_notify; the client's own one is not worth waiting for.
            with contextlib.suppress(OSError, ValueError):
                self._sock.unwrap()
        socket.socket.shutdown(self._sock, socket.SHUT_WR)

    def _receive(self) -> bytes:
        return self._sock.recv(_READ_BYTES)

    def _write_piece(self, piece: bytes | memoryview, patience: float) -> int:
        deadline = time.monotonic() + patience
        return self._use(lambda: self._sock.send(piece), deadline, select.POLLOUT)

    def _use(
        self, action: Callable[[], Result], deadline: float, need: int = select.POLLIN
    ) -> Result:
        """Try the action until the socket is ready for it."""
        while True:
            try:
                return self._use_once(action)
            except ssl.SSLWantReadError:
                self._wait(select.POLLIN, deadline)
            except ssl.SSLWantWriteError:
                self._wait(select.POLLOUT, deadline)
            except BlockingIOError:
                self._wait(need, deadline)

    def _use_once(self, action: Callable[[], Result]) -> Result:
        with self._lock:
            if self._state is not _State.OPEN:
                raise Hangup
            try:
                return action()
            except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                raise
            except (OSError, ValueError) as error:
                raise Hangup from error

    def _wait(self, need: int, deadline: float) -> None:
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            raise TimeoutError
        poll = self._readable if need == select.POLLIN else self._poll_for(need)
        poll.poll(math.ceil(remaining * 1000))

    def _poll_for(self, need: int) -> select.poll:
        poll = select.poll()
        poll.register(self._fd, need)
        poll.register(self._alarm.fd, select.POLLIN)
        return poll


def _hung_up(sock: socket.socket) -> bool:
    """Look for a FIN or an RST without taking anything from the input."""
    if sys.platform == "linux":
        # Sees the end of input even behind pipelined requests and TLS records.
        poll = select.poll()
        poll.register(sock.fileno(), select.POLLRDHUP)
        return bool(poll.poll(0))
    return _end_of_input(sock)


def _end_of_input(sock: socket.socket) -> bool:
    try:
        # The plain method: a TLS socket's own recv takes no flags.
        return socket.socket.recv(sock, 1, socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def _make_abortive(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
