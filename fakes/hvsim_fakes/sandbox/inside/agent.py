"""The first process in the sandbox: keeps its files, starts the program, tells of its end.

It is told what to do on one socket and tells what happens on another. It has no more rights than
the program, which could stop it or speak in its place; whoever listens outside takes that into
account.
"""

from __future__ import annotations

import array
import base64
import json
import os
import resource
import selectors
import signal
import site
import socket
import stat
import struct
import sys
from typing import TYPE_CHECKING, Any

LAB = "/usr/share/lab"
KEPT_OUT = ("bin", "dev", "lib", "lib32", "lib64", "libx32", "proc", "sbin", "usr")
"""What is at the top and is no part of the host's files."""
_KINDS = {stat.S_IFREG: "file", stat.S_IFDIR: "directory", stat.S_IFLNK: "link"}
_CANNOT_RUN = 126

if TYPE_CHECKING:
    Stamp = tuple[int, int, int, int, int]


class Files:
    """The files below ``/``, and how they looked when they were last told of or given."""

    def __init__(self) -> None:
        self._device = os.lstat("/").st_dev
        self._seen: dict[str, Stamp] = {}

    def put(self, entries: list[dict[str, Any]], removed: list[str]) -> None:
        """Make files as they are outside."""
        for path in removed:
            _remove(path)
            self._seen.pop(path, None)
        for entry in entries:
            try:
                _make(entry)
            except OSError as error:
                sys.stderr.write(f"{entry['path']}: {error.strerror}\n")
        for entry in reversed(entries):
            # Directories last, for a closed one takes nothing in, and what goes in changes them.
            self._finish(entry)

    def changes(self) -> dict[str, Any]:
        """Return what changed since it was last told, directories before their content."""
        found: dict[str, Stamp] = {}
        entries: list[dict[str, Any]] = []
        self._scan("/", found, entries)
        removed = [path for path in self._seen if path not in found]
        self._seen = found
        return {"entries": entries, "removed": removed}

    def _finish(self, entry: dict[str, Any]) -> None:
        path = entry["path"]
        try:
            if entry["kind"] != "link":
                os.chmod(path, entry["mode"])
                os.utime(path, (entry["modified"], entry["modified"]))
            self._seen[path] = _stamp(os.lstat(path))
        except OSError:
            self._seen.pop(path, None)

    def _scan(self, directory: str, found: dict[str, Stamp], entries: list[dict[str, Any]]) -> None:
        try:
            names = sorted(os.listdir(directory))
        except OSError:
            return
        for name in names:
            if directory == "/" and name in KEPT_OUT:
                continue
            path = os.path.join(directory, name)
            try:
                status = os.lstat(path)
            except OSError:
                continue
            kind = _KINDS.get(stat.S_IFMT(status.st_mode))
            if kind is None or status.st_dev != self._device:
                continue
            found[path] = _stamp(status)
            if self._changed(path, kind, found[path]):
                entry = _entry(path, kind, status)
                if entry is not None:
                    entries.append(entry)
            if kind == "directory":
                self._scan(path, found, entries)

    def _changed(self, path: str, kind: str, stamp: Stamp) -> bool:
        before = self._seen.get(path)
        # What goes in and out of a directory is no change of its own.
        return before is None or (before[0] != stamp[0] if kind == "directory" else before != stamp)


def _stamp(status: os.stat_result) -> Stamp:
    return (
        status.st_mode,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
        status.st_ino,
    )


def _entry(path: str, kind: str, status: os.stat_result) -> dict[str, Any] | None:
    entry: dict[str, Any] = {"path": path, "kind": kind, "mode": stat.S_IMODE(status.st_mode)}
    try:
        if kind == "file":
            fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with os.fdopen(fd, "rb") as file:
                entry["data"] = base64.b64encode(file.read()).decode()
        elif kind == "link":
            entry["target"] = os.readlink(path)
    except OSError:
        return None
    return entry


def _make(entry: dict[str, Any]) -> None:
    path, kind = entry["path"], entry["kind"]
    there = os.path.lexists(path)
    if there and (kind == "link" or _KINDS.get(stat.S_IFMT(os.lstat(path).st_mode)) != kind):
        _remove(path)
        there = False
    if kind == "directory":
        if not there:
            os.mkdir(path)
        os.chmod(path, 0o700)
    elif kind == "link":
        os.symlink(entry["target"], path)
    else:
        if there:
            os.chmod(path, 0o600)
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(fd, "wb") as file:
            file.write(base64.b64decode(entry["data"]))


