"""Managers that get VMware wrong."""

from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from hvsim_conformance.adapters.model import (
    Done,
    MoveMode,
    Outcome,
    PowerAction,
    Product,
    Refused,
    Status,
    Switch,
    Terms,
)
from hvsim_conformance.mutants.drivers import broken_vmware
from hvsim_conformance.reference.vmware.connection import RefusedError, moid_of, vim
from hvsim_conformance.reference.vmware.driver import GuestFacts, HostFacts, VmwareDriver


@broken_vmware("vmw-name-uuid", breaks="NAME-VMW-1")
class NamesByUuid(VmwareDriver):
    """Lists guests without a host name under their UUIDs."""

    def display_name(self, guest: GuestFacts) -> str:
        """Return a UUID instead of a machine's name."""
        return guest.hostname or guest.uuid


@broken_vmware("vmw-name-anew", breaks="NAME-VMW-2")
class NamesAnew(VmwareDriver):
    """Names a guest anew, by its UUID, when it sees Tools that were not there before."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._without: set[str] = set()

    def read_guests(self) -> dict[str, GuestFacts]:
        """Return the machines, and remember those without Tools."""
        found = super().read_guests()
        self._without |= {u for u, facts in found.items() if facts.tools == "toolsNotInstalled"}
        return found

    def display_name(self, guest: GuestFacts) -> str:
        """Return the UUID of a guest that got Tools."""
        has_tools = guest.tools != "toolsNotInstalled"
        return (
            guest.uuid
            if has_tools and guest.uuid in self._without
            else guest.hostname or guest.name
        )


@broken_vmware("vmw-name-machine", breaks="NAME-VMW-3")
class NamesByMachine(VmwareDriver):
    """Lists every guest under its machine's name."""

    def display_name(self, guest: GuestFacts) -> str:
        """Return the machine's name."""
        return guest.name


@broken_vmware("vmw-name-unescaped", breaks="NAME-VMW-4")
class DecodesNames(VmwareDriver):
    """Lists guests under names with their symbols, which no other view shows."""

    def display_name(self, guest: GuestFacts) -> str:
        """Return the name with its symbols."""
        return unquote(super().display_name(guest))


@broken_vmware("vmw-name-off", breaks="NAME-VMW-6")
class ForgetsNames(VmwareDriver):
    """Lists guests that are off under no name at all."""

    def display_name(self, guest: GuestFacts) -> str:
        """Return nothing for a guest that is off."""
        return "" if guest.power == "poweredOff" else super().display_name(guest)


@broken_vmware("vmw-move-unmanaged", breaks="MIG-VMW-1")
class MovesUnmanaged(VmwareDriver):
    """Tries to move guests where there is nobody but hosts."""

    def migrate(self, guest: str, host: str, mode: MoveMode) -> Outcome:
        """Ask the host that has the guest."""
        if self.managed:
            return super().migrate(guest, host, mode)
        machine = self.connection.reference(vim.VirtualMachine, self.machines[guest].moid)
        return self._attempt(lambda: self._asked(machine, mode))

    def _asked(self, machine: Any, mode: MoveMode) -> Outcome:
        self.move(machine, None, mode)
        return Done()


@broken_vmware("vmw-state-graded", breaks="STATE-VMW-2")
class GradesEverybody(VmwareDriver):
    """Warns of guests whose Tools are silent, where there is nobody but hosts."""

    def power_status(self, guest: GuestFacts) -> Status:
        """Grade every guest that runs."""
        silent = not self.managed and guest.tools == "toolsNotRunning"
        found = super().power_status(guest)
        return Status.WARNING if silent and found is Status.NORMAL else found


@broken_vmware("vmw-maintenance-with-move", breaks="MAINT-RCX-1")
class DropsTheMove(VmwareDriver):
    """Takes maintenance mode with moves and leaves the guests to themselves."""

    def maintenance(self, host: str, switch: Switch, *, move: bool) -> Outcome:
        """Set the mode only, in the time that guests leave."""
        del move
        return super().maintenance(host, switch, move=False)


