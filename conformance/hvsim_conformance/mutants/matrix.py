"""The kill matrix: which check catches which wrong implementation."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from hvsim_conformance.adapters.loading import AdapterKind, AdapterSpec
from hvsim_conformance.adapters.model import Product
from hvsim_conformance.catalogue.record import Level
from hvsim_conformance.engine.run import Order, Run, conform
from hvsim_conformance.engine.selection import Selection
from hvsim_conformance.engine.suite import Suite
from hvsim_conformance.engine.verdict import Verdict
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
    told: Callable[[Fate], None] | None = None,
) -> Matrix:
    """Run the mutants; each through the check it should fail, with `full` through every check.

    `order` gives seed, jobs, deadlines, the products and profiles, and the ids of the requirements
    whose mutants are run. Its adapter is the reference.
    """
    fates = []
    for mutant in _chosen(suite, order.selection):
        fate = _fate(mutant, order, suite, full=full)
        fates.append(fate)
        if told:
            told(fate)
    return Matrix(
        fates=tuple(fates),
        unguarded=_unguarded(order, suite),
        unproven=_unproven(order, suite, fates),
    )


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


def _fate(mutant: Mutant, order: Order, suite: Suite, *, full: bool) -> Fate:
    profile = profile_for(mutant.breaks, suite, order.selection, mutant.product)
    if profile is None:
        return Fate(mutant, "", {})
    ids = () if full else (mutant.breaks,)
    spec = AdapterSpec(AdapterKind.MUTANT, mutant.id)
    run = _run(replace(order, adapter=spec), suite, profile, ids)
    return Fate(mutant, profile, _verdicts(run))


def _run(order: Order, suite: Suite, profile: str, ids: tuple[str, ...]) -> Run:
    run = conform(replace(order, selection=Selection(ids=ids, profiles=(profile,))), suite)
    if run.interrupted:
        raise KeyboardInterrupt
    return run


def _verdicts(run: Run) -> dict[str, Verdict]:
    """Return every requirement's verdict: fail when any of its checks fails."""
    verdicts: dict[str, Verdict] = {}
    for result in run.results:
        if verdicts.get(result.requirement) is not Verdict.FAIL:
            verdicts[result.requirement] = result.verdict
    return verdicts


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


def _unproven(order: Order, suite: Suite, fates: Iterable[Fate]) -> tuple[str, ...]:
    """Return the requirements that have mutants and that the reference does not pass."""
    needed: dict[str, list[str]] = {}
    for fate in fates:
        if fate.profile:
            needed.setdefault(fate.profile, []).append(fate.mutant.breaks)
    missed: list[str] = []
    for profile, ids in needed.items():
        verdicts = _verdicts(_run(order, suite, profile, tuple(dict.fromkeys(ids))))
        missed += [name for name, verdict in verdicts.items() if verdict is not Verdict.PASS]
    return tuple(missed)
