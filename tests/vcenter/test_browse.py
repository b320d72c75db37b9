"""What lies in datastores, as browsers list it."""

from __future__ import annotations

import pytest

from hvsim.vcenter.faults import VimFault
from hvsim.vcenter.values import data
from vclabs import call, done, failed, host, lab, named, vm
from vcshapes import judge


def listed(vcenter, path, method="SearchDatastore_Task", **spec):
    browser = vcenter.store.value(named(vcenter, "Datastore", "datastore1"), "browser")
    wanted = data("HostDatastoreBrowserSearchSpec", **spec)
    return done(vcenter, browser, method, datastorePath=path, searchSpec=wanted)


def paths(found):
    return [file["path"] for file in found["file"]]


DETAILS = data("FileQueryFlags", fileType=True, fileSize=True, modification=True, fileOwner=True)


def test_the_top_has_a_directory_for_each_machine():
    found = listed(lab(), "[datastore1]", details=DETAILS)
    assert paths(found) == ["bare", "db", "spare", "web"]
    assert {file.type for file in found["file"]} == {"FolderFileInfo"}
    assert found["folderPath"] == "[datastore1]"
    assert judge(found) == []


def test_a_directory_has_the_files_of_its_machine():
    found = listed(lab(), "[datastore1] web", details=DETAILS)
    assert paths(found) == ["vmware.log", "web.nvram", "web.vmdk", "web.vmsd", "web.vmx"]
    sizes = {file["path"]: file["fileSize"] for file in found["file"]}
    assert sizes["web.vmdk"] == 8 * 2**30
    assert judge(found) == []
    assert "vmware.log" not in paths(listed(lab(), "[datastore1] spare"))


@pytest.mark.parametrize(
    ("spec", "left"),
    [
        ({"matchPattern": ["*.vmx", "*.VMDK"]}, ["web.vmx"]),
        ({"matchPattern": ["*.VMDK"], "searchCaseInsensitive": True}, ["web.vmdk"]),
        ({"query": [data("VmDiskFileQuery")]}, ["web.vmdk"]),
    ],
)
def test_only_what_is_asked_for(spec, left):
    assert paths(listed(lab(), "[datastore1] web", **spec)) == left


def test_everything_below():
    found = listed(lab(), "[datastore1]", "SearchDatastoreSubFolders_Task", matchPattern=["*.vmx"])
    assert [paths(one) for one in found] == [[], *([f"{n}.vmx"] for n in sorted(NAMES))]


NAMES = ("web", "db", "bare", "spare")


def test_files_of_a_machine_stay_when_it_is_unregistered_and_go_when_it_is_destroyed():
    vcenter = lab()
    call(vcenter, vm(vcenter, "spare"), "UnregisterVM")
    assert "spare.vmx" in paths(listed(vcenter, "[datastore1] spare"))
    done(vcenter, vm(vcenter, "db"), "PowerOffVM_Task")
    done(vcenter, vm(vcenter, "db"), "Destroy_Task")
    assert "db" not in paths(listed(vcenter, "[datastore1]"))


def test_what_is_not_there():
    vcenter = lab()
    browser = vcenter.store.value(named(vcenter, "Datastore", "datastore1"), "browser")
    search = "SearchDatastore_Task"
    assert failed(vcenter, browser, search, datastorePath="[datastore1] no") == "FileNotFound"
    for path in ("datastore1", "[other] web"):
        with pytest.raises(VimFault, match="InvalidDatastorePath"):
            call(vcenter, browser, search, datastorePath=path)


def test_a_hosts_own_browser_looks_into_its_datastores():
    vcenter = lab()
    browser = vcenter.store.value(host(vcenter, "esx1"), "datastoreBrowser")
    found = done(vcenter, browser, "SearchDatastore_Task", datastorePath="[esx1-local]")
    assert paths(found) == []
