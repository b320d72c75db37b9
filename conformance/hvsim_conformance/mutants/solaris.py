"""Managers that get Solaris zones wrong."""

from hvsim_conformance.adapters.model import (
    Done,
    MoveMode,
    Outcome,
    PowerAction,
    Product,
    Status,
    Switch,
    Terms,
)
from hvsim_conformance.mutants.drivers import broken_solaris
from hvsim_conformance.mutants.rooms import broken_hardware
from hvsim_conformance.reference.hardware.backups import Backups
from hvsim_conformance.reference.hardware.machines import Machine
from hvsim_conformance.reference.hardware.spares import Spares
from hvsim_conformance.reference.solaris.driver import SolarisDriver, ZoneFacts


@broken_solaris("sol-name-inside", breaks="NAME-SOL-1")
class NamesByNodename(SolarisDriver):
    """Shows a running zone under what it calls itself."""

    def display_name(self, zone: ZoneFacts) -> str:
        if zone.state != "running":
            return zone.name
        return self.connection.run(f"zlogin {zone.name} uname -n").out.strip()


@broken_solaris("sol-zone-configured", breaks="ZONE-1")
class ShowsConfigured(SolarisDriver):
    """Shows zones that have no system yet."""

    def has_system(self, zone: ZoneFacts) -> bool:
        return zone.state != "incomplete"


@broken_solaris("sol-zone-incomplete", breaks="ZONE-2")
class ShowsIncomplete(SolarisDriver):
    """Takes a zone for a guest as soon as its installation has begun."""

    def has_system(self, zone: ZoneFacts) -> bool:
        return zone.state != "configured"


@broken_solaris("sol-zone-installed-hidden", breaks="ZONE-3")
class ShowsActiveOnly(SolarisDriver):
    """Shows only what the kernel has, as the list without options does."""

    def has_system(self, zone: ZoneFacts) -> bool:
        return zone.id != "-"


@broken_solaris("sol-zone-ready-normal", breaks="ZONE-4")
class TakesReadyForRunning(SolarisDriver):
    """Shows every zone with an ID as normal."""

    def state_status(self, zone: ZoneFacts) -> Status:
        return Status.STOP if zone.id == "-" else Status.NORMAL


@broken_solaris("sol-zone-running-unknown", breaks="ZONE-5")
class DoubtsRunning(SolarisDriver):
    """Takes a zone for normal only while its ID is the one it was first seen with."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]  # passed on as they come
        self._seen: dict[str, str] = {}

    def state_status(self, zone: ZoneFacts) -> Status:
        same = self._seen.setdefault(zone.uuid, zone.id) == zone.id
        return super().state_status(zone) if same else Status.UNKNOWN


@broken_solaris("sol-zone-down-error", breaks="ZONE-6")
class ErrorsOnDown(SolarisDriver):
    """Shows a zone that is stuck in down as an error."""

    def state_status(self, zone: ZoneFacts) -> Status:
        return Status.ERROR if zone.state == "down" else super().state_status(zone)


@broken_solaris("sol-zone-shutting-down-warning", breaks="ZONE-6")
class WarnsOfShuttingDown(SolarisDriver):
    """Shows a zone on its way down with a warning."""

    def state_status(self, zone: ZoneFacts) -> Status:
        shutting = zone.state == "shutting_down"
        return Status.WARNING if shutting else super().state_status(zone)


@broken_solaris("sol-zone-never-new", breaks="ZONE-7")
class KnowsFirstZonesOnly(SolarisDriver):
    """Shows only zones that were installed when the host was registered."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]  # passed on as they come
        self._first: set[str] = set()

    def read(self) -> list[ZoneFacts]:
        found = super().read()
        self._first = self._first or {zone.name for zone in found if self.has_system(zone)}
        return [zone for zone in found if zone.name in self._first]


@broken_solaris("sol-zone-global", breaks="ZONE-8")
class ShowsGlobal(SolarisDriver):
    """Shows the global zone as a guest."""

    def is_global(self, zone: ZoneFacts) -> bool:
        return False


@broken_solaris("sol-power-on-ready", breaks="POWER-SOL-1")
class ReadiesInsteadOfBooting(SolarisDriver):
    """Brings a zone to ready and calls that on."""

    def command(self, name: str, action: PowerAction, *, force: bool) -> str:
        line = super().command(name, action, force=force)
        return line.replace(" boot", " ready")


@broken_solaris("sol-power-off-ready", breaks="POWER-SOL-1")
class LeavesPlatformUp(SolarisDriver):
    """Takes a zone back to ready instead of switching it off, as if it could be resumed."""

    def command(self, name: str, action: PowerAction, *, force: bool) -> str:
        if action is PowerAction.OFF:
            return f"zoneadm -z {name} ready"
        return super().command(name, action, force=force)

    def _await(self, before: ZoneFacts, action: PowerAction) -> Outcome:
        return Done() if action is PowerAction.OFF else super()._await(before, action)


@broken_solaris("sol-power-readies", breaks="POWER-ALL-1")
class ReadiesOnly(ReadiesInsteadOfBooting):
    """Leaves a zone that it was to start without any process."""


@broken_solaris("sol-power-asks", breaks="POWER-ALL-3")
class AlwaysAsks(SolarisDriver):
    """Lets the zone's own system shut down even when it is to be forced off."""

    def command(self, name: str, action: PowerAction, *, force: bool) -> str:
        return super().command(name, action, force=False)


@broken_solaris("sol-power-halts", breaks="POWER-ALL-2")
class AlwaysHalts(SolarisDriver):
    """Never asks the system inside."""

    def command(self, name: str, action: PowerAction, *, force: bool) -> str:
        return super().command(name, action, force=True)


