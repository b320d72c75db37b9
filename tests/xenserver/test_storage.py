"""Repositories, connections and disks: the product's own checks, sizes and stages."""

from __future__ import annotations

import pytest

import labs
from driving import call, do, finish, refusal
from hvsim.hardware import SharedStorage
from hvsim.operations import StageRule
from hvsim.xenserver.errors import XenError
from hvsim.xenserver.model import NULL_REF
from hvsim.xenserver.spec import GIB, StorageSpec
from hvsim.xenserver.storage.backend import COPY_RATE

both = pytest.mark.parametrize("profile", labs.PROFILES)


@pytest.fixture(name="pool")
def _pool(profile):
    return labs.small_pool(profile)


def sr(pool, name="Shared storage"):
    return next(ref for ref, row in pool.db.tables["SR"].items() if row["name_label"] == name)


def local(pool):
    return sr(pool, "Local storage on host1")


def make(pool, storage, size=GIB, **fields):
    record = {"SR": storage, "virtual_size": size, "name_label": "disk", "type": "user"}
    return do(pool, "VDI.create", record | fields)


def disk_of(pool, guest):
    row = pool.db.row("VM", labs.vm(pool, guest))
    return pool.db.row("VBD", row["VBDs"][0])["VDI"]


def used(pool, storage):
    row = pool.db.row("SR", storage)
    return row["virtual_allocation"], row["physical_utilisation"]


def unplug_all(pool, storage):
    for pbd in pool.db.row("SR", storage)["PBDs"]:
        do(pool, "PBD.unplug", pbd)


@both
def test_disk_takes_its_whole_size_on_lvm_and_almost_none_on_nfs(pool):
    nfs, lvm = used(pool, sr(pool)), used(pool, local(pool))
    make(pool, sr(pool), GIB)
    make(pool, local(pool), GIB)
    assert used(pool, sr(pool))[0] == nfs[0] + GIB
    assert 0 < used(pool, sr(pool))[1] - nfs[1] < 2**20
    assert used(pool, local(pool))[0] == lvm[0] + GIB
    assert used(pool, local(pool))[1] - lvm[1] >= GIB


@both
@pytest.mark.parametrize(
    ("size", "real"), [(0, 2 * 2**20), (1, 2 * 2**20), (2 * 2**20 + 1, 4 * 2**20), (GIB, GIB)]
)
def test_disk_sizes_are_rounded_up_to_vhd_blocks(pool, size, real):
    assert pool.db.row("VDI", make(pool, sr(pool), size))["virtual_size"] == real


@both
@pytest.mark.parametrize("size", [-1, 2040 * GIB + 1])
def test_impossible_disk_sizes(pool, size):
    record = {"SR": sr(pool), "virtual_size": size}
    assert refusal(pool, "VDI.create", record)[0] == "SR_BACKEND_FAILURE_79"


@both
def test_full_repository(pool):
    before = used(pool, local(pool))
    record = {"SR": local(pool), "virtual_size": 2039 * GIB}
    do(pool, "VDI.create", record)
    assert refusal(pool, "VDI.create", record)[:2] == ["SR_BACKEND_FAILURE_44", ""]
    vdi = next(v for v in pool.db.row("SR", local(pool))["VDIs"])
    do(pool, "VDI.destroy", vdi)
    assert used(pool, local(pool)) == before


@both
def test_disk_in_use_is_neither_destroyed_nor_copied_nor_resized(pool):
    vdi = disk_of(pool, "web")
    for message, args in (
        ("destroy", ()), ("copy", (sr(pool),)), ("resize", (99 * GIB,)), ("forget", ())
    ):  # fmt: skip
        assert refusal(pool, f"VDI.{message}", vdi, *args) == ["VDI_IN_USE", vdi, message]
    assert refusal(pool, "VDI.resize_online", vdi, 99 * GIB) == [
        "SR_OPERATION_NOT_SUPPORTED", sr(pool),
    ]  # fmt: skip
    assert pool.db.row("VDI", vdi)["allowed_operations"] == ["snapshot", "clone"]


