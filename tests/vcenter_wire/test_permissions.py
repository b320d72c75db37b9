"""What a client with permissions on some objects only is shown, and may do."""

from __future__ import annotations

import pytest

from hvsim.vcenter.access import ROOT, Grant
from vcenter_wire.vim import (
    READER,
    READER_PASSWORD,
    FaultError,
    Vim,
    contents,
    every,
    of_view,
    spec,
)

PC = "PropertyCollector propertyCollector"
MANAGER = "AuthorizationManager AuthorizationManager"


@pytest.fixture
def lab():
    return Vim()


def limit(lab, **roles):
    """Let the reader have roles on machines only."""
    access = lab.vcenter.access
    access.take(ROOT, (READER, False))
    for name, number in roles.items():
        access.give(lab.vm(name).moid, Grant(READER, group=False, role=number))
    return lab.login(READER, READER_PASSWORD)


def ex(client, asked):
    return client.call("RetrievePropertiesEx", PC, f"<specSet>{asked}</specSet><options/>")


def names(client, asked):
    return {one.get("name") for one in contents(ex(client, asked)).values()}


def test_a_view_holds_what_its_user_sees(lab):
    client = limit(lab, vm0=-2, vm1=5)
    asked = of_view(client.view(), "VirtualMachine", "name", "runtime.powerState")
    found = contents(ex(client, asked))
    assert {one["name"] for one in found.values()} == {"vm0", "vm1"}
    assert all("runtime.powerState" in one for one in found.values())
    administrator = lab.other().login()
    everything = of_view(administrator.view(), "VirtualMachine", "name")
    assert len(contents(ex(administrator, everything))) == 4
    assert names(client, of_view(client.view(), "VirtualMachine", "name")) == {"vm0", "vm1"}


def test_the_way_there_is_walked_and_no_further(lab):
    client = limit(lab, vm0=-2)
    down = (
        '<selectSet xsi:type="TraversalSpec"><name>d</name><type>Folder</type>'
        "<path>childEntity</path><skip>false</skip><selectSet><name>d</name></selectSet>"
        "<selectSet><name>v</name></selectSet></selectSet>"
        '<selectSet xsi:type="TraversalSpec"><name>v</name><type>Datacenter</type>'
        "<path>vmFolder</path><skip>false</skip><selectSet><name>d</name></selectSet></selectSet>"
    )
    asked = spec("Folder group-d1", "ManagedEntity", "name", select=down)
    assert names(client, asked) == {"Datacenter", "vm", "vm0"}


def test_what_may_not_be_read_is_missing(lab):
    client = limit(lab, vm0=-2)
    answer = ex(client, spec(lab.vm("vm1"), "VirtualMachine", "name", "config"))
    missing = every(answer, "returnval/objects/missingSet/path")
    assert [path.text for path in missing] == ["name", "config"]
    with pytest.raises(FaultError) as refused:
        client.call("Fetch", lab.vm("vm1"), "<prop>runtime</prop>")
    assert refused.value.name == "NoPermission"


def test_only_what_is_permitted_is_carried_out(lab):
    client = limit(lab, vm0=-2, vm2=5)
    with pytest.raises(FaultError) as refused:
        client.call("PowerOnVM_Task", lab.vm("vm0"))
    assert refused.value.name == "NoPermission"
    assert refused.value.detail.findtext("{urn:vim25}privilegeId") == (
        "VirtualMachine.Interact.PowerOn"
    )
    client.call("PowerOnVM_Task", lab.vm("vm2"))


def test_what_is_passed_needs_its_own_privilege(lab):
    limit(lab, vm0=-2)
    folder = lab.vcenter.store.value(lab.vm("vm0"), "parent")
    made = lab.vcenter.access
    made.roles[2000] = type(made.roles[-2])(
        2000, "maker", frozenset({"System.View", "System.Read", "VirtualMachine.Inventory.Create"})
    )
    made.give(folder.moid, Grant(READER, group=False, role=2000))
    pool = next(lab.vcenter.store.of_type("ResourcePool")).ref
    content = f'<config><name>new</name></config><pool type="ResourcePool">{pool.moid}</pool>'
    with pytest.raises(FaultError) as refused:
        lab.call("CreateVM_Task", folder, content)
    assert refused.value.detail.findtext("{urn:vim25}privilegeId") == "Resource.AssignVMToPool"


def test_updates_tell_only_what_may_be_read(lab):
    client = limit(lab, vm0=-2)
    asked = spec(lab.vm("vm1"), "VirtualMachine", "name", "runtime.powerState")
    content = f"<spec>{asked}</spec><partialUpdates>false</partialUpdates>"
    client.call("CreateFilter", PC, content)
    answer = client.call(
        "WaitForUpdatesEx", PC, "<options><maxWaitSeconds>0</maxWaitSeconds></options>"
    )
    assert every(answer, "returnval/filterSet/objectSet/changeSet") == []


def test_everybody_is_told_their_own_role(lab):
    client = limit(lab, vm0=-2)
    found = contents(ex(client, spec(lab.vm("vm0"), "VirtualMachine", "effectiveRole")))
    (one,) = found.values()
    assert [role.text for role in one["effectiveRole"]] == ["-2"]


def test_permissions_and_privileges_are_told(lab):
    administrator = limit(lab, vm0=-2).other().login()
    vm0 = lab.vm("vm0")
    entity = f'<entity type="VirtualMachine">{vm0.moid}</entity>'
    for inherited, principals in (("false", ["Reader"]), ("true", ["Reader", "Administrator"])):
        answer = administrator.call(
            "RetrieveEntityPermissions", MANAGER, f"{entity}<inherited>{inherited}</inherited>"
        )
        told = [one.text.rpartition("\\")[2] for one in every(answer, "returnval/principal")]
        assert told == principals
    content = entity.replace("entity", "entities") + f"<userName>{READER}</userName>"
    answer = administrator.call("FetchUserPrivilegeOnEntities", MANAGER, content)
    told = [one.text for one in every(answer, "returnval/privileges")]
    assert told == ["System.Anonymous", "System.Read", "System.View"]
    assert len(every(administrator.call("RetrieveAllPermissions", MANAGER), "returnval")) == 2
