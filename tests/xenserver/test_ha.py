"""High availability: on and off, a host lost, a master lost, guests kept running."""

from __future__ import annotations

import pytest

import labs
from driving import alerts, call, do, history, inside, refusal, set_row, state, where
from hvsim.xenserver.availability import failover, liveset
from hvsim.xenserver.spec import GIB, GuestSpec, StorageSpec
from pooling import (
    enabled,
    fault,
    faults_of_simulator,
    live,
    master,
    member,
    on_member,
    roles,
    settle,
)

both = pytest.mark.parametrize("profile", labs.PROFILES)
LEGACY = "xenserver-5.5"
BOUND = 120.0
"""Seconds within which a new master must serve (POOL-10: T + fencing + election + restart)."""


def guests(home="host2"):
    on = {"power_state": "Running", "host": home}
    return [
        GuestSpec(name="kept", restart_priority="restart", **on),
        GuestSpec(name="tried", restart_priority="best-effort", **on),
        GuestSpec(name="free", **on),
    ]


def lab(profile, specs=None, *, ha=True, **changes):
    return labs.small_pool(profile, guests=guests() if specs is None else specs, ha=ha, **changes)


def states(pool, *names):
    return [state(pool, labs.vm(pool, name)) for name in names]


def tolerate(pool, count):
    return do(pool, "pool.set_ha_host_failures_to_tolerate", pool.ref, count)


@both
def test_ha_is_switched_on_and_off(profile):
    """HA-XS-1."""
    pool = lab(profile, ha=False)
    operation = call(pool, "pool.enable_ha", [], {"timeout": "90"})
    pool.world.advance(0.1)
    assert not pool.row["ha_enabled"]
    settle(pool)
    assert operation.error is None
    assert pool.row["ha_enabled"]
    assert pool.row["ha_configuration"] == {"timeout": "90"}
    statefile = pool.db.row("VDI", pool.row["ha_statefiles"][0])
    assert statefile["type"] == "ha_statefile"
    assert pool.db.row("SR", statefile["SR"])["shared"]
    assert all(row["ha_statefiles"] for row in pool.db.tables["host"].values())
    assert liveset.timeouts(pool) == liveset.Timeouts(90.0, 105.0, 150.0)
    assert refusal(pool, "pool.enable_ha", [], {}) == ["HA_IS_ENABLED"]
    do(pool, "pool.disable_ha")
    assert not pool.row["ha_enabled"]
    assert not any(m.armed for m in pool.members.values())
    assert refusal(pool, "pool.disable_ha") == ["HA_NOT_ENABLED"]
    assert faults_of_simulator(pool) == []


@both
def test_ha_needs_every_host_alive(profile):
    pool = lab(profile, ha=False)
    fault(pool, "server.crash", server="host3")
    pool.world.advance(601)
    assert refusal(pool, "pool.enable_ha", [], {}) == ["HOST_OFFLINE", labs.host(pool, "host3")]


@both
def test_ha_needs_shared_storage(profile):
    own = [StorageSpec(name="own", shared=False, host="host1")]
    pool = lab(profile, [], ha=False, storages=own)
    assert refusal(pool, "pool.enable_ha", [], {}) == ["CANNOT_CREATE_STATE_FILE"]


@both
@pytest.mark.parametrize("count", [1, 2])
def test_ha_does_not_ask_how_many_hosts_there_are(profile, count):
    pool = lab(profile, [], ha=False, hosts=labs.hosts(count))
    do(pool, "pool.enable_ha", [], {})
    assert pool.row["ha_enabled"]


@both
def test_under_ha_the_master_is_not_changed_by_hand(profile):
    """MAINT-XS-4."""
    pool = lab(profile)
    host2 = labs.host(pool, "host2")
    assert refusal(pool, "pool.designate_new_master", host2) == ["HA_IS_ENABLED"]
    for name, args in (("emergency_transition_to_master", ()), ("emergency_reset_master", ("x",))):
        with pytest.raises(Exception, match="HA_IS_ENABLED"):
            on_member(pool, "host2", f"pool.{name}", *args)


@both
def test_a_dead_hosts_guests_are_started_elsewhere_or_tried_or_lost(profile):
    """HA-XS-2, POOL-11."""
    pool = lab(profile)
    tolerate(pool, 1)
    fault(pool, "server.crash", server="host2")
    pool.world.advance(59)
    assert live(pool, "host2")
    assert states(pool, "kept", "tried", "free") == ["Running"] * 3
    pool.world.advance(60)
    assert not live(pool, "host2")
    assert states(pool, "kept", "tried", "free") == ["Running", "Running", "Halted"]
    assert where(pool, labs.vm(pool, "kept")) in ("host1", "host3")
    seen = alerts(pool)
    assert seen.count("HA_HOST_FAILED") == 1
    assert seen.count("VM_STARTED") == 2
    assert master(pool) == "host1"
    settle(pool, 2000)
    assert states(pool, "kept", "tried", "free") == ["Running", "Running", "Halted"]
    assert faults_of_simulator(pool) == []


