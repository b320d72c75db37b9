"""Whole labs, raced for or driven at random, come out of their journals as they were."""

from __future__ import annotations

import threading
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hvsim import commands, saved, scenario
from hvsim.clock import Clock, ClockMode
from hvsim.errors import HvsimError
from hvsim.operations import InternalError, Operation
from hvsim.pump import Pump
from hvsim.xenserver.messages import Caller

LAB = """
seed = 3
[[xenserver]]
name = "p"
profile = "{profile}"
hosts = 3
guests = 8
ha = {ha}
[activity]
stops = 50
reboots = 50
migrations = 50
off = 60
"""
PROFILES = ("xenserver-5.5", "xenserver-8")
THREADS = 8


def lab(profile: str, clock: Clock | None = None, ha: str = "false"):
    read = scenario.parse(LAB.format(profile=profile, ha=ha))
    return scenario.build(read, clock=clock or Clock())


def guests_of(pool) -> list[str]:
    rows = pool.db.tables["VM"].items()
    return [ref for ref, row in rows if not (row["is_a_template"] or row["is_control_domain"])]


def assert_replays(world) -> None:
    with world.access():
        content = saved.save(world)
    assert saved.restore(saved.parse(content)).log.digest == world.log.digest


@pytest.mark.parametrize("attempt", range(20))
def test_eight_clients_racing(attempt):
    modes = (Clock(), Clock(ClockMode.SCALED, 500.0), Clock(ClockMode.SKIP_IDLE))
    world = lab(PROFILES[attempt % 2], modes[attempt % 3])
    pool = world.product("p")
    vms, hosts = guests_of(pool), list(pool.db.tables["host"])
    pump = Pump(world)
    pump.start()
    start = threading.Barrier(THREADS)

    def client(number: int) -> None:
        start.wait()
        for turn in range(12):
            vm, host = vms[(number * 3 + turn) % 8], hosts[(number + turn) % 3]
            message, args = [
                ("VM.start", [vm, False, False]),
                ("VM.pool_migrate", [vm, host, {"live": "true"}]),
                ("VM.set_name_label", [vm, f"name{turn}"]),
                ("VM.hard_shutdown", [vm]),
            ][(number + turn) % 4]
            with suppress(HvsimError), world.activity.request():
                answer = pool.call(Caller(), message, args)
                if isinstance(answer, Operation) and world.clock.mode is ClockMode.SKIP_IDLE:
                    world.wait_operation(answer, 30)
            if not world.clock.flows:
                world.advance(3.7)

    threads = [threading.Thread(target=client, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pump.stop()
    assert len(world.journal.entries) == THREADS * 12
    assert not [event for event in world.log.since(0) if event.kind == "crash"]
    assert_replays(world)


NAMES = st.sampled_from(["p-host1", "p-host2", "p-host3"])
SILENCE = st.sampled_from(["dropped", "refused"])


def fault(kind: str, **fields):
    return st.fixed_dictionaries({"kind": st.just(kind), **fields})


FAULTS = st.one_of(
    fault("server.crash", server=NAMES, silence=SILENCE),
    fault("server.boot", server=NAMES),
    fault("link.cut", server=NAMES, silence=SILENCE),
    fault("link.mend", server=NAMES),
    fault("service.stop", server=NAMES),
    fault("service.start", server=NAMES),
    fault("service.hang", server=NAMES),
    fault("storage.lose", storage=st.just("Shared storage"), server=NAMES),
    fault("storage.return", storage=st.just("Shared storage")),
    fault(
        "operation.fail-next",
        operation=st.sampled_from(["VM.start", "VM.*"]),
        error=st.just(["INTERNAL_ERROR", "asked for"]),
    ),
    fault("stage.hold", name=st.just("h"), operation=st.just("VM.pool_migrate")),
    fault("stage.release", name=st.just("h")),
)
CALLS = st.tuples(
    st.sampled_from(["start", "clean_shutdown", "hard_shutdown", "suspend", "pool_migrate"]),
    st.integers(0, 7),
    st.integers(0, 2),
)


def carry_out(pool, step) -> None:
    if isinstance(step, dict):
        pool.world.execute(commands.decode(step))
        return
    verb, guest, host = step
    vm = guests_of(pool)[guest]
    extra = {
        "start": [False, False],
        "pool_migrate": [list(pool.db.tables["host"])[host], {"live": "true"}],
    }
    pool.call(Caller(), f"VM.{verb}", [vm, *extra.get(verb, [])])


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(PROFILES),
    st.sampled_from(["true", "false"]),
    st.lists(st.one_of(FAULTS, CALLS, st.floats(0, 400)), max_size=25),
)
def test_any_history_of_a_pool_replays(profile, ha, steps):
    world = lab(profile, ha=ha)
    broken = watch(world)
    pool = world.product("p")
    for step in steps:
        if isinstance(step, float):
            world.advance(step)
        else:
            with suppress(HvsimError):
                carry_out(pool, step)
    assert not broken
    assert not [e.after for e in world.log.since(0) if e.subject == "simulator"]
    assert_replays(world)


def watch(world) -> list[str]:
    """Collect the faults of the simulator itself that end operations from now on."""
    broken: list[str] = []
    begin = world.operations.start

    def start(*args, **options) -> Operation:
        operation = begin(*args, **options)
        operation.on_done.insert(0, note)
        return operation

    def note(operation: Operation) -> None:
        if isinstance(operation.error, InternalError):
            broken.append(f"{operation.id}: {operation.error}")

    world.operations.start = start
    return broken
