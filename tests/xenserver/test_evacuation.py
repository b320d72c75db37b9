"""Emptying a host: who can leave, who cannot and why, and how the moves go."""

from __future__ import annotations

import pytest

import labs
from driving import call, do, finish, history, refusal, set_row, where
from hvsim.operations import StageRule
from hvsim.xenserver.errors import XenError
from hvsim.xenserver.spec import GIB, GuestSpec, StorageSpec
from pooling import enabled, faults_of_simulator

both = pytest.mark.parametrize("profile", labs.PROFILES)
LEGACY = "xenserver-5.5"


def guests(count, host="host1", **changes):
    fields = {"power_state": "Running", "host": host} | changes
    return [GuestSpec(name=f"g{n}", **fields) for n in range(count)]


def lab(profile, specs, **changes):
    return labs.small_pool(profile, guests=specs, **changes)


def on(pool, name):
    return [
        ref
        for ref in pool.db.row("host", labs.host(pool, name))["resident_VMs"]
        if not pool.db.row("VM", ref)["is_control_domain"]
    ]


def most_at_once(pool):
    """Return how many guests were ever in `pool_migrate` at the same time."""
    now, most = {}, 0
    for event in pool.world.log.since(0):
        if "/VM/" in event.subject and "current_operations" in (event.after or {}):
            now[event.subject] = "pool_migrate" in event.after["current_operations"].values()
            most = max(most, sum(now.values()))
    return most


@both
def test_every_guest_leaves_and_the_host_is_free(profile):
    """MAINT-XS-1."""
    pool = lab(profile, guests(4))
    host1 = labs.host(pool, "host1")
    do(pool, "host.disable", host1)
    do(pool, "host.assert_can_evacuate", host1)
    do(pool, "host.evacuate", host1)
    assert on(pool, "host1") == []
    assert len(on(pool, "host2")) + len(on(pool, "host3")) == 4
    assert pool.db.row("host", host1)["current_operations"] == {}
    assert pool.db.tables["task"] == {}
    assert not enabled(pool, "host1")
    assert faults_of_simulator(pool) == []


@pytest.mark.parametrize(("profile", "most"), [(LEGACY, 1), ("xenserver-8", 10)])
def test_55_moves_one_after_the_other_and_today_ten_at_a_time(profile, most):
    pool = lab(profile, guests(14))
    do(pool, "host.evacuate", labs.host(pool, "host1"))
    assert on(pool, "host1") == []
    assert most_at_once(pool) == most


@pytest.mark.parametrize("profile", ["xenserver-8"])
def test_the_batch_can_be_chosen(profile):
    pool = lab(profile, guests(6))
    do(pool, "host.evacuate", labs.host(pool, "host1"), "OpaqueRef:NULL", 2)
    assert most_at_once(pool) == 2


@both
def test_progress_grows_with_the_guests_moved(profile):
    pool = lab(profile, guests(4))
    operation = call(pool, "host.evacuate", labs.host(pool, "host1"), "OpaqueRef:NULL", 1)
    seen = []
    operation.on_progress.append(lambda op: seen.append(op.progress))
    finish(pool, operation)
    assert seen == [0.25, 0.5, 0.75, 1.0]


@both
def test_without_another_enabled_host_nobody_can_leave(profile):
    pool = lab(profile, guests(1))
    for name in ("host2", "host3"):
        do(pool, "host.disable", labs.host(pool, name))
    host1, vm = labs.host(pool, "host1"), labs.vm(pool, "g0")
    code = "HOST_NOT_ENOUGH_FREE_MEMORY" if profile == LEGACY else "NO_HOSTS_AVAILABLE"
    assert refusal(pool, "host.evacuate", host1) == [code, vm]
    assert call(pool, "host.get_vms_which_prevent_evacuation", host1) == {vm: [code, vm]}
    assert refusal(pool, "host.assert_can_evacuate", host1) == [
        "CANNOT_EVACUATE_HOST",
        f"{code},{vm}",
    ]
    assert pool.db.row("host", host1)["current_operations"] == {}


@both
def test_a_guest_too_large_for_the_others_is_named(profile):
    """MAINT-XS-5."""
    specs = guests(1, memory=20 * GIB) + [
        GuestSpec(name=f"full{n}", power_state="Running", host=f"host{n}", memory=20 * GIB)
        for n in (2, 3)
    ]
    pool = lab(profile, specs)
    host1, vm = labs.host(pool, "host1"), labs.vm(pool, "g0")
    error = ["HOST_NOT_ENOUGH_FREE_MEMORY", vm]
    assert call(pool, "host.get_vms_which_prevent_evacuation", host1) == {vm: error}
    assert refusal(pool, "host.evacuate", host1) == error


