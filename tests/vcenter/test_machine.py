"""The life of machines: made, cloned, reconfigured, registered, snapshots, destroyed."""

from __future__ import annotations

import pytest

from hvsim.vcenter.faults import VimFault
from hvsim.vcenter.values import data
from vclabs import call, done, failed, host, kinds, lab, spec, vm
from vcshapes import judge, judge_object


def place(vcenter):
    spare = vcenter.store.get(vm(vcenter, "spare"))
    return spare["parent"], spare["resourcePool"]


def disk(size=1024 * 1024):
    backing = data(
        "VirtualDiskFlatVer2BackingInfo", fileName="", diskMode="persistent", thinProvisioned=True
    )
    device = data(
        "VirtualDisk", key=-1, controllerKey=-2, unitNumber=0, capacityInKB=size, backing=backing
    )
    return data("VirtualDeviceConfigSpec", operation="add", fileOperation="create", device=device)


def controller():
    device = data("ParaVirtualSCSIController", key=-2, busNumber=0, sharedBus="noSharing")
    return data("VirtualDeviceConfigSpec", operation="add", device=device)


def card(network="VM Network"):
    backing = data("VirtualEthernetCardNetworkBackingInfo", deviceName=network)
    device = data("VirtualVmxnet3", key=-3, backing=backing)
    return data("VirtualDeviceConfigSpec", operation="add", device=device)


def create(vcenter, run=done, **fields):
    folder, pool = place(vcenter)
    config = spec(
        "VirtualMachineConfigSpec",
        **{
            "name": "new",
            "memoryMB": 2048,
            "numCPUs": 2,
            "guestId": "debian12_64Guest",
            "files": data("VirtualMachineFileInfo", vmPathName="[datastore1]"),
            "deviceChange": [controller(), disk(), card()],
        }
        | fields,
    )
    return run(vcenter, folder, "CreateVM_Task", config=config, pool=pool)


def test_a_new_machine_is_whole():
    vcenter = lab()
    ref = create(vcenter)
    made = vcenter.store.get(ref)
    assert judge_object(ref, made.properties) == []
    assert made["runtime.powerState"] == "poweredOff"
    assert made["summary.config.memorySizeMB"] == 2048
    assert made["summary.config.numVirtualDisks"] == 1
    assert made["config.files.vmPathName"] == "[datastore1] new/new.vmx"
    devices = {device.type: device for device in made["config.hardware.device"]}
    assert devices["VirtualDisk"]["controllerKey"] == devices["ParaVirtualSCSIController"]["key"]
    assert devices["VirtualDisk"]["backing"]["fileName"] == "[datastore1] new/new.vmdk"
    assert [vcenter.store.value(net, "name") for net in made["network"]] == ["VM Network"]
    assert ref in vcenter.store.value(made["network"][0], "vm")
    assert kinds(vcenter)[-4:] == [
        "VmBeingCreatedEvent",
        "VmInstanceUuidAssignedEvent",
        "VmUuidAssignedEvent",
        "VmCreatedEvent",
    ]
    assert all(judge(told) == [] for told in list(vcenter.events)[-4:])
    done(vcenter, ref, "PowerOnVM_Task")


def test_what_cannot_be_made_is_refused():
    vcenter = lab()
    assert create(vcenter, failed, name="web") == "DuplicateName"
    bad = data("VirtualMachineFileInfo", vmPathName="[nowhere] x")
    assert create(vcenter, failed, files=bad) == "InvalidDatastorePath"
    assert create(vcenter, failed, deviceChange=[card("nowhere")]) == "InvalidDeviceBacking"
    folder = vcenter.store.value(host(vcenter, "esx1"), "parent")
    hosts = vcenter.store.value(folder, "parent")
    config = spec("VirtualMachineConfigSpec", name="x")
    pool = place(vcenter)[1]
    assert failed(vcenter, hosts, "CreateVM_Task", config=config, pool=pool) == "NotSupported"


