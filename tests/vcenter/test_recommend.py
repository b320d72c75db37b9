"""Where a cluster would put a machine."""

from __future__ import annotations

import pytest

from hvsim.vcenter.faults import VimFault
from hvsim.vcenter.values import data
from vclabs import call, done, host, lab, named, vm
from vcshapes import judge


def placed(vcenter, **fields):
    cluster = named(vcenter, "ClusterComputeResource", "c1")
    return call(vcenter, cluster, "PlaceVm", placementSpec=data("PlacementSpec", **fields))


CONFIG = data("VirtualMachineConfigSpec", name="new", memoryMB=1024)


def test_the_host_with_the_most_room_comes_first():
    vcenter = lab()
    found = placed(vcenter, placementType="create", configSpec=CONFIG)
    assert judge(found) == []
    actions = [one["action"][0] for one in found["recommendations"]]
    assert [vcenter.store.value(a["targetHost"], "name") for a in actions] == [
        "esx3",
        "esx2",
        "esx1",
    ]
    spec = actions[0]["relocateSpec"]
    assert vcenter.store.value(spec["datastore"], "name") == "datastore1"
    assert len({one["key"] for one in found["recommendations"]}) == 3


def test_only_hosts_that_can_take_it():
    vcenter = lab()
    done(vcenter, host(vcenter, "esx3"), "EnterMaintenanceMode_Task", timeout=0)
    asked = [host(vcenter, name) for name in ("esx2", "esx3", "esx9")]
    found = placed(vcenter, vm=vm(vcenter, "web"), hosts=asked)
    (one,) = found["recommendations"]
    assert one["action"][0]["targetHost"] == host(vcenter, "esx2")
    assert one["action"][0]["vm"] == vm(vcenter, "web")
    with pytest.raises(VimFault, match="NoCompatibleHost"):
        placed(vcenter, vm=vm(vcenter, "web"), hosts=asked[1:])


@pytest.mark.parametrize(
    "fields", [{"placementType": "nowhere"}, {}, {"placementType": "clone", "configSpec": CONFIG}]
)
def test_what_says_too_little_is_refused(fields):
    with pytest.raises(VimFault, match="InvalidArgument"):
        placed(lab(), **fields)
