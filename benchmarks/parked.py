"""Small calls while other clients are parked in event.from, against the same with none."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from benchmarks import client
from benchmarks.lab import pool_of
from benchmarks.measure import Result, percentile
from hvsim_fakes.lab import Lab, Listening

if TYPE_CHECKING:
    from collections.abc import Iterator

P99_GOAL = 0.050
CALLS = 3_000


def run(crowds: tuple[int, ...] = (0, 200, 1_000)) -> Iterator[Result]:
    pool = pool_of(200, addressed=True)
    with Lab(pool.world, Listening(tls_port=None, control_port=None)) as lab:
        session = client.Client(lab.url()).call("session.login_with_password", *lab.credentials())
        vm = next(iter(pool.db.tables["VM"]))
        alone = 0.0
        for crowd in crowds:
            times = client.run("rate", lab.url(), session, vm, crowd, CALLS)["times"]
            median, high = statistics.median(times), percentile(times, 0.99)
            alone = alone or median
            figure = f"{1 / statistics.mean(times):,.0f} calls/s, p50 {median * 1e3:.2f} ms"
            figure += f", p99 {high * 1e3:.2f} ms ({median / alone:.2f}x)"
            judged = high <= P99_GOAL if crowd == 200 else None
            goal = "p99 <= 50 ms" if crowd == 200 else ""
            yield Result(f"small calls, {crowd:,} clients parked", figure, goal, judged)
