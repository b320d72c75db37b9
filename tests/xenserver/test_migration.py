"""Guests on the move: what is seen, what is refused, what failing costs."""

from __future__ import annotations

import pytest

import labs
from driving import alerts, call, do, finish, history, refusal, state, where
from hvsim.errors import Refusal
from hvsim.hardware import Silence
from hvsim.operations import StageRule
from hvsim.xenserver.errors import XenError
from hvsim.xenserver.model import NULL_REF
from hvsim.xenserver.spec import GIB

both = pytest.mark.parametrize("profile", labs.PROFILES)
MODES = ("live", "frozen", "visible-suspend")
LIVE = {"live": "true"}
COPY = GIB / 125_000_000


@pytest.fixture(name="pool")
def _pool(profile):
    return labs.small_pool(profile)


def moving(profile, mode, options=LIVE):
    pool = labs.small_pool(profile, migration=mode)
    web = labs.vm(pool, "web")
    return pool, web, call(pool, "VM.pool_migrate", web, labs.host(pool, "host2"), options)


@pytest.mark.parametrize("mode", MODES)
@both
def test_a_guest_arrives(profile, mode):
    pool, web, operation = moving(profile, mode)
    finish(pool, operation)
    row = pool.db.row("VM", web)
    assert (state(pool, web), where(pool, web)) == ("Running", "host2")
    assert (row["current_operations"], row["scheduled_to_be_resident_on"]) == ({}, NULL_REF)
    assert pool.insides[web]["frozen"] is False
    assert row["affinity"] == NULL_REF
    assert COPY < pool.world.now < 2 * COPY + 5
    assert alerts(pool) == ([] if profile == "xenserver-5.5" else ["VM_MIGRATED"])


@pytest.mark.parametrize(
    ("profile", "states"),
    [("xenserver-5.5", ["Suspended", "Running"]), ("xenserver-8", [])],
)
def test_what_the_releases_show_unasked(profile, states):
    """MIG-XS-2: XenServer 5.5 shows the guest suspended for a while, today's shows nothing."""
    pool, web, operation = moving(profile, None)
    finish(pool, operation)
    changes = history(pool, web, "power_state")
    assert changes == states


@both
def test_the_visible_suspend_can_be_polled(profile):
    """MIG-XS-2, MIG-XS-3: suspended, yet plainly on its way, for long enough to be seen."""
    pool, web, operation = moving(profile, "visible-suspend")
    pool.guests.shortest_sleep = 30.0
    pool.world.advance(2)
    seen = 0.0
    while state(pool, web) == "Suspended":
        assert list(pool.db.row("VM", web)["current_operations"].values()) == ["pool_migrate"]
        assert pool.db.row("VM", web)["scheduled_to_be_resident_on"] == labs.host(pool, "host2")
        seen += 1.0
        pool.world.advance(1)
    assert seen >= 29
    finish(pool, operation)


def test_5_5_freezes_a_guest_unless_told_to_move_it_live():
    for options, frozen in (({}, True), (LIVE, False), ({"live": "false"}, True)):
        pool, web, operation = moving("xenserver-5.5", "live", options)
        pool.world.advance(4)
        assert pool.insides[web].get("frozen", False) is frozen
        assert state(pool, web) == "Running"
        finish(pool, operation)


def test_a_guests_own_mode_wins():
    pool = labs.small_pool(migration="live")
    web = labs.vm(pool, "web")
    pool.migration_modes[web] = "visible-suspend"
    do(pool, "VM.pool_migrate", web, labs.host(pool, "host2"), {})
    assert history(pool, web, "power_state") == ["Suspended", "Running"]


@both
def test_hosts_know_what_is_going_on(pool):
    web, host2 = labs.vm(pool, "web"), labs.host(pool, "host2")
    operation = call(pool, "VM.pool_migrate", web, host2, LIVE)
    assert list(pool.db.row("host", host2)["current_operations"].values()) == ["vm_migrate"]
    finish(pool, operation)
    assert pool.db.row("host", host2)["current_operations"] == {}
    assert pool.db.row("host_metrics", pool.db.row("host", host2)["metrics"])["memory_free"] == (
        (32 - 2 - 2) * GIB
    )


@both
def test_a_disabled_target_is_refused(pool):
    """MIG-XS-4."""
    web, host2 = labs.vm(pool, "web"), labs.host(pool, "host2")
    pool.db.change("host", host2, enabled=False)
    assert refusal(pool, "VM.pool_migrate", web, host2, LIVE) == ["HOST_DISABLED", host2]
    assert where(pool, web) == "host1"


