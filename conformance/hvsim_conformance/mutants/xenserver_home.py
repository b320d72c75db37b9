"""Mutants that show guests under the wrong host (HOME-XS-*)."""

from hvsim_conformance.adapters.model import Credentials, Session
from hvsim_conformance.mutants.drivers import broken_xenserver
from hvsim_conformance.reference.xenserver.driver import XenServerDriver
from hvsim_conformance.reference.xenserver.inventory import GuestFacts


class _Remembers(XenServerDriver):
    """Remembers something of every guest; what, each mutant says."""

    def __init__(self, address: str, credentials: Credentials, session: Session) -> None:
        super().__init__(address, credentials, session)
        self.kept: dict[str, str | None] = {}


@broken_xenserver("xs-home-last-host", breaks="HOME-XS-1")
class KeepsLastHost(_Remembers):
    """Shows a guest that is off where it ran last."""

    def home_of(self, guest: GuestFacts) -> str | None:
        """Return the host of now, or the last one."""
        self.kept[guest.uuid] = guest.resident_on or self.kept.get(guest.uuid)
        return super().home_of(guest) or self.kept[guest.uuid]


@broken_xenserver("xs-home-off-hidden", breaks="HOME-XS-2")
class HidesGuestsThatAreOff(XenServerDriver):
    """Shows only guests that run."""

    def home_of(self, guest: GuestFacts) -> str | None:
        """Return the host that the guest runs on."""
        return guest.resident_on


@broken_xenserver("xs-home-fixed", breaks="HOME-XS-3")
class FixesHome(_Remembers):
    """Takes the home server that a guest had when it was first seen."""

    def home_of(self, guest: GuestFacts) -> str | None:
        """Return the host it runs on, or its first home server."""
        return guest.resident_on or self.kept.setdefault(guest.uuid, guest.affinity)


@broken_xenserver("xs-home-gone-for-good", breaks="HOME-XS-4")
class ForgetsForGood(_Remembers):
    """Shows a guest that has once disappeared no more, unless it gets a home server."""

    def home_of(self, guest: GuestFacts) -> str | None:
        """Return no host for a guest that once had none."""
        home = super().home_of(guest)
        if home is None:
            self.kept[guest.uuid] = None
        return guest.affinity if guest.uuid in self.kept else home


@broken_xenserver("xs-home-required", breaks="HOME-XS-5")
class RequiresHome(XenServerDriver):
    """Shows a guest that runs only when it has a home server."""

    def home_of(self, guest: GuestFacts) -> str | None:
        """Return nothing for a guest without a home server."""
        return super().home_of(guest) if guest.affinity else None


@broken_xenserver("xs-home-suspended-stays", breaks="HOME-XS-6")
class KeepsSuspended(KeepsLastHost):
    """Shows a suspended guest where it ran last."""

    def home_of(self, guest: GuestFacts) -> str | None:
        """Return the last host of a suspended guest."""
        last = super().home_of(guest)
        return last if guest.power_state == "Suspended" else XenServerDriver.home_of(self, guest)


@broken_xenserver("xs-home-lone-host", breaks="HOME-XS-7")
class TreatsLoneHostAsPool(XenServerDriver):
    """Lets guests of a host that stands alone disappear as well."""

    def home_of(self, guest: GuestFacts) -> str | None:
        """Return the rule of pools for every host."""
        return guest.resident_on or guest.affinity


@broken_xenserver("xs-home-not-given", breaks="HOME-XS-8")
class GivesNoHome(XenServerDriver):
    """Says that it moved a guest that is off, and does nothing."""

    def move_cold(self, guest: str, target: str) -> None:
        """Do nothing."""
