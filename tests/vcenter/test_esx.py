"""ESX hosts that no vCenter manages: their inventory, what they do and what they do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hvsim import journal, scenario
from hvsim.errors import InputError
from hvsim.vcenter.faults import VimFault
from hvsim.vcenter.methods import Caller
from hvsim.vcenter.values import Ref, data
from vclabs import PROFILES, ended

if TYPE_CHECKING:
    from hvsim.vcenter.server import VCenter

ROOT = Caller("root")
ONE, TWO = Ref("VirtualMachine", "1"), Ref("VirtualMachine", "2")


def solo(profile="vsphere-8", **more) -> VCenter:
    guests = [{"name": "on", "power_state": "poweredOn"}, {"name": "off"}]
    table = {"name": "solo", "profile": profile, "guests": guests} | more
    world = scenario.build(scenario.from_data({"esx": [table]}), 1)
    found: VCenter = world.product("solo")
    return found


def path(agent, *steps):
    at = agent.store.value("ServiceInstance", "content.rootFolder")
    for step in steps:
        found = agent.store.value(at, step)
        at = found[0] if isinstance(found, list) else found
    return at


@pytest.mark.parametrize("profile", PROFILES)
def test_the_inventory_is_that_of_one_host(profile):
    agent = solo(profile)
    about = agent.store.value("ServiceInstance", "content.about")
    assert (about["apiType"], about["productLineId"]) == ("HostAgent", "embeddedEsx")
    assert path(agent) == Ref("Folder", "ha-folder-root")
    assert path(agent, "childEntity") == Ref("Datacenter", "ha-datacenter")
    assert path(agent, "childEntity", "vmFolder") == Ref("Folder", "ha-folder-vm")
    compute = path(agent, "childEntity", "hostFolder", "childEntity")
    assert compute == Ref("ComputeResource", "ha-compute-res")
    assert agent.store.value(compute, "host") == [Ref("HostSystem", "ha-host")]
    assert agent.store.value(compute, "resourcePool") == Ref("ResourcePool", "ha-root-pool")
    assert agent.store.value(path(agent, "childEntity", "vmFolder"), "childEntity") == [ONE, TWO]
    assert agent.store.value("ServiceInstance", "content.alarmManager") is None


def test_guests_are_operated_on():
    agent = solo()
    assert ended(agent, agent.call(ROOT, TWO, "PowerOnVM_Task", {}))["state"] == "success"
    agent.call(ROOT, ONE, "ShutdownGuest", {})
    agent.world.advance(300)
    assert agent.store.value(ONE, "runtime.powerState") == "poweredOff"
    assert agent.store.value(TWO, "runtime.powerState") == "poweredOn"


@pytest.mark.parametrize(
    ("this", "method", "args"),
    [
        (ONE, "RelocateVM_Task", {"spec": data("VirtualMachineRelocateSpec")}),
        (ONE, "MigrateVM_Task", {"host": Ref("HostSystem", "ha-host")}),
        (Ref("Folder", "ha-folder-root"), "CreateDatacenter", {"name": "x"}),
        (Ref("HostSystem", "ha-host"), "DisconnectHost_Task", {}),
    ],
)
def test_what_needs_a_vcenter_is_not_supported(this, method, args):
    with pytest.raises(VimFault) as refused:
        solo().call(ROOT, this, method, args)
    assert refused.value.name == "NotSupported"


def test_its_managers_are_the_hosts():
    agent = solo()
    services = agent.store.value("ha-host", "configManager.serviceSystem")
    agent.call(ROOT, services, "StopService", {"id": "ntpd"})
    known = agent.store.value("ha-host", "config.service.service")
    assert [one["running"] for one in known if one["key"] == "ntpd"] == [False]


def test_a_host_that_comes_back_has_its_guests_off_and_tells_of_no_lost_host():
    agent = solo()
    agent.world.hardware.crash("solo", "dropped")
    assert agent.answers() is not None
    agent.world.advance(600)
    agent.world.hardware.boot("solo")
    agent.world.advance(600)
    assert agent.answers() is None
    assert agent.store.value(ONE, "runtime.powerState") == "poweredOff"
    assert "HostConnectionLostEvent" not in {event.type for event in agent.events}


def test_a_journal_replays_to_the_same_log():
    agent = solo()
    agent.call(ROOT, TWO, "PowerOnVM_Task", {})
    agent.world.advance(100)
    lines = [entry.line() for entry in agent.world.journal.entries]
    twin = scenario.build(agent.world.origin, agent.world.seed)
    twin.replay(journal.parse(lines), agent.world.now)
    assert twin.log.digest == agent.world.log.digest


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"guests": [{"name": "g"}, {"name": "g"}]}, "each guest once"),
        ({"guests": [{"name": "g", "host": "elsewhere"}]}, "no host called 'elsewhere'"),
        ({"profile": "vsphere-9"}, "profile"),
    ],
)
def test_what_cannot_be_is_told_in_a_line(more, told):
    with pytest.raises(InputError, match=told):
        solo(**more)
