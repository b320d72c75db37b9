"""A command of the host that a program in the sandbox runs."""

from __future__ import annotations

import array
import contextlib
import os
import socket
import struct
from typing import TYPE_CHECKING, Annotated

import msgspec

from hvsim_fakes.sandbox.bubble import BrokenSandboxError, descriptors
from hvsim_fakes.sandbox.pipes import ForeignSink, ForeignSource, tamed
from hvsim_fakes.shell.launch import NOT_EXECUTABLE, launch
from hvsim_fakes.shell.program import Interrupted
from hvsim_fakes.shell.state import Jump, ShellError, ShellExit, Variables

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim_fakes.sandbox.mirror import Mirror
    from hvsim_fakes.shell.state import State
    from hvsim_fakes.shell.task import Task

_LARGEST = 2**20
_PATIENCE = 10.0
_STREAMS = 3
_ITS_OWN_AFFAIR = (
    *(BrokenSandboxError, OSError, struct.error, UnicodeError, msgspec.MsgspecError),
    *(RecursionError, ShellExit, Jump),
)
_ACCESS = (os.O_RDONLY, os.O_WRONLY, os.O_WRONLY)


class _Request(msgspec.Struct):
    argv: Annotated[list[str], msgspec.Meta(min_length=1)]
    cwd: str
    env: dict[str, str]


class Errand:
    """One command, run by the shell of the host as if it had been typed there.

    Args:
        task: the run of the interpreter in whose sandbox the caller is.
        connection: to the caller; it is closed at the end.
        on_end: told once the command has run, before the caller is.
    """

    def __init__(
        self,
        task: Task,
        mirror: Mirror,
        connection: socket.socket,
        on_end: Callable[[], object],
    ) -> None:
        self._task = task
        self._mirror = mirror
        self._connection = connection
        self._on_end = on_end
        self._taken = False
        self._fds: list[int | None] = []

    @property
    def abandoned(self) -> bool:
        """Whether the caller has gone while its command runs."""
        if not self._taken:
            return False
        try:
            return not self._connection.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True

    def run(self) -> int:
        """Run the command to its end and tell its status; called in a thread of its own."""
        status = NOT_EXECUTABLE
        try:
            status = self._run(self._take())
        except _ITS_OWN_AFFAIR:
            # It asked wrongly, or is gone.
            status = NOT_EXECUTABLE
        except Interrupted as signal:
            status = 128 + signal.signal
            raise
        finally:
            for fd in self._fds:
                if fd is not None:
                    os.close(fd)
            self._on_end()
            with contextlib.suppress(OSError):
                self._connection.send(bytes([status & 0xFF]))
        return status

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def _take(self) -> _Request:
        """Read what is to be run, and take the caller's streams."""
        self._connection.settimeout(_PATIENCE)
        room = socket.CMSG_SPACE(_STREAMS * array.array("i").itemsize)
        head, ancillary, _, _ = self._connection.recvmsg(4, room, socket.MSG_CMSG_CLOEXEC)
        given = descriptors(ancillary)
        for fd in given[_STREAMS:]:
            os.close(fd)
        self._fds = [
            tamed(fd, access) for fd, access in zip(given[:_STREAMS], _ACCESS, strict=False)
        ]
        self._fds += [None] * (_STREAMS - len(self._fds))
        (size,) = struct.unpack(">I", head)
        data = bytearray()
        while len(data) < min(size, _LARGEST):
            piece = self._connection.recv(min(size, _LARGEST) - len(data))
            if not piece:
                break
            data += piece
        self._connection.setblocking(False)
        self._taken = True
        return msgspec.json.decode(data, type=_Request)

    def _run(self, request: _Request) -> int:
        self._mirror.pull()
        session = self._task.state.session
        out, err = ForeignSink(session, self._fds[1]), ForeignSink(session, self._fds[2])
        state = self._task.state.fork({0: ForeignSource(session, self._fds[0]), 1: out, 2: err})
        _settle(state, request)
        try:
            status = launch(state, request.argv, state.fds, request.env)
        except ShellError as error:
            err(f"{error}\n")
            status = error.status
        for sink in (out, err):
            with contextlib.suppress(Interrupted):
                sink.flush()
        self._mirror.push()
        return status


def _settle(state: State, request: _Request) -> None:
    """Let a shell's state be that of a fresh process with the caller's environment."""
    state.variables = Variables(request.env)
    for name, value in (("IFS", " \t\n"), ("OPTIND", "1")):
        state.variables[name] = value
    state.functions.clear()
    state.aliases.clear()
    state.options = set()
    state.lenient = 0
    state.cwd = request.cwd if state.view.is_directory(request.cwd) else "/"
