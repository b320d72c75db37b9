"""A host with nothing but the standard tools."""

from hvsim.systems import Account, add_system
from hvsim.world import World
from hvsim_fakes.shell.program import Host, Registry
from hvsim_fakes.shell.standard import STANDARD


def plain_host(seed: int = 1) -> Host:
    world = World(seed)
    accounts = [
        Account("root", 0, 0, home="/root", group="root"),
        Account("bob", 100, 10, home="/home/bob", group="staff"),
    ]
    system = add_system(world, "box/h1", "h1", accounts)
    with world.access():
        system.files.set_owner("/home/bob", 100, 10)
    return Host(world, system, Registry(STANDARD), "box", "box1")
