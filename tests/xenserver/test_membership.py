"""Members of a pool: lost, back, in emergency mode; and their masters, planned or not."""

from __future__ import annotations

import pytest

import labs
from driving import alerts, call, do, refusal, state
from hvsim.hardware import Silence
from hvsim.xenserver.accounts import session
from hvsim.xenserver.errors import XenError
from hvsim.xenserver.mastery import membership
from hvsim.xenserver.messages import Caller
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
DEAD_AFTER = {"xenserver-5.5": 200, "xenserver-8": 600}


@pytest.fixture(name="pool")
def _pool(profile):
    pool = labs.small_pool(profile)
    yield pool
    assert faults_of_simulator(pool) == []


def crash(pool, name, silence="dropped"):
    fault(pool, "server.crash", server=name, silence=silence)


def gate(pool, name, message):
    try:
        membership.gate(pool, member(pool, name), message)
    except XenError as error:
        return error.description
    return None


@both
def test_a_lost_member_is_marked_after_its_release_s_time_and_its_guests_still_read_running(
    pool, profile
):
    """POOL-15, HA-XS-3."""
    crash(pool, "host2")
    db = labs.vm(pool, "db")
    assert refusal(pool, "VM.clean_shutdown", db)[0] == "CANNOT_CONTACT_HOST"
    pool.world.advance(DEAD_AFTER[profile] - 1)
    assert live(pool, "host2")
    pool.world.advance(2)
    assert not live(pool, "host2")
    assert state(pool, db) == "Running"
    assert pool.db.row("VM", db)["resident_on"] == labs.host(pool, "host2")
    assert refusal(pool, "VM.clean_shutdown", db) == ["HOST_OFFLINE", labs.host(pool, "host2")]
    assert refusal(pool, "VM.start", db, False, False)[0] == "VM_BAD_POWER_STATE"
    assert state(pool, labs.vm(pool, "web")) == "Running"
    assert live(pool, "host3")


@both
def test_a_member_that_reports_again_in_time_is_never_marked(pool, profile):
    fault(pool, "link.cut", server="host2")
    pool.world.advance(DEAD_AFTER[profile] - 10)
    fault(pool, "link.mend", server="host2")
    pool.world.advance(DEAD_AFTER[profile])
    assert live(pool, "host2")
    assert state(pool, labs.vm(pool, "db")) == "Running"


@both
def test_a_cut_off_member_comes_back_with_its_guests(pool, profile):
    fault(pool, "link.cut", server="host2")
    pool.world.advance(DEAD_AFTER[profile] + 1)
    assert not live(pool, "host2")
    fault(pool, "link.mend", server="host2")
    assert live(pool, "host2")
    assert state(pool, labs.vm(pool, "db")) == "Running"


@both
def test_a_restarted_member_comes_back_enabled_and_without_its_guests(pool, profile):
    crash(pool, "host2")
    pool.world.advance(DEAD_AFTER[profile] + 1)
    fault(pool, "server.boot", server="host2")
    assert member(pool, "host2").answers() is Silence.REFUSED
    settle(pool)
    assert live(pool, "host2")
    assert enabled(pool, "host2")
    assert state(pool, labs.vm(pool, "db")) == "Halted"
    assert roles(pool)["host2"] == "slave"


@both
@pytest.mark.parametrize("name", ["host1", "host2"])
def test_a_host_tells_when_its_machine_and_its_service_started(pool, name):
    def times():
        told = pool.db.row("host", labs.host(pool, name))["other_config"]
        return [int(told[key].rstrip(".")) for key in ("boot_time", "agent_start_time")]

    begun, service_begun = times()
    assert begun == service_begun
    pool.world.advance(100)
    fault(pool, "service.stop", server=name)
    fault(pool, "service.start", server=name)
    settle(pool)
    booted, restarted = times()
    assert (booted, restarted > begun + 100) == (begun, True)
    crash(pool, name)
    now = pool.world.now
    fault(pool, "server.boot", server=name)
    settle(pool)
    booted, again = times()
    assert booted == begun + int(now)
    assert again > restarted


@both
def test_a_running_member_without_its_master_waits_and_is_in_no_emergency(pool):
    """POOL-1, POOL-5: see docs/decisions/xenserver-emergency-mode.md."""
    crash(pool, "host1")
    pool.world.advance(24 * 3600)
    assert membership.hangs(pool, member(pool, "host2"))
    assert gate(pool, "host2", "VM.get_all") is None
    assert not on_member(pool, "host2", "host.is_in_emergency_mode")
    assert member(pool, "host2").master == "127.0.0.11"


