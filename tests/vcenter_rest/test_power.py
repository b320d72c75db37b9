"""Power of machines, by their hardware and by their guests."""

import threading

import pytest

from hvsim.stages import OperationFailNext, StageHold, StageRelease
from vcenter_rest.rest import READER, READER_PASSWORD, Rest, running
from vcenter_wire.test_updates import create, told, version_of, wait
from vcenter_wire.vim import spec


@pytest.fixture
def rest():
    with running(Rest().login()) as found:
        yield found


def state(rest, name):
    return rest.get(f"/vcenter/vm/{rest.moid(name)}/power")["state"]


def act(rest, name, action):
    return rest.send("POST", f"/api/vcenter/vm/{rest.moid(name)}/power?action={action}")


def test_on_off_suspended_and_reset(rest):
    for action, expected in (
        ("start", "POWERED_ON"),
        ("reset", "POWERED_ON"),
        ("suspend", "SUSPENDED"),
        ("start", "POWERED_ON"),
        ("suspend", "SUSPENDED"),
        ("stop", "POWERED_OFF"),
    ):
        before = rest.world.now
        answer = act(rest, "vm0", action)
        assert (answer.status, answer.json) == (204, None)
        assert state(rest, "vm0") == expected
        assert rest.world.now > before, "it is over at once"


def test_the_older_paths_do_the_same(rest):
    power = f"/vcenter/vm/{rest.moid('vm0')}/power"
    assert rest.old("POST", f"{power}/start") is None
    assert rest.old("GET", power) == {"state": "POWERED_ON"}
    answer = rest.send("POST", f"/rest{power}/start")
    assert answer.status == 400
    assert answer.json["type"] == "com.vmware.vapi.std.errors.already_in_desired_state"


@pytest.mark.parametrize(
    ("before", "action", "error", "code"),
    [
        ("on", "start", "ALREADY_IN_DESIRED_STATE", "already_powered_on"),
        ("off", "stop", "ALREADY_IN_DESIRED_STATE", "already_powered_off"),
        ("suspended", "suspend", "ALREADY_IN_DESIRED_STATE", "already_suspended"),
        ("off", "suspend", "NOT_ALLOWED_IN_CURRENT_STATE", "powered_off"),
        ("off", "reset", "NOT_ALLOWED_IN_CURRENT_STATE", "powered_off"),
        ("suspended", "reset", "NOT_ALLOWED_IN_CURRENT_STATE", "suspended"),
    ],
)
def test_what_a_state_does_not_allow(rest, before, action, error, code):
    name = "vm1" if before == "on" else "vm0"
    if before == "suspended":
        act(rest, name, "start")
        act(rest, name, "suspend")
    was = state(rest, name)
    answer = act(rest, name, action)
    assert answer.error == (400, error)
    codes = [one["id"] for one in answer.json["messages"]]
    assert codes == [f"com.vmware.api.vcenter.vm.power.{code}", "vmsg.InvalidPowerState.summary"]
    assert state(rest, name) == was


def test_a_template_does_not_start(rest):
    rest.vcenter.store.change(rest.vim.vm("vm0"), "config.template", value=True)
    assert act(rest, "vm0", "start").error == (400, "UNSUPPORTED")


def test_a_failed_start_tells_why(rest):
    error = ["InsufficientResourcesFault"]
    rest.world.execute(OperationFailNext(operation="VirtualMachine.PowerOnVM", error=error))
    answer = act(rest, "vm0", "start")
    assert answer.error == (400, "UNABLE_TO_ALLOCATE_RESOURCE")
    assert answer.json["messages"][-1]["id"] == "vmsg.InsufficientResourcesFault.summary"


def test_two_at_once_are_one_too_many(rest):
    rest.world.execute(StageHold(name="h", operation="VirtualMachine.SuspendVM", stage="save"))
    answers = []
    first = threading.Thread(target=lambda: answers.append(act(rest, "vm1", "suspend")))
    first.start()
    locks, vm = rest.vcenter.locks, rest.moid("vm1")
    assert rest.world.park((rest.vcenter.path,), lambda: vm in locks, 30)
    assert act(rest, "vm1", "reset").error == (400, "RESOURCE_BUSY")
    rest.world.execute(StageRelease(name="h"))
    first.join(30)
    assert [answer.status for answer in answers] == [204]
    assert state(rest, "vm1") == "SUSPENDED"


def test_a_reader_switches_nothing(rest):
    reader = rest.other().login(READER, READER_PASSWORD)
    for action in ("start", "stop", "suspend", "reset"):
        assert act(reader, "vm1", action).error == (403, "UNAUTHORIZED")
    assert state(reader, "vm1") == "POWERED_ON"


def test_vim25_is_told_what_rest_did(rest):
    vim = rest.vim.login()
    vm = vim.vm("vm0")
    create(vim, spec(vm, "VirtualMachine", "runtime.powerState"))
    first = wait(vim)
    act(rest, "vm0", "start")
    second = wait(vim, version_of(first))
    assert told(second) == [("modify", vm.moid, {"runtime.powerState": "poweredOn"})]
    kinds = [event.type for event in rest.vcenter.events]
    assert kinds[-2:] == ["VmStartingEvent", "VmPoweredOnEvent"]
    assert rest.vcenter.events[-1]["userName"].endswith("Administrator")


def test_rest_sees_what_vim25_did(rest):
    rest.vim.login().call("PowerOnVM_Task", rest.vim.vm("vm0"))
    rest.world.advance(10)
    assert state(rest, "vm0") == "POWERED_ON"


def test_a_guest_is_asked_to_shut_down(rest):
    power = f"/vcenter/vm/{rest.moid('vm1')}/guest/power"
    answer = rest.send("POST", f"/api{power}?action=shutdown")
    assert answer.status == 204
    assert state(rest, "vm1") == "POWERED_ON"
    rest.world.advance(60)
    assert rest.get(f"/vcenter/vm/{rest.moid('vm1')}/power") == {
        "state": "POWERED_OFF",
        "clean_power_off": True,
    }
    assert rest.refused("POST", f"{power}?action=shutdown") == (400, "ALREADY_IN_DESIRED_STATE")
    for action in ("reboot", "standby"):
        refusal = rest.refused("POST", f"{power}?action={action}")
        assert refusal == (400, "NOT_ALLOWED_IN_CURRENT_STATE")


def test_a_guest_without_tools_cannot_be_asked(rest):
    vm = rest.vim.vm("vm1")
    rest.vcenter.store.change(vm, "guest.toolsRunningStatus", "guestToolsNotRunning")
    for action in ("shutdown", "reboot", "standby"):
        path = f"/vcenter/vm/{vm.moid}/guest/power?action={action}"
        assert rest.refused("POST", path) == (503, "SERVICE_UNAVAILABLE")
