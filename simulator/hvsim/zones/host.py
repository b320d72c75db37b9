"""A host with zones."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from hvsim.behaviours import Chosen
from hvsim.errors import CommandError
from hvsim.hardware import Silence
from hvsim.zones.behaviours import PRODUCT
from hvsim.zones.errors import ZoneError
from hvsim.zones.release import RELEASES
from hvsim.zones.zone import GLOBAL, Phase, State, Zone

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim.hardware import Server
    from hvsim.systems import System
    from hvsim.world import World
    from hvsim.zones.config import Config
    from hvsim.zones.release import Release

MOST_ZONES = 8_192


class ZoneHost:
    """One host: its zones, its system and the machine below.

    Attributes:
        zones: by name, in the order in which they were configured; without the global zone.
        ssh: ``running``, ``stopped`` or ``hung``: the service that answers at its address.
        up: whether the machine has power and the host's system runs on it.
        observers: told when it may have become reachable, or not so.
    """

    def __init__(
        self, world: World, name: str, profile: str, server: Server, system: System
    ) -> None:
        self.world = world
        self.name = name
        self.profile = profile
        self.release: Release = RELEASES[profile]
        self.server = server
        self.system = system
        self.behaviours = Chosen(PRODUCT, profile)
        self.zones: dict[str, Zone] = {}
        self.ssh = "running"
        self.up = True
        self.observers: list[Callable[[], None]] = []
        self.locked: dict[str, tuple[str | None, tuple[str, ...]]] = {}
        """Passwords and keys of accounts that a lab has revoked."""
        self._last_id = 0
        self.settled = False
        """False while it is built: the index file is then written once, at the end."""

    @property
    def path(self) -> str:
        """Where its events' subjects begin."""
        return f"zones/{self.name}"

    @property
    def topic(self) -> str:
        """What is woken whenever a zone of it changes."""
        return f"zones/{self.name}"

    def subject(self, zone: Zone) -> str:
        """Return the path of a zone in the event log."""
        return f"{self.path}/zone/{zone.name}"

    def answers(self) -> Silence | None:
        """Return None when somebody answers at its address, else what a caller sees."""
        silence = self.server.reachable()
        if silence is not None or self.ssh == "running":
            return silence
        return Silence.DROPPED if self.ssh == "hung" else Silence.REFUSED

    def set_ssh(self, state: str) -> None:
        """Let the SSH service run, stop or hang."""
        self.ssh = state
        for tell in self.observers:
            tell()

    def zone(self, name: str) -> Zone:
        """Return a zone; raises ZoneError for an unknown one."""
        try:
            return self.zones[name]
        except KeyError:
            raise ZoneError("no-such-zone", name) from None

    def listed(self) -> list[Zone]:
        """Return the zones without the global one: those in the kernel by ID, then the rest."""
        active = sorted((z for z in self.zones.values() if z.active), key=lambda z: z.id or 0)
        return active + [z for z in self.zones.values() if not z.active]

    def next_id(self) -> int:
        """Return the number of the next zone that the kernel takes."""
        self._last_id += 1
        return self._last_id

    def forget_ids(self) -> None:
        """Count from 1 again, as the kernel does after a restart."""
        self._last_id = 0

    def add(self, name: str, config: Config) -> Zone:
        """Keep the configuration of a zone that was none before."""
        if len(self.zones) >= MOST_ZONES:
            raise ZoneError("too-many-zones", name)
        zone = self.zones[name] = Zone(name, config)
        zone.debug_id = len(self.zones)
        self._tell("add", zone, None, {"state": zone.state, "config": _plain(config)})
        return zone

    def reconfigure(self, zone: Zone, config: Config) -> None:
        """Keep another configuration of a zone."""
        before, zone.config = _plain(zone.config), config
        self._tell("mod", zone, {"config": before}, {"config": _plain(config)})

    def rename(self, zone: Zone, name: str) -> None:
        """Give a zone another name and keep its place among the zones."""
        before = zone.name
        self.zones = {name if one is zone else key: one for key, one in self.zones.items()}
        self.change(zone, name=name)
        self.world.log.append("rename", f"{self.path}/zone/{before}", before, name)

    def remove(self, zone: Zone) -> None:
        """Forget a zone."""
        del self.zones[zone.name]
        self._tell("del", zone, {"state": zone.state}, None)

    def change(self, zone: Zone, **facts: Any) -> None:
        """Change plain facts of a zone; logs what really changed."""
        before = {name: getattr(zone, name) for name in facts}
        after = {name: value for name, value in facts.items() if before[name] != value}
        if after:
            for name, value in after.items():
                setattr(zone, name, value)
            self._tell("mod", zone, {name: before[name] for name in after}, after)

    def progress(self, zone: Zone, phase: str, number: int = 0, total: int = 0) -> None:
        """Note how far an installation is, and wake who watches it."""
        zone.phases.append(Phase(phase, number, total, self.world.now))
        after = {"phase": phase, "number": number, "total": total}
        self.world.log.append("progress", self.subject(zone), None, after, (self.topic,))

    def nodename(self, zone: Zone) -> str:
        """Return what a zone calls itself inside, which need not be its name."""
        files, place = self.system.files, f"{zone.root}/etc/nodename"
        if not files.exists(place):
            return zone.name
        return files.read(place).decode("utf-8", "replace").strip() or zone.name

    def write_index(self) -> None:
        """Write the file that keeps the zones' states, as far as they outlast a restart."""
        lines = [f"{GLOBAL}:installed:/"]
        for zone in self.zones.values():
            state = State.INSTALLED if zone.active else zone.state
            path = zone.config.zonepath.replace(":", "\\:")
            lines.append(":".join((zone.name, state, path, *([zone.uuid] if zone.uuid else ()))))
        text = "\n".join(lines) + "\n"
        self.system.files.write("/etc/zones/index", text.encode())

    def _tell(self, kind: str, zone: Zone, before: Any, after: Any) -> None:
        self.world.log.append(kind, self.subject(zone), before, after, (self.topic,))
        lasting = kind != "mod" or not {"state", "name", "config", "uuid"}.isdisjoint(after or ())
        if self.settled and lasting:
            self.write_index()


def host_of(world: World, name: str) -> ZoneHost:
    """Return a host with zones by its name, or raise :class:`CommandError`."""
    found = world.product(name)
    if not isinstance(found, ZoneHost):
        raise CommandError(f"{name!r} is no host with zones")
    return found


def _plain(config: Config) -> dict[str, Any]:
    resources = [{"kind": one.kind, **one.values} for one in config.resources]
    return {"properties": dict(config.properties), "resources": resources}


def parent(path: str) -> str:
    """Return the directory that a path lies in."""
    return posixpath.dirname(path.rstrip("/")) or "/"
