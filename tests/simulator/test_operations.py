from __future__ import annotations

import pytest

from hvsim.errors import Refusal
from hvsim.operations import Cancelled, Forced, InternalError, Stage, StageRule, State
from hvsim.world import World


class Wrong(Refusal):
    pass


@pytest.fixture
def world() -> World:
    return World(seed=5)


def begin(world, steps, kind="VM.start", subject="x/1", **options):
    operation = world.operations.start(kind, subject, steps, **options)
    world.engine.settle()
    return operation


def work(trace=None, value="done"):
    trace = [] if trace is None else trace
    try:
        trace.append("begun")
        yield Stage("copy", 10, 0.5)
        trace.append("copied")
        yield Stage("boot", 5)
    finally:
        trace.append("cleaned")
    return value


def test_stages_take_simulated_time_and_report_progress(world):
    seen = []
    operation = begin(world, work())
    operation.on_progress.append(lambda op: seen.append((world.now, op.progress)))
    assert (operation.stage, operation.due, operation.done) == ("copy", 10, False)
    world.advance(10)
    assert (operation.stage, operation.due, operation.progress) == ("boot", 15, 0.5)
    world.advance(5)
    assert (operation.state, operation.value, operation.progress) == (State.SUCCEEDED, "done", 1)
    assert seen == [(10, 0.5)]
    assert world.operations.running == {}


def failing(error):
    yield Stage("copy", 1)
    raise error


@pytest.mark.parametrize(
    ("error", "state", "kind"),
    [
        (Wrong("no"), State.FAILED, Wrong),
        (Cancelled("stop"), State.CANCELLED, Cancelled),
        (LookupError("bug"), State.FAILED, InternalError),
    ],
)
def test_how_an_operation_ends_badly(world, error, state, kind):
    ended = []
    operation = begin(world, failing(error))
    operation.on_done.append(ended.append)
    world.advance(1)
    assert (operation.state, type(operation.error)) == (state, kind)
    assert ended == [operation]


def test_a_broken_listener_takes_neither_the_record_nor_the_waiter(world):
    operation = begin(world, work())
    operation.on_done.append(lambda _: {}["missing"])
    with world.log.waiter([operation.topic]) as waiter:
        world.advance(15)
        assert waiter.wait(0)
    assert operation.state is State.SUCCEEDED
    assert world.log.since(0)[-1].kind == "crash"


def test_interrupt_raises_where_it_stands_and_cleans_up(world):
    trace = []
    operation = begin(world, work(trace))
    world.advance(3)
    world.operations.interrupt(operation, Wrong("pulled the plug"))
    world.engine.settle()
    assert trace == ["begun", "cleaned"]
    assert (operation.state, str(operation.error)) == (State.FAILED, "pulled the plug")


def test_cancel_before_the_first_step_still_cleans_up(world):
    trace = []
    operation = world.operations.start("VM.start", "x/1", work(trace))
    world.operations.interrupt(operation)
    world.engine.settle()
    assert trace == ["begun", "cleaned"]
    assert operation.state is State.CANCELLED
    assert world.now == 0


def test_interrupting_what_has_ended_does_nothing(world):
    operation = begin(world, work())
    world.advance(15)
    world.operations.interrupt(operation)
    world.advance(1)
    assert operation.state is State.SUCCEEDED


def survivor():
    try:
        yield Stage("copy", 10)
    except Cancelled:
        yield Stage("undo", 2)
    return "undone"


def test_steps_may_catch_the_interrupt(world):
    operation = begin(world, survivor())
    world.operations.interrupt(operation)
    world.advance(2)
    assert (operation.state, operation.value) == (State.SUCCEEDED, "undone")


def parent(child):
    value = yield child
    assert value is None
    yield Stage("after", 1)
    return child.value


def test_an_operation_waits_for_another(world):
    child = begin(world, work(), subject="x/2")
    outer = begin(world, parent(child))
    world.advance(16)
    assert (outer.value, world.now) == ("done", 16)
    late = begin(world, parent(child))
    world.advance(1)
    assert late.value == "done"


def test_the_others_failure_reaches_who_waits(world):
    child = begin(world, failing(Wrong("no room")), subject="x/2")
    outer = begin(world, parent(child))
    world.advance(1)
    assert (outer.state, outer.error) == (State.FAILED, child.error)


