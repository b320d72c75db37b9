"""Host backup and restore with guests on the boot disk (BACKUP-VMW-*).

Guests lie on VMFS: it goes into no image, whichever disk it is on.
"""

from hvsim_conformance.checks.shared import AnyBench, backup
from hvsim_conformance.checks.vmware import check

_GUESTS = ("disk1/guests", "disk2/guests")

check("BACKUP-VMW-1")(backup.host_partition_comes_back)
check("BACKUP-VMW-2")(backup.swap_is_defined_again)
check("BACKUP-VMW-4")(backup.data_partition_on_the_boot_disk_comes_back)
check("BACKUP-VMW-5")(backup.guest_partition_on_another_disk_is_left)
check("BACKUP-VMW-6")(backup.data_partition_on_another_disk_is_left)


@check("BACKUP-VMW-3")
def guest_storage_on_the_boot_disk_is_left(bench: AnyBench) -> None:
    """It is not in the image, and the restore does not touch it."""
    backup.expect_left(bench, "disk1/guests")


@check("BACKUP-VMW-7")
def guests_stay_as_they_are(bench: AnyBench) -> None:
    """What happened to them between backup and restore has happened for good."""
    before = bench.lab.truth.guests()
    _, changed, now = backup.there_and_back(bench, _GUESTS)
    taken = [place for place in _GUESTS if place in bench.lab.machines.backed_up()]
    bench.expect(not taken, f"{' and '.join(taken)} went into the image")
    for place in _GUESTS:
        bench.expect(now[place] == changed[place], f"{place} was changed by the restore")
    bench.expect(bench.lab.truth.guests() == before, "guests were touched")
