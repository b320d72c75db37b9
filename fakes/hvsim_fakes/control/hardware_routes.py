"""Simulated hardware: servers, disks and their images, storage and network segments."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from hvsim.errors import CommandError
from hvsim.hardware import Disk, Nic, Power, Silence
from hvsim.images import BackUp, DeleteImage, Exchange, Piece, Restore
from hvsim_fakes.control.api import Ask, Body, Facts, route
from hvsim_fakes.control.command_routes import CommandDone, carry_out
from hvsim_fakes.control.problems import Problem

if TYPE_CHECKING:
    from hvsim.hardware import Segment, Server, SharedStorage
    from hvsim.images import Image
    from hvsim.world import World


class ServerState(Facts, frozen=True, kw_only=True):
    """A physical server; sizes in bytes, ``latency`` in seconds.

    ``reachable`` is whether packets reach its system at all; ``silence`` and ``link`` say what a
    caller sees otherwise. ``system`` names the server whose system lies on its disks.
    """

    name: str
    address: str
    power: Power
    reachable: bool
    silence: Silence
    link: Silence | None
    latency: float
    hardware_ok: bool
    system: str
    cpus: int
    memory: int
    model: str
    bios: str
    raid: str
    san_boot: bool
    io_virtualisation: bool
    disks: list[Disk]
    nics: list[Nic]


class StorageState(Facts, frozen=True, kw_only=True):
    """Shared storage and the servers that lost their path to it."""

    name: str
    size: int
    protocol: str
    lost: list[str]


class SegmentState(Facts, frozen=True, kw_only=True):
    """A network segment; ``vlan`` -1 is untagged."""

    name: str
    vlan: int
    up: bool


class ImageState(Facts, frozen=True, kw_only=True):
    """An image of partitions: of which server, and when it was taken."""

    name: str
    server: str
    time: float
    pieces: list[Piece]


class BackUpBody(Body, frozen=True, kw_only=True):
    """What goes into an image: partitions (``disk1/host``), all when none is named."""

    image: str | None = None
    partitions: list[str] = msgspec.field(default_factory=list)
    definitions: list[str] = msgspec.field(default_factory=list)


class RestoreBody(Body, frozen=True, kw_only=True):
    """Which image to write back."""

    image: str


class ExchangeBody(Body, frozen=True, kw_only=True):
    """The server whose place is taken."""

    primary: str


@route("GET", "/v1/servers", gives=list[ServerState])
def list_servers(ask: Ask) -> list[ServerState]:
    """List the physical servers."""
    with ask.world.access():
        return [_server(server) for server in ask.world.hardware.servers.values()]


@route("GET", "/v1/servers/{server}", gives=ServerState)
def get_server(ask: Ask) -> ServerState:
    """Look at a physical server, with what its partitions hold."""
    with ask.world.access():
        return _server(_found(ask.world, ask.place["server"]))


@route("POST", "/v1/servers/{server}/backup", body=BackUpBody, gives=CommandDone)
def back_up_server(ask: Ask) -> CommandDone:
    """Take an image of a server's partitions."""
    _found(ask.world, ask.place["server"])
    wish: BackUpBody = ask.body
    item = BackUp(
        server=ask.place["server"],
        image=wish.image or _free_name(ask.world, ask.place["server"]),
        partitions=wish.partitions,
        definitions=wish.definitions,
    )
    return carry_out(ask.world, item)


@route("POST", "/v1/servers/{server}/restore", body=RestoreBody, gives=CommandDone)
def restore_server(ask: Ask) -> CommandDone:
    """Write an image's partitions back to a server."""
    _found(ask.world, ask.place["server"])
    return carry_out(ask.world, Restore(image=ask.body.image, server=ask.place["server"]))


@route("POST", "/v1/servers/{server}/take-over", body=ExchangeBody, gives=CommandDone)
def take_over(ask: Ask) -> CommandDone:
    """Let a spare server take the place of another: exchange SAN disks and identities."""
    _found(ask.world, ask.place["server"])
    item = Exchange(primary=ask.body.primary, spare=ask.place["server"])
    return carry_out(ask.world, item)


@route("GET", "/v1/images", gives=list[ImageState])
def list_images(ask: Ask) -> list[ImageState]:
    """List the images of disks."""
    with ask.world.access():
        return [_image(image) for image in ask.world.hardware.images.values()]


@route("DELETE", "/v1/images/{image}", gives=CommandDone)
def delete_image(ask: Ask) -> CommandDone:
    """Forget an image."""
    if ask.place["image"] not in ask.world.hardware.images:
        raise Problem(404, f"There is no image called {ask.place['image']!r}.")
    return carry_out(ask.world, DeleteImage(image=ask.place["image"]))


@route("GET", "/v1/storages", gives=list[StorageState])
def list_storages(ask: Ask) -> list[StorageState]:
    """List shared storage."""
    with ask.world.access():
        return [_storage(storage) for storage in ask.world.hardware.storages.values()]


@route("GET", "/v1/segments", gives=list[SegmentState])
def list_segments(ask: Ask) -> list[SegmentState]:
    """List network segments."""
    with ask.world.access():
        return [_segment(segment) for segment in ask.world.hardware.segments.values()]


def _found(world: World, name: str) -> Server:
    try:
        return world.hardware.server(name)
    except CommandError as error:
        raise Problem(404, str(error)) from None


def _free_name(world: World, server: str) -> str:
    number = 1
    while f"{server}-{number}" in world.hardware.images:
        number += 1
    return f"{server}-{number}"


def _server(server: Server) -> ServerState:
    return ServerState(
        name=server.name,
        address=server.address,
        power=server.power,
        reachable=server.reachable() is None,
        silence=server.silence,
        link=server.link,
        latency=server.latency,
        hardware_ok=server.hardware_ok,
        system=server.system,
        cpus=server.cpus,
        memory=server.memory,
        model=server.model,
        bios=server.bios,
        raid=server.raid,
        san_boot=server.san_boot,
        io_virtualisation=server.io_virtualisation,
        disks=server.disks,
        nics=server.nics,
    )


def _storage(storage: SharedStorage) -> StorageState:
    return StorageState(
        name=storage.name, size=storage.size, protocol=storage.protocol, lost=sorted(storage.lost)
    )


def _segment(segment: Segment) -> SegmentState:
    return SegmentState(name=segment.name, vlan=segment.vlan, up=segment.up)


def _image(image: Image) -> ImageState:
    return ImageState(
        name=image.name, server=image.server, time=image.time, pieces=list(image.pieces)
    )
