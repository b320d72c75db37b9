"""The process in which checks run: it can hang or die without harm to the run."""

import contextlib
import faulthandler
import os
import sys
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path

from hvsim_conformance.adapters.errors import AdapterNotFoundError
from hvsim_conformance.adapters.loading import AdapterSpec, open_host
from hvsim_conformance.adapters.model import Capabilities, Session
from hvsim_conformance.adapters.protocol import AdapterHost
from hvsim_conformance.engine.execution import Task, execute, judge_problem
from hvsim_conformance.engine.suite import Suite, load_suite
from hvsim_conformance.engine.verdict import CheckResult, Verdict

OUTPUT_KEPT = 16 * 1024
"""How much of the end of a worker's output is kept, in bytes."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What every worker of a run needs to know; deadlines are wall seconds."""

    suite: str
    call_deadline: float


@dataclass(frozen=True, slots=True)
class Probe:
    """Asks a worker for the implementation's capabilities."""


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """The capabilities, or what went wrong; `missing` when there is no such adapter at all."""

    capabilities: Capabilities | None
    problem: str = ""
    stderr: str = ""
    missing: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """A task for one implementation, with the wall seconds it may take."""

    adapter: AdapterSpec
    work: Task | Probe
    deadline: float


def main(link: Connection, plan: Plan, output: str) -> None:
    """Answer jobs until the other end closes; the first message says that the worker is up."""
    _detach(output)
    suite = load_suite(plan.suite)
    worker = Worker(suite, plan, Path(output))
    link.send(None)
    with contextlib.suppress(EOFError, BrokenPipeError):
        while True:
            link.send(worker.answer(link.recv()))
    worker.close()


class Worker:
    """Keeps one adapter between checks, until a job is for another one."""

    def __init__(self, suite: Suite, plan: Plan, output: Path) -> None:
        self._suite = suite
        self._plan = plan
        self._output = output
        self._adapter: AdapterSpec | None = None
        self._host: AdapterHost | None = None

    def answer(self, job: Job) -> CheckResult | ProbeResult:
        """Return the result of a job."""
        os.truncate(self._output, 0)
        faulthandler.dump_traceback_later(job.deadline * 0.9, file=sys.stderr)
        try:
            if isinstance(job.work, Probe):
                return self._probe(job.adapter)
            return self._run(job.work, job.adapter)
        finally:
            faulthandler.cancel_dump_traceback_later()

    def close(self) -> None:
        """End the adapter."""
        if self._host is not None:
            self._host.close()
            self._host = None

    def _run(self, task: Task, adapter: AdapterSpec) -> CheckResult:
        result = execute(self._suite, task, self._opened(adapter))
        if result.verdict in (Verdict.FAIL, Verdict.ERROR) and not result.stderr:
            return replace(result, stderr=tail(self._output))
        return result

    def _probe(self, adapter: AdapterSpec) -> ProbeResult:
        try:
            implementation = self._opened(adapter).open(Session("capabilities", "", 0))
            claims = implementation.capabilities()
            implementation.close()
        except AdapterNotFoundError as problem:
            return ProbeResult(None, str(problem), missing=True)
        except Exception as problem:  # noqa: BLE001 - a broken adapter is reported
            finding = judge_problem(problem)
            return ProbeResult(None, finding.message, finding.stderr or tail(self._output))
        return ProbeResult(claims)

    def _opened(self, adapter: AdapterSpec) -> AdapterHost:
        if adapter != self._adapter:
            self.close()
            self._adapter = adapter
        if self._host is None:
            deadline = self._plan.call_deadline
            self._host = open_host(adapter, deadline, self._suite.mutant_factory)
        return self._host


def tail(output: Path) -> str:
    """Return the end of what a worker has written."""
    with output.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - OUTPUT_KEPT))
        return file.read().decode("utf-8", "replace")


def _detach(output: str) -> None:
    """Leave the terminal's process group, and write to a file instead of the terminal."""
    if hasattr(os, "setsid"):
        os.setsid()
    file = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
        os.dup2(file, stream.fileno())
