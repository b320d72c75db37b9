"""Managers that get RHEL5-Xen wrong."""

import shlex
from collections.abc import Sequence

from hvsim_conformance.adapters.model import (
    Done,
    Failed,
    Guest,
    Host,
    MoveMode,
    Outcome,
    PowerAction,
    Product,
    Reason,
    Refused,
    Session,
    Status,
    Switch,
    Terms,
)
from hvsim_conformance.mutants.drivers import broken_rhel5xen
from hvsim_conformance.mutants.registry import mutant
from hvsim_conformance.mutants.rooms import broken_hardware
from hvsim_conformance.reference import ReferenceManager
from hvsim_conformance.reference.hardware.machines import Machine
from hvsim_conformance.reference.hardware.spares import Spares
from hvsim_conformance.reference.rhel5xen.driver import Rhel5XenDriver
from hvsim_conformance.reference.rhel5xen.inventory import PAUSED, GuestFacts, take

# -- names ---------------------------------------------------------------------------------------


@broken_rhel5xen("rh5-name-uuid", breaks="NAME-XEN-1")
class NamesByUuid(Rhel5XenDriver):
    """Lists guests under their UUIDs."""

    def note_name(self, guest: GuestFacts) -> None:
        """Keep the UUID."""
        self.names.setdefault(guest.uuid, guest.uuid)


@broken_rhel5xen("rh5-name-live", breaks="NAME-XEN-2")
class ReadsNamesAtOnce(Rhel5XenDriver):
    """Reads the names from the host whenever guests are listed."""

    def guests(self) -> Sequence[Guest]:
        """Return the guests under the names of this moment."""
        for guest in take(self.shell).guests.values():
            self.names[guest.uuid] = guest.own_name
        return super().guests()


@broken_rhel5xen("rh5-name-follows", breaks="NAME-XEN-3")
class FollowsNames(Rhel5XenDriver):
    """Takes a new name over at the next refresh."""

    def note_name(self, guest: GuestFacts) -> None:
        """Keep the latest name."""
        self.names[guest.uuid] = guest.own_name


_REMEMBERS = "Remembers names of RHEL5-Xen guests beyond the end of a registration."


