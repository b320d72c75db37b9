"""Runs one check to its verdict in this process."""

import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from hvsim_conformance.adapters.errors import (
    AdapterError,
    AdapterNotFoundError,
    KnownIssueError,
    OperationUnsupportedError,
)
from hvsim_conformance.adapters.model import Capabilities, Feature, Session
from hvsim_conformance.adapters.protocol import AdapterHost
from hvsim_conformance.engine.bench import Bench
from hvsim_conformance.engine.checks import Check
from hvsim_conformance.engine.lab import Lab, LabFactory, LabRequest
from hvsim_conformance.engine.selection import Item
from hvsim_conformance.engine.subject import Subject
from hvsim_conformance.engine.suite import Suite
from hvsim_conformance.engine.timeline import TimelineEntry
from hvsim_conformance.engine.verdict import CheckResult, Remark, Verdict

TIMELINE_KEPT = 1000
"""Entries of a check's timeline that are kept, the last ones."""


@dataclass(frozen=True, slots=True)
class Task:
    """One check to run, by name: it crosses a process boundary."""

    requirement: str
    profile: str
    variant: str
    seed: int

    @property
    def name(self) -> str:
        """The requirement, with the variant if there is one."""
        return f"{self.requirement}/{self.variant}" if self.variant else self.requirement


@dataclass(slots=True)
class Finding:
    """What a check came to."""

    verdict: Verdict
    message: str = ""
    detail: str = ""
    issue: str = ""
    stderr: str = ""


def blank(item: Item, verdict: Verdict, message: str, **fields: Any) -> CheckResult:
    """Return the result of a check that was not run."""
    return CheckResult(
        requirement=item.record.id,
        area=item.record.area,
        level=item.record.level_in(item.profile.id),
        statement=item.record.statement,
        product=item.profile.product,
        profile=item.profile.id,
        variant=item.check.variant if item.check else "",
        verdict=verdict,
        message=message,
        **fields,
    )


def find(suite: Suite, task: Task) -> Item:
    """Return the item that a task names; raises KeyError."""
    profile = suite.profile(task.profile)
    checks = {check.variant: check for check in suite.checks_of(task.requirement, profile)}
    return Item(suite.requirements[task.requirement], profile, checks[task.variant])


def execute(suite: Suite, task: Task, host: AdapterHost) -> CheckResult:
    """Return a check's result; whatever goes wrong is a verdict, never an exception."""
    item = find(suite, task)
    started = time.perf_counter()
    attempt = Attempt(suite, item, task, host)
    finding = attempt.run()
    if finding.verdict in (Verdict.FAIL, Verdict.ERROR):
        finding.stderr = finding.stderr or host.stderr()
    result = blank(item, finding.verdict, finding.message, seed=task.seed)
    return replace(
        result,
        detail=finding.detail,
        issue=finding.issue,
        stderr=finding.stderr,
        executed=finding.verdict in (Verdict.PASS, Verdict.FAIL),
        seconds=time.perf_counter() - started,
        remarks=tuple(attempt.remarks),
        timeline=tuple(attempt.timeline),
    )


