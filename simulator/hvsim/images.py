"""Images of disks, and servers that take each other's place: what no product's wire offers.

Backup software and server management products do this from outside the hypervisor, so a lab
does it through commands on the simulated hardware.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from hvsim.commands import Command, command
from hvsim.errors import CommandError
from hvsim.hardware import Partition, Power

if TYPE_CHECKING:
    from hvsim.hardware import Server
    from hvsim.world import World


@dataclass(frozen=True, slots=True)
class Piece:
    """One partition in an image: where it lay, its size in bytes and what it held.

    ``content`` is None when the image has the partition's definition but not its content, as for
    swap space.
    """

    disk: str
    partition: str
    role: str
    size: int
    content: str | None


@dataclass(frozen=True, slots=True)
class Image:
    """A backup of some partitions of a server, taken at a simulated ``time``."""

    name: str
    server: str
    time: float
    pieces: tuple[Piece, ...]


@command("server.backup")
class BackUp(Command, frozen=True, kw_only=True):
    """Take an image of partitions of a server (``disk1/host``); all of them when none is named.

    ``definitions`` names partitions of which only the definition is kept, not the content.
    """

    server: str
    image: str
    partitions: list[str] = msgspec.field(default_factory=list)
    definitions: list[str] = msgspec.field(default_factory=list)

    def apply(self, world: World) -> dict[str, Any]:
        """Keep the image; return its name and the number of partitions in it."""
        server = world.hardware.server(self.server)
        if self.image in world.hardware.images:
            raise CommandError(f"there is an image called {self.image!r} already")
        pieces = tuple(self._pieces(server))
        image = Image(self.image, self.server, world.now, pieces)
        world.hardware.images[self.image] = image
        after = {"image": self.image, "partitions": [_place(piece) for piece in pieces]}
        world.log.append("backup", f"server/{self.server}", None, after, topics=("hardware",))
        return {"image": self.image, "partitions": len(pieces)}

    def _pieces(self, server: Server) -> list[Piece]:
        found = _partitions(server)
        _demand_known(server, [*self.partitions, *self.definitions], found)
        wanted = [*self.partitions, *self.definitions] or list(found)
        return [
            _piece(place, partition, whole=place not in self.definitions)
            for place, partition in found.items()
            if place in wanted
        ]


@command("server.restore")
class Restore(Command, frozen=True, kw_only=True):
    """Write an image's partitions back to a server: the one it is of, unless another is named.

    A partition that the disk no longer has is made again; one kept without its content is made
    anew, empty. Partitions that are not in the image stay as they are.
    """

    image: str
    server: str = ""

    def apply(self, world: World) -> dict[str, Any]:
        """Write the contents; return how many partitions were written."""
        image = find_image(world, self.image)
        server = world.hardware.server(self.server or image.server)
        found = _partitions(server)
        _demand_room(server, [piece for piece in image.pieces if _place(piece) not in found])
        for piece in image.pieces:
            partition = found.get(_place(piece)) or _define(server, piece)
            self._write(world, server, piece, partition)
        return {"server": server.name, "partitions": len(image.pieces)}

    def _write(self, world: World, server: Server, piece: Piece, partition: Partition) -> None:
        before, partition.content = partition.content, piece.content or ""
        world.log.append(
            "restore",
            f"server/{server.name}/{_place(piece)}",
            {"content": before},
            {"content": partition.content, "image": self.image},
            topics=("hardware",),
        )


@command("image.delete")
class DeleteImage(Command, frozen=True, kw_only=True):
    """Forget an image."""

    image: str

    def apply(self, world: World) -> None:
        """Drop the image from the store."""
        find_image(world, self.image)
        del world.hardware.images[self.image]
        world.log.append("image-delete", f"image/{self.image}", None, None, topics=("hardware",))


@command("server.exchange")
class Exchange(Command, frozen=True, kw_only=True):
    """Exchange the SAN disks and network identities of two servers that are off.

    What a server management product does when a spare takes the place of its primary, and again
    when the primary gets its place back: the system that booted on one boots on the other.
    """

    primary: str
    spare: str

    def apply(self, world: World) -> None:
        """Exchange them, or refuse with what stands in the way."""
        primary = world.hardware.server(self.primary)
        spare = world.hardware.server(self.spare)
        if primary is spare:
            raise CommandError("a server cannot take its own place")
        for server in (primary, spare):
            _demand_movable(server)
        primary.disks, spare.disks = spare.disks, primary.disks
        primary.nics, spare.nics = spare.nics, primary.nics
        primary.system, spare.system = spare.system, primary.system
        after = {"primary": self.primary, "spare": self.spare}
        for server in (primary, spare):
            subject = f"server/{server.name}"
            world.log.append("exchange", subject, None, after, topics=("hardware",))


def find_image(world: World, name: str) -> Image:
    """Return an image, or raise :class:`CommandError` naming those there are."""
    try:
        return world.hardware.images[name]
    except KeyError:
        known = ", ".join(sorted(world.hardware.images)) or "none"
        raise CommandError(f"no image called {name!r}; there are: {known}") from None


def _demand_movable(server: Server) -> None:
    if server.power is not Power.OFF:
        raise CommandError(f"server {server.name!r} is on; it has to be off")
    if not (server.san_boot and server.io_virtualisation):
        raise CommandError(f"server {server.name!r} does not boot from SAN with I/O virtualisation")


def _demand_known(server: Server, places: list[str], found: dict[str, Partition]) -> None:
    unknown = [place for place in places if place not in found]
    if unknown:
        known = ", ".join(found) or "none"
        raise CommandError(
            f"server {server.name!r} has no partition {unknown[0]!r}; there are: {known}"
        )


def _partitions(server: Server) -> dict[str, Partition]:
    return {
        f"{disk.name}/{partition.name}": partition
        for disk in server.disks
        for partition in disk.partitions
    }


def _demand_room(server: Server, missing: list[Piece]) -> None:
    """Refuse what a server's disks, by name, have no room for."""
    disks = {disk.name: disk for disk in server.disks}
    for name in dict.fromkeys(piece.disk for piece in missing):
        if name not in disks:
            known = ", ".join(disks) or "none"
            raise CommandError(f"server {server.name!r} has no disk {name!r}; there are: {known}")
        used = sum(partition.size for partition in disks[name].partitions)
        wanted = sum(piece.size for piece in missing if piece.disk == name)
        if used + wanted > disks[name].size:
            raise CommandError(f"disk {name!r} of server {server.name!r} has no room for the image")


def _define(server: Server, piece: Piece) -> Partition:
    """Make a partition of an image again."""
    made = Partition(piece.partition, piece.role, piece.size)
    next(disk for disk in server.disks if disk.name == piece.disk).partitions.append(made)
    return made


def _piece(place: str, partition: Partition, *, whole: bool) -> Piece:
    disk, _, name = place.partition("/")
    content = partition.content if whole else None
    return Piece(disk, name, partition.role, partition.size, content)


def _place(piece: Piece) -> str:
    return f"{piece.disk}/{piece.partition}"