@mutant(
    "rh5-name-remembered", breaks="NAME-XEN-4", description=_REMEMBERS, product=Product.RHEL5XEN
)
class RemembersNames(ReferenceManager):
    """Remembers names beyond the end of a registration."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._old: dict[str, str] = {}

    def unregister(self, registration: str) -> Outcome:
        """Let go of an endpoint, but not of its names."""
        driver = self._registered.get(registration)
        if isinstance(driver, Rhel5XenDriver):
            self._old |= driver.names
        return super().unregister(registration)

    def refresh(self) -> Outcome:
        """Make one inventory pass, with the old names known beforehand."""
        for driver in self._registered.values():
            if isinstance(driver, Rhel5XenDriver):
                driver.names = {**driver.names, **self._old}
        return super().refresh()


@broken_rhel5xen("rh5-name-file", breaks="NAME-XEN-5")
class NamesLateGuestsAnew(Rhel5XenDriver):
    """Keeps the names of the first refresh only; later guests follow the host."""

    _first: dict[str, str] | None = None

    def refresh(self) -> None:
        """Read the host."""
        super().refresh()
        if self._first is None and self.inventory.name:
            self._first = dict(self.names)

    def note_name(self, guest: GuestFacts) -> None:
        """Keep the first name, or the latest of a guest that came later."""
        self.names[guest.uuid] = (self._first or {}).get(guest.uuid, guest.own_name)


# -- power ---------------------------------------------------------------------------------------


@broken_rhel5xen("rh5-power-on-nothing", breaks="POWER-ALL-1")
class StartsNothing(Rhel5XenDriver):
    """Builds the domain and leaves it paused."""

    def line(self, action: PowerAction, *, force: bool) -> str:
        """Return a line that starts a guest paused."""
        line = super().line(action, force=force)
        return "xm create -p {0}" if action is PowerAction.ON else line


@broken_rhel5xen("rh5-power-off-cut", breaks="POWER-ALL-2")
class CutsPower(Rhel5XenDriver):
    """Destroys a guest that should shut down."""

    def line(self, action: PowerAction, *, force: bool) -> str:
        """Return the forced line whatever was asked."""
        return super().line(action, force=True)


@broken_rhel5xen("rh5-power-force-asks", breaks="POWER-ALL-3")
class AsksPolitely(Rhel5XenDriver):
    """Asks a guest to shut down that should be forced off, and does not wait."""

    def line(self, action: PowerAction, *, force: bool) -> str:
        """Return a line that only asks."""
        return "xm shutdown {0}" if force else super().line(action, force=force)


@broken_rhel5xen("rh5-power-reboot-twice", breaks="POWER-ALL-4")
class RebootsTwice(Rhel5XenDriver):
    """Reboots a guest two times."""

    def line(self, action: PowerAction, *, force: bool) -> str:
        """Return a line that reboots again."""
        line = super().line(action, force=force)
        return f"{line} && {line}" if action is PowerAction.REBOOT else line


class _Allows(Rhel5XenDriver):
    """Lets one operation through to a suspended guest."""

    allowed: tuple[PowerAction, bool]

    def check_power(self, guest: GuestFacts, action: PowerAction, *, force: bool) -> Refused | None:
        """Refuse all but one."""
        if (action, force) == self.allowed:
            return None
        return super().check_power(guest, action, force=force)


@broken_rhel5xen("rh5-asleep-on", breaks="POWER-RH5-1")
class WakesSuspended(_Allows):
    """Resumes a suspended guest when it is powered on."""

    allowed = (PowerAction.ON, False)

    def line(self, action: PowerAction, *, force: bool) -> str:
        """Return a line that resumes."""
        line = super().line(action, force=force)
        return "virsh resume {0}" if action is PowerAction.ON else line


@broken_rhel5xen("rh5-asleep-off", breaks="POWER-RH5-2")
class ShutsSuspendedDown(_Allows):
    """Tells a suspended guest to shut down, which it will do once it is resumed."""

    allowed = (PowerAction.OFF, False)

    def line(self, action: PowerAction, *, force: bool) -> str:
        """Return a line that does not wait."""
        return super().line(action, force=force).replace(" -w", "")


@broken_rhel5xen("rh5-asleep-reboot", breaks="POWER-RH5-3")
class RebootsSuspended(_Allows):
    """Tells a suspended guest to reboot."""

    allowed = (PowerAction.REBOOT, False)

    def line(self, action: PowerAction, *, force: bool) -> str:
        """Return a line that does not wait."""
        return super().line(action, force=force).replace(" -w", "")


@broken_rhel5xen("rh5-asleep-forced", breaks="POWER-RH5-4")
class DestroysSuspended(_Allows):
    """Forces a suspended guest off, as XenServer allows."""

    allowed = (PowerAction.OFF, True)


@broken_rhel5xen("rh5-asleep-for-ever", breaks="POWER-RH5-5")
class NeverForgets(Rhel5XenDriver):
    """Takes a guest that was suspended once for suspended ever after."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]  # as they came
        self._suspended: set[str] = set()

    def check_power(self, guest: GuestFacts, action: PowerAction, *, force: bool) -> Refused | None:
        """Refuse what was suspended at any time."""
        if guest.state == PAUSED:
            self._suspended.add(guest.uuid)
        if guest.uuid in self._suspended:
            guest = GuestFacts(guest.uuid, guest.name, PAUSED)
        return super().check_power(guest, action, force=force)


# -- moves ---------------------------------------------------------------------------------------


@broken_rhel5xen("rh5-term-live", breaks="MIG-TERM-1")
class MovesByRestart(Rhel5XenDriver):
    """Stops a guest and starts it on the target when it should move live."""

    def move_live(self, guest: GuestFacts, address: str) -> None:
        """Move a guest by way of being off."""
        name = shlex.quote(guest.name)
        self.shell.run(f"xm shutdown -w {name} && xm create {name}")
        self.shell.run(f"xm migrate --live {name} {address}")


