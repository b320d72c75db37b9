"""The sandbox itself: bubblewrap with an agent of ours in it, and the way to talk to that agent.

Nothing of the machine is within its reach but the system's libraries and one Python, to read; no
network, no other process, no home, no /proc, no device but the harmless ones. Its files lie in
memory and go away with it. Its only ways out are two sockets and three pipes, all ours.
"""

from __future__ import annotations

import array
import contextlib
import itertools
import os
import re
import shutil
import socket
import struct
import subprocess
import threading
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from hvsim_fakes.sandbox.filter import system_call_filter
from hvsim_fakes.sandbox.interpreter import find_interpreter
from hvsim_fakes.sandbox.limits import SandboxLimits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hvsim_fakes.sandbox.interpreter import Interpreter

PYTHON = "/usr/bin/python3"
"""Where programs find it, and the host's clients too."""
_INSIDE = "hvsim_fakes.sandbox.inside"
_LARGEST = 256 * 2**20
"""Bytes of one answer."""
_KEPT_RIGHTS = ("CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER")
"""What root may do with files, here with the sandbox's own alone."""
_FIRST_USER, _USERS_EACH, _NOBODY = 1_000_000_000, 64, 65_534
_SHORTEST_ANSWER = 10.0
_LONGEST_NAME = 63

_Answer = TypeVar("_Answer")


class BrokenSandboxError(Exception):
    """The sandbox is gone, hangs, or does not speak as it should."""


class Nothing(msgspec.Struct):
    """An answer without content."""


class Bubble:
    """A running sandbox.

    Args:
        hostname: the simulated host's.
        uid, gid: whom the program takes itself for.
        number: tells it from others of the same lab.
    """

    def __init__(
        self, hostname: str, uid: int, gid: int, limits: SandboxLimits, number: int = 0
    ) -> None:
        interpreter = find_interpreter()
        if interpreter is None:
            raise BrokenSandboxError("there is no Python 3.8 or later for it")
        self._lock = threading.Lock()
        self._over = False
        with contextlib.ExitStack() as theirs:
            self._control, control = _pair(theirs, socket.SOCK_STREAM)
            self._control.settimeout(max(_SHORTEST_ANSWER, limits.answer))
            self.notices, notices = _pair(theirs, socket.SOCK_SEQPACKET)
            calls = theirs.enter_context(_filter_file())
            passed = (control.fileno(), notices.fileno(), *calls)
            command = _command(interpreter, hostname, (uid, gid), limits, calls)
            command += ["--", PYTHON, "-IS", "-c", inside("agent"), *map(str, passed[:2])]
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                cwd="/",
                env={},
                pass_fds=passed,
                start_new_session=True,
                **_somebody_else(number),
            )

    @property
    def pid(self) -> int:
        """The process on this machine whose children are the sandbox's."""
        return self._process.pid

    @property
    def input(self) -> int:
        """Descriptor to write the program's standard input to."""
        return _number(self._process.stdin)

    @property
    def output(self) -> int:
        """Descriptor to read the program's standard output from."""
        return _number(self._process.stdout)

    @property
    def errors(self) -> int:
        """Descriptor to read the program's standard error from."""
        return _number(self._process.stderr)

    def end_input(self) -> None:
        """Let the program come to the end of its input."""
        if self._process.stdin is not None:
            self._process.stdin.close()

    def ask(self, kind: type[_Answer], do: str, **request: Any) -> _Answer:
        """Have the agent do something; raises BrokenSandboxError when it does not answer well."""
        data = msgspec.json.encode({"do": do, **request})
        try:
            with self._lock:
                if self._over:
                    raise BrokenSandboxError("it has ended")
                self._control.sendall(struct.pack(">I", len(data)) + data)
                answer = self._read(struct.unpack(">I", self._read(4))[0])
            return msgspec.json.decode(answer, type=kind)
        except (OSError, msgspec.MsgspecError, UnicodeError) as error:
            raise BrokenSandboxError(f"it does not answer: {error}") from None

    def notice(self) -> tuple[bytes, socket.socket | None]:
        """Return the next notice and the connection that comes with it; empty at the end."""
        room = socket.CMSG_SPACE(array.array("i").itemsize)
        data, ancillary, _, _ = self.notices.recvmsg(16, room, socket.MSG_CMSG_CLOEXEC)
        found = descriptors(ancillary)
        for fd in found[1:]:
            os.close(fd)
        return data, socket.socket(fileno=found[0]) if found else None

    def kill(self) -> None:
        """End it and all that runs in it."""
        self._process.kill()
        self._process.wait()
        with self._lock:
            # Who waited for an answer has found the end of it by now.
            self._over = True
            self._control.close()
        self.notices.close()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def _read(self, size: int) -> bytes:
        if size > _LARGEST:
            raise BrokenSandboxError("it says too much at once")
        data = bytearray()
        while len(data) < size:
            piece = self._control.recv(min(size - len(data), 2**20))
            if not piece:
                raise BrokenSandboxError("it has ended")
            data += piece
        return bytes(data)

    def last_words(self) -> str:
        """Return the last line that it wrote to standard error, if it is still to be read."""
        os.set_blocking(self.errors, False)
        with contextlib.suppress(OSError):
            lines = os.read(self.errors, 65_536).decode("utf-8", "replace").split("\n")
            return next((line.strip() for line in reversed(lines) if line.strip()), "")
        return ""


