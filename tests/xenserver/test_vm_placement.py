"""Where guests may run and which host is chosen."""

from __future__ import annotations

import pytest

import labs
from driving import call, do, history, refusal, set_row, where
from hvsim.xenserver.life import memory, placement
from hvsim.xenserver.spec import GIB, GuestSpec

both = pytest.mark.parametrize("profile", labs.PROFILES)
FALSE = (False, False)


@pytest.fixture(name="pool")
def _pool(profile):
    return labs.small_pool(profile)


def disable(pool, *names):
    for name in names:
        pool.db.change("host", labs.host(pool, name), enabled=False)


@both
def test_the_home_server_comes_first(pool):
    do(pool, "VM.start", labs.vm(pool, "spare"), *FALSE)
    assert where(pool, labs.vm(pool, "spare")) == "host3"


@both
def test_a_disabled_home_server_is_passed_over(pool):
    disable(pool, "host3", "host1")
    do(pool, "VM.start", labs.vm(pool, "spare"), *FALSE)
    assert where(pool, labs.vm(pool, "spare")) == "host2"


@both
def test_no_host_at_all(pool):
    disable(pool, "host1", "host2", "host3")
    assert refusal(pool, "VM.start", labs.vm(pool, "lost"), *FALSE) == ["NO_HOSTS_AVAILABLE"]
    assert pool.db.row("VM", labs.vm(pool, "lost"))["current_operations"] == {}


def test_no_host_with_enough_memory():
    for profile in labs.PROFILES:
        pool = labs.small_pool(profile, guests=[GuestSpec(name="big", memory=100 * GIB)])
        error = refusal(pool, "VM.start", labs.vm(pool, "big"), *FALSE)
        if profile == "xenserver-5.5":
            assert error == ["NO_HOSTS_AVAILABLE"]
        else:
            assert error == ["HOST_NOT_ENOUGH_FREE_MEMORY", str(100 * GIB), str(30 * GIB)]


@both
def test_free_draw_favours_room_and_shuns_the_master(profile):
    guests = [GuestSpec(name=f"g{n}") for n in range(60)]
    guests += [GuestSpec(name="hog", memory=20 * GIB, power_state="Running", host="host2")]
    pool = labs.small_pool(profile, guests=guests)
    for n in range(60):
        do(pool, "VM.start", labs.vm(pool, f"g{n}"), *FALSE)
        do(pool, "VM.hard_shutdown", labs.vm(pool, f"g{n}"))
    drawn = [h for n in range(60) for h in history(pool, labs.vm(pool, f"g{n}"), "resident_on")]
    counts = {name: drawn.count(labs.host(pool, name)) for name in ("host1", "host2", "host3")}
    assert counts["host3"] > counts["host1"] > 0
    assert counts["host3"] > counts["host2"] > 0


CHECKS = [
    ("disabled", "HOST_DISABLED"),
    ("lost", "HOST_NOT_LIVE"),
    ("no storage", "VM_REQUIRES_SR"),
    ("no network", "VM_REQUIRES_NETWORK"),
    ("no hvm", "VM_HVM_REQUIRED"),
    ("too many first", "VALUE_NOT_SUPPORTED"),
    ("no vcpus", "INVALID_VALUE"),
]


@pytest.mark.parametrize(("trouble", "code"), CHECKS)
@both
def test_checks_of_a_named_host(pool, trouble, code):
    spare, host = labs.vm(pool, "spare"), labs.host(pool, "host2")
    expected = make(pool, spare, host, trouble)
    error = refusal(pool, "VM.start_on", spare, host, *FALSE)
    assert error == [code, *expected]
    assert refusal(pool, "VM.assert_can_boot_here", spare, host) == error
    if trouble not in ("too many first", "no vcpus"):
        assert host not in do(pool, "VM.get_possible_hosts", spare)


def make(pool, vm, host, trouble):
    """Bring the trouble about; return the parameters of its error."""
    return TROUBLES[trouble](pool, vm, host)


def lose(pool, _vm, host):
    pool.db.change("host_metrics", pool.db.row("host", host)["metrics"], live=False)
    return []


