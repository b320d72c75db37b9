"""Managers of XenServer that cope badly with a lost or a new master (POOL-*)."""

from collections.abc import Callable

import XenAPI

from hvsim_conformance.adapters.model import (
    Credentials,
    Done,
    Failed,
    Outcome,
    Reason,
    Session,
    Status,
)
from hvsim_conformance.mutants.drivers import broken_xenserver
from hvsim_conformance.reference.xenserver.connection import Connection, Unreachable
from hvsim_conformance.reference.xenserver.driver import XenServerDriver
from hvsim_conformance.reference.xenserver.inventory import GuestFacts, HostFacts


class _Faithful(Connection):
    """Knows no other address than that of the first master it found."""

    def learn(self, addresses: list[str]) -> None:
        if len(self.members) == 1:
            self.members = [self._url(addresses[0])]


class _Deaf(Connection):
    """Knows no other address than the registered one, and follows no redirection."""

    def learn(self, addresses: list[str]) -> None:
        pass


class _Stubborn(Connection):
    """Keeps using a session for good."""

    def drop(self) -> None:
        pass


@broken_xenserver("xs-hosts-outlive-their-master", breaks="POOL-1")
class HostsOutliveTheirMaster(XenServerDriver):
    """Shows the hosts of a pool without its master as it last saw them."""

    def host_status(self, host: HostFacts) -> Status:
        """Return what was last seen."""
        return Status.NORMAL if host.live else Status.UNKNOWN


@broken_xenserver("xs-guests-outlive-their-master", breaks="POOL-2")
class GuestsOutliveTheirMaster(XenServerDriver):
    """Shows the guests of a pool without its master as it last saw them."""

    def guest_status(self, guest: GuestFacts) -> Status:
        """Return what was last seen."""
        return self.power_status(guest)


@broken_xenserver("xs-success-without-master", breaks="POOL-3")
class SuccessWithoutMaster(XenServerDriver):
    """Takes an operation that nobody answers for done."""

    def _attempt(self, action: Callable[[], Outcome]) -> Outcome:
        try:
            return action()
        except XenAPI.Failure as failure:
            return self.told(failure)
        except Unreachable:
            return Done()


@broken_xenserver("xs-lost-for-good", breaks="POOL-6")
class LostForGood(XenServerDriver):
    """Asks a pool no more once it could not be reached."""

    def refresh(self) -> None:
        """Ask only as long as somebody answers."""
        if not self.lost:
            super().refresh()


@broken_xenserver("xs-keeps-to-the-first-master", breaks="POOL-7")
class KeepsToTheFirstMaster(XenServerDriver):
    """Asks nobody but the master it knew first."""

    def __init__(self, address: str, credentials: Credentials, session: Session) -> None:
        super().__init__(address, credentials, session)
        self.connection = _Faithful(address, credentials)


@broken_xenserver("xs-keeps-a-dead-session", breaks="POOL-9")
class KeepsADeadSession(XenServerDriver):
    """Opens no other session after the first."""

    def __init__(self, address: str, credentials: Credentials, session: Session) -> None:
        super().__init__(address, credentials, session)
        self.connection = _Stubborn(address, credentials)


@broken_xenserver("xs-error-while-choosing", breaks="POOL-10")
class ErrorWhileChoosing(XenServerDriver):
    """Calls guests faulty while their pool has no master."""

    def guest_status(self, guest: GuestFacts) -> Status:
        """Return an error where nothing is known."""
        return Status.ERROR if self.lost else super().guest_status(guest)


@broken_xenserver("xs-asks-no-member", breaks="POOL-12")
class AsksNoMember(XenServerDriver):
    """Asks nobody but the registered host."""

    def __init__(self, address: str, credentials: Credentials, session: Session) -> None:
        super().__init__(address, credentials, session)
        self.connection = _Deaf(address, credentials)


@broken_xenserver("xs-serves-the-first-master-only", breaks="POOL-13")
class ServesTheFirstMasterOnly(XenServerDriver):
    """Operates on a pool no more after its master was changed by plan."""

    first = ""

    def _attempt(self, action: Callable[[], Outcome]) -> Outcome:
        if self._master() != self.first:
            return Failed(Reason.POOL_MASTER_LOST, "this is not the master it was")
        return super()._attempt(action)

    def refresh(self) -> None:
        """Remember the first master."""
        super().refresh()
        self.first = self.first or self._master()

    def _master(self) -> str:
        return next((host.uuid for host in self.inventory.hosts.values() if host.master), "")


@broken_xenserver("xs-trusts-the-records-of-the-dead", breaks="POOL-14")
class TrustsTheRecordsOfTheDead(XenServerDriver):
    """Takes every guest that the records call running for normal."""

    def guest_status(self, guest: GuestFacts) -> Status:
        """Return the record's state, wherever the guest is."""
        return Status.UNKNOWN if self.lost else self.power_status(guest)


@broken_xenserver("xs-one-lost-all-lost", breaks="POOL-15")
class OneLostAllLost(XenServerDriver):
    """Takes a pool in which one host is lost for lost."""

    def refresh(self) -> None:
        """Count the pool as lost with any of its hosts."""
        super().refresh()
        self.lost = self.lost or not all(host.live for host in self.inventory.hosts.values())
