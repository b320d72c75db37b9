"""Objects, their changes by path, and what follows by itself."""

from __future__ import annotations

import pytest

from hvsim.events import EventLog
from hvsim.vcenter.faults import VimFault
from hvsim.vcenter.store import Store
from hvsim.vcenter.values import Ref, data, plain, rich


@pytest.fixture
def store():
    return Store("vcenter/vc1", EventLog(lambda: 0.0))


def add_vm(store):
    runtime = data(
        "VirtualMachineRuntimeInfo", powerState="poweredOff", host=Ref("HostSystem", "h")
    )
    summary = data("VirtualMachineSummary", runtime=runtime, overallStatus="green")
    return store.add("VirtualMachine", "vm-1", {"runtime": runtime, "summary": summary})


def test_change_within_a_value_leaves_earlier_readers_alone(store):
    ref = add_vm(store)
    before = store.value(ref, "runtime")
    assert store.change(ref, "runtime.powerState", "poweredOn")
    assert before["powerState"] == "poweredOff"
    assert store.value(ref, "runtime.powerState") == "poweredOn"
    assert store.value(ref, "runtime.host") == Ref("HostSystem", "h")


def test_summary_follows_runtime(store):
    ref = add_vm(store)
    generation = store.generation
    store.change(ref, "runtime.powerState", "poweredOn")
    assert store.value(ref, "summary.runtime.powerState") == "poweredOn"
    (change,) = store.changes_since(generation).changed
    assert change.paths == ("runtime.powerState", "summary.runtime.powerState")
    assert not change.created


def test_setting_the_same_is_no_change(store):
    ref = add_vm(store)
    generation = store.generation
    assert not store.change(ref, "runtime.powerState", "poweredOff")
    assert store.generation == generation


def test_unset_fields_are_gone(store):
    ref = add_vm(store)
    store.change(ref, "runtime.host", None)
    assert "host" not in store.value(ref, "runtime")
    assert store.value(ref, "runtime.host.name") is None


def test_changes_tell_each_object_once_in_order_of_change(store):
    first = store.add("Folder", "group-v1", {"name": "a"})
    second = store.add("Folder", "group-v2", {"name": "b"})
    generation = store.generation
    store.change(first, "name", "a1")
    store.change(second, "name", "b1")
    store.change(first, "name", "a2")
    changes = store.changes_since(generation)
    assert [change.object.moid for change in changes.changed] == ["group-v2", "group-v1"]
    assert changes.generation == store.generation


def test_removed_objects_are_told_to_those_who_knew_them(store):
    ref = add_vm(store)
    generation = store.generation
    passing = store.add("Folder", "group-v1", {"name": "a"})
    store.remove(ref)
    store.remove(passing)
    assert store.changes_since(generation).removed == [ref]
    with pytest.raises(VimFault, match="ManagedObjectNotFound"):
        store.get(ref)


def test_a_reference_of_another_type_is_not_found(store):
    add_vm(store)
    with pytest.raises(VimFault, match="ManagedObjectNotFound"):
        store.get(Ref("HostSystem", "vm-1"))


def test_what_a_journal_keeps_reads_back():
    value = [data("A", x=1, y=[Ref("B", "b-1")], z=None), b"\x00", "text", 1.5, True]
    assert rich(plain(value)) == value