@both
def test_idle_disk_allows_everything_its_storage_can(pool):
    allowed = set(pool.db.row("VDI", disk_of(pool, "spare"))["allowed_operations"])
    assert allowed == {
        "snapshot", "clone", "copy", "resize", "destroy", "forget", "update", "generate_config",
    }  # fmt: skip
    on_lvm = make(pool, local(pool))
    assert set(pool.db.row("VDI", on_lvm)["allowed_operations"]) == allowed - {"generate_config"}


@both
def test_destroying_a_disk_removes_its_devices(pool):
    vdi = make(pool, sr(pool))
    record = {"VM": labs.vm(pool, "spare"), "VDI": vdi, "userdevice": "7", "other_config": {}}
    before = len(pool.db.tables["VBD_metrics"])
    vbd = do(pool, "VBD.create", record | {"mode": "RW", "type": "Disk", "empty": False})
    do(pool, "VDI.destroy", vdi)
    assert not pool.db.exists("VDI", vdi)
    assert not pool.db.exists("VBD", vbd)
    assert vbd not in pool.db.row("VM", labs.vm(pool, "spare"))["VBDs"]
    assert len(pool.db.tables["VBD_metrics"]) == before


@both
def test_disk_grows_and_never_shrinks(pool):
    vdi = disk_of(pool, "spare")
    before = used(pool, sr(pool))[0]
    do(pool, "VDI.resize", vdi, 9 * GIB)
    assert pool.db.row("VDI", vdi)["virtual_size"] == 9 * GIB
    assert used(pool, sr(pool))[0] == before + GIB
    error = refusal(pool, "VDI.resize", vdi, 8 * GIB)
    assert error[0] == "SR_BACKEND_FAILURE_79"
    assert "shrinking" in error[2]


@both
def test_copy_takes_as_long_as_its_data_and_shows_its_progress(pool):
    vdi = disk_of(pool, "spare")
    task = pool.call(labs.ROOT, "VDI.copy", [vdi, local(pool)], is_async=True)
    target = pool.db.row("SR", local(pool))["VDIs"][-1]
    assert pool.db.row("VDI", vdi)["current_operations"] == {task: "copy"}
    assert pool.db.row("VDI", target)["current_operations"] == {task: "copy"}
    assert "snapshot" not in pool.db.row("VDI", vdi)["allowed_operations"]
    seconds = pool.db.row("VDI", vdi)["physical_utilisation"] / COPY_RATE
    pool.world.advance(seconds / 2 + 0.1)
    assert 0.4 < pool.db.row("task", task)["progress"] < 0.6
    pool.world.advance(seconds / 2)
    assert pool.db.row("task", task)["status"] == "success"
    assert pool.db.row("task", task)["result"] == f"<value>{target}</value>"
    assert pool.db.row("VDI", vdi)["current_operations"] == {}
    assert pool.db.row("VDI", target)["virtual_size"] == 8 * GIB


@both
def test_cancelled_copy_leaves_nothing(pool):
    before = used(pool, local(pool))
    vdi = disk_of(pool, "spare")
    task = pool.call(labs.ROOT, "VDI.copy", [vdi, local(pool)], is_async=True)
    pool.world.advance(3)
    do(pool, "task.cancel", task)
    pool.world.advance(0)
    row = pool.db.row("task", task)
    assert (row["status"], row["error_info"]) == ("cancelled", ["TASK_CANCELLED", task])
    assert pool.db.row("SR", local(pool))["VDIs"] == []
    assert used(pool, local(pool)) == before
    assert pool.db.row("VDI", vdi)["current_operations"] == {}


@both
def test_copy_that_is_cancelled_before_its_first_step(pool):
    vdi = disk_of(pool, "spare")
    operation = call(pool, "VDI.copy", vdi, local(pool))
    pool.world.operations.interrupt(operation)
    with pytest.raises(XenError, match="TASK_CANCELLED"):
        finish(pool, operation)
    assert pool.db.row("SR", local(pool))["VDIs"] == []
    assert pool.db.row("VDI", vdi)["current_operations"] == {}


