"""A pool's master is lost and replaced, as a client of the wire lives through it."""

from __future__ import annotations

import pytest

import labs
from pooling import fault, member, settle
from xenserver_wire.wire import FailedError, Wire


def failure(function, *args, **options):
    with pytest.raises(FailedError) as caught:
        function(*args, **options)
    return list(caught.value.args)


@pytest.mark.parametrize("profile", labs.PROFILES)
def test_a_client_finds_the_new_master_through_a_member(profile):
    """POOL-1, POOL-7, POOL-8, POOL-12."""
    wire = Wire(profile)
    pool = wire.pool
    ends = {name: wire.endpoints[member(pool, name).host] for name in ("host1", "host2", "host3")}
    old = wire.login()
    fault(pool, "server.crash", server="host1")

    assert failure(wire.login, endpoint=ends["host2"]) == ["HOST_IS_SLAVE", "127.0.0.11"]
    local = wire.xml(
        "session.slave_local_login_with_password", "root", "password", endpoint=ends["host2"]
    )
    assert wire.xml("host.is_in_emergency_mode", local, endpoint=ends["host2"]) is False
    wire.xml("pool.emergency_transition_to_master", local, endpoint=ends["host2"])
    settle(pool, 60)

    new = wire.login(endpoint=ends["host2"])
    assert failure(wire.xml, "VM.get_all", old, endpoint=ends["host2"]) == ["SESSION_INVALID", old]
    [row] = wire.xml("pool.get_all_records", new, endpoint=ends["host2"]).values()
    assert row["master"] == labs.host(pool, "host2")
    recovered = wire.xml("pool.recover_slaves", new, endpoint=ends["host2"])
    assert recovered == [labs.host(pool, "host3")]
    settle(pool, 60)
    assert failure(wire.login, endpoint=ends["host3"]) == ["HOST_IS_SLAVE", "127.0.0.12"]

    fault(pool, "server.boot", server="host1")
    settle(pool, 200)
    assert failure(wire.login, endpoint=ends["host1"]) == ["HOST_IS_SLAVE", "127.0.0.12"]


@pytest.mark.parametrize("profile", labs.PROFILES)
def test_a_member_that_starts_without_its_master_answers_emergency_messages_only(profile):
    """POOL-5."""
    wire = Wire(profile)
    pool = wire.pool
    end = wire.endpoints[member(pool, "host2").host]
    fault(pool, "server.crash", server="host1", silence="refused")
    fault(pool, "service.stop", server="host2")
    fault(pool, "service.start", server="host2")
    settle(pool, 60)
    assert failure(wire.login, endpoint=end)[0] == "INTERNAL_ERROR"
    assert failure(wire.xml, "VM.get_all", "OpaqueRef:x", endpoint=end)[0] == "INTERNAL_ERROR"
    local = wire.xml("session.slave_local_login_with_password", "root", "password", endpoint=end)
    assert wire.xml("host.is_in_emergency_mode", local, endpoint=end) is True
    wire.xml("session.local_logout", local, endpoint=end)
    fault(pool, "server.boot", server="host1")
    settle(pool, 200)
    assert failure(wire.login, endpoint=end) == ["HOST_IS_SLAVE", "127.0.0.11"]
