"""Mutants with wrong states of guests (STATE-*)."""

from hvsim_conformance.adapters.model import Status
from hvsim_conformance.mutants.drivers import broken_xenserver
from hvsim_conformance.reference.xenserver.driver import XenServerDriver
from hvsim_conformance.reference.xenserver.inventory import GuestFacts


@broken_xenserver("xs-state-warning", breaks="STATE-XEN-1")
class WarnsOfPaused(XenServerDriver):
    """Shows a paused guest with a warning."""

    def power_status(self, guest: GuestFacts) -> Status:
        """Return a state that Xen guests do not have."""
        return Status.WARNING if guest.power_state == "Paused" else super().power_status(guest)


@broken_xenserver("xs-state-fatal", breaks="STATE-XEN-1")
class FatalOnDeadHost(XenServerDriver):
    """Shows the guests of a dead host as beyond help."""

    def guest_status(self, guest: GuestFacts) -> Status:
        """Return a state that Xen guests do not have."""
        host = self.inventory.hosts.get(guest.resident_on or "")
        dead = host is not None and not host.live
        return Status.FATAL if dead else super().guest_status(guest)


@broken_xenserver("xs-state-guest-abroad", breaks="STATE-ALL-1")
class DistrustsGuestsAbroad(XenServerDriver):
    """Shows a guest that runs elsewhere than at home as unknown."""

    def power_status(self, guest: GuestFacts) -> Status:
        """Return unknown for a guest away from home."""
        at_home = guest.resident_on == guest.affinity
        away = guest.power_state == "Running" and not at_home
        return Status.UNKNOWN if away else super().power_status(guest)


@broken_xenserver("xs-state-off-unknown", breaks="STATE-ALL-2")
class DoesNotKnowOff(XenServerDriver):
    """Shows a guest that is off as unknown."""

    def power_status(self, guest: GuestFacts) -> Status:
        """Return unknown for whatever does not run."""
        return Status.NORMAL if guest.power_state == "Running" else Status.UNKNOWN


@broken_xenserver("xs-state-stale", breaks="STATE-ALL-3")
class ShowsStaleStates(XenServerDriver):
    """Shows the last known state when nobody answers any more."""

    def guest_status(self, guest: GuestFacts) -> Status:
        """Return what the last answer said."""
        return self.power_status(guest)