@broken_rhel5xen("rh5-term-cold", breaks="MIG-TERM-2")
class StartsToMove(Rhel5XenDriver):
    """Starts a guest that is off in order to move it."""

    def move_cold(self, guest: GuestFacts, target: Rhel5XenDriver) -> None:
        """Move a guest by way of being on."""
        name = shlex.quote(guest.name)
        self.shell.run(f"virsh start {name} && xm migrate --live {name} {target.shell.host}")
        target.shell.run(f"xm shutdown -w {name}")


@broken_rhel5xen("rh5-term-any", breaks="MIG-TERM-3")
class TakesAnyMode(Rhel5XenDriver):
    """Moves a guest as its power allows, whatever mode was asked for."""

    def _migrate(self, uuid: str, host: str, mode: MoveMode) -> Outcome:
        guest = self.look(uuid)
        if guest is not None:
            mode = MoveMode.LIVE if guest.active else MoveMode.COLD
        return super()._migrate(uuid, host, mode)


@broken_rhel5xen("rh5-move-stands-still", breaks="MIG-RH5-1")
class MovesWithoutLive(Rhel5XenDriver):
    """Moves a running guest without --live, so that it stands still for the copy."""

    def move_live(self, guest: GuestFacts, address: str) -> None:
        """Move a guest the way that stops it."""
        self.shell.run(f"xm migrate {shlex.quote(guest.name)} {address}")


@broken_rhel5xen("rh5-move-seen-asleep", breaks="MIG-RH5-1")
class BelievesTheTarget(Rhel5XenDriver):
    """Shows a guest on its way as its target has it: paused."""

    def claim(self, guest: str) -> int:
        """Prefer the host on which it stands still."""
        facts = self.inventory.guests.get(guest)
        return 0 if facts is None or not facts.active else 2 if facts.state == PAUSED else 1


@broken_rhel5xen("rh5-move-listed-by-file", breaks="MIG-ALL-1")
class BelievesFiles(Rhel5XenDriver):
    """Shows a guest where its file lies, not where it runs."""

    def claim(self, guest: str) -> int:
        """Take every claim for equally good."""
        return 0


# -- what there is not ---------------------------------------------------------------------------


@broken_rhel5xen("rh5-ha-term", breaks="HA-RH5-1")
class OffersHa(Rhel5XenDriver):
    """Has a name for high availability, as XenServer does."""

    terms = Terms(Product.RHEL5XEN, "HA", None, "live", "cold")


@broken_rhel5xen("rh5-maintenance-term", breaks="MAINT-TERM-1")
class HasMaintenanceTerm(Rhel5XenDriver):
    """Has a name for a maintenance mode."""

    terms = Terms(Product.RHEL5XEN, None, "maintenance mode", "live", "cold")


@broken_rhel5xen("rh5-maintenance", breaks="MAINT-RH5-1")
class OffersMaintenance(Rhel5XenDriver):
    """Sets a maintenance mode that the product does not have."""

    def maintenance(self, host: str, switch: Switch, *, move: bool) -> Outcome:
        """Say that it is done."""
        return Done()


# -- moves made outside --------------------------------------------------------------------------


@broken_rhel5xen("rh5-outside-second-guest", breaks="EXT-1")
class StartsASecond(Rhel5XenDriver):
    """Starts a guest from the file that it left behind, while it runs elsewhere."""

    def check_place(self, seen: GuestFacts, now: GuestFacts) -> Failed | None:
        """See no harm in anything."""
        return None


@broken_rhel5xen("rh5-outside-not-followed", breaks="EXT-2")
class NeverLooksAgain(Rhel5XenDriver):
    """Looks which guests a host has only once."""

    def refresh(self) -> None:
        """Read the host the first time."""
        if not self.inventory.name:
            super().refresh()


