"""Mutants that name guests wrongly (NAME-XEN-*)."""

from collections.abc import Sequence
from contextlib import suppress

import XenAPI

from hvsim_conformance.adapters.model import Credentials, Guest, Outcome, Product, Session
from hvsim_conformance.mutants.drivers import broken_xenserver
from hvsim_conformance.mutants.registry import mutant
from hvsim_conformance.reference import ReferenceManager
from hvsim_conformance.reference.xenserver.connection import Unreachable
from hvsim_conformance.reference.xenserver.driver import XenServerDriver
from hvsim_conformance.reference.xenserver.inventory import GuestFacts, take


@broken_xenserver("xs-name-uuid", breaks="NAME-XEN-1")
class NamesByUuid(XenServerDriver):
    """Lists guests under their UUIDs."""

    def note_name(self, guest: GuestFacts) -> None:
        """Keep the UUID."""
        self.names.setdefault(guest.uuid, guest.uuid)


@broken_xenserver("xs-name-live", breaks="NAME-XEN-2")
class ReadsNamesAtOnce(XenServerDriver):
    """Reads the names from the pool whenever guests are listed."""

    def guests(self) -> Sequence[Guest]:
        """Return the guests under the names of this moment."""
        with suppress(Unreachable, XenAPI.Failure):
            for guest in take(self.connection).guests.values():
                self.names[guest.uuid] = guest.name
        return super().guests()


@broken_xenserver("xs-name-follows", breaks="NAME-XEN-3")
class FollowsNames(XenServerDriver):
    """Takes a new name over at the next refresh."""

    def note_name(self, guest: GuestFacts) -> None:
        """Keep the latest name."""
        self.names[guest.uuid] = guest.name


_REMEMBERS = "Remembers names beyond the end of a registration."


@mutant(
    "xs-name-remembered",
    breaks="NAME-XEN-4",
    description=_REMEMBERS,
    product=Product.XENSERVER,
)
class RemembersNames(ReferenceManager):
    """Remembers names beyond the end of a registration."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._old: dict[str, str] = {}

    def unregister(self, registration: str) -> Outcome:
        """Let go of an endpoint, but not of its names."""
        driver = self._registered.get(registration)
        if isinstance(driver, XenServerDriver):
            self._old |= driver.names
        return super().unregister(registration)

    def refresh(self) -> Outcome:
        """Make one inventory pass, with the old names known beforehand."""
        for driver in self._registered.values():
            if isinstance(driver, XenServerDriver):
                driver.names = {**driver.names, **self._old}
        return super().refresh()


@broken_xenserver("xs-name-late-follows", breaks="NAME-XEN-5")
class FollowsLateNames(XenServerDriver):
    """Keeps the names of the guests of the first refresh only; later ones follow the pool."""

    def __init__(self, address: str, credentials: Credentials, session: Session) -> None:
        super().__init__(address, credentials, session)
        self.first: dict[str, str] = {}

    def refresh(self) -> None:
        """Read the pool."""
        super().refresh()
        self.first = self.first or dict(self.names)

    def note_name(self, guest: GuestFacts) -> None:
        """Keep the first name, or the latest of a guest that came later."""
        self.names[guest.uuid] = self.first.get(guest.uuid, guest.name)