def shut(pool, _vm, host):
    pool.db.change("host", host, enabled=False)
    return [host]


def detach(pool, vm, host):
    (storage,) = placement.storages_of(pool, vm)
    for pbd in pool.db.row("host", host)["PBDs"]:
        if pool.db.row("PBD", pbd)["SR"] == storage:
            pool.db.change("PBD", pbd, currently_attached=False)
    return [vm, storage]


def unplug(pool, vm, host):
    for pif in pool.db.row("host", host)["PIFs"]:
        pool.db.remove("PIF", pif)
    return [vm, next(iter(pool.db.tables["network"]))]


def age(pool, vm, host):
    pool.db.change("host", host, capabilities=["xen-3.0-x86_64"])
    return [vm]


def ask_too_much(pool, vm, _host):
    set_row(pool, vm, VCPUs_at_startup=2)
    return ["VCPUs-at-startup", "2", "value greater than VCPUs-max"]


def ask_nothing(pool, vm, _host):
    set_row(pool, vm, VCPUs_max=0)
    return ["VCPUs_max", "0"]


TROUBLES = {
    "disabled": shut,
    "lost": lose,
    "no storage": detach,
    "no network": unplug,
    "no hvm": age,
    "too many first": ask_too_much,
    "no vcpus": ask_nothing,
}


@both
def test_order_of_checks(pool):
    spare, host = labs.vm(pool, "spare"), labs.host(pool, "host2")
    for trouble, code in (
        ("no hvm", "VM_HVM_REQUIRED"),
        ("no network", "VM_REQUIRES_NETWORK"),
        ("no storage", "VM_REQUIRES_SR"),
        ("disabled", "HOST_DISABLED"),
        ("lost", "HOST_NOT_LIVE"),
    ):
        make(pool, spare, host, trouble)
        assert refusal(pool, "VM.start_on", spare, host, *FALSE)[0] == code


@both
def test_guests_on_their_way_claim_memory(profile):
    guests = [GuestSpec(name=name, memory=20 * GIB) for name in ("one", "two")]
    pool = labs.small_pool(profile, guests=guests, hosts=labs.hosts(1))
    host = labs.host(pool, "host1")
    call(pool, "VM.start_on", labs.vm(pool, "one"), host, *FALSE)
    assert memory.available(pool, host) == 10 * GIB
    error = refusal(pool, "VM.start_on", labs.vm(pool, "two"), host, *FALSE)
    assert error == ["HOST_NOT_ENOUGH_FREE_MEMORY", str(20 * GIB), str(10 * GIB)]


def test_today_guests_are_squeezed_to_make_room():
    guests = [GuestSpec(name=name, memory=20 * GIB) for name in ("one", "two")]
    pool = labs.small_pool(guests=guests, hosts=labs.hosts(1))
    for name in ("one", "two"):
        set_row(pool, labs.vm(pool, name), memory_dynamic_min=10 * GIB)
        do(pool, "VM.start", labs.vm(pool, name), *FALSE)
    assert where(pool, labs.vm(pool, "two")) == "host1"


def test_an_emptied_host_gets_no_guests():
    pool = labs.small_pool()
    host = labs.host(pool, "host3")
    pool.db.change("host", host, current_operations={"t": "evacuate"})
    spare = labs.vm(pool, "spare")
    error = refusal(pool, "VM.start_on", spare, host, *FALSE)
    assert error == ["HOST_EVACUATE_IN_PROGRESS", host]
    do(pool, "VM.start", spare, *FALSE)
    assert where(pool, spare) != "host3"


@both
def test_a_failover_plan_may_forbid_a_place(pool):
    from hvsim.xenserver.errors import XenError

    def forbid(_pool, _vm, _host):
        raise XenError("HA_OPERATION_WOULD_BREAK_FAILOVER_PLAN")

    pool.guests.placement_checks.append(forbid)
    error = refusal(pool, "VM.start", labs.vm(pool, "spare"), *FALSE)
    assert error == ["HA_OPERATION_WOULD_BREAK_FAILOVER_PLAN"]
    assert pool.guests.reserved == {}