@both
def test_snapshot_of_a_disk_in_use(pool):
    vdi = disk_of(pool, "web")
    snapshot = do(pool, "VDI.snapshot", vdi, {})
    row = pool.db.row("VDI", snapshot)
    assert (row["is_a_snapshot"], row["snapshot_of"]) == (True, vdi)
    assert row["virtual_size"] == 8 * GIB
    assert pool.db.row("VDI", vdi)["snapshots"] == [snapshot]
    clone = do(pool, "VDI.clone", snapshot, {})
    assert pool.db.row("VDI", clone)["is_a_snapshot"] is False


@both
@pytest.mark.parametrize("message", ["VDI.set_sharable", "VDI.set_read_only"])
def test_fields_that_only_storage_managers_set(pool, message):
    assert refusal(pool, message, disk_of(pool, "spare"), True) == ["PERMISSION_DENIED", ""]


@both
def test_lost_path_of_the_master_fails_storage_operations(pool):
    pool.world.hardware.set_storage_path("Shared storage", "host1", up=False)
    record = {"SR": sr(pool), "virtual_size": GIB}
    assert refusal(pool, "VDI.create", record)[0] == "SR_BACKEND_FAILURE_47"
    assert refusal(pool, "SR.scan", sr(pool))[0] == "SR_BACKEND_FAILURE_47"
    pool.world.hardware.set_storage_path("Shared storage", "host1", up=True)
    make(pool, sr(pool))


@both
def test_unplugged_repository_refuses_its_disks(pool):
    for guest in ("web", "db"):
        do(pool, "VM.hard_shutdown", labs.vm(pool, guest))
    unplug_all(pool, sr(pool))
    vdi = disk_of(pool, "spare")
    assert refusal(pool, "VDI.create", {"SR": sr(pool), "virtual_size": 1}) == [
        "SR_HAS_NO_PBDS", sr(pool),
    ]  # fmt: skip
    assert refusal(pool, "VDI.destroy", vdi) == ["SR_HAS_NO_PBDS", sr(pool)]
    assert refusal(pool, "VDI.set_name_label", vdi, "x") == ["SR_HAS_NO_PBDS", sr(pool)]
    assert refusal(pool, "SR.destroy", sr(pool)) == ["SR_NOT_EMPTY"]
    assert "resize" not in pool.db.row("VDI", vdi)["allowed_operations"]
    do(pool, "PBD.plug", pool.db.row("SR", sr(pool))["PBDs"][0])
    do(pool, "VDI.set_name_label", vdi, "x")


@both
def test_connection_in_use_stays(pool):
    host1 = labs.host(pool, "host1")
    pbd = next(
        ref
        for ref in pool.db.row("SR", sr(pool))["PBDs"]
        if pool.db.row("PBD", ref)["host"] == host1
    )
    assert refusal(pool, "PBD.unplug", pbd) == ["VDI_IN_USE", disk_of(pool, "web")]
    assert refusal(pool, "PBD.destroy", pbd) == [
        "OPERATION_NOT_ALLOWED", "PBD is currently attached",
    ]  # fmt: skip
    same = {"host": host1, "SR": sr(pool), "device_config": {}}
    assert refusal(pool, "PBD.create", same) == ["PBD_EXISTS", sr(pool), host1, pbd]


@both
def test_plug_without_a_path_fails(pool):
    host3 = labs.host(pool, "host3")
    pbd = next(
        ref
        for ref in pool.db.row("SR", sr(pool))["PBDs"]
        if pool.db.row("PBD", ref)["host"] == host3
    )
    do(pool, "PBD.unplug", pbd)
    pool.world.hardware.set_storage_path("Shared storage", "host3", up=False)
    assert refusal(pool, "PBD.plug", pbd)[0] == "SR_BACKEND_FAILURE_73"
    assert pool.db.row("PBD", pbd)["currently_attached"] is False


def nfs(pool, path="/export/second", **changes):
    config = {"server": "storage.lab", "serverpath": path} | changes
    master = pool.row["master"]
    return (master, config, 0, "second", "", "nfs", "user", True, {})


