"""Every object of a lab fits the types of vim25, as pyVmomi has them."""

from __future__ import annotations

import pytest

from vclabs import PROFILES, done, host, lab, spec, vm
from vcshapes import judge, judge_object

_BY_THE_WIRE = (
    "serverClock is missing",
    "Manager: description is missing",
    "PerfMgr: description is missing",
    ": certificateInfo is missing",
)
"""What the endpoint itself shows."""


@pytest.mark.parametrize("profile", PROFILES)
def test_every_object_fits_its_type(profile):
    vcenter = lab(profile, cluster={"ha": True, "drs": "fullyAutomated"})
    done(vcenter, vm(vcenter, "spare"), "PowerOnVM_Task")
    done(
        vcenter,
        vm(vcenter, "web"),
        "CreateSnapshot_Task",
        name="before",
        memory=True,
        quiesce=False,
    )
    relocate = spec("VirtualMachineRelocateSpec", host=host(vcenter, "esx3"))
    done(vcenter, vm(vcenter, "web"), "RelocateVM_Task", spec=relocate)
    vcenter.world.hardware.crash("esx2", "dropped")
    vcenter.world.advance(200)
    wrong = [
        line
        for known in vcenter.store.objects.values()
        for line in judge_object(known.ref, known.properties)
        if not line.endswith(_BY_THE_WIRE)
    ]
    assert wrong == []
    assert [line for event in vcenter.events for line in judge(event)] == []


def test_a_wrong_type_is_found():
    vcenter = lab()
    web = vcenter.store.get(vm(vcenter, "web"))
    vcenter.store.change(web.ref, "runtime.powerState", "running")
    assert any("'running' is none of" in line for line in judge_object(web.ref, web.properties))
