"""Alarms: the product's own, those of clients, and what becomes of them over time."""

from __future__ import annotations

import pytest

from hvsim.hardware import Silence
from hvsim.vcenter import alarmstate
from hvsim.vcenter.alarm import MANAGER
from hvsim.vcenter.content import ROOT
from hvsim.vcenter.event import MANAGER as EVENTS
from hvsim.vcenter.faults import VimFault
from hvsim.vcenter.values import data
from vclabs import call, done, host, kinds, lab, latest, named, vm
from vcshapes import judge, judge_object

UNREACHED = "Host connection and power state"


def alarm(vcenter, name):
    found = [one.ref for one in vcenter.store.of_type("Alarm") if one["info.name"] == name]
    assert len(found) == 1, name
    return found[0]


def state(kind, path, **colours):
    return data("StateAlarmExpression", operator="isEqual", type=kind, statePath=path, **colours)


def spec(name, expression, **more):
    return data("AlarmSpec", name=name, description="", enabled=True, expression=expression, **more)


def triggered(vcenter, ref):
    listed = vcenter.store.value(ref, "triggeredAlarmState")
    return [
        (vcenter.store.value(one["alarm"], "info.name"), one["overallStatus"]) for one in listed
    ]


def lost(vcenter, name):
    vcenter.world.hardware.crash(name, Silence.DROPPED)
    vcenter.world.advance(90)


def test_the_products_own_alarms_are_as_vim25_says():
    vcenter = lab()
    for found in vcenter.store.of_type("Alarm"):
        assert judge_object(found.ref, found.properties) == []
        assert found["info.entity"] == ROOT
    assert vcenter.store.value(alarm(vcenter, UNREACHED), "info.systemName") == (
        "alarm.HostConnectionStateAlarm"
    )


def test_a_host_that_is_lost_turns_its_alarm_red_and_all_above_show_it():
    vcenter = lab()
    before = latest(vcenter)
    lost(vcenter, "esx1")
    esx1 = host(vcenter, "esx1")
    cluster = named(vcenter, "ClusterComputeResource", "c1")
    for ref in (esx1, cluster, ROOT):
        assert triggered(vcenter, ref) == [(UNREACHED, "red")]
    assert triggered(vcenter, host(vcenter, "esx2")) == []
    assert vcenter.store.value(esx1, "overallStatus") == "red"
    assert "AlarmStatusChangedEvent" in kinds(vcenter, before)
    told = next(e for e in vcenter.events if e.type == "AlarmStatusChangedEvent")
    assert (told["from"], told["to"], told["entity"]["entity"]) == ("green", "red", esx1)
    assert judge(told) == []
    states = vcenter.store.value(esx1, "declaredAlarmState")
    assert len(states) == len(list(vcenter.store.of_type("Alarm")))
    assert all(judge(one) == [] for one in states)


def test_it_turns_green_when_the_host_is_back():
    vcenter = lab()
    lost(vcenter, "esx1")
    vcenter.world.hardware.boot("esx1")
    vcenter.world.advance(600)
    assert triggered(vcenter, ROOT) == []
    assert vcenter.store.value(host(vcenter, "esx1"), "overallStatus") == "green"
    last = [e for e in vcenter.events if e.type == "AlarmStatusChangedEvent"][-1]
    assert (last["from"], last["to"]) == ("red", "green")


def test_a_host_that_is_disconnected_on_purpose_triggers_nothing():
    vcenter = lab()
    done(vcenter, host(vcenter, "esx1"), "DisconnectHost_Task")
    assert triggered(vcenter, ROOT) == []


def test_acknowledging_is_kept_until_it_changes():
    vcenter = lab()
    lost(vcenter, "esx1")
    esx1, one = host(vcenter, "esx1"), alarm(vcenter, UNREACHED)
    call(vcenter, MANAGER, "AcknowledgeAlarm", alarm=one, entity=esx1)
    for ref in (esx1, ROOT):
        (shown,) = vcenter.store.value(ref, "triggeredAlarmState")
        assert shown["acknowledged"]
        assert shown["acknowledgedByUser"]
    assert kinds(vcenter)[-1] == "AlarmAcknowledgedEvent"


