"""What a run amounts to: counts by requirement, the headline and the exit code."""

from collections.abc import Iterable
from dataclasses import dataclass

from hvsim_conformance.catalogue.record import Level
from hvsim_conformance.engine.run import Run
from hvsim_conformance.engine.verdict import CheckResult, ExitCode, Verdict

_WORST_FIRST = (
    Verdict.ERROR,
    Verdict.FAIL,
    Verdict.KNOWN_FAILURE,
    Verdict.UNSUPPORTED,
    Verdict.NOT_RUN,
    Verdict.DISABLED,
    Verdict.PASS,
)


@dataclass(frozen=True, slots=True)
class Standing:
    """One requirement under one profile, over all its checks: the worst verdict counts."""

    requirement: str
    area: str
    level: Level
    product: str
    profile: str
    verdict: Verdict
    executed: bool
    covered: bool
    unexpected_pass: bool


@dataclass(frozen=True, slots=True)
class Count:
    """Requirements passed, of those that the suite has a check of."""

    passed: int
    total: int

    def __str__(self) -> str:
        return f"{self.passed}/{self.total}"


@dataclass(frozen=True, slots=True)
class Summary:
    """A run in numbers; `too_little` are the profiles with fewer executed than their minimum."""

    standings: tuple[Standing, ...]
    too_little: dict[str, tuple[int, int]]
    exit_code: ExitCode
    headline: str

    def count(self, level: Level, profile: str = "", area: str = "") -> Count:
        """Return the count of a level, of the whole run or of a profile or area of it."""
        return count(
            standing
            for standing in self.standings
            if standing.level is level
            and profile in ("", standing.profile)
            and area in ("", standing.area)
        )


def summarise(run: Run, *, strict: bool = False) -> Summary:
    """Return the summary; with `strict` a SHOULD that fails also fails the run."""
    standings = tuple(_standings(run.results))
    too_little = _too_little(run, standings)
    code = _exit_code(run, standings, too_little, strict)
    return Summary(standings, too_little, code, _headline(run, standings, too_little, code))


def count(standings: Iterable[Standing]) -> Count:
    """Return how many requirements passed; those without a check do not count."""
    covered = [standing for standing in standings if standing.covered]
    return Count(sum(standing.verdict is Verdict.PASS for standing in covered), len(covered))


def _standings(results: Iterable[CheckResult]) -> Iterable[Standing]:
    grouped: dict[tuple[str, str], list[CheckResult]] = {}
    for result in results:
        grouped.setdefault((result.profile, result.requirement), []).append(result)
    return (_standing(group) for group in grouped.values())


def _standing(group: list[CheckResult]) -> Standing:
    worst = min(group, key=lambda result: _WORST_FIRST.index(result.verdict))
    return Standing(
        requirement=worst.requirement,
        area=worst.area,
        level=worst.level,
        product=worst.product,
        profile=worst.profile,
        verdict=worst.verdict,
        executed=any(result.executed for result in group),
        covered=any(result.covered for result in group),
        unexpected_pass=any(result.unexpected_pass for result in group),
    )


def _too_little(run: Run, standings: Iterable[Standing]) -> dict[str, tuple[int, int]]:
    """Return executed and required for the profiles with fewer executed than required."""
    listed = list(standings)
    executed = {
        profile: sum(s.executed for s in listed if s.profile == profile) for profile in run.minimums
    }
    return {
        profile: (executed[profile], least)
        for profile, least in run.minimums.items()
        if executed[profile] < least
    }


def _exit_code(
    run: Run, standings: Iterable[Standing], too_little: dict[str, tuple[int, int]], strict: bool
) -> ExitCode:
    listed = list(standings)
    if run.interrupted:
        return ExitCode.INTERRUPTED
    if any(standing.verdict is Verdict.ERROR for standing in listed):
        return ExitCode.ERROR
    if any(_fails_the_run(standing, strict) for standing in listed):
        return ExitCode.FAILED
    return ExitCode.TOO_LITTLE if too_little else ExitCode.CONFORMANT


def _fails_the_run(standing: Standing, strict: bool) -> bool:
    if standing.verdict is not Verdict.FAIL:
        return False
    binding = (Level.MUST, Level.SHOULD) if strict else (Level.MUST,)
    return standing.level in binding or standing.unexpected_pass


def _headline(
    run: Run,
    standings: tuple[Standing, ...],
    too_little: dict[str, tuple[int, int]],
    code: ExitCode,
) -> str:
    counts = ", ".join(
        f"{level} {count(s for s in standings if s.level is level)}"
        for level in (Level.MUST, Level.SHOULD)
    )
    return f"{_claim(run, standings, too_little, code)} ({counts})"


def _claim(
    run: Run,
    standings: tuple[Standing, ...],
    too_little: dict[str, tuple[int, int]],
    code: ExitCode,
) -> str:
    match code:
        case ExitCode.INTERRUPTED:
            return "Interrupted"
        case ExitCode.ERROR:
            broken = sum(standing.verdict is Verdict.ERROR for standing in standings)
            return f"No verdict: {broken} ended in error"
        case ExitCode.FAILED:
            return "Not conformant"
        case ExitCode.TOO_LITTLE:
            shown = "; ".join(f"{p}: {done} of {least}" for p, (done, least) in too_little.items())
            return f"Too little executed, {shown}"
    return _green(run, standings)


def _green(run: Run, standings: tuple[Standing, ...]) -> str:
    claim = "Selection passed" if run.narrowed else "Conformant"
    binding = [s for s in standings if s.level is Level.MUST and s.covered]
    known = sum(standing.verdict is Verdict.KNOWN_FAILURE for standing in binding)
    if known:
        return f"{claim} but for {known} known to fail"
    absent = sum(standing.verdict is not Verdict.PASS for standing in binding)
    return f"{claim} in what it offers" if absent else claim
