"""A guest's power: what the rows say at each step, in both profiles."""

from __future__ import annotations

import pytest

import labs
from driving import alerts, call, do, finish, history, inside, refusal, set_row, state, where
from hvsim.xenserver.errors import XenError
from hvsim.xenserver.model import NULL_REF
from hvsim.xenserver.spec import GIB

both = pytest.mark.parametrize("profile", labs.PROFILES)


@pytest.fixture(name="pool")
def _pool(profile):
    return labs.small_pool(profile)


def shown(pool, vm):
    row = pool.db.row("VM", vm)
    devices = [pool.db.row("VBD", ref)["currently_attached"] for ref in row["VBDs"]]
    devices += [pool.db.row("VIF", ref)["currently_attached"] for ref in row["VIFs"]]
    return {
        "state": row["power_state"],
        "host": where(pool, vm),
        "has domain": row["domid"] > 0,
        "attached": set(devices),
        "consoles": len(row["consoles"]),
        "current": list(row["current_operations"].values()),
        "scheduled": row["scheduled_to_be_resident_on"],
    }


HALTED = {
    "state": "Halted", "host": "", "has domain": False, "attached": {False}, "consoles": 0,
    "current": [], "scheduled": NULL_REF,
}  # fmt: skip
RUNNING = HALTED | {"state": "Running", "has domain": True, "attached": {True}, "consoles": 1}


@both
def test_start_shows_its_task_its_reservation_and_then_a_running_guest(pool):
    spare = labs.vm(pool, "spare")
    operation = call(pool, "VM.start", spare, False, False)
    pool.world.advance(1)
    host3 = labs.host(pool, "host3")
    under_way = HALTED | {"current": ["start"], "scheduled": host3}
    assert shown(pool, spare) == under_way
    assert list(pool.db.row("host", host3)["current_operations"].values()) == ["vm_start"]
    finish(pool, operation)
    assert shown(pool, spare) == RUNNING | {"host": "host3"}
    assert pool.db.row("host", host3)["current_operations"] == {}
    assert spare in pool.db.row("host", host3)["resident_VMs"]
    assert pool.db.tables["task"] == {}
    assert alerts(pool) == ["VM_STARTED"]


@both
def test_async_start_ends_its_task(pool):
    spare = labs.vm(pool, "spare")
    task = pool.call(labs.ROOT, "VM.start", [spare, False, False], is_async=True)
    assert pool.db.row("VM", spare)["current_operations"] == {task: "start"}
    pool.world.advance(10)
    row = pool.db.row("task", task)
    assert (row["status"], row["progress"], row["result"]) == ("success", 1.0, "")


@both
def test_refused_async_start_keeps_the_guest_clean(pool):
    web = labs.vm(pool, "web")
    task = pool.call(labs.ROOT, "VM.start", [web, False, False], is_async=True)
    expected = ["VM_BAD_POWER_STATE", web, "halted", "running"]
    assert pool.db.row("task", task)["error_info"] == expected
    assert pool.db.row("VM", web)["current_operations"] == {}


@both
def test_metrics_follow_a_start_and_a_halt(pool):
    spare = labs.vm(pool, "spare")
    pool.world.advance(100)
    do(pool, "VM.start", spare, False, False)
    metrics = pool.db.row("VM_metrics", pool.db.row("VM", spare)["metrics"])
    assert metrics["start_time"] == "20260105T08:01:43Z"
    assert (metrics["memory_actual"], metrics["VCPUs_number"]) == (GIB, 1)
    do(pool, "VM.hard_shutdown", spare)
    metrics = pool.db.row("VM_metrics", pool.db.row("VM", spare)["metrics"])
    assert (metrics["memory_actual"], metrics["VCPUs_number"]) == (0, 0)


@both
def test_host_memory_follows_its_guests(pool):
    metrics = pool.db.row("host", labs.host(pool, "host3"))["metrics"]
    before = pool.db.row("host_metrics", metrics)["memory_free"]
    do(pool, "VM.start", labs.vm(pool, "spare"), False, False)
    assert pool.db.row("host_metrics", metrics)["memory_free"] == before - GIB
    do(pool, "VM.hard_shutdown", labs.vm(pool, "spare"))
    assert pool.db.row("host_metrics", metrics)["memory_free"] == before