def _remove(path: str) -> None:
    try:
        if os.path.isdir(path) and not os.path.islink(path):
            for name in os.listdir(path):
                _remove(os.path.join(path, name))
            os.rmdir(path)
        else:
            os.unlink(path)
    except OSError:
        return


class Agent:
    """Does what it is told on ``control``; tells on ``notices``."""

    def __init__(self, control: socket.socket, notices: socket.socket) -> None:
        self._control = control
        self._notices = notices
        self._files = Files()
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._selector = selectors.DefaultSelector()
        self._program = 0

    def serve(self) -> None:
        """Serve until the lab hangs up."""
        woken, wake = socket.socketpair()
        wake.setblocking(False)
        woken.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
        self._selector.register(self._control, selectors.EVENT_READ, self._obey)
        self._selector.register(woken, selectors.EVENT_READ, lambda: self._reap(woken))
        while True:
            for key, _ in self._selector.select():
                key.data()

    def _obey(self) -> None:
        size = self._read(4)
        request = json.loads(self._read(struct.unpack(">I", size)[0]).decode())
        answer = getattr(self, "do_" + request.pop("do"))(**request) or {}
        data = json.dumps(answer).encode()
        self._control.sendall(struct.pack(">I", len(data)) + data)

    def _read(self, size: int) -> bytes:
        data = bytearray()
        while len(data) < size:
            piece = self._control.recv(min(size - len(data), 1 << 20))
            if not piece:
                sys.exit(0)
            data += piece
        return bytes(data)

    def _accept(self) -> None:
        client, _ = self._listener.accept()
        fds = array.array("i", [client.fileno()])
        self._notices.sendmsg([b"c"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds.tobytes())])
        client.close()

    def _reap(self, woken: socket.socket) -> None:
        woken.recv(4096)
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if pid == self._program:
                code = 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else status >> 8
                self._notices.send(b"x" + bytes([code & 0xFF]))

    def do_furnish(self, commands: list[str], texts: dict[str, str]) -> None:
        """Make the host's commands, and what Python needs to believe in the host."""
        os.makedirs(LAB)
        for name, text in texts.items():
            with open(os.path.join(LAB, name), "w", encoding="utf-8") as file:
                file.write(text)
        os.chmod(os.path.join(LAB, "command"), 0o755)
        for path in commands:
            try:
                os.makedirs(os.path.dirname(path), exist_ok=True)
                os.link(os.path.join(LAB, "command"), path)
            except OSError:
                # It is there already (Python), or lies among the machine's libraries.
                continue
        for directory in site.getsitepackages():
            try:
                os.makedirs(directory, exist_ok=True)
                with open(os.path.join(directory, "lab.pth"), "w", encoding="utf-8") as file:
                    file.write(f"import os; exec(open('{LAB}/host.py').read(), {{}})\n")
            except OSError:
                continue
            break
        self._listener.bind(os.path.join(LAB, "socket"))
        self._listener.listen(64)
        self._selector.register(self._listener, selectors.EVENT_READ, self._accept)

    def do_put(self, entries: list[dict[str, Any]], removed: list[str]) -> None:
        """Make files as they are outside."""
        self._files.put(entries, removed)

    def do_changes(self) -> dict[str, Any]:
        """Tell what the program changed."""
        return self._files.changes()

    def do_run(
        self, argv: list[str], env: dict[str, str], cwd: str, limits: dict[str, int]
    ) -> None:
        """Start the program."""
        self._program = os.fork()
        if self._program == 0:
            try:
                _become(argv, env, cwd, limits)
            finally:
                os._exit(_CANNOT_RUN)
        nothing = os.open(os.devnull, os.O_RDWR)
        for number in range(3):
            os.dup2(nothing, number)


def _become(argv: list[str], env: dict[str, str], cwd: str, limits: dict[str, int]) -> None:
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    for name, most in limits.items():
        number = getattr(resource, "RLIMIT_" + name)
        hard = resource.getrlimit(number)[1]
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        # Of processor time the soft limit tells by its own signal.
        resource.setrlimit(number, (max(bound - (name == "CPU"), 0), bound))
    try:
        os.chdir(cwd)
    except OSError:
        os.chdir("/")
    os.umask(0o022)
    os.execve(argv[0], argv[1:], env)


def main() -> None:
    """Serve on the two sockets whose descriptors the arguments name."""
    os.umask(0)
    control, notices = (socket.socket(fileno=int(number)) for number in sys.argv[1:3])
    for one in (control, notices):
        one.set_inheritable(False)
    Agent(control, notices).serve()


if __name__ == "__main__":
    main()
