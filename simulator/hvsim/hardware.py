"""The physical datacentre: servers, disks, network segments, links and shared storage.

Plain data; every change goes through :class:`Hardware`, which logs it and tells the products.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import blake2b
from typing import TYPE_CHECKING, TypeVar

from hvsim.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim.events import EventLog
    from hvsim.images import Image

_T = TypeVar("_T")


class Power(StrEnum):
    """Power of a physical server."""

    ON = "on"
    OFF = "off"


class Silence(StrEnum):
    """What somebody who connects to an address sees when nobody serves it."""

    REFUSED = "refused"
    """The connection is refused at once (the machine lives, the service does not)."""
    DROPPED = "dropped"
    """Packets vanish: no answer ever (a dead machine, a firewall, a cut cable)."""


@dataclass(slots=True)
class Partition:
    """A part of a disk; ``content`` is the fingerprint of what it holds."""

    name: str
    role: str
    size: int
    content: str = ""


@dataclass(slots=True)
class Disk:
    """A disk of a server; the first one is the boot disk. Sizes in bytes."""

    name: str
    size: int
    partitions: list[Partition] = field(default_factory=list)


@dataclass(slots=True)
class Nic:
    """A network interface and the segment it is plugged into."""

    name: str
    mac: str
    segment: str


@dataclass(slots=True)
class Server:
    """A physical machine.

    Attributes:
        address: IPv4 address of its management interface.
        silence: what its address shows while it is off or its service is down.
        link: None while its management link is up, else what its address shows.
        hardware_ok: False after a hardware failure was signalled.
        system: name of the server whose system lies on its disks: its own, unless it has taken
            another's place.
        latency: seconds added to every answer over its management link.
    """

    name: str
    address: str
    cpus: int = 8
    memory: int = 64 * 2**30
    model: str = "generic"
    bios: str = "1.0"
    raid: str = "none"
    san_boot: bool = False
    io_virtualisation: bool = False
    disks: list[Disk] = field(default_factory=list)
    nics: list[Nic] = field(default_factory=list)
    power: Power = Power.ON
    silence: Silence = Silence.DROPPED
    link: Silence | None = None
    latency: float = 0.0
    hardware_ok: bool = True
    system: str = ""

    def __post_init__(self) -> None:
        self.system = self.system or self.name

    @property
    def runs_own_system(self) -> bool:
        """Whether it has power and no other server's system."""
        return self.power is Power.ON and self.system == self.name

    def reachable(self) -> Silence | None:
        """Return None when packets reach its system, else what a caller sees."""
        if self.power is Power.OFF:
            return self.silence
        return self.link


@dataclass(slots=True)
class SharedStorage:
    """Storage that several servers reach. ``lost`` names the servers that lost their path."""

    name: str
    size: int
    protocol: str = "nfs"
    lost: set[str] = field(default_factory=set)

    def reached_by(self, server: str) -> bool:
        """Whether the server has a path to it."""
        return server not in self.lost


@dataclass(slots=True)
class Segment:
    """A network segment; ``vlan`` -1 is untagged."""

    name: str
    vlan: int = -1
    up: bool = True


@dataclass(frozen=True, slots=True)
class Change:
    """What products are told: ``kind`` as in the event log, and the names concerned."""

    kind: str
    server: str = ""
    storage: str = ""
    segment: str = ""