@both
def test_agent_reports_only_once_the_system_is_up(pool):
    web = labs.vm(pool, "web")
    do(pool, "VM.hard_reboot", web)
    assert pool.db.row("VM", web)["guest_metrics"] == NULL_REF
    assert "clean_shutdown" not in pool.db.row("VM", web)["allowed_operations"]
    pool.world.advance(30)
    metrics = pool.db.row("VM_guest_metrics", pool.db.row("VM", web)["guest_metrics"])
    assert metrics["networks"]["0/ip"] == "192.0.2.10"
    assert metrics["os_version"]["name"] == "Debian GNU/Linux 12"
    assert metrics["PV_drivers_version"]["major"].isdigit()
    assert "clean_shutdown" in pool.db.row("VM", web)["allowed_operations"]


@both
def test_guest_metrics_outlive_a_halt_and_not_the_next_start(pool):
    web = labs.vm(pool, "web")
    do(pool, "VM.clean_shutdown", web)
    old = pool.db.row("VM", web)["guest_metrics"]
    assert pool.db.row("VM_guest_metrics", old)["live"] is False
    do(pool, "VM.start", web, False, False)
    assert not pool.db.exists("VM_guest_metrics", old)


@both
def test_clean_shutdown_halts_and_frees(pool):
    web = labs.vm(pool, "web")
    operation = call(pool, "VM.clean_shutdown", web)
    pool.world.advance(1)
    assert shown(pool, web) == RUNNING | {"host": "host1", "current": ["clean_shutdown"]}
    finish(pool, operation)
    assert shown(pool, web) == HALTED
    assert alerts(pool) == ["VM_SHUTDOWN"]


@both
def test_home_server_is_never_changed_by_power(pool):
    """HOME-XS-1..6: a halted guest without a home belongs to no host; affinity is untouched."""
    web, db = labs.vm(pool, "web"), labs.vm(pool, "db")
    for vm in (web, db):
        do(pool, "VM.clean_shutdown", vm)
    home = labs.host(pool, "host2")
    assert pool.db.row("VM", web)["affinity"] == NULL_REF
    assert pool.db.row("VM", db)["affinity"] == home
    assert where(pool, db) == where(pool, web) == ""
    do(pool, "VM.start_on", web, labs.host(pool, "host3"), False, False)
    assert (where(pool, web), pool.db.row("VM", web)["affinity"]) == ("host3", NULL_REF)


@both
def test_reboot_stays_running_and_gets_a_fresh_domain(pool):
    web = labs.vm(pool, "web")
    before = pool.db.row("VM", web)["domid"]
    do(pool, "VM.clean_reboot", web)
    assert set(history(pool, web, "power_state")) <= {"Running"}
    assert pool.db.row("VM", web)["domid"] != before
    assert where(pool, web) == "host1"
    assert alerts(pool) == ["VM_REBOOTED"]


@both
def test_pause_and_unpause(pool):
    web = labs.vm(pool, "web")
    do(pool, "VM.pause", web)
    assert shown(pool, web) == RUNNING | {"state": "Paused", "host": "host1"}
    expected = ["VM_BAD_POWER_STATE", web, "running", "paused"]
    assert refusal(pool, "VM.clean_shutdown", web) == expected
    do(pool, "VM.unpause", web)
    assert shown(pool, web) == RUNNING | {"host": "host1"}


@both
def test_started_paused_a_guest_boots_when_it_is_unpaused(pool):
    web = labs.vm(pool, "web")
    do(pool, "VM.hard_shutdown", web)
    do(pool, "VM.start", web, True, False)
    pool.world.advance(300)
    assert state(pool, web) == "Paused"
    assert pool.db.row("VM", web)["guest_metrics"] == NULL_REF
    do(pool, "VM.unpause", web)
    pool.world.advance(30)
    assert pool.db.row("VM", web)["guest_metrics"] != NULL_REF


