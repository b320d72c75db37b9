"""``python3`` on a simulated host, for labs that let clients run programs of their own."""

from __future__ import annotations

import itertools
import json
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from hvsim_fakes.sandbox.bubble import PYTHON, BrokenSandboxError, trouble
from hvsim_fakes.sandbox.limits import SandboxLimits
from hvsim_fakes.sandbox.room import Room
from hvsim_fakes.shell.launch import NOT_EXECUTABLE
from hvsim_fakes.shell.program import Registry

if TYPE_CHECKING:
    from hvsim_fakes.shell.program import Host, Process
    from hvsim_fakes.shell.task import Task

_NAMES = (PYTHON, "/usr/bin/python")
_PLATFORMS = {"SunOS": "sunos5", "Linux": "linux"}
"""What ``sys.platform`` is, by what ``uname`` says."""


class RemoteCode:
    """The interpreter of hosts whose clients bring programs along."""

    def __init__(self, limits: SandboxLimits | None = None) -> None:
        self._limits = limits or SandboxLimits()
        self._free = threading.BoundedSemaphore(self._limits.programs)
        self._numbers = itertools.count(1)

    def allow(self, registry: Registry) -> Registry:
        """Return the commands of a host, the interpreter among them."""
        made = Registry(registry)
        made.add(self.python, *_NAMES, writes=True)
        return made

    def python(self, process: Process) -> int:
        """Run a program in a sandbox; where there can be none, say why, and run nothing."""
        name = process.argv[0]
        reason = trouble()
        if reason is not None:
            return process.fail(f"{name}: no sandbox on this machine: {reason}", NOT_EXECUTABLE)
        if not self._free.acquire(blocking=False):
            return process.fail(f"{name}: too many programs run in sandboxes", NOT_EXECUTABLE)
        try:
            room = Room(cast("Task", process), self._limits, next(self._numbers))
            return room.run([PYTHON, *process.argv], _facts(process.host))
        except BrokenSandboxError as error:
            return process.fail(f"{name}: the sandbox failed: {error}", NOT_EXECUTABLE)
        finally:
            self._free.release()


_SHARED = RemoteCode()


def allow(host: Host) -> None:
    """Let clients of a host run programs of their own there, in a sandbox."""
    if host.registry.at(PYTHON) is None:
        host.registry = _SHARED.allow(host.registry)


def allowed_like(outer: Host, inner: Host) -> Host:
    """Return a host within a host, such as a zone, with the interpreter if the outer one has it."""
    entry = outer.registry.at(PYTHON)
    if entry is None:
        return inner
    registry = Registry(inner.registry)
    registry.add(entry.program, *_NAMES, writes=True)
    return replace(inner, registry=registry)


def _facts(host: Host) -> str:
    """Return what Python is to believe of the host it runs on."""
    uname = host.uname
    told = [uname.sysname, host.name, uname.release, uname.version, uname.machine]
    return json.dumps({"uname": told, "platform": _PLATFORMS.get(uname.sysname, "linux")})
