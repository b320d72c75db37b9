"""Guests cloned, copied, snapshotted and reverted; templates; tasks and alerts around them."""

from __future__ import annotations

import pytest

import labs
from driving import alerts, call, do, finish, refusal, set_row, state
from hvsim.operations import StageRule
from hvsim.xenserver.errors import XenError
from hvsim.xenserver.life import record_text
from hvsim.xenserver.messages import Caller
from hvsim.xenserver.model import NULL_REF
from hvsim.xenserver.spec import GIB
from hvsim.xenserver.storage.backend import COPY_RATE

both = pytest.mark.parametrize("profile", labs.PROFILES)
today = pytest.mark.parametrize("profile", ["xenserver-8"])
TABLES = (
    "VM",
    "VDI",
    "VBD",
    "VBD_metrics",
    "VIF",
    "VIF_metrics",
    "VM_metrics",
    "VM_guest_metrics",
    "task",
    "console",
)


@pytest.fixture(name="pool")
def _pool(profile):
    return labs.small_pool(profile)


def counts(pool):
    return {cls: len(pool.db.tables[cls]) for cls in TABLES}


def disks(pool, vm):
    return [pool.db.row("VBD", ref)["VDI"] for ref in pool.db.row("VM", vm)["VBDs"]]


def macs(pool, vm):
    return [pool.db.row("VIF", ref)["MAC"] for ref in pool.db.row("VM", vm)["VIFs"]]


def other_storage(pool):
    rows = pool.db.tables["SR"].items()
    return next(ref for ref, row in rows if row["name_label"] == "Local storage on host1")


@both
def test_clone_is_a_guest_of_its_own(pool):
    spare = labs.vm(pool, "spare")
    new = do(pool, "VM.clone", spare, "twin")
    row = pool.db.row("VM", new)
    assert (row["name_label"], row["power_state"], row["is_a_template"]) == (
        "twin",
        "Halted",
        False,
    )
    assert row["uuid"] != pool.db.row("VM", spare)["uuid"]
    assert row["affinity"] == pool.db.row("VM", spare)["affinity"]
    assert disks(pool, new) != disks(pool, spare)
    assert macs(pool, new) != macs(pool, spare)
    assert pool.db.row("VDI", disks(pool, new)[0])["is_a_snapshot"] is False
    assert row["current_operations"] == {}
    assert "start" in row["allowed_operations"]
    assert alerts(pool) == ["VM_CLONED"]
    do(pool, "VM.start", new, False, False)
    assert state(pool, new) == "Running"


@both
def test_copy_moves_the_data_to_other_storage(pool):
    spare = labs.vm(pool, "spare")
    seconds = pool.db.row("VDI", disks(pool, spare)[0])["physical_utilisation"] / COPY_RATE
    operation = call(pool, "VM.copy", spare, "copy", other_storage(pool))
    pool.world.advance(seconds - 1)
    assert not operation.done
    assert list(pool.db.row("VM", spare)["current_operations"].values()) == ["copy"]
    busy = list(pool.db.row("VDI", disks(pool, spare)[0])["current_operations"].values())
    assert busy == ["copy"]
    new = finish(pool, operation)
    (disk,) = disks(pool, new)
    assert pool.db.row("VDI", disk)["SR"] == other_storage(pool)
    assert pool.db.row("VDI", disk)["current_operations"] == {}


@both
@pytest.mark.parametrize("message", ["VM.clone", "VM.copy"])
def test_running_guests_are_not_duplicated(pool, message):
    web = labs.vm(pool, "web")
    args = (web, "x") if message == "VM.clone" else (web, "x", NULL_REF)
    assert refusal(pool, message, *args) == ["VM_BAD_POWER_STATE", web, "halted", "running"] or (
        refusal(pool, message, *args) == ["VM_BAD_POWER_STATE", web, "halted, suspended", "running"]
    )


@both
def test_iso_storage_takes_no_copies(pool):
    iso = do(pool, "SR.introduce", "", "iso", "", "iso", "iso", True, {})
    assert refusal(pool, "VM.copy", labs.vm(pool, "spare"), "x", iso) == [
        "OPERATION_NOT_ALLOWED", "Cannot copy a VM's disks to an ISO SR",
    ]  # fmt: skip


