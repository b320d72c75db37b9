"""Physical servers together with the VM hosts that run on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from hvsim_conformance.adapters.model import Guest, Host, Outcome, Status, Switch
from hvsim_conformance.reference.hardware.door import Door, Server


class Estate(Protocol):
    """What the part for physical servers asks of the manager."""

    def look(self) -> None:
        """Make an inventory pass."""

    def list_hosts(self) -> Sequence[Host]:
        """Return the VM hosts."""

    def list_guests(self) -> Sequence[Guest]:
        """Return the guests."""

    def address_of(self, host: str) -> str | None:
        """Return the management address of a VM host."""

    def maintenance(self, host: str, switch: Switch, *, move: bool = False) -> Outcome:
        """Set or release a VM host's maintenance mode."""


@dataclass(frozen=True, slots=True)
class Machine:
    """A server, the VM host on it (None: it is none), and the guests that run there."""

    server: Server
    host: Host | None
    guests: tuple[Guest, ...]

    @property
    def name(self) -> str:
        """The server's name."""
        return self.server.name


class Machines:
    """Finds servers by what an implementation's caller knows of them."""

    def __init__(self, estate: Estate, door: Door) -> None:
        self.estate = estate
        self.door = door

    def find(self, known_as: str) -> Machine | None:
        """Return a server by the id of the VM host on it, else by its own name."""
        servers = self.door.servers()
        hosts = {self.estate.address_of(host.id): host for host in self.estate.list_hosts()}
        for server in servers.values():
            host = hosts.get(server.address)
            if known_as in (server.name, host.id if host else server.name):
                return Machine(server, host, self._running_on(host))
        return None

    def _running_on(self, host: Host | None) -> tuple[Guest, ...]:
        """Return the guests of a host but those that are known to be off."""
        if host is None:
            return ()
        guests = self.estate.list_guests()
        return tuple(g for g in guests if g.host == host.id and g.status is not Status.STOP)
