"""The kill matrix: which check catches which wrong implementation."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from hvsim_conformance.adapters.loading import AdapterKind, AdapterSpec
from hvsim_conformance.adapters.model import Product
from hvsim_conformance.catalogue.record import Level
from hvsim_conformance.engine.execution import Task
from hvsim_conformance.engine.pool import Answer, WorkerPool
from hvsim_conformance.engine.run import Order, job_of
from hvsim_conformance.engine.selection import Item, Selection, choose_items
from hvsim_conformance.engine.suite import Suite
from hvsim_conformance.engine.verdict import CheckResult, Verdict
from hvsim_conformance.engine.worker import Job, Plan
from hvsim_conformance.mutants.registry import Mutant


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a mutant: the verdicts of the checks it ran through, by requirement."""

    mutant: Mutant
    profile: str
    verdicts: dict[str, Verdict]

    @property
    def killed(self) -> bool:
        """Whether the check of the requirement it breaks has caught it."""
        return self.verdicts.get(self.mutant.breaks) is Verdict.FAIL


@dataclass(frozen=True, slots=True)
class Matrix:
    """Every mutant's fate, the requirements without a mutant, and the reference's failures.

    A check that the reference does not pass proves nothing by failing a mutant.
    """

    fates: tuple[Fate, ...]
    unguarded: tuple[str, ...]
    unproven: tuple[str, ...]

    @property
    def survivors(self) -> tuple[Fate, ...]:
        """The mutants that no check of their requirement has caught."""
        return tuple(fate for fate in self.fates if not fate.killed)

    @property
    def sound(self) -> bool:
        """Whether every MUST is guarded by a mutant that its own check kills."""
        return not (self.survivors or self.unguarded or self.unproven)


def run_matrix(
    order: Order,
    suite: Suite,
    *,
    full: bool = False,
    told: Callable[[int, int, str], None] | None = None,
) -> Matrix:
    """Run the mutants; each through the check it should fail, with `full` through every check.

    `order` gives seed, jobs, deadlines, the products and profiles, and the ids of the requirements
    whose mutants are run. Its adapter is the reference, which runs through the same checks.
    `told` hears of every check that has run: how many, of how many, and the mutant's id.
    """
    trials = [_trial(mutant, order, suite, full=full) for mutant in _chosen(suite, order.selection)]
    seen = _Verdicts()
    with WorkerPool(Plan(order.suite, order.call_deadline), order.jobs) as pool:
        jobs = _jobs(trials, order, suite)
        for number, (job, answer) in enumerate(pool.run(jobs), 1):
            seen.take(job, answer)
            if told:
                told(number, len(jobs), job.adapter.value)
    fates = tuple(Fate(t.mutant, t.profile, seen.of(t.adapter, t.profile)) for t in trials)
    return Matrix(
        fates=fates,
        unguarded=_unguarded(order, suite),
        unproven=_unproven(seen, order.adapter, trials),
    )


@dataclass(frozen=True, slots=True)
class _Trial:
    """What a mutant is put through; without a profile, nothing."""

    mutant: Mutant
    profile: str
    ids: tuple[str, ...]

    @property
    def adapter(self) -> AdapterSpec:
        return AdapterSpec(AdapterKind.MUTANT, self.mutant.id)


class _Verdicts:
    """The verdicts of every adapter under every profile, by requirement.

    A requirement fails when any of its checks does.
    """

    def __init__(self) -> None:
        self._seen: dict[tuple[AdapterSpec, str], dict[str, Verdict]] = {}

    def take(self, job: Job, answer: Answer) -> None:
        """Take note of an answer; a check whose process was lost is an error."""
        if not isinstance(job.work, Task):
            raise TypeError("only a check has a verdict")
        verdicts = self._seen.setdefault((job.adapter, job.work.profile), {})
        if verdicts.get(job.work.requirement) is not Verdict.FAIL:
            verdict = answer.verdict if isinstance(answer, CheckResult) else Verdict.ERROR
            verdicts[job.work.requirement] = verdict

    def of(self, adapter: AdapterSpec, profile: str) -> dict[str, Verdict]:
        """Return an adapter's verdicts under a profile."""
        return self._seen.get((adapter, profile), {})


def profile_for(
    requirement: str, suite: Suite, selection: Selection, product: Product | None = None
) -> str | None:
    """Return the first profile (of a product) under which the requirement has a check.

    Only profiles of the selection count.
    """
    for profile in suite.profiles:
        if product not in (None, profile.product):
            continue
        asked = not selection.profiles or profile.id in selection.profiles
        made = not selection.products or profile.product in selection.products
        holds = profile.id in suite.requirements[requirement].profiles
        if asked and made and holds and suite.checks_of(requirement, profile):
            return profile.id
    return None


def _chosen(suite: Suite, selection: Selection) -> Iterable[Mutant]:
    return [m for m in suite.mutants if _wanted(m.breaks, suite, selection, m.product)]


def _wanted(
    requirement: str, suite: Suite, selection: Selection, product: Product | None = None
) -> bool:
    profile = profile_for(requirement, suite, selection, product)
    if profile is None:
        return not selection.profiles and not selection.products and not selection.ids
    record = suite.requirements[requirement]
    return selection.takes(record, suite.profile(profile), requirement)


def _trial(mutant: Mutant, order: Order, suite: Suite, *, full: bool) -> _Trial:
    profile = profile_for(mutant.breaks, suite, order.selection, mutant.product)
    return _Trial(mutant, profile or "", () if full else (mutant.breaks,))


def _jobs(trials: Sequence[_Trial], order: Order, suite: Suite) -> list[Job]:
    """Return every check of every mutant and, once, of the reference."""
    made: dict[Job, None] = {}
    for trial in trials:
        for item in _items(trial, suite):
            made[job_of(item, replace(order, adapter=trial.adapter))] = None
            if item.record.id == trial.mutant.breaks:
                made[job_of(item, order)] = None
    return list(made)


def _items(trial: _Trial, suite: Suite) -> list[Item]:
    if not trial.profile:
        return []
    selection = Selection(ids=trial.ids, profiles=(trial.profile,))
    items = choose_items(suite, selection, [suite.profile(trial.profile)])
    return [item for item in items if item.check is not None]


def _unguarded(order: Order, suite: Suite) -> tuple[str, ...]:
    """Return the MUSTs that have a check of a product and no mutant that is wrong about it."""
    guarded = {(mutant.breaks, mutant.product) for mutant in suite.mutants}
    return tuple(
        record.id
        for record in suite.requirements.values()
        if record.level is Level.MUST
        and (record.id, None) not in guarded
        and any(
            (record.id, product) not in guarded
            and profile_for(record.id, suite, order.selection, product) is not None
            and _wanted(record.id, suite, order.selection, product)
            for product in record.products
        )
    )


def _unproven(seen: _Verdicts, reference: AdapterSpec, trials: Sequence[_Trial]) -> tuple[str, ...]:
    """Return the requirements that have mutants and that the reference does not pass."""
    needed = dict.fromkeys((trial.profile, trial.mutant.breaks) for trial in trials)
    return tuple(
        requirement
        for profile, requirement in needed
        if profile and seen.of(reference, profile).get(requirement) is not Verdict.PASS
    )
