from __future__ import annotations

import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hvsim.clock import Clock, ClockMode
from hvsim.commands import Command, command
from hvsim.errors import CommandError
from hvsim.faults import LinkSlow, ServerBoot, ServerCrash
from hvsim.hardware import Server
from hvsim.operations import Stage
from hvsim.world import World

THREADS = 8


@command("test.work")
class Work(Command, frozen=True, kw_only=True):
    """Begin an operation with random stages on an object."""

    subject: str
    seconds: float = 1.0

    def apply(self, world):
        return world.operations.start("test.work", self.subject, self._steps(world))

    def _steps(self, world):
        for number in range(3):
            pause = world.streams.stream(self.subject).uniform(0, self.seconds)
            yield Stage(f"part{number}", pause, number / 3)
            world.log.append("mod", self.subject, None, {"part": number, "at": world.now})


@command("test.nested")
class Nested(Command, frozen=True, kw_only=True):
    """Give a command from within a command."""

    def apply(self, world):
        world.execute(ServerCrash(server="a"))


def lab(clock: Clock | None = None) -> World:
    world = World(9, clock)
    for name in "abc":
        world.hardware.servers[name] = Server(name, "127.0.0.1")
    return world


def again(world: World) -> World:
    twin = lab()
    twin.replay(world.journal.entries, world.now)
    return twin


SERVERS = st.sampled_from("abcd")
COMMANDS = st.one_of(
    st.builds(ServerCrash, server=SERVERS),
    st.builds(ServerBoot, server=SERVERS),
    st.builds(LinkSlow, server=SERVERS, seconds=st.floats(0, 10)),
    st.builds(Work, subject=st.sampled_from("xyz"), seconds=st.floats(0, 50)),
)
STEPS = st.one_of(COMMANDS, st.floats(0, 40), st.just("next"))


@settings(deadline=None)
@given(st.lists(STEPS, max_size=30))
def test_any_history_replays_to_the_same_digest(steps):
    world = lab()
    for step in steps:
        if isinstance(step, Command):
            try:
                world.execute(step)
            except CommandError:
                continue
        elif step == "next":
            world.advance_to_next()
        else:
            world.advance(step)
    twin = again(world)
    assert (twin.log.digest, twin.log.generation) == (world.log.digest, world.log.generation)
    assert twin.now == world.now
    assert twin.journal.entries == world.journal.entries
    assert list(twin.operations.running) == list(world.operations.running)


@pytest.mark.parametrize("attempt", range(20))
def test_what_threads_raced_for_replays_identically(attempt):
    world = lab(Clock(ClockMode.SCALED, 1000.0) if attempt % 2 else Clock())
    start = threading.Barrier(THREADS)

    def race(number: int) -> None:
        start.wait()
        for turn in range(10):
            world.execute(Work(subject=f"o{turn % 4}", seconds=5.0))
            world.execute(LinkSlow(server="abc"[number % 3], seconds=turn))
            if number == 0:
                world.advance(1.5)

    threads = [threading.Thread(target=race, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with world.access():
        assert len(world.journal.entries) == THREADS * 20
        twin = again(world)
        assert (twin.log.digest, twin.log.generation) == (world.log.digest, world.log.generation)


def test_a_refused_command_is_journalled_and_replays():
    world = lab()
    with pytest.raises(CommandError):
        world.execute(ServerBoot(server="a"))
    assert len(world.journal.entries) == 1
    assert again(world).log.digest == world.log.digest


def test_a_command_given_by_a_command_is_refused():
    world = lab()
    with pytest.raises(RuntimeError, match="from within the world"):
        world.execute(Nested())
    assert world.hardware.server("a").reachable() is None


def test_a_command_given_by_an_operation_fails_it():
    world = lab()

    def steps():
        yield Stage("wait", 1)
        world.execute(ServerCrash(server="a"))

    operation = world.operations.start("test", "x", steps())
    world.advance(1)
    assert "from within the world" in str(operation.error)


def test_scheduled_commands_come_by_themselves_and_are_not_journalled():
    world = lab()
    world.schedule(60, ServerCrash(server="a"))
    world.schedule(61, ServerCrash(server="a"))
    world.advance(59.9)
    assert world.hardware.server("a").reachable() is None
    world.advance(2)
    assert world.journal.entries == []
    first, second = world.log.since(0)
    assert (first.kind, first.time, first.cause) == ("crash", 60, "server.crash")
    assert (second.kind, second.after["why"]) == ("refused", "server 'a' is already off")


def test_reads_catch_up_with_a_flowing_clock():
    seconds = [0.0]
    world = lab(Clock(ClockMode.SCALED, 10.0, lambda: seconds[0]))
    operation = world.execute(Work(subject="x", seconds=5.0))
    seconds[0] = 3.0
    with world.access():
        assert world.now == 30.0
        assert operation.done


def test_advance_to_next_goes_event_by_event():
    world = lab()
    world.schedule(5, ServerCrash(server="a"))
    world.schedule(8, ServerBoot(server="a"))
    assert world.advance_to_next()
    assert world.now == 5
    assert world.advance_to_next()
    assert world.now == 8
    assert not world.advance_to_next()


def test_a_crashing_process_becomes_an_event():
    world = lab()

    def broken():
        yield world.engine.timeout(1)
        raise LookupError("bug")

    world.engine.process(broken())
    world.advance(2)
    assert world.log.since(0)[-1].after == {"error": "LookupError: bug"}


def test_parking_gives_up_when_the_client_is_gone():
    world = lab()
    assert not world.park(["x"], lambda: False, seconds=30, gone=lambda: True)
    assert not world.park(["x"], lambda: False, seconds=0)
    assert world.park(["x"], lambda: True)
    assert (world.activity.busy, world.activity.parked) == (0, 0)


def test_who_parks_without_a_request_hides_no_busy_one():
    world = lab()
    parked, leave = threading.Event(), threading.Event()
    world.activity.on_park = parked.set
    arguments = (["x"], leave.is_set, 60)
    thread = threading.Thread(target=world.park, args=arguments)
    with world.activity.request():
        thread.start()
        assert parked.wait(30)
        assert (world.activity.busy, world.activity.parked) == (1, 1)
        assert world.activity.waiting_for() is None
    assert world.activity.waiting_for() is not None
    leave.set()
    world.log.wake(["x"])
    thread.join(30)
    assert (world.activity.busy, world.activity.parked) == (0, 0)


def test_a_request_within_a_request_counts_once():
    world = lab()
    with world.activity.request(), world.activity.request():
        assert world.activity.busy == 1
    assert world.activity.busy == 0
