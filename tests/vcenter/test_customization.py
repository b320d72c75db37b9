"""Guests that take on another name and other addresses at their next boot."""

from __future__ import annotations

import pytest

from hvsim.vcenter.faults import VimFault
from hvsim.vcenter.values import data
from vclabs import call, done, failed, kinds, lab, latest, vm


def spec(address="192.0.2.77", name="fresh", cards=1, mac=None):
    ip = data("CustomizationFixedIp", ipAddress=address)
    setting = data(
        "CustomizationAdapterMapping",
        macAddress=mac,
        adapter=data("CustomizationIPSettings", ip=ip, subnetMask="255.255.255.0"),
    )
    identity = data(
        "CustomizationLinuxPrep",
        hostName=data("CustomizationFixedName", name=name),
        domain="example",
    )
    return data(
        "CustomizationSpec",
        identity=identity,
        globalIPSettings=data("CustomizationGlobalIPSettings"),
        nicSettingMap=[setting] * cards,
    )


def test_it_shows_when_the_guest_has_booted():
    vcenter = lab()
    spare, before = vm(vcenter, "spare"), latest(vcenter)
    done(vcenter, spare, "CustomizeVM_Task", spec=spec(mac="00:50:56:01:02:03"))
    assert vcenter.store.value(spare, "config.tools.pendingCustomization")
    assert vcenter.store.value(spare, "guest.hostName") == "spare.example"
    assert failed(vcenter, spare, "CustomizeVM_Task", spec=spec()) == "CustomizationPending"
    done(vcenter, spare, "PowerOnVM_Task")
    vcenter.world.advance(60)
    assert vcenter.store.value(spare, "guest.hostName") == "fresh"
    assert vcenter.store.value(spare, "guest.ipAddress") == "192.0.2.77"
    assert vcenter.store.value(spare, "config.tools.pendingCustomization") is None
    (nic,) = vcenter.store.value(spare, "guest.net")
    assert nic["macAddress"] == "00:50:56:01:02:03"
    told = kinds(vcenter, before)
    assert "CustomizationStartedEvent" in told
    assert "CustomizationSucceeded" in told


def test_a_machine_may_lend_its_name():
    vcenter = lab()
    spare = vm(vcenter, "spare")
    identity = spec()["identity"].having(hostName=data("CustomizationVirtualMachineName"))
    done(vcenter, spare, "CustomizeVM_Task", spec=spec().having(identity=identity))
    assert vcenter.insides[spare.moid].hostname == "spare"


def test_one_that_runs_is_refused():
    vcenter = lab()
    assert failed(vcenter, vm(vcenter, "web"), "CustomizeVM_Task", spec=spec()) == (
        "InvalidPowerState"
    )


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [(spec(cards=2), "NicSettingMismatch"), (spec(address=""), "InvalidArgument")],
)
def test_what_does_not_fit_is_refused(wrong, fault):
    vcenter = lab()
    with pytest.raises(VimFault, match=fault):
        call(vcenter, vm(vcenter, "spare"), "CheckCustomizationSpec", spec=wrong)
