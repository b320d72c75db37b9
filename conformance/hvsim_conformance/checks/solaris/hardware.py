"""What physical servers of Solaris hosts do not offer (BACKUP-SOL-*, SPARE-11)."""

from hvsim_conformance.adapters.model import Done, Reason
from hvsim_conformance.checks.solaris import ZoneBench, check
from hvsim_conformance.checks.solaris.steps import expect_not_done
from hvsim_conformance.labs.solaris.world import PRIMARY

HOST = "sun"
IMAGE = "administrators"


@check("BACKUP-SOL-1")
def host_partition(bench: ZoneBench) -> None:
    """The system of the host itself."""
    _expect_unsupported(bench, "disk1/host")


@check("BACKUP-SOL-2")
def swap_partition(bench: ZoneBench) -> None:
    """Neither contents nor definition."""
    _expect_unsupported(bench, "disk1/swap")


@check("BACKUP-SOL-3")
def guest_partition_on_the_first_disk(bench: ZoneBench) -> None:
    """Where zones lie."""
    _expect_unsupported(bench, "disk1/guests")


@check("BACKUP-SOL-4")
def data_partition_on_the_first_disk(bench: ZoneBench) -> None:
    """Whatever else lies on the boot disk."""
    _expect_unsupported(bench, "disk1/data")


@check("BACKUP-SOL-5")
def guest_partition_on_the_second_disk(bench: ZoneBench) -> None:
    """Where further zones lie."""
    _expect_unsupported(bench, "disk2/guests")


@check("BACKUP-SOL-6")
def data_partition_on_the_second_disk(bench: ZoneBench) -> None:
    """Data on another disk."""
    _expect_unsupported(bench, "disk2/data")


@check("SPARE-11")
def solaris_host_is_no_spare(bench: ZoneBench) -> None:
    """The host is built as the primary is, and no zone runs on it."""
    _enrol_hardware(bench)
    outcome = bench.subject.assign_spare(PRIMARY, bench.host("moon").id)
    bench.expect_rejected(outcome, Reason.SPARE_NOT_ELIGIBLE)


def _expect_unsupported(bench: ZoneBench, place: str) -> None:
    """Expect that a partition gets into no image, and that no image is written over it."""
    disk, _, partition = place.partition("/")
    machines = bench.lab.machines
    _enrol_hardware(bench)
    host = bench.host(HOST).id
    bench.control.perform("disk.write", HOST, disk=disk, partition=partition, data="before")
    _expect_no_backup(bench, host, place)
    bench.control.perform("server.backup", HOST, image=IMAGE, partitions=[place])
    bench.control.perform("disk.write", HOST, disk=disk, partition=partition, data="after")
    kept = machines.contents(HOST)[place]
    expect_not_done(bench, bench.subject.restore_host(host, IMAGE), "a restore")
    bench.expect(machines.contents(HOST)[place] == kept, f"{place} was written over")


def _expect_no_backup(bench: ZoneBench, host: str, place: str) -> None:
    outcome = bench.subject.backup_host(host)
    # An implementation may know the partitions one by one: each has its own requirement.
    taken = place in _images(bench)
    bench.expect(not taken, f"{place} is in an image")
    if isinstance(outcome, Done):
        expect_not_done(bench, outcome, "a backup")
    bench.expect_rejected(outcome, Reason.UNSUPPORTED_BY_PRODUCT)


def _images(bench: ZoneBench) -> set[str]:
    """Return the places that are in any image, with or without their contents."""
    images = bench.lab.world.hardware.images.values()
    return {f"{piece.disk}/{piece.partition}" for image in images for piece in image.pieces}


def _enrol_hardware(bench: ZoneBench) -> None:
    """Register the hosts and the door to their physical servers, and refresh."""
    door = bench.lab.hardware
    bench.expect_done(bench.subject.register(door.kind, door.address, door.credentials, door.role))
    bench.enrol()
