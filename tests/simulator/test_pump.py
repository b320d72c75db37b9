"""The pump: what it jumps over, what it waits for, and what wakes it."""

from __future__ import annotations

import threading

import pytest

from hvsim.clock import Clock, ClockMode
from hvsim.commands import Command, command
from hvsim.operations import Stage
from hvsim.pump import Pump
from hvsim.stages import StageHold, StageRelease
from hvsim.world import World

LONG = 0.1
"""Seconds from which a wait is no short pause of the pump's, but a sleep."""


@command("test.pumped")
class Work(Command, frozen=True, kw_only=True):
    """Begin an operation of one stage on an object."""

    subject: str
    seconds: float

    def apply(self, world):
        return world.operations.start("test.pumped", self.subject, self._steps())

    def _steps(self):
        yield Stage("work", self.seconds)


class Bell(threading.Event):
    """Wakes the pump when it is told to, and never because a sleep has lasted long enough."""

    def __init__(self):
        super().__init__()
        self.asleep = threading.Event()

    def wait(self, timeout=None):
        if timeout is not None and timeout < LONG:
            return super().wait(timeout)
        self.asleep.set()
        return super().wait()


@pytest.fixture
def pumped():
    pumps = []

    def start(world: World) -> World:
        pump = Pump(world)
        world.bell = pump._wake = Bell()
        pumps.append(pump)
        pump.start()
        return world

    yield start
    for pump in pumps:
        pump.stop()


@pytest.fixture
def waiting():
    """Lets a thread of its own wait for an operation; returns it once it is parked."""
    threads = []

    def start(world, operation):
        thread = threading.Thread(target=world.wait_operation, args=(operation, 60))
        threads.append(thread)
        thread.start()
        while not world.activity.parked:
            threading.Event().wait(0.001)
        return thread

    yield start
    for thread in threads:
        thread.join(60)


def idle(mode=ClockMode.SKIP_IDLE, scale=1e-6) -> World:
    return World(9, Clock(mode, scale))


def test_skip_idle_jumps_over_what_everybody_waits_for(pumped):
    world = pumped(idle())
    with world.activity.request():
        operation = world.execute(Work(subject="x", seconds=1e6))
        assert world.wait_operation(operation, 60)
    assert operation.done
    twin = World(9)
    twin.replay(world.journal.entries, world.now)
    assert twin.log.digest == world.log.digest


def test_skip_idle_does_not_jump_for_background_work(pumped):
    world = pumped(idle())
    with world.access():
        world.operations.start("idle", "x", iter_stage(1e6), foreground=False)
        world.engine.settle()
    assert not world.park(["x"], lambda: False, seconds=0.1)
    assert world.now < 1


def iter_stage(seconds):
    yield Stage("idle", seconds)


def test_a_flowing_clock_wakes_waiters_without_requests(pumped):
    world = pumped(idle(ClockMode.SCALED, 1e5))
    operation = world.execute(Work(subject="x", seconds=1000.0))
    assert world.wait_operation(operation, 60)


def test_a_standing_clock_is_left_alone(pumped):
    world = pumped(World())
    operation = world.execute(Work(subject="x", seconds=10.0))
    assert not world.wait_operation(operation, 0.05)
    world.advance(30)
    assert operation.done


def fall_asleep(world: World) -> None:
    """Return once the pump sleeps, and has done all there is to do before."""
    world.bell.asleep.clear()
    world.bell.set()
    assert world.bell.asleep.wait(60)


def test_a_command_wakes_it_when_it_lets_a_parked_client_go_on(pumped, waiting):
    world = pumped(idle())
    world.execute(StageHold(name="held"))
    operation = world.execute(Work(subject="x", seconds=1e6))
    waiting(world, operation)
    while operation.held is None:
        threading.Event().wait(0.001)
    fall_asleep(world)
    world.execute(StageRelease(name="held"))
    assert world.wait_operation(operation, 60)


def test_a_command_wakes_it_when_it_brings_something_forward(pumped):
    world = pumped(idle(ClockMode.SCALED, 1000.0))
    world.execute(Work(subject="later", seconds=1e9))
    fall_asleep(world)
    seen = threading.Event()
    operation = world.execute(Work(subject="sooner", seconds=100.0))
    operation.on_done.append(lambda _: seen.set())
    assert seen.wait(60)


def test_a_command_does_not_wake_it_for_what_comes_after(pumped):
    world = pumped(idle(ClockMode.SCALED, 1e-6))
    world.execute(Work(subject="next", seconds=1e6))
    fall_asleep(world)
    world.execute(Work(subject="after", seconds=2e6))
    assert not world.bell.is_set()


def test_a_change_of_the_clock_wakes_it(pumped, waiting):
    world = pumped(idle(ClockMode.PAUSED))
    operation = world.execute(Work(subject="x", seconds=1e6))
    waiting(world, operation)
    fall_asleep(world)
    world.clock.set_mode(ClockMode.SKIP_IDLE)
    assert world.wait_operation(operation, 60)


def test_the_end_of_the_last_request_wakes_it(pumped, waiting):
    world = pumped(idle())
    with world.activity.request():
        operation = world.execute(Work(subject="x", seconds=1e6))
        waiting(world, operation)
        fall_asleep(world)
        assert not operation.done
    assert world.wait_operation(operation, 60)
