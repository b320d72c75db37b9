"""Host backup and restore with guests on the boot disk (BACKUP-*).

A partition's content is a fingerprint: it is written to before the backup and again before the
restore, and afterwards it is compared with both.
"""

from collections.abc import Sequence
from functools import partial

from hvsim_conformance.checks.shared import AnyBench, Registrar
from hvsim_conformance.checks.shared.hardware import enrol_hardware
from hvsim_conformance.checks.shared.steps import expect_untouched

HOST = "gamma"


def register(check: Registrar, family: str, guest: str) -> None:
    """Register the checks of ``BACKUP-<family>-1`` to ``-7``.

    Args:
        check: a product's decorator.
        family: how the catalogue names the product in these requirements.
        guest: the guest that has disks on both disks of its host.
    """
    bodies = (
        host_partition_comes_back,
        swap_is_defined_again,
        guest_partition_on_the_boot_disk_comes_back,
        data_partition_on_the_boot_disk_comes_back,
        guest_partition_on_another_disk_is_left,
        data_partition_on_another_disk_is_left,
        partial(guest_with_disks_on_both, guest=guest),
    )
    for number, body in enumerate(bodies, 1):
        check(f"BACKUP-{family}-{number}")(body)


def host_partition_comes_back(bench: AnyBench) -> None:
    """The system of the host itself."""
    expect_back(bench, "disk1/host")


def swap_is_defined_again(bench: AnyBench) -> None:
    """A restore to a new disk makes the partition, and not what it held."""
    enrol_hardware(bench)
    _write(bench, ["disk1/swap"], "before")
    before = bench.lab.machines.contents(HOST)["disk1/swap"]
    old = _swap(bench)
    image = _back_up(bench)
    bench.expect("disk1/swap" not in bench.lab.machines.backed_up(), "the image has swap contents")
    bench.control.perform("disk.replace", HOST, disk="disk1")
    _restore(bench, image)
    now = bench.lab.machines.contents(HOST)
    bench.expect("disk1/swap" in now, "there is no swap partition after the restore")
    bench.expect(now["disk1/swap"] != before, "the swap partition's contents were restored")
    bench.expect(_swap(bench) == old, f"the swap partition was {old} and is now {_swap(bench)}")


def guest_partition_on_the_boot_disk_comes_back(bench: AnyBench) -> None:
    """Where the host keeps its guests' disks."""
    expect_back(bench, "disk1/guests")


def data_partition_on_the_boot_disk_comes_back(bench: AnyBench) -> None:
    """Whatever else lies on the boot disk."""
    expect_back(bench, "disk1/data")


def guest_partition_on_another_disk_is_left(bench: AnyBench) -> None:
    """It is not in the image, and the restore does not touch it."""
    expect_left(bench, "disk2/guests")


def data_partition_on_another_disk_is_left(bench: AnyBench) -> None:
    """It is not in the image, and the restore does not touch it."""
    expect_left(bench, "disk2/data")


def guest_with_disks_on_both(bench: AnyBench, guest: str) -> None:
    """It comes back with its host, in part: what lay on the other disk is younger."""
    before = bench.lab.truth.guest(guest)
    places = ["disk1/guests", "disk2/guests"]
    old, changed, now = there_and_back(bench, places)
    bench.expect(now["disk1/guests"] == old["disk1/guests"], "the guest's boot disk is not back")
    kept = now["disk2/guests"] == changed["disk2/guests"]
    bench.expect(kept, "what the guest had on another disk was restored as well")
    expect_untouched(bench, before)
    bench.refresh()
    bench.guest(before.native_id)


def expect_back(bench: AnyBench, place: str) -> None:
    """Expect that a restore brings a partition back as it was at the backup."""
    old, changed, now = there_and_back(bench, [place])
    bench.expect(now[place] != changed[place], f"{place} was left by the restore as it was")
    bench.expect(now[place] == old[place], f"{place} is not as it was at the backup")


def expect_left(bench: AnyBench, place: str) -> None:
    """Expect that a partition is in no image, and that a restore does not touch it."""
    _, changed, now = there_and_back(bench, [place])
    bench.expect(now[place] == changed[place], f"{place} was changed by the restore")
    bench.expect(place not in bench.lab.machines.backed_up(), f"{place} is in the image")


def there_and_back(
    bench: AnyBench, places: Sequence[str]
) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """Back up and restore; return the contents at the backup, before the restore and after it."""
    machines = bench.lab.machines
    enrol_hardware(bench)
    _write(bench, places, "before")
    old = machines.contents(HOST)
    image = _back_up(bench)
    _write(bench, places, "after")
    changed = machines.contents(HOST)
    _restore(bench, image)
    return old, changed, machines.contents(HOST)


def _back_up(bench: AnyBench) -> str:
    image = bench.expect_done(bench.subject.backup_host(bench.host(HOST).id))
    bench.expect(image, "the backup names no image")
    return image


def _restore(bench: AnyBench, image: str) -> None:
    bench.expect_done(bench.subject.restore_host(bench.host(HOST).id, image))


def _write(bench: AnyBench, places: Sequence[str], data: str) -> None:
    for place in places:
        disk, _, partition = place.partition("/")
        bench.control.perform("disk.write", HOST, disk=disk, partition=partition, data=data)


def _swap(bench: AnyBench) -> tuple[str, int]:
    """Return role and size of the swap partition."""
    disk = bench.lab.machines.server(HOST).disks[0]
    found = next(part for part in disk.partitions if part.name == "swap")
    return found.role, found.size
