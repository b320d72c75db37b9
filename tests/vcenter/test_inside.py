"""What somebody does inside guests, and to a vCenter's own service."""

from __future__ import annotations

import pytest

from hvsim import commands
from hvsim.errors import CommandError
from hvsim.hardware import Silence
from vclabs import call, host, kinds, lab, vm


def act(vcenter, action, guest, **fields):
    asked = {"kind": f"vcenter.{action}", "vcenter": "vc1", "guest": guest} | fields
    return vcenter.world.execute(commands.decode(asked))


def test_tools_installed_in_a_running_guest_wait_for_its_restart():
    vcenter = lab("vsphere-4")
    bare = vcenter.store.get(vm(vcenter, "bare"))
    act(vcenter, "guest.install-tools", "bare")
    vcenter.world.advance(60)
    assert bare["guest.toolsRunningStatus"] == "guestToolsRunning"
    assert bare["guest.hostName"] is None
    act(vcenter, "guest.reboot", "bare")
    vcenter.world.advance(60)
    assert bare["guest.hostName"] == "bare"


def test_a_new_host_name_is_reported():
    vcenter = lab()
    act(vcenter, "guest.set-hostname", "web", hostname="other.example")
    assert vcenter.store.value(vm(vcenter, "web"), "summary.guest.hostName") == "other.example"


def test_a_guest_that_shuts_itself_down_is_off():
    vcenter = lab()
    act(vcenter, "guest.shutdown", "web")
    vcenter.world.advance(15)
    assert vcenter.store.value(vm(vcenter, "web"), "runtime.powerState") == "poweredOff"
    with pytest.raises(CommandError, match="nothing runs in it"):
        act(vcenter, "guest.shutdown", "web")


def test_a_hung_guest_does_not_shut_down():
    vcenter = lab()
    web = vm(vcenter, "web")
    act(vcenter, "guest.hang", "web")
    assert vcenter.store.value(web, "guest.toolsRunningStatus") == "guestToolsNotRunning"
    assert vcenter.store.value(web, "guestHeartbeatStatus") == "gray"
    call(vcenter, web, "ResetVM_Task")
    vcenter.world.advance(60)
    assert vcenter.store.value(web, "guest.toolsRunningStatus") == "guestToolsRunning"


def test_a_guest_moved_outside_is_found_where_it_is():
    vcenter = lab()
    act(vcenter, "guest.move-outside", "web", host="esx2")
    assert vcenter.store.value(vm(vcenter, "web"), "runtime.host") == host(vcenter, "esx2")
    with pytest.raises(CommandError, match="no host called"):
        act(vcenter, "guest.move-outside", "web", host="nowhere")


def test_an_orphan_stays_one_until_it_is_unregistered():
    vcenter = lab()
    web = vm(vcenter, "web")
    act(vcenter, "vm.orphan", "web")
    assert vcenter.store.value(web, "runtime.connectionState") == "orphaned"
    assert kinds(vcenter)[-1] == "VmOrphanedEvent"
    vcenter.world.hardware.set_storage_path("datastore1", "esx1", up=False)
    assert vcenter.store.value(web, "runtime.connectionState") == "orphaned"
    call(vcenter, web, "UnregisterVM")
    assert not vcenter.store.exists(web)


def test_an_unknown_guest_is_told():
    with pytest.raises(CommandError, match="no machine is called 'x'"):
        act(lab(), "guest.hang", "x")


def service(vcenter, what):
    asked = {"kind": f"service.{what}", "server": "vc1", "service": "vpxd"}
    return vcenter.world.execute(commands.decode(asked))


def test_vcenters_service_stops_and_starts():
    vcenter = lab()
    service(vcenter, "stop")
    assert vcenter.answers() is Silence.REFUSED
    service(vcenter, "start")
    assert vcenter.answers() is Silence.REFUSED
    vcenter.world.advance(60)
    assert vcenter.answers() is None
    service(vcenter, "hang")
    assert vcenter.answers() is Silence.DROPPED
    assert vcenter.store.value(vm(vcenter, "web"), "runtime.powerState") == "poweredOn"


def test_stage_rules_name_machines():
    vcenter = lab()
    hold = {"kind": "stage.hold", "name": "h", "on": "vc1/spare", "stage": "start"}
    vcenter.world.execute(commands.decode(hold))
    call(vcenter, vm(vcenter, "spare"), "PowerOnVM_Task")
    vcenter.world.advance(100)
    assert vcenter.store.value(vm(vcenter, "spare"), "runtime.powerState") == "poweredOff"
    vcenter.world.execute(commands.decode({"kind": "stage.release", "name": "h"}))
    vcenter.world.advance(1)
    assert vcenter.store.value(vm(vcenter, "spare"), "runtime.powerState") == "poweredOn"
