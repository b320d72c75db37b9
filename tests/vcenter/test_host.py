"""Hosts: maintenance mode, connection, shutdown, reboot (MAINT-VMW-1, -2)."""

from __future__ import annotations

import pytest

from vclabs import GIB, call, done, ended, failed, host, info, kinds, lab, latest, run, vm


def enter(vcenter, name, timeout=0):
    return call(vcenter, host(vcenter, name), "EnterMaintenanceMode_Task", timeout=timeout)


def shown(vcenter, name, path="runtime.inMaintenanceMode"):
    return vcenter.store.value(host(vcenter, name), path)


def test_an_empty_host_enters_and_leaves():
    vcenter = lab()
    after = latest(vcenter)
    assert ended(vcenter, enter(vcenter, "esx3"))["state"] == "success"
    assert shown(vcenter, "esx3") is True
    assert shown(vcenter, "esx3", "summary.runtime.inMaintenanceMode") is True
    assert kinds(vcenter, after) == ["EnteringMaintenanceModeEvent", "EnteredMaintenanceModeEvent"]
    cluster = vcenter.store.get(shown(vcenter, "esx3", "parent"))
    assert cluster["summary.numEffectiveHosts"] == 2
    done(vcenter, host(vcenter, "esx3"), "ExitMaintenanceMode_Task", timeout=0)
    assert shown(vcenter, "esx3") is False
    assert kinds(vcenter)[-1] == "ExitMaintenanceModeEvent"
    assert (
        failed(vcenter, host(vcenter, "esx3"), "ExitMaintenanceMode_Task", timeout=0)
        == "InvalidState"
    )


def test_the_task_waits_for_the_last_running_guest():
    vcenter = lab()
    task = enter(vcenter, "esx1")
    vcenter.world.advance(10_000)
    assert info(vcenter, task)["state"] == "running"
    done(vcenter, vm(vcenter, "bare"), "PowerOffVM_Task")
    assert info(vcenter, task)["state"] == "running"
    assert failed(vcenter, vm(vcenter, "bare"), "PowerOnVM_Task") == "InvalidState"
    call(vcenter, vm(vcenter, "web"), "ShutdownGuest")
    vcenter.world.advance(20)
    assert info(vcenter, task)["state"] == "success"
    assert shown(vcenter, "esx1") is True


def test_a_timeout_ends_the_wait():
    vcenter = lab()
    task = enter(vcenter, "esx1", timeout=60)
    vcenter.world.advance(59)
    assert info(vcenter, task)["state"] == "running"
    vcenter.world.advance(3)
    assert info(vcenter, task)["error"]["fault"].type == "Timedout"
    assert shown(vcenter, "esx1") is False
    assert host(vcenter, "esx1").moid not in vcenter.entering


def test_cancelling_lets_guests_start_again():
    vcenter = lab()
    task = enter(vcenter, "esx1")
    vcenter.world.advance(5)
    call(vcenter, task, "CancelTask")
    assert info(vcenter, task)["state"] == "error"
    assert kinds(vcenter)[-1] == "CanceledHostOperationEvent"
    done(vcenter, vm(vcenter, "bare"), "PowerOffVM_Task")
    done(vcenter, vm(vcenter, "bare"), "PowerOnVM_Task")


def test_drs_evacuates_by_itself_when_fully_automated():
    vcenter = lab(cluster={"drs": "fullyAutomated"})
    after = latest(vcenter)
    assert ended(vcenter, enter(vcenter, "esx1"))["state"] == "success"
    assert vcenter.store.value(host(vcenter, "esx1"), "vm") == []
    assert vcenter.store.value(vm(vcenter, "web"), "runtime.powerState") == "poweredOn"
    assert kinds(vcenter, after).count("DrsVmMigratedEvent") == 2


@pytest.mark.parametrize("level", ["manual", "partiallyAutomated"])
def test_other_levels_of_drs_recommend(level):
    vcenter = lab(cluster={"drs": level})
    task = enter(vcenter, "esx1")
    vcenter.world.advance(100)
    assert info(vcenter, task)["state"] == "running"
    cluster = shown(vcenter, "esx1", "parent")
    wanted = vcenter.store.value(cluster, "recommendation")
    assert {item["action"][0]["target"] for item in wanted} == {
        vm(vcenter, "web"),
        vm(vcenter, "bare"),
    }
    for item in wanted:
        call(vcenter, cluster, "ApplyRecommendation", key=item["key"])
    assert ended(vcenter, task)["state"] == "success"
    assert vcenter.store.value(cluster, "recommendation") == []


def test_a_host_of_no_cluster_waits_too():
    vcenter = lab(guests=[{"name": "g", "power_state": "poweredOn", "host": "esx9"}])
    task = enter(vcenter, "esx9")
    vcenter.world.advance(100)
    assert info(vcenter, task)["state"] == "running"


