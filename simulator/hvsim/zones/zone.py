"""One zone."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from hvsim.operations import Operation
    from hvsim.zones.config import Config

GLOBAL = "global"


class State(StrEnum):
    """A zone's state, as ``zoneadm list -v`` calls it."""

    CONFIGURED = "configured"
    INCOMPLETE = "incomplete"
    UNAVAILABLE = "unavailable"
    INSTALLED = "installed"
    READY = "ready"
    RUNNING = "running"
    SHUTTING_DOWN = "shutting_down"
    DOWN = "down"


ACTIVE = frozenset({State.READY, State.RUNNING, State.SHUTTING_DOWN, State.DOWN})
"""States in which the kernel has the zone, and it has an ID."""
UNINSTALLED = frozenset({State.CONFIGURED, State.INCOMPLETE, State.UNAVAILABLE})


class Phase(NamedTuple):
    """A step of an installation: ``number`` of ``total`` things are done, ``at`` simulated seconds.

    See :mod:`hvsim.zones.installing` for the names.
    """

    name: str
    number: int
    total: int
    at: float


@dataclass(slots=True)
class Zone:
    """One zone.

    Attributes:
        id: while the kernel has it.
        uuid: from its installation on; empty before.
        busy: the operation that has the zone's lock.
        starting: the operation that brings up the services of a booted zone.
        serves: whether its services are up, so that its console asks for a login.
        stuck: whether its kernel part cannot be taken down.
        storage: whether the storage below its path is there.
        boots: how often it was booted.
        debug_id: number that it keeps over reboots.
        phases: how far an installation under way is, in order.
    """

    name: str
    config: Config
    state: State = State.CONFIGURED
    id: int | None = None
    uuid: str = ""
    busy: Operation | None = None
    starting: Operation | None = None
    serves: bool = False
    stuck: bool = False
    storage: bool = True
    boots: int = 0
    debug_id: int = 0
    phases: list[Phase] = field(default_factory=list)

    @property
    def active(self) -> bool:
        """Whether the kernel has it."""
        return self.state in ACTIVE

    @property
    def root(self) -> str:
        """Directory of its own file system."""
        return f"{self.config.zonepath}/root"

    @property
    def ip_type(self) -> str:
        """``shared`` or ``excl``, as lists say it."""
        return "excl" if self.config.exclusive else "shared"
