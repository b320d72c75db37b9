"""What an implementation under test offers, as Python protocols."""

from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

from hvsim_conformance.adapters.model import (
    Capabilities,
    Credentials,
    Guest,
    Host,
    Monitoring,
    MoveMode,
    Outcome,
    PowerAction,
    Product,
    Role,
    Session,
    Switch,
    Terms,
)


class Implementation(Protocol):
    """A manager of virtual machines, opened for one check.

    A command ends when its effect is complete and answers an `Outcome`. `Refused` promises that no
    write reached an endpoint. `refresh` ends when one full inventory pass is done. An exception is
    a fault of the implementation and gives the verdict `error`.
    """

    def capabilities(self) -> Capabilities:
        """Products handled and optional features."""

    def register(
        self, kind: Product, address: str, credentials: Credentials, role: Role
    ) -> Outcome:
        """Take what an address is (see `Role`) under management; `Done.value` is its id."""

    def unregister(self, registration: str) -> Outcome:
        """Let go of a registration."""

    def refresh(self) -> Outcome:
        """Make one full inventory pass."""

    def list_hosts(self) -> Sequence[Host]:
        """VM hosts as of the last refresh."""

    def list_guests(self) -> Sequence[Guest]:
        """VM guests as of the last refresh."""

    def power(self, guest: str, action: PowerAction, *, force: bool = False) -> Outcome:
        """Power a guest (by `Guest.id`) on, off, or reboot it."""

    def migrate(self, guest: str, host: str, mode: MoveMode) -> Outcome:
        """Move a guest to a host, with its power on or off."""

    def maintenance(self, host: str, switch: Switch, *, move: bool = False) -> Outcome:
        """Set or release a host's maintenance mode, with `move` emptying it in the same step.

        For a server that is no VM host it is the manager's own maintenance: nothing is done about
        a failure of the server, and it stands in for no other.
        """

    def close(self) -> None:
        """End every connection; no further call follows."""


@runtime_checkable
class SpareOperations(Protocol):
    """The optional feature `spare`.

    A server goes by its host id when it is a managed VM host, and otherwise by the name that the
    registered hardware gives it. An implementation may switch over by itself in `refresh`.
    """

    def assign_spare(self, primary: str, spare: str) -> Outcome:
        """Name one more spare for a physical server; `Done.value` is a warning, if there is one."""

    def switchover(self, primary: str) -> Outcome:
        """Boot the primary's system on a spare's machine."""

    def failback(self, primary: str) -> Outcome:
        """Give the primary its place back."""


@runtime_checkable
class BackupOperations(Protocol):
    """The optional feature `backup`, of VM hosts behind the registered hardware."""

    def backup_host(self, host: str) -> Outcome:
        """Take an image of a host's disks; `Done.value` is the image's id."""

    def restore_host(self, host: str, image: str) -> Outcome:
        """Write an image back."""


@runtime_checkable
class TermsOperation(Protocol):
    """The optional feature `terms`."""

    def describe_terms(self) -> Sequence[Terms]:
        """Return what each product's features are called."""


@runtime_checkable
class CycleOperation(Protocol):
    """The optional feature `cycles`, of implementations that read each registration in its time."""

    def cycle(self, registration: str) -> Outcome:
        """Let the time come at which a registration is read anew, and no other one is."""


@runtime_checkable
class MonitoringOperation(Protocol):
    """The optional feature `monitoring`."""

    def describe_monitoring(self) -> Sequence[Monitoring]:
        """Return of each kind of thing whether its status and its events are followed."""


class AdapterHost(Protocol):
    """A source of implementations: a fresh one for every check."""

    def open(self, session: Session) -> Implementation:
        """Return an implementation without any memory; raises AdapterError."""

    def stderr(self) -> str:
        """Return the end of what the adapter wrote on its standard error, where captured."""

    def close(self) -> None:
        """End the adapter."""


Factory = Callable[[Session], Implementation]