@both
def test_suspend_takes_host_and_domain_and_keeps_the_devices(pool):
    web = labs.vm(pool, "web")
    operation = call(pool, "VM.suspend", web)
    pool.world.advance(5)
    assert state(pool, web) == "Running"
    finish(pool, operation)
    asleep = HALTED | {"state": "Suspended", "attached": {True}}
    assert shown(pool, web) == asleep
    image = pool.db.row("VDI", pool.db.row("VM", web)["suspend_VDI"])
    assert (image["type"], image["SR"]) == ("suspend", pool.row["suspend_image_SR"])
    assert operation.started + GIB / pool.bandwidth < pool.world.now
    assert alerts(pool) == ["VM_SUSPENDED"]


@both
def test_resume_goes_on_where_it_stopped(pool):
    web = labs.vm(pool, "web")
    metrics = pool.db.row("VM", web)["guest_metrics"]
    do(pool, "VM.suspend", web)
    image = pool.db.row("VM", web)["suspend_VDI"]
    do(pool, "VM.resume_on", web, labs.host(pool, "host2"), False, False)
    assert shown(pool, web) == RUNNING | {"host": "host2"}
    assert not pool.db.exists("VDI", image)
    assert pool.db.row("VM", web)["suspend_VDI"] == NULL_REF
    assert pool.db.row("VM", web)["guest_metrics"] == metrics


@both
def test_suspended_guests_refuse_what_needs_a_system_and_can_be_forced_off(pool):
    """POWER-XS-11, POWER-XS-12."""
    web = labs.vm(pool, "web")
    do(pool, "VM.suspend", web)
    image = pool.db.row("VM", web)["suspend_VDI"]
    for name, expected in (
        ("VM.clean_shutdown", "running"),
        ("VM.clean_reboot", "running"),
        ("VM.hard_reboot", "paused, running"),
    ):
        assert refusal(pool, name, web) == ["VM_BAD_POWER_STATE", web, expected, "suspended"]
    bad = ["VM_BAD_POWER_STATE", web, "halted", "suspended"]
    assert refusal(pool, "VM.start", web, False, False) == bad
    do(pool, "VM.hard_shutdown", web)
    assert shown(pool, web) == HALTED
    assert not pool.db.exists("VDI", image)


@both
def test_storage_accounts_for_images(pool):
    storage = pool.row["suspend_image_SR"]
    before = pool.db.row("SR", storage)["physical_utilisation"]
    web = labs.vm(pool, "web")
    do(pool, "VM.suspend", web)
    assert pool.db.row("SR", storage)["physical_utilisation"] == before + GIB
    do(pool, "VM.resume", web, False, False)
    assert pool.db.row("SR", storage)["physical_utilisation"] == before


def test_a_hung_guest_runs_into_the_timeout():
    for profile in labs.PROFILES:
        pool = labs.small_pool(profile)
        web = labs.vm(pool, "web")
        inside(pool, "guest.hang", "web")
        began = pool.world.now
        expected = ["VM_SHUTDOWN_TIMEOUT", web, "1200."]
        assert refusal(pool, "VM.clean_shutdown", web) == expected
        assert pool.world.now - began == 1200
        assert shown(pool, web) == RUNNING | {"host": "host1"}


@both
def test_a_deaf_guest_does_not_even_acknowledge(pool):
    web = labs.vm(pool, "web")
    inside(pool, "guest.hang", "web", listens=False)
    assert refusal(pool, "VM.clean_reboot", web) == ["VM_FAILED_SHUTDOWN_ACKNOWLEDGMENT", web]
    assert pool.world.now == 60


def test_forcing_off_cancels_a_clean_shutdown_today():
    pool = labs.small_pool()
    web = labs.vm(pool, "web")
    inside(pool, "guest.hang", "web")
    task = pool.call(labs.ROOT, "VM.clean_shutdown", [web], is_async=True)
    pool.world.advance(10)
    do(pool, "VM.hard_shutdown", web)
    assert pool.db.row("task", task)["status"] == "cancelled"
    assert pool.db.row("task", task)["error_info"] == ["TASK_CANCELLED", task]
    assert shown(pool, web) == HALTED
    assert pool.world.now < 15


