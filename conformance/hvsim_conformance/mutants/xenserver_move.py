"""Mutants that move guests wrongly (MIG-*)."""

from collections.abc import Sequence
from dataclasses import replace

from hvsim_conformance.adapters.model import (
    Done,
    Failed,
    Guest,
    MoveMode,
    Outcome,
    PowerAction,
    Reason,
    Refused,
    Status,
)
from hvsim_conformance.mutants.drivers import broken_xenserver
from hvsim_conformance.reference.xenserver.driver import XenServerDriver
from hvsim_conformance.reference.xenserver.inventory import GuestFacts


class _Restarts(XenServerDriver):
    """Can move a guest by stopping it here and starting it there."""

    def move_by_restart(self, guest: str, host: str) -> Outcome:
        """Force the guest off and start it on the other host."""
        ref = self.connection.read("VM.get_by_uuid", guest)
        target = self.connection.read("host.get_by_uuid", host)
        self.connection.write("VM.hard_shutdown", ref)
        self.connection.write("VM.start_on", ref, target, False, False)
        return Done()


@broken_xenserver("xs-move-live-restarts", breaks="MIG-TERM-1")
class RestartsLive(_Restarts):
    """Moves a running guest by stopping and starting it."""

    def migrate(self, guest: str, host: str, mode: MoveMode) -> Outcome:
        """Restart instead of a live move."""
        if mode is MoveMode.LIVE:
            return self.move_by_restart(guest, host)
        return super().migrate(guest, host, mode)


@broken_xenserver("xs-move-cold-starts", breaks="MIG-TERM-2")
class StartsCold(XenServerDriver):
    """Starts a guest that is off on its new host, and forces it off again."""

    def move_cold(self, guest: str, target: str) -> None:
        """Let it run there for a moment."""
        super().move_cold(guest, target)
        self.connection.write("VM.start_on", guest, target, False, False)
        self.connection.write("VM.hard_shutdown", guest)


@broken_xenserver("xs-move-any-mode", breaks="MIG-TERM-3")
class IgnoresMode(XenServerDriver):
    """Passes a move on whatever the guest's power."""

    def check_move(self, guest: GuestFacts, mode: MoveMode) -> Refused | None:
        """Refuse nothing."""
        return None


@broken_xenserver("xs-move-needs-manager", breaks="MIG-XS-1")
class DemandsManager(XenServerDriver):
    """Demands a management product, as for the products that have one."""

    def migrate(self, guest: str, host: str, mode: MoveMode) -> Outcome:
        """Refuse."""
        return Refused(Reason.NO_VM_MANAGER, "register a management product first")


@broken_xenserver("xs-move-gives-up", breaks="MIG-XS-2")
class GivesUpWhenSuspended(XenServerDriver):
    """Follows its move by events and takes the guest's suspension on the way for a failure."""

    def migrate(self, guest: str, host: str, mode: MoveMode) -> Outcome:
        """Watch the guest until it is seen suspended or on its new host."""
        if mode is MoveMode.COLD:
            return super().migrate(guest, host, mode)
        ref = self.connection.read("VM.get_by_uuid", guest)
        target = self.connection.read("host.get_by_uuid", host)
        self.connection.read("event.register", ["vm"])
        self.connection.write("Async.VM.pool_migrate", ref, target, {"live": "true"})
        while self.connection.read("VM.get_resident_on", ref) != target:
            self.connection.write("event.next")
            if self.connection.read("VM.get_power_state", ref) == "Suspended":
                return Failed(Reason.NATIVE_ERROR, "the guest was suspended during the move")
        return Done()


@broken_xenserver("xs-move-error-midway", breaks="MIG-XS-3")
class ErrorMidway(XenServerDriver):
    """Shows a guest that sleeps on its way as broken."""

    def power_status(self, guest: GuestFacts) -> Status:
        """Return error for a guest on its way."""
        if guest.moving and guest.power_state != "Running":
            return Status.ERROR
        return super().power_status(guest)


@broken_xenserver("xs-move-enables-host", breaks="MIG-XS-4")
class EnablesTarget(XenServerDriver):
    """Enables a disabled host to move a guest there."""

    def migrate(self, guest: str, host: str, mode: MoveMode) -> Outcome:
        """Take the obstacle away first."""
        self.connection.write("host.enable", self.connection.read("host.get_by_uuid", host))
        return super().migrate(guest, host, mode)


@broken_xenserver("xs-move-copies-disks", breaks="MIG-XS-5")
class CopiesDisks(XenServerDriver):
    """Copies the disks of a guest that it moves with its power off."""

    def move_cold(self, guest: str, target: str) -> None:
        """Move data that both hosts reach."""
        super().move_cold(guest, target)
        for vbd in self.connection.read("VM.get_VBDs", guest):
            disk = self.connection.read("VBD.get_VDI", vbd)
            self.connection.write("VDI.copy", disk, self.connection.read("VDI.get_SR", disk))


@broken_xenserver("xs-move-restarts-bare", breaks="MIG-XS-6")
class RestartsWithoutDrivers(_Restarts):
    """Stops and starts a guest that the pool cannot move live."""

    def migrate(self, guest: str, host: str, mode: MoveMode) -> Outcome:
        """Try the move, then the other way."""
        outcome = super().migrate(guest, host, mode)
        native = getattr(outcome, "reason", None) is Reason.NATIVE_ERROR
        return self.move_by_restart(guest, host) if native else outcome


@broken_xenserver("xs-move-failure-hidden", breaks="MIG-XS-7")
class HidesFailure(XenServerDriver):
    """Reports success when a move has failed in the end."""

    def migrate(self, guest: str, host: str, mode: MoveMode) -> Outcome:
        """Take a failure for success."""
        outcome = super().migrate(guest, host, mode)
        return Done() if isinstance(outcome, Failed) else outcome


@broken_xenserver("xs-move-new-identity", breaks="MIG-ALL-1")
class IdentifiesByPlace(XenServerDriver):
    """Identifies a guest by its host as well, so that a move makes another one of it."""

    def guests(self) -> Sequence[Guest]:
        """Return the guests with their hosts in their ids."""
        found = super().guests()
        return tuple(replace(guest, id=f"{guest.host}/{guest.native_id}") for guest in found)

    def migrate(self, guest: str, host: str, mode: MoveMode) -> Outcome:
        """Move by the id's last part."""
        return super().migrate(guest.rpartition("/")[2], host, mode)

    def power(self, guest: str, action: PowerAction, *, force: bool) -> Outcome:
        """Operate by the id's last part."""
        return super().power(guest.rpartition("/")[2], action, force=force)