@broken_rhel5xen("rh5-outside-never-forgiven", breaks="EXT-3")
class NeverForgives(Rhel5XenDriver):
    """Refuses to operate on guests that its host has no file of."""

    def check_power(self, guest: GuestFacts, action: PowerAction, *, force: bool) -> Refused | None:
        """Refuse guests that came from elsewhere."""
        known = self.shell.run(f"cat /etc/xen/{shlex.quote(guest.name)}").status == 0
        if not known:
            return Refused(Reason.GUEST_MOVED, "the guest is not at home here")
        return super().check_power(guest, action, force=force)


@broken_rhel5xen("rh5-outside-stale", breaks="EXT-5")
class TrustsItsMemory(Rhel5XenDriver):
    """Shows a guest that it could not stop as stopped."""

    _stopped: str | None = None

    def _power(self, uuid: str, action: PowerAction, *, force: bool) -> Outcome:
        if action is PowerAction.OFF:
            self._stopped = uuid
            return Done()
        return super()._power(uuid, action, force=force)

    def power_status(self, guest: GuestFacts) -> Status:
        """Return stop for what was told to stop."""
        return Status.STOP if guest.uuid == self._stopped else super().power_status(guest)


# -- states --------------------------------------------------------------------------------------


@broken_rhel5xen("rh5-state-warning", breaks="STATE-XEN-1")
class WarnsOfPaused(Rhel5XenDriver):
    """Shows a paused guest with a warning."""

    def power_status(self, guest: GuestFacts) -> Status:
        """Return a state that Xen guests do not have."""
        return Status.WARNING if guest.state == PAUSED else super().power_status(guest)


@broken_rhel5xen("rh5-state-fatal", breaks="STATE-XEN-1")
class FatalOnDeadHost(Rhel5XenDriver):
    """Shows the guests of a host that does not answer as beyond help."""

    def guest_status(self, guest: GuestFacts) -> Status:
        """Return a state that Xen guests do not have."""
        return Status.FATAL if self.lost else super().guest_status(guest)


@broken_rhel5xen("rh5-state-idle-unknown", breaks="STATE-ALL-1")
class DoesNotKnowIdle(Rhel5XenDriver):
    """Shows a guest with nothing to do as unknown."""

    def power_status(self, guest: GuestFacts) -> Status:
        """Return unknown for what is not on a processor."""
        return Status.UNKNOWN if guest.state == "idle" else super().power_status(guest)


@broken_rhel5xen("rh5-state-off-unknown", breaks="STATE-ALL-2")
class DoesNotKnowOff(Rhel5XenDriver):
    """Shows a guest that is off as unknown."""

    def power_status(self, guest: GuestFacts) -> Status:
        """Return unknown for whatever does not run."""
        return super().power_status(guest) if guest.active else Status.UNKNOWN


@broken_rhel5xen("rh5-state-stale", breaks="STATE-ALL-3")
class ShowsStaleStates(Rhel5XenDriver):
    """Shows the last known state when nobody answers any more."""

    def guest_status(self, guest: GuestFacts) -> Status:
        """Return what the last answer said."""
        return self.power_status(guest)


# -- physical servers ----------------------------------------------------------------------------


@broken_rhel5xen("rh5-spare-empty-host-hidden", breaks="SPARE-1")
class HidesEmptyHosts(Rhel5XenDriver):
    """Lists only hosts on which a guest runs."""

    def hosts(self) -> Sequence[Host]:
        """Return the host, unless nothing runs on it."""
        busy = any(guest.active for guest in self.inventory.guests.values())
        return super().hosts() if busy else ()


@broken_hardware("rh5-hosts-are-no-spares", breaks="SPARE-2", product=Product.RHEL5XEN)
class HostsAreNoSpares(Spares):
    """Refuses hosts of a product without maintenance mode."""

    def check_product(self, spare: Machine) -> Refused | None:
        """Refuse RHEL5-Xen's hosts."""
        if spare.host is not None and spare.host.product is Product.RHEL5XEN:
            return Refused(Reason.SPARE_NOT_ELIGIBLE, "its guests cannot be moved off")
        return super().check_product(spare)
