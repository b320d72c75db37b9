"""A behaviour that the lab switches changes what the wire answers, from the next call on."""

import pytest

from hvsim.behaviours import BehaviourSwitch
from labs import PROFILES, vm
from xenserver_wire.wire import FailedError, Wire


@pytest.mark.parametrize("profile", PROFILES)
def test_a_switch_is_seen_by_a_client_that_is_logged_in(profile):
    wire = Wire(profile)
    session, web = wire.login(), vm(wire.pool, "web")
    seen = []
    for on in (True, False):
        wire.pool.world.execute(BehaviourSwitch(product="pool1", behaviour="few-devices", on=on))
        seen.append(len(wire.xml("VM.get_allowed_VIF_devices", session, web)))
    assert seen == [6, 15]


@pytest.mark.parametrize("profile", PROFILES)
def test_a_switched_refusal_has_the_shape_of_the_release(profile):
    wire = Wire(profile, behaviours={"drivers-missing-not-allowed": True})
    session, web = wire.login(), vm(wire.pool, "web")
    metrics = wire.pool.db.row("VM", web)["guest_metrics"]
    wire.pool.db.change("VM_guest_metrics", metrics, PV_drivers_version={})
    with pytest.raises(FailedError) as refused:
        wire.xml("VM.clean_shutdown", session, web)
    text = "clean_shutdown not possible for HVM domains (are PV drivers installed?)"
    assert refused.value.args == ("OPERATION_NOT_ALLOWED", text)
