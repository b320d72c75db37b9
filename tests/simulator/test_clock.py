from __future__ import annotations

import pytest

from hvsim.clock import Clock, ClockMode
from hvsim.errors import InputError


class Source:
    """The machine's clock, moved by hand."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def source() -> Source:
    return Source()


def test_real_time_follows_the_machine(source):
    clock = Clock(ClockMode.REAL, 5.0, source)
    source.seconds += 3
    assert clock.now() == 3.0
    assert clock.flows


@pytest.mark.parametrize("mode", [ClockMode.SCALED, ClockMode.SKIP_IDLE])
def test_scaled_time_is_a_multiple(source, mode):
    clock = Clock(mode, 10.0, source)
    source.seconds += 3
    assert clock.now() == 30.0
    assert clock.seconds_until(50.0) == 2.0
    assert clock.seconds_until(10.0) == 0.0


@pytest.mark.parametrize("mode", [ClockMode.STEPPED, ClockMode.PAUSED])
def test_standing_time_moves_only_by_jumps(source, mode):
    clock = Clock(mode, 10.0, source)
    source.seconds += 1e6
    assert clock.now() == 0.0
    assert clock.seconds_until(1.0) is None
    clock.jump(7.5)
    assert clock.now() == 7.5


def test_never_runs_backwards(source):
    clock = Clock(ClockMode.REAL, source=source)
    source.seconds += 10
    clock.jump(4.0)
    assert clock.now() == 10.0


def test_pause_and_resume_keep_mode_and_time(source):
    clock = Clock(ClockMode.SCALED, 2.0, source)
    source.seconds += 5
    clock.set_mode(ClockMode.PAUSED)
    source.seconds += 100
    clock.set_mode(ClockMode.PAUSED)
    assert clock.now() == 10.0
    clock.resume()
    source.seconds += 1
    assert (clock.mode, clock.now()) == (ClockMode.SCALED, 12.0)


def test_resume_without_pause_changes_nothing(source):
    clock = Clock(ClockMode.STEPPED, source=source)
    clock.resume()
    assert clock.mode is ClockMode.STEPPED


def test_changing_scale_keeps_the_present(source):
    clock = Clock(ClockMode.SCALED, 2.0, source)
    source.seconds += 5
    clock.set_mode(ClockMode.SCALED, 100.0)
    assert clock.now() == 10.0
    source.seconds += 1
    assert clock.now() == 110.0


def test_real_mode_forgets_the_scale(source):
    clock = Clock(ClockMode.SCALED, 50.0, source)
    clock.set_mode(ClockMode.REAL, 50.0)
    source.seconds += 2
    assert clock.now() == 2.0


@pytest.mark.parametrize("scale", [0.0, -1.0, float("nan"), float("inf")])
def test_scale_must_be_above_zero(source, scale):
    with pytest.raises(InputError, match="scale above 0"):
        Clock(ClockMode.SCALED, scale, source)
    clock = Clock(ClockMode.STEPPED, source=source)
    with pytest.raises(InputError, match="scale above 0"):
        clock.set_mode(ClockMode.SCALED, scale)
    assert clock.mode is ClockMode.STEPPED


def test_start_at_forgets_what_passed(source):
    clock = Clock(ClockMode.REAL, source=source)
    source.seconds += 10
    clock.start_at(0.0)
    source.seconds += 1
    assert clock.now() == 1.0