@both
@pytest.mark.parametrize("silence", ["refused", "dropped"])
def test_a_member_that_starts_without_its_master_is_in_emergency_mode(pool, profile, silence):
    """POOL-5."""
    crash(pool, "host1", silence)
    fault(pool, "service.stop", server="host2")
    fault(pool, "service.start", server="host2")
    pool.world.advance(20)
    first = gate(pool, "host2", "VM.get_all")
    assert first[0] == ("INTERNAL_ERROR" if silence == "refused" else "HOST_STILL_BOOTING")
    pool.world.advance(189 if profile == "xenserver-5.5" else 127)
    assert gate(pool, "host2", "VM.get_all")[0] == "INTERNAL_ERROR"
    assert gate(pool, "host2", "pool.emergency_transition_to_master") is None
    assert on_member(pool, "host2", "host.is_in_emergency_mode")
    with pytest.raises(XenError):
        on_member(pool, "host2", "host.local_assert_healthy")
    assert not membership.hangs(pool, member(pool, "host2"))
    assert state(pool, labs.vm(pool, "db")) == "Running"


@both
def test_emergency_mode_ends_when_the_master_is_back(pool):
    """POOL-6."""
    crash(pool, "host1", "refused")
    fault(pool, "service.stop", server="host2")
    fault(pool, "service.start", server="host2")
    pool.world.advance(60)
    assert on_member(pool, "host2", "host.is_in_emergency_mode")
    fault(pool, "server.boot", server="host1")
    settle(pool)
    assert not on_member(pool, "host2", "host.is_in_emergency_mode")
    assert master(pool) == "host1"
    assert all(enabled(pool, name) and live(pool, name) for name in ("host1", "host2", "host3"))
    assert alerts(pool) == []


@both
def test_a_forgotten_member_hears_that_the_master_does_not_know_it(pool):
    crash(pool, "host3")
    pool.world.advance(601)
    host3 = labs.host(pool, "host3")
    do(pool, "host.destroy", host3)
    fault(pool, "server.boot", server="host3")
    settle(pool)
    assert gate(pool, "host3", "VM.get_all")[0] == "HOST_UNKNOWN_TO_MASTER"


@both
def test_an_emergency_transition_makes_a_member_master_and_the_others_follow(pool, profile):
    """POOL-7, POOL-14."""
    crash(pool, "host1")
    on_member(pool, "host2", "pool.emergency_transition_to_master")
    assert member(pool, "host2").answers() is None
    pool.world.advance(11)
    assert member(pool, "host2").answers() is Silence.REFUSED
    settle(pool, 60)
    assert master(pool) == "host2"
    assert roles(pool) == {"host1": "master", "host2": "master", "host3": "slave"}
    assert membership.hangs(pool, member(pool, "host3"))
    assert alerts(pool) == ["POOL_MASTER_TRANSITION"]
    assert on_member(pool, "host2", "pool.recover_slaves") == [labs.host(pool, "host3")]
    settle(pool, 60)
    assert not membership.hangs(pool, member(pool, "host3"))
    assert member(pool, "host3").master == "127.0.0.12"
    # The old master's guests still read Running, on a host that is given up later.
    assert state(pool, labs.vm(pool, "web")) == "Running"
    assert not enabled(pool, "host1")
    assert live(pool, "host1")
    pool.world.advance(DEAD_AFTER[profile])
    assert not live(pool, "host1")
    assert state(pool, labs.vm(pool, "web")) == "Running"
    do(pool, "VM.power_state_reset", labs.vm(pool, "web"))
    assert state(pool, labs.vm(pool, "web")) == "Halted"


@both
@pytest.mark.parametrize("lost", ["power", "link"])
def test_an_old_master_that_returns_is_no_second_master(pool, lost):
    """POOL-8."""
    if lost == "power":
        crash(pool, "host1")
    else:
        fault(pool, "link.cut", server="host1")
    on_member(pool, "host2", "pool.emergency_transition_to_master")
    settle(pool, 60)
    on_member(pool, "host2", "pool.recover_slaves")
    settle(pool, 60)
    if lost == "power":
        fault(pool, "server.boot", server="host1")
    else:
        fault(pool, "link.mend", server="host1")
    for _ in range(60):
        pool.world.advance(5)
        answering = [m for m in pool.members.values() if m.answers() is None]
        serving = [m.server.name for m in answering if m.role == "master" and not m.emergency]
        assert serving == ["host2"]
    assert roles(pool) == {"host1": "slave", "host2": "master", "host3": "slave"}
    assert member(pool, "host1").master == "127.0.0.12"
    assert live(pool, "host1")
    assert enabled(pool, "host1")
    expected = "Halted" if lost == "power" else "Running"
    assert state(pool, labs.vm(pool, "web")) == expected


@both
def test_a_member_can_be_told_where_its_master_is(pool):
    """POOL-7, the way without recover_slaves."""
    crash(pool, "host1")
    on_member(pool, "host2", "pool.emergency_transition_to_master")
    settle(pool, 60)
    on_member(pool, "host3", "pool.emergency_reset_master", "127.0.0.12")
    settle(pool, 60)
    assert not membership.hangs(pool, member(pool, "host3"))
    assert enabled(pool, "host3")


