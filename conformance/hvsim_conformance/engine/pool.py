"""Worker processes that run checks in parallel, each under its own wall-clock deadline."""

import contextlib
import multiprocessing
import os
import signal
import tempfile
import time
from collections import deque
from collections.abc import Iterable, Iterator
from multiprocessing.connection import wait
from pathlib import Path
from types import TracebackType
from typing import Self

from hvsim_conformance.engine.verdict import CheckResult
from hvsim_conformance.engine.worker import Job, Plan, ProbeResult, main, tail

STARTUP_DEADLINE = 60.0
"""Wall seconds a worker may take to load the suite."""

_CONTEXT = multiprocessing.get_context("spawn")


class Lost:
    """The answer to a job whose worker was lost: what is known of it."""

    def __init__(self, message: str, output: str) -> None:
        self.message = message
        self.output = output


Answer = CheckResult | ProbeResult | Lost


class _Handle:
    """One worker process seen from outside."""

    def __init__(self, plan: Plan, output: Path) -> None:
        self.output = output
        self.output.touch()
        self.link, theirs = _CONTEXT.Pipe()
        self.process = _CONTEXT.Process(target=main, args=(theirs, plan, str(output)))
        self.process.start()
        theirs.close()
        self.job: Job | None = None
        self.up = False
        self.until = time.monotonic() + STARTUP_DEADLINE

    def give(self, job: Job) -> None:
        self.job = job
        self.until = time.monotonic() + job.deadline
        self.link.send(job)

    def kill(self) -> None:
        """End the process with everything it has started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if self.process.is_alive() and self.process.pid is not None:
                _kill_group(self.process.pid)
        self.process.kill()
        self.process.join()
        self.link.close()

    def retire(self) -> None:
        """Let the process end by itself: its adapter is told to stop."""
        self.link.close()
        self.process.join(10.0)
        if self.process.is_alive():
            self.kill()


class WorkerPool:
    """A context manager over worker processes, started as they are needed."""

    def __init__(self, plan: Plan, jobs: int) -> None:
        self._plan = plan
        self._jobs = max(1, jobs)
        self._workers: list[_Handle] = []
        self._started = 0
        self._folder = tempfile.TemporaryDirectory(prefix="hvsim-")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for worker in self._workers:
            worker.kill() if kind else worker.retire()
        self._workers.clear()
        self._folder.cleanup()

    def run(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, Answer]]:
        """Yield every job with its answer as it comes; a lost worker gives Lost and is replaced."""
        waiting = deque(jobs)
        while waiting or any(worker.job for worker in self._workers):
            self._assign(waiting)
            yield from self._collect()

    def _assign(self, waiting: deque[Job]) -> None:
        for worker in self._workers:
            if worker.up and worker.job is None and waiting:
                worker.give(waiting.popleft())
        starting = sum(not worker.up for worker in self._workers)
        while len(self._workers) < self._jobs and starting < len(waiting):
            self._start()
            starting += 1

    def _start(self) -> None:
        self._started += 1
        output = Path(self._folder.name, f"worker-{self._started}")
        self._workers.append(_Handle(self._plan, output))

    def _collect(self) -> Iterator[tuple[Job, Answer]]:
        active = [worker for worker in self._workers if worker.job or not worker.up]
        timeout = min(worker.until for worker in active) - time.monotonic()
        ready = wait([worker.link for worker in active], max(0.0, timeout))
        for worker in active:
            if worker.link in ready:
                yield from self._received(worker)
            elif time.monotonic() >= worker.until:
                yield from self._lost(worker, f"no verdict within {_allowed(worker):g} s")

    def _received(self, worker: _Handle) -> Iterator[tuple[Job, Answer]]:
        try:
            answer = worker.link.recv()
        except (EOFError, OSError):
            worker.process.join(5.0)
            yield from self._lost(worker, f"the process died ({_ending(worker)})")
            return
        if worker.job is not None:
            job, worker.job = worker.job, None
            yield job, answer
        worker.up = True

    def _lost(self, worker: _Handle, message: str) -> Iterator[tuple[Job, Answer]]:
        self._workers.remove(worker)
        worker.kill()
        output = tail(worker.output)
        if not worker.up:
            raise RuntimeError(f"a worker did not start: {message}\n{output}")
        if worker.job is not None:
            yield worker.job, Lost(message, output)


def _allowed(worker: _Handle) -> float:
    return worker.job.deadline if worker.job else STARTUP_DEADLINE


def _ending(worker: _Handle) -> str:
    code = worker.process.exitcode or 0
    return f"signal {-code}" if code < 0 else f"exit status {code}"


def _kill_group(pid: int) -> None:
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
