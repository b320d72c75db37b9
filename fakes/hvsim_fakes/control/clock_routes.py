"""Time: reading the lab's clock, changing how it moves, and moving it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import Meta

from hvsim.clock import ClockMode
from hvsim_fakes.control.api import Ask, Body, Facts, route
from hvsim_fakes.control.problems import Problem

if TYPE_CHECKING:
    from hvsim.world import World

Seconds = Annotated[float, Meta(ge=0, le=1e9)]
"""A stretch of simulated time, at most some 30 years."""


class ClockState(Facts, frozen=True, kw_only=True):
    """The lab's clock; ``next`` is when the next thing is due, in simulated seconds."""

    time: float
    mode: ClockMode
    scale: float
    next: float | None


class ClockChange(Body, frozen=True, kw_only=True):
    """How time is to move; ``scale`` is simulated seconds per second."""

    mode: ClockMode | None = None
    scale: Annotated[float, Meta(gt=0, le=1e6)] | None = None


class Advance(Body, frozen=True, kw_only=True):
    """How far to go: ``seconds`` from now, or ``to`` a simulated time."""

    seconds: Seconds | None = None
    to: Seconds | None = None


class Settle(Body, frozen=True, kw_only=True):
    """How far to go at most."""

    limit: Seconds = 86_400.0


class Advanced(ClockState, frozen=True, kw_only=True):
    """The clock after a move, and whether it got where it was to get."""

    reached: bool


def state(world: World) -> ClockState:
    """Return the state of a world's clock."""
    with world.access():
        return _read(world)


@route("GET", "/v1/clock", gives=ClockState)
def get_clock(ask: Ask) -> ClockState:
    """Read the clock."""
    return state(ask.world)


@route("PATCH", "/v1/clock", body=ClockChange, gives=ClockState)
def change_clock(ask: Ask) -> ClockState:
    """Change how time moves."""
    change: ClockChange = ask.body
    with ask.world.access():
        clock = ask.world.clock
        mode = change.mode or clock.mode
        if mode is ClockMode.REAL and change.scale not in (None, 1.0):
            raise Problem(422, "Mode 'real' has scale 1; choose 'scaled' for another.")
        clock.set_mode(mode, change.scale)
    return state(ask.world)


@route("POST", "/v1/clock/pause", gives=ClockState)
def pause_clock(ask: Ask) -> ClockState:
    """Stop time."""
    with ask.world.access():
        ask.world.clock.set_mode(ClockMode.PAUSED)
    return state(ask.world)


@route("POST", "/v1/clock/resume", gives=ClockState)
def resume_clock(ask: Ask) -> ClockState:
    """Let time move again as before the pause."""
    with ask.world.access():
        ask.world.clock.resume()
    return state(ask.world)


@route("POST", "/v1/clock/advance", body=Advance, gives=ClockState)
def advance_clock(ask: Ask) -> ClockState:
    """Let simulated time pass at once."""
    wish: Advance = ask.body
    if (wish.seconds is None) is (wish.to is None):
        raise Problem(422, "Give either 'seconds' or 'to'.")
    if wish.seconds is not None:
        ask.world.advance(wish.seconds)
    elif wish.to is not None:
        _forbid_past(ask.world, wish.to)
        ask.world.advance_to(wish.to)
    return state(ask.world)


@route("POST", "/v1/clock/next", gives=Advanced)
def step_clock(ask: Ask) -> Advanced:
    """Move to the next thing that is due."""
    reached = ask.world.advance_to_next()
    return _advanced(ask.world, reached=reached)


@route("POST", "/v1/clock/settle", body=Settle, gives=Advanced)
def settle_clock(ask: Ask) -> Advanced:
    """Let time pass until nothing that somebody asked for is under way."""
    world = ask.world
    with world.access():
        last = world.now + ask.body.limit
    while _busy(world) and _due_by(world, last):
        world.advance_to_next()
    return _advanced(world, reached=not _busy(world))


def _busy(world: World) -> bool:
    with world.access():
        return world.operations.foreground


def _due_by(world: World, last: float) -> bool:
    with world.access():
        when = world.engine.next_time()
        return when is not None and when <= last


def _forbid_past(world: World, to: float) -> None:
    with world.access():
        if to < world.now:
            raise Problem(422, f"It is {world.now:g} already; rewinding is POST /v1/rewind.")


def _advanced(world: World, *, reached: bool) -> Advanced:
    with world.access():
        return Advanced(**msgspec.structs.asdict(_read(world)), reached=reached)


def _read(world: World) -> ClockState:
    clock = world.clock
    return ClockState(
        time=world.now, mode=clock.mode, scale=clock.scale, next=world.engine.next_time()
    )