@both
def test_a_dead_master_is_replaced_without_help_within_a_bounded_time(profile):
    """POOL-9, POOL-10, POOL-11."""
    pool = lab(profile, guests("host1"))
    tolerate(pool, 1)
    fault(pool, "server.crash", server="host1")
    began = pool.world.now
    while master(pool) == "host1" and pool.world.now - began < 1000:
        pool.world.advance(1)
    took = pool.world.now - began
    assert 60 < took <= BOUND
    assert master(pool) in ("host2", "host3")
    settle(pool, 120)
    assert states(pool, "kept", "tried", "free") == ["Running", "Running", "Halted"]
    assert [m.server.name for m in pool.members.values() if m.answers() is None] == [
        "host2",
        "host3",
    ]
    assert all(enabled(pool, name) and live(pool, name) for name in ("host2", "host3"))
    assert "POOL_MASTER_TRANSITION" in alerts(pool)
    do(pool, "VM.start", labs.vm(pool, "free"), False, False)
    assert faults_of_simulator(pool) == []


@both
def test_during_the_gap_members_refuse_or_answer_that_they_still_boot(profile):
    pool = lab(profile, guests("host1"))
    fault(pool, "server.crash", server="host1")
    seen = set()
    for _ in range(120):
        pool.world.advance(1)
        for m in pool.members.values():
            if m.server.name != "host1" and master(pool) == "host1":
                seen.add(m.emergency.code if m.emergency else str(m.answers()))
    assert "refused" in seen
    assert seen <= {"None", "refused", "HOST_STILL_BOOTING", "INTERNAL_ERROR"}


@both
def test_a_dead_master_that_returns_is_a_member(profile):
    """POOL-8 under high availability."""
    pool = lab(profile, guests("host1"))
    fault(pool, "server.crash", server="host1")
    settle(pool, 300)
    fault(pool, "server.boot", server="host1")
    settle(pool, 300)
    assert roles(pool)["host1"] == "slave"
    assert sorted(roles(pool).values()) == ["master", "slave", "slave"]
    assert live(pool, "host1")
    assert enabled(pool, "host1")


@both
def test_a_host_cut_off_resets_itself_and_its_guests_run_elsewhere(profile):
    pool = lab(profile)
    fault(pool, "link.cut", server="host2")
    pool.world.advance(61)
    assert member(pool, "host2").answers() is not None
    pool.world.advance(60)
    assert where(pool, labs.vm(pool, "kept")) in ("host1", "host3")
    assert member(pool, "host2").lost_power
    fault(pool, "link.mend", server="host2")
    settle(pool, 300)
    assert live(pool, "host2")
    assert not member(pool, "host2").lost_power


@both
def test_a_short_cut_is_no_death(profile):
    pool = lab(profile)
    fault(pool, "link.cut", server="host2")
    pool.world.advance(50)
    fault(pool, "link.mend", server="host2")
    settle(pool)
    assert live(pool, "host2")
    assert states(pool, "kept", "tried", "free") == ["Running"] * 3
    assert alerts(pool) == []


@both
def test_a_host_that_loses_the_state_file_alone_resets_itself_and_all_together_do_not(profile):
    pool = lab(profile)
    storage = next(iter(pool.world.hardware.storages))
    fault(pool, "storage.lose", storage=storage, server="host2")
    pool.world.advance(76)
    assert member(pool, "host2").lost_power
    other = lab(profile)
    storage = next(iter(other.world.hardware.storages))
    for name in ("host1", "host2", "host3"):
        fault(other, "storage.lose", storage=storage, server=name)
    other.world.advance(500)
    assert not any(m.lost_power for m in other.members.values())


@both
def test_a_stopped_service_is_restarted_by_the_daemon(profile):
    pool = lab(profile)
    fault(pool, "service.stop", server="host1")
    settle(pool, 200)
    assert member(pool, "host1").answers() is None
    assert master(pool) == "host1"
    assert states(pool, "kept", "tried", "free") == ["Running"] * 3