@both
def test_a_guest_on_local_storage_is_named_and_the_others_stay_too(profile):
    """MAINT-XS-5."""
    storages = [StorageSpec(name="shared"), StorageSpec(name="own", shared=False, host="host1")]
    specs = [
        *guests(2),
        GuestSpec(name="bound", power_state="Running", host="host1", storage="own"),
    ]
    pool = lab(profile, specs, storages=storages)
    host1, bound = labs.host(pool, "host1"), labs.vm(pool, "bound")
    blocked = call(pool, "host.get_vms_which_prevent_evacuation", host1)
    assert list(blocked) == [bound]
    assert blocked[bound][:2] == ["VM_REQUIRES_SR", bound]
    assert refusal(pool, "host.evacuate", host1) == blocked[bound]
    assert len(on(pool, "host1")) == 3


@both
def test_a_guest_without_pv_drivers_is_named(profile):
    pool = lab(profile, guests(1, tools=False))
    host1, vm = labs.host(pool, "host1"), labs.vm(pool, "g0")
    blocked = call(pool, "host.get_vms_which_prevent_evacuation", host1)
    code = "VM_MISSING_PV_DRIVERS" if profile == LEGACY else "VM_LACKS_FEATURE"
    assert blocked == {vm: [code, vm]}


@pytest.mark.parametrize("profile", [LEGACY])
def test_55_demands_the_newest_drivers(profile):
    pool = lab(profile, guests(1))
    vm = labs.vm(pool, "g0")
    metrics = pool.db.row("VM", vm)["guest_metrics"]
    old = {"major": "5", "minor": "0", "micro": "0", "build": "1"}
    pool.db.change("VM_guest_metrics", metrics, PV_drivers_up_to_date=False, PV_drivers_version=old)
    error = refusal(pool, "host.evacuate", labs.host(pool, "host1"))
    assert error == ["VM_OLD_PV_DRIVERS", vm, "5", "0", "0"]


@pytest.mark.parametrize("profile", ["xenserver-8"])
def test_a_blocked_guest_is_named(profile):
    pool = lab(profile, guests(1))
    vm = labs.vm(pool, "g0")
    set_row(pool, vm, blocked_operations={"pool_migrate": "KEEP"})
    blocked = call(pool, "host.get_vms_which_prevent_evacuation", labs.host(pool, "host1"))
    assert blocked[vm] == ["OPERATION_BLOCKED", vm, "KEEP"]


@both
def test_with_ha_on_a_guest_that_is_not_protected_keeps_its_host_from_being_emptied(profile):
    specs = [*guests(1, restart_priority="restart"), GuestSpec(
        name="free", power_state="Running", host="host1"
    )]  # fmt: skip
    pool = lab(profile, specs, ha=True)
    host1, free = labs.host(pool, "host1"), labs.vm(pool, "free")
    code = (
        "HOST_NOT_ENOUGH_FREE_MEMORY" if profile == LEGACY else "HOST_EVACUATE_VM_NOT_HA_PROTECTED"
    )
    blocked = call(pool, "host.get_vms_which_prevent_evacuation", host1)
    assert blocked == {free: [code, free]}


@both
def test_a_failed_move_fails_the_evacuation_and_frees_the_host(profile):
    pool = lab(profile, guests(2))
    broken = XenError("VM_MIGRATE_FAILED", labs.vm(pool, "g1"), "a", "b", "broken")
    subject = f"{pool.path}/VM/{labs.vm(pool, 'g1')}"
    pool.world.operations.add_rule("r", StageRule(subject=subject, error=broken, remaining=1))
    host1 = labs.host(pool, "host1")
    assert refusal(pool, "host.evacuate", host1)[0] == "VM_MIGRATE_FAILED"
    assert pool.db.row("host", host1)["current_operations"] == {}


@both
def test_a_guest_is_never_seen_on_two_hosts_or_none(profile):
    pool = lab(profile, guests(3), migration="live")
    do(pool, "host.evacuate", labs.host(pool, "host1"))
    for n in range(3):
        vm = labs.vm(pool, f"g{n}")
        assert where(pool, vm) in ("host2", "host3")
        assert "Halted" not in history(pool, vm, "power_state")
