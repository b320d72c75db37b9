"""Managers that get the physical servers under Hyper-V hosts wrong (SPARE-*, BACKUP-HV-*)."""

from hvsim_conformance.adapters.model import Outcome, Product, Reason, Refused
from hvsim_conformance.mutants.rooms import broken_hardware
from hvsim_conformance.mutants.xenserver_backup import (
    BackupOfAllData,
    BackupOfAllGuests,
    BackupOfEveryDisk,
    BackupWithoutData,
    BackupWithoutGuests,
    BackupWithoutHost,
)
from hvsim_conformance.reference.hardware.backups import Backups
from hvsim_conformance.reference.hardware.machines import Machine
from hvsim_conformance.reference.hardware.spares import Spares


@broken_hardware("hv-nodes-are-no-spares", breaks="SPARE-2", product=Product.HYPERV)
class NodesAreNoSpares(Spares):
    """Refuses a node of a cluster that guests may fail over to."""

    def check_product(self, spare: Machine) -> Refused | None:
        if spare.host is not None and spare.host.pool:
            return Refused(Reason.SPARE_NOT_ELIGIBLE, "it belongs to a cluster")
        return super().check_product(spare)


@broken_hardware("hv-busy-host-as-spare", breaks="SPARE-3", product=Product.HYPERV)
class BusyHostAsSpare(Spares):
    """Accepts a Hyper-V host on which guests run."""

    def check_empty(self, spare: Machine) -> Refused | None:
        if spare.host is not None and spare.host.product is Product.HYPERV:
            return None
        return super().check_empty(spare)


@broken_hardware("hv-hyperv-is-no-spare", breaks="SPARE-11", product=Product.HYPERV)
class HypervIsNoSpare(Spares):
    """Refuses hosts of Hyper-V."""

    def assign(self, primary: str, spare: str) -> Outcome:
        found = self.machines.find(spare)
        if found is not None and found.host and found.host.product is Product.HYPERV:
            return Refused(Reason.SPARE_NOT_ELIGIBLE, "it runs Hyper-V")
        return super().assign(primary, spare)


# What is wrong with images of one product's hosts is as wrong with another's.
for _breaks, _name, _part in (
    ("BACKUP-HV-1", "without-host", BackupWithoutHost),
    ("BACKUP-HV-3", "without-guests", BackupWithoutGuests),
    ("BACKUP-HV-4", "without-data", BackupWithoutData),
    ("BACKUP-HV-5", "of-all-guests", BackupOfAllGuests),
    ("BACKUP-HV-6", "of-all-data", BackupOfAllData),
    ("BACKUP-HV-7", "of-every-disk", BackupOfEveryDisk),
):
    broken_hardware(f"hv-backup-{_name}", breaks=_breaks)(_part)


@broken_hardware("hv-backup-wants-swap", breaks="BACKUP-HV-2", product=Product.HYPERV)
class BackupWantsSwap(Backups):
    """Backs up no host without a swap partition."""

    def check_product(self, machine: Machine) -> Refused | None:
        roles = {role for disk in machine.server.disks for role in disk.partitions.values()}
        if "swap" not in roles:
            return Refused(Reason.UNSUPPORTED_BY_PRODUCT, "it has no swap partition")
        return super().check_product(machine)
