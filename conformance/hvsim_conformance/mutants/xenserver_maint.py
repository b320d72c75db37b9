"""Managers of XenServer that get maintenance mode wrong (MAINT-*)."""

from dataclasses import replace

import XenAPI

from hvsim_conformance.adapters.model import (
    Credentials,
    Done,
    MoveMode,
    Outcome,
    Reason,
    Refused,
    Session,
)
from hvsim_conformance.mutants.drivers import broken_xenserver
from hvsim_conformance.reference.xenserver.driver import XenServerDriver
from hvsim_conformance.reference.xenserver.inventory import MAINTENANCE_KEY, HostFacts


@broken_xenserver("xs-no-maintenance-term", breaks="MAINT-TERM-1")
class NoMaintenanceTerm(XenServerDriver):
    """Knows no word for maintenance mode."""

    terms = replace(XenServerDriver.terms, maintenance=None)


@broken_xenserver("xs-maintenance-is-a-mark", breaks="MAINT-XS-1")
class MaintenanceIsAMark(XenServerDriver):
    """Marks a host and leaves it enabled."""

    def _set(self, ref: str, *, move: bool) -> Outcome:
        self.connection.write("host.add_to_other_config", ref, MAINTENANCE_KEY, "true")
        return Done()


@broken_xenserver("xs-maintenance-of-the-master", breaks="MAINT-XS-2")
class MaintenanceOfTheMaster(XenServerDriver):
    """Forwards maintenance mode of the master, which XenServer itself allows."""

    def check_maintenance(self, host: HostFacts) -> Refused | None:
        """Refuse nothing."""
        return None


@broken_xenserver("xs-once-master-always-master", breaks="MAINT-XS-3")
class OnceMasterAlwaysMaster(XenServerDriver):
    """Goes on refusing maintenance mode of a host that is no longer the master."""

    def __init__(self, address: str, credentials: Credentials, session: Session) -> None:
        super().__init__(address, credentials, session)
        self.masters: set[str] = set()

    def check_maintenance(self, host: HostFacts) -> Refused | None:
        """Refuse every host that was ever the master."""
        if host.master:
            self.masters.add(host.uuid)
        return super().check_maintenance(replace(host, master=host.uuid in self.masters))


@broken_xenserver("xs-leaves-guests-behind", breaks="MAINT-XS-5")
class LeavesGuestsBehind(XenServerDriver):
    """Sets maintenance mode though a guest cannot leave."""

    def _set(self, ref: str, *, move: bool) -> Outcome:
        try:
            return super()._set(ref, move=move)
        except XenAPI.Failure:
            return super()._set(ref, move=False)


@broken_xenserver("xs-alone-refused-too-late", breaks="MAINT-XS-6")
class AloneRefusedTooLate(XenServerDriver):
    """Disables a host that stands alone, and then refuses."""

    def _set(self, ref: str, *, move: bool) -> Outcome:
        outcome = super()._set(ref, move=move)
        return outcome if len(self.inventory.hosts) > 1 else Refused(Reason.HOST_IS_POOL_MASTER)


@broken_xenserver("xs-moves-into-maintenance", breaks="MAINT-ALL-1")
class MovesIntoMaintenance(XenServerDriver):
    """Takes a host out of maintenance mode to move a guest there."""

    def _migrate(self, uuid: str, host: str, mode: MoveMode) -> Outcome:
        self.connection.write("host.enable", self.connection.read("host.get_by_uuid", host))
        return super()._migrate(uuid, host, mode)


@broken_xenserver("xs-maintenance-without-move", breaks="MAINT-RCX-1")
class MaintenanceWithoutMove(XenServerDriver):
    """Forgets to empty the host."""

    def _set(self, ref: str, *, move: bool) -> Outcome:
        return super()._set(ref, move=False)
