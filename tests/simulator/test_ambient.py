from __future__ import annotations

import pytest

from hvsim import ambient, saved, scenario
from hvsim.ambient import ActivitySpec
from hvsim.errors import Refusal
from hvsim.world import World


class Guest:
    """A guest that obeys at once, or refuses everything."""

    def __init__(self, name: str, *, running: bool | None = True, obeys: bool = True) -> None:
        self.name = name
        self.running = running
        self.obeys = obeys
        self.did: list[str] = []

    def runs(self) -> bool | None:
        return self.running

    def start(self) -> None:
        self._do("start", running=True)

    def stop(self) -> None:
        self._do("stop", running=False)

    def reboot(self) -> None:
        self._do("reboot", running=True)

    def migrate(self, stream) -> None:
        stream.random()
        self._do("migrate", running=True)

    def _do(self, what: str, *, running: bool) -> None:
        if not self.obeys:
            raise Refusal("no")
        self.did.append(what)
        self.running = running


def live(guests, days: float = 30, **rates) -> World:
    world = World(1)
    ambient.begin(world, guests, ActivitySpec(**rates))
    world.advance(days * ambient.DAY)
    return world


def test_rates_are_kept_on_average():
    guests = [Guest(f"g{n}") for n in range(50)]
    live(guests, stops=1.0, reboots=2.0, migrations=3.0, off=60)
    count = {what: sum(guest.did.count(what) for guest in guests) for what in
             ("stop", "start", "reboot", "migrate")}  # fmt: skip
    assert count["stop"] == pytest.approx(1500, rel=0.1)
    assert count["start"] == pytest.approx(count["stop"], abs=50)
    assert count["reboot"] == pytest.approx(3000, rel=0.1)
    assert count["migrate"] == pytest.approx(4500, rel=0.1)


def test_a_guests_life_depends_on_no_other():
    alone, crowd = Guest("g1"), [Guest(f"g{n}") for n in range(5)]
    live([alone])
    live(crowd)
    assert alone.did == crowd[1].did
    assert alone.did != crowd[2].did


def test_a_refusal_is_not_the_end():
    guest = Guest("g", obeys=False)
    world = World(1)
    ambient.begin(world, [guest], ActivitySpec())
    world.advance(10 * ambient.DAY)
    assert guest.did == []
    guest.obeys = True
    world.advance(10 * ambient.DAY)
    assert guest.did


def test_no_rate_is_no_activity():
    guest = Guest("g")
    world = live([guest], stops=0, reboots=0, migrations=0)
    assert guest.did == []
    assert world.engine.next_time() is None


def test_what_is_neither_on_nor_off_is_left_alone():
    guest = Guest("g", running=None)
    live([guest])
    assert guest.did == []


BUSY = """
seed = 5
[[xenserver]]
name = "p"
profile = "{profile}"
hosts = 3
guests = 20
[activity]
stops = 4
reboots = 4
migrations = 8
off = 600
"""


@pytest.mark.parametrize("profile", ["xenserver-5.5", "xenserver-8"])
def test_a_pools_day(profile):
    world = scenario.build(scenario.parse(BUSY.format(profile=profile)))
    causes, foreground = set(), set()
    for _ in range(24 * 4):
        world.advance(900)
        foreground.add(world.operations.foreground)
    causes = {event.cause.partition("/")[0] for event in world.log.since(0)}
    assert {"VM.start", "VM.clean_shutdown", "VM.clean_reboot", "VM.pool_migrate"} <= causes
    assert not [event for event in world.log.since(0) if event.kind == "crash"]
    assert foreground == {False}, "nobody waits for ambient activity"
    assert saved.restore(saved.parse(saved.save(world))).log.digest == world.log.digest