def test_a_clone_has_its_own_identity():
    vcenter = lab()
    web = vcenter.store.get(vm(vcenter, "web"))
    folder, pool = place(vcenter)
    wishes = spec(
        "VirtualMachineCloneSpec",
        location=data("VirtualMachineRelocateSpec", pool=pool),
        powerOn=True,
        template=False,
    )
    ref = done(vcenter, web.ref, "CloneVM_Task", folder=folder, name="web/2", spec=wishes)
    copy = vcenter.store.get(ref)
    assert judge_object(ref, copy.properties) == []
    assert copy["name"] == "web%2f2"
    assert copy["runtime.powerState"] == "poweredOn"
    assert copy["config.uuid"] != web["config.uuid"]
    cards = [
        [dev["macAddress"] for dev in known["config.hardware.device"] if "macAddress" in dev]
        for known in (web, copy)
    ]
    assert cards[0] != cards[1]
    assert copy["summary.config.memorySizeMB"] == web["summary.config.memorySizeMB"]
    assert "VmClonedEvent" in kinds(vcenter)


def test_a_clone_of_a_template_needs_a_pool():
    vcenter = lab()
    spare = vm(vcenter, "spare")
    folder, pool = place(vcenter)
    call(vcenter, spare, "MarkAsTemplate")
    no_pool = spec(
        "VirtualMachineCloneSpec",
        location=data("VirtualMachineRelocateSpec"),
        powerOn=False,
        template=False,
    )
    args = {"folder": folder, "name": "copy"}
    assert failed(vcenter, spare, "CloneVM_Task", spec=no_pool, **args) == "InvalidArgument"
    wishes = no_pool.having(location=data("VirtualMachineRelocateSpec", pool=pool))
    ref = done(vcenter, spare, "CloneVM_Task", spec=wishes, **args)
    assert vcenter.store.value(ref, "config.template") is False
    assert ref in vcenter.store.value(pool, "vm")


def test_reconfigure_changes_only_what_is_given():
    vcenter = lab()
    spare = vcenter.store.get(vm(vcenter, "spare"))
    done(
        vcenter,
        spare.ref,
        "ReconfigVM_Task",
        spec=spec("VirtualMachineConfigSpec", memoryMB=4096, annotation="note"),
    )
    assert spare["config.hardware.memoryMB"] == 4096
    assert spare["summary.config.memorySizeMB"] == 4096
    assert spare["summary.config.annotation"] == "note"
    assert spare["config.hardware.numCPU"] == 1
    grow = spec("VirtualMachineConfigSpec", numCPUs=0)
    assert failed(vcenter, spare.ref, "ReconfigVM_Task", spec=grow) == "InvalidArgument"


def test_a_running_machine_does_not_change_size():
    vcenter = lab()
    grow = spec("VirtualMachineConfigSpec", memoryMB=4096)
    fault = failed(vcenter, vm(vcenter, "web"), "ReconfigVM_Task", spec=grow)
    assert fault == "MemoryHotPlugNotSupported"


def test_devices_are_edited_and_removed():
    vcenter = lab()
    ref = create(vcenter)
    devices = vcenter.store.value(ref, "config.hardware.device")
    old = next(device for device in devices if device.type == "VirtualDisk")
    grown = data(
        "VirtualDeviceConfigSpec",
        operation="edit",
        device=data("VirtualDisk", key=old["key"], capacityInKB=2 * 1024 * 1024),
    )
    nic = next(device for device in devices if device.type == "VirtualVmxnet3")
    gone = data("VirtualDeviceConfigSpec", operation="remove", device=nic)
    change = spec("VirtualMachineConfigSpec", deviceChange=[grown, gone])
    done(vcenter, ref, "ReconfigVM_Task", spec=change)
    devices = vcenter.store.value(ref, "config.hardware.device")
    new = next(device for device in devices if device.type == "VirtualDisk")
    assert new["capacityInBytes"] == 2 * 2**30
    assert vcenter.store.value(ref, "network") == []
    assert vcenter.store.value(ref, "summary.config.numEthernetCards") == 0
    assert (
        failed(
            vcenter,
            ref,
            "ReconfigVM_Task",
            spec=spec("VirtualMachineConfigSpec", deviceChange=[gone]),
        )
        == "InvalidDeviceSpec"
    )