@both
def test_a_target_without_room_is_refused(profile):
    guests = [
        labs.GuestSpec(name="big", memory=20 * GIB, power_state="Running", host="host1"),
        labs.GuestSpec(name="hog", memory=20 * GIB, power_state="Running", host="host2"),
    ]
    pool = labs.small_pool(profile, guests=guests)
    error = refusal(pool, "VM.pool_migrate", labs.vm(pool, "big"), labs.host(pool, "host2"), {})
    assert error == ["HOST_NOT_ENOUGH_FREE_MEMORY", str(20 * GIB), str(10 * GIB)]


@both
def test_a_guest_on_local_storage_cannot_go(profile):
    guests = [
        labs.GuestSpec(name="tied", power_state="Running", storage="Local storage on host1"),
    ]
    pool = labs.small_pool(profile, guests=guests)
    tied = labs.vm(pool, "tied")
    error = refusal(pool, "VM.pool_migrate", tied, labs.host(pool, "host2"), {})
    assert error[:2] == ["VM_REQUIRES_SR", tied]


@both
def test_guests_without_drivers_cannot_go_nor_be_carried_asleep(profile):
    """MIG-XS-6, POWER-XS-13."""
    guests = [labs.GuestSpec(name="bare", power_state="Running", tools=False)]
    pool = labs.small_pool(profile, guests=guests)
    bare = labs.vm(pool, "bare")
    code = "OPERATION_NOT_ALLOWED" if profile == "xenserver-5.5" else "VM_LACKS_FEATURE"
    host2 = labs.host(pool, "host2")
    assert refusal(pool, "VM.pool_migrate", bare, host2, LIVE)[0] == code
    for name in ("VM.suspend", "VM.clean_shutdown", "VM.clean_reboot"):
        assert refusal(pool, name, bare)[0] == code
    do(pool, "VM.hard_shutdown", bare)
    assert state(pool, bare) == "Halted"


@pytest.mark.parametrize("name", ["lost", "spare"])
def test_cold_moves_of_5_5_set_the_home_server(name):
    """MIG-XS-5, HOME-XS-8."""
    pool = labs.small_pool("xenserver-5.5")
    vm, host2 = labs.vm(pool, name), labs.host(pool, "host2")
    do(pool, "VM.pool_migrate", vm, host2, {})
    row = pool.db.row("VM", vm)
    assert (row["affinity"], row["resident_on"], row["power_state"]) == (host2, NULL_REF, "Halted")


def test_cold_moves_of_suspended_guests_set_the_home_server_too():
    pool = labs.small_pool("xenserver-5.5")
    web, host2 = labs.vm(pool, "web"), labs.host(pool, "host2")
    do(pool, "VM.suspend", web)
    do(pool, "VM.pool_migrate", web, host2, {})
    assert (state(pool, web), pool.db.row("VM", web)["affinity"]) == ("Suspended", host2)


def test_today_only_running_guests_move():
    pool = labs.small_pool()
    lost = labs.vm(pool, "lost")
    error = refusal(pool, "VM.pool_migrate", lost, labs.host(pool, "host2"), {})
    assert error == ["VM_BAD_POWER_STATE", lost, "running", "halted"]


LATE = {"live": 1 + COPY + 0.3, "frozen": 1.3 + COPY, "visible-suspend": 1.3 + COPY / 2}
"""Seconds after which there is no way back, by mode."""


@pytest.mark.parametrize("mode", MODES)
@both
def test_a_target_that_dies_early_costs_nothing(profile, mode):
    pool, web, operation = moving(profile, mode)
    pool.world.advance(0.5)
    pool.world.hardware.crash("host2", Silence.DROPPED)
    with pytest.raises(XenError) as failed:
        finish(pool, operation)
    source, target = labs.host(pool, "host1"), labs.host(pool, "host2")
    assert failed.value.code == "VM_MIGRATE_FAILED"
    assert failed.value.params[:3] == (web, source, target)
    assert (state(pool, web), where(pool, web)) == ("Running", "host1")
    assert pool.insides[web]["frozen"] is False


@pytest.mark.parametrize("mode", MODES)
@both
def test_a_target_that_dies_at_the_last_moment_costs_the_guest(profile, mode):
    """MIG-XS-7."""
    pool, web, operation = moving(profile, mode)
    pool.world.advance(LATE[mode] + 0.1)
    stopped = []
    pool.guests.on_stopped.append(lambda _pool, vm, why: stopped.append((vm, why)))
    pool.world.hardware.crash("host2", Silence.REFUSED)
    with pytest.raises(XenError, match="VM_MIGRATE_FAILED"):
        finish(pool, operation)
    row = pool.db.row("VM", web)
    assert (row["power_state"], row["resident_on"]) == ("Halted", NULL_REF)
    assert (row["current_operations"], row["domid"]) == ({}, -1)
    assert stopped == [(web, "migration")]


