"""Properties of chosen objects: traversal, pages, what is missing."""

import pytest

from hvsim.vcenter.access import ROOT, Grant
from hvsim.vcenter.values import data
from vcenter_wire.vim import (
    HEAD,
    PROPERTIES,
    TAIL,
    FaultError,
    Vim,
    contents,
    every,
    of_view,
    spec,
    text,
)

UPWARDS = (
    '<selectSet xsi:type="TraversalSpec"><name>up</name><type>ManagedEntity</type>'
    "<path>parent</path><skip>false</skip><selectSet><name>up</name></selectSet></selectSet>"
)


@pytest.fixture
def vim():
    return Vim().login()


def ex(vim, *specs, most=None):
    options = (
        "<options/>" if most is None else f"<options><maxObjects>{most}</maxObjects></options>"
    )
    asked = "".join(f"<specSet>{one}</specSet>" for one in specs)
    return vim.call("RetrievePropertiesEx", PROPERTIES, asked + options)


def test_a_view_leads_to_its_objects(vim):
    found = contents(ex(vim, of_view(vim.view(), "VirtualMachine", "name", "runtime.powerState")))
    assert sorted(one["name"] for one in found.values()) == ["vm0", "vm1", "vm2", "vm3"]
    assert found[vim.vm("vm1").moid]["runtime.powerState"] == "poweredOn"


def test_a_selection_may_name_itself(vim):
    start = f'<objectSet><obj type="VirtualMachine">{vim.vm("vm0").moid}</obj><skip>true</skip>'
    asked = (
        "<propSet><type>ManagedEntity</type><pathSet>name</pathSet></propSet>"
        f"{start}{UPWARDS}</objectSet>"
    )
    names = [one["name"] for one in contents(ex(vim, asked)).values()]
    assert names == ["vm", "Datacenter", "Datacenters"]


def test_all_properties_of_one_object(vim):
    found = contents(ex(vim, spec(vim.vm("vm1"), "VirtualMachine")))[vim.vm("vm1").moid]
    assert {"name", "config", "summary", "runtime", "guest", "capability"} <= found.keys()


def test_properties_for_a_base_type_are_of_every_derived_one(vim):
    asked = spec(vim.vm("vm1"), "ManagedEntity", "name")
    assert contents(ex(vim, asked)) == {vim.vm("vm1").moid: {"name": "vm1"}}


def test_what_nothing_is_asked_about_is_not_told_of(vim):
    assert len(ex(vim, spec(vim.vm("vm1"), "HostSystem", "name"))) == 0


def test_a_key_leads_to_an_item(vim):
    device = vim.vcenter.store.value(vim.vm("vm1"), "config.hardware.device")[0]
    path = f"config.hardware.device[{device['key']}].key"
    found = contents(ex(vim, spec(vim.vm("vm1"), "VirtualMachine", path)))
    assert found[vim.vm("vm1").moid] == {path: str(device["key"])}


def test_keys_that_are_texts_are_quoted_and_others_are_not(vim):
    option = data("OptionValue", key="guestinfo.a", value="1")
    vim.vcenter.store.change(vim.vm("vm1"), "config.extraConfig", [option])
    path = 'config.extraConfig["guestinfo.a"].value'
    found = contents(ex(vim, spec(vim.vm("vm1"), "VirtualMachine", path.replace('"', "&quot;"))))
    assert found[vim.vm("vm1").moid] == {path: "1"}
    for wrong in ("config.extraConfig[guestinfo.a]", "config.hardware.device[&quot;4000&quot;]"):
        with pytest.raises(FaultError, match="InvalidProperty"):
            ex(vim, spec(vim.vm("vm1"), "VirtualMachine", wrong))


def test_fields_of_derived_types_are_read(vim):
    cluster = next(vim.vcenter.store.of_type("ClusterComputeResource")).ref
    path = "configurationEx.dasConfig.enabled"
    assert contents(ex(vim, spec(cluster, "ComputeResource", path))) == {
        cluster.moid: {path: "false"}
    }


@pytest.mark.parametrize("path", ["nope", "runtime.nope", "runtime..host", ".name", "name.x", ""])
def test_a_path_that_leads_nowhere_is_refused(vim, path):
    with pytest.raises(FaultError) as refusal:
        ex(vim, spec(vim.vm("vm1"), "VirtualMachine", path))
    assert refusal.value.name == "InvalidProperty"
    assert text(refusal.value.detail, "name") == (path or None) or path == ""


def test_an_object_that_is_not_there_is_refused_or_left_out(vim):
    with pytest.raises(FaultError) as refusal:
        ex(vim, spec("VirtualMachine vm-999", "VirtualMachine", "name"))
    assert refusal.value.name == "ManagedObjectNotFound"
    more = "<reportMissingObjectsInResults>true</reportMissingObjectsInResults>"
    assert len(ex(vim, spec("VirtualMachine vm-999", "VirtualMachine", "name", more=more))) == 0


