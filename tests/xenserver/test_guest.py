"""What happens inside guests, by command."""

from __future__ import annotations

import pytest

import labs
from driving import alerts, call, do, finish, history, inside, refusal, set_row, state, where
from hvsim.errors import CommandError
from hvsim.xenserver.model import NULL_REF

both = pytest.mark.parametrize("profile", labs.PROFILES)


@pytest.fixture(name="pool")
def _pool(profile):
    return labs.small_pool(profile)


@both
def test_installing_tools_lets_the_agent_report(profile):
    guests = [labs.GuestSpec(name="bare", power_state="Running", tools=False, address="192.0.2.7")]
    pool = labs.small_pool(profile, guests=guests)
    bare = labs.vm(pool, "bare")
    assert pool.db.row("VM", bare)["guest_metrics"] == NULL_REF
    assert "clean_shutdown" not in pool.db.row("VM", bare)["allowed_operations"]
    finish(pool, inside(pool, "guest.install-tools", "bare"))
    metrics = pool.db.row("VM_guest_metrics", pool.db.row("VM", bare)["guest_metrics"])
    assert metrics["networks"]["0/ip"] == "192.0.2.7"
    assert "clean_shutdown" in pool.db.row("VM", bare)["allowed_operations"]
    do(pool, "VM.clean_shutdown", bare)
    do(pool, "VM.start", bare, False, False)
    pool.world.advance(60)
    assert pool.db.row("VM", bare)["guest_metrics"] != NULL_REF


@both
def test_shutting_down_from_inside_halts_and_tells_who_listens(pool):
    web = labs.vm(pool, "web")
    told = []
    pool.guests.on_stopped.append(lambda _pool, vm, why: told.append((vm, why)))
    finish(pool, inside(pool, "guest.shutdown", "web"))
    row = pool.db.row("VM", web)
    assert (row["power_state"], row["resident_on"], row["domid"]) == ("Halted", NULL_REF, -1)
    assert told == [(web, "shutdown")]
    if pool.legacy:
        assert row["other_config"]["last_shutdown_reason"] == "halted"
        assert row["other_config"]["last_shutdown_initiator"] == "internal"


def test_pool_decides_whether_protection_survives_an_inside_shutdown():
    """POWER-XS-10."""
    for restarts in (True, False):
        guests = [labs.GuestSpec(name="web", power_state="Running", restart_priority="restart")]
        pool = labs.small_pool(guests=guests)
        pool.db.change("pool", pool.ref, ha_reboot_vm_on_internal_shutdown=restarts)
        finish(pool, inside(pool, "guest.shutdown", "web"))
        assert pool.db.row("VM", labs.vm(pool, "web"))["ha_always_run"] is restarts


@both
def test_rebooting_from_inside_stays_running_where_it_is(pool):
    web = labs.vm(pool, "web")
    before = pool.db.row("VM", web)["domid"]
    finish(pool, inside(pool, "guest.reboot", "web"))
    assert "Halted" not in history(pool, web, "power_state")
    assert where(pool, web) == "host1"
    assert pool.db.row("VM", web)["domid"] != before


@both
def test_actions_after_decide(pool):
    web, db = labs.vm(pool, "web"), labs.vm(pool, "db")
    set_row(pool, web, actions_after_shutdown="restart")
    set_row(pool, db, actions_after_reboot="destroy")
    finish(pool, inside(pool, "guest.shutdown", "web"))
    finish(pool, inside(pool, "guest.reboot", "db"))
    assert (state(pool, web), state(pool, db)) == ("Running", "Halted")


@pytest.mark.parametrize(
    ("action", "ran_for", "expected"),
    [
        ("restart", 300, "Running"),
        ("restart", 10, "Halted"),
        ("coredump_and_restart", 10, "Halted"),
        ("destroy", 300, "Halted"),
        ("preserve", 300, "Paused"),
    ],
)
@both
def test_a_crash(pool, action, ran_for, expected):
    web = labs.vm(pool, "web")
    pool.world.advance(ran_for)
    set_row(pool, web, actions_after_crash=action)
    finish(pool, inside(pool, "guest.crash", "web"))
    assert state(pool, web) == expected
    assert alerts(pool) == ["VM_CRASHED"]


@both
def test_the_product_wins_over_a_slow_shutdown_inside(pool):
    web = labs.vm(pool, "web")
    operation = inside(pool, "guest.shutdown", "web")
    pool.world.advance(1)
    do(pool, "VM.hard_reboot", web)
    finish(pool, operation)
    assert state(pool, web) == "Running"


@both
def test_host_names_inside_are_not_names_of_the_pool(pool):
    web = labs.vm(pool, "web")
    inside(pool, "guest.set-hostname", "web", hostname="www.example.org")
    assert pool.insides[web]["hostname"] == "www.example.org"
    assert pool.db.row("VM", web)["name_label"] == "web"
    do(pool, "VM.set_name_label", web, "front")
    assert pool.insides[web]["hostname"] == "www.example.org"


@both
def test_a_reboot_cures_a_hang(pool):
    web = labs.vm(pool, "web")
    inside(pool, "guest.hang", "web")
    assert refusal(pool, "VM.clean_shutdown", web)[0] == "VM_SHUTDOWN_TIMEOUT"
    do(pool, "VM.hard_reboot", web)
    pool.world.advance(60)
    do(pool, "VM.clean_shutdown", web)
    assert state(pool, web) == "Halted"


@both
def test_commands_say_what_they_miss(pool):
    with pytest.raises(CommandError, match="no guest 'nobody'"):
        inside(pool, "guest.shutdown", "nobody")
    with pytest.raises(CommandError, match="'lost' is halted"):
        inside(pool, "guest.shutdown", "lost")
    call(pool, "VM.set_name_label", labs.vm(pool, "db"), "web")
    with pytest.raises(CommandError, match="2 guests are called 'web'"):
        inside(pool, "guest.shutdown", "web")


@both
def test_guests_may_be_named_by_uuid_or_reference(pool):
    web = labs.vm(pool, "web")
    for name in (web, pool.db.row("VM", web)["uuid"]):
        inside(pool, "guest.set-hostname", name, hostname="h")


@both
def test_a_dead_machine_takes_its_guests_systems_along(pool):
    from hvsim.hardware import Silence

    db = labs.vm(pool, "db")
    operation = inside(pool, "guest.shutdown", "db")
    pool.world.hardware.crash("host2", Silence.DROPPED)
    finish(pool, operation)
    assert state(pool, db) == "Running"
