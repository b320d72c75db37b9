"""Memory, processors and other settings with rules of their own; questions about a guest."""

from __future__ import annotations

import pytest

import labs
from driving import do, refusal, set_row
from hvsim.xenserver.spec import GIB

both = pytest.mark.parametrize("profile", labs.PROFILES)


@pytest.fixture(name="pool")
def _pool():
    return labs.small_pool()


@pytest.fixture(name="lost")
def _lost(pool):
    return labs.vm(pool, "lost")


@pytest.fixture(name="web")
def _web(pool):
    return labs.vm(pool, "web")


def sizes(pool, vm):
    row = pool.db.row("VM", vm)
    names = ("static_min", "dynamic_min", "dynamic_max", "static_max")
    return [row[f"memory_{name}"] / GIB for name in names]


def test_memory_of_a_halted_guest(pool, lost):
    do(pool, "VM.set_memory_limits", lost, GIB, 4 * GIB, 2 * GIB, 3 * GIB)
    assert sizes(pool, lost) == [1, 2, 3, 4]
    do(pool, "VM.set_memory_dynamic_range", lost, GIB, 4 * GIB)
    do(pool, "VM.set_memory_static_max", lost, 8 * GIB)
    assert sizes(pool, lost) == [1, 1, 4, 8]
    do(pool, "VM.set_memory", lost, 2 * GIB)
    assert sizes(pool, lost) == [1, 2, 2, 2]


def test_bounds_must_be_in_order(pool, lost):
    error = ["MEMORY_CONSTRAINT_VIOLATION_ORDER"]
    assert refusal(pool, "VM.set_memory_dynamic_range", lost, 4 * GIB, 2 * GIB) == error
    assert refusal(pool, "VM.set_memory_dynamic_max", lost, 64 * GIB) == error
    domain = labs.vm(pool, "Control domain on host: host1")
    error = refusal(pool, "VM.set_memory_dynamic_min", domain, GIB)
    assert error == ["MEMORY_CONSTRAINT_VIOLATION_MAXPIN", "control domain"]


def test_static_bounds_wait_for_a_halt(pool, web):
    error = refusal(pool, "VM.set_memory_static_max", web, 2 * GIB)
    assert error == ["VM_BAD_POWER_STATE", web, "halted", "running"]