@both
def test_cancelled_copy_leaves_nothing_behind(pool):
    spare = labs.vm(pool, "spare")
    before = counts(pool)
    operation = call(pool, "VM.copy", spare, "copy", other_storage(pool))
    pool.world.advance(5)
    pool.world.operations.interrupt(operation)
    with pytest.raises(XenError, match="TASK_CANCELLED"):
        finish(pool, operation)
    assert counts(pool) == before
    assert pool.db.row("VM", spare)["current_operations"] == {}
    assert pool.db.row("VDI", disks(pool, spare)[0])["current_operations"] == {}


@both
def test_failure_at_the_second_disk_drops_the_first(pool):
    spare = labs.vm(pool, "spare")
    disk = do(pool, "VDI.create", {"SR": pool.row["default_SR"], "virtual_size": GIB})
    record = {"VM": spare, "VDI": disk, "userdevice": "1", "mode": "RW", "type": "Disk"}
    do(pool, "VBD.create", record | {"empty": False, "other_config": {}, "bootable": False})
    before = counts(pool)
    call(pool, "VM.clone", spare, "twin")
    pool.world.advance(0.5)
    error = XenError("SR_BACKEND_FAILURE_81", "", "Failed to clone VDI", "")
    pool.world.operations.add_rule("bad", StageRule(kind="VM.clone", stage="disk", error=error))
    pool.world.advance(3)
    assert counts(pool) == before


@both
def test_snapshot_of_a_running_guest(pool):
    web = labs.vm(pool, "web")
    snapshot = do(pool, "VM.snapshot", web, "before", [])
    row = pool.db.row("VM", snapshot)
    assert (row["is_a_snapshot"], row["is_a_template"]) == (True, True)
    assert (row["snapshot_of"], row["power_state"]) == (web, "Halted")
    assert pool.db.row("VM", web)["snapshots"] == [snapshot]
    assert state(pool, web) == "Running"
    (vdi,) = disks(pool, snapshot)
    assert pool.db.row("VDI", vdi)["snapshot_of"] == disks(pool, web)[0]
    assert macs(pool, snapshot) == macs(pool, web)
    assert not any(pool.db.row("VBD", vbd)["currently_attached"] for vbd in row["VBDs"])
    if not pool.legacy:
        info = {"power-state-at-snapshot": "Running", "disk-snapshot-type": "crash_consistent"}
        assert row["snapshot_info"] == info
        assert pool.db.row("VM", web)["parent"] == snapshot
        assert alerts(pool) == ["VM_SNAPSHOTTED"]
    code = "VM_IS_TEMPLATE" if pool.legacy else "VM_IS_SNAPSHOT"
    assert refusal(pool, "VM.start", snapshot, False, False)[0] == code


@today
def test_snapshots_leave_disks_out_that_they_are_told_to(pool):
    web = labs.vm(pool, "web")
    snapshot = do(pool, "VM.snapshot", web, "partly", disks(pool, web))
    assert disks(pool, snapshot) == []


@both
def test_destroyed_snapshot_leaves_its_disks(pool):
    snapshot = do(pool, "VM.snapshot", labs.vm(pool, "web"), "before", [])
    (vdi,) = disks(pool, snapshot)
    do(pool, "VM.destroy", snapshot)
    assert pool.db.exists("VDI", vdi)
    assert pool.db.row("VDI", vdi)["VBDs"] == []
    do(pool, "VDI.destroy", vdi)


@today
def test_checkpoint_stops_the_guest_for_a_while_and_keeps_its_memory(pool):
    web = labs.vm(pool, "web")
    operation = call(pool, "VM.checkpoint", web, "all")
    seen = set()
    while not operation.done:
        seen.add(state(pool, web))
        pool.world.advance_to_next()
    assert seen == {"Running", "Suspended"}
    assert state(pool, web) == "Running"
    row = pool.db.row("VM", operation.value)
    assert row["power_state"] == "Suspended"
    assert pool.db.row("VDI", row["suspend_VDI"])["type"] == "suspend"
    assert row["snapshot_info"]["power-state-at-snapshot"] == "Running"
    assert pool.db.row("VM", web)["suspend_VDI"] == NULL_REF
    assert alerts(pool)[-1] == "VM_CHECKPOINTED"


