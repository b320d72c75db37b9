"""A conformance run from beginning to end."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from hvsim_conformance.adapters.errors import AdapterNotFoundError
from hvsim_conformance.adapters.loading import AdapterKind, AdapterSpec
from hvsim_conformance.adapters.model import Capabilities
from hvsim_conformance.engine.execution import Task, blank, lacking_features
from hvsim_conformance.engine.expectations import Expectations
from hvsim_conformance.engine.pool import Lost, WorkerPool
from hvsim_conformance.engine.reproduce import command_line
from hvsim_conformance.engine.seeds import derive
from hvsim_conformance.engine.selection import Item, Selection, choose_items, choose_profiles
from hvsim_conformance.engine.suite import BUILTIN_SPEC, Suite
from hvsim_conformance.engine.verdict import CheckResult, Verdict
from hvsim_conformance.engine.worker import Job, Plan, Probe, ProbeResult

CALL_DEADLINE = 30.0
"""Wall seconds in which an adapter's process must answer one message."""
_PROBE_MESSAGES = 3
"""Messages that a program answers before its capabilities are known."""
_GRACE = 5.0
"""Wall seconds that a worker has besides, to say what is wrong with a program."""


@dataclass(frozen=True, slots=True)
class Order:
    """What the user asked for; deadlines are wall seconds, `deadline` replaces the checks' own."""

    adapter: AdapterSpec
    selection: Selection = field(default_factory=Selection)
    expectations: Expectations = field(default_factory=Expectations)
    suite: str = BUILTIN_SPEC
    seed: int = 1
    jobs: int = 1
    deadline: float | None = None
    call_deadline: float = CALL_DEADLINE


@dataclass(frozen=True, slots=True)
class Run:
    """A finished or interrupted run, its results in the order of the catalogue.

    `minimums` is, for every profile of the run, the least number of requirements to execute.
    """

    adapter: str
    implementation: str
    seed: int
    narrowed: bool
    interrupted: bool
    seconds: float
    minimums: dict[str, int]
    results: tuple[CheckResult, ...]


Progress = Callable[[int, int, CheckResult], None]
"""Told of every result: how many there are, of how many, and the result."""


def conform(order: Order, suite: Suite, progress: Progress | None = None) -> Run:
    """Run the checks; raises AdapterNotFoundError or SelectionError before the first one."""
    started = time.perf_counter()
    plan = Plan(order.suite, order.call_deadline)
    results: dict[int, CheckResult] = {}
    interrupted = False
    items: Sequence[Item] = ()
    claims: Capabilities | None = None
    try:
        with WorkerPool(plan, order.jobs) as pool:
            probe = _probe(pool, order)
            claims = probe.capabilities
            items = _items(order, suite, claims)
            for number, result in _results(items, pool, order, probe):
                results[number] = order.expectations.judge(result)
                if progress:
                    progress(len(results), len(items), results[number])
    except KeyboardInterrupt:
        interrupted = True
        items = items or _items(order, suite, claims)
    finished = [results.get(n) or _interrupted(item) for n, item in enumerate(items)]
    return Run(
        adapter=order.adapter.option(),
        implementation=f"{claims.name} {claims.version}".strip() if claims else "unknown",
        seed=order.seed,
        narrowed=order.selection.narrowed,
        interrupted=interrupted,
        seconds=time.perf_counter() - started,
        minimums=_minimums(items, order.selection, claims),
        results=tuple(_reproducible(result, order) for result in finished),
    )


def _probe(pool: WorkerPool, order: Order) -> ProbeResult:
    """Ask for the capabilities first: an adapter that does not exist ends the run here."""
    ((_, answer),) = pool.run([Job(order.adapter, Probe(), _probe_deadline(order))])
    if isinstance(answer, Lost):
        message = f"capabilities: {answer.message}"
        return ProbeResult(None, message, answer.output)
    if not isinstance(answer, ProbeResult):
        raise TypeError(f"a worker answered a probe with {type(answer).__name__}")
    if answer.missing:
        raise AdapterNotFoundError(answer.problem)
    return answer


