"""Names with symbols (NAME-VMW-4, -5) and what Tools report (NAME-VMW-1, -2, -3, -6)."""

from __future__ import annotations

import pytest

from hvsim.vcenter import guest, names
from vclabs import PROFILES, call, done, failed, lab, spec, vm


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("a/b", "a%2fb"),
        ("a\\b", "a%5cb"),
        ("100%", "100%25"),
        ("a%2fb", "a%2fb"),
        ("a%2Fb", "a%2Fb"),
        ("a%zz", "a%25zz"),
        ("plain", "plain"),
    ],
)
def test_symbols_are_kept_as_escapes(given, kept):
    assert names.escape(given) == kept
    assert names.escape(kept) == kept


def test_the_tree_shows_the_symbol():
    assert names.unescape("r%2fe%25n%5Cx") == "r/e%n\\x"


def test_rename_escapes_and_both_spellings_find_it():
    vcenter = lab()
    web = vm(vcenter, "web")
    done(vcenter, web, "Rename_Task", newName="w/e%b")
    assert vcenter.store.value(web, "name") == "w%2fe%25b"
    assert vcenter.store.value(web, "summary.config.name") == "w%2fe%25b"
    folder = vcenter.store.value(web, "parent")
    assert names.child(vcenter.store, folder, "w%2Fe%25b") == web
    assert names.child(vcenter.store, folder, "w/e%b") == web


def test_a_name_in_either_spelling_is_taken():
    vcenter = lab()
    done(vcenter, vm(vcenter, "web"), "Rename_Task", newName="a/b")
    assert failed(vcenter, vm(vcenter, "db"), "Rename_Task", newName="a%2Fb") == "DuplicateName"


def test_created_machines_have_escaped_names():
    vcenter = lab()
    spare = vcenter.store.get(vm(vcenter, "spare"))
    ref = done(
        vcenter,
        spare["parent"],
        "CreateVM_Task",
        config=spec("VirtualMachineConfigSpec", name="x\\y", memoryMB=512, numCPUs=1),
        pool=spare["resourcePool"],
    )
    assert vcenter.store.value(ref, "name") == "x%5cy"


@pytest.mark.parametrize("profile", PROFILES)
def test_without_tools_there_is_no_host_name(profile):
    vcenter = lab(profile)
    bare = vcenter.store.get(vm(vcenter, "bare"))
    assert bare["guest.toolsRunningStatus"] == "guestToolsNotRunning"
    assert bare["guest.toolsStatus"] == "toolsNotInstalled"
    assert bare["guest.hostName"] is None
    assert bare["runtime.powerState"] == "poweredOn"


@pytest.mark.parametrize(("profile", "at_once"), [("vsphere-4", False), ("vsphere-8", True)])
def test_tools_report_the_host_name_after_a_restart(profile, at_once):
    vcenter = lab(profile)
    bare = vm(vcenter, "bare")
    guest.installed(vcenter, bare)
    vcenter.world.advance(60)
    assert (vcenter.store.value(bare, "guest.hostName") == "bare") is at_once
    call(vcenter, bare, "RebootGuest")
    vcenter.world.advance(15 + 30 + 5)
    assert vcenter.store.value(bare, "guest.hostName") == "bare"
    assert vcenter.store.value(bare, "guest.toolsRunningStatus") == "guestToolsRunning"


def test_tools_come_up_in_time_after_power_on():
    vcenter = lab()
    spare = vm(vcenter, "spare")
    done(vcenter, spare, "PowerOnVM_Task")
    assert vcenter.store.value(spare, "guest.toolsRunningStatus") == "guestToolsNotRunning"
    vcenter.world.advance(guest.BOOT)
    assert vcenter.store.value(spare, "guest.toolsRunningStatus") == "guestToolsRunning"
    assert vcenter.store.value(spare, "guest.ipAddress") is None
    vcenter.world.advance(guest.REPORT)
    assert vcenter.store.value(spare, "guest.ipAddress") == "192.0.2.13"
    assert vcenter.store.value(spare, "summary.guest.hostName") == "spare.example"


@pytest.mark.parametrize(
    ("switches", "kept"), [({}, "web.example"), ({"host-name-kept-when-off": False}, None)]
)
def test_a_guest_that_is_off_keeps_its_last_host_name(switches, kept):
    vcenter = lab(behaviours=switches)
    web = vm(vcenter, "web")
    done(vcenter, web, "PowerOffVM_Task")
    assert vcenter.store.value(web, "guest.hostName") == kept
    assert vcenter.store.value(web, "guest.ipAddress") is None
    assert vcenter.store.value(web, "guest.toolsRunningStatus") == "guestToolsNotRunning"
