"""Inventories as govc saves them: what is read, what becomes of it, and what is no such thing."""

from __future__ import annotations

import pytest

from hvsim import scenario
from hvsim.errors import InputError
from hvsim.hardware import Silence
from hvsim.vcenter.values import Ref
from hvsim_fakes.lab import as_scenario
from hvsim_fakes.vcenter import savedfiles
from vcenter_wire.vim import Vim, spec
from vclabs import ADMIN, done, ended, host, vm

HEAD = '<ObjectContent xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n'
PASSING = {
    ("EventManager", "latestEvent"),
    ("SessionManager", "currentSession"),
    ("SessionManager", "sessionList"),
}
"""What tells of who reads it."""


def save(client, directory):
    """Write every object of a vCenter as ``govc object.save`` does."""
    directory.mkdir()
    for number, found in enumerate(list(client.vcenter.store.objects.values())):
        asked = spec(found.ref, found.type)
        body = client.send_raw("RetrievePropertiesEx", "PropertyCollector propertyCollector", asked)
        inner = body.partition("<objects>")[2].rpartition("</objects>")[0]
        name = f"{number:04d}-{found.type}-{found.moid}.xml"
        (directory / name).write_text(f"{HEAD}{inner}</ObjectContent>\n", encoding="utf-8")


def written(directory, **more):
    table = {"name": "again", "address": "127.31.0.9", "load": str(directory)} | more
    lines = [f"{key} = {value!r}" for key, value in table.items()]
    path = directory.parent / "lab.toml"
    path.write_text("[[vcenter]]\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def loaded(directory, **more):
    return scenario.build(as_scenario(written(directory, **more)), 3).product("again")


def kept(directory):
    found = dict(savedfiles.read(directory))
    return {
        (ref, name): value
        for ref, values in found.items()
        for name, value in values.items()
        if (ref.type, name) not in PASSING
    }


@pytest.fixture
def saved(tmp_path):
    client = Vim().login()
    save(client, tmp_path / "one")
    return tmp_path / "one"


def test_what_was_saved_is_there_under_its_own_identifiers(saved):
    before, after = Vim().vcenter.store, loaded(saved).store
    assert list(before.objects) == [m for m in after.objects if m in before.objects]
    web = after.get("vm-1")
    assert web.ref == Ref("VirtualMachine", "vm-1")
    assert web["name"] == before.get("vm-1")["name"]
    assert web["runtime.host"] == before.get("vm-1")["runtime.host"]


def test_saving_it_again_gives_the_same(saved, tmp_path):
    client = Vim.of(loaded(saved)).login("administrator@vsphere.local", "secret")
    save(client, tmp_path / "two")
    assert kept(tmp_path / "two") == kept(saved)


def test_a_scenario_with_it_stands_for_itself(saved):
    made = as_scenario(written(saved))
    again = scenario.from_data(made.data)
    assert scenario.build(again).product("again").store.get("vm-2")["name"] == "vm1"


def test_it_goes_on_as_any_vcenter_does(saved):
    vcenter = loaded(saved)
    machine = vm(vcenter, "vm1")
    done(vcenter, machine, "PowerOffVM_Task")
    assert vcenter.store.value(machine, "runtime.powerState") == "poweredOff"
    target = host(vcenter, "esx1")
    assert vcenter.machines[target.moid].server.name == "esx1"
    vcenter.world.hardware.crash("esx1", Silence.DROPPED)
    vcenter.world.advance(120)
    assert vcenter.store.value(target, "runtime.connectionState") == "notResponding"
    folder = vcenter.store.value(machine, "parent")
    made = vcenter.call(ADMIN, folder, "CreateFolder", {"name": "new"})
    assert made.moid not in {ref.moid for ref, _ in savedfiles.read(saved)}


def test_a_task_that_ended_is_still_told_of(tmp_path):
    client = Vim().login()
    task = client.vcenter.call(ADMIN, client.vm("vm0"), "PowerOnVM_Task", {})
    ended(client.vcenter, task)
    save(client, tmp_path / "three")
    assert loaded(tmp_path / "three").store.value(task, "info.state") == "success"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("<name>name</name>", "<name>nome</name>"), "has no property 'nome'"),
        (("ObjectContent", "Content"), "expected the element ObjectContent"),
        (('type="VirtualMachine"', 'type="Machine"'), "expected a type of managed object"),
        ((">poweredOff<", ">asleep<"), '"asleep" is not a valid value'),
        (("VirtualMachineConfigInfo", "Config"), "vim25 has no type 'Config'"),
        (("<numCPU>1", "<numCPU>one"), '"one" is not a valid value of type int'),
        (("</propSet>", "</propset>"), "expected XML: mismatched tag"),
        (("<guestId>", "<guestid>x</guestid><guestId>"), "has no field 'guestid'"),
        ((HEAD, "<!DOCTYPE x>\n" + HEAD), "expected no document type declaration"),
    ],
)
def test_a_file_that_is_wrong_is_told_of_in_a_line(saved, change, told):
    (file,) = saved.glob("*-vm-1.xml")
    text = file.read_text(encoding="utf-8")
    assert change[0] in text
    file.write_text(text.replace(*change), encoding="utf-8")
    with pytest.raises(InputError, match=told) as refused:
        loaded(saved)
    shown = str(refused.value)
    assert "\n" not in shown
    assert shown.startswith(f"{file}:")
    assert refused.value.line


@pytest.mark.parametrize(
    ("gone", "told"),
    [
        ("*-ServiceInstance-*", "with ServiceInstance"),
        ("*-Folder-group-v1.xml", "the parent of"),
        ("*-HostSystem-host-1.xml", "the host of"),
        ("*.xml", "expected files"),
    ],
)
def test_what_is_missing_is_told_of_in_a_line(saved, gone, told):
    for file in saved.glob(gone):
        file.unlink()
    with pytest.raises(InputError, match=told) as refused:
        loaded(saved)
    assert "\n" not in str(refused.value)


def test_nothing_is_described_beside_it(saved):
    with pytest.raises(InputError, match="expected none beside an inventory that is loaded"):
        loaded(saved, guests=3)


def test_a_directory_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        loaded(tmp_path / "nowhere")


def test_the_same_object_twice(saved):
    (file,) = saved.glob("*-vm-1.xml")
    (saved / "9999-again.xml").write_bytes(file.read_bytes())
    with pytest.raises(InputError, match="expected each object once"):
        loaded(saved)
