"""The server room: spares and images behind one door, whose refusals are outcomes."""

from collections.abc import Callable
from contextlib import suppress

from hvsim_conformance.adapters.model import Credentials, Failed, Outcome, Reason, Switch
from hvsim_conformance.reference.hardware.backups import Backups
from hvsim_conformance.reference.hardware.door import Door, DoorError
from hvsim_conformance.reference.hardware.machines import Estate
from hvsim_conformance.reference.hardware.spares import Spares


class ServerRoom:
    """The physical servers that a registered door leads to.

    Args:
        estate: the manager, for what runs on the servers.
        address, credentials: of the control plane.
    """

    spares_kind: type[Spares] = Spares
    backups_kind: type[Backups] = Backups

    def __init__(self, estate: Estate, address: str, credentials: Credentials) -> None:
        door = Door(address, credentials)
        self.spares = self.spares_kind(estate, door)
        self.backups = self.backups_kind(estate, door)

    def watch(self) -> None:
        """Let spares take the place of what has failed; a silent door stops nobody."""
        with suppress(DoorError):
            self.spares.watch()

    def assign_spare(self, primary: str, spare: str) -> Outcome:
        """Name a spare server for a physical server."""
        return _tried(lambda: self.spares.assign(primary, spare))

    def switchover(self, primary: str) -> Outcome:
        """Let the spare take the primary's place."""
        return _tried(lambda: self.spares.switch_over(primary))

    def failback(self, primary: str) -> Outcome:
        """Give the primary its place back."""
        return _tried(lambda: self.spares.fail_back(primary))

    def rest(self, server: str, switch: Switch) -> Outcome:
        """Put a server under the manager's own maintenance, or take it out again."""
        return _tried(lambda: self.spares.rest(server, switch))

    def backup_host(self, host: str) -> Outcome:
        """Take an image of a host's boot disk."""
        return _tried(lambda: self.backups.back_up(host))

    def restore_host(self, host: str, image: str) -> Outcome:
        """Write an image back to its host."""
        return _tried(lambda: self.backups.restore(host, image))


def _tried(action: Callable[[], Outcome]) -> Outcome:
    try:
        return action()
    except DoorError as problem:
        return Failed(Reason.NATIVE_ERROR, str(problem))