@both
def test_repository_is_made_where_storage_is_and_removed_again(pool):
    pool.world.hardware.storages["second"] = SharedStorage("second", 100 * GIB)
    made = do(pool, "SR.create", *nfs(pool))
    row = pool.db.row("SR", made)
    assert (row["physical_size"], row["physical_utilisation"]) == (100 * GIB, 0)
    assert len(row["PBDs"]) == 3
    assert all(pool.db.row("PBD", pbd)["currently_attached"] for pbd in row["PBDs"])
    assert "destroy" not in row["allowed_operations"]
    assert refusal(pool, "SR.destroy", made) == ["SR_HAS_PBD", made]
    assert refusal(pool, "SR.forget", made) == ["SR_HAS_PBD", made]
    unplug_all(pool, made)
    assert "destroy" in pool.db.row("SR", made)["allowed_operations"]
    do(pool, "SR.destroy", made)
    assert not pool.db.exists("SR", made)
    assert not any(row["SR"] == made for row in pool.db.tables["PBD"].values())


@both
@pytest.mark.parametrize(
    ("kind", "config", "error"),
    [
        ("nfs", {}, "SR_BACKEND_FAILURE_102"),
        ("nfs", {"server": "storage.lab"}, "SR_BACKEND_FAILURE_101"),
        ("nfs", {"server": "storage.lab", "serverpath": "/none"}, "SR_BACKEND_FAILURE_73"),
        ("lvm", {}, "SR_BACKEND_FAILURE_90"),
        ("lvm", {"device": "sdb"}, "SR_BACKEND_FAILURE_91"),
        ("lvm", {"device": "/dev/sdz"}, "SR_BACKEND_FAILURE_19"),
        ("lvm", {"device": "/dev/sda3"}, "SR_BACKEND_FAILURE_56"),
        ("tape", {}, "SR_UNKNOWN_DRIVER"),
    ],
)
def test_repositories_that_cannot_be_made(pool, kind, config, error):
    before = dict(pool.db.tables["SR"])
    args = (pool.row["master"], config, 0, "bad", "", kind, "user", kind == "nfs", {})
    assert refusal(pool, "SR.create", *args)[0] == error
    assert pool.db.tables["SR"] == before


@both
def test_local_repository_on_a_second_disk(pool):
    host = labs.host(pool, "host2")
    made = do(pool, "SR.create", host, {"device": "/dev/sdb"}, 0, "disk2", "", "lvm", "user", False)
    assert pool.db.row("SR", made)["physical_size"] == 256 * GIB
    (pbd,) = pool.db.row("SR", made)["PBDs"]
    assert pool.db.row("PBD", pbd)["host"] == host


@both
def test_failed_layout_leaves_no_repository(pool):
    pool.world.hardware.storages["second"] = SharedStorage("second", 100 * GIB)
    error = XenError("SR_BACKEND_FAILURE_88", "", "NFS SR creation error", "")
    pool.world.operations.add_rule("bad", StageRule(kind="SR.create", error=error))
    before = dict(pool.db.tables["SR"])
    assert refusal(pool, "SR.create", *nfs(pool))[0] == "SR_BACKEND_FAILURE_88"
    assert pool.db.tables["SR"] == before


@both
def test_introduced_repository_knows_its_size_once_plugged_and_scanned(pool):
    uuid = "11111111-2222-4333-8444-555555555555"
    made = do(pool, "SR.introduce", uuid, "old", "", "NFS", "user", True, {})
    row = pool.db.row("SR", made)
    assert (row["uuid"], row["type"], row["physical_size"]) == (uuid, "nfs", -1)
    assert refusal(pool, "SR.introduce", uuid, "old", "", "nfs", "user", True, {}) == [
        "SR_UUID_EXISTS", uuid,
    ]  # fmt: skip
    assert refusal(pool, "SR.scan", made) == ["SR_HAS_NO_PBDS", made]
    do(pool, "SR.forget", made)
    assert not pool.db.exists("SR", made)


@both
def test_probe_finds_what_is_there(pool):
    config = {"server": "storage.lab", "serverpath": "/export/Shared storage"}
    text = do(pool, "SR.probe", pool.row["master"], config, "nfs", {})
    assert pool.db.row("SR", sr(pool))["uuid"] in text
    text = do(pool, "SR.probe", pool.row["master"], config | {"serverpath": "/export/x"}, "nfs", {})
    assert "UUID" not in text