@broken_vmware("vmw-move-restart", breaks="MIG-VMW-2")
class MovesByRestart(VmwareDriver):
    """Stops a guest, moves it and starts it again."""

    def move(self, machine: Any, target: Any, mode: MoveMode) -> None:
        """Move a machine by way of being off."""
        if mode is MoveMode.LIVE:
            self.connection.finish(machine.PowerOffVM_Task())
        super().move(machine, target, mode)
        if mode is MoveMode.LIVE:
            self.connection.finish(machine.PowerOnVM_Task())


@broken_vmware("vmw-move-anywhere", breaks="MIG-VMW-3")
class MovesAnywhere(VmwareDriver):
    """Moves guests between clusters, as vCenter allows."""

    def check_cluster(self, source: HostFacts, target: HostFacts) -> Refused | None:
        """See no harm in it."""
        return None


@broken_vmware("vmw-move-starts", breaks="MIG-VMW-4")
class StartsToMove(VmwareDriver):
    """Starts a guest that is off in order to move it."""

    def move(self, machine: Any, target: Any, mode: MoveMode) -> None:
        """Move a machine by way of being on."""
        if mode is MoveMode.COLD:
            self.connection.finish(machine.PowerOnVM_Task())
        super().move(machine, target, mode)
        if mode is MoveMode.COLD:
            self.connection.finish(machine.PowerOffVM_Task())


@broken_vmware("vmw-move-any-mode", breaks="MIG-TERM-3")
class TakesAnyMode(VmwareDriver):
    """Moves a guest as its power allows, whatever mode was asked for."""

    def check_mode(self, guest: GuestFacts, mode: MoveMode) -> Refused | None:
        """See no harm in it."""
        return None


@broken_vmware("vmw-move-stale", breaks="MIG-ALL-1")
class RemembersPlaces(VmwareDriver):
    """Shows a guest for ever where it was first seen."""

    def read_guests(self) -> dict[str, GuestFacts]:
        """Return machines on their first hosts."""
        found = super().read_guests()
        return {uuid: self.machines.get(uuid, facts) for uuid, facts in found.items()}


@broken_vmware("vmw-maintenance-none", breaks="MAINT-VMW-1")
class NeverRests(VmwareDriver):
    """Says that a host is in maintenance mode and does nothing."""

    def enter(self, host: Any) -> None:
        """Do nothing."""


@broken_vmware("vmw-ha-term", breaks="HA-VMW-1")
class NamesHaWrongly(VmwareDriver):
    """Calls high availability what another product does."""

    terms = Terms(Product.VMWARE, "failover cluster", "maintenance mode", "VMotion", "cold")


@broken_vmware("vmw-ha-blind", breaks="HA-VMW-2")
class BlindToRestarts(RemembersPlaces):
    """Shows a guest that HA restarted on the host that died."""


@broken_vmware("vmw-power-nothing", breaks="POWER-ALL-1")
class StartsNothing(VmwareDriver):
    """Says that a guest was powered on and does nothing."""

    def act(self, machine: Any, action: PowerAction, *, force: bool) -> None:
        """Leave guests off."""
        if action is not PowerAction.ON:
            super().act(machine, action, force=force)


@broken_vmware("vmw-power-cut", breaks="POWER-ALL-2")
class CutsPower(VmwareDriver):
    """Cuts the power of a guest that should shut down."""

    def act(self, machine: Any, action: PowerAction, *, force: bool) -> None:
        """Use force for every power off."""
        super().act(machine, action, force=force or action is PowerAction.OFF)


@broken_vmware("vmw-power-asks", breaks="POWER-ALL-3")
class AsksPolitely(VmwareDriver):
    """Asks a guest to shut down that should be forced off."""

    def act(self, machine: Any, action: PowerAction, *, force: bool) -> None:
        """Use no force for a power off."""
        super().act(machine, action, force=force and action is not PowerAction.OFF)


@broken_vmware("vmw-power-twice", breaks="POWER-ALL-4")
class RebootsTwice(VmwareDriver):
    """Resets a guest after it was told to reboot."""

    def act(self, machine: Any, action: PowerAction, *, force: bool) -> None:
        """Reboot, and reset."""
        if action is PowerAction.REBOOT:
            super().act(machine, action, force=True)
        super().act(machine, action, force=True)