@today
def test_revert_brings_fields_and_disks_back(pool):
    web = labs.vm(pool, "web")
    old = disks(pool, web)
    snapshot = do(pool, "VM.snapshot", web, "before", [])
    set_row(pool, web, name_description="changed", VCPUs_params={"weight": "9"})
    do(pool, "VM.revert", snapshot)
    row = pool.db.row("VM", web)
    assert (row["name_description"], row["VCPUs_params"]) == ("", {})
    assert row["power_state"] == "Halted"
    assert disks(pool, web) != old
    assert not pool.db.exists("VDI", old[0])
    (taken,) = disks(pool, snapshot)
    assert pool.db.row("VDI", taken)["snapshot_of"] == disks(pool, web)[0]
    assert macs(pool, web) == macs(pool, snapshot)
    assert row["current_operations"] == {}
    assert pool.db.row("VM", snapshot)["current_operations"] == {}
    do(pool, "VM.start", web, False, False)
    assert state(pool, web) == "Running"


@today
def test_revert_to_a_checkpoint_resumes_where_it_was(pool):
    web = labs.vm(pool, "web")
    snapshot = do(pool, "VM.checkpoint", web, "all")
    do(pool, "VM.hard_shutdown", web)
    do(pool, "VM.revert", snapshot)
    assert state(pool, web) == "Suspended"
    do(pool, "VM.resume", web, False, False)
    assert state(pool, web) == "Running"
    do(pool, "VM.revert", snapshot)
    assert state(pool, web) == "Suspended"


@today
def test_revert_of_a_guest_that_is_gone_makes_it_again(pool):
    spare = labs.vm(pool, "spare")
    uuid = pool.db.row("VM", spare)["uuid"]
    snapshot = do(pool, "VM.snapshot", spare, "before", [])
    do(pool, "VM.destroy", spare)
    do(pool, "VM.revert", snapshot)
    again = labs.vm(pool, "spare")
    row = pool.db.row("VM", again)
    assert (row["uuid"], row["is_a_template"], row["power_state"]) == (uuid, False, "Halted")
    assert len(row["VBDs"]) == 1
    assert pool.db.row("VM", snapshot)["snapshot_of"] == again


@today
def test_only_snapshots_are_reverted_to(pool):
    spare = labs.vm(pool, "spare")
    assert refusal(pool, "VM.revert", spare) == ["REVERT_ONLY_ALLOWED_ON_SNAPSHOT"]


@today
def test_failed_revert_says_so_and_leaves_the_guest_halted(pool):
    web = labs.vm(pool, "web")
    snapshot = do(pool, "VM.snapshot", web, "before", [])
    error = XenError("SR_BACKEND_FAILURE_81", "", "Failed to clone VDI", "")
    pool.world.operations.add_rule("bad", StageRule(kind="VM.revert", stage="disks", error=error))
    assert refusal(pool, "VM.revert", snapshot) == ["VM_REVERT_FAILED", snapshot, web]
    assert state(pool, web) == "Halted"
    assert pool.db.row("VM", web)["current_operations"] == {}


@both
def test_quiesced_snapshots_need_an_agent_that_can(pool):
    web = labs.vm(pool, "web")
    if pool.model.message("VM.snapshot_with_quiesce").removed:
        return
    told = refusal(pool, "VM.snapshot_with_quiesce", web, "q")
    if pool.legacy:
        assert told == ["VM_SNAPSHOT_FAILED", "Quiesce snapshot not supported"]
    else:
        assert told[:2] == ["VM_SNAPSHOT_WITH_QUIESCE_NOT_SUPPORTED", web]


@pytest.mark.parametrize(
    "value", ["it's", "back\\slash", "\\'", "", "('a' 'b')", "new\nline", "Zürich", {"a": "'"}, [1]]
)
def test_rows_survive_as_text(value):
    row = {"name_label": value, "order": 3, "flag": True}
    assert record_text.read(record_text.write(row)) == row


def template(pool, name="Debian Bookworm 12"):
    return labs.vm(pool, name)