@broken_solaris("sol-power-boots-twice", breaks="POWER-ALL-4")
class RebootsTwice(SolarisDriver):
    """Reboots a zone once more to be sure."""

    def command(self, name: str, action: PowerAction, *, force: bool) -> str:
        line = super().command(name, action, force=force)
        again = action is PowerAction.REBOOT
        return f"{line} && zoneadm -z {name} reboot" if again else line


@broken_solaris("sol-state-down-fatal", breaks="STATE-SOL-1")
class FatalWhenDown(SolarisDriver):
    """Shows a zone that cannot be taken down as beyond help."""

    def state_status(self, zone: ZoneFacts) -> Status:
        return Status.FATAL if zone.state == "down" else super().state_status(zone)


@broken_solaris("sol-state-lost-error", breaks="STATE-SOL-1")
class ErrorsWhenLost(SolarisDriver):
    """Shows the zones of a host that does not answer as errors."""

    def guest_status(self, zone: ZoneFacts) -> Status:
        return Status.ERROR if self.lost else self.state_status(zone)


@broken_solaris("sol-state-young-unknown", breaks="STATE-ALL-1")
class DoubtsLaterZones(SolarisDriver):
    """Shows as normal only the first zone that the kernel has taken."""

    def state_status(self, zone: ZoneFacts) -> Status:
        later = zone.state == "running" and zone.id != "1"
        return Status.UNKNOWN if later else super().state_status(zone)


@broken_solaris("sol-state-off-unknown", breaks="STATE-ALL-2")
class DoesNotKnowOff(SolarisDriver):
    """Shows a zone that is off as unknown."""

    def state_status(self, zone: ZoneFacts) -> Status:
        return Status.UNKNOWN if zone.state == "installed" else super().state_status(zone)


@broken_solaris("sol-state-stale", breaks="STATE-ALL-3")
class ShowsStaleZones(SolarisDriver):
    """Shows the last known state when nobody answers any more."""

    def guest_status(self, zone: ZoneFacts) -> Status:
        return self.state_status(zone)


@broken_solaris("sol-move-live", breaks="MIG-SOL-1")
class MovesLive(SolarisDriver):
    """Believes that a running zone was moved."""

    def migrate(self, guest: str, host: str, mode: MoveMode) -> Outcome:
        return Done() if mode is MoveMode.LIVE else super().migrate(guest, host, mode)


@broken_solaris("sol-move-cold", breaks="MIG-SOL-2")
class DetachesToMove(SolarisDriver):
    """Detaches a zone to move it, as the product would let an administrator do."""

    def migrate(self, guest: str, host: str, mode: MoveMode) -> Outcome:
        zone = self._find(guest)
        if mode is MoveMode.LIVE or zone is None:
            return super().migrate(guest, host, mode)
        self.connection.run(f"zoneadm -z {zone.name} detach")
        return Done()


@broken_solaris("sol-maintenance", breaks="MAINT-SOL-1")
class SetsMaintenance(SolarisDriver):
    """Pretends that a Solaris host can be set to maintenance."""

    def maintenance(self, host: str, switch: Switch, *, move: bool) -> Outcome:
        return Done()


@broken_solaris("sol-maintenance-term", breaks="MAINT-TERM-1")
class NamesMaintenance(SolarisDriver):
    """Has a word for a mode that is not there."""

    terms = Terms(Product.SOLARIS, None, "maintenance mode", None, None)


@broken_solaris("sol-ha-term", breaks="HA-SOL-1")
class NamesHighAvailability(SolarisDriver):
    """Has a word for high availability of zones."""

    terms = Terms(Product.SOLARIS, "HA", None, None, None)


@broken_hardware("sol-spare", breaks="SPARE-11", product=Product.SOLARIS)
class TakesSolarisForSpare(Spares):
    """Takes the host of any product for a spare."""

    def check_product(self, spare: Machine) -> None:
        return


class _BacksUp(Backups):
    """Takes images of Solaris hosts too, of one partition each."""

    disk, role = 0, "host"

    def check_product(self, machine: Machine) -> None:
        return

    def takes_content(self, disk: int, role: str) -> bool:
        return (disk, role) == (self.disk, self.role)

    def takes_definition(self, disk: int, role: str) -> bool:
        return False


@broken_hardware("sol-backup-host", breaks="BACKUP-SOL-1", product=Product.SOLARIS)
class BacksUpHost(_BacksUp):
    """Takes the partition of a Solaris host's own system."""


@broken_hardware("sol-backup-swap", breaks="BACKUP-SOL-2", product=Product.SOLARIS)
class BacksUpSwap(_BacksUp):
    """Takes a Solaris host's swap partition."""

    role = "swap"


@broken_hardware("sol-backup-zones", breaks="BACKUP-SOL-3", product=Product.SOLARIS)
class BacksUpZones(_BacksUp):
    """Takes the zones on a Solaris host's boot disk."""

    role = "guest"


@broken_hardware("sol-backup-data", breaks="BACKUP-SOL-4", product=Product.SOLARIS)
class BacksUpData(_BacksUp):
    """Takes data on a Solaris host's boot disk."""

    role = "data"


@broken_hardware("sol-backup-other-zones", breaks="BACKUP-SOL-5", product=Product.SOLARIS)
class BacksUpOtherZones(_BacksUp):
    """Takes the zones on a Solaris host's second disk."""

    disk, role = 1, "guest"


@broken_hardware("sol-backup-other-data", breaks="BACKUP-SOL-6", product=Product.SOLARIS)
class BacksUpOtherData(_BacksUp):
    """Takes data on a Solaris host's second disk."""

    disk, role = 1, "data"
