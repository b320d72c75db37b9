"""The physical servers of a XenServer lab: those of its hosts, and others."""

from typing import Any, Final

from hvsim.hardware import Disk, Nic, Partition, Power, Server
from hvsim.world import World

PRIMARY: Final = "erp"
"""A physical server with a system of its own, and no VM host."""
BARE: Final = ("reserve1", "reserve2")
"""Servers without a system, off, built as the others are."""

_GIB: Final = 2**30
_DISK: Final = 256 * _GIB


def furnish(world: World) -> None:
    """Let every server boot from SAN with I/O virtualisation, and add those that are no host."""
    for server in world.hardware.servers.values():
        server.san_boot = server.io_virtualisation = True
    system = [
        Partition("system", "host", 100 * _GIB, "erp"),
        Partition("swap", "swap", 4 * _GIB),
        Partition("data", "data", 100 * _GIB, "orders"),
    ]
    _add(world, PRIMARY, 31, system, Power.ON)
    for number, name in enumerate(BARE, 41):
        _add(world, name, number, [], Power.OFF)


def _add(world: World, name: str, number: int, parts: list[Partition], power: Power) -> None:
    like = world.hardware.servers["alpha"]
    world.hardware.servers[name] = Server(
        name,
        f"127.0.0.{number}",
        cpus=like.cpus,
        memory=like.memory,
        san_boot=True,
        io_virtualisation=True,
        disks=[Disk("disk1", _DISK, parts), Disk("disk2", _DISK)],
        nics=[Nic("eth0", f"02:00:7f:00:00:{number:02x}", like.nics[0].segment)],
        power=power,
    )


class Machines:
    """What checks see of physical servers, and alter in them."""

    def __init__(self, world: World) -> None:
        self._world = world

    def server(self, name: str) -> Server:
        """Return a server by its name."""
        return self._world.hardware.server(name)

    def alter(self, name: str, **facts: Any) -> None:
        """Build a server otherwise: ``model``, ``bios``, ``raid``, ``san_boot``, ..."""
        with self._world.access():
            for fact, value in facts.items():
                setattr(self.server(name), fact, value)

    def contents(self, name: str) -> dict[str, str]:
        """Return the fingerprint of what every partition of a server holds, by place."""
        with self._world.access():
            return {
                f"{disk.name}/{part.name}": part.content
                for disk in self.server(name).disks
                for part in disk.partitions
            }

    def backed_up(self) -> set[str]:
        """Return the places whose content is in any image."""
        with self._world.access():
            return {
                f"{piece.disk}/{piece.partition}"
                for image in self._world.hardware.images.values()
                for piece in image.pieces
                if piece.content is not None
            }

    def generation(self) -> int:
        """Return the number of the last event so far."""
        return self._world.log.generation

    def changes(self, since: int) -> list[str]:
        """Return what has happened to physical servers after an event."""
        events = self._world.log.since(since)
        return [f"{event.kind} {event.subject}" for event in events if _concerns(event.subject)]


def _concerns(subject: str) -> bool:
    return subject.startswith("server/") and not subject.endswith("/xapi")