def wish(pool, size=8 * GIB, sr=None):
    uuid = sr or pool.db.row("SR", pool.row["default_SR"])["uuid"]
    disk = f'<disk device="0" size="{size}" sr="{uuid}" bootable="true" type="system"/>'
    return f"<provision>{disk}</provision>"


def planned(pool, text):
    vm = do(pool, "VM.clone", template(pool), "new")
    other = {**pool.db.row("VM", vm)["other_config"], "disks": text}
    set_row(pool, vm, other_config=other)
    return vm


@both
def test_guest_of_a_template_gets_the_disks_it_asks_for(pool):
    vm = planned(pool, wish(pool))
    row = pool.db.row("VM", vm)
    assert row["is_a_template"] is True
    assert row["other_config"]["base_template_name"] == "Debian Bookworm 12"
    assert "default_template" not in row["other_config"]
    do(pool, "VM.provision", vm)
    assert row["is_a_template"] is False
    assert "disks" not in row["other_config"]
    (vdi,) = disks(pool, vm)
    assert pool.db.row("VDI", vdi)["virtual_size"] == 8 * GIB
    assert pool.db.row("VBD", row["VBDs"][0])["bootable"] is True
    do(pool, "VM.start", vm, False, False)
    assert state(pool, vm) == "Running"


@both
@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("not xml", ["INTERNAL_ERROR", "Xapi_templates.Parse_failure"]),
        ("<other/>", ["INTERNAL_ERROR", "Xapi_templates.Parse_failure"]),
        ("<provision><disk/></provision>", ["INTERNAL_ERROR", "Xapi_templates.Parse_failure"]),
        ('<!DOCTYPE a [<!ENTITY b "c">]><provision/>',
         ["INTERNAL_ERROR", "Xapi_templates.Parse_failure"]),
        ('<provision><disk device="0" size="1" sr="" bootable="true"/></provision>',
         ["UUID_INVALID", "sr", ""]),
    ],
)  # fmt: skip
def test_wishes_that_cannot_be_met(pool, text, error):
    vm = planned(pool, text)
    before = counts(pool)["VDI"]
    assert refusal(pool, "VM.provision", vm) == error
    assert counts(pool)["VDI"] == before
    assert pool.db.row("VM", vm)["current_operations"] == {}


@both
def test_second_disk_that_does_not_fit_takes_the_first_along(pool):
    uuid = pool.db.row("SR", other_storage(pool))["uuid"]
    one = f'<disk device="0" size="{GIB}" sr="{uuid}" bootable="true" type="system"/>'
    two = f'<disk device="1" size="{2040 * GIB}" sr="{uuid}" bootable="false" type="system"/>'
    vm = planned(pool, f"<provision>{one}{two}</provision>")
    do(pool, "VDI.create", {"SR": other_storage(pool), "virtual_size": 100 * GIB})
    before = counts(pool)
    assert refusal(pool, "VM.provision", vm)[0] == "SR_BACKEND_FAILURE_44"
    assert counts(pool)["VDI"] == before["VDI"]
    assert pool.db.row("VM", vm)["VBDs"] == []


@both
def test_only_templates_are_provisioned(pool):
    spare = labs.vm(pool, "spare")
    assert refusal(pool, "VM.provision", spare) == ["PROVISION_ONLY_ALLOWED_ON_TEMPLATE"]


@both
def test_guest_becomes_a_template_and_a_guest_again(pool):
    spare, web = labs.vm(pool, "spare"), labs.vm(pool, "web")
    do(pool, "VM.set_is_a_template", spare, True)
    row = pool.db.row("VM", spare)
    assert (row["is_a_template"], row["metrics"]) == (True, NULL_REF)
    assert "start" not in row["allowed_operations"]
    assert refusal(pool, "VM.start", spare, False, False)[:2] == ["VM_IS_TEMPLATE", spare]
    do(pool, "VM.set_is_a_template", spare, False)
    assert "start" in row["allowed_operations"]
    assert refusal(pool, "VM.set_is_a_template", web, True) == [
        "VM_BAD_POWER_STATE", web, "halted", "running",
    ]  # fmt: skip


@both
def test_default_templates_stay(pool):
    assert refusal(pool, "VM.destroy", template(pool))[0] == "VM_IS_TEMPLATE"