def test_pages(vim):
    asked = of_view(vim.view(), "VirtualMachine", "name")
    first = ex(vim, asked, most=3)
    token = text(first, "returnval/token")
    assert len(contents(first)) == 3
    second = vim.call("ContinueRetrievePropertiesEx", PROPERTIES, f"<token>{token}</token>")
    assert text(second, "returnval/token") is None
    assert not contents(first).keys() & contents(second).keys()
    assert len(contents(second)) == 1
    with pytest.raises(FaultError) as refusal:
        vim.call("ContinueRetrievePropertiesEx", PROPERTIES, f"<token>{token}</token>")
    assert refusal.value.name == "InvalidArgument"


def test_pages_may_be_given_up(vim):
    asked = of_view(vim.view(), "VirtualMachine", "name")
    token = text(ex(vim, asked, most=1), "returnval/token")
    vim.call("CancelRetrievePropertiesEx", PROPERTIES, f"<token>{token}</token>")
    with pytest.raises(FaultError):
        vim.call("ContinueRetrievePropertiesEx", PROPERTIES, f"<token>{token}</token>")


def test_a_change_shows_in_what_was_written_before(vim):
    asked = of_view(vim.view(), "VirtualMachine", "name", "summary.config.name", "summary")
    before = contents(ex(vim, asked))
    vim.vcenter.store.change(vim.vm("vm2"), "name", "other")
    after = contents(ex(vim, asked))
    moid = vim.vm("other").moid
    assert (before[moid]["name"], after[moid]["name"]) == ("vm2", "other")
    assert after[moid]["summary.config.name"] == "other"
    assert text(after[moid]["summary"], "config/name") == "other"


def test_fetch_reads_one_property(vim):
    found = vim.call("Fetch", vim.vm("vm1"), "<prop>runtime</prop>")
    assert text(found, "returnval/powerState") == "poweredOn"
    with pytest.raises(FaultError) as refusal:
        vim.call("Fetch", vim.vm("vm1"), "<prop>nope</prop>")
    assert refusal.value.name == "InvalidProperty"


def test_references_say_their_type_and_nothing_is_empty(vim):
    found = ex(vim, of_view(vim.view("ManagedEntity"), "ManagedEntity"))
    count = 0
    for element in found.iter():
        if element.tag.endswith("}obj") or "ManagedObjectReference" in "".join(element.keys()):
            count += 1
            assert element.get("type")
    assert count > 10
    assert not [e.tag for e in found.iter() if e.tag.endswith("faultToleranceState") and not e.text]


def test_a_list_of_references_is_an_array(vim):
    found = ex(vim, spec("Folder group-d1", "Folder", "childEntity"))
    value = every(found, "returnval/objects/propSet/val")[0]
    said = value.get("{http://www.w3.org/2001/XMLSchema-instance}type")
    assert said == "ArrayOfManagedObjectReference"
    assert value[0].get("type") == "Datacenter"


def test_a_view_is_answered_the_same_however_it_is_asked_for(vim):
    view = vim.view("ManagedEntity")
    short = of_view(view, "VirtualMachine", "name", "summary")
    asked = short.replace("<skip>false</skip>", f"<skip>false</skip>{UPWARDS.replace('up', 'x')}")
    for _ in range(2):
        plain, led = contents(ex(vim, short)), contents(ex(vim, asked))
        assert plain.keys() == led.keys()
        assert len(plain) == 4
        assert {m: one["name"] for m, one in plain.items()} == {
            m: one["name"] for m, one in led.items()
        }
        vim.vcenter.store.change(vim.vm("vm0"), "name", "again")
        vim.vcenter.store.change(vim.vm("again"), "name", "vm0")


def test_who_may_not_read_gets_no_kept_row(vim):
    asked = of_view(vim.view(), "VirtualMachine", "name")
    assert len(contents(ex(vim, asked))) == 4
    vim.vcenter.access.give(ROOT, Grant("administrator@vsphere.local", group=False, role=-3))
    answer = ex(vim, asked)
    assert contents(answer).keys() == {
        vm.moid for vm in vim.vcenter.store.of_type("VirtualMachine")
    }


def test_a_large_answer_is_put_together_as_it_is_sent():
    vim = Vim(guests=240).login()
    asked = f"<specSet>{of_view(vim.view(), 'VirtualMachine')}</specSet><options/>"
    this = '<_this type="PropertyCollector">propertyCollector</_this>'
    method = "RetrievePropertiesEx"
    response = vim.send(f'{HEAD}<{method} xmlns="urn:vim25">{this}{asked}</{method}>{TAIL}')
    pieces = list(response.body)
    assert len(pieces) > 2
    whole = b"".join(pieces)
    assert dict(response.header_items())["Content-Length"] == str(len(whole))
    assert len(whole) > 2**20
    assert whole.count(b"<objects>") == whole.count(b"</objects>") == 240
    small = contents(ex(vim, of_view(vim.view(), "VirtualMachine", "name")))
    assert len(small) == 240