@both
def test_a_dead_target_is_noticed_before_anything_begins(pool):
    web, host3 = labs.vm(pool, "web"), labs.host(pool, "host3")
    pool.world.hardware.crash("host3", Silence.REFUSED)
    assert refusal(pool, "VM.pool_migrate", web, host3, LIVE) == ["HOST_OFFLINE", host3]
    assert (state(pool, web), pool.guests.reserved) == ("Running", {})


@both
def test_the_source_dying_fails_the_move(pool):
    db, host3 = labs.vm(pool, "db"), labs.host(pool, "host3")
    operation = call(pool, "VM.pool_migrate", db, host3, LIVE)
    pool.world.advance(0.5)
    pool.world.hardware.crash("host2", Silence.DROPPED)
    with pytest.raises(XenError) as failed:
        finish(pool, operation)
    assert failed.value.description == ["CANNOT_CONTACT_HOST", labs.host(pool, "host2")]


@both
def test_cancelled_while_copying_it_stays(pool):
    pool.default_migration = "live"
    web = labs.vm(pool, "web")
    operation = call(pool, "VM.pool_migrate", web, labs.host(pool, "host2"), LIVE)
    pool.world.advance(3)
    pool.world.operations.interrupt(operation)
    with pytest.raises(XenError, match="TASK_CANCELLED"):
        finish(pool, operation)
    assert (state(pool, web), where(pool, web)) == ("Running", "host1")
    assert pool.guests.work == {}


@both
def test_a_lab_can_make_a_move_fail(pool):
    web = labs.vm(pool, "web")
    rule = StageRule(kind="VM.pool_migrate", stage="prepare", error=Refusal("no memory"))
    pool.world.operations.add_rule("fault", rule)
    host1, host2 = labs.host(pool, "host1"), labs.host(pool, "host2")
    error = refusal(pool, "VM.pool_migrate", web, host2, LIVE)
    assert error == ["VM_MIGRATE_FAILED", web, host1, host2, "no memory"]


@both
def test_while_it_moves_others_are_told_so(pool):
    """EXT-5: one of two movers wins."""
    web = labs.vm(pool, "web")
    operation = call(pool, "VM.pool_migrate", web, labs.host(pool, "host2"), LIVE)
    error = refusal(pool, "VM.pool_migrate", web, labs.host(pool, "host3"), LIVE)
    assert error[:4] == ["OTHER_OPERATION_IN_PROGRESS", "VM", web, "pool_migrate"]
    finish(pool, operation)
    assert where(pool, web) == "host2"


def test_forcing_off_wins_over_a_move_today():
    pool = labs.small_pool(migration="visible-suspend")
    web = labs.vm(pool, "web")
    operation = call(pool, "VM.pool_migrate", web, labs.host(pool, "host2"), {})
    pool.world.advance(3)
    do(pool, "VM.hard_shutdown", web)
    assert operation.error.code == "TASK_CANCELLED"
    assert state(pool, web) == "Halted"
    assert pool.guests.reserved == {}


def test_force_moves_a_guest_without_drivers_today():
    guests = [labs.GuestSpec(name="bare", power_state="Running", tools=False)]
    pool = labs.small_pool(guests=guests)
    bare = labs.vm(pool, "bare")
    do(pool, "VM.pool_migrate", bare, labs.host(pool, "host2"), {"force": "true"})
    assert where(pool, bare) == "host2"


def test_moving_by_migrate_send_within_the_pool():
    pool = labs.small_pool()
    web, host2 = labs.vm(pool, "web"), labs.host(pool, "host2")
    dest = {"host": host2, "SM": "http://x", "xenops": "http://x", "master": "http://x"}
    do(pool, "VM.assert_can_migrate", web, dest, True, {}, {}, {})
    assert do(pool, "VM.migrate_send", web, dest, True, {}, {}, {}) == web
    assert where(pool, web) == "host2"
    elsewhere = dest | {"host": "OpaqueRef:elsewhere"}
    error = refusal(pool, "VM.migrate_send", web, elsewhere, True, {}, {}, {})
    assert error == ["NOT_IMPLEMENTED", "VM.migrate_send"]


def test_the_agent_reports_though_the_guest_moves_while_it_boots():
    pool = labs.small_pool()
    web = labs.vm(pool, "web")
    do(pool, "VM.hard_reboot", web)
    do(pool, "VM.pool_migrate", web, labs.host(pool, "host2"), {"force": "true"})
    assert pool.db.row("VM", web)["guest_metrics"] == NULL_REF
    pool.world.advance(30)
    assert pool.db.row("VM", web)["guest_metrics"] != NULL_REF


@both
def test_same_commands_same_log(profile):
    def digest():
        pool, _, operation = moving(profile, None)
        finish(pool, operation)
        return pool.world.log.digest

    assert digest() == digest()