def _probe_deadline(order: Order) -> float:
    """Return wall seconds: a program has its own deadline for each message, and says more."""
    is_program = order.adapter.kind is AdapterKind.COMMAND
    return _PROBE_MESSAGES * order.call_deadline + _GRACE if is_program else order.call_deadline


def _items(order: Order, suite: Suite, claims: Capabilities | None) -> Sequence[Item]:
    claimed = claims.products if claims else None
    profiles = choose_profiles(suite, order.selection, claimed)
    return choose_items(suite, order.selection, profiles)


def _results(
    items: Sequence[Item], pool: WorkerPool, order: Order, probe: ProbeResult
) -> Iterator[tuple[int, CheckResult]]:
    """Yield every item's result with its number: first those that need no run."""
    waiting: dict[Job, int] = {}
    for number, item in enumerate(items):
        if settled := _settled(item, order, probe):
            yield number, settled
        else:
            waiting[job_of(item, order)] = number
    for job, answer in pool.run(waiting):
        number = waiting[job]
        match answer:
            case CheckResult():
                yield number, answer
            case Lost():
                yield number, _lost(items[number], job, answer)


def _settled(item: Item, order: Order, probe: ProbeResult) -> CheckResult | None:
    """Return the result of an item that needs no run."""
    if item.record.untested:
        return blank(item, Verdict.NOT_RUN, item.record.untested, covered=False)
    if item.check is None:
        message = "the suite has no check of it yet"
        return blank(item, Verdict.NOT_RUN, message, covered=False)
    if entry := order.expectations.disabled_for(item):
        return blank(item, Verdict.DISABLED, entry.reason, issue=entry.issue)
    if probe.capabilities is None:
        return blank(item, Verdict.ERROR, probe.problem, stderr=probe.stderr)
    return None


def job_of(item: Item, order: Order) -> Job:
    """Return the job of running an item's check; raises ValueError for one without a check."""
    if item.check is None:
        raise ValueError(f"{item.name} has no check")
    seed = derive(order.seed, item.profile.id, item.name)
    task = Task(item.record.id, item.profile.id, item.check.variant, seed)
    return Job(order.adapter, task, order.deadline or item.check.deadline)


def _lost(item: Item, job: Job, lost: Lost) -> CheckResult:
    return blank(item, Verdict.ERROR, lost.message, stderr=lost.output, seconds=job.deadline)


def _interrupted(item: Item) -> CheckResult:
    return blank(item, Verdict.NOT_RUN, "the run was interrupted")


def _reproducible(result: CheckResult, order: Order) -> CheckResult:
    if result.verdict not in (Verdict.FAIL, Verdict.ERROR, Verdict.KNOWN_FAILURE):
        return result
    line = command_line(order.adapter, order.suite, result.profile, result.name, order.seed)
    return replace(result, reproduce=line)


def _minimums(
    items: Sequence[Item], selection: Selection, claims: Capabilities | None
) -> dict[str, int]:
    """Return the profiles' minimums; a narrowed run must execute one requirement of each.

    What an optional feature is needed for counts only when the implementation offers that.
    """
    profiles = {item.profile.id: item.profile for item in items}
    if selection.narrowed:
        return dict.fromkeys(profiles, 1)
    return {
        name: max(1, profile.minimum - _declined(items, name, claims))
        for name, profile in profiles.items()
    }


def _declined(items: Sequence[Item], profile: str, claims: Capabilities | None) -> int:
    """Return how many requirements all of whose checks need a feature that is not offered."""
    checks = [item for item in items if item.profile.id == profile and item.check is not None]
    asked = {item.record.id for item in checks}
    able = {item.record.id for item in checks if claims and not lacking_features(item, claims)}
    return len(asked - able) if claims else 0
