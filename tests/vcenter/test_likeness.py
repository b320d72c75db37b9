"""The inventory that vcsim begins with, built from its counts."""

from __future__ import annotations

import pytest

from hvsim import scenario
from hvsim.vcenter import likeness
from hvsim.vcenter.faults import VimFault
from hvsim.vcenter.session import MANAGER
from hvsim.vcenter.values import data
from vclabs import Caller, ended, named, vm


def built(*, accounts=None, at_once=True, **counts):
    data = likeness.scenario(likeness.Model(**counts), "127.88.0.1", accounts, at_once=at_once) | {
        "clock": {"mode": "stepped"}
    }
    return scenario.build(scenario.from_data(data), 1).product("vcsim")


def names(vcenter, kind):
    return [found["name"] for found in vcenter.store.of_type(kind)]


def login(vcenter, user, password):
    args = {"userName": user, "password": password}
    return vcenter.call(Caller(), MANAGER, "Login", args)


def test_the_inventory_has_the_names_of_vcsim():
    vcenter = built()
    assert names(vcenter, "Datacenter") == ["DC0"]
    assert names(vcenter, "ClusterComputeResource") == ["DC0_C0"]
    assert names(vcenter, "HostSystem") == ["DC0_C0_H0", "DC0_C0_H1", "DC0_C0_H2", "DC0_H0"]
    machines = ["DC0_H0_VM0", "DC0_H0_VM1", "DC0_C0_RP0_VM0", "DC0_C0_RP0_VM1"]
    assert names(vcenter, "VirtualMachine") == machines
    assert names(vcenter, "Datastore") == ["LocalDS_0"]
    assert names(vcenter, "Network") == ["VM Network"]
    assert "DC0_DVPG0" in names(vcenter, "DistributedVirtualPortgroup")
    assert all(one["runtime.powerState"] == "poweredOn" for one in machines_of(vcenter))


def machines_of(vcenter):
    return list(vcenter.store.of_type("VirtualMachine"))


def test_every_datacenter_has_its_own_of_what_has_the_same_name():
    vcenter = built(dc=2, ds=2, vm=1, autostart=False)
    assert sorted(names(vcenter, "Datastore")) == ["LocalDS_0"] * 2 + ["LocalDS_1"] * 2
    assert names(vcenter, "VmwareDistributedVirtualSwitch") == ["DVS0", "DVS0"]
    assert {one["runtime.powerState"] for one in machines_of(vcenter)} == {"poweredOff"}


def test_machines_lie_in_the_pools_that_are_asked_for():
    vcenter = built(pool=2, vm=1)
    pool = named(vcenter, "ResourcePool", "DC0_C0_RP2")
    assert vcenter.store.value(vm(vcenter, "DC0_C0_RP2_VM0"), "resourcePool") == pool
    assert vcenter.store.value(pool, "vm") == [vm(vcenter, "DC0_C0_RP2_VM0")]


@pytest.mark.parametrize(("at_once", "seconds"), [(True, 0.0), (False, 0.5)])
def test_tasks_take_no_time_unless_they_are_to(at_once, seconds):
    vcenter = built(at_once=at_once)
    task = vcenter.call(Caller("x"), vm(vcenter, "DC0_H0_VM0"), "PowerOffVM_Task", {})
    ended(vcenter, task)
    assert vcenter.world.now >= seconds
    assert at_once == (vcenter.world.now == 0.0)


def test_anybody_may_log_in_with_any_password_but_none():
    vcenter = built()
    for password in ("one", "two"):
        assert login(vcenter, "somebody", password)["userName"] == "somebody"
    for user, password in (("somebody", ""), ("", "one"), ("new", "")):
        with pytest.raises(VimFault, match="InvalidLogin"):
            login(vcenter, user, password)


def test_with_accounts_nobody_else_may():
    vcenter = built(accounts={"me": "mine"})
    assert login(vcenter, "me", "mine")["userName"] == "me"
    with pytest.raises(VimFault, match="InvalidLogin"):
        login(vcenter, "me", "other")
    with pytest.raises(VimFault, match="InvalidLogin"):
        login(vcenter, "somebody", "one")


def test_folders_pods_apps_and_networks_of_nsx_are_counted():
    vcenter = built(dc=2, folder=1, pod=1, app=1, nsx=1, vm=1)
    store = vcenter.store
    lying = store.value(named(vcenter, "Datacenter", "DC1"), "parent")
    assert (store.value(lying, "name"), lying.type) == ("F0", "Folder")
    machine = store.value(vm(vcenter, "DC1_C0_APP0_VM0"), "parent")
    assert store.value(machine, "name") == "F0"
    assert store.value(named(vcenter, "Datacenter", "DC0"), "parent") == vcenter.root
    assert names(vcenter, "StoragePod") == ["DC0_POD0", "DC1_POD0"]
    assert names(vcenter, "OpaqueNetwork") == ["DC0_NSX0", "DC1_NSX0"]
    app = named(vcenter, "VirtualApp", "DC0_C0_APP0")
    assert store.value(app, "vm") == [vm(vcenter, "DC0_C0_APP0_VM0")]
    group = named(vcenter, "DistributedVirtualPortgroup", "DC0_NSXPG0")
    assert store.value(group, "config.backingType") == "nsx"


def test_its_tasks_and_events_tell_who_made_it():
    vcenter = built(vm=1)
    made = [store_info["name"] for store_info in infos(vcenter)]
    assert made.count("AddHost_Task") == 3
    assert made.count("CreateVM_Task") == made.count("PowerOnVM_Task") == 2
    assert {info["reason"]["userName"] for info in infos(vcenter)} == {"vcsim"}
    kinds = [event.type for event in vcenter.events]
    assert kinds.count("VmPoweredOnEvent") == 2
    assert kinds.count("HostAddedEvent") == 4


def infos(vcenter):
    return [found["info"] for found in vcenter.store.of_type("Task")]


def test_its_hosts_use_the_memory_and_have_the_address_that_those_of_vcsim_do():
    vcenter = built()
    for host in vcenter.store.of_type("HostSystem"):
        used = host["summary.quickStats.overallMemoryUsage"] * 2**20
        assert f"{100 * used / host['summary.hardware.memorySize']:.1f}" == "34.3"
        (card,) = host["config.network.vnic"]
        assert card["spec"]["ip"]["ipAddress"] == "127.0.0.1"
        manager = host["configManager"]["networkSystem"]
        assert vcenter.store.value(manager, "networkInfo")["vnic"] == [card]


@pytest.mark.parametrize(
    ("asked", "address"), [("10.0.0.42", "10.0.0.42"), ("esx.example", "127.88.0.1")]
)
def test_hosts_that_nothing_describes_can_be_added_to_it_alone(asked, address):
    vcenter = built()
    cluster = named(vcenter, "ClusterComputeResource", "DC0_C0")
    spec = data("HostConnectSpec", hostName=asked, userName="root", force=False)
    args = {"spec": spec, "asConnected": True}
    made = ended(vcenter, vcenter.call(Caller(), cluster, "AddHost_Task", args))["result"]
    assert vcenter.store.value(made, "name") == asked
    (card,) = vcenter.store.value(made, "config.network.vnic")
    assert card["spec"]["ip"]["ipAddress"] == address
    vcenter.choices.any_host = False
    other = args | {"spec": spec.having(hostName="10.0.0.43")}
    refused = ended(vcenter, vcenter.call(Caller(), cluster, "AddHost_Task", other))
    assert refused["error"]["fault"].type == "NoHost"
