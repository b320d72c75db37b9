"""Lets Hypothesis look for a call that is answered with anything but the protocol's own words."""

from __future__ import annotations

import time

from hypothesis import HealthCheck, Phase, given, seed, settings

from fuzz import arena, soundness
from fuzz.oracle import judge
from fuzz.storm import Tally
from fuzz.strategies import calls
from hvsim.xenserver.accounts import session as sessions
from hvsim_fakes.server import Connection, Request
from hvsim_fakes.xenserver.endpoint import XenApiEndpoint


def explore(profile: str, count: int, number: int) -> Tally:
    """Try ``count`` examples on the master of a pool whose clock stands still.

    Raises:
        FindingError: for the smallest example that is answered wrongly.
    """
    began = time.monotonic()
    tally = Tally()
    pool = arena.build(profile)
    endpoint = XenApiEndpoint(pool, pool.master)
    root = sessions.authenticate(pool, "root", arena.PASSWORD)
    refs = [ref for cls in ("VM", "host", "SR", "VDI", "task") for ref in pool.db.tables[cls]]
    session = sessions.open(pool, root, pool.master)

    @seed(number)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(calls(list(pool.model.messages), session, refs))
    def try_one(call: tuple[str, bytes]) -> None:
        path, body = call
        client = arena.Client(0.0)
        response = endpoint(Request("POST", path, body=body, connection=Connection(client)))
        tally.requests += 1
        tally.outcomes[judge(pool.model, path, response)] += 1

    try_one()
    pool.world.advance(48 * 3_600.0)
    tally.findings += soundness.problems(pool)
    soundness.replayed(pool, lambda: arena.build(profile))
    tally.seconds = time.monotonic() - began
    return tally
