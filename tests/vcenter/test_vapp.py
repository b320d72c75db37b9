"""vApps, datastore clusters, and pools that are taken apart."""

from __future__ import annotations

import pytest

from hvsim import scenario
from hvsim.vcenter import likeness
from hvsim.vcenter.faults import VimFault
from hvsim.vcenter.values import data
from vclabs import Caller, ended, named, vm


@pytest.fixture
def vcenter():
    model = likeness.Model(app=1, pod=1, pool=1)
    made = likeness.scenario(model, "127.88.0.1") | {"clock": {"mode": "stepped"}}
    return scenario.build(scenario.from_data(made), 1).product("vcsim")


@pytest.fixture
def app(vcenter):
    return named(vcenter, "VirtualApp", "DC0_C0_APP0")


def call(vcenter, ref, method, **args):
    return vcenter.call(Caller("user"), ref, method, args)


def result(vcenter, ref, method, **args):
    return ended(vcenter, call(vcenter, ref, method, **args))


def states(vcenter, app):
    machines = vcenter.store.value(app, "vm")
    return [vcenter.store.value(one, "runtime.powerState") for one in machines]


def test_its_machines_are_powered_off_and_on_together(vcenter, app):
    result(vcenter, app, "PowerOffVApp_Task", force=True)
    assert states(vcenter, app) == ["poweredOff"] * 2
    assert vcenter.store.value(app, "summary.vAppState") == "stopped"
    result(vcenter, app, "PowerOnVApp_Task")
    assert states(vcenter, app) == ["poweredOn"] * 2
    assert vcenter.store.value(app, "summary.vAppState") == "started"
    events = [one["vm"]["name"] for one in vcenter.events if one.type == "VmPoweredOnEvent"][-2:]
    assert events == ["DC0_C0_APP0_VM0", "DC0_C0_APP0_VM1"]


def test_the_next_machine_waits_for_the_delay_of_the_one_before(vcenter, app):
    result(vcenter, app, "PowerOffVApp_Task", force=True)
    vcenter.world.operations.rules.clear()
    begin = vcenter.world.now
    call(vcenter, app, "PowerOnVApp_Task")
    vcenter.world.advance(60)
    assert states(vcenter, app) == ["poweredOn", "poweredOff"]
    vcenter.world.advance(120)
    assert states(vcenter, app) == ["poweredOn", "poweredOn"]
    assert vcenter.world.now - begin == 180


def test_one_that_is_started_does_not_start_again(vcenter, app):
    result(vcenter, app, "PowerOffVApp_Task", force=True)
    result(vcenter, app, "PowerOnVApp_Task")
    info = result(vcenter, app, "PowerOnVApp_Task")
    assert info["error"]["fault"].type == "InvalidState"


def test_it_is_destroyed_with_its_machines_when_none_runs(vcenter, app):
    info = result(vcenter, app, "Destroy_Task")
    assert info["error"]["fault"].type == "InvalidPowerState"
    result(vcenter, app, "PowerOffVApp_Task", force=True)
    machines = list(vcenter.store.value(app, "vm"))
    result(vcenter, app, "Destroy_Task")
    assert not any(vcenter.store.exists(ref) for ref in [app, *machines])


def test_one_is_made_in_a_pool_with_its_own_start_order(vcenter):
    pool = named(vcenter, "ResourcePool", "DC0_C0_RP1")
    spec = data("ResourceConfigSpec")
    note = data("VAppConfigSpec", annotation="mine")
    made = call(vcenter, pool, "CreateVApp", name="app", resSpec=spec, configSpec=note)
    assert vcenter.store.value(made, "vAppConfig.annotation") == "mine"
    assert vcenter.store.value(pool, "resourcePool") == [made]
    alien = data("VAppEntityConfigInfo", key=vm(vcenter, "DC0_H0_VM0"))
    wrong = data("VAppConfigSpec", entityConfig=[alien])
    with pytest.raises(VimFault, match="InvalidArgument"):
        call(vcenter, made, "UpdateVAppConfig", spec=wrong)


def test_a_datastore_cluster_counts_what_is_moved_into_it(vcenter):
    pod = named(vcenter, "StoragePod", "DC0_POD0")
    datastore = named(vcenter, "Datastore", "LocalDS_0")
    assert vcenter.store.value(pod, "summary.capacity") == 0
    result(vcenter, pod, "MoveIntoFolder_Task", list=[datastore])
    size = vcenter.store.value(datastore, "summary.capacity")
    assert vcenter.store.value(pod, "summary.capacity") == size
    folder = vcenter.store.value(named(vcenter, "Datacenter", "DC0"), "datastoreFolder")
    result(vcenter, folder, "MoveIntoFolder_Task", list=[datastore])
    assert vcenter.store.value(pod, "summary.capacity") == 0


def test_pools_in_a_pool_are_taken_away_and_their_machines_stay(vcenter):
    pool = named(vcenter, "ResourcePool", "DC0_C0_RP1")
    machines = list(vcenter.store.value(pool, "vm"))
    root = vcenter.store.value(pool, "parent")
    call(vcenter, root, "DestroyChildren")
    assert not vcenter.store.exists(pool)
    assert {vcenter.store.value(one, "resourcePool") for one in machines} == {root}
