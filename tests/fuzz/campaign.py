"""A whole campaign: fresh labs in both profiles, and of the control plane."""

from __future__ import annotations

import sys
import traceback
from dataclasses import dataclass
from typing import Final

from fuzz import control, exploration, storm
from fuzz.oracle import FindingError
from fuzz.storm import Tally
from labs import PROFILES

CONTROL: Final = "control-plane"
_ROUND: Final = 5_000
"""Requests that one lab gets; a fresh one then takes over."""
_STORMS, _EXPLORED, _CONTROLLED = 0.75, 0.15, 0.10


@dataclass(frozen=True)
class Part:
    """One lab's share of a campaign."""

    target: str
    manner: str
    count: int
    seed: int

    def __str__(self) -> str:
        return f"{self.target}-{self.manner}-{self.seed}"

    def run(self) -> Tally:
        """Make the requests; a finding of Hypothesis ends its part."""
        try:
            return self._run()
        except FindingError as finding:
            return Tally(self.count, findings=[f"{finding}\n{traceback.format_exc()[-1500:]}"])

    def _run(self) -> Tally:
        if self.manner == "explored":
            return exploration.explore(self.target, self.count, self.seed)
        if self.target == CONTROL:
            return control.siege(self.count, str(self.seed))
        return storm.storm(self.target, self.count, str(self.seed))


def parts(count: int, seed: int) -> list[Part]:
    """Divide ``count`` requests among labs."""
    divided = []
    for target, manner, share in (
        *((profile, "stormed", _STORMS / len(PROFILES)) for profile in PROFILES),
        *((profile, "explored", _EXPLORED / len(PROFILES)) for profile in PROFILES),
        (CONTROL, "stormed", _CONTROLLED),
    ):
        rounds = max(1, round(count * share / _ROUND))
        size = max(4, round(count * share / rounds / 4) * 4)
        divided += [Part(target, manner, size, seed * 1_000 + n) for n in range(rounds)]
    return divided


def main(args: list[str]) -> int:
    """Run ``[requests] [seed]`` and tell what came of it; return the exit status."""
    count, seed = ([int(arg) for arg in args] + [100_000, 1][len(args) :])[:2]
    total = Tally()
    for part in parts(count, seed):
        tally = part.run()
        total.add(tally)
        _tell(
            f"{part!s:32} {tally.requests:6} requests {tally.seconds:6.1f} s, "
            f"slowest {tally.slowest:.2f} s, {len(tally.findings)} findings"
        )
        for finding in tally.findings[:10]:
            _tell(f"  - {finding}")
    _tell(f"{total.requests} requests in {total.seconds:.0f} s, {len(total.findings)} findings")
    for outcome, times in total.outcomes.most_common():
        _tell(f"  {times:7} {outcome}")
    return 1 if total.findings else 0


def _tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