@both
def test_guest_made_from_a_bare_record(pool):
    settable = {field.name: pool.model.empty(field.type)
                for field in pool.model.classes["VM"].constructor_fields}  # fmt: skip
    record = settable | {
        "name_label": "bare", "memory_static_max": GIB, "memory_dynamic_max": GIB,
        "memory_dynamic_min": GIB, "memory_static_min": GIB, "memory_target": GIB,
        "VCPUs_max": 1, "VCPUs_at_startup": 1, "HVM_boot_policy": "BIOS order",
        "power_state": "Running", "uuid": "not to be taken", "HVM_shadow_multiplier": 1.0,
    }  # fmt: skip
    vm = do(pool, "VM.create", record)
    row = pool.db.row("VM", vm)
    assert (row["power_state"], row["domid"], row["resident_on"]) == ("Halted", -1, NULL_REF)
    assert len(row["uuid"]) == 36
    assert row["other_config"]["mac_seed"]
    assert pool.db.exists("VM_metrics", row["metrics"])
    do(pool, "VM.start", vm, False, False)
    assert state(pool, vm) == "Running"
    assert refusal(pool, "VM.destroy", vm)[0] == "VM_BAD_POWER_STATE"
    do(pool, "VM.hard_shutdown", vm)
    before = counts(pool)["VM_metrics"]
    do(pool, "VM.destroy", vm)
    assert counts(pool)["VM_metrics"] == before - 1
    asleep = record | {"power_state": "Suspended"}
    assert refusal(pool, "VM.create", asleep)[0] == "VM_BAD_POWER_STATE"


@both
def test_tasks_of_clients(pool):
    task = do(pool, "task.create", "mine", "long")
    row = pool.db.row("task", task)
    assert (row["name_label"], row["status"]) == ("mine", "pending")
    if pool.legacy:
        do(pool, "task.destroy", task)
        assert not pool.db.exists("task", task)
        return
    do(pool, "task.set_progress", task, 0.5)
    do(pool, "task.destroy", task)
    assert row["current_operations"] == {"task": "destroy"}
    do(pool, "task.set_status", task, "success")
    do(pool, "task.destroy", task)
    assert not pool.db.exists("task", task)


@both
def test_task_destroyed_while_it_runs(pool):
    task = pool.call(labs.ROOT, "VM.clone", [labs.vm(pool, "spare"), "twin"], is_async=True)
    do(pool, "task.destroy", task)
    assert pool.db.exists("task", task) is not pool.legacy
    pool.world.advance(5)
    assert not pool.db.exists("task", task)
    labs.vm(pool, "twin")


@both
def test_old_tasks_are_thrown_away(pool):
    guest = labs.vm(pool, "spare")
    first = pool.call(labs.ROOT, "VM.clone", [guest, "a"], is_async=True)
    pool.world.advance(600)
    second = pool.call(labs.ROOT, "VM.clone", [guest, "b"], is_async=True)
    pool.world.advance(3250)
    assert pool.db.exists("task", first)
    pool.world.advance(100)
    assert not pool.db.exists("task", first)
    assert pool.db.exists("task", second)
    pool.world.advance(600)
    assert not pool.db.exists("task", second)


@today
def test_a_pending_task_is_given_up_when_it_gets_no_further_for_a_day(pool):
    still, moving = (do(pool, "task.create", name, "") for name in ("still", "moving"))
    pool.world.advance(86_350)
    for step in range(1, 6):
        do(pool, "task.set_progress", moving, step / 10)
        pool.world.advance(30)
    assert not pool.db.exists("task", still)
    assert pool.db.exists("task", moving)
    # Whoever sets the status does not set the time of the end: such a task is old at once.
    do(pool, "task.set_status", moving, "success")
    pool.world.advance(31)
    assert not pool.db.exists("task", moving)


@today
def test_tasks_of_others_need_a_role(pool):
    task = pool.call(
        Caller(session="OpaqueRef:a"), "VM.clone", [labs.vm(pool, "spare"), "x"], is_async=True
    )
    stranger = Caller(user="eve", roles=("vm-operator",), session="OpaqueRef:b")
    with pytest.raises(XenError, match="RBAC_PERMISSION_DENIED"):
        pool.call(stranger, "task.cancel", [task])
    pool.call(Caller(session="OpaqueRef:c"), "task.cancel", [task])
    pool.world.advance(0)
    assert pool.db.row("task", task)["status"] == "cancelled"


