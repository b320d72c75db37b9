"""Permissions on single objects count for this API as they do for vim25."""

import pytest

from hvsim.vcenter.permission import MANAGER
from hvsim.vcenter.values import data
from vcenter_rest.rest import ON, READER, READER_PASSWORD, TAG, Rest, of, running
from vclabs import ADMIN

POWER_USER, READ_ONLY, NO_ACCESS = 4, -2, -5


@pytest.fixture
def rest():
    with running(Rest(2).login()) as found:
        yield found


def permit(rest, moid, role, *, propagate=True):
    """Give the reader a role on an object."""
    permission = data("Permission", principal=READER, group=False, roleId=role, propagate=propagate)
    entity = rest.vcenter.store.get(moid).ref
    args = {"entity": entity, "permission": [permission]}
    rest.vcenter.call(ADMIN, MANAGER, "SetEntityPermissions", args)


@pytest.fixture
def limited(rest):
    """A client that has a role on one machine and on nothing else."""
    permit(rest, "group-d1", NO_ACCESS)
    permit(rest, rest.moid("vm0"), POWER_USER)
    return rest.other().login(READER, READER_PASSWORD)


def test_only_what_its_user_may_read_is_listed(rest, limited):
    assert [one["name"] for one in limited.get("/vcenter/vm")] == ["vm0"]
    assert limited.get("/vcenter/host") == []
    assert limited.get("/vcenter/datastore") == []
    assert [one["datacenter"] for one in limited.get("/vcenter/datacenter")] == ["datacenter-1"]
    assert "group-s1" not in {one["folder"] for one in limited.get("/vcenter/folder")}
    assert len(rest.get("/vcenter/vm")) == 2


def test_only_what_its_user_may_switch_is_switched(rest, limited):
    mine, other = rest.moid("vm0"), rest.moid("vm1")
    assert limited.send("POST", f"/api/vcenter/vm/{mine}/power?action=start").status == 204
    assert limited.get(f"/vcenter/vm/{mine}/power")["state"] == "POWERED_ON"
    refused = (403, "UNAUTHORIZED")
    assert limited.refused("POST", f"/vcenter/vm/{other}/power?action=stop") == refused
    assert limited.refused("GET", f"/vcenter/vm/{other}") == refused
    assert limited.refused("DELETE", f"/vcenter/vm/{mine}") == refused
    spec = {"source": mine, "name": "copy"}
    assert limited.refused("POST", "/vcenter/vm?action=clone", spec) == refused


def test_a_role_of_ones_own_lets_tag(rest):
    tag = rest.tag(rest.category())
    add = {"name": "Tagger", "privIds": ["InventoryService.Tagging.AttachTag"]}
    number = rest.vcenter.call(ADMIN, MANAGER, "AddAuthorizationRole", add)
    permit(rest, "group-d1", number)
    tagger = rest.other().login(READER, READER_PASSWORD)
    vm = of("VirtualMachine", rest.moid("vm0"))
    assert tagger.post(f"{ON}/{tag}?action=attach", vm) is None
    assert rest.post(f"{ON}?action=list-attached-tags", vm) == [tag]
    assert tagger.refused("DELETE", f"{TAG}/{tag}") == (403, "UNAUTHORIZED")


def test_a_role_above_counts_below_and_one_nearer_by_counts_more(rest):
    permit(rest, "group-v1", NO_ACCESS)
    reader = rest.other().login(READER, READER_PASSWORD)
    pool = rest.vcenter.store.value(rest.moid("vm0"), "resourcePool").moid
    permit(rest, pool, NO_ACCESS)
    assert reader.get("/vcenter/vm") == []
    assert len(reader.get("/vcenter/host")) == 2
    permit(rest, rest.moid("vm1"), READ_ONLY)
    assert [one["name"] for one in reader.get("/vcenter/vm")] == ["vm1"]


def test_what_tags_are_on_is_told_to_who_sees_it(rest, limited):
    tag = rest.tag(rest.category())
    mine, other = (of("VirtualMachine", rest.moid(name)) for name in ("vm0", "vm1"))
    for vm in (mine, other):
        rest.post(f"{ON}/{tag}?action=attach", vm)
    permit(rest, "group-d1", READ_ONLY, propagate=False)
    assert limited.get(TAG) == [tag]
    assert limited.post(f"{ON}/{tag}?action=list-attached-objects") == [mine["object_id"]]
    assert limited.post(f"{ON}?action=list-attached-tags", mine) == [tag]
    refused = (403, "UNAUTHORIZED")
    assert limited.refused("POST", f"{ON}?action=list-attached-tags", other) == refused
    many = {"object_ids": [mine["object_id"], other["object_id"]]}
    told = limited.post(f"{ON}?action=list-attached-tags-on-objects", many)
    assert [one["object_id"] for one in told] == [mine["object_id"]]
