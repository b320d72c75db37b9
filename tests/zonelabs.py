"""Hosts with zones for tests, their commands run without a network."""

from contextlib import contextmanager

from hvsim import scenario
from hvsim.clock import Clock, ClockMode
from hvsim.pump import Pump
from hvsim_fakes.shell.local import run_command
from hvsim_fakes.zones.programs import host_of

PROFILES = ("solaris-10", "solaris-11", "omnios")
ZONES = [
    {"name": "web", "state": "running", "nodename": "inside"},
    {"name": "db", "state": "installed"},
    {"name": "new", "state": "configured"},
    {"name": "half", "state": "incomplete"},
    {"name": "set", "state": "ready"},
    {"name": "dead", "state": "down"},
]


class Shell:
    """A host's shell."""

    def __init__(self, world, name):
        self.world = world
        self.zones = world.product(name)
        self.host = host_of(self.zones)

    def __call__(self, line, stdin="", account="root"):
        return run_command(self.host, line, stdin, account=account)

    def state(self, zone):
        found = self.zones.zones.get(zone)
        return None if found is None else str(found.state)


def data(profile="solaris-10", zones=None, **more):
    table = {"name": "sol1", "profile": profile, "zones": ZONES if zones is None else zones, **more}
    return {"name": "zones", "seed": 7, "solaris": [table]}


def build(profile="solaris-10", zones=None, **more):
    """Return a world whose time is stepped."""
    return scenario.build(scenario.from_data(data(profile, zones, **more)))


def settle(world):
    """Let everything come to its end."""
    while world.advance_to_next():
        pass


@contextmanager
def shell(profile="solaris-10", zones=None, **more):
    """Give the shell of a host whose time only moves while every client waits."""
    built = scenario.from_data(data(profile, zones, **more))
    world = scenario.build(built, clock=Clock(ClockMode.SKIP_IDLE, scale=1e-6))
    world.clock.start_at(0.0)
    pump = Pump(world)
    pump.start()
    try:
        yield Shell(world, "sol1")
    finally:
        pump.stop()