@both
def test_a_planned_change_of_master_is_a_short_outage(pool):
    """POOL-13, MAINT-XS-3."""
    account = session.authenticate(pool, "root", "password")
    ref = session.open(pool, account, member(pool, "host1"))
    do(pool, "pool.designate_new_master", labs.host(pool, "host3"))
    assert master(pool) == "host1"
    assert member(pool, "host1").answers() is None
    pool.world.advance(12)
    assert member(pool, "host1").answers() is Silence.REFUSED
    settle(pool, 60)
    assert master(pool) == "host3"
    assert roles(pool) == {"host1": "slave", "host2": "slave", "host3": "master"}
    with pytest.raises(XenError, match="SESSION_INVALID"):
        session.caller(pool, ref, member(pool, "host3"))
    with pytest.raises(XenError, match=r"HOST_IS_SLAVE: 127\.0\.0\.13"):
        session.open(pool, account, member(pool, "host1"))
    assert all(enabled(pool, name) and live(pool, name) for name in ("host1", "host2", "host3"))
    assert state(pool, labs.vm(pool, "web")) == state(pool, labs.vm(pool, "db")) == "Running"
    assert alerts(pool) == ["POOL_MASTER_TRANSITION"]


@both
def test_designating_the_master_changes_nothing(pool):
    assert do(pool, "pool.designate_new_master", labs.host(pool, "host1")) is None
    settle(pool)
    assert alerts(pool) == []


@both
def test_a_change_of_master_needs_every_member_and_leaves_all_as_it_was(pool):
    crash(pool, "host3", "refused")
    host2 = labs.host(pool, "host2")
    assert refusal(pool, "pool.designate_new_master", host2)[0] == "INTERNAL_ERROR"
    settle(pool)
    assert master(pool) == "host1"
    assert member(pool, "host2").proposal is None
    assert pool.row["current_operations"] == {}


@both
def test_a_member_stands_by_its_word_for_ten_minutes(pool):
    on_member(pool, "host3", "host.propose_new_master", "127.0.0.13", True)
    host2 = labs.host(pool, "host2")
    assert refusal(pool, "pool.designate_new_master", host2)[0] == "HA_ABORT_NEW_MASTER"
    pool.world.advance(601)
    do(pool, "pool.designate_new_master", host2)
    settle(pool, 60)
    assert master(pool) == "host2"


@both
def test_a_lost_host_cannot_become_master(pool, profile):
    crash(pool, "host3")
    host3 = labs.host(pool, "host3")
    assert refusal(pool, "pool.designate_new_master", host3) == ["CANNOT_CONTACT_HOST", host3]
    pool.world.advance(DEAD_AFTER[profile] + 1)
    assert refusal(pool, "pool.designate_new_master", host3) == ["HOST_OFFLINE", host3]


@pytest.mark.parametrize("profile", ["xenserver-8"])
def test_only_one_change_of_master_at_a_time(pool):
    call(pool, "pool.designate_new_master", labs.host(pool, "host2"))
    pool.world.advance(1)
    error = refusal(pool, "pool.designate_new_master", labs.host(pool, "host3"))
    assert error == ["DESIGNATE_NEW_MASTER_IN_PROGRESS"]
    assert "ha_enable" not in pool.row["allowed_operations"]
    settle(pool, 60)
    assert "ha_enable" in pool.row["allowed_operations"]


@both
def test_the_master_s_end_cancels_what_it_was_asked_to_do(pool):
    ref = pool.call(Caller(), "VM.start", [labs.vm(pool, "spare"), False, False], is_async=True)
    pool.world.advance(1)
    crash(pool, "host1")
    on_member(pool, "host2", "pool.emergency_transition_to_master")
    settle(pool, 60)
    assert pool.db.row("task", ref)["status"] == "cancelled"
    assert state(pool, labs.vm(pool, "spare")) == "Halted"


@both
def test_a_restarted_service_leaves_guests_alone(pool):
    do(pool, "host.restart_agent", labs.host(pool, "host2"))
    pool.world.advance(2)
    assert member(pool, "host2").answers() is Silence.REFUSED
    settle(pool, 60)
    assert member(pool, "host2").answers() is None
    assert state(pool, labs.vm(pool, "db")) == "Running"
    assert enabled(pool, "host2")


@both
def test_same_faults_same_log(profile):
    def run():
        pool = labs.small_pool(profile)
        crash(pool, "host1")
        on_member(pool, "host2", "pool.emergency_transition_to_master")
        settle(pool, 60)
        on_member(pool, "host2", "pool.recover_slaves")
        fault(pool, "server.boot", server="host1")
        settle(pool)
        return pool

    first, again = run(), run()
    assert first.world.log.digest == again.world.log.digest
    replayed = labs.small_pool(profile)
    replayed.world.replay(first.world.journal.entries, first.world.now)
    assert replayed.world.log.digest == first.world.log.digest


@both
def test_an_emergency_does_not_make_time_run(profile):
    pool = labs.small_pool(profile)
    crash(pool, "host1")
    fault(pool, "service.stop", server="host2")
    fault(pool, "service.start", server="host2")
    pool.world.advance(1000)
    assert on_member(pool, "host2", "host.is_in_emergency_mode")
    assert not pool.world.operations.foreground
