"""Hosts: enabled and disabled, shut down and restarted, given up, and what they tell."""

from __future__ import annotations

import pytest

import labs
from driving import call, do, refusal, set_row, state
from hvsim.hardware import Power
from hvsim.xenserver.spec import GIB
from pooling import enabled, fault, faults_of_simulator, live, member, on_member, settle

both = pytest.mark.parametrize("profile", labs.PROFILES)
LEGACY = "xenserver-5.5"


@pytest.fixture(name="pool")
def _pool(profile):
    pool = labs.small_pool(profile)
    yield pool
    assert faults_of_simulator(pool) == []


def allowed(pool, name):
    return set(pool.db.row("host", labs.host(pool, name))["allowed_operations"])


@both
def test_a_disabled_host_takes_no_guests_and_keeps_those_it_has(pool):
    """MAINT-ALL-1."""
    host1, spare = labs.host(pool, "host1"), labs.vm(pool, "spare")
    do(pool, "host.disable", host1)
    assert not enabled(pool, "host1")
    assert refusal(pool, "VM.start_on", spare, host1, False, False) == ["HOST_DISABLED", host1]
    db = labs.vm(pool, "db")
    assert refusal(pool, "VM.pool_migrate", db, host1, {"live": "true"})[0] == "HOST_DISABLED"
    assert state(pool, labs.vm(pool, "web")) == "Running"
    do(pool, "host.enable", host1)
    do(pool, "VM.start_on", spare, host1, False, False)


@both
def test_the_master_may_be_disabled_and_emptied_as_any_other(pool):
    """MAINT-XS-2: the wire does not refuse it."""
    host1 = labs.host(pool, "host1")
    do(pool, "host.disable", host1)
    do(pool, "host.evacuate", host1)
    assert pool.db.row("VM", labs.vm(pool, "web"))["resident_on"] != host1


@both
def test_disabling_twice_is_no_error_and_an_unknown_host_is(pool):
    host1 = labs.host(pool, "host1")
    do(pool, "host.disable", host1)
    do(pool, "host.disable", host1)
    assert refusal(pool, "host.disable", "OpaqueRef:x") == ["HANDLE_INVALID", "host", "OpaqueRef:x"]


@both
@pytest.mark.parametrize("message", ["host.shutdown", "host.reboot"])
def test_only_a_disabled_host_can_be_shut_down(pool, message):
    host2 = labs.host(pool, "host2")
    assert refusal(pool, message, host2) == ["HOST_NOT_DISABLED"]
    assert live(pool, "host2")


@pytest.mark.parametrize("profile", [LEGACY])
def test_55_shuts_no_host_down_that_has_running_guests(pool):
    host2 = labs.host(pool, "host2")
    do(pool, "host.disable", host2)
    assert refusal(pool, "host.shutdown", host2) == [
        "HOST_IN_USE",
        host2,
        "vm",
        labs.vm(pool, "db"),
    ]


@both
def test_shutting_a_host_down_marks_it_lost_at_once_and_it_goes_ten_seconds_later(pool):
    host3 = labs.host(pool, "host3")
    do(pool, "host.disable", host3)
    assert {"shutdown", "reboot"} <= allowed(pool, "host3")
    do(pool, "host.shutdown", host3)
    assert not live(pool, "host3")
    assert member(pool, "host3").server.power is Power.ON
    assert list(pool.db.row("host", host3)["current_operations"].values()) == ["shutdown"]
    assert "evacuate" not in allowed(pool, "host3")
    pool.world.advance(9)
    assert member(pool, "host3").server.power is Power.ON
    pool.world.advance(2)
    assert member(pool, "host3").server.power is Power.OFF
    settle(pool)
    assert not live(pool, "host3")


@both
def test_a_restarted_host_comes_back_enabled(pool):
    host3 = labs.host(pool, "host3")
    do(pool, "host.disable", host3)
    do(pool, "host.reboot", host3)
    pool.world.advance(12)
    assert member(pool, "host3").server.power is Power.OFF
    pool.world.advance(5)
    assert member(pool, "host3").server.power is Power.ON
    settle(pool)
    assert live(pool, "host3")
    assert enabled(pool, "host3")
    assert pool.db.row("host", host3)["current_operations"] == {}


@pytest.mark.parametrize("profile", ["xenserver-8"])
def test_a_host_disabled_for_good_stays_so_over_a_restart(pool):
    host3 = labs.host(pool, "host3")
    do(pool, "host.disable", host3, False)
    do(pool, "host.reboot", host3)
    settle(pool)
    assert live(pool, "host3")
    assert not enabled(pool, "host3")
    do(pool, "host.enable", host3)
    assert enabled(pool, "host3")


