from __future__ import annotations

import math

import pytest

from hvsim.engine import Engine


def ticker(engine, times, every):
    while True:
        yield engine.timeout(every)
        times.append(engine.now)


def test_advances_to_any_time_and_stands_there():
    engine, times = Engine(), []
    engine.process(ticker(engine, times, 10))
    engine.advance(25)
    assert (times, engine.now, engine.next_time()) == ([10, 20], 25, 30)
    engine.advance(25)
    assert times == [10, 20]
    engine.advance(30)
    assert times == [10, 20, 30]


def test_times_are_floats_however_they_came_about():
    engine, times = Engine(), []
    engine.process(ticker(engine, times, 1))
    engine.advance(2)
    assert [repr(time) for time in (*times, engine.now)] == ["1.0", "2.0", "2.0"]
    engine.advance(3)
    engine.advance(3)
    assert repr(engine.now) == "3.0"


def test_never_goes_back():
    engine = Engine()
    engine.advance(5)
    assert engine.advance(3)
    assert engine.now == 5


def test_nothing_scheduled():
    engine = Engine()
    assert engine.next_time() is None
    engine.advance(1e9)
    assert engine.now == 1e9


def test_limit_stops_short_at_the_last_event():
    engine, times = Engine(), []
    engine.process(ticker(engine, times, 1))
    assert not engine.advance(100, limit=5)
    assert engine.now == times[-1] < 100
    assert engine.advance(100)
    assert len(times) == 100


@pytest.mark.parametrize("when", [math.inf, math.nan])
def test_refuses_a_time_that_never_comes(when):
    with pytest.raises(ValueError, match="cannot move"):
        Engine().advance(when)


def failing(engine):
    yield engine.timeout(1)
    raise LookupError("broken")


def test_a_crash_is_told_and_the_rest_goes_on():
    engine, times, crashes = Engine(), [], []
    engine.on_crash = crashes.append
    engine.process(failing(engine))
    engine.process(ticker(engine, times, 2))
    engine.advance(5)
    assert [str(crash) for crash in crashes] == ["broken"]
    assert times == [2, 4]
    assert not engine.stepping


def test_a_crash_without_a_listener_is_raised():
    engine = Engine()
    engine.process(failing(engine))
    with pytest.raises(LookupError):
        engine.advance(5)
    assert not engine.stepping