@both
def test_a_protected_guest_that_shuts_itself_down_is_started_again(profile):
    """POWER-XS-8."""
    pool = lab(profile)
    inside(pool, "guest.shutdown", "kept")
    inside(pool, "guest.shutdown", "free")
    settle(pool, 120)
    assert history(pool, labs.vm(pool, "kept"), "power_state") == ["Halted", "Running"]
    assert states(pool, "kept", "free") == ["Running", "Halted"]


@pytest.mark.parametrize("profile", ["xenserver-8"])
def test_a_pool_may_let_guests_rest_that_shut_themselves_down(profile):
    """POWER-XS-10."""
    pool = lab(profile)
    pool.db.change("pool", pool.ref, ha_reboot_vm_on_internal_shutdown=False)
    inside(pool, "guest.shutdown", "kept")
    settle(pool, 300)
    assert states(pool, "kept") == ["Halted"]


@pytest.mark.parametrize("profile", [LEGACY])
@pytest.mark.parametrize("op", ["clean_shutdown", "hard_shutdown", "suspend"])
def test_55_refuses_to_stop_a_protected_guest(profile, op):
    """POWER-XS-1, -2, -3, -5, -7."""
    pool = lab(profile)
    kept = labs.vm(pool, "kept")
    assert refusal(pool, f"VM.{op}", kept) == ["VM_IS_PROTECTED", kept]
    assert states(pool, "kept") == ["Running"]
    do(pool, f"VM.{op}", labs.vm(pool, "tried"))
    do(pool, "VM.set_ha_always_run", kept, False)
    do(pool, f"VM.{op}", kept)
    settle(pool)
    assert states(pool, "kept") == ["Suspended" if op == "suspend" else "Halted"]


@pytest.mark.parametrize("profile", [LEGACY])
@pytest.mark.parametrize("op", ["clean_shutdown", "hard_shutdown"])
def test_with_ha_off_a_priority_protects_nothing(profile, op):
    """POWER-XS-6."""
    pool = lab(profile, ha=False)
    do(pool, f"VM.{op}", labs.vm(pool, "kept"))
    assert states(pool, "kept") == ["Halted"]


@both
@pytest.mark.parametrize("op", ["clean_reboot", "hard_reboot"])
def test_a_protected_guest_may_be_rebooted(profile, op):
    """POWER-XS-4."""
    pool = lab(profile)
    do(pool, f"VM.{op}", labs.vm(pool, "kept"))
    assert states(pool, "kept") == ["Running"]


@pytest.mark.parametrize("profile", ["xenserver-8"])
def test_today_a_shutdown_ends_the_protection_and_a_start_renews_it(profile):
    """POWER-XS-9."""
    pool = lab(profile)
    kept = labs.vm(pool, "kept")
    do(pool, "VM.clean_shutdown", kept)
    settle(pool, 300)
    assert states(pool, "kept") == ["Halted"]
    assert not pool.db.row("VM", kept)["ha_always_run"]
    do(pool, "VM.start", kept, False, False)
    assert pool.db.row("VM", kept)["ha_always_run"]


@pytest.mark.parametrize("profile", ["xenserver-8"])
def test_guests_start_in_their_order(profile):
    on = {"power_state": "Running", "host": "host2", "restart_priority": "restart"}
    specs = [
        GuestSpec(name="third", order=3, **on),
        GuestSpec(name="first", order=1, **on),
        GuestSpec(name="second", order=2, **on),
    ]
    pool = lab(profile, specs)
    fault(pool, "server.crash", server="host2")
    settle(pool, 200)
    started = [
        row["body"].split("'")[1]
        for row in pool.db.tables["message"].values()
        if row["name"] == "VM_STARTED"
    ]
    assert started == ["first", "second", "third"]


@both
def test_a_protected_guest_without_room_is_alerted_once_and_tried_again(profile):
    big = {"power_state": "Running", "memory": 20 * GIB}
    specs = [
        GuestSpec(name="kept", host="host2", restart_priority="restart", **big),
        GuestSpec(name="a", host="host1", **big),
        GuestSpec(name="b", host="host3", **big),
    ]
    pool = lab(profile, specs)
    fault(pool, "server.crash", server="host2")
    settle(pool, 400)
    assert states(pool, "kept") == ["Halted"]
    assert alerts(pool).count("HA_PROTECTED_VM_RESTART_FAILED") == 1
    do(pool, "VM.hard_shutdown", labs.vm(pool, "a"))
    settle(pool, 300)
    assert states(pool, "kept") == ["Running"]


@both
def test_a_host_shut_down_in_good_order_is_no_failure(profile):
    pool = lab(profile)
    host3 = labs.host(pool, "host3")
    do(pool, "host.disable", host3)
    do(pool, "host.shutdown", host3)
    settle(pool, 300)
    assert "HA_HOST_FAILED" not in alerts(pool)
    assert not live(pool, "host3")