@both
def test_operations_on_a_busy_repository_are_refused(pool):
    operation = call(pool, "SR.scan", sr(pool))
    (task,) = pool.db.row("SR", sr(pool))["current_operations"]
    busy = ["OTHER_OPERATION_IN_PROGRESS", "SR", sr(pool), "scan", task]
    assert refusal(pool, "VDI.create", {"SR": sr(pool), "virtual_size": 1}) == busy
    assert refusal(pool, "SR.scan", sr(pool)) == busy
    assert pool.db.row("SR", sr(pool))["allowed_operations"] == []
    finish(pool, operation)
    assert "scan" in pool.db.row("SR", sr(pool))["allowed_operations"]


@both
def test_sharing_is_taken_back_only_from_one_host(pool):
    assert refusal(pool, "SR.set_shared", sr(pool), False) == [
        "SR_HAS_MULTIPLE_PBDS", *pool.db.row("SR", sr(pool))["PBDs"],
    ]  # fmt: skip
    do(pool, "SR.set_shared", local(pool), True)


@both
def test_statefiles_need_shared_storage_on_every_host(pool):
    do(pool, "SR.assert_can_host_ha_statefile", sr(pool))
    assert refusal(pool, "SR.assert_can_host_ha_statefile", local(pool)) == [
        "HA_CONSTRAINT_VIOLATION_SR_NOT_SHARED", local(pool),
    ]  # fmt: skip


def test_disks_that_forget_exist_only_today():
    pool = labs.small_pool()
    vdi = disk_of(pool, "spare")
    do(pool, "VDI.set_on_boot", vdi, "reset")
    assert pool.db.row("VDI", vdi)["on_boot"] == "reset"
    assert refusal(pool, "VDI.snapshot", vdi, {}) == [
        "VDI_ON_BOOT_MODE_INCOMPATIBLE_WITH_OPERATION"
    ]
    running = disk_of(pool, "web")
    assert refusal(pool, "VDI.set_on_boot", running, "reset") == [
        "VM_BAD_POWER_STATE", labs.vm(pool, "web"), "halted", "running",
    ]  # fmt: skip


@both
def test_the_same_calls_write_the_same_log(profile):
    def hashed():
        pool = labs.small_pool(profile)
        do(pool, "VDI.copy", disk_of(pool, "spare"), local(pool))
        do(pool, "VDI.snapshot", disk_of(pool, "web"), {})
        return pool.world.log.digest

    assert hashed() == hashed()


@pytest.mark.parametrize("profile", labs.PROFILES)
def test_a_library_holds_images_for_the_drives_of_guests(profile):
    described = [
        StorageSpec(name="CDs", type="iso", images=["one.iso", "two.iso"]),
        StorageSpec(name="san"),
    ]
    pool = labs.small_pool(profile, storages=described)
    (library,) = (ref for ref, row in pool.db.tables["SR"].items() if row["name_label"] == "CDs")
    row = pool.db.row("SR", library)
    assert (row["content_type"], row["shared"]) == ("iso", True)
    assert pool.row["default_SR"] != library
    images = {pool.db.row("VDI", ref)["name_label"]: ref for ref in row["VDIs"]}
    assert list(images) == ["one.iso", "two.iso"]
    assert all(pool.db.row("VDI", ref)["read_only"] for ref in images.values())
    guest = labs.vm(pool, "lost")
    drive = pool.call(labs.ROOT, "VBD.create", [_drive(guest)])
    pool.call(labs.ROOT, "VBD.insert", [drive, images["two.iso"]])
    assert pool.db.row("VBD", drive)["VDI"] == images["two.iso"]
    with pytest.raises(XenError) as caught:
        pool.call(labs.ROOT, "VBD.insert", [drive, images["one.iso"]])
    assert caught.value.code == "VBD_NOT_EMPTY"
    pool.call(labs.ROOT, "VBD.eject", [drive])
    assert pool.db.row("VBD", drive)["empty"]


def _drive(guest):
    return {
        "VM": guest,
        "VDI": NULL_REF,
        "userdevice": "3",
        "bootable": False,
        "mode": "RO",
        "type": "CD",
        "unpluggable": False,
        "empty": True,
        "other_config": {},
        "qos_algorithm_type": "",
        "qos_algorithm_params": {},
    }
