"""Mutants that are confused by moves made outside (EXT-*)."""

from hvsim_conformance.adapters.model import (
    Credentials,
    Failed,
    Outcome,
    PowerAction,
    Reason,
    Session,
    Status,
)
from hvsim_conformance.mutants.drivers import broken_xenserver
from hvsim_conformance.reference.xenserver.driver import XenServerDriver
from hvsim_conformance.reference.xenserver.inventory import GuestFacts


class _Remembers(XenServerDriver):
    """Remembers where it saw every guest first."""

    def __init__(self, address: str, credentials: Credentials, session: Session) -> None:
        super().__init__(address, credentials, session)
        self.first: dict[str, str | None] = {}

    def note_name(self, guest: GuestFacts) -> None:
        """Keep the first host as well."""
        super().note_name(guest)
        self.first.setdefault(guest.uuid, guest.resident_on)


@broken_xenserver("xs-outside-wrong-guest", breaks="EXT-1")
class TakesWhoIsThere(XenServerDriver):
    """Looks for a guest on the host where it last saw it, and takes whom it finds there."""

    def _look(self, uuid: str) -> tuple[str, GuestFacts]:
        seen, fresh = self.inventory.guests[uuid], self._take()
        there = [guest for guest in fresh.guests.values() if guest.resident_on == seen.resident_on]
        there.sort(key=lambda guest: guest.uuid != uuid)
        found = there[0]
        return self.connection.read("VM.get_by_uuid", found.uuid), found


@broken_xenserver("xs-outside-not-followed", breaks="EXT-2")
class NeverLooksAgain(_Remembers):
    """Shows a guest for ever where it saw it first."""

    def home_of(self, guest: GuestFacts) -> str | None:
        """Return the first host."""
        return self.first.get(guest.uuid) or super().home_of(guest)


@broken_xenserver("xs-outside-never-forgiven", breaks="EXT-3")
class NeverForgives(_Remembers):
    """Refuses to operate on a guest that was moved, even after a refresh."""

    def check_place(self, seen: GuestFacts, now: GuestFacts) -> Failed | None:
        """Give up when the guest is not where it was first."""
        if self.first.get(now.uuid) != now.resident_on:
            return Failed(Reason.GUEST_MOVED, "another tool moved the guest")
        return None


@broken_xenserver("xs-outside-dead-host", breaks="EXT-4")
class StaysWithTheDead(_Remembers):
    """Shows a guest with the host that died, though HA has started it elsewhere."""

    def home_of(self, guest: GuestFacts) -> str | None:
        """Return the first host when it is dead."""
        first = self.first.get(guest.uuid)
        host = self.inventory.hosts.get(first or "")
        return first if host is not None and not host.live else super().home_of(guest)


@broken_xenserver("xs-outside-wishful", breaks="EXT-5")
class BelievesItsWishes(XenServerDriver):
    """Shows a guest that it wanted to shut down as stopped, whatever came of it."""

    def __init__(self, address: str, credentials: Credentials, session: Session) -> None:
        super().__init__(address, credentials, session)
        self.wished: set[str] = set()

    def power(self, guest: str, action: PowerAction, *, force: bool) -> Outcome:
        """Note the wish."""
        if action is PowerAction.OFF:
            self.wished.add(guest)
        return super().power(guest, action, force=force)

    def power_status(self, guest: GuestFacts) -> Status:
        """Return the wish."""
        return Status.STOP if guest.uuid in self.wished else super().power_status(guest)
