"""Host backup and restore (BACKUP-XEN-*): the physical side is the same as XenServer's."""

from hvsim_conformance.checks.rhel5xen import Rhel5Bench, check
from hvsim_conformance.checks.rhel5xen.steps import expect_untouched
from hvsim_conformance.checks.xenserver import backup

for _requirement, _function in (
    ("BACKUP-XEN-1", backup.host_partition_comes_back),
    ("BACKUP-XEN-2", backup.swap_is_defined_again),
    ("BACKUP-XEN-3", backup.guest_partition_on_the_boot_disk_comes_back),
    ("BACKUP-XEN-4", backup.data_partition_on_the_boot_disk_comes_back),
    ("BACKUP-XEN-5", backup.guest_partition_on_another_disk_is_left),
    ("BACKUP-XEN-6", backup.data_partition_on_another_disk_is_left),
):
    check(_requirement)(_function)


@check("BACKUP-XEN-7")
def guest_with_disks_on_both(bench: Rhel5Bench) -> None:
    """It comes back with its host, in part: what lay on the other disk is younger."""
    before = bench.lab.truth.guest("spare")
    places = ["disk1/guests", "disk2/guests"]
    old, changed, now = backup.there_and_back(bench, places)
    bench.expect(now["disk1/guests"] == old["disk1/guests"], "the guest's boot disk is not back")
    kept = now["disk2/guests"] == changed["disk2/guests"]
    bench.expect(kept, "what the guest had on another disk was restored as well")
    expect_untouched(bench, before)
    bench.refresh()
    bench.guest(before.native_id)
