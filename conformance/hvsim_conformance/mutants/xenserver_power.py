"""Mutants with wrong power operations (POWER-*)."""

from typing import Any

from hvsim_conformance.adapters.model import Outcome, PowerAction, Reason, Refused
from hvsim_conformance.mutants.drivers import broken_xenserver
from hvsim_conformance.reference.xenserver.driver import XenServerDriver
from hvsim_conformance.reference.xenserver.inventory import GuestFacts


@broken_xenserver("xs-power-on-paused", breaks="POWER-ALL-1")
class LeavesPaused(XenServerDriver):
    """Leaves a guest that it has started paused."""

    def power(self, guest: str, action: PowerAction, *, force: bool) -> Outcome:
        """Pause after a start."""
        outcome = super().power(guest, action, force=force)
        if action is PowerAction.ON:
            self.connection.write("VM.pause", self.connection.read("VM.get_by_uuid", guest))
        return outcome


@broken_xenserver("xs-power-off-cuts", breaks="POWER-ALL-2")
class AlwaysCuts(XenServerDriver):
    """Takes a guest's power without asking its system."""

    def power_call(self, action: PowerAction, *, force: bool) -> str:
        """Return the forced message."""
        return super().power_call(action, force=True)


@broken_xenserver("xs-power-off-asks", breaks="POWER-ALL-3")
class NeverCuts(XenServerDriver):
    """Asks the guest's system even when it is to be forced off."""

    def power_call(self, action: PowerAction, *, force: bool) -> str:
        """Return the message that needs the guest's help."""
        return super().power_call(action, force=False)


@broken_xenserver("xs-power-reboot-twice", breaks="POWER-ALL-4")
class RebootsTwice(XenServerDriver):
    """Makes sure of a reboot with another one."""

    def power(self, guest: str, action: PowerAction, *, force: bool) -> Outcome:
        """Reboot, and reboot."""
        outcome = super().power(guest, action, force=force)
        if action is PowerAction.REBOOT:
            return super().power(guest, action, force=True)
        return outcome


class _Exposes(XenServerDriver):
    """Takes a guest's protection away before it is switched off."""

    forced = False

    def check_power(self, guest: GuestFacts, action: PowerAction, *, force: bool) -> Refused | None:
        """Let nothing stand in the way."""
        if action is PowerAction.OFF and force is self.forced:
            ref = self.connection.read("VM.get_by_uuid", guest.uuid)
            self.connection.write("VM.set_ha_always_run", ref, False)
        return super().check_power(guest, action, force=force)


@broken_xenserver("xs-power-protected-off", breaks="POWER-XS-1")
class ShutsProtectedDown(_Exposes):
    """Takes the protection away from a guest that it is to shut down."""


@broken_xenserver("xs-power-protected-forced", breaks="POWER-XS-2")
class ForcesProtectedOff(_Exposes):
    """Takes the protection away from a guest that it is to force off."""

    forced = True


class _Judges(XenServerDriver):
    """Refuses an operation on guests that it takes for protected."""

    action = PowerAction.OFF

    def is_protected(self, guest: dict[str, Any], *, ha: bool) -> bool:
        """Return what the mutant takes for protection."""
        raise NotImplementedError

    def check_power(self, guest: GuestFacts, action: PowerAction, *, force: bool) -> Refused | None:
        """Refuse with the reason of protection."""
        if action is self.action and self._judge(guest):
            return Refused(Reason.GUEST_HA_PROTECTED, "HA restarts the guest")
        return super().check_power(guest, action, force=force)

    def _judge(self, guest: GuestFacts) -> bool:
        pool = next(iter(self.connection.read("pool.get_all_records").values()))
        ref = self.connection.read("VM.get_by_uuid", guest.uuid)
        row = self.connection.read("VM.get_record", ref)
        return self.is_protected(row, ha=pool["ha_enabled"])


_UNPROTECTED = ("", "best-effort")


@broken_xenserver("xs-power-protected-no-reboot", breaks="POWER-XS-4")
class RefusesProtectedReboot(_Judges):
    """Refuses to reboot a protected guest."""

    action = PowerAction.REBOOT

    def is_protected(self, guest: dict[str, Any], *, ha: bool) -> bool:
        """Return the pool's own rule."""
        return ha and guest["ha_always_run"] and guest["ha_restart_priority"] not in _UNPROTECTED


@broken_xenserver("xs-power-priority-protects", breaks="POWER-XS-5")
class TakesPriorityForProtection(_Judges):
    """Takes a guest for protected by its priority alone, though its promise is switched off."""

    def is_protected(self, guest: dict[str, Any], *, ha: bool) -> bool:
        """Return whether a priority is left while HA is on."""
        return ha and guest["ha_restart_priority"] not in _UNPROTECTED


@broken_xenserver("xs-power-protected-without-ha", breaks="POWER-XS-6")
class ForgetsThatHaIsOff(_Judges):
    """Takes a guest for protected though the pool's HA is off."""

    def is_protected(self, guest: dict[str, Any], *, ha: bool) -> bool:
        """Return the guest's half of the rule."""
        return not ha and guest["ha_always_run"]


@broken_xenserver("xs-power-best-effort-protects", breaks="POWER-XS-7")
class TakesBestEffortForProtection(_Judges):
    """Takes a guest with best-effort priority for protected."""

    def is_protected(self, guest: dict[str, Any], *, ha: bool) -> bool:
        """Return whether HA would try to start it."""
        return ha and guest["ha_restart_priority"] == "best-effort"


@broken_xenserver("xs-power-protected-refused", breaks="POWER-XS-9")
class RefusesAsOf2009(_Judges):
    """Refuses to shut a protected guest down where today's release gives its protection up."""

    def is_protected(self, guest: dict[str, Any], *, ha: bool) -> bool:
        """Return the rule of XenServer 5.5."""
        return ha and guest["ha_always_run"]


@broken_xenserver("xs-power-resumes", breaks="POWER-XS-11")
class ResumesFirst(XenServerDriver):
    """Resumes a suspended guest to carry out what was asked of it."""

    def check_power(self, guest: GuestFacts, action: PowerAction, *, force: bool) -> Refused | None:
        """Let a suspended guest go on."""
        if guest.power_state == "Suspended" and not force:
            ref = self.connection.read("VM.get_by_uuid", guest.uuid)
            self.connection.write("VM.resume", ref, False, False)
        return None


@broken_xenserver("xs-power-suspended-never", breaks="POWER-XS-12")
class RefusesForcedOff(XenServerDriver):
    """Refuses to force a suspended guest off."""

    def check_power(self, guest: GuestFacts, action: PowerAction, *, force: bool) -> Refused | None:
        """Refuse whatever is asked of a suspended guest."""
        return super().check_power(guest, action, force=False)


@broken_xenserver("xs-power-cuts-in-the-end", breaks="POWER-XS-13")
class CutsInTheEnd(XenServerDriver):
    """Takes a guest's power when its system cannot be asked."""

    def power(self, guest: str, action: PowerAction, *, force: bool) -> Outcome:
        """Try again with force."""
        outcome = super().power(guest, action, force=force)
        native = getattr(outcome, "reason", None) is Reason.NATIVE_ERROR
        return super().power(guest, action, force=True) if native else outcome
