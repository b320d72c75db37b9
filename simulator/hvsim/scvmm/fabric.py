"""What is true on the hosts, whatever VMM shows: Hyper-V, its guests and failover clusters."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from hvsim.errors import CommandError
from hvsim.hardware import Power, Silence

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim.events import EventLog
    from hvsim.hardware import Server
    from hvsim.operations import Operation
    from hvsim.scvmm.release import Windows

RESERVE: Final = 2048
"""Mebibytes that a host keeps for itself."""


class State(StrEnum):
    """What a guest does, in Hyper-V's words."""

    RUNNING = "Running"
    OFF = "Off"
    SAVED = "Saved"
    PAUSED = "Paused"


class Node(StrEnum):
    """What a cluster says of a node."""

    UP = "Up"
    DOWN = "Down"
    PAUSED = "Paused"
    ISOLATED = "Isolated"


@dataclass(slots=True)
class Guest:
    """A virtual machine as Hyper-V has it. Memory in mebibytes, ``disk`` in bytes.

    Attributes:
        guid: Hyper-V's own identifier (``VMId``).
        host: the host that it is registered on, by name.
        clustered: whether it is a resource of the host's cluster.
        online: whether its cluster is to keep it on.
        priority: in which order a cluster starts it (3000 high, 2000 medium, 1000 low, 0 never).
        services: whether integration services run in it.
        hostname, address, system: what its own system calls itself and has.
        reported: the host name that its key-value exchange gives; empty until it has booted.
        answers: False while its system hangs.
        start_action: what the host does with it after a boot, in VMM's words.
        shared: whether its disks lie on storage that every node of the cluster reaches.
        generation: 1 (BIOS) or 2 (UEFI).
        notes: what somebody wrote of it at its host.
        since: when it was turned on or woken, in simulated seconds.
    """

    guid: str
    name: str
    host: str
    state: str = State.OFF
    memory: int = 1024
    cpus: int = 1
    clustered: bool = False
    online: bool = False
    priority: int = 2000
    services: bool = True
    hostname: str = ""
    address: str = ""
    system: str = ""
    reported: str = ""
    answers: bool = True
    boots: int = 0
    disk: int = 0
    shared: bool = False
    start_action: str = "NeverAutoTurnOnVM"
    generation: int = 1
    notes: str = ""
    since: float = 0.0
    booting: Operation | None = None


@dataclass(slots=True)
class Host:
    """A Windows server with Hyper-V.

    Attributes:
        up: whether Windows has booted.
        agent: VMM's agent: ``running``, ``stopped`` or ``hung``; ``hyperv`` its Hyper-V service.
        cluster: the failover cluster it is a node of, and ``node`` what that says of it; ``paused``
            is whether it is to take no roles there, which lasts while it is away.
        clussvc: its cluster service.
        managed: the ID of VMM's record of it; empty when VMM does not manage it.
        watch: what is under way since it fell silent, or booted.
        victims: guests that ran on it when it stopped.
    """

    name: str
    fqdn: str
    server: Server
    windows: Windows
    up: bool = True
    agent: str = "running"
    hyperv: str = "running"
    cluster: str = ""
    node: str = Node.UP
    paused: bool = False
    clussvc: str = "running"
    managed: str = ""
    watch: Operation | None = None
    victims: list[str] = field(default_factory=list)

    @property
    def alive(self) -> bool:
        """Whether its system runs."""
        return self.up and self.server.runs_own_system

    def silence(self) -> Silence | None:
        """Return None when packets reach its system, else what a caller sees."""
        if not self.alive:
            return self.server.silence if self.server.power is Power.OFF else Silence.DROPPED
        return self.server.reachable()

    def works(self) -> bool:
        """Whether it can run guests as a node of its cluster, or by itself."""
        return self.alive and (not self.cluster or self.node in (Node.UP, Node.PAUSED))


@dataclass(slots=True)
class Cluster:
    """A Windows failover cluster; ``voters`` are the nodes whose votes count.

    ``witness`` is whether a disk or a share has a vote as well; ``managed`` VMM's record of it.
    """

    name: str
    fqdn: str
    nodes: list[str] = field(default_factory=list)
    voters: list[str] = field(default_factory=list)
    witness: bool = True
    quorum: bool = True
    managed: str = ""


_QUIET: Final = frozenset({"booting", "watch"})


class Fabric:
    """The hosts, their guests and their clusters.

    Args:
        path: the event log's path of all this.
    """

    def __init__(self, path: str, log: EventLog) -> None:
        self.path = path
        self._log = log
        self.hosts: dict[str, Host] = {}
        self.guests: dict[str, Guest] = {}
        self.clusters: dict[str, Cluster] = {}
        self.on_outside: list[Callable[[Guest], object]] = []
        """Told of a guest that changed without VMM's doing."""
        self.on_host: list[Callable[[], object]] = []
        """Told that what is true of a host has changed."""

    def subject(self, guest: Guest) -> str:
        """Return a guest's path in the event log."""
        return f"{self.path}/guest/{guest.guid}"

    def add(self, guest: Guest) -> None:
        """Let a guest be on its host."""
        self.guests[guest.guid] = guest
        told = {one.name: getattr(guest, one.name) for one in fields(guest)}
        del told["booting"]
        self._log.append("add", self.subject(guest), None, told, (self.path,))

    def remove(self, guest: Guest) -> None:
        """Let a guest be gone from its host."""
        del self.guests[guest.guid]
        told = {"name": guest.name, "host": guest.host}
        self._log.append("del", self.subject(guest), told, None, (self.path,))

    def change(self, guest: Guest, **values: Any) -> None:
        """Change what is true of a guest."""
        self._set(guest, self.subject(guest), values)

    def change_host(self, host: Host, **values: Any) -> None:
        """Change what is true of a host."""
        self._set(host, f"{self.path}/host/{host.name}", values)
        for tell in self.on_host:
            tell()

    def change_cluster(self, cluster: Cluster, **values: Any) -> None:
        """Change what is true of a cluster."""
        self._set(cluster, f"{self.path}/cluster/{cluster.name}", values)

    def outside(self, guest: Guest) -> None:
        """Tell that a guest changed without VMM's doing."""
        for tell in self.on_outside:
            tell(guest)

    def host(self, name: str) -> Host:
        """Return a host by its name or its full name, or raise :class:`CommandError`."""
        for host in self.hosts.values():
            if name.lower() in (host.name.lower(), host.fqdn.lower()):
                return host
        known = ", ".join(self.hosts) or "none"
        raise CommandError(f"no host called {name!r}; there are: {known}")

    def host_on(self, server: str) -> Host | None:
        """Return the host on a physical server, or None."""
        return next((host for host in self.hosts.values() if host.server.name == server), None)

    def guests_on(self, host: str) -> list[Guest]:
        """Return the guests registered on a host."""
        return [guest for guest in self.guests.values() if guest.host == host]

    def free_memory(self, host: Host) -> int:
        """Return the mebibytes that guests may still have on a host."""
        used = sum(
            guest.memory
            for guest in self.guests.values()
            if guest.host == host.name and guest.state in (State.RUNNING, State.PAUSED)
        )
        return host.server.memory // 2**20 - RESERVE - used

    def _set(self, thing: Any, subject: str, values: dict[str, Any]) -> None:
        before = {key: getattr(thing, key) for key in values if getattr(thing, key) != values[key]}
        for key in before:
            setattr(thing, key, values[key])
        if before:
            after = {key: values[key] for key in before}
            self._log.append("mod", subject, before, after, (self.path,))
