"""A clock that jumps over idle time waits for whoever it has just woken."""

from __future__ import annotations

import threading

from hvsim.world import World


def test_a_woken_caller_counts_as_busy_before_it_runs() -> None:
    world = World()
    parked, woken = threading.Event(), threading.Event()
    world.activity.on_park = parked.set

    def request() -> None:
        with world.activity.request():
            world.park(("topic",), woken.is_set, 30.0)

    thread = threading.Thread(target=request)
    thread.start()
    assert parked.wait(30.0)
    assert world.activity.waiting_for() is not None
    with world.lock:
        # The caller cannot look before the lock is free; the count has to be right already.
        woken.set()
        world.log.wake(("topic",))
        assert (world.activity.busy, world.activity.parked) == (1, 0)
        assert world.activity.waiting_for() is None
    thread.join(30.0)
    assert (world.activity.busy, world.activity.parked) == (0, 0)
