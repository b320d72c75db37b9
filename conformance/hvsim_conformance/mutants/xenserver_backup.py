"""Managers that get host backup wrong (BACKUP-XEN-*)."""

from hvsim_conformance.mutants.rooms import broken_hardware
from hvsim_conformance.reference.hardware.backups import Backups


@broken_hardware("xs-backup-without-host", breaks="BACKUP-XEN-1")
class BackupWithoutHost(Backups):
    """Leaves the host's own partition out."""

    def takes_content(self, disk: int, role: str) -> bool:
        return super().takes_content(disk, role) and role != "host"


@broken_hardware("xs-backup-without-swap", breaks="BACKUP-XEN-2")
class BackupWithoutSwap(Backups):
    """Does not know that there is a swap partition."""

    def takes_definition(self, disk: int, role: str) -> bool:
        return False


@broken_hardware("xs-backup-with-swapped-pages", breaks="BACKUP-XEN-2")
class BackupWithSwappedPages(Backups):
    """Takes and restores what the swap partition holds."""

    def takes_content(self, disk: int, role: str) -> bool:
        return disk == 0

    def takes_definition(self, disk: int, role: str) -> bool:
        return False


@broken_hardware("xs-backup-without-guests", breaks="BACKUP-XEN-3")
class BackupWithoutGuests(Backups):
    """Leaves the guests' partition out, as is right for another product."""

    def takes_content(self, disk: int, role: str) -> bool:
        return super().takes_content(disk, role) and role != "guest"


@broken_hardware("xs-backup-without-data", breaks="BACKUP-XEN-4")
class BackupWithoutData(Backups):
    """Leaves data on the boot disk out."""

    def takes_content(self, disk: int, role: str) -> bool:
        return super().takes_content(disk, role) and role != "data"


@broken_hardware("xs-backup-of-all-guests", breaks="BACKUP-XEN-5")
class BackupOfAllGuests(Backups):
    """Takes guests' partitions of every disk."""

    def takes_content(self, disk: int, role: str) -> bool:
        return super().takes_content(disk, role) or role == "guest"


@broken_hardware("xs-backup-of-all-data", breaks="BACKUP-XEN-6")
class BackupOfAllData(Backups):
    """Takes data of every disk."""

    def takes_content(self, disk: int, role: str) -> bool:
        return super().takes_content(disk, role) or role == "data"


@broken_hardware("xs-backup-of-every-disk", breaks="BACKUP-XEN-7")
class BackupOfEveryDisk(Backups):
    """Takes guests along with every disk they have."""

    def takes_content(self, disk: int, role: str) -> bool:
        return role != "swap"
