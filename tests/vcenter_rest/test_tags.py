"""Tags, categories and what they are attached to, as clients of ``/api`` and ``/rest`` see them."""

import re

import pytest

from vcenter_rest.rest import CATEGORY, ON, READER, READER_PASSWORD, TAG, Rest, of

URN = re.compile(r"urn:vmomi:InventoryService(Category|Tag):[0-9a-f-]{36}:GLOBAL")
NOWHERE = "urn:vmomi:InventoryServiceTag:00000000-0000-4000-a000-000000000000:GLOBAL"


@pytest.fixture
def rest():
    return Rest().login()


def attached(rest, moid, kind="VirtualMachine"):
    return rest.post(f"{ON}?action=list-attached-tags", of(kind, moid))


def test_a_category_is_made_read_changed_and_removed(rest):
    made = rest.category("colour", description="of paint", cardinality="SINGLE")
    assert URN.fullmatch(made)
    assert rest.get(CATEGORY) == [made]
    assert rest.get(f"{CATEGORY}/{made}") == {
        "id": made,
        "name": "colour",
        "description": "of paint",
        "cardinality": "SINGLE",
        "associable_types": [],
        "used_by": [],
    }
    changes = {"name": "hue", "description": "new", "cardinality": "MULTIPLE"}
    assert rest.send("PATCH", f"/api{CATEGORY}/{made}", changes).status == 204
    assert rest.get(f"{CATEGORY}/{made}")["name"] == "hue"
    assert rest.send("DELETE", f"/api{CATEGORY}/{made}").status == 204
    assert rest.refused("GET", f"{CATEGORY}/{made}") == (404, "NOT_FOUND")
    assert rest.refused("DELETE", f"{CATEGORY}/{made}") == (404, "NOT_FOUND")


def test_a_category_becomes_wider_only(rest):
    types = ["VirtualMachine", "HostSystem"]
    made = rest.category(associable_types=types)
    path = f"{CATEGORY}/{made}"
    assert rest.refused("PATCH", path, {"cardinality": "SINGLE"}) == (400, "INVALID_ARGUMENT")
    fewer = {"associable_types": ["VirtualMachine"]}
    assert rest.refused("PATCH", path, fewer) == (400, "INVALID_ARGUMENT")
    rest.send("PATCH", f"/api{path}", {"associable_types": [*types, "Folder"]})
    assert rest.get(path)["associable_types"] == [*types, "Folder"]
    rest.send("PATCH", f"/api{path}", {"associable_types": []})
    assert rest.get(path)["associable_types"] == []
    assert rest.refused("PATCH", path, {"associable_types": types}) == (400, "INVALID_ARGUMENT")


def test_names_are_taken_once(rest):
    one, two = rest.category("one"), rest.category("two")
    again = {"name": "one", "description": "", "cardinality": "SINGLE", "associable_types": []}
    assert rest.refused("POST", CATEGORY, again) == (400, "ALREADY_EXISTS")
    assert rest.refused("PATCH", f"{CATEGORY}/{two}", {"name": "one"}) == (400, "ALREADY_EXISTS")
    tag = rest.tag(one, "t")
    same = {"name": "t", "description": "", "category_id": one}
    assert rest.refused("POST", TAG, same) == (400, "ALREADY_EXISTS")
    other = rest.tag(two, "t")
    assert rest.get(f"{TAG}/{other}")["category_id"] == two
    more = rest.tag(one, "u")
    assert rest.refused("PATCH", f"{TAG}/{more}", {"name": "t"}) == (400, "ALREADY_EXISTS")
    assert rest.send("PATCH", f"/api{TAG}/{tag}", {"name": "t"}).status == 204
    assert rest.refused("POST", TAG, same | {"name": ""}) == (400, "INVALID_ARGUMENT")
    assert rest.refused("POST", TAG, same | {"category_id": NOWHERE}) == (404, "NOT_FOUND")


