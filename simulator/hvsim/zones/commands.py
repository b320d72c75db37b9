"""What somebody on a host does to its zones, as journalled commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim.commands import Command, command
from hvsim.zones import configuring, installing, power, rules
from hvsim.zones.config import Config
from hvsim.zones.errors import ZoneError
from hvsim.zones.host import ZoneHost, host_of
from hvsim.zones.zone import State

if TYPE_CHECKING:
    from hvsim.operations import Operation
    from hvsim.world import World
    from hvsim.zones.zone import Zone


class ZoneCommand(Command, frozen=True, kw_only=True):
    """Something about the zone called ``zone`` on ``host``; each raises ZoneError to refuse."""

    host: str
    zone: str


@command("zone.boot")
class BootZone(ZoneCommand, frozen=True, kw_only=True):
    """Boot a zone."""

    def apply(self, world: World) -> Operation:
        """Begin it."""
        return power.boot(host_of(world, self.host), self.zone)


@command("zone.ready")
class ReadyZone(ZoneCommand, frozen=True, kw_only=True):
    """Prepare a zone's virtual platform."""

    def apply(self, world: World) -> Operation:
        """Begin it."""
        return power.ready(host_of(world, self.host), self.zone)


@command("zone.halt")
class HaltZone(ZoneCommand, frozen=True, kw_only=True):
    """Halt a zone."""

    def apply(self, world: World) -> Operation:
        """Begin it."""
        return power.halt(host_of(world, self.host), self.zone)


@command("zone.reboot")
class RebootZone(ZoneCommand, frozen=True, kw_only=True):
    """Halt a zone and boot it."""

    def apply(self, world: World) -> Operation:
        """Begin it."""
        return power.reboot(host_of(world, self.host), self.zone)


@command("zone.shutdown")
class ShutDownZone(ZoneCommand, frozen=True, kw_only=True):
    """Shut a zone down in good order; ``reboot`` boots it again. Not on Solaris 10."""

    reboot: bool = False

    def apply(self, world: World) -> Operation:
        """Begin it."""
        host = host_of(world, self.host)
        if "zoneadm-has-shutdown" not in host.behaviours:
            raise ZoneError("unknown-command", "shutdown")
        return power.shutdown(host, self.zone, again=self.reboot)


@command("zone.install")
class InstallZone(ZoneCommand, frozen=True, kw_only=True):
    """Install a zone; ``nodename`` is what its system calls itself (its name, when empty)."""

    nodename: str = ""

    def apply(self, world: World) -> Operation:
        """Begin it."""
        return installing.install(host_of(world, self.host), self.zone, self.nodename or None)


@command("zone.clone")
class CloneZone(ZoneCommand, frozen=True, kw_only=True):
    """Install a zone as a copy of ``source``."""

    source: str

    def apply(self, world: World) -> Operation:
        """Begin it."""
        return installing.clone(host_of(world, self.host), self.zone, self.source)


@command("zone.uninstall")
class UninstallZone(ZoneCommand, frozen=True, kw_only=True):
    """Remove what lies in a zone."""

    def apply(self, world: World) -> Operation:
        """Begin it."""
        return installing.uninstall(host_of(world, self.host), self.zone)


@command("zone.detach")
class DetachZone(ZoneCommand, frozen=True, kw_only=True):
    """Let go of what lies in a zone."""

    def apply(self, world: World) -> Operation:
        """Begin it."""
        return installing.detach(host_of(world, self.host), self.zone)


@command("zone.attach")
class AttachZone(ZoneCommand, frozen=True, kw_only=True):
    """Take what lies at a zone's path as its system."""

    force: bool = False

    def apply(self, world: World) -> Operation:
        """Begin it."""
        return installing.attach(host_of(world, self.host), self.zone, force=self.force)


@command("zone.move")
class MoveZone(ZoneCommand, frozen=True, kw_only=True):
    """Move a zone to the directory ``path``."""

    path: str

    def apply(self, world: World) -> Operation:
        """Begin it."""
        return installing.move(host_of(world, self.host), self.zone, self.path)


@command("zone.mark")
class MarkZone(ZoneCommand, frozen=True, kw_only=True):
    """Say of a zone that it is ``incomplete`` or ``unavailable``."""

    state: State

    def apply(self, world: World) -> None:
        """Change the state."""
        host = host_of(world, self.host)
        known = {State.INCOMPLETE}
        if "zones-can-be-unavailable" in host.behaviours:
            known.add(State.UNAVAILABLE)
        if self.state not in known:
            raise ZoneError("bad-mark", self.state)
        installing.mark(host, self.zone, self.state)


@command("zone.configure")
class ConfigureZone(ZoneCommand, frozen=True, kw_only=True):
    """Keep a configuration, of a new zone or in place of one; ``name`` renames the zone."""

    config: Config
    name: str = ""

    def apply(self, world: World) -> None:
        """Judge it and keep it."""
        host = host_of(world, self.host)
        configuring.commit(host, self.zone, self.config.copy(), self.name)


@command("zone.delete")
class DeleteZone(ZoneCommand, frozen=True, kw_only=True):
    """Forget a zone's configuration; with ``force`` an installed one's as well."""

    force: bool = False

    def apply(self, world: World) -> None:
        """Forget it."""
        configuring.delete(host_of(world, self.host), self.zone, force=self.force)


class _Inside(ZoneCommand, frozen=True, kw_only=True):
    """Something that happens inside a zone, or to it, without anybody on the host."""

    def find(self, world: World) -> tuple[ZoneHost, Zone]:
        """Return host and zone."""
        host = host_of(world, self.host)
        return host, host.zone(self.zone)


@command("zone.inside-shutdown")
class InsideShutdown(_Inside, frozen=True, kw_only=True):
    """Somebody in a running zone shuts it down, or reboots it; works on every release."""

    reboot: bool = False

    def apply(self, world: World) -> Operation:
        """Begin it."""
        host, zone = self.find(world)
        if zone.state is not State.RUNNING:
            raise ZoneError("not-running")
        rules.demand_free(zone)
        return power.shutdown(host, zone.name, again=self.reboot)


@command("zone.inside-nodename")
class InsideNodename(_Inside, frozen=True, kw_only=True):
    """Somebody in a zone gives its system another node name."""

    nodename: str

    def apply(self, world: World) -> None:
        """Write it."""
        host, zone = self.find(world)
        host.system.files.write(f"{zone.root}/etc/nodename", f"{self.nodename}\n".encode())
        world.log.append("nodename", host.subject(zone), None, {"nodename": self.nodename})


@command("zone.stick")
class StickZone(_Inside, frozen=True, kw_only=True):
    """Let the kernel be unable to take a zone down: it stays ``down`` when it is halted.

    ``stuck`` false mends it; what is down already has to be halted once more.
    """

    stuck: bool = True

    def apply(self, world: World) -> None:
        """Change it."""
        host, zone = self.find(world)
        host.change(zone, stuck=self.stuck)


@command("zone.storage")
class ZoneStorage(_Inside, frozen=True, kw_only=True):
    """Take away the storage below a zone's path, or give it back (``up``)."""

    up: bool

    def apply(self, world: World) -> None:
        """Change it; shows when the zone, or its host, is booted next."""
        host, zone = self.find(world)
        host.change(zone, storage=self.up)
