"""A child process that speaks lines: bounded, with a deadline on every wait, never a hang."""

import contextlib
import os
import queue
import shlex
import subprocess
import threading
from collections.abc import Sequence
from typing import IO

from hvsim_conformance.adapters.errors import AdapterError, AdapterNotFoundError

MAX_LINE = 16 * 1024 * 1024
"""Longest line accepted from a child, in bytes."""
STDERR_KEPT = 16 * 1024
"""How much of the end of a child's standard error is kept, in bytes."""
STOP_GRACE = 5.0
"""Seconds a child has to end by itself."""

_EOF = b""


class LineProcess:
    """A running child: `send` a line, `receive` a line, read the end of its `stderr`."""

    def __init__(self, command: Sequence[str]) -> None:
        self.command = shlex.join(command)
        self._child = _start(command)
        self._lines: queue.Queue[bytes] = queue.Queue(maxsize=64)
        self._tail = bytearray()
        self._readers = [
            _thread(self._read_stdout, _pipe(self._child.stdout)),
            _thread(self._read_stderr, _pipe(self._child.stderr)),
        ]

    def send(self, line: bytes) -> None:
        """Write one line; raises AdapterError when the child no longer reads."""
        stdin = _pipe(self._child.stdin)
        try:
            stdin.write(line + b"\n")
            stdin.flush()
        except (OSError, ValueError) as problem:
            raise self.broken(f"ended unexpectedly ({self._ending()})") from problem

    def receive(self, deadline: float) -> bytes:
        """Return the next line, within so many seconds; raises AdapterError."""
        try:
            line = self._lines.get(timeout=deadline)
        except queue.Empty:
            raise self.broken(f"gave no answer within {deadline:g} s") from None
        if line == _EOF:
            raise self.broken(f"ended unexpectedly ({self._ending()})")
        if not line.endswith(b"\n"):
            raise self.broken(f"wrote a line without an end, or longer than {MAX_LINE} bytes")
        return line

    def unread(self) -> bytes | None:
        """Return a line that nobody has asked for, if there is one."""
        with contextlib.suppress(queue.Empty):
            return self._lines.get_nowait() or None
        return None

    def broken(self, what: str) -> AdapterError:
        """Return an error about this child that carries its standard error; the child is ended."""
        self.kill()
        return AdapterError(f"the adapter `{self.command}` {what}", self.stderr())

    def stderr(self) -> str:
        """Return the end of the child's standard error."""
        return bytes(self._tail).decode("utf-8", "replace")

    def stop(self, grace: float = STOP_GRACE) -> int | None:
        """Close the child's input and wait for its end; None when it had to be killed."""
        with contextlib.suppress(OSError):
            _pipe(self._child.stdin).close()
        try:
            status: int | None = self._child.wait(grace)
        except subprocess.TimeoutExpired:
            status = None
        self.kill()
        return status

    def kill(self) -> None:
        """End the child at once, if it still runs, and give its pipes back."""
        self._child.kill()
        self._child.wait()
        for reader in self._readers:
            reader.join(1.0)
        for pipe in (self._child.stdin, self._child.stdout, self._child.stderr):
            with contextlib.suppress(OSError, ValueError):
                _close_unless_busy(pipe, self._readers)

    def _ending(self) -> str:
        try:
            status = self._child.wait(1.0)
        except subprocess.TimeoutExpired:
            return "its pipes are closed but it still runs"
        return f"exit status {status}" if status >= 0 else f"signal {-status}"

    def _read_stdout(self, pipe: IO[bytes]) -> None:
        with contextlib.suppress(OSError, ValueError):
            while line := pipe.readline(MAX_LINE):
                if not self._offer(line):
                    return
        self._offer(_EOF)

    def _offer(self, line: bytes) -> bool:
        """Queue a line; a flood that nobody reads ends with the child."""
        while True:
            try:
                self._lines.put(line, timeout=0.1)
            except queue.Full:
                if self._child.poll() is not None:
                    return False
            else:
                return True

    def _read_stderr(self, pipe: IO[bytes]) -> None:
        with contextlib.suppress(OSError, ValueError):
            while chunk := os.read(pipe.fileno(), 65536):
                self._tail += chunk
                del self._tail[:-STDERR_KEPT]


def _start(command: Sequence[str]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(  # noqa: S603 - running the user's adapter is the purpose
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
    except (OSError, ValueError, IndexError) as problem:
        shown = shlex.join(command) or "an empty command"
        raise AdapterNotFoundError(f"cannot start the adapter `{shown}`: {problem}") from problem


def _thread(target: object, pipe: IO[bytes]) -> threading.Thread:
    reader = threading.Thread(target=target, args=(pipe,), daemon=True)  # type: ignore[arg-type]  # two bound methods
    reader.start()
    return reader


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise RuntimeError("the child was started without a pipe")
    return pipe


def _close_unless_busy(pipe: IO[bytes] | None, readers: Sequence[threading.Thread]) -> None:
    """Close a pipe; one that a thread still reads is left, as a grandchild may hold it open."""
    if pipe is not None and (pipe.writable() or not any(r.is_alive() for r in readers)):
        pipe.close()