@both
def test_a_disabled_host_stays_so_when_the_master_restarts(pool):
    do(pool, "host.disable", labs.host(pool, "host2"))
    do(pool, "host.restart_agent", labs.host(pool, "host1"))
    settle(pool)
    assert not enabled(pool, "host2")
    assert enabled(pool, "host3")


@both
def test_a_host_that_is_going_down_cannot_be_enabled(pool):
    host3 = labs.host(pool, "host3")
    do(pool, "host.disable", host3)
    do(pool, "host.shutdown", host3)
    assert refusal(pool, "host.enable", host3)[0] == "HOST_OFFLINE"


@both
def test_power_on_wakes_a_host_that_is_down(pool, profile):
    host3 = labs.host(pool, "host3")
    assert refusal(pool, "host.power_on", host3) == ["HOST_IS_LIVE", host3]
    do(pool, "host.disable", host3)
    do(pool, "host.shutdown", host3)
    pool.world.advance(20)
    if profile != LEGACY:
        assert refusal(pool, "host.power_on", host3) == ["HOST_POWER_ON_MODE_DISABLED"]
        do(pool, "host.set_power_on_mode", host3, "wake-on-lan", {})
    assert "power_on" in allowed(pool, "host3")
    do(pool, "host.power_on", host3)
    settle(pool)
    assert live(pool, "host3")


@pytest.mark.parametrize("profile", ["xenserver-8"])
def test_a_dead_host_can_be_given_up_with_its_guests(pool):
    host2, db = labs.host(pool, "host2"), labs.vm(pool, "db")
    assert refusal(pool, "host.declare_dead", host2) == ["HOST_IS_LIVE", host2]
    fault(pool, "server.crash", server="host2")
    do(pool, "host.declare_dead", host2)
    assert state(pool, db) == "Halted"
    assert not enabled(pool, "host2")
    do(pool, "VM.start", db, False, False)
    assert state(pool, db) == "Running"


@both
def test_a_dead_host_without_guests_can_be_forgotten(pool):
    host2, host3 = labs.host(pool, "host2"), labs.host(pool, "host3")
    assert refusal(pool, "host.destroy", host3) == ["HOST_IS_LIVE", host3]
    for name in ("host2", "host3"):
        fault(pool, "server.crash", server=name)
    assert refusal(pool, "host.destroy", host2) == ["HOST_HAS_RESIDENT_VMS", host2]
    do(pool, "host.destroy", host3)
    left = pool.db.tables
    assert host3 not in left["host"]
    for cls, field in (("PBD", "host"), ("PIF", "host"), ("VM", "resident_on")):
        assert all(row[field] != host3 for row in left[cls].values())


@both
def test_a_host_can_leave_the_pool_but_not_with_guests_and_not_the_master(pool):
    host1, host2, host3 = (labs.host(pool, f"host{n}") for n in (1, 2, 3))
    assert refusal(pool, "pool.eject", host1)[0] == "INTERNAL_ERROR"
    assert refusal(pool, "pool.eject", host2) == ["OPERATION_NOT_ALLOWED", "VM resident on host"]
    storages = len(pool.db.tables["SR"])
    do(pool, "pool.eject", host3)
    assert host3 not in pool.db.tables["host"]
    assert len(pool.db.tables["SR"]) == storages - 1
    assert pool.row["current_operations"] == {} if "current_operations" in pool.row else True


@both
def test_what_a_host_tells_of_itself(pool):
    host1 = labs.host(pool, "host1")
    free = call(pool, "host.compute_free_memory", host1)
    assert 0 < free < 32 * GIB
    do(pool, "VM.start_on", labs.vm(pool, "spare"), host1, False, False)
    assert call(pool, "host.compute_free_memory", host1) == free - GIB
    before = call(pool, "host.get_servertime", host1)
    pool.world.advance(60)
    after = call(pool, "host.get_servertime", host1)
    assert after > before
    assert not on_member(pool, "host1", "host.is_in_emergency_mode")
    assert call(pool, "pool.is_slave", labs.host(pool, "host2"))
    assert not call(pool, "pool.is_slave", host1)
    sources = {s["name_label"]: s["value"] for s in call(pool, "host.get_data_sources", host1)}
    assert sources["running_domains"] == 3
    assert call(pool, "host.query_data_source", host1, "running_domains") == 3
    assert refusal(pool, "host.query_data_source", host1, "moon")[0] == "INTERNAL_ERROR"
    assert refusal(pool, "host.get_log", host1) == ["NOT_IMPLEMENTED", "get_log"]


