"""Hosts that let clients run programs of their own, for tests."""

from __future__ import annotations

import os
import textwrap
import threading
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from hvsim_fakes.sandbox.bubble import trouble
from hvsim_fakes.sandbox.program import RemoteCode
from hvsim_fakes.shell.limits import ShellLimits
from hvsim_fakes.shell.local import run_command
from zonelabs import shell


def missing() -> str:
    """Return why no sandbox can run here, empty when it can.

    Where CI promises bubblewrap its lack is no reason to skip; that a kernel refuses is one.
    """
    reason = trouble() or ""
    if "not installed" in reason and os.environ.get("HVSIM_CLIENTS") == "required":
        return ""
    return reason and f"no sandbox can run here: {reason}"


needed = [pytest.mark.clients, pytest.mark.skipif(bool(missing()), reason=missing())]


class Run:
    """Runs programs on a host as its clients do."""

    def __init__(self, sh, limits):
        self.shell = sh
        self._limits = limits

    def __call__(self, code, *, account="root"):
        return self.line("python3 -", textwrap.dedent(code), account=account)

    def line(self, line, stdin="", *, account="root"):
        """Run a command line."""
        return run_command(self.shell.host, line, stdin, account=account, limits=self._limits)

    def settle(self):
        """Wait until no command that a program began runs any more."""
        activity = self.shell.world.activity
        # Threads of the sandbox's own end them: there is nothing to be told by, only to look again.
        for _ in range(3_000):
            with activity._lock:
                if activity.busy == 0:
                    return
            threading.Event().wait(0.01)
        raise AssertionError("a command that a program began runs on")


@contextmanager
def room(limits=None, *, output=None, profile="solaris-10", **more):
    """Give what runs programs on a host with zones."""
    with shell(profile, **more) as sh:
        sh.host.registry = RemoteCode(limits).allow(sh.host.registry)
        yield Run(sh, ShellLimits() if output is None else ShellLimits(output=output))


def children() -> list[str]:
    """Return the processes of this one that are sandboxes."""
    found = []
    for thread in Path("/proc/self/task").iterdir():
        # Threads and processes may end while they are looked at.
        with suppress(OSError):
            for pid in (thread / "children").read_text().split():
                with suppress(OSError):
                    name = Path(f"/proc/{pid}/comm").read_text().strip()
                    found += [pid] if name == "bwrap" else []
    return found
