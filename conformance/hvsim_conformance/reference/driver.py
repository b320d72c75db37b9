"""What the reference manager asks of the part that knows one product."""

from collections.abc import Sequence
from typing import Protocol

from hvsim_conformance.adapters.model import (
    Guest,
    Host,
    MoveMode,
    Outcome,
    PowerAction,
    Switch,
    Terms,
)


class Driver(Protocol):
    """One registered endpoint: its inventory as of the last refresh, and operations on it."""

    terms: Terms

    def refresh(self) -> None:
        """Make one inventory pass; an endpoint that cannot be reached is no error."""

    def hosts(self) -> Sequence[Host]:
        """Return the hosts as of the last refresh."""

    def guests(self) -> Sequence[Guest]:
        """Return the guests as of the last refresh."""

    def address_of(self, host: str) -> str | None:
        """Return the management address of a host, None for one that is not known."""

    def power(self, guest: str, action: PowerAction, *, force: bool) -> Outcome:
        """Power a guest on, off, or reboot it."""

    def migrate(self, guest: str, host: str, mode: MoveMode) -> Outcome:
        """Move a guest to a host."""

    def maintenance(self, host: str, switch: Switch, *, move: bool) -> Outcome:
        """Set or release a host's maintenance mode."""

    def close(self) -> None:
        """Let go of the endpoint."""
