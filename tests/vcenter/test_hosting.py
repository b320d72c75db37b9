"""What the managers of a host do: services, firewall, switches, options, storage, settings."""

from __future__ import annotations

import pytest

from hvsim.vcenter.faults import VimFault
from hvsim.vcenter.values import data
from vclabs import PROFILES, call, host, lab, named, run, spec, vm


def manager(vcenter, field, name="esx1"):
    return vcenter.store.value(host(vcenter, name), f"configManager.{field}")


def refused(vcenter, this, method, **args):
    with pytest.raises(VimFault) as found:
        call(vcenter, this, method, **args)
    return found.value.name


@pytest.mark.parametrize("profile", PROFILES)
def test_services_start_and_stop_once(profile):
    vcenter = lab(profile)
    services = manager(vcenter, "serviceSystem")
    call(vcenter, services, "StopService", id="ntpd")
    assert refused(vcenter, services, "StopService", id="ntpd") == "InvalidState"
    assert refused(vcenter, services, "StartService", id="nope") == "NotFound"
    assert refused(vcenter, services, "UpdateServicePolicy", id="ntpd", policy="x") == (
        "InvalidArgument"
    )
    shown = vcenter.store.value(host(vcenter, "esx1"), "config.service.service")
    assert {one["key"]: one["running"] for one in shown}["ntpd"] is False


def test_a_host_that_does_not_answer_carries_nothing_out():
    vcenter = lab()
    vcenter.world.hardware.set_link("esx1", "dropped")
    vcenter.world.advance(120)
    services = manager(vcenter, "serviceSystem")
    assert refused(vcenter, services, "StopService", id="ntpd") == "HostNotReachable"


def test_port_groups_are_networks_of_the_datacenter():
    vcenter = lab()
    group = spec("HostPortGroupSpec", name="tests", vlanId=5, vswitchName="vSwitch0")
    networks = {name: manager(vcenter, "networkSystem", name) for name in ("esx1", "esx2")}
    for system in networks.values():
        call(vcenter, system, "AddPortGroup", portgrp=group)
    made = named(vcenter, "Network", "tests")
    assert vcenter.store.value(made, "host") == [host(vcenter, "esx1"), host(vcenter, "esx2")]
    again = refused(vcenter, networks["esx1"], "AddPortGroup", portgrp=group)
    assert again == "AlreadyExists"
    nowhere = group.having(name="other", vswitchName="nope")
    assert refused(vcenter, networks["esx1"], "AddPortGroup", portgrp=nowhere) == "NotFound"
    for system in networks.values():
        call(vcenter, system, "RemovePortGroup", pgName="tests")
    assert not vcenter.store.exists(made)


def test_a_port_group_in_use_stays():
    vcenter = lab()
    network = manager(vcenter, "networkSystem")
    assert refused(vcenter, network, "RemovePortGroup", pgName="VM Network") == "ResourceInUse"
    management = refused(vcenter, network, "RemovePortGroup", pgName="Management Network")
    assert management == "ResourceInUse"


def test_a_network_card_serves_one_switch():
    vcenter = lab()
    network = manager(vcenter, "networkSystem")
    bond = spec("HostVirtualSwitchBondBridge", nicDevice=["vmnic0"])
    wanted = spec("HostVirtualSwitchSpec", numPorts=64, bridge=bond)
    assert refused(vcenter, network, "AddVirtualSwitch", vswitchName="v1", spec=wanted) == (
        "ResourceInUse"
    )
    call(vcenter, network, "AddVirtualSwitch", vswitchName="v1")
    call(vcenter, network, "RemoveVirtualSwitch", vswitchName="v1")