def test_a_rule_changes_the_length_of_its_stage_only(world):
    world.operations.add_rule("slow", StageRule(kind="VM.*", stage="boot", seconds=100))
    ours, other = begin(world, work()), begin(world, work(), kind="host.reboot")
    world.advance(15)
    assert (ours.done, other.done) == (False, True)
    world.advance(95)
    assert ours.done


def test_jitter_comes_from_the_subjects_stream(world):
    rule = StageRule(stage="copy", jitter=4.0)
    world.operations.add_rule("shaky", rule)
    operation = begin(world, work(), subject="x/9")
    expected = World(seed=5).streams.stream("x/9").uniform(0, 4.0)
    assert operation.due == 10 + expected


def test_a_rule_is_used_up(world):
    world.operations.add_rule("twice", StageRule(stage="copy", error=Wrong("!"), remaining=2))
    operations = [begin(world, work()) for _ in range(3)]
    world.advance(15)
    assert [op.state for op in operations] == [State.FAILED, State.FAILED, State.SUCCEEDED]


def test_a_forced_failure_speaks_the_products_language(world, monkeypatch):
    told = []
    monkeypatch.setitem(
        Forced.vocabularies,
        "soap",
        lambda code, *params: told.append((code, params)) or Wrong(code),
    )
    world.operations.add_rule("fail", StageRule(error=Forced("NO_ROOM", "1", "2")))
    ours = begin(world, work(), subject="soap/vm")
    other = begin(world, work(), subject="other/vm")
    world.advance(10)
    assert (type(ours.error), told) == (Wrong, [("NO_ROOM", ("1", "2"))])
    assert (type(other.error), str(other.error)) == (Forced, "NO_ROOM: 1, 2")


def test_hold_until_the_rule_is_lifted(world):
    world.operations.add_rule("hold", StageRule(stage="copy", hold=True))
    operation = begin(world, work())
    world.advance(1000)
    assert (operation.stage, operation.due, operation.done) == ("copy", None, False)
    assert not world.operations.foreground, "what is held does not make time run"
    assert world.operations.lift_rule("hold")
    world.engine.settle()
    assert world.operations.foreground
    world.advance(5)
    assert operation.done
    assert not world.operations.lift_rule("hold")


def test_a_rule_lifted_before_the_stages_end_holds_nothing(world):
    world.operations.add_rule("hold", StageRule(stage="copy", hold=True))
    world.operations.add_rule("same", StageRule(stage="copy", hold=True))
    operation = begin(world, work())
    world.advance(1)
    world.operations.lift_rule("hold")
    world.advance(14)
    assert operation.done


def test_a_held_operation_can_be_cancelled(world):
    rule = StageRule(stage="copy", hold=True)
    world.operations.add_rule("hold", rule)
    operation = begin(world, work())
    world.advance(20)
    world.operations.interrupt(operation)
    world.engine.settle()
    assert operation.state is State.CANCELLED
    assert rule.waiting == []
    world.operations.lift_rule("hold")


def test_replacing_a_rule_lets_go_what_the_old_one_held(world):
    world.operations.add_rule("hold", StageRule(stage="copy", hold=True))
    operation = begin(world, work())
    world.advance(20)
    world.operations.add_rule("hold", StageRule(stage="nothing"))
    world.advance(5)
    assert operation.done


def test_what_a_background_operation_begins_is_in_the_background(world):
    def outer():
        yield Stage("wait", 1)
        yield world.operations.start("inner", "x/2", work())

    begin(world, outer(), foreground=False)
    world.advance(1)
    assert [op.foreground for op in world.operations.running.values()] == [False, False]
    asked = begin(world, outer())
    world.advance(1)
    assert asked.foreground
    assert world.operations.foreground


def test_names_and_subjects(world):
    first, second = begin(world, work()), begin(world, work())
    begin(world, work(), subject="y")
    assert [first.id, second.id] == ["VM.start/1", "VM.start/2"]
    assert world.operations.on("x/1") == [first, second]


def test_events_name_the_operation_as_their_cause(world):
    def noting():
        yield Stage("wait", 1)
        world.log.append("mod", "x", None, 1)

    operation = begin(world, noting())
    world.advance(1)
    assert [event.cause for event in world.log.since(0)] == [operation.id]