@both
def test_alerts_are_sent_read_and_thrown_away(pool):
    uuid = pool.db.row("VM", labs.vm(pool, "web"))["uuid"]
    first = do(pool, "message.create", "LAB", 3, "VM", uuid, "early")
    pool.world.advance(100)
    second = do(pool, "message.create", "LAB", 3, "VM", uuid, "late")
    stamps = [pool.db.row("message", ref)["timestamp"] for ref in (first, second)]
    assert list(do(pool, "message.get", "VM", uuid, stamps[0])) == [second]
    assert list(do(pool, "message.get_since", stamps[0])) == [first, second]
    assert list(do(pool, "message.get_since", stamps[1])) == [second]
    assert refusal(pool, "message.create", "LAB", 3, "VM", "no-uuid", "x") == [
        "UUID_INVALID", "VM", "no-uuid",
    ]  # fmt: skip
    do(pool, "message.destroy", first)
    assert refusal(pool, "message.destroy", first) == ["HANDLE_INVALID", "message", first]
    if not pool.legacy:
        do(pool, "message.destroy_all", {"before": "20200101T00:00:00Z"})
        assert list(pool.db.tables["message"]) == [second]
        do(pool, "message.destroy_all", {})
        assert pool.db.tables["message"] == {}


@both
@pytest.mark.parametrize("cls", ["VM", "SR", "network"])
def test_blobs_hang_on_objects(pool, cls):
    ref = next(iter(pool.db.tables[cls]))
    blob = do(pool, f"{cls}.create_new_blob", ref, "notes", "")
    assert pool.db.row(cls, ref)["blobs"] == {"notes": blob}
    assert pool.db.row("blob", blob)["mime_type"] == "application/octet-stream"
    assert refusal(pool, f"{cls}.create_new_blob", ref, "notes", "")[0] == "MAP_DUPLICATE_KEY"


@today
def test_appliance_starts_and_stops_its_guests_in_order(pool):
    appliance = do(pool, "VM_appliance.create", {"name_label": "shop"})
    for order, name in enumerate(["lost", "spare"]):
        do(pool, "VM.set_appliance", labs.vm(pool, name), appliance)
        set_row(pool, labs.vm(pool, name), order=order)
    operation = call(pool, "VM_appliance.start", appliance, False)
    pool.world.advance(1)
    assert pool.db.row("VM", labs.vm(pool, "lost"))["current_operations"]
    assert not pool.db.row("VM", labs.vm(pool, "spare"))["current_operations"]
    assert pool.db.row("VM_appliance", appliance)["allowed_operations"] == []
    finish(pool, operation)
    assert {state(pool, labs.vm(pool, name)) for name in ("lost", "spare")} == {"Running"}
    do(pool, "VM_appliance.hard_shutdown", appliance)
    assert {state(pool, labs.vm(pool, name)) for name in ("lost", "spare")} == {"Halted"}
    do(pool, "VM_appliance.destroy", appliance)
    assert pool.db.row("VM", labs.vm(pool, "lost"))["appliance"] == NULL_REF


@today
def test_appliance_names_the_guests_that_failed(pool):
    appliance = do(pool, "VM_appliance.create", {"name_label": "shop"})
    spare = labs.vm(pool, "spare")
    do(pool, "VM.set_appliance", spare, appliance)
    set_row(pool, spare, blocked_operations={"start": "NO"})
    assert refusal(pool, "VM_appliance.start", appliance, False)[:3] == [
        "OPERATION_PARTIALLY_FAILED", "VM.start", spare,
    ]  # fmt: skip


@both
def test_the_same_calls_write_the_same_log(profile):
    def digest():
        pool = labs.small_pool(profile)
        do(pool, "VM.clone", labs.vm(pool, "spare"), "twin")
        do(pool, "VM.snapshot", labs.vm(pool, "web"), "before", [])
        do(pool, "VM.copy", labs.vm(pool, "lost"), "copy", other_storage(pool))
        return pool.world.log.digest

    assert digest() == digest()
