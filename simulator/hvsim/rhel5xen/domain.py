"""A domain: what runs on a host, from the moment it is built until it is gone."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hvsim.rhel5xen.configuration import Configuration

IDLE_SHARE = 0.02
"""Processor seconds that a guest with little to do takes in a second."""


class State(StrEnum):
    """What the hypervisor shows of a domain."""

    RUNNING = "running"
    """On a processor."""
    BLOCKED = "blocked"
    """Waiting for something to do: the usual state of a guest."""
    PAUSED = "paused"
    SHUTDOWN = "shutdown"
    """Its system has ended (or stands still to be copied), and it is not cleared away yet."""
    CRASHED = "crashed"
    DYING = "dying"


ALIVE = frozenset({State.RUNNING, State.BLOCKED})


@dataclass(slots=True)
class Domain:
    """One domain of a host.

    Attributes:
        id: number on its host; a new one at every start and arrival. 0 is Domain-0.
        name: as it is shown; while it is copied, ``migrating-<name>``.
        config: what it was built from.
        memory: MiB it has at present; ``maxmem`` the most it may have.
        vcpus: processors that are online.
        started: simulated second at which it was built or arrived on this host.
        busy: what is being done with it (``create``, ``save``, ``migrate``, ``restore``).
        booted: whether its system is up, and hears wishes.
        hung: whether its system does nothing any more.
        asked: the wish that its system has been told and has not fulfilled:
            ``poweroff``, ``reboot`` or ``halt``.
        restarts: how often xend has restarted it, ``restarted`` when last.
        ended: whether it was kept after its end (``preserve``).
        cpu, since: processor seconds up to a moment, and that moment; None while it has none.
    """

    id: int
    name: str
    config: Configuration
    memory: int
    maxmem: int
    vcpus: int
    state: State
    started: float
    busy: str | None = None
    booted: bool = False
    hung: bool = False
    asked: str | None = None
    restarts: int = 0
    restarted: float | None = None
    ended: bool = False
    cpu: float = 0.0
    since: float | None = None

    @property
    def uuid(self) -> str:
        """The guest's identity, the same on whichever host it runs."""
        return self.config.uuid

    @property
    def privileged(self) -> bool:
        """Whether it is Domain-0."""
        return self.id == 0

    @property
    def alive(self) -> bool:
        """Whether its system has processors."""
        return self.state in ALIVE

    @property
    def share(self) -> float:
        """Processor seconds it takes in a second while it runs."""
        return 1.0 * self.vcpus if self.state is State.RUNNING and self.id != 0 else IDLE_SHARE

    def cpu_time(self, now: float) -> float:
        """Return the processor seconds it has had."""
        return self.cpu + (0.0 if self.since is None else (now - self.since) * self.share)

    def shown(self) -> dict[str, Any]:
        """Return it as an event shows it."""
        return {
            "id": self.id,
            "name": self.name,
            "state": self.state,
            "busy": self.busy,
            "memory": self.memory,
            "vcpus": self.vcpus,
            "asked": self.asked,
            "booted": self.booted,
        }
