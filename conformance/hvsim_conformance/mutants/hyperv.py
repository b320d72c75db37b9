"""Managers that get Hyper-V wrong."""

from collections.abc import Sequence
from typing import Any

from hvsim_conformance.adapters.model import (
    Done,
    Guest,
    Host,
    MoveMode,
    Outcome,
    PowerAction,
    Product,
    Reason,
    Refused,
    Status,
    Switch,
    Terms,
)
from hvsim_conformance.mutants.drivers import broken_hyperv
from hvsim_conformance.reference.hyperv.connection import RefusedError
from hvsim_conformance.reference.hyperv.driver import GuestFacts, HostFacts, HypervDriver

# -- names, terms --------------------------------------------------------------------------------


@broken_hyperv("hv-name-host-only", breaks="NAME-HV-1")
class NamesByHostOnly(HypervDriver):
    """Lists a guest that has told no host name under its UUID."""

    def display_name(self, guest: GuestFacts) -> str:
        """Return a UUID instead of a machine's name."""
        return guest.hostname or guest.uuid


@broken_hyperv("hv-name-machine", breaks="NAME-HV-2")
class NamesByMachine(HypervDriver):
    """Lists every guest under its machine's name."""

    def display_name(self, guest: GuestFacts) -> str:
        """Return the machine's name."""
        return guest.name


@broken_hyperv("hv-ha-term", breaks="HA-HV-1")
class NamesHaWrongly(HypervDriver):
    """Calls high availability what another product does."""

    terms = Terms(Product.HYPERV, "VMware HA", "maintenance mode", "live", "network")


@broken_hyperv("hv-ha-no-cluster", breaks="HA-HV-1")
class SeesNoCluster(HypervDriver):
    """Shows the nodes of a cluster as hosts that stand alone."""

    def hosts(self) -> Sequence[Host]:
        """Return hosts of no pool."""
        return tuple(
            Host(one.id, one.name, one.product, None, one.status, one.in_maintenance)
            for one in super().hosts()
        )


@broken_hyperv("hv-term-maintenance", breaks="MAINT-TERM-1")
class HasNoMaintenanceTerm(HypervDriver):
    """Has no name for maintenance mode."""

    terms = Terms(Product.HYPERV, "failover cluster", None, "live", "network")


# -- what is remembered --------------------------------------------------------------------------


class RemembersPlaces(HypervDriver):
    """Shows a guest for ever where it was first seen."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._places: dict[str, str] = {}

    def guests(self) -> Sequence[Guest]:
        """Return guests on their first hosts."""
        for found in self.machines.values():
            self._places.setdefault(found.uuid, found.host)
        return tuple(
            Guest(
                one.id,
                one.display_name,
                self._places[one.id],
                one.status,
                one.product,
                one.native_id,
            )
            for one in super().guests()
        )

    def refresh(self) -> None:
        """Read VMM, and keep first places."""
        super().refresh()
        self.guests()


@broken_hyperv("hv-ha-blind", breaks="HA-HV-2")
class BlindToRestarts(RemembersPlaces):
    """Shows a guest that its cluster started anew on the node that died."""


@broken_hyperv("hv-spare-blind", breaks="SPARE-4")
class BlindToStandbys(RemembersPlaces):
    """Shows the guests of a failed node on it, not on the standby."""


@broken_hyperv("hv-move-stale", breaks="MIG-ALL-1")
class BlindToItsMoves(RemembersPlaces):
    """Shows a guest that it moved itself where it was before."""


@broken_hyperv("hv-outside-not-followed", breaks="EXT-2")
class NeverFollows(RemembersPlaces):
    """Does not follow moves that it did not make."""


@broken_hyperv("hv-outside-cluster", breaks="EXT-4")
class BlindToTheCluster(RemembersPlaces):
    """Does not follow what a cluster does by itself."""


@broken_hyperv("hv-outside-neighbour", breaks="EXT-1")
class ActsOnANeighbour(HypervDriver):
    """Operates on whatever runs where it last saw a guest that is gone from there."""

    def act(self, guest: str, action: PowerAction, *, force: bool) -> None:
        """Take another guest when the wanted one has moved."""
        now = self.read_guests(anew=True)
        seen = self.machines.get(guest, now[guest])
        if seen.host != now[guest].host:
            guest = next(
                one.uuid for one in now.values() if one.state == "Running" and one.uuid != guest
            )
        super().act(guest, action, force=force)


@broken_hyperv("hv-outside-never-forgiven", breaks="EXT-3")
class NeverForgives(RemembersPlaces):
    """Refuses to operate on a guest that is not where it first saw it."""

    def act(self, guest: str, action: PowerAction, *, force: bool) -> None:
        """Give up on guests that have moved."""
        now = self.read_guests()[guest]
        if self._places.get(guest, now.host) != now.host:
            raise RefusedError("", "the guest is not where it was")
        super().act(guest, action, force=force)


@broken_hyperv("hv-outside-wishful", breaks="EXT-5")
class BelievesItsWishes(HypervDriver):
    """Shows a guest that it wanted to turn off as stopped, whatever came of it."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._wished: set[str] = set()

    def power(self, guest: str, action: PowerAction, *, force: bool) -> Outcome:
        """Note the wish."""
        if action is PowerAction.OFF:
            self._wished.add(guest)
        return super().power(guest, action, force=force)

    def power_status(self, guest: GuestFacts) -> Status:
        """Return stop for what was to stop."""
        return Status.STOP if guest.uuid in self._wished else super().power_status(guest)


