"""The real XenAPI SDK against the endpoint."""

import pytest
import XenAPI

from labs import vm
from xenserver_wire.wire import Wire


@pytest.fixture(params=["xenserver-5.5", "xenserver-8"])
def wire(request):
    return Wire(request.param)


def test_a_session_of_the_sdk(wire):
    session = wire.sdk()
    api = session.xenapi
    guest = api.VM.get_by_name_label("web")[0]
    assert guest == vm(wire.pool, "web")
    assert api.VM.get_power_state(guest) == "Running"
    record = api.VM.get_record(guest)
    assert record["is_a_template"] is False
    assert record["memory_static_max"].isdigit()
    major, minor = wire.pool.model.api_version
    host = session.xenapi.pool.get_master(api.pool.get_all()[0])
    assert api.host.get_API_version_major(host) == str(major)
    assert session.API_version == f"{major}.{minor}"
    session.xenapi.session.logout()


def test_failures_reach_the_sdk(wire):
    session = wire.sdk()
    with pytest.raises(XenAPI.Failure) as caught:
        session.xenapi.VM.get_record("OpaqueRef:x")
    assert caught.value.details == ["HANDLE_INVALID", "VM", "OpaqueRef:x"]


def test_a_member_sends_the_sdk_to_its_master(wire):
    with pytest.raises(XenAPI.Failure) as caught:
        wire.sdk(wire.slave)
    assert caught.value.details == ["HOST_IS_SLAVE", wire.pool.master.server.address]
