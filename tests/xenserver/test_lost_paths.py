"""Storage that a host does not reach any more: what shows it, and what fails of it."""

from __future__ import annotations

import pytest

import labs
from driving import alerts, do, refusal, state, where
from hvsim.xenserver.spec import StorageSpec
from pooling import enabled, fault, faults_of_simulator, live

both = pytest.mark.parametrize("profile", labs.PROFILES)
SHARED = "Shared storage"
UNREACHABLE = "SR_BACKEND_FAILURE_47"


@pytest.fixture(name="pool")
def _pool(profile):
    pool = labs.small_pool(profile)
    yield pool
    assert faults_of_simulator(pool) == []


def lose(pool, server="host2"):
    fault(pool, "storage.lose", server=server, storage=SHARED)


def plugged(pool, server="host2"):
    """Return whether a host's connection to the shared storage is shown as attached."""
    links = (
        pool.db.row("PBD", ref) for ref in pool.db.row("host", labs.host(pool, server))["PBDs"]
    )
    shared = [link for link in links if pool.db.row("SR", link["SR"])["name_label"] == SHARED]
    (link,) = shared
    return link["currently_attached"]


def restart(pool, server="host2"):
    fault(pool, "server.crash", server=server)
    fault(pool, "server.boot", server=server)
    pool.world.advance(1000)


@both
def test_a_lost_path_shows_in_no_record_and_lets_guests_run(pool):
    lose(pool)
    assert plugged(pool)
    assert state(pool, labs.vm(pool, "db")) == "Running"
    assert labs.host(pool, "host2") in do(pool, "VM.get_possible_hosts", labs.vm(pool, "spare"))


@both
def test_no_guest_can_be_started_resumed_or_moved_to_it(pool):
    web, db, spare = (labs.vm(pool, name) for name in ("web", "db", "spare"))
    host2 = labs.host(pool, "host2")
    do(pool, "VM.suspend", db)
    lose(pool)
    assert refusal(pool, "VM.start_on", spare, host2, False, False)[0] == UNREACHABLE
    assert refusal(pool, "VM.resume_on", db, host2, False, False)[0] == UNREACHABLE
    assert refusal(pool, "VM.pool_migrate", web, host2, {"live": "true"})[0] == UNREACHABLE
    assert (state(pool, web), where(pool, web)) == ("Running", "host1")
    assert (state(pool, db), state(pool, spare)) == ("Suspended", "Halted")
    assert all(pool.db.row("VM", vm)["current_operations"] == {} for vm in (web, db, spare))
    fault(pool, "storage.return", server="host2", storage=SHARED)
    do(pool, "VM.resume_on", db, host2, False, False)
    do(pool, "VM.pool_migrate", web, host2, {"live": "true"})


@both
def test_a_host_that_starts_without_it_is_not_connected_and_says_so(pool):
    lose(pool)
    restart(pool)
    assert not plugged(pool)
    assert enabled(pool, "host2")
    assert alerts(pool).count("PBD_PLUG_FAILED_ON_SERVER_START") == 1
    spare = labs.vm(pool, "spare")
    host2 = labs.host(pool, "host2")
    assert refusal(pool, "VM.start_on", spare, host2, False, False)[0] == "VM_REQUIRES_SR"
    fault(pool, "storage.return", server="host2", storage=SHARED)
    assert not plugged(pool)
    restart(pool)
    assert plugged(pool)


@both
def test_a_service_that_restarts_keeps_what_is_connected(pool):
    lose(pool)
    fault(pool, "service.stop", server="host2")
    fault(pool, "service.start", server="host2")
    pool.world.advance(300)
    assert plugged(pool)


@both
def test_under_ha_a_host_without_all_its_storage_stays_disabled(profile):
    storages = [StorageSpec(name=SHARED), StorageSpec(name="second")]
    pool = labs.small_pool(profile, ha=True, guests=[], storages=storages)
    fault(pool, "storage.lose", server="host2", storage="second")
    restart(pool)
    assert plugged(pool)
    assert live(pool, "host2")
    assert not enabled(pool, "host2")
    fault(pool, "storage.return", server="host2", storage="second")
    restart(pool)
    assert enabled(pool, "host2")
