"""What the engine asks of a lab: a simulated datacentre of its own for every check.

A product's lab offers much more, with its own types; its checks are written against that type.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from hvsim_conformance.adapters.model import Credentials, Product, Role
from hvsim_conformance.engine.timeline import TimelineEntry


@dataclass(frozen=True, slots=True)
class LabRequest:
    """Which lab a check wants; the same request gives the same world."""

    check: str
    product: Product
    profile: str
    seed: int


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address that an implementation can register."""

    kind: Product
    address: str
    credentials: Credentials
    role: Role


@dataclass(frozen=True, slots=True)
class TrueHost:
    """A VM host as it really is; `native_id` is the product's own identifier."""

    native_id: str
    name: str
    alive: bool
    in_maintenance: bool


@dataclass(frozen=True, slots=True)
class TrueGuest:
    """A guest as it really is; `state` is the product's own word, `host` a native id."""

    native_id: str
    name: str
    host: str | None
    state: str
    boots: int


@dataclass(frozen=True, slots=True)
class Exchange:
    """One wire exchange; `client` is `harness` for the suite's own calls."""

    seq: int
    at: float
    client: str
    endpoint: str
    call: str
    is_write: bool
    outcome: str


HARNESS = "harness"
"""The client name under which the suite itself acts on a wire."""


class GroundTruth(Protocol):
    """The world itself, past every wire."""

    def hosts(self) -> Sequence[TrueHost]:
        """Return every VM host."""

    def guests(self) -> Sequence[TrueGuest]:
        """Return every guest."""


class WireLog(Protocol):
    """Every exchange on every wire of the lab."""

    def mark(self) -> int:
        """Return the number of the last exchange so far."""

    def since(self, mark: int) -> Sequence[Exchange]:
        """Return the exchanges after a mark."""


class Control(Protocol):
    """The lab's own hands: time, faults, the other tool, and the inside of guests."""

    def now(self) -> float:
        """Return simulated seconds since the lab's beginning."""

    def advance(self, seconds: float) -> None:
        """Let simulated time pass."""

    def perform(self, command: str, subject: str, **arguments: object) -> object:
        """Carry out a command on the world; raises ValueError for one it does not know."""


class Lab(Protocol):
    """One check's own world, with its endpoints listening on ports of their own."""

    @property
    def endpoints(self) -> Sequence[Endpoint]:
        """What the implementation is to register."""

    @property
    def truth(self) -> GroundTruth:
        """The ground truth."""

    @property
    def wire(self) -> WireLog:
        """The wire log."""

    @property
    def control(self) -> Control:
        """The control operations."""

    def timeline(self) -> Sequence[TimelineEntry]:
        """Return commands, wire exchanges and world events in order of simulated time."""

    def close(self) -> None:
        """Stop listening and end every thread."""


class LabFactory(Protocol):
    """Makes the labs of a product."""

    def __call__(self, request: LabRequest) -> Lab:
        """Return a lab that is up and listening."""
