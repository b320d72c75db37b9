"""Power of machines, and the tasks and events that tell of it."""

from __future__ import annotations

import pytest

from hvsim.operations import StageRule
from hvsim.vcenter.faults import VimFault
from vclabs import call, done, ended, failed, host, info, kinds, lab, latest, run, spec, vm


def state(vcenter, ref):
    return vcenter.store.value(ref, "runtime.powerState")


def test_a_task_is_queued_then_runs_then_succeeds():
    vcenter = lab()
    spare = vm(vcenter, "spare")
    after = latest(vcenter)
    task = call(vcenter, spare, "PowerOnVM_Task")
    shown = info(vcenter, task)
    assert (shown["state"], shown["name"], shown["entity"]) == ("running", "PowerOnVM_Task", spare)
    assert shown["descriptionId"] == "VirtualMachine.powerOn"
    assert task in vcenter.store.value(spare, "recentTask")
    assert state(vcenter, spare) == "poweredOff"
    shown = ended(vcenter, task)
    assert shown["state"] == "success"
    assert (shown["completeTime"] - shown["startTime"]).total_seconds() == 3
    assert state(vcenter, spare) == "poweredOn"
    assert kinds(vcenter, after) == ["VmStartingEvent", "VmPoweredOnEvent"]
    chains = {event["chainId"] for event in vcenter.events if event["key"] > after}
    assert chains == {shown["eventChainId"]}


def test_a_wrong_power_state_fails_the_task():
    vcenter = lab()
    shown = run(vcenter, vm(vcenter, "web"), "PowerOnVM_Task")
    fault = shown["error"]["fault"]
    assert (shown["state"], fault.type) == ("error", "InvalidPowerState")
    assert (fault["requestedState"], fault["existingState"]) == ("poweredOn", "poweredOn")
    assert failed(vcenter, vm(vcenter, "spare"), "PowerOffVM_Task") == "InvalidPowerState"
    assert failed(vcenter, vm(vcenter, "spare"), "SuspendVM_Task") == "InvalidPowerState"


def test_a_second_task_on_a_machine_is_refused():
    vcenter = lab()
    spare = vm(vcenter, "spare")
    first = call(vcenter, spare, "PowerOnVM_Task")
    second = call(vcenter, spare, "PowerOnVM_Task")
    assert info(vcenter, second)["error"]["fault"].type == "TaskInProgress"
    assert ended(vcenter, first)["state"] == "success"


def test_suspend_and_resume_keep_the_boot():
    vcenter = lab()
    web = vm(vcenter, "web")
    boots = vcenter.insides[web.moid].boots
    done(vcenter, web, "SuspendVM_Task")
    assert state(vcenter, web) == "suspended"
    assert vcenter.store.value(web, "runtime.suspendTime") is not None
    done(vcenter, web, "PowerOnVM_Task")
    assert vcenter.insides[web.moid].boots == boots
    assert vcenter.store.value(web, "guest.toolsRunningStatus") == "guestToolsRunning"


def test_the_guests_own_shutdown_takes_no_task():
    vcenter = lab()
    web = vm(vcenter, "web")
    assert call(vcenter, web, "ShutdownGuest") is None
    assert state(vcenter, web) == "poweredOn"
    vcenter.world.advance(15)
    assert state(vcenter, web) == "poweredOff"
    assert "VmGuestShutdownEvent" in kinds(vcenter)


@pytest.mark.parametrize("method", ["ShutdownGuest", "RebootGuest", "StandbyGuest"])
def test_without_tools_the_guest_cannot_be_asked(method):
    vcenter = lab()
    with pytest.raises(VimFault, match="ToolsUnavailable"):
        call(vcenter, vm(vcenter, "bare"), method)


def test_standby_suspends():
    vcenter = lab()
    web = vm(vcenter, "web")
    call(vcenter, web, "StandbyGuest")
    vcenter.world.advance(30)
    assert state(vcenter, web) == "suspended"


def test_a_forced_failure_is_told_in_vim25():
    vcenter = lab()
    error = VimFault("GenericVmConfigFault", reason="lab")
    rule = StageRule(kind="VirtualMachine.PowerOnVM", stage="start", error=error)
    vcenter.world.operations.add_rule("broken", rule)
    assert failed(vcenter, vm(vcenter, "spare"), "PowerOnVM_Task") == "GenericVmConfigFault"
    assert state(vcenter, vm(vcenter, "spare")) == "poweredOff"


def test_a_host_of_another_cluster_is_refused():
    vcenter = lab()
    there = host(vcenter, "esx9")
    assert failed(vcenter, vm(vcenter, "spare"), "PowerOnVM_Task", host=there) == "InvalidArgument"


def test_templates_are_not_powered_on():
    vcenter = lab()
    spare = vm(vcenter, "spare")
    call(vcenter, spare, "MarkAsTemplate")
    assert vcenter.store.value(spare, "summary.config.template") is True
    assert vcenter.store.value(spare, "resourcePool") is None
    assert failed(vcenter, spare, "PowerOnVM_Task") == "NotSupported"


def test_ended_tasks_go_after_ten_minutes():
    vcenter = lab()
    first = call(vcenter, vm(vcenter, "spare"), "PowerOnVM_Task")
    ended(vcenter, first)
    vcenter.world.advance(601)
    call(vcenter, vm(vcenter, "web"), "PowerOffVM_Task")
    assert not vcenter.store.exists(first)
    assert vcenter.task_history[-1]["key"] == first.moid
    assert first not in vcenter.store.value(vm(vcenter, "spare"), "recentTask")


def test_memory_that_no_host_has_is_refused():
    vcenter = lab()
    spare = vm(vcenter, "spare")
    done(vcenter, spare, "ReconfigVM_Task", spec=spec("VirtualMachineConfigSpec", memoryMB=10**6))
    fault = failed(vcenter, spare, "PowerOnVM_Task")
    assert fault == "InsufficientMemoryResourcesFault"