@both
def test_the_plan_counts_memory_and_says_when_it_no_longer_holds(profile):
    on = {"power_state": "Running", "memory": 9 * GIB, "restart_priority": "restart"}
    specs = [GuestSpec(name=f"g{n}", host=f"host{n % 3 + 1}", **on) for n in range(6)]
    pool = lab(profile, specs)
    most = call(pool, "pool.ha_compute_max_host_failures_to_tolerate")
    assert most == 1
    assert call(pool, "pool.ha_failover_plan_exists", 1)
    assert not call(pool, "pool.ha_failover_plan_exists", 2)
    tolerate(pool, 1)
    assert pool.row["ha_plan_exists_for"] == 1
    assert not pool.row["ha_overcommitted"]
    assert refusal(pool, "pool.set_ha_host_failures_to_tolerate", pool.ref, 2) == [
        "HA_OPERATION_WOULD_BREAK_FAILOVER_PLAN"
    ]
    error = refusal(pool, "host.disable", labs.host(pool, "host3"))
    assert error == ["HA_OPERATION_WOULD_BREAK_FAILOVER_PLAN"]
    assert enabled(pool, "host3")
    fault(pool, "server.crash", server="host3")
    settle(pool, 200)
    assert pool.row["ha_overcommitted"]
    assert pool.row["ha_plan_exists_for"] == 0
    assert {"HA_POOL_OVERCOMMITTED", "HA_POOL_DROP_IN_PLAN_EXISTS_FOR"} <= set(alerts(pool))


@both
def test_a_start_that_would_break_the_plan_is_refused_unless_overcommitting_is_allowed(profile):
    on = {"power_state": "Running", "memory": 9 * GIB, "restart_priority": "restart"}
    specs = [GuestSpec(name=f"g{n}", host=f"host{n % 3 + 1}", **on) for n in range(6)]
    pool = lab(profile, [*specs, GuestSpec(name="more", memory=10 * GIB)])
    tolerate(pool, 1)
    more = labs.vm(pool, "more")
    error = refusal(pool, "VM.start", more, False, False)
    assert error == ["HA_OPERATION_WOULD_BREAK_FAILOVER_PLAN"]
    pool.db.change("pool", pool.ref, ha_allow_overcommit=True)
    do(pool, "VM.start", more, False, False)


@both
def test_a_protected_guest_on_local_storage_spoils_the_plan(profile):
    storages = [StorageSpec(name="shared"), StorageSpec(name="own", shared=False, host="host1")]
    specs = [GuestSpec(name="bound", power_state="Running", host="host1", storage="own")]
    pool = lab(profile, specs, storages=storages)
    tolerate(pool, 1)
    bound = labs.vm(pool, "bound")
    if profile == LEGACY:
        do(pool, "VM.set_ha_restart_priority", bound, "1")
        protect = ("VM.set_ha_always_run", bound, True)
    else:
        protect = ("VM.set_ha_restart_priority", bound, "restart")
    assert refusal(pool, *protect) == ["HA_OPERATION_WOULD_BREAK_FAILOVER_PLAN"]
    assert not failover.exists(pool, 0, guests=[bound])


@both
def test_hypothetical_questions_change_nothing(profile):
    pool = lab(profile)
    known = {True: "1", False: "restart"}[profile == LEGACY]
    kept, free = labs.vm(pool, "kept"), labs.vm(pool, "free")
    before = pool.world.log.digest
    asked = {kept: known, free: known}
    assert call(pool, "pool.ha_compute_hypothetical_max_host_failures_to_tolerate", asked) == 2
    plan = call(pool, "pool.ha_compute_vm_failover_plan", [labs.host(pool, "host2")], [kept])
    assert set(plan[kept]) == {"host"}
    assert pool.world.log.digest == before
    wrong = refusal(
        pool, "pool.ha_compute_hypothetical_max_host_failures_to_tolerate", {kept: "soon"}
    )
    assert wrong == ["INVALID_VALUE", "ha_restart_priority", "soon"]


@both
def test_restart_priorities_are_the_release_s_own(profile):
    pool = lab(profile)
    free = labs.vm(pool, "free")
    good = (
        ["1", "2", "3", "best-effort", ""] if profile == LEGACY else ["restart", "best-effort", ""]
    )
    for value in good:
        do(pool, "VM.set_ha_restart_priority", free, value)
        assert pool.db.row("VM", free)["ha_restart_priority"] == value
    bad = "restart" if profile == LEGACY else "1"
    error = ["INVALID_VALUE", "ha_restart_priority", bad]
    assert refusal(pool, "VM.set_ha_restart_priority", free, bad) == error


