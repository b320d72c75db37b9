"""Managers that get VMware's hosts wrong as servers: as spares, and their backups."""

from collections.abc import Sequence
from dataclasses import replace

from hvsim_conformance.adapters.model import Host, Outcome, Product, Reason, Refused
from hvsim_conformance.mutants import xenserver_backup
from hvsim_conformance.mutants.drivers import broken_vmware
from hvsim_conformance.mutants.rooms import broken_hardware
from hvsim_conformance.reference.hardware.backups import Backups
from hvsim_conformance.reference.hardware.machines import Machine
from hvsim_conformance.reference.hardware.spares import Spares
from hvsim_conformance.reference.vmware.driver import GuestFacts, VmwareDriver


@broken_vmware("vmw-empty-hosts-are-nothing", breaks="SPARE-1")
class EmptyHostsAreNothing(VmwareDriver):
    """Lists only hosts on which a guest runs."""

    def hosts(self) -> Sequence[Host]:
        """Return the hosts that are busy."""
        busy = {guest.host for guest in self.machines.values() if guest.power == "poweredOn"}
        return [host for host in super().hosts() if host.id in busy]


@broken_hardware("vmw-cluster-hosts-are-no-spares", breaks="SPARE-2", product=Product.VMWARE)
class ClusterHostsAreNoSpares(Spares):
    """Refuses a host that others of its cluster may fail over to."""

    def check_product(self, spare: Machine) -> Refused | None:
        """Refuse members of a cluster."""
        if spare.host is not None and spare.host.pool:
            return Refused(Reason.SPARE_NOT_ELIGIBLE, "it belongs to a cluster")
        return super().check_product(spare)


@broken_vmware("vmw-guests-stay-where-they-were", breaks="SPARE-4")
class GuestsStayWhereTheyWere(VmwareDriver):
    """Shows a guest for good under the host it was first seen on."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]  # whatever the driver takes
        self.places: dict[str, str] = {}

    def read_guests(self) -> dict[str, GuestFacts]:
        """Return the machines where they were."""
        found = super().read_guests()
        return {
            uuid: replace(facts, host=self.places.setdefault(uuid, facts.host))
            for uuid, facts in found.items()
        }


@broken_hardware("vmw-vmware-is-no-spare", breaks="SPARE-11", product=Product.VMWARE)
class VmwareIsNoSpare(Spares):
    """Refuses hosts of VMware."""

    def assign(self, primary: str, spare: str) -> Outcome:
        """Refuse by the product."""
        found = self.machines.find(spare)
        if found is not None and found.host and found.host.product is Product.VMWARE:
            return Refused(Reason.SPARE_NOT_ELIGIBLE, "it runs VMware")
        return super().assign(primary, spare)


for _name, _breaks, _part in (
    ("without-host", "BACKUP-VMW-1", xenserver_backup.BackupWithoutHost),
    ("without-swap", "BACKUP-VMW-2", xenserver_backup.BackupWithoutSwap),
    ("with-swapped-pages", "BACKUP-VMW-2", xenserver_backup.BackupWithSwappedPages),
    ("without-data", "BACKUP-VMW-4", xenserver_backup.BackupWithoutData),
    ("of-all-data", "BACKUP-VMW-6", xenserver_backup.BackupOfAllData),
):
    # What is wrong with images of one product's hosts is as wrong with another's.
    broken_hardware(f"vmw-backup-{_name}", breaks=_breaks)(_part)


@broken_hardware("vmw-backup-of-vmfs", breaks="BACKUP-VMW-3")
class BackupOfVmfs(Backups):
    """Takes the guests on the boot disk along, as is right for another product."""

    def leaves_out(self, machine: Machine, role: str) -> bool:
        """Leave nothing out."""
        return False


@broken_hardware("vmw-backup-of-all-guests", breaks="BACKUP-VMW-5")
class BackupOfAllGuests(BackupOfVmfs):
    """Takes guests along whichever disk they lie on."""

    def takes_content(self, disk: int, role: str) -> bool:
        """Take every guest partition."""
        return super().takes_content(disk, role) or role == "guest"


@broken_hardware("vmw-backup-brings-guests-back", breaks="BACKUP-VMW-7")
class BackupBringsGuestsBack(BackupOfAllGuests):
    """Brings guests back as they were at the backup."""