def test_options_keep_their_kind():
    vcenter = lab()
    options = manager(vcenter, "advancedOption")
    wrong = [spec("OptionValue", key="NFS.MaxVolumes", value="many")]
    assert refused(vcenter, options, "UpdateOptions", changedValue=wrong) == "InvalidArgument"
    unknown = [spec("OptionValue", key="No.Such", value=1)]
    assert refused(vcenter, options, "UpdateOptions", changedValue=unknown) == "InvalidName"
    right = [spec("OptionValue", key="NFS.MaxVolumes", value=64)]
    call(vcenter, options, "UpdateOptions", changedValue=right)
    (found,) = call(vcenter, options, "QueryOptions", name="NFS.MaxVolumes")
    assert found["value"] == 64
    assert len(call(vcenter, options, "QueryOptions", name="UserVars.")) > 1


def test_a_share_of_two_hosts_is_one_datastore():
    vcenter = lab()
    share = spec(
        "HostNasVolumeSpec",
        remoteHost="nas",
        remotePath="/x",
        localPath="nfs1",
        accessMode="readWrite",
    )
    systems = [manager(vcenter, "datastoreSystem", name) for name in ("esx1", "esx2")]
    made = [call(vcenter, one, "CreateNasDatastore", spec=share) for one in systems]
    assert made[0] == made[1]
    assert refused(vcenter, systems[0], "CreateNasDatastore", spec=share) == "DuplicateName"
    for one in systems:
        call(vcenter, one, "RemoveDatastore", datastore=made[0])
    assert not vcenter.store.exists(made[0])
    used = vcenter.store.value(vm(vcenter, "web"), "datastore")[0]
    assert refused(vcenter, systems[0], "RemoveDatastore", datastore=used) == "ResourceInUse"


def test_lockdown_by_the_older_and_the_newer_method():
    vcenter = lab()
    call(vcenter, host(vcenter, "esx1"), "EnterLockdownMode")
    assert vcenter.store.value(host(vcenter, "esx1"), "config.lockdownMode") == "lockdownNormal"
    assert refused(vcenter, host(vcenter, "esx1"), "EnterLockdownMode") == "AdminDisabled"
    access = manager(vcenter, "hostAccessManager")
    call(vcenter, access, "ChangeLockdownMode", mode="lockdownDisabled")
    assert refused(vcenter, host(vcenter, "esx1"), "ExitLockdownMode") == "AdminNotDisabled"


def test_custom_fields_are_offered_to_what_they_are_for():
    vcenter = lab()
    fields = vcenter.store.value("ServiceInstance", "content.customFieldsManager")
    call(vcenter, fields, "AddCustomFieldDef", name="Owner", moType="VirtualMachine")
    offered = vcenter.store.value(vm(vcenter, "web"), "availableField")
    assert [one["name"] for one in offered] == ["Owner"]
    assert vcenter.store.value(host(vcenter, "esx1"), "availableField") == []


def test_what_a_switch_cannot_do_is_not_supported():
    vcenter = lab(networks=[{"name": "net"}, {"name": "pg", "switch": "dvs"}])
    switch = named(vcenter, "VmwareDistributedVirtualSwitch", "dvs")
    session = data(
        "VMwareDVSVspanConfigSpec", operation="add", vspanSession=data("VMwareVspanSession")
    )
    wanted = spec("VMwareDVSConfigSpec", vspanConfigSpec=[session])
    ended = run(vcenter, switch, "ReconfigureDvs_Task", spec=wanted)
    assert ended["error"]["fault"].type == "NotSupported"
    stale = spec("VMwareDVSConfigSpec", configVersion="99")
    ended = run(vcenter, switch, "ReconfigureDvs_Task", spec=stale)
    assert ended["error"]["fault"].type == "ConcurrentAccess"


def test_controllers_list_what_is_attached_to_them():
    vcenter = lab()
    devices = vcenter.store.value(vm(vcenter, "web"), "config.hardware.device")
    held = {one["key"]: one["device"] or [] for one in devices if one["busNumber"] is not None}
    for device in devices:
        if device["controllerKey"] is not None:
            assert device["key"] in held[device["controllerKey"]]
