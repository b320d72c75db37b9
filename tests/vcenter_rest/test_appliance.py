"""The vCenter's own machine: ways in, and its shutdown."""

import pytest

from hvsim.hardware import Power
from hvsim.stages import StageOverride
from vcenter_rest.rest import READER, READER_PASSWORD, Rest

PATH = "/appliance/shutdown"


@pytest.fixture
def rest():
    return Rest(1).login()


@pytest.mark.parametrize("service", ["consolecli", "dcui", "ssh"])
def test_ways_in(rest, service):
    path = f"/appliance/access/{service}"
    before = rest.get(path)
    assert before == (service != "ssh")
    assert rest.send("PUT", f"/api{path}", {"enabled": not before}).status == 204
    assert rest.get(path) != before
    assert rest.old("PUT", path, {"enabled": before}) is None
    assert rest.old("GET", path) == before
    assert rest.refused("PUT", path, {"enabled": 1}) == (400, "INVALID_ARGUMENT")


def test_the_shell_closes_by_itself(rest):
    path = "/appliance/access/shell"
    assert rest.get(path) == {"enabled": False, "timeout": 0}
    assert rest.send("PUT", f"/api{path}", {"enabled": True, "timeout": 240}).status == 204
    rest.world.advance(200)
    assert rest.get(path) == {"enabled": True, "timeout": 40}
    rest.world.advance(41)
    assert rest.get(path) == {"enabled": False, "timeout": 0}
    rest.old("PUT", path, {"config": {"enabled": True, "timeout": 0}})
    rest.world.advance(1_000)
    assert rest.get(path)["enabled"]
    too_long = {"enabled": True, "timeout": 86_401}
    assert rest.refused("PUT", path, too_long) == (400, "INVALID_ARGUMENT")


def test_a_shutdown_comes_when_it_is_planned(rest):
    assert rest.get(PATH) == {"action": "", "reason": ""}
    rest.post(f"{PATH}?action=reboot", {"delay": 5, "reason": "first"})
    rest.post(f"{PATH}?action=poweroff", {"delay": 10, "reason": "moving"})
    assert rest.get(PATH) == {
        "action": "poweroff",
        "reason": "moving",
        "shutdown_time": "2026-01-05T08:10:00.000Z",
    }
    rest.world.advance(599)
    assert rest.vcenter.answers() is None
    rest.world.advance(2)
    assert rest.vcenter.server.power is Power.OFF
    assert rest.vcenter.answers() is not None
    assert rest.vcenter.appliance.plan is None
    rest.world.advance(3_600)
    assert rest.vcenter.server.power is Power.OFF


def test_no_rule_about_stages_makes_its_delay_shorter(rest):
    rest.world.execute(StageOverride(name="quick", seconds=0.0))
    rest.post(f"{PATH}?action=poweroff", {"delay": 1, "reason": "x"})
    rest.world.advance(59)
    assert rest.vcenter.answers() is None
    rest.world.advance(2)
    assert rest.vcenter.answers() is not None


def test_a_reboot_brings_it_back(rest):
    rest.old("POST", f"{PATH}/reboot", {"delay": 0, "reason": ""})
    rest.world.advance(2)
    assert rest.vcenter.server.power is Power.OFF
    rest.world.advance(120)
    assert rest.vcenter.server.power is Power.ON
    assert rest.get("/vcenter/vm")


def test_a_shutdown_is_taken_back(rest):
    assert rest.post(f"{PATH}?action=cancel") is None
    rest.post(f"{PATH}?action=poweroff", {"delay": 1, "reason": "x"})
    rest.post(f"{PATH}?action=cancel")
    assert rest.get(PATH) == {"action": "", "reason": ""}
    rest.world.advance(600)
    assert rest.vcenter.answers() is None
    wrong = {"delay": -1, "reason": "x"}
    assert rest.refused("POST", f"{PATH}?action=poweroff", wrong) == (400, "INVALID_ARGUMENT")
    assert rest.refused("POST", f"{PATH}?action=poweroff", {}) == (400, "INVALID_ARGUMENT")


def test_a_reader_does_neither(rest):
    reader = rest.other().login(READER, READER_PASSWORD)
    assert reader.get("/appliance/access/dcui")
    refused = (403, "UNAUTHORIZED")
    assert reader.refused("PUT", "/appliance/access/dcui", {"enabled": False}) == refused
    plan = {"delay": 1, "reason": "x"}
    assert reader.refused("POST", f"{PATH}?action=poweroff", plan) == refused
    assert rest.get(PATH)["action"] == ""
