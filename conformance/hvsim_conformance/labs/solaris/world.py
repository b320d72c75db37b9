"""The world of a Solaris check: which zones there are, and in which state each begins."""

from typing import Any, Final

from hvsim import scenario
from hvsim.clock import Clock, ClockMode
from hvsim.hardware import Disk, Partition, Power, Server
from hvsim.world import World

HOSTS: Final = ("sun", "moon")
"""Two hosts; ``moon`` has zones too, none of which runs."""
PASSWORD = "lab-password"  # noqa: S105 - the lab's own, for clients of this process
PRIMARY: Final = "erp"
"""A physical server with a system of its own, and no VM host."""
_GIB: Final = 2**30

ZONES: Final[dict[str, list[dict[str, Any]]]] = {
    "sun": [
        {"name": "web", "state": "running", "nodename": "shop"},
        {"name": "mail", "state": "running"},
        {"name": "db", "state": "installed", "nodename": "ledger"},
        {"name": "bare", "state": "configured"},
        {"name": "torn", "state": "incomplete"},
        {"name": "poised", "state": "ready"},
        {"name": "dead", "state": "down"},
    ],
    "moon": [{"name": "store", "state": "installed"}],
}


def build(profile: str, seed: int) -> World:
    """Return the world of one check, its clock skipping idle time."""
    hosts = [
        {
            "name": name,
            "profile": profile,
            "address": f"127.0.0.{number}",
            "zones": ZONES[name],
            "accounts": [{"user": "root", "password": PASSWORD}],
        }
        for number, name in enumerate(HOSTS, 61)
    ]
    made = scenario.from_data({"name": "solaris-check", "seed": seed, "solaris": hosts})
    world = scenario.build(made, clock=Clock(ClockMode.SKIP_IDLE))
    _furnish(world)
    return world


def _furnish(world: World) -> None:
    """Let every server boot from SAN with I/O virtualisation, and add one that is no host."""
    like = world.hardware.servers["moon"]
    disks = [Disk(one.name, one.size, _parts(one)) for one in like.disks]
    world.hardware.servers[PRIMARY] = Server(
        PRIMARY, "127.0.0.71", cpus=like.cpus, memory=like.memory, disks=disks, power=Power.ON
    )
    for server in world.hardware.servers.values():
        server.san_boot = server.io_virtualisation = True


def _parts(disk: Disk) -> list[Partition]:
    return [Partition(part.name, part.role, part.size, part.content) for part in disk.partitions]