def test_clients_may_choose_identifiers(rest):
    own = "urn:vmomi:InventoryServiceCategory:mine:GLOBAL"
    assert rest.category("a", category_id=own) == own
    spec = {"name": "b", "description": "", "cardinality": "SINGLE", "associable_types": []}
    for wrong in ("mine", own.replace("Category", "Tag")):
        asked = spec | {"category_id": wrong}
        assert rest.refused("POST", CATEGORY, asked) == (400, "INVALID_ARGUMENT")
    assert rest.refused("POST", CATEGORY, spec | {"category_id": own}) == (400, "ALREADY_EXISTS")


def test_a_tag_is_attached_once_and_detached(rest):
    tag = rest.tag(rest.category())
    vm = rest.moid("vm0")
    for _ in range(2):
        rest.post(f"{ON}/{tag}?action=attach", of("VirtualMachine", vm))
    assert attached(rest, vm) == [tag]
    objects = rest.post(f"{ON}/{tag}?action=list-attached-objects")
    assert objects == [{"type": "VirtualMachine", "id": vm}]
    for _ in range(2):
        rest.post(f"{ON}/{tag}?action=detach", of("VirtualMachine", vm))
    assert attached(rest, vm) == []
    gone = f"{ON}/{NOWHERE}?action=attach"
    assert rest.refused("POST", gone, of("VirtualMachine", vm)) == (404, "NOT_FOUND")


def test_nobody_may_tag_what_is_not_there(rest):
    tag = rest.tag(rest.category())
    for kind, moid in (("VirtualMachine", "vm-99"), ("HostSystem", rest.moid("vm0"))):
        for action in (f"{ON}/{tag}?action=attach", f"{ON}?action=list-attached-tags"):
            assert rest.refused("POST", action, of(kind, moid)) == (403, "UNAUTHORIZED")


def test_types_and_cardinality_decide_what_takes_a_tag(rest):
    category = rest.category(cardinality="SINGLE", associable_types=["urn:vim25:HostSystem"])
    one, two = rest.tag(category, "one"), rest.tag(category, "two")
    host, vm = rest.get("/vcenter/host")[0]["host"], rest.moid("vm0")
    refusal = rest.refused("POST", f"{ON}/{one}?action=attach", of("VirtualMachine", vm))
    assert refusal == (400, "INVALID_ARGUMENT")
    attachable = f"{ON}?action=list-attachable-tags"
    assert rest.post(attachable, of("VirtualMachine", vm)) == []
    assert rest.post(attachable, of("HostSystem", host)) == [one, two]
    rest.post(f"{ON}/{one}?action=attach", of("HostSystem", host))
    assert rest.post(attachable, of("HostSystem", host)) == []
    refusal = rest.refused("POST", f"{ON}/{two}?action=attach", of("HostSystem", host))
    assert refusal == (400, "INVALID_ARGUMENT")
    assert attached(rest, host, "HostSystem") == [one]


def test_several_at_once(rest):
    category = rest.category()
    tags = [rest.tag(category, name) for name in "ab"]
    vm, other = (rest.moid(name) for name in ("vm0", "vm1"))
    told = rest.post(
        f"{ON}?action=attach-multiple-tags-to-object",
        of("VirtualMachine", vm) | {"tag_ids": [tags[0], NOWHERE, tags[1]]},
    )
    assert not told["success"]
    assert [one["id"] for one in told["error_messages"]] == ["cis.tagging.objectNotFound.error"]
    assert attached(rest, vm) == tags
    objects = [{"type": "VirtualMachine", "id": moid} for moid in (vm, other)]
    many = {"object_ids": objects}
    told = rest.post(f"{ON}/{tags[0]}?action=attach-tag-to-multiple-objects", many)
    assert told == {"success": True, "error_messages": []}
    found = rest.post(f"{ON}?action=list-attached-tags-on-objects", many)
    assert found == [
        {"object_id": objects[0], "tag_ids": tags},
        {"object_id": objects[1], "tag_ids": tags[:1]},
    ]
    found = rest.post(f"{ON}?action=list-attached-objects-on-tags", {"tag_ids": [*tags, NOWHERE]})
    assert found == [
        {"tag_id": tags[0], "object_ids": objects},
        {"tag_id": tags[1], "object_ids": objects[:1]},
    ]
    rest.post(f"{ON}/{tags[0]}?action=detach-tag-from-multiple-objects", many)
    rest.post(
        f"{ON}?action=detach-multiple-tags-from-object",
        of("VirtualMachine", vm) | {"tag_ids": tags},
    )
    assert attached(rest, vm) == attached(rest, other) == []