@cache
def inside(name: str) -> str:
    """Return the text of a module that runs in the sandbox."""
    return resources.files(_INSIDE).joinpath(f"{name}.py").read_text("utf-8")


@cache
def trouble() -> str | None:
    """Return in one line why no sandbox can run on this machine; None when it can.

    Found out once, by running one.
    """
    if shutil.which("bwrap") is None:
        return "bubblewrap (bwrap) is not installed"
    try:
        bubble = Bubble("probe", 0, 0, SandboxLimits())
    except (BrokenSandboxError, OSError, subprocess.SubprocessError) as error:
        return str(error)
    try:
        bubble.ask(Nothing, "put", entries=[], removed=[])
    except BrokenSandboxError as error:
        words = bubble.last_words() or str(error)
        return f"the kernel or its policy refuses a sandbox to this user: {words}"
    finally:
        bubble.kill()
    return None


def descriptors(ancillary: list[tuple[int, int, bytes]]) -> list[int]:
    """Return the descriptors that came with a message."""
    found = array.array("i")
    for level, kind, data in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            found.frombytes(data[: len(data) - len(data) % found.itemsize])
    return list(found)


def _command(
    interpreter: Interpreter,
    hostname: str,
    user: tuple[int, int],
    limits: SandboxLimits,
    calls: tuple[int, ...],
) -> list[str]:
    program = shutil.which("bwrap") or "bwrap"
    command = [program, "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    if user[0] == 0:
        command += itertools.chain(*(("--cap-add", right) for right in _KEPT_RIGHTS))
    command += ["--uid", str(user[0]), "--gid", str(user[1]), "--clearenv"]
    command += ["--hostname", _hostname(hostname)]
    command += ["--size", str(limits.files), "--tmpfs", "/"]
    for path in interpreter.shown:
        command += ["--ro-bind", path, path]
    for path in interpreter.hidden:
        command += ["--tmpfs", path]
    for name in ("bin", "sbin", "lib", "lib32", "lib64"):
        command += _top(name)
    command += ["--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"]
    if interpreter.prefix == "/usr":
        command += ["--ro-bind", interpreter.program, PYTHON]
    else:
        command += ["--ro-bind", interpreter.program, interpreter.program]
        command += ["--symlink", interpreter.program, PYTHON]
    for number in calls:
        command += ["--seccomp", str(number)]
    # No /proc: it tells of the machine, and the simulated hosts have another one.
    return [*command, "--dir", "/proc", "--dev", "/dev", "--chdir", "/"]


def _hostname(name: str) -> str:
    """Return a name that the kernel takes: a host's files may say anything."""
    return re.sub(r"[^A-Za-z0-9._-]", "", name)[:_LONGEST_NAME] or "localhost"


def _top(name: str) -> list[str]:
    """Return how a directory at the top is made: as a link where the machine has one."""
    path = Path("/", name)
    if name in ("bin", "sbin") or path.is_symlink():
        return ["--symlink", f"usr/{name}", f"/{name}"]
    return ["--ro-bind", f"/{name}", f"/{name}"] if path.is_dir() else []


def _somebody_else(number: int) -> dict[str, Any]:
    """Return for which user it runs: for one that is nobody else when we are root."""
    if os.geteuid() != 0:
        return {}
    wanted = _FIRST_USER + os.getpid() * _USERS_EACH + number % _USERS_EACH
    user = wanted if wanted < _known_users() else _NOBODY
    return {"user": user, "group": user, "extra_groups": []}


def _known_users() -> int:
    """Return how many user IDs this process's namespace has, beginning with 0."""
    for line in Path("/proc/self/uid_map").read_text("ascii").splitlines():
        first, _, count = (int(word) for word in line.split())
        if first == 0:
            return count
    return 0


def _pair(theirs: contextlib.ExitStack, kind: int) -> tuple[socket.socket, socket.socket]:
    ours, other = socket.socketpair(socket.AF_UNIX, kind)
    theirs.enter_context(other)
    return ours, other


@contextlib.contextmanager
def _filter_file() -> Iterator[tuple[int, ...]]:
    """Give the descriptor from which bubblewrap reads the filter of system calls."""
    content = system_call_filter()
    if content is None:
        yield ()
        return
    read, write = os.pipe()
    try:
        # A pipe holds far more than this at once.
        os.write(write, content)
        os.close(write)
        yield (read,)
    finally:
        os.close(read)


def _number(pipe: Any) -> int:
    return int(pipe.fileno())
