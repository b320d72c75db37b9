"""One program of a client in its sandbox: its streams, its commands, its end."""

from __future__ import annotations

import contextlib
import os
import selectors
import socket
import threading
import time
from typing import TYPE_CHECKING

from hvsim_fakes.sandbox.bubble import BrokenSandboxError, Bubble, Nothing, inside
from hvsim_fakes.sandbox.errand import Errand
from hvsim_fakes.sandbox.mirror import Mirror
from hvsim_fakes.sandbox.pipes import ForeignSink
from hvsim_fakes.sandbox.usage import usage
from hvsim_fakes.shell.jobs import Job
from hvsim_fakes.shell.program import SIGHUP, SIGKILL, SIGTERM, SIGXCPU, Interrupted

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim_fakes.sandbox.limits import SandboxLimits
    from hvsim_fakes.shell.task import Task

_LOOK_AGAIN = 0.1
_WEIGH_EVERY = 0.25
_PIECE = 65_536


class Room:
    """A sandbox with a program in it, served by the thread of the shell that runs the program.

    Args:
        task: the run of the interpreter by the shell.
        number: tells it from the lab's other sandboxes.
    """

    def __init__(self, task: Task, limits: SandboxLimits, number: int) -> None:
        self._task = task
        self._session = task.state.session
        self._limits = limits
        account, host = task.account, task.host
        self._bubble = Bubble(host.name, account.uid, account.gid, limits, number)
        self._mirror = Mirror(task.world, task.files, self._bubble, host.epoch)
        self._selector = selectors.DefaultSelector()
        self._woken, self._wake = socket.socketpair()
        self._errands: dict[Errand, Job] = {}
        self._underway = 0
        """Commands that run; guarded by the lock, as is what says that we are busy again."""
        self._busy_again: Callable[[], None] | None = None
        self._lock = threading.Lock()
        self._pump: Job | None = None
        self._status: int | None = None
        self._began = self._weighed = time.monotonic()

    def run(self, argv: list[str], facts: str) -> int:
        """Run a program to its end; return its status.

        Args:
            argv: its path, then ``argv[0]`` and the rest.
            facts: what it is told of the host, as JSON.

        Raises:
            Interrupted: by a signal, or for a limit.
            BrokenSandboxError: when the sandbox falls apart.
        """
        try:
            self._furnish(facts)
            self._start(argv)
            while self._status is None:
                self._turn()
            self._drain()
            self._mirror.pull()
        finally:
            self._close()
        for path, reason in self._mirror.refused.items():
            self._task.err(f"{self._task.argv[0]}: {path}: {reason}\n")
        return self._status

    def _furnish(self, facts: str) -> None:
        commands = [entry.path for entry in self._task.host.registry]
        texts = {
            "command": f"#!/usr/bin/python3 -IS\n{inside('command')}",
            "host.py": inside("host"),
            "facts.json": facts,
        }
        self._bubble.ask(Nothing, "furnish", commands=commands, texts=texts)
        self._mirror.push()

    def _start(self, argv: list[str]) -> None:
        bubble, task, selector = self._bubble, self._task, self._selector
        for fd, writer in ((bubble.output, task.out), (bubble.errors, task.err)):
            os.set_blocking(fd, False)
            selector.register(fd, selectors.EVENT_READ, self._copier(fd, writer))
        selector.register(bubble.notices, selectors.EVENT_READ, self._hear)
        for end in (self._woken, self._wake):
            end.setblocking(False)
        selector.register(self._woken, selectors.EVENT_READ, lambda: self._woken.recv(_PIECE))
        limits = self._limits.of_processes()
        bubble.ask(Nothing, "run", argv=argv, env=task.env, cwd=task.cwd, limits=limits)
        feed = self._feeder(os.dup(bubble.input))
        bubble.end_input()
        self._pump = self._job()
        self._pump.start(feed)

    def _turn(self) -> None:
        """Do what there is to do, or wait a little for it."""
        self._session.check()
        self._weigh()
        self._look_after_errands()
        ready = self._selector.select(0)
        if not ready:
            self._task.flush()
            ready = self._wait()
        for key, _ in ready:
            key.data()

    def _wait(self) -> list[tuple[selectors.SelectorKey, int]]:
        """Wait a little; who waits for the host's commands is not busy meanwhile."""
        if not self._underway:
            return self._selector.select(_LOOK_AGAIN)
        with self._session.world.activity.aside() as busy_again:
            with self._lock:
                self._busy_again = busy_again
                if not self._underway:
                    busy_again()
            ready = self._selector.select(_LOOK_AGAIN)
            with self._lock:
                self._busy_again = None
        return ready

    def _weigh(self) -> None:
        """End a program that uses more than it may."""
        now = time.monotonic()
        if now - self._weighed < _WEIGH_EVERY:
            return
        self._weighed = now
        used = usage(self._bubble.pid)
        if used.cpu > self._limits.cpu or now - self._began > self._limits.seconds:
            raise Interrupted(SIGXCPU)
        if used.memory > self._limits.memory:
            raise Interrupted(SIGKILL)

    # The program's streams

    def _copier(self, fd: int, writer: Callable[[bytes], object]) -> Callable[[], bool]:
        def copy() -> bool:
            try:
                data = os.read(fd, _PIECE)
            except BlockingIOError:
                return False
            if data:
                writer(data)
            else:
                self._selector.unregister(fd)
            return bool(data)

        return copy

    def _drain(self) -> None:
        """Take what the program wrote before its end."""
        for fd in (self._bubble.output, self._bubble.errors):
            with contextlib.suppress(KeyError):
                copy = self._selector.get_key(fd).data
                while copy():
                    self._session.check()

    def _feeder(self, fd: int) -> Callable[[], int]:
        """Return what hands standard input on to the program, as the program takes it."""
        stdin, sink = self._task.stdin, ForeignSink(self._session, fd)
        os.set_blocking(fd, False)

        def feed() -> int:
            try:
                while data := stdin.read_some():
                    sink.write(data)
                    sink.flush()
            finally:
                os.close(fd)
            return 0

        return feed

    # What the program asks of the host

    def _hear(self) -> None:
        """Take a notice: a command of the host to run, or the program's end."""
        notice, connection = self._bubble.notice()
        if connection is not None:
            self._serve(connection)
        elif notice[:1] == b"x" and len(notice) > 1:
            self._status = notice[1]
        else:
            raise BrokenSandboxError("its keeper has ended")

    def _serve(self, connection: socket.socket) -> None:
        if len(self._errands) >= self._limits.commands:
            connection.close()
            return
        errand = Errand(self._task, self._mirror, connection, self._end_of_errand)
        job = self._errands[errand] = self._job()
        self._session.jobs.append(job)
        with self._lock:
            self._underway += 1
        if not job.start(errand.run):
            self._end_of_errand()

    def _end_of_errand(self) -> None:
        """Be busy again from here on; called in the errand's thread."""
        with self._lock:
            self._underway -= 1
            if self._busy_again is not None:
                self._busy_again()
        with contextlib.suppress(OSError):
            self._wake.send(b".")

    def _look_after_errands(self) -> None:
        """Forget those that have ended; hang up on those whose caller has gone."""
        for errand, job in tuple(self._errands.items()):
            if job.status is not None:
                errand.close()
                del self._errands[errand]
                self._session.jobs.remove(job)
            elif errand.abandoned:
                job.kill(SIGHUP)

    # The end

    def _close(self) -> None:
        """End all that runs, but for what the host itself goes on with."""
        self._bubble.kill()
        for errand, job in self._errands.items():
            job.kill(SIGHUP)
            errand.close()
        while self._pump is not None and self._pump.status is None:
            self._pump.kill(SIGTERM)
            with self._session.changed:
                self._session.changed.wait(_LOOK_AGAIN)
        self._selector.close()
        self._woken.close()
        self._wake.close()

    def _job(self) -> Job:
        """Return a job that nobody at the client's end waits for."""
        return Job(self._session, next(self._session.pids), lambda: False)