def test_running_guests_balloon(pool, web):
    do(pool, "VM.set_memory_dynamic_range", web, GIB // 2, GIB // 2)
    row = pool.db.row("VM", web)
    assert row["memory_target"] == GIB // 2
    assert pool.db.row("VM_metrics", row["metrics"])["memory_actual"] == GIB // 2
    free = pool.db.row("host", row["resident_on"])["metrics"]
    assert pool.db.row("host_metrics", free)["memory_free"] == (32 - 2 - 0.5) * GIB


def test_5_5_sets_the_maximum_at_any_time():
    pool = labs.small_pool("xenserver-5.5")
    web = labs.vm(pool, "web")
    do(pool, "VM.set_memory_static_max", web, 2 * GIB)
    assert pool.db.row("VM", web)["memory_static_max"] == 2 * GIB
    assert refusal(pool, "VM.set_memory_target_live", web, GIB) == ["BALLOONING_DISABLED"]


@both
def test_maximise_memory_answers_whole_mebibytes(profile):
    pool = labs.small_pool(profile)
    answer = do(pool, "VM.maximise_memory", labs.vm(pool, "lost"), 10 * 2**20 + 5, True)
    assert answer == 10 * 2**20


def test_processors(pool, lost, web):
    do(pool, "VM.set_VCPUs_max", lost, 4)
    do(pool, "VM.set_VCPUs_at_startup", lost, 3)
    rule = "VCPU values must satisfy: 0 < VCPUs_at_startup ≤ VCPUs_max"
    assert refusal(pool, "VM.set_VCPUs_max", lost, 2) == ["INVALID_VALUE", rule, "2"]
    assert refusal(pool, "VM.set_VCPUs_at_startup", lost, 5) == ["INVALID_VALUE", rule, "5"]
    assert refusal(pool, "VM.set_VCPUs_max", web, 4)[0] == "VM_BAD_POWER_STATE"
    set_row(pool, web, VCPUs_max=4)
    do(pool, "VM.set_VCPUs_number_live", web, 2)
    row = pool.db.row("VM", web)
    assert pool.db.row("VM_metrics", row["metrics"])["VCPUs_number"] == 2


def test_deprecated_calls_answer_as_today(pool, web):
    assert do(pool, "VM.get_cooperative", web) is True
    error = refusal(pool, "VM.add_to_VCPUs_params_live", web, "a", "b")
    assert error == ["NOT_IMPLEMENTED", "add_to_VCPUs_params_live"]
    assert refusal(pool, "VM.send_sysrq", web, "s") == ["NOT_IMPLEMENTED", "send_sysrq"]


@both
def test_questions(profile):
    pool = labs.small_pool(profile)
    web, lost = labs.vm(pool, "web"), labs.vm(pool, "lost")
    do(pool, "VM.assert_operation_valid", web, "suspend")
    error = refusal(pool, "VM.assert_operation_valid", web, "start")
    assert error == ["VM_BAD_POWER_STATE", web, "halted", "running"]
    assert do(pool, "VM.get_possible_hosts", lost) == list(pool.db.tables["host"])
    assert do(pool, "VM.get_boot_record", web)["name_label"] == "web"
    do(pool, "VM.assert_agile", lost)
    set_row(pool, web, allowed_operations=[])
    do(pool, "VM.update_allowed_operations", web)
    assert "suspend" in pool.db.row("VM", web)["allowed_operations"]


@both
def test_maps_that_are_set_whole(profile):
    pool = labs.small_pool(profile)
    lost = labs.vm(pool, "lost")
    do(pool, "VM.set_other_config", lost, {"folder": "/x"})
    do(pool, "VM.set_platform", lost, {"nx": "false"})
    row = pool.db.row("VM", lost)
    assert (row["other_config"], row["platform"]) == ({"folder": "/x"}, {"nx": "false"})


@pytest.mark.parametrize("field", ["order", "start_delay", "shutdown_delay"])
def test_start_order_and_delays(pool, lost, field):
    do(pool, f"VM.set_{field}", lost, 7)
    assert pool.db.row("VM", lost)[field] == 7
    expected = ["INVALID_VALUE", f"{field} must be non-negative", "-1"]
    assert refusal(pool, f"VM.set_{field}", lost, -1) == expected


def test_kind_of_virtualisation_and_boot_policy_go_together(pool, lost):
    do(pool, "VM.set_domain_type", lost, "pv")
    assert pool.db.row("VM", lost)["HVM_boot_policy"] == ""
    do(pool, "VM.set_HVM_boot_policy", lost, "BIOS order")
    assert pool.db.row("VM", lost)["domain_type"] == "hvm"
    error = refusal(pool, "VM.set_domain_type", lost, "unspecified")
    assert error == ["INVALID_VALUE", "domain_type", "unspecified"]


def test_some_settings_wait_for_a_halt(pool, lost, web):
    do(pool, "VM.set_has_vendor_device", lost, False)
    do(pool, "VM.set_NVRAM", lost, {"EFI-variables": "x"})
    bad = ["VM_BAD_POWER_STATE", web, "halted", "running"]
    assert refusal(pool, "VM.set_has_vendor_device", web, False) == bad
    assert refusal(pool, "VM.set_NVRAM", web, {}) == bad


def test_snapshot_schedules_take_guests_only(pool, lost):
    template = labs.vm(pool, "Other install media")
    with pool.world.access():
        schedule = pool.db.add("VMSS", {"name_label": "nightly"})
    do(pool, "VM.set_snapshot_schedule", lost, schedule)
    assert "make_into_template" not in pool.db.row("VM", lost)["allowed_operations"]
    error = refusal(pool, "VM.set_snapshot_schedule", template, schedule)
    assert error == ["VM_IS_TEMPLATE", template]
    error = refusal(pool, "VM.set_snapshot_schedule", lost, "OpaqueRef:none")
    assert error == ["INVALID_VALUE", "OpaqueRef:none"]
    do(pool, "VM.set_snapshot_schedule", lost, "OpaqueRef:NULL")
    assert "make_into_template" in pool.db.row("VM", lost)["allowed_operations"]