@broken_vmware("vmw-state-gray", breaks="STATE-ALL-1")
class WarnsAlways(VmwareDriver):
    """Shows every running guest with a warning."""

    def power_status(self, guest: GuestFacts) -> Status:
        """Return a warning for what is normal."""
        found = super().power_status(guest)
        return Status.WARNING if found is Status.NORMAL else found


@broken_vmware("vmw-state-off", breaks="STATE-ALL-2")
class DoesNotKnowOff(VmwareDriver):
    """Shows a guest that is off as unknown."""

    def power_status(self, guest: GuestFacts) -> Status:
        """Return unknown for stop."""
        found = super().power_status(guest)
        return Status.UNKNOWN if found is Status.STOP else found


@broken_vmware("vmw-state-stale", breaks="STATE-ALL-3")
class ShowsStaleStates(VmwareDriver):
    """Shows the last known power state of a guest whose host does not answer."""

    def guest_status(self, guest: GuestFacts) -> Status:
        """Return what vCenter last knew."""
        return self.power_status(guest)


@broken_vmware("vmw-term-live", breaks="MIG-TERM-1")
class LiveByRestart(MovesByRestart):
    """Calls a move by way of being off live."""


@broken_vmware("vmw-term-cold", breaks="MIG-TERM-2")
class ColdByStart(StartsToMove):
    """Calls a move by way of being on cold."""


@broken_vmware("vmw-term-maintenance", breaks="MAINT-TERM-1")
class HasNoMaintenanceTerm(VmwareDriver):
    """Has no name for maintenance mode."""

    terms = Terms(Product.VMWARE, "VMware HA", None, "VMotion", "cold migration")


@broken_vmware("vmw-outside-neighbour", breaks="EXT-1")
class ActsOnANeighbour(VmwareDriver):
    """Operates on whatever guest is now on the host where it last saw the wanted one."""

    def act(self, machine: Any, action: PowerAction, *, force: bool) -> None:
        """Take another guest when the wanted one has moved."""
        now = self.read_guests()
        wanted = next(facts for facts in now.values() if facts.moid == moid_of(machine))
        seen = self.machines.get(wanted.uuid, wanted)
        if seen.host != wanted.host:
            other = next(facts for facts in now.values() if facts.uuid != wanted.uuid)
            machine = self.connection.reference(type(machine), other.moid)
        super().act(machine, action, force=force)


@broken_vmware("vmw-outside-not-followed", breaks="EXT-2")
class NeverFollows(RemembersPlaces):
    """Does not follow moves that it did not make."""


@broken_vmware("vmw-outside-never-forgiven", breaks="EXT-3")
class NeverForgives(VmwareDriver):
    """Refuses to operate on a guest that is not where it first saw it."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._first: dict[str, str] = {}

    def refresh(self) -> None:
        """Read the vCenter, and keep first places."""
        super().refresh()
        for facts in self.machines.values():
            self._first.setdefault(facts.moid, facts.host)

    def act(self, machine: Any, action: PowerAction, *, force: bool) -> None:
        """Give up on guests that have moved."""
        place = moid_of(machine.runtime.host)
        if self._first.get(moid_of(machine), place) != place:
            raise RefusedError("Moved", "the guest is not where it was")
        super().act(machine, action, force=force)


@broken_vmware("vmw-outside-drs", breaks="EXT-4")
class BlindToDrs(RemembersPlaces):
    """Does not follow moves that DRS makes."""


@broken_vmware("vmw-outside-wishful", breaks="EXT-5")
class BelievesItsWishes(VmwareDriver):
    """Shows a guest that it wanted to power off as stopped, whatever came of it."""

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


@broken_vmware("vmw-state-healthy", breaks="STATE-VMW-1")
class EverybodyIsWell(VmwareDriver):
    """Shows every guest that runs as normal."""

    def power_status(self, guest: GuestFacts) -> Status:
        """See no grades of health."""
        return super().power_status(replace(guest, health="green"))