class Attempt:
    """One run of one check: opens what it needs, judges, and closes everything."""

    def __init__(self, suite: Suite, item: Item, task: Task, host: AdapterHost) -> None:
        self.remarks: Sequence[Remark] = ()
        self.timeline: Sequence[TimelineEntry] = ()
        self._suite = suite
        self._item = item
        self._task = task
        self._host = host

    def run(self) -> Finding:
        """Return the finding."""
        session = Session(self._task.name, self._task.profile, self._task.seed)
        try:
            subject = Subject(self._host.open(session))
        except Exception as problem:  # noqa: BLE001 - a broken adapter is a verdict
            return judge_problem(problem)
        finding = self._with_subject(subject)
        return _closing(finding, subject.close)

    def _with_subject(self, subject: Subject) -> Finding:
        try:
            lacking = unmet(self._item, subject.capabilities())
        except Exception as problem:  # noqa: BLE001 - a broken adapter is a verdict
            return judge_problem(problem)
        if lacking:
            return Finding(Verdict.NOT_RUN, lacking)
        product = self._item.profile.product
        factory = self._suite.labs.get(product)
        if factory is None:
            return Finding(Verdict.ERROR, f"the suite has no lab for {product}")
        return self._with_lab(subject, factory)

    def _with_lab(self, subject: Subject, factory: LabFactory) -> Finding:
        task = self._task
        product = self._item.profile.product
        request = LabRequest(task.name, product, task.profile, task.seed)
        try:
            lab = factory(request)
        except Exception as problem:  # noqa: BLE001 - a broken lab is a verdict
            return _harness_error("the lab did not open", problem)
        subject.follow(lab.control.now)
        bench: Bench[Lab] = Bench(lab, subject, request)
        finding = _judge(self._checked(), bench)
        self.remarks = bench.remarks
        self.timeline = _merged(subject, lab)
        return _closing(finding, lab.close)

    def _checked(self) -> Check:
        if self._item.check is None:
            raise KeyError(self._item.name)
        return self._item.check


def unmet(item: Item, claims: Capabilities) -> str:
    """Return why a check is not for an implementation with these claims; empty: it is."""
    profile = item.profile
    if profile.product not in claims.products:
        return f"{claims.name} does not handle {profile.product}"
    if claims.profiles and profile.id not in claims.profiles:
        return f"{claims.name} does not claim the profile {profile.id}"
    lacking = lacking_features(item, claims)
    return f"{claims.name} does not offer {', '.join(lacking)}" if lacking else ""


def lacking_features(item: Item, claims: Capabilities) -> list[str]:
    """Return the optional features that a check needs and an implementation does not offer."""
    needs = (*item.record.needs, *(item.check.needs if item.check else ()))
    return [need for need in dict.fromkeys(needs) if need in set(Feature) - {*claims.features}]


def judge_problem(problem: Exception) -> Finding:
    """Return what an exception out of a check or adapter comes to."""
    match problem:
        case AssertionError():
            return Finding(Verdict.FAIL, str(problem) or "the check failed", _where(problem))
        case OperationUnsupportedError():
            return Finding(Verdict.UNSUPPORTED, str(problem))
        case KnownIssueError():
            message = "the implementation declares a known issue"
            return Finding(Verdict.KNOWN_FAILURE, message, issue=str(problem))
        case AdapterError():
            return Finding(Verdict.ERROR, str(problem), _cause(problem), stderr=problem.stderr)
        case AdapterNotFoundError():
            return Finding(Verdict.ERROR, str(problem))
    return _harness_error("outside the contract", problem)


def _judge(check: Check, bench: Bench[Lab]) -> Finding:
    try:
        check.function(bench)
    except Exception as problem:  # noqa: BLE001 - every exception is a verdict
        return judge_problem(problem)
    return Finding(Verdict.PASS)


def _closing(finding: Finding, close: Any) -> Finding:
    """Close something; trouble with that is an error unless there was one before."""
    try:
        close()
    except Exception as problem:  # noqa: BLE001 - a failing close is a verdict
        if finding.verdict is not Verdict.ERROR:
            return judge_problem(problem)
    return finding


def _merged(subject: Subject, lab: Lab) -> Sequence[TimelineEntry]:
    """Return calls, commands, exchanges and events in simulated time, calls first at a moment."""
    entries = [*subject.calls, *lab.timeline()]
    return sorted(entries, key=lambda entry: entry.at)[-TIMELINE_KEPT:]


def _harness_error(what: str, problem: Exception) -> Finding:
    message = f"{what}: {type(problem).__name__}: {problem}"
    return Finding(Verdict.ERROR, message, "".join(traceback.format_exception(problem)))


def _where(problem: Exception) -> str:
    frame = traceback.extract_tb(problem.__traceback__)[-1:]
    return "".join(traceback.format_list(frame))


def _cause(problem: Exception) -> str:
    return "".join(traceback.format_exception(problem.__cause__)) if problem.__cause__ else ""