class Hardware:
    """The machines of a datacentre and what can happen to them."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._observers: list[Callable[[Change], None]] = []
        self.servers: dict[str, Server] = {}
        self.storages: dict[str, SharedStorage] = {}
        self.segments: dict[str, Segment] = {}
        self.images: dict[str, Image] = {}
        """Backups of disks, by name; see :mod:`hvsim.images`."""

    def observe(self, observer: Callable[[Change], None]) -> None:
        """Call ``observer`` after every later change, in order of registration."""
        self._observers.append(observer)

    def server(self, name: str) -> Server:
        """Return a server, or raise :class:`CommandError` naming those there are."""
        return _find(self.servers, name, "server")

    def storage(self, name: str) -> SharedStorage:
        """Return shared storage, or raise :class:`CommandError` naming what there is."""
        return _find(self.storages, name, "storage")

    def segment(self, name: str) -> Segment:
        """Return a network segment, or raise :class:`CommandError` naming those there are."""
        return _find(self.segments, name, "segment")

    def crash(self, name: str, silence: Silence) -> None:
        """Cut a server's power as it stands."""
        server = self.server(name)
        server.silence = silence
        self._set_power(server, Power.OFF, "crash")

    def boot(self, name: str) -> None:
        """Give a server power; what runs on it starts as its product decides."""
        self._set_power(self.server(name), Power.ON, "boot")

    def shut_down(self, name: str) -> None:
        """Power a server off after its system has ended in good order."""
        self._set_power(self.server(name), Power.OFF, "shutdown")

    def set_link(self, name: str, link: Silence | None, latency: float = 0.0) -> None:
        """Cut (or mend, with None) the management link of a server, or slow it by seconds."""
        server = self.server(name)
        before = {"link": server.link, "latency": server.latency}
        server.link, server.latency = link, latency
        after = {"link": link, "latency": latency}
        self._tell("link", f"server/{name}", before, after, Change("link", server=name))

    def set_storage_path(self, storage: str, server: str, *, up: bool) -> None:
        """Take or give back a server's path to shared storage."""
        found = self.storage(storage)
        self.server(server)
        before = found.reached_by(server)
        (found.lost.discard if up else found.lost.add)(server)
        change = Change("storage-path", server=server, storage=storage)
        subject = f"storage/{storage}/{server}"
        self._tell("storage-path", subject, {"up": before}, {"up": up}, change)

    def set_segment(self, name: str, *, up: bool) -> None:
        """Take a network segment down or up."""
        segment = self.segment(name)
        before, segment.up = segment.up, up
        change = Change("segment", segment=name)
        self._tell("segment", f"segment/{name}", {"up": before}, {"up": up}, change)

    def signal_hardware(self, name: str, *, ok: bool) -> None:
        """Let a server report a hardware failure, or its repair."""
        server = self.server(name)
        before, server.hardware_ok = server.hardware_ok, ok
        change = Change("hardware", server=name)
        self._tell("hardware", f"server/{name}", {"ok": before}, {"ok": ok}, change)

    def write(self, server: str, disk: str, partition: str, data: str) -> str:
        """Write to a partition; return the fingerprint of its new content (hexadecimal)."""
        found = self.partition(server, disk, partition)
        seed = f"{found.content}/{data}".encode()
        before, found.content = found.content, blake2b(seed, digest_size=8).hexdigest()
        subject = f"server/{server}/{disk}/{partition}"
        change = Change("write", server=server)
        self._tell("write", subject, {"content": before}, {"content": found.content}, change)
        return found.content

    def replace_disk(self, server: str, disk: str) -> None:
        """Put an empty disk of the same size in the place of one."""
        found = self.disk(server, disk)
        before, found.partitions = [part.name for part in found.partitions], []
        change = Change("replace", server=server)
        subject = f"server/{server}/{disk}"
        self._tell("replace", subject, {"partitions": before}, {"partitions": []}, change)

    def disk(self, server: str, disk: str) -> Disk:
        """Return a server's disk, or raise :class:`CommandError`."""
        return _find({found.name: found for found in self.server(server).disks}, disk, "disk")

    def partition(self, server: str, disk: str, partition: str) -> Partition:
        """Return a partition of a server's disk, or raise :class:`CommandError`."""
        partitions = {found.name: found for found in self.disk(server, disk).partitions}
        return _find(partitions, partition, "partition")

    def _set_power(self, server: Server, power: Power, kind: str) -> None:
        if server.power is power:
            raise CommandError(f"server {server.name!r} is already {power}")
        before, server.power = server.power, power
        change = Change(kind, server=server.name)
        self._tell(kind, f"server/{server.name}", {"power": before}, {"power": power}, change)

    def _tell(self, kind: str, subject: str, before: object, after: object, what: Change) -> None:
        self._log.append(kind, subject, before, after, topics=("hardware",))
        for observer in self._observers:
            observer(what)


def _find(things: dict[str, _T], name: str, noun: str) -> _T:
    try:
        return things[name]
    except KeyError:
        known = ", ".join(sorted(things)) or "none"
        raise CommandError(f"no {noun} called {name!r}; there are: {known}") from None
