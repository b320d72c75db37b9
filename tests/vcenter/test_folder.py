"""Folders, datacenters, clusters, switches and pools: made, moved into, destroyed."""

from __future__ import annotations

import pytest

from hvsim.vcenter.content import ROOT
from hvsim.vcenter.faults import VimFault
from hvsim.vcenter.values import data
from vclabs import call, done, failed, host, lab, named, vm
from vcshapes import judge_object


def test_a_datacenter_has_its_four_folders():
    vcenter = lab()
    made = call(vcenter, ROOT, "CreateDatacenter", name="D/2")
    found = vcenter.store.get(made)
    assert found["name"] == "D%2f2"
    names = [
        vcenter.store.value(found[f"{kind}Folder"], "name")
        for kind in ("vm", "host", "datastore", "network")
    ]
    assert names == ["vm", "host", "datastore", "network"]
    with pytest.raises(VimFault, match="DuplicateName"):
        call(vcenter, ROOT, "CreateDatacenter", name="d/2")
    done(vcenter, made, "Destroy_Task")
    assert not vcenter.store.exists(made)


def test_folders_take_only_their_kind():
    vcenter = lab()
    vms = vcenter.store.value(vm(vcenter, "web"), "parent")
    hosts = vcenter.store.value(vcenter.store.value(host(vcenter, "esx1"), "parent"), "parent")
    folder = call(vcenter, vms, "CreateFolder", name="team")
    done(vcenter, folder, "MoveIntoFolder_Task", list=[vm(vcenter, "web")])
    assert vcenter.store.value(vm(vcenter, "web"), "parent") == folder
    assert vm(vcenter, "web") not in vcenter.store.value(vms, "childEntity")
    assert failed(vcenter, hosts, "MoveIntoFolder_Task", list=[vm(vcenter, "db")]) == "NotSupported"
    with pytest.raises(VimFault, match="NotSupported"):
        call(vcenter, vms, "CreateDatacenter", name="x")
    inner = call(vcenter, folder, "CreateFolder", name="inner")
    assert failed(vcenter, inner, "MoveIntoFolder_Task", list=[folder]) == "InvalidFolder"


def test_a_folder_with_running_guests_is_not_destroyed():
    vcenter = lab()
    vms = vcenter.store.value(vm(vcenter, "web"), "parent")
    folder = call(vcenter, vms, "CreateFolder", name="team")
    moved = [vm(vcenter, "web"), vm(vcenter, "spare")]
    done(vcenter, folder, "MoveIntoFolder_Task", list=moved)
    assert failed(vcenter, folder, "Destroy_Task") == "InvalidPowerState"
    done(vcenter, moved[0], "PowerOffVM_Task")
    done(vcenter, folder, "Destroy_Task")
    assert not any(vcenter.store.exists(ref) for ref in (*moved, folder))


def test_the_datacenters_own_folders_stay():
    vcenter = lab()
    vms = vcenter.store.value(vm(vcenter, "web"), "parent")
    assert failed(vcenter, vms, "Destroy_Task") == "NotSupported"


def test_a_new_cluster_takes_hosts_in_maintenance_mode():
    vcenter = lab()
    hosts = vcenter.store.value(vcenter.store.value(host(vcenter, "esx1"), "parent"), "parent")
    spec = data("ClusterConfigSpecEx", dasConfig=data("ClusterDasConfigInfo", enabled=True))
    made = call(vcenter, hosts, "CreateClusterEx", name="c2", spec=spec)
    assert vcenter.store.value(made, "configurationEx.dasConfig.enabled") is True
    assert judge_object(made, vcenter.store.get(made).properties) == []
    esx3 = host(vcenter, "esx3")
    assert failed(vcenter, made, "MoveInto_Task", host=[esx3]) == "InvalidState"
    done(vcenter, esx3, "EnterMaintenanceMode_Task", timeout=0)
    done(vcenter, made, "MoveInto_Task", host=[esx3])
    assert vcenter.store.value(esx3, "parent") == made
    assert vcenter.store.value(made, "summary.numHosts") == 1
    assert vcenter.store.value(vm(vcenter, "spare"), "resourcePool") == vcenter.store.value(
        made, "resourcePool"
    )


def test_a_switch_with_a_port_group():
    vcenter = lab()
    datacenter = named(vcenter, "Datacenter", "Datacenter")
    folder = vcenter.store.value(datacenter, "networkFolder")
    members = [
        data(
            "DistributedVirtualSwitchHostMemberConfigSpec",
            operation="add",
            host=host(vcenter, "esx1"),
        )
    ]
    config = data("VMwareDVSConfigSpec", name="dvs1", host=members)
    switch = done(vcenter, folder, "CreateDVS_Task", spec=data("DVSCreateSpec", configSpec=config))
    wanted = [data("DVPortgroupConfigSpec", name="pg1", type="earlyBinding", numPorts=8)]
    done(vcenter, switch, "AddDVPortgroup_Task", spec=wanted)
    group = named(vcenter, "DistributedVirtualPortgroup", "pg1")
    assert group in vcenter.store.value(host(vcenter, "esx1"), "network")
    for ref in (switch, group):
        assert judge_object(ref, vcenter.store.get(ref).properties) == []


def test_pools_pass_their_machines_on():
    vcenter = lab()
    root = vcenter.store.value(vm(vcenter, "web"), "resourcePool")
    config = vcenter.store.value(root, "config")
    pool = call(vcenter, root, "CreateResourcePool", name="gold", spec=config)
    call(vcenter, pool, "MoveIntoResourcePool", list=[vm(vcenter, "web")])
    assert vcenter.store.value(vm(vcenter, "web"), "resourcePool") == pool
    done(vcenter, pool, "Destroy_Task")
    assert vcenter.store.value(vm(vcenter, "web"), "resourcePool") == root
    assert failed(vcenter, root, "Destroy_Task") == "NotSupported"


def test_custom_fields_are_set_by_key_and_by_name():
    vcenter = lab()
    manager = named_manager(vcenter)
    made = call(vcenter, manager, "AddCustomFieldDef", name="owner", moType="VirtualMachine")
    web = vm(vcenter, "web")
    call(vcenter, manager, "SetField", entity=web, key=made["key"], value="ops")
    call(vcenter, web, "setCustomValue", key="owner", value="dev")
    (value,) = vcenter.store.value(web, "customValue")
    assert (value["key"], value["value"]) == (made["key"], "dev")
    with pytest.raises(VimFault, match="InvalidArgument"):
        call(vcenter, host(vcenter, "esx1"), "setCustomValue", key="owner", value="x")
    call(vcenter, manager, "RemoveCustomFieldDef", key=made["key"])
    assert vcenter.store.value(web, "customValue") == []


def named_manager(vcenter):
    (found,) = vcenter.store.of_type("CustomFieldsManager")
    return found.ref
