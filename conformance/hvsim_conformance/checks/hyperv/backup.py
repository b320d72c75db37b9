"""Host backup and restore with guests on the boot disk (BACKUP-HV-*).

Windows has no swap partition: there is none to be defined again.
"""

from functools import partial

from hvsim_conformance.checks.hyperv import check
from hvsim_conformance.checks.shared import AnyBench, backup

check("BACKUP-HV-1")(backup.host_partition_comes_back)
check("BACKUP-HV-3")(backup.guest_partition_on_the_boot_disk_comes_back)
check("BACKUP-HV-4")(backup.data_partition_on_the_boot_disk_comes_back)
check("BACKUP-HV-5")(backup.guest_partition_on_another_disk_is_left)
check("BACKUP-HV-6")(backup.data_partition_on_another_disk_is_left)
check("BACKUP-HV-7")(partial(backup.guest_with_disks_on_both, guest="spare"))


@check("BACKUP-HV-2")
def none_is_needed(bench: AnyBench) -> None:
    """Backup and restore work without one, and make none."""
    roles = {
        part.role
        for disk in bench.lab.machines.server(backup.HOST).disks
        for part in disk.partitions
    }
    bench.expect("swap" not in roles, "the host has a swap partition")
    _, _, now = backup.there_and_back(bench, ["disk1/host"])
    bench.expect(not [place for place in now if "swap" in place], "the restore made one")