def test_unregister_leaves_the_files_and_register_finds_them():
    vcenter = lab()
    spare = vcenter.store.get(vm(vcenter, "spare"))
    uuid, path = spare["config.uuid"], spare["config.files.vmPathName"]
    folder, pool = place(vcenter)
    with pytest.raises(VimFault, match="InvalidPowerState"):
        call(vcenter, vm(vcenter, "web"), "UnregisterVM")
    call(vcenter, spare.ref, "UnregisterVM")
    assert not vcenter.store.exists(spare.ref)
    assert spare.ref not in vcenter.store.value(folder, "childEntity")
    args = {"path": path, "asTemplate": False, "pool": pool}
    ref = done(vcenter, folder, "RegisterVM_Task", **args)
    assert ref != spare.ref
    assert vcenter.store.value(ref, "config.uuid") == uuid
    assert failed(vcenter, folder, "RegisterVM_Task", **args) == "AlreadyExists"
    missing = {**args, "path": "[datastore1] x/x.vmx"}
    assert failed(vcenter, folder, "RegisterVM_Task", **missing) == "NotFound"


def test_destroy_takes_the_machine_out_of_every_list():
    vcenter = lab()
    assert failed(vcenter, vm(vcenter, "web"), "Destroy_Task") == "InvalidPowerState"
    spare = vcenter.store.get(vm(vcenter, "spare"))
    done(vcenter, spare.ref, "Destroy_Task")
    holders = [
        known.ref
        for known in vcenter.store.objects.values()
        for path in ("vm", "childEntity")
        if spare.ref in (known[path] or ())
    ]
    assert holders == []
    with pytest.raises(VimFault, match="ManagedObjectNotFound"):
        call(vcenter, spare.ref, "PowerOnVM_Task")


def snapshot(vcenter, name, memory=False):
    args = {"name": name, "memory": memory, "quiesce": False}
    return done(vcenter, vm(vcenter, "web"), "CreateSnapshot_Task", **args)


def tree(nodes):
    return [(node["name"], tree(node["childSnapshotList"] or ())) for node in nodes]


def roots(vcenter):
    return tree(vcenter.store.value(vm(vcenter, "web"), "snapshot.rootSnapshotList") or ())


def test_snapshots_make_a_tree():
    vcenter = lab()
    first = snapshot(vcenter, "a")
    snapshot(vcenter, "b")
    done(vcenter, first, "RevertToSnapshot_Task")
    snapshot(vcenter, "c")
    assert roots(vcenter) == [("a", [("b", []), ("c", [])])]
    done(vcenter, first, "RemoveSnapshot_Task", removeChildren=False)
    assert roots(vcenter) == [("b", []), ("c", [])]
    done(vcenter, vm(vcenter, "web"), "RemoveAllSnapshots_Task")
    assert vcenter.store.value(vm(vcenter, "web"), "snapshot") is None


def test_revert_brings_back_configuration_and_power():
    vcenter = lab()
    web = vm(vcenter, "web")
    cold, warm = snapshot(vcenter, "cold"), snapshot(vcenter, "warm", memory=True)
    done(vcenter, web, "PowerOffVM_Task")
    done(vcenter, web, "ReconfigVM_Task", spec=spec("VirtualMachineConfigSpec", memoryMB=8192))
    done(vcenter, warm, "RevertToSnapshot_Task")
    assert vcenter.store.value(web, "runtime.powerState") == "poweredOn"
    assert vcenter.store.value(web, "summary.config.memorySizeMB") == 1024
    done(vcenter, cold, "RevertToSnapshot_Task")
    assert vcenter.store.value(web, "runtime.powerState") == "poweredOff"


def test_no_snapshot_to_revert_to():
    vcenter = lab()
    assert failed(vcenter, vm(vcenter, "web"), "RevertToCurrentSnapshot_Task") == "NotFound"
