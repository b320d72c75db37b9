"""vMotion with its phases and events, cold moves, and what is refused (MIG-VMW-2, -4)."""

from __future__ import annotations

import pytest

from hvsim.vcenter.values import data
from vclabs import GIB, call, done, ended, failed, host, info, kinds, lab, latest, vm


def to(ref, **more):
    return data("VirtualMachineRelocateSpec", host=ref, **more)


def move(vcenter, name, target, run=done):
    return run(vcenter, vm(vcenter, name), "RelocateVM_Task", spec=to(host(vcenter, target)))


def test_a_running_machine_moves_and_stays_what_it_is():
    vcenter = lab()
    web, esx1, esx3 = vm(vcenter, "web"), host(vcenter, "esx1"), host(vcenter, "esx3")
    before = vcenter.store.get(web)
    name, uuid = before["name"], before["config.uuid"]
    after = latest(vcenter)
    task = call(vcenter, web, "RelocateVM_Task", spec=to(esx3))
    progress = []
    while info(vcenter, task)["state"] == "running":
        assert before["runtime.powerState"] == "poweredOn"
        progress.append(info(vcenter, task)["progress"])
        vcenter.world.advance_to_next()
    assert [value for value in progress if value] == sorted(value for value in progress if value)
    assert {10, 80} <= set(progress)
    assert before["runtime.host"] == esx3
    assert (before["name"], before["config.uuid"]) == (name, uuid)
    assert before["runtime.powerState"] == "poweredOn"
    assert web in vcenter.store.value(esx3, "vm")
    assert web not in vcenter.store.value(esx1, "vm")
    assert kinds(vcenter, after) == ["VmBeingHotMigratedEvent", "VmMigratedEvent"]
    hot, moved = list(vcenter.events)[-2:]
    assert (hot["destHost"]["host"], moved["sourceHost"]["host"]) == (esx3, esx1)
    assert hot["chainId"] == moved["chainId"]


def test_a_machine_that_is_off_moves_cold():
    vcenter = lab()
    after = latest(vcenter)
    move(vcenter, "spare", "esx1")
    spare = vcenter.store.get(vm(vcenter, "spare"))
    assert spare["runtime.host"] == host(vcenter, "esx1")
    assert spare["runtime.powerState"] == "poweredOff"
    assert kinds(vcenter, after) == ["VmBeingMigratedEvent", "VmMigratedEvent"]


def test_migrate_asks_for_the_state_it_was_given():
    vcenter = lab()
    args = {"host": host(vcenter, "esx1"), "priority": "defaultPriority"}
    spare = vm(vcenter, "spare")
    assert (
        failed(vcenter, spare, "MigrateVM_Task", state="poweredOn", **args) == "InvalidPowerState"
    )
    done(vcenter, spare, "MigrateVM_Task", state="poweredOff", **args)
    assert vcenter.store.value(spare, "runtime.host") == host(vcenter, "esx1")


def test_vcenter_moves_between_clusters_and_pools_follow():
    vcenter = lab()
    move(vcenter, "web", "esx9")
    web = vcenter.store.get(vm(vcenter, "web"))
    owner = vcenter.store.value(web["resourcePool"], "owner")
    assert owner == vcenter.store.value(host(vcenter, "esx9"), "parent")


def test_a_host_that_does_not_reach_the_disk_is_refused():
    local = {
        "guests": [
            {"name": "web", "power_state": "poweredOn", "host": "esx1", "datastore": "esx1-local"}
        ]
    }
    vcenter = lab("vsphere-4", **local)
    assert move(vcenter, "web", "esx2", failed) == "CannotAccessVmDisk"


def test_a_host_that_dies_on_the_way_fails_the_move():
    vcenter = lab()
    web = vm(vcenter, "web")
    task = call(vcenter, web, "RelocateVM_Task", spec=to(host(vcenter, "esx3")))
    vcenter.world.advance(1.5)
    vcenter.store.change(host(vcenter, "esx3"), "runtime.connectionState", "notResponding")
    assert ended(vcenter, task)["error"]["fault"].type == "HostNotReachable"
    assert vcenter.store.value(web, "runtime.host") == host(vcenter, "esx1")
    assert kinds(vcenter)[-1] == "VmFailedMigrateEvent"


def test_a_move_can_be_cancelled():
    vcenter = lab()
    web = vm(vcenter, "web")
    task = call(vcenter, web, "RelocateVM_Task", spec=to(host(vcenter, "esx3")))
    vcenter.world.advance(1.2)
    call(vcenter, task, "CancelTask")
    shown = info(vcenter, task)
    assert (shown["state"], shown["cancelled"]) == ("error", True)
    assert shown["error"]["fault"].type == "RequestCanceled"
    assert vcenter.store.value(web, "runtime.host") == host(vcenter, "esx1")
    assert web.moid not in vcenter.locks


@pytest.mark.parametrize("mode", ["maintenance", "disconnected"])
def test_a_host_out_of_service_takes_no_guest(mode):
    vcenter = lab()
    esx3 = host(vcenter, "esx3")
    if mode == "maintenance":
        done(vcenter, esx3, "EnterMaintenanceMode_Task", timeout=0)
        expected = "InvalidState"
    else:
        done(vcenter, esx3, "DisconnectHost_Task")
        expected = "HostNotConnected"
    assert move(vcenter, "web", "esx3", failed) == expected


def test_a_larger_guest_takes_longer():
    sizes = [
        {"name": f"g{n}", "power_state": "poweredOn", "host": "esx1", "memory": n * GIB}
        for n in (1, 8)
    ]
    vcenter = lab(guests=sizes)
    spans = []
    for name in ("g1", "g8"):
        began = vcenter.world.now
        move(vcenter, name, "esx2")
        spans.append(vcenter.world.now - began)
    assert spans[1] - spans[0] == pytest.approx(7 * GIB / vcenter.choices.bandwidth)


def test_vmotion_stays_within_a_datacenter_in_vsphere_4():
    two = {
        "datacenters": ["A", "B"],
        "hosts": [{"name": "esx9", "datacenter": "B"}],
        "datastores": [{"name": "one"}, {"name": "two", "datacenter": "B"}],
        "networks": [{"name": "net"}, {"name": "net2", "datacenter": "B"}],
    }
    vcenter = lab("vsphere-4", **two)
    assert move(vcenter, "web", "esx9", failed) == "MigrationFault"
