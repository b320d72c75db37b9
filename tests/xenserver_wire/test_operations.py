"""Calls that take simulated time: waited for, or followed by a task."""

import pytest

from hvsim.clock import Clock, ClockMode
from labs import vm
from xenserver_wire.wire import Wire, failure, parked, told


@pytest.fixture(params=["xenserver-5.5", "xenserver-8"])
def wire(request):
    return Wire(request.param)


def test_a_call_that_takes_time_is_answered_at_its_end(wire):
    session, spare = wire.login(), vm(wire.pool, "spare")
    call = ("VM.start", session, spare, False, False)
    with parked(wire, lambda: wire.xml(*call)) as result:
        assert wire.pool.db.row("VM", spare)["power_state"] == "Halted"
        wire.pool.world.advance(3600)
        assert result() == ""
    assert wire.xml("VM.get_power_state", session, spare) == "Running"


def test_others_are_served_meanwhile(wire):
    session, spare = wire.login(), vm(wire.pool, "spare")
    with parked(wire, lambda: wire.xml("VM.start", session, spare, False, False)) as result:
        assert wire.xml("VM.get_power_state", session, spare) == "Halted"
        assert failure(wire.xml, "VM.start", session, spare, False, False)
        wire.pool.world.advance(3600)
        result()


def test_a_task_follows_an_asynchronous_call(wire):
    session, spare = wire.login(), vm(wire.pool, "spare")
    task = wire.xml("Async.VM.start", session, spare, False, False)
    assert wire.xml("task.get_status", session, task) == "pending"
    wire.pool.world.advance(3600)
    record = wire.xml("task.get_record", session, task)
    assert (record["status"], record["progress"], record["error_info"]) == ("success", 1.0, [])
    wire.xml("task.destroy", session, task)
    assert failure(wire.xml, "task.get_record", session, task) == ["HANDLE_INVALID", "task", task]


def test_a_refused_call_leaves_no_operation(wire):
    session, web = wire.login(), vm(wire.pool, "web")
    description = failure(wire.xml, "VM.start", session, web, False, False)
    assert description == ["VM_BAD_POWER_STATE", web, "halted", "running"]


def test_the_end_of_an_operation_wakes_an_event_listener():
    wire = Wire()
    session, spare = wire.login(), vm(wire.pool, "spare")
    token = wire.xml("event.from", session, ["task"], "", 0.0)["token"]
    task = wire.xml("Async.VM.start", session, spare, False, False)
    batch = wire.xml("event.from", session, ["task"], token, 0.0)
    assert ("add", "task", task) in told(batch)

    def ended():
        call = ("event.from", session, [f"task/{task}"], batch["token"], 60.0)
        return wire.xml(*call)["events"][-1]["snapshot"]

    with parked(wire, ended) as result:
        wire.pool.world.advance(3600)
        assert result()["name_label"] == "Async.VM.start"


def test_events_are_gathered_for_a_moment_while_time_flows():
    wire = Wire(clock=Clock(ClockMode.SCALED, 1000.0))
    session, web = wire.login(), vm(wire.pool, "web")
    token = wire.xml("event.from", session, ["vm"], "", 0.0)["token"]
    wire.xml("VM.set_name_label", session, web, "n")
    batch = wire.xml("event.from", session, ["vm"], token, 60.0)
    assert ("mod", "vm", web) in told(batch)