@both
def test_data_sources_of_guests(pool):
    web = labs.vm(pool, "web")
    (source,) = call(pool, "VM.get_data_sources", web)
    metrics = pool.db.row("VM_metrics", pool.db.row("VM", web)["metrics"])
    assert (source["name_label"], source["value"]) == ("memory", metrics["memory_actual"])
    assert call(pool, "VM.query_data_source", web, "memory") == source["value"]
    call(pool, "VM.record_data_source", web, "memory")
    assert refusal(pool, "VM.query_data_source", web, "moon")[0] == "INTERNAL_ERROR"
    off = labs.vm(pool, "lost")
    for verb, *more in (["get_data_sources"], ["record_data_source", "memory"]):
        assert refusal(pool, f"VM.{verb}", off, *more)[0] == "VM_BAD_POWER_STATE"
    assert refusal(pool, "VM.query_data_source", off, "memory")[0] == "INTERNAL_ERROR"


@both
def test_host_names_are_looked_at(pool):
    host1 = labs.host(pool, "host1")
    do(pool, "host.set_hostname_live", host1, "alpha-1")
    assert pool.db.row("host", host1)["hostname"] == "alpha-1"
    assert refusal(pool, "host.set_hostname_live", host1, "no spaces")[0] == "HOST_NAME_INVALID"


@both
def test_operations_on_a_host_exclude_each_other_as_the_release_says(pool, profile):
    host1 = labs.host(pool, "host1")
    call(pool, "host.evacuate", host1)
    pool.world.advance(0.1)
    doing = list(pool.db.row("host", host1)["current_operations"].values())
    assert doing == ["evacuate"]
    error = refusal(pool, "host.evacuate", host1)
    assert error[:4] == ["OTHER_OPERATION_IN_PROGRESS", "host", host1, "evacuate"]
    assert ("vm_start" in allowed(pool, "host1")) == (profile != LEGACY)
    assert "vm_migrate" not in allowed(pool, "host1")


@both
def test_home_servers_never_change_by_themselves(pool):
    """HOME-XS-1, HOME-XS-2."""
    web, db = labs.vm(pool, "web"), labs.vm(pool, "db")
    for vm in (web, db):
        do(pool, "VM.clean_shutdown", vm)
    rows = [pool.db.row("VM", vm) for vm in (web, db)]
    assert [row["resident_on"] for row in rows] == ["OpaqueRef:NULL"] * 2
    assert rows[0]["affinity"] == "OpaqueRef:NULL"
    assert rows[1]["affinity"] == labs.host(pool, "host2")
    set_row(pool, web, affinity=labs.host(pool, "host3"))
    do(pool, "VM.start", web, False, False)
    assert pool.db.row("VM", web)["resident_on"] == labs.host(pool, "host3")


@both
def test_a_pool_of_one_can_put_its_only_host_into_maintenance(profile):
    """MAINT-XS-6: the wire allows it; guests have nowhere to go."""
    pool = labs.small_pool(profile, hosts=labs.hosts(1), guests=[])
    host1 = labs.host(pool, "host1")
    assert pool.row["master"] == host1
    do(pool, "host.disable", host1)
    do(pool, "host.evacuate", host1)
    assert not enabled(pool, "host1")


@both
def test_a_live_hosts_guests_cannot_be_declared_halted(pool):
    """HA-XS-3."""
    error = refusal(pool, "VM.power_state_reset", labs.vm(pool, "db"))
    assert error == ["HOST_IS_LIVE", labs.host(pool, "host2")]


@pytest.mark.parametrize("profile", ["xenserver-8"])
def test_today_guests_left_on_a_host_are_shut_down_with_it(pool):
    host2 = labs.host(pool, "host2")
    do(pool, "host.disable", host2)
    do(pool, "host.shutdown", host2)
    pool.world.advance(30)
    assert state(pool, labs.vm(pool, "db")) == "Running"
    settle(pool)
    assert state(pool, labs.vm(pool, "db")) == "Halted"
    assert member(pool, "host2").server.power is Power.OFF


@both
def test_a_service_that_hangs_is_as_lost_as_a_dead_one_until_it_is_restarted(pool):
    fault(pool, "service.hang", server="host2")
    db = labs.vm(pool, "db")
    assert refusal(pool, "VM.clean_shutdown", db)[0] == "CANNOT_CONTACT_HOST"
    pool.world.advance(601)
    assert not live(pool, "host2")
    assert state(pool, db) == "Running"
    fault(pool, "service.start", server="host2")
    settle(pool)
    assert live(pool, "host2")
    assert state(pool, db) == "Running"


@pytest.mark.parametrize("profile", ["xenserver-8"])
def test_the_pools_licence_never_ends(pool):
    state_of = call(pool, "pool.get_license_state", pool.ref)
    assert state_of == {"edition": "enterprise", "expiry": "never"}
