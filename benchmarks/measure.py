"""Timing that a noisy machine cannot fool: medians of interleaved runs."""

from __future__ import annotations

import gc
import statistics
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True, slots=True)
class Result:
    """One line of a benchmark's table; ``goal`` says what was aimed at, ``met`` whether it was."""

    name: str
    figure: str
    goal: str = ""
    met: bool | None = None

    def line(self) -> str:
        verdict = {True: "met", False: "MISSED", None: ""}[self.met]
        return f"{self.name:<62} {self.figure:<44} {self.goal:<26} {verdict}".rstrip()


def seconds(action: Callable[[], object]) -> float:
    begin = time.perf_counter()
    action()
    return time.perf_counter() - begin


def interleaved(actions: Sequence[Callable[[], object]], rounds: int = 7) -> list[float]:
    """Return the median seconds of each action, their runs taken in turn after a warm-up."""
    for action in actions:
        action()
    taken: list[list[float]] = [[] for _ in actions]
    gc.collect()
    for _ in range(rounds):
        for action, times in zip(actions, taken, strict=True):
            times.append(seconds(action))
    return [statistics.median(times) for times in taken]


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