def test_disconnect_leaves_guests_running_and_reconnect_shows_what_became_of_them():
    vcenter = lab()
    esx1, web = host(vcenter, "esx1"), vm(vcenter, "web")
    done(vcenter, esx1, "DisconnectHost_Task")
    assert shown(vcenter, "esx1", "runtime.connectionState") == "disconnected"
    assert vcenter.store.value(web, "runtime.connectionState") == "disconnected"
    assert vcenter.store.value(web, "runtime.powerState") == "poweredOn"
    assert failed(vcenter, web, "PowerOffVM_Task") == "HostNotConnected"
    assert failed(vcenter, esx1, "DisconnectHost_Task") == "InvalidState"
    vcenter.insides[web.moid].power = "poweredOff"
    done(vcenter, esx1, "ReconnectHost_Task")
    assert vcenter.store.value(web, "runtime.connectionState") == "connected"
    assert vcenter.store.value(web, "runtime.powerState") == "poweredOff"
    assert "HostConnectedEvent" in kinds(vcenter)


def test_a_dead_host_cannot_be_reconnected():
    vcenter = lab()
    done(vcenter, host(vcenter, "esx3"), "DisconnectHost_Task")
    vcenter.world.hardware.crash("esx3", "dropped")
    assert failed(vcenter, host(vcenter, "esx3"), "ReconnectHost_Task") == "NoHost"


def test_a_silent_host_is_shown_after_a_minute_and_comes_back():
    vcenter = lab()
    world, web = vcenter.world, vm(vcenter, "web")
    world.hardware.set_link("esx1", "dropped")
    world.advance(59)
    assert shown(vcenter, "esx1", "runtime.connectionState") == "connected"
    world.advance(1)
    assert shown(vcenter, "esx1", "runtime.connectionState") == "notResponding"
    assert vcenter.store.value(web, "runtime.connectionState") == "disconnected"
    assert failed(vcenter, web, "PowerOffVM_Task") == "HostNotReachable"
    world.hardware.set_link("esx1", None)
    world.advance(10)
    assert shown(vcenter, "esx1", "runtime.connectionState") == "connected"
    assert vcenter.store.value(web, "runtime.powerState") == "poweredOn"
    assert "HostConnectionLostEvent" in kinds(vcenter)


def test_a_short_silence_is_not_noticed():
    vcenter = lab()
    vcenter.world.hardware.set_link("esx1", "dropped")
    vcenter.world.advance(30)
    vcenter.world.hardware.set_link("esx1", None)
    vcenter.world.advance(120)
    assert "HostConnectionLostEvent" not in kinds(vcenter)


def test_shutdown_asks_for_maintenance_mode_first():
    vcenter = lab()
    esx3 = host(vcenter, "esx3")
    assert failed(vcenter, esx3, "ShutdownHost_Task", force=False) == "InvalidState"
    ended(vcenter, enter(vcenter, "esx3"))
    done(vcenter, esx3, "ShutdownHost_Task", force=False)
    assert vcenter.world.hardware.server("esx3").power == "off"
    vcenter.world.advance(60)
    assert shown(vcenter, "esx3", "runtime.connectionState") == "notResponding"


def test_reboot_brings_the_host_back_in_maintenance_mode():
    vcenter = lab()
    ended(vcenter, enter(vcenter, "esx3"))
    before = shown(vcenter, "esx3", "runtime.bootTime")
    done(vcenter, host(vcenter, "esx3"), "RebootHost_Task", force=False)
    vcenter.world.advance(30 + 120)
    assert shown(vcenter, "esx3", "runtime.connectionState") == "connected"
    assert shown(vcenter, "esx3", "runtime.bootTime") > before
    assert shown(vcenter, "esx3") is True


def test_lost_storage_makes_guests_inaccessible_until_it_is_back():
    vcenter = lab()
    web, bare = vm(vcenter, "web"), vm(vcenter, "bare")
    vcenter.world.hardware.set_storage_path("datastore1", "esx1", up=False)
    assert vcenter.store.value(web, "runtime.connectionState") == "inaccessible"
    assert vcenter.store.value(vm(vcenter, "db"), "runtime.connectionState") == "connected"
    assert failed(vcenter, bare, "PowerOffVM_Task") == "InvalidState"
    vcenter.world.hardware.set_storage_path("datastore1", "esx1", up=True)
    assert vcenter.store.value(web, "runtime.connectionState") == "connected"


def test_a_host_joins_a_cluster_and_leaves_it():
    vcenter = lab()
    esx9 = host(vcenter, "esx9")
    done(vcenter, esx9, "Destroy_Task")
    assert not vcenter.store.exists(esx9)
    cluster = shown(vcenter, "esx1", "parent")
    spec_args = {"hostName": "esx9", "force": False}
    from hvsim.vcenter.values import data

    made = done(
        vcenter,
        cluster,
        "AddHost_Task",
        spec=data("HostConnectSpec", **spec_args),
        asConnected=True,
    )
    assert made in vcenter.store.value(cluster, "host")
    assert vcenter.store.value(cluster, "summary.numHosts") == 4
    assert vcenter.store.value(cluster, "summary.totalMemory") == 4 * 32 * GIB
    again = run(
        vcenter,
        cluster,
        "AddHost_Task",
        spec=data("HostConnectSpec", hostName="esx9", force=False),
        asConnected=True,
    )
    assert again["error"]["fault"].type == "AlreadyConnected"