# -- power and states ----------------------------------------------------------------------------


@broken_hyperv("hv-power-nothing", breaks="POWER-ALL-1")
class StartsNothing(HypervDriver):
    """Says that a guest was powered on and does nothing."""

    def act(self, guest: str, action: PowerAction, *, force: bool) -> None:
        """Leave guests off."""
        if action is not PowerAction.ON:
            super().act(guest, action, force=force)


@broken_hyperv("hv-power-cut", breaks="POWER-ALL-2")
class CutsPower(HypervDriver):
    """Cuts the power of a guest that should shut down."""

    def off(self, *, force: bool) -> str:
        """Use force in any case."""
        return super().off(force=True)


@broken_hyperv("hv-power-asks", breaks="POWER-ALL-3")
class AsksPolitely(HypervDriver):
    """Asks a guest to shut down that should be forced off."""

    def off(self, *, force: bool) -> str:
        """Use force in no case."""
        return super().off(force=False)


@broken_hyperv("hv-power-twice", breaks="POWER-ALL-4")
class RebootsTwice(HypervDriver):
    """Reboots a guest two times."""

    def act(self, guest: str, action: PowerAction, *, force: bool) -> None:
        """Reboot again."""
        super().act(guest, action, force=force)
        if action is PowerAction.REBOOT:
            super().act(guest, action, force=True)


@broken_hyperv("hv-state-warning", breaks="STATE-ALL-1")
class WarnsAlways(HypervDriver):
    """Shows every running guest with a warning."""

    def power_status(self, guest: GuestFacts) -> Status:
        """Return a warning for what is normal."""
        found = super().power_status(guest)
        return Status.WARNING if found is Status.NORMAL else found


@broken_hyperv("hv-state-off", breaks="STATE-ALL-2")
class DoesNotKnowOff(HypervDriver):
    """Shows a guest that is off as unknown."""

    def power_status(self, guest: GuestFacts) -> Status:
        """Return unknown for stop."""
        found = super().power_status(guest)
        return Status.UNKNOWN if found is Status.STOP else found


@broken_hyperv("hv-state-stale", breaks="STATE-ALL-3")
class ShowsStaleStates(HypervDriver):
    """Shows what the hypervisor said last, though its host does not answer any more."""

    def guest_status(self, guest: GuestFacts) -> Status:
        """Return the last known power."""
        return Status.NORMAL if guest.state == "Running" else super().guest_status(guest)


@broken_hyperv("hv-state-fatal", breaks="STATE-HV-1")
class FatalOnSilentHosts(HypervDriver):
    """Shows guests of hosts that do not answer as beyond help."""

    def power_status(self, guest: GuestFacts) -> Status:
        """Return a state that Hyper-V's guests do not have."""
        silent = guest.status == "HostNotResponding"
        return Status.FATAL if silent else super().power_status(guest)


# -- moves and maintenance -----------------------------------------------------------------------


class MovesByRestart(HypervDriver):
    """Stops a guest, moves it and starts it again."""

    def move(self, guest: GuestFacts, target: HostFacts) -> None:
        """Move a machine by way of being off."""
        running = guest.state == "Running"
        if running:
            self.act(guest.uuid, PowerAction.OFF, force=True)
        super().move(guest, target)
        if running:
            self.act(guest.uuid, PowerAction.ON, force=False)


@broken_hyperv("hv-term-live", breaks="MIG-TERM-1")
class LiveByRestart(MovesByRestart):
    """Calls a move by way of being off live."""


@broken_hyperv("hv-term-cold", breaks="MIG-TERM-2")
class ColdByStart(HypervDriver):
    """Starts a guest that is off in order to move it."""

    def move(self, guest: GuestFacts, target: HostFacts) -> None:
        """Move a machine by way of being on."""
        off = guest.state != "Running"
        if off:
            self.act(guest.uuid, PowerAction.ON, force=False)
        super().move(guest, target)
        if off:
            self.act(guest.uuid, PowerAction.OFF, force=True)