def test_forcing_off_must_wait_in_5_5():
    pool = labs.small_pool("xenserver-5.5")
    web = labs.vm(pool, "web")
    call(pool, "VM.clean_shutdown", web)
    assert refusal(pool, "VM.hard_shutdown", web)[0] == "OTHER_OPERATION_IN_PROGRESS"


def test_shutdown_falls_back_to_force():
    pool = labs.small_pool()
    web = labs.vm(pool, "web")
    inside(pool, "guest.hang", "web")
    set_row(pool, web, shutdown_delay=30)
    do(pool, "VM.shutdown", web)
    assert shown(pool, web) == HALTED
    assert 30 < pool.world.now < 35


@pytest.mark.parametrize("name", ["VM.clean_shutdown", "VM.suspend", "VM.clean_reboot"])
@both
def test_cancelled_operations_leave_the_guest_running(pool, name):
    web = labs.vm(pool, "web")
    operation = call(pool, name, web)
    pool.world.advance(2)
    pool.world.operations.interrupt(operation)
    with pytest.raises(XenError, match="TASK_CANCELLED"):
        finish(pool, operation)
    assert shown(pool, web) == RUNNING | {"host": "host1"}


@both
def test_cancelled_before_its_first_step_a_start_leaves_nothing(pool):
    spare = labs.vm(pool, "spare")
    with pool.world.access():
        operation = call(pool, "VM.start", spare, False, False)
    pool.world.operations.interrupt(operation)
    pool.world.advance(30)
    assert shown(pool, spare) == HALTED
    assert pool.guests.reserved == {}
    assert pool.guests.work == {}


@both
def test_a_dying_host_fails_what_was_under_way_on_it(pool):
    from hvsim.hardware import Silence

    web, spare = labs.vm(pool, "db"), labs.vm(pool, "spare")
    stopping = call(pool, "VM.clean_shutdown", web)
    starting = call(pool, "VM.start_on", spare, labs.host(pool, "host2"), False, False)
    pool.world.advance(1)
    pool.world.hardware.crash("host2", Silence.DROPPED)
    pool.world.advance(0)
    host2 = labs.host(pool, "host2")
    for operation in (stopping, starting):
        assert operation.error.description == ["CANNOT_CONTACT_HOST", host2]
    assert (state(pool, web), state(pool, spare)) == ("Running", "Halted")
    assert refusal(pool, "VM.clean_shutdown", web) == ["CANNOT_CONTACT_HOST", host2]


@both
def test_a_host_marked_as_lost_is_offline(pool):
    db, host2 = labs.vm(pool, "db"), labs.host(pool, "host2")
    pool.db.change("host_metrics", pool.db.row("host", host2)["metrics"], live=False)
    assert refusal(pool, "VM.hard_shutdown", db) == ["HOST_OFFLINE", host2]
    do(pool, "VM.power_state_reset", db)
    assert shown(pool, db) == HALTED


@both
def test_power_state_reset_trusts_live_hosts(pool):
    web, db = labs.vm(pool, "web"), labs.vm(pool, "db")
    domid = [str(pool.db.row("VM", web)["domid"])] if pool.legacy else []
    assert refusal(pool, "VM.power_state_reset", web) == ["DOMAIN_EXISTS", web, *domid]
    expected = ["HOST_IS_LIVE", labs.host(pool, "host2")]
    assert refusal(pool, "VM.power_state_reset", db) == expected


def test_control_domains_are_not_reset_today():
    pool = labs.small_pool()
    domain = labs.vm(pool, "Control domain on host: host2")
    expected = ["CANNOT_RESET_CONTROL_DOMAIN", domain]
    assert refusal(pool, "VM.power_state_reset", domain) == expected


