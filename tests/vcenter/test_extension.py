"""Extensions and the tasks of theirs that vCenter shows."""

from __future__ import annotations

import pytest

from hvsim import scenario
from hvsim.vcenter import likeness
from hvsim.vcenter.extension import MANAGER
from hvsim.vcenter.faults import VimFault
from hvsim.vcenter.task import MANAGER as TASKS
from hvsim.vcenter.values import data
from vclabs import Caller

TYPE = "com.example.work"


@pytest.fixture
def vcenter():
    made = likeness.scenario(likeness.Model(), "127.88.0.1") | {"clock": {"mode": "stepped"}}
    return scenario.build(scenario.from_data(made), 1).product("vcsim")


def call(vcenter, ref, method, **args):
    return vcenter.call(Caller("user"), ref, method, args)


def extension(version="1"):
    kind = data("ExtensionTaskTypeInfo", taskID=TYPE)
    return data("Extension", key="com.example", version=version, taskList=[kind])


def begun(vcenter):
    call(vcenter, MANAGER, "RegisterExtension", extension=extension())
    args = {"obj": vcenter.root, "taskTypeId": TYPE, "cancelable": True}
    return call(vcenter, TASKS, "CreateTask", **args)["task"]


def test_one_is_registered_updated_and_unregistered(vcenter):
    call(vcenter, MANAGER, "RegisterExtension", extension=extension())
    with pytest.raises(VimFault, match="InvalidArgument"):
        call(vcenter, MANAGER, "RegisterExtension", extension=extension())
    call(vcenter, MANAGER, "UpdateExtension", extension=extension("2"))
    found = call(vcenter, MANAGER, "FindExtension", extensionKey="com.example")
    assert found["version"] == "2"
    call(vcenter, MANAGER, "UnregisterExtension", extensionKey="com.example")
    with pytest.raises(VimFault, match="NotFound"):
        call(vcenter, MANAGER, "UnregisterExtension", extensionKey="com.example")
    with pytest.raises(VimFault, match="NotFound"):
        call(vcenter, MANAGER, "UpdateExtension", extension=extension())


def test_its_task_is_told_about_until_it_ends(vcenter):
    task = begun(vcenter)
    assert vcenter.store.value(task, "info.state") == "queued"
    call(vcenter, task, "SetTaskState", state="running")
    call(vcenter, task, "UpdateProgress", percentDone=42)
    assert vcenter.store.value(task, "info.progress") == 42
    call(vcenter, task, "SetTaskState", state="success")
    assert vcenter.store.value(task, "info.completeTime") is not None
    for method, args in (("SetTaskState", {"state": "running"}), ("CancelTask", {})):
        with pytest.raises(VimFault, match="InvalidState"):
            call(vcenter, task, method, **args)


def test_its_task_is_asked_to_end_and_goes_on(vcenter):
    task = begun(vcenter)
    call(vcenter, task, "CancelTask")
    assert vcenter.store.value(task, "info.cancelled") is True
    assert vcenter.store.value(task, "info.state") == "queued"


def test_there_is_no_task_of_a_type_that_nobody_registered(vcenter):
    with pytest.raises(VimFault, match="InvalidArgument"):
        call(vcenter, TASKS, "CreateTask", obj=vcenter.root, taskTypeId=TYPE, cancelable=True)


def test_those_of_a_scenario_are_registered(vcenter):
    (found,) = vcenter.store.value(MANAGER, "extensionList")
    assert [one["taskID"] for one in found["taskList"]] == ["com.vmware.govmomi.simulator.test"]