@pytest.mark.parametrize("profile", ["xenserver-8"])
def test_today_a_priority_protects_a_running_guest_at_once(profile):
    pool = lab(profile)
    free = labs.vm(pool, "free")
    do(pool, "VM.set_ha_restart_priority", free, "restart")
    assert pool.db.row("VM", free)["ha_always_run"]
    do(pool, "VM.set_ha_always_run", free, False)
    assert pool.db.row("VM", free)["ha_restart_priority"] == ""


@both
def test_restarts_can_be_held_off(profile):
    pool = lab(profile)
    call(pool, "pool.ha_prevent_restarts_for", 300)
    inside(pool, "guest.shutdown", "kept")
    settle(pool, 250)
    assert states(pool, "kept") == ["Halted"]
    settle(pool, 120)
    assert states(pool, "kept") == ["Running"]


@both
def test_one_host_can_be_disarmed_in_an_emergency(profile):
    pool = lab(profile)
    soft = [] if pool.legacy else [False]
    on_member(pool, "host2", "host.emergency_ha_disable", *soft)
    assert not member(pool, "host2").armed
    with pytest.raises(Exception, match="HA_NOT_ENABLED"):
        on_member(pool, "host2", "host.emergency_ha_disable", *soft)


@both
def test_the_same_master_is_chosen_again(profile):
    def run(seed):
        pool = lab(profile, guests("host1"), seed=seed)
        fault(pool, "server.crash", server="host1")
        settle(pool, 400)
        return pool

    first, again = run(1), run(1)
    assert first.world.log.digest == again.world.log.digest
    chosen = {master(run(seed)) for seed in range(8)}
    assert chosen == {"host2", "host3"}


@both
def test_ha_off_a_dead_master_is_replaced_by_nobody(profile):
    pool = lab(profile, guests("host1"), ha=False)
    fault(pool, "server.crash", server="host1")
    settle(pool, 5000)
    assert master(pool) == "host1"
    assert states(pool, "kept") == ["Running"]
    set_row(pool, labs.vm(pool, "free"), ha_restart_priority="")


@both
def test_hosts_that_were_away_find_the_master_that_was_chosen_meanwhile(profile):
    pool = lab(profile, [])
    fault(pool, "server.crash", server="host1")
    fault(pool, "server.crash", server="host3")
    settle(pool, 300)
    assert master(pool) == "host2"
    for name in ("host1", "host3"):
        fault(pool, "server.boot", server=name)
    settle(pool, 300)
    assert roles(pool) == {"host1": "slave", "host2": "master", "host3": "slave"}
    assert all(live(pool, name) and enabled(pool, name) for name in ("host1", "host2", "host3"))


@both
def test_a_pool_that_lost_every_host_gets_a_master_from_those_that_return(profile):
    pool = lab(profile, [])
    for name in ("host1", "host2", "host3"):
        fault(pool, "server.crash", server=name)
    settle(pool, 1000)
    fault(pool, "server.boot", server="host3")
    settle(pool, 600)
    assert master(pool) == "host3"
    fault(pool, "server.boot", server="host1")
    settle(pool, 300)
    assert roles(pool)["host1"] == "slave"
    assert enabled(pool, "host1")


@both
def test_waiting_for_what_may_never_come_does_not_make_time_run(profile):
    big = {"power_state": "Running", "memory": 20 * GIB}
    specs = [
        GuestSpec(name="kept", host="host2", restart_priority="restart", **big),
        GuestSpec(name="a", host="host1", **big),
        GuestSpec(name="b", host="host3", **big),
    ]
    pool = lab(profile, specs)
    fault(pool, "server.crash", server="host2")
    settle(pool, 1000)
    assert states(pool, "kept") == ["Halted"]
    assert not pool.world.operations.foreground


@both
def test_a_pending_retry_does_not_delay_what_is_due_earlier(profile):
    big = {"power_state": "Running", "memory": 20 * GIB}
    specs = [
        GuestSpec(name="stuck", host="host2", restart_priority="restart", **big),
        GuestSpec(name="a", host="host1", **big),
        GuestSpec(name="b", host="host3", **big),
        GuestSpec(name="kept", power_state="Running", host="host1", restart_priority="restart"),
    ]
    pool = lab(profile, specs)
    fault(pool, "server.crash", server="host2")
    settle(pool, 1000)
    inside(pool, "guest.shutdown", "kept")
    while state(pool, labs.vm(pool, "kept")) == "Running":
        pool.world.advance(1)
    settle(pool, 30)
    assert states(pool, "kept", "stuck") == ["Running", "Halted"]