@both
def test_unknown_guests_and_hosts(pool):
    assert refusal(pool, "VM.start", "OpaqueRef:x", False, False) == [
        "HANDLE_INVALID", "VM", "OpaqueRef:x",
    ]  # fmt: skip
    spare = labs.vm(pool, "spare")
    assert refusal(pool, "VM.start_on", spare, "OpaqueRef:y", False, False) == [
        "HANDLE_INVALID", "host", "OpaqueRef:y",
    ]  # fmt: skip


def protected(profile, priority="restart"):
    guests = [labs.GuestSpec(name="web", power_state="Running", restart_priority=priority)]
    pool = labs.small_pool(profile, guests=guests)
    pool.db.change("pool", pool.ref, ha_enabled=True)
    return pool, labs.vm(pool, "web")


@pytest.mark.parametrize("name", ["VM.clean_shutdown", "VM.hard_shutdown", "VM.suspend"])
def test_protected_guests_are_not_stopped_in_5_5(name):
    """POWER-XS-1, 2, 3: refused, and the guest runs on."""
    pool, web = protected("xenserver-5.5")
    assert refusal(pool, name, web) == ["VM_IS_PROTECTED", web]
    assert shown(pool, web) == RUNNING | {"host": "host1"}


@pytest.mark.parametrize("name", ["VM.clean_reboot", "VM.hard_reboot"])
def test_protected_guests_may_be_rebooted(name):
    """POWER-XS-4."""
    pool, web = protected("xenserver-5.5")
    do(pool, name, web)
    assert state(pool, web) == "Running"


@pytest.mark.parametrize("change", ["not protected", "ha off", "best effort"])
def test_what_is_not_protected_may_be_stopped(change):
    """POWER-XS-5, 6, 7."""
    best = "best-effort" if change == "best effort" else "restart"
    pool, web = protected("xenserver-5.5", best)
    if change == "not protected":
        set_row(pool, web, ha_always_run=False)
    if change == "ha off":
        pool.db.change("pool", pool.ref, ha_enabled=False)
    do(pool, "VM.clean_shutdown", web)
    assert state(pool, web) == "Halted"


@pytest.mark.parametrize("name", ["VM.clean_shutdown", "VM.hard_shutdown", "VM.suspend"])
def test_stopping_lifts_protection_today_and_starting_restores_it(name):
    """POWER-XS-9."""
    pool, web = protected("xenserver-8")
    do(pool, name, web)
    assert pool.db.row("VM", web)["ha_always_run"] is False
    again = "VM.resume" if name == "VM.suspend" else "VM.start"
    do(pool, again, web, False, False)
    assert pool.db.row("VM", web)["ha_always_run"] is True


def test_actions_after_shutdown_are_obeyed_in_5_5():
    pool = labs.small_pool("xenserver-5.5")
    web = labs.vm(pool, "web")
    set_row(pool, web, actions_after_shutdown="restart")
    do(pool, "VM.clean_shutdown", web)
    assert state(pool, web) == "Running"


def test_rebooting_on_a_disabled_host_is_refused_in_5_5_only():
    for profile, expected in (("xenserver-5.5", "HOST_DISABLED"), ("xenserver-8", None)):
        pool = labs.small_pool(profile)
        web = labs.vm(pool, "web")
        pool.db.change("host", labs.host(pool, "host1"), enabled=False)
        if expected is None:
            do(pool, "VM.clean_reboot", web)
        else:
            assert refusal(pool, "VM.clean_reboot", web)[0] == expected


@both
def test_same_seed_same_log(profile):
    def lab():
        pool = labs.small_pool(profile, seed=7)
        for _ in range(3):
            do(pool, "VM.start", labs.vm(pool, "lost"), False, False)
            do(pool, "VM.hard_shutdown", labs.vm(pool, "lost"))
        return pool.world.log.digest

    assert lab() == lab()


@both
def test_devices_allow_more_once_the_agent_has_reported(pool):
    web = labs.vm(pool, "web")
    do(pool, "VM.hard_reboot", web)
    (vif,) = pool.db.row("VM", web)["VIFs"]
    assert "unplug" not in pool.db.row("VIF", vif)["allowed_operations"]
    pool.world.advance(30)
    assert "unplug" in pool.db.row("VIF", vif)["allowed_operations"]
