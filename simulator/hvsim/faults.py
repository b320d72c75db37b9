"""Faults of the hardware as commands: servers, links, storage, segments, disks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec

from hvsim.commands import Command, command
from hvsim.hardware import Silence

if TYPE_CHECKING:
    from hvsim.world import World


@command("server.crash")
class ServerCrash(Command, frozen=True, kw_only=True):
    """Cut a server's power as it stands.

    ``silence`` is what its addresses show from then on: ``dropped`` packets, as a dead machine's,
    or ``refused`` connections.
    """

    server: str
    silence: Silence = Silence.DROPPED

    def apply(self, world: World) -> None:
        """Crash it; refused when it is off."""
        world.hardware.crash(self.server, self.silence)


@command("server.boot")
class ServerBoot(Command, frozen=True, kw_only=True):
    """Switch a server on."""

    server: str

    def apply(self, world: World) -> None:
        """Boot it; refused when it is on."""
        world.hardware.boot(self.server)


@command("server.shutdown")
class ServerShutdown(Command, frozen=True, kw_only=True):
    """Shut a server's system down in good order and switch it off."""

    server: str

    def apply(self, world: World) -> None:
        """Shut it down; refused when it is off."""
        world.hardware.shut_down(self.server)


@command("link.cut")
class LinkCut(Command, frozen=True, kw_only=True):
    """Cut a server's management link: its guests run on, but nobody can talk to it."""

    server: str
    silence: Silence = Silence.DROPPED

    def apply(self, world: World) -> None:
        """Cut it; it keeps its latency for when it is mended."""
        server = world.hardware.server(self.server)
        world.hardware.set_link(self.server, self.silence, server.latency)


@command("link.mend")
class LinkMend(Command, frozen=True, kw_only=True):
    """Mend a server's management link, and make it as fast as it was."""

    server: str

    def apply(self, world: World) -> None:
        """Mend it; nothing happens to a good one."""
        world.hardware.set_link(self.server, None)


@command("link.slow")
class LinkSlow(Command, frozen=True, kw_only=True):
    """Make every answer over a server's management link take ``seconds`` longer."""

    server: str
    seconds: Annotated[float, msgspec.Meta(ge=0, le=86_400)]

    def apply(self, world: World) -> None:
        """Slow it; 0 makes it fast again. A cut link stays cut."""
        server = world.hardware.server(self.server)
        world.hardware.set_link(self.server, server.link, self.seconds)


@command("storage.lose")
class StorageLose(Command, frozen=True, kw_only=True):
    """Take away the path to shared storage from one server, or from all."""

    storage: str
    server: str | None = None

    def apply(self, world: World) -> None:
        """Take it; nothing changes for a server without a path."""
        _set_paths(world, self.storage, self.server, up=False)


@command("storage.return")
class StorageReturn(Command, frozen=True, kw_only=True):
    """Give back the path to shared storage to one server, or to all."""

    storage: str
    server: str | None = None

    def apply(self, world: World) -> None:
        """Give it back; nothing changes for a server that has its path."""
        _set_paths(world, self.storage, self.server, up=True)


@command("segment.down")
class SegmentDown(Command, frozen=True, kw_only=True):
    """Take a network segment down."""

    segment: str

    def apply(self, world: World) -> None:
        """Take it down."""
        world.hardware.set_segment(self.segment, up=False)


@command("segment.up")
class SegmentUp(Command, frozen=True, kw_only=True):
    """Bring a network segment up again."""

    segment: str

    def apply(self, world: World) -> None:
        """Bring it up."""
        world.hardware.set_segment(self.segment, up=True)


@command("hardware.fail")
class HardwareFail(Command, frozen=True, kw_only=True):
    """Let a server signal a hardware failure; ``ok`` true is the signal of its repair."""

    server: str
    ok: bool = False

    def apply(self, world: World) -> None:
        """Signal it; the server's system runs on."""
        world.hardware.signal_hardware(self.server, ok=self.ok)


@command("disk.write")
class DiskWrite(Command, frozen=True, kw_only=True):
    """Write to a partition; the answer is the fingerprint of its new content."""

    server: str
    disk: str
    partition: str
    data: str

    def apply(self, world: World) -> str:
        """Write; refused when there is no such partition."""
        return world.hardware.write(self.server, self.disk, self.partition, self.data)


@command("disk.replace")
class DiskReplace(Command, frozen=True, kw_only=True):
    """Put an empty disk of the same size in the place of one: its partitions are gone."""

    server: str
    disk: str

    def apply(self, world: World) -> None:
        """Replace it; refused when there is no such disk."""
        world.hardware.replace_disk(self.server, self.disk)


def _set_paths(world: World, storage: str, server: str | None, *, up: bool) -> None:
    world.hardware.storage(storage)
    names = list(world.hardware.servers) if server is None else [server]
    for name in names:
        world.hardware.set_storage_path(storage, name, up=up)