def test_what_goes_takes_its_associations_along(rest):
    category = rest.category()
    tag, kept = rest.tag(category, "a"), rest.tag(rest.category("other"), "b")
    vm = rest.moid("vm0")
    for one in (tag, kept):
        rest.post(f"{ON}/{one}?action=attach", of("VirtualMachine", vm))
    rest.send("DELETE", f"/api{CATEGORY}/{category}")
    assert rest.get(TAG) == [kept]
    assert attached(rest, vm) == [kept]
    rest.vcenter.store.remove(rest.vim.vm("vm0"))
    assert rest.post(f"{ON}/{kept}?action=list-attached-objects") == []


def test_what_uses_them_is_noted(rest):
    category = rest.category()
    tag = rest.tag(category)
    for path, found, listed in (
        (CATEGORY, category, "list-used-categories"),
        (TAG, tag, "list-used-tags"),
    ):
        user = {"used_by_entity": "backup"}
        for _ in range(2):
            rest.post(f"{path}/{found}?action=add-to-used-by", user)
        assert rest.get(f"{path}/{found}")["used_by"] == ["backup"]
        assert rest.post(f"{path}?action={listed}", user) == [found]
        rest.post(f"{path}/{found}?action=remove-from-used-by", user)
        assert rest.post(f"{path}?action={listed}", user) == []
        assert rest.send("POST", f"/api{path}/{found}?action=revoke-propagating-permissions")


def test_the_older_paths_lead_to_the_same_tags(rest):
    old = "/com/vmware/cis/tagging"
    spec = {"name": "c", "description": "d", "cardinality": "MULTIPLE", "associable_types": []}
    category = rest.old("POST", f"{old}/category", {"create_spec": spec})
    assert rest.old("GET", f"{old}/category") == [category]
    update = {"update_spec": {"description": "e"}}
    assert rest.old("PATCH", f"{old}/category/id:{category}", update) is None
    assert rest.old("GET", f"{old}/category/id:{category}")["description"] == "e"
    spec = {"name": "t", "description": "", "category_id": category}
    tag = rest.old("POST", f"{old}/tag", {"create_spec": spec})
    listed = rest.old("POST", f"{old}/tag/id:{category}?~action=list-tags-for-category")
    assert listed == rest.post(f"{TAG}?action=list-tags-for-category", {"category_id": category})
    assert listed == [tag]
    vm = of("VirtualMachine", rest.moid("vm0"))
    rest.old("POST", f"{old}/tag-association/id:{tag}?~action=attach", vm)
    assert rest.old("POST", f"{old}/tag-association?~action=list-attached-tags", vm) == [tag]
    assert rest.old("DELETE", f"{old}/tag/id:{tag}") is None
    answer = rest.send("GET", f"/rest{old}/tag/id:{tag}")
    assert answer.status == 404
    assert answer.json["type"] == "com.vmware.vapi.std.errors.not_found"
    assert answer.json["value"]["messages"][0]["args"] == [tag]


def test_a_reader_reads_tags_and_changes_none(rest):
    tag = rest.tag(rest.category())
    reader = rest.other().login(READER, READER_PASSWORD)
    assert reader.get(TAG) == [tag]
    assert attached(reader, rest.moid("vm0")) == []
    spec = {"name": "x", "description": "", "cardinality": "SINGLE", "associable_types": []}
    assert reader.refused("POST", CATEGORY, spec) == (403, "UNAUTHORIZED")
    assert reader.refused("DELETE", f"{TAG}/{tag}") == (403, "UNAUTHORIZED")
    vm = of("VirtualMachine", rest.moid("vm0"))
    assert reader.refused("POST", f"{ON}/{tag}?action=attach", vm) == (403, "UNAUTHORIZED")
    assert rest.get(TAG) == [tag]