def test_an_alarm_of_a_client_judges_what_there_is_and_what_changes():
    vcenter = lab()
    made = spec("off", state("VirtualMachine", "runtime.powerState", yellow="poweredOff"))
    one = call(vcenter, MANAGER, "CreateAlarm", entity=ROOT, spec=made)
    spare, web = vm(vcenter, "spare"), vm(vcenter, "web")
    assert triggered(vcenter, spare) == [("off", "yellow")]
    assert triggered(vcenter, web) == []
    done(vcenter, web, "PowerOffVM_Task")
    assert triggered(vcenter, web) == [("off", "yellow")]
    call(vcenter, one, "RemoveAlarm")
    assert triggered(vcenter, ROOT) == []
    assert not vcenter.store.exists(one)
    with pytest.raises(VimFault, match="ManagedObjectNotFound"):
        call(vcenter, one, "RemoveAlarm")


def test_an_alarm_is_about_what_lies_below_its_entity_only():
    vcenter = lab()
    made = spec("off", state("VirtualMachine", "runtime.powerState", red="poweredOff"))
    call(vcenter, MANAGER, "CreateAlarm", entity=vm(vcenter, "web"), spec=made)
    assert triggered(vcenter, ROOT) == []
    done(vcenter, vm(vcenter, "web"), "PowerOffVM_Task")
    assert triggered(vcenter, ROOT) == [("off", "red")]


def test_a_changed_alarm_is_judged_again():
    vcenter = lab()
    made = spec("x", state("VirtualMachine", "runtime.powerState", red="poweredOff"))
    one = call(vcenter, MANAGER, "CreateAlarm", entity=ROOT, spec=made)
    changed = spec("y", state("VirtualMachine", "runtime.powerState", yellow="suspended"))
    call(vcenter, one, "ReconfigureAlarm", spec=changed)
    assert triggered(vcenter, ROOT) == []
    assert vcenter.store.value(one, "info.name") == "y"
    assert kinds(vcenter)[-2:] == ["AlarmReconfiguredEvent", "AlarmStatusChangedEvent"]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"name": UNREACHED}, "DuplicateName"),
        ({"name": ""}, "InvalidArgument"),
        ({"expression": data("AlarmExpression")}, "InvalidArgument"),
        ({"expression": data("OrAlarmExpression", expression=[])}, "InvalidArgument"),
    ],
)
def test_what_is_no_alarm_is_refused(changes, fault):
    vcenter = lab()
    good = spec("x", state("VirtualMachine", "runtime.powerState", red="poweredOff"))
    with pytest.raises(VimFault, match=fault):
        call(vcenter, MANAGER, "CreateAlarm", entity=ROOT, spec=good.having(**changes))


def test_an_alarm_follows_events_that_clients_post():
    vcenter = lab()
    listens = data(
        "OrAlarmExpression",
        expression=[
            data("EventAlarmExpression", eventType=kind, eventTypeId=name, status=status)
            for kind, name, status in (
                ("EventEx", "my.bad", "red"),
                ("vim.event.EventEx", "my.good", "green"),
            )
        ],
    )
    call(vcenter, MANAGER, "CreateAlarm", entity=ROOT, spec=spec("mine", listens))
    web = vm(vcenter, "web")
    expected = {"my.bad": [("mine", "red")], "my.other": [("mine", "red")], "my.good": []}
    for name, found in expected.items():
        posted = data(
            "EventEx",
            key=0,
            chainId=0,
            userName="",
            eventTypeId=name,
            objectId=web.moid,
            objectType=web.type,
        )
        call(vcenter, EVENTS, "PostEvent", eventToPost=posted)
        assert triggered(vcenter, web) == found


def test_a_user_writes_into_the_log():
    vcenter = lab()
    call(vcenter, EVENTS, "LogUserEvent", entity=vm(vcenter, "web"), msg="hello")
    assert vcenter.events[-1]["message"] == "hello"
    assert judge(vcenter.events[-1]) == []


def test_clearing_clears_what_is_asked_for():
    vcenter = lab()
    lost(vcenter, "esx1")
    for entity, left in (("entityTypeVm", 1), ("entityTypeHost", 0)):
        wanted = data("AlarmFilterSpec", status=["red"], typeEntity=entity)
        call(vcenter, MANAGER, "ClearTriggeredAlarms", filter=wanted)
        assert len(alarmstate.triggered(vcenter)) == left