@broken_hyperv("hv-move-any-mode", breaks="MIG-TERM-3")
class TakesAnyMode(HypervDriver):
    """Moves a guest as its power allows, whatever mode was asked for."""

    def check_mode(self, guest: GuestFacts, mode: MoveMode) -> Refused | None:
        """See no harm in it."""
        return None


@broken_hyperv("hv-move-none", breaks="MIG-HV-2")
class MovesNothing(HypervDriver):
    """Says that a guest was moved and does nothing."""

    def move(self, guest: GuestFacts, target: HostFacts) -> None:
        """Leave it where it is."""


@broken_hyperv("hv-move-anywhere", breaks="MIG-HV-3")
class MovesAnywhere(HypervDriver):
    """Moves guests out of their cluster."""

    def check_cluster(self, source: HostFacts, target: HostFacts) -> Refused | None:
        """See no harm in it."""
        return None


@broken_hyperv("hv-maintenance-none", breaks="MAINT-HV-1")
class NeverRests(HypervDriver):
    """Says that a host is in maintenance mode and does nothing."""

    def enter(self, host: HostFacts, *, move: bool) -> None:
        """Do nothing."""


@broken_hyperv("hv-maintenance-saves", breaks="MAINT-HV-4")
class SavesEverything(HypervDriver):
    """Saves guests that it should move."""

    def enter(self, host: HostFacts, *, move: bool) -> None:
        """Move nothing."""
        super().enter(host, move=False)


@broken_hyperv("hv-maintenance-with-move-refused", breaks="MAINT-RCX-1")
class RefusesToEmpty(HypervDriver):
    """Takes no maintenance mode with moves, as is right for VMware."""

    def maintenance(self, host: str, switch: Switch, *, move: bool) -> Outcome:
        """Refuse it."""
        if move:
            return Refused(Reason.UNSUPPORTED_BY_PRODUCT, "there is no such step")
        return super().maintenance(host, switch, move=move)


@broken_hyperv("hv-maintenance-resumes", breaks="MAINT-HV-5")
class ResumesAfterwards(HypervDriver):
    """Starts saved guests of a host when its maintenance mode is released."""

    def leave(self, host: HostFacts) -> None:
        """Release it, and start what was saved."""
        super().leave(host)
        for guest in self.read_guests().values():
            if guest.host == host.uuid and guest.status == "Saved":
                self.act(guest.uuid, PowerAction.ON, force=False)


@broken_hyperv("hv-maintenance-ignored", breaks="MAINT-ALL-1")
class WakesRestingHosts(HypervDriver):
    """Releases a host's maintenance mode when something is to be done there."""

    def check_target(self, target: HostFacts) -> Refused | None:
        """Release the target's."""
        if target.maintenance:
            self.leave(target)
        return None


# -- hosts by themselves -------------------------------------------------------------------------


@broken_hyperv("hv-move-unmanaged", breaks="MIG-HV-1")
class MovesUnmanaged(HypervDriver):
    """Tries to move guests where there is nobody but hosts."""

    def check_manager(self) -> Refused | None:
        """Ask for no SCVMM."""
        return None


@broken_hyperv("hv-maintenance-unknown-host", breaks="MAINT-HV-2")
class RestsUnknownHosts(HypervDriver):
    """Says that a host is in maintenance mode that SCVMM does not manage."""

    def maintenance(self, host: str, switch: Switch, *, move: bool) -> Outcome:
        """See to it alone."""
        if self.check_manager() is not None:
            return Done()
        return super().maintenance(host, switch, move=move)


@broken_hyperv("hv-maintenance-unmanaged", breaks="MAINT-HV-3")
class RestsWithoutManager(RestsUnknownHosts):
    """Says that a host is in maintenance mode though no SCVMM is registered."""


@broken_hyperv("hv-state-paused", breaks="STATE-HV-2")
class WarnsOfPaused(HypervDriver):
    """Shows a paused guest with a warning, with SCVMM or without."""

    def power_status(self, guest: GuestFacts) -> Status:
        """Return a state that a host alone does not have."""
        return Status.WARNING if guest.state == "Paused" else super().power_status(guest)


# -- physical servers ----------------------------------------------------------------------------


@broken_hyperv("hv-spare-empty-host-hidden", breaks="SPARE-1")
class HidesEmptyHosts(HypervDriver):
    """Lists only hosts on which a guest runs."""

    def hosts(self) -> Sequence[Host]:
        """Return the hosts that are busy."""
        busy = {one.host for one in self.machines.values() if one.state == "Running"}
        return tuple(one for one in super().hosts() if one.id in busy)
