"""Reading and writing what programs in the sandbox hand over as their standard streams.

A descriptor that comes out of the sandbox is not trusted: only what cannot do more than hold
bytes is used, and no read or write on it can hold a thread for good.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import select
import socket
import stat
from typing import TYPE_CHECKING

from hvsim_fakes.shell.channels import Sink, Source
from hvsim_fakes.shell.program import SIGPIPE, Interrupted

if TYPE_CHECKING:
    from hvsim_fakes.shell.session import Session

_PIECE = 65_536
_LOOK_AGAIN_MS = 100
_MEMORY_DEVICES = 1
"""Major number of null, zero, full and random."""
_NOT_NOW = frozenset({errno.EAGAIN, errno.EINTR})


class ForeignSource(Source):
    """Reads what the program feeds."""

    def __init__(self, session: Session, fd: int | None) -> None:
        super().__init__()
        self._session = session
        self._fd = fd

    def fill(self) -> bool:
        """Wait for the program."""
        if self._fd is None:
            return False
        while True:
            self._session.step()
            _await(self._session, self._fd, select.POLLIN)
            try:
                data = os.read(self._fd, _PIECE)
            except OSError as error:
                if error.errno in _NOT_NOW:
                    continue
                return False
            self._buffer += data
            return bool(data)

    def grown(self, size: int) -> None:
        """Refuse to hold too much at once."""
        self._session.budget.hold(size)


class ForeignSink(Sink):
    """Writes to where the program reads."""

    def __init__(self, session: Session, fd: int | None) -> None:
        super().__init__(session)
        self._fd = fd

    def hand_on(self, data: bytes) -> None:
        """Write it, as the program takes it."""
        left = memoryview(data)
        while self._fd is not None and left:
            self.session.check()
            _await(self.session, self._fd, select.POLLOUT)
            try:
                left = left[os.write(self._fd, left[:_PIECE]) :]
            except OSError as error:
                if error.errno not in _NOT_NOW:
                    raise Interrupted(SIGPIPE) from None


def _await(session: Session, fd: int, event: int) -> None:
    """Wait until something can be done with a descriptor, a signal comes, or it is time to look."""
    poll = select.poll()
    poll.register(fd, event)
    if poll.poll(0):
        return
    with session.world.activity.aside():
        poll.poll(_LOOK_AGAIN_MS)
    session.check()


def tamed(fd: int, access: int) -> int | None:
    """Return a descriptor of our own for one from the sandbox that never blocks; None to drop it.

    ``fd`` is closed. What it is decides: a pipe is opened anew, for its flags are shared with the
    program; a socket is taken likewise with flags of its own kind; a file in memory and the
    devices without a will of their own never block.

    Args:
        access: ``os.O_RDONLY`` or ``os.O_WRONLY``: for what it is to be used.
    """
    try:
        flags = fcntl.fcntl(fd, fcntl.F_GETFL)
        allowed = flags & os.O_ACCMODE in (access, os.O_RDWR) and not flags & os.O_PATH
        return _opened(fd, access) if allowed else None
    except OSError:
        return None
    finally:
        with contextlib.suppress(OSError):
            os.close(fd)


def _opened(fd: int, access: int) -> int | None:
    status = os.fstat(fd)
    if stat.S_ISFIFO(status.st_mode):
        return os.open(f"/proc/self/fd/{fd}", access | os.O_NONBLOCK | os.O_CLOEXEC)
    if stat.S_ISREG(status.st_mode) or (
        stat.S_ISCHR(status.st_mode) and os.major(status.st_rdev) == _MEMORY_DEVICES
    ):
        return os.dup(fd)
    if stat.S_ISSOCK(status.st_mode):
        return _detached(fd)
    return None


def _detached(fd: int) -> int | None:
    """Return a stream socket made not to block; the program finds its own so as well."""
    with socket.socket(fileno=os.dup(fd)) as sock:
        if sock.family is not socket.AF_UNIX or sock.type is not socket.SOCK_STREAM:
            return None
        sock.setblocking(False)
        return sock.detach()
