"""Ground truth through the control plane."""

from __future__ import annotations

from typing import Any

import zonelabs
from control_api import Api
from hvsim.hardware import Silence
from hvsim_fakes.lab import Lab
from labs import vm


def guests(api: Api) -> dict[str, Any]:
    (manager,) = api.get("/v1/truth").data["managers"]
    return {guest["name"]: guest for guest in manager["guests"]}


def test_truth_has_the_guests_and_no_templates_or_control_domains(api: Api) -> None:
    found = guests(api)
    assert list(found) == ["web", "db", "spare", "lost"]
    assert [found[name]["state"] for name in found] == ["running", "running", "stopped", "stopped"]
    assert (found["web"]["host"], found["web"]["home"]) == ("host1", None)
    assert (found["spare"]["host"], found["spare"]["home"]) == (None, "host3")
    assert found["web"]["native"]["power_state"] == "Running"


def test_truth_knows_a_guest_on_a_dead_machine_for_lost(api: Api) -> None:
    pool = api.lab.pools["pool1"]
    with api.lab.world.access() as world:
        world.hardware.crash("host1", Silence.REFUSED)
    assert guests(api)["db"]["state"] == "running"
    assert guests(api)["web"]["state"] == "lost"
    assert pool.db.row("VM", vm(pool, "web"))["power_state"] == "Running"


def test_truth_tells_a_hung_guest(api: Api) -> None:
    pool = api.lab.pools["pool1"]
    with api.lab.world.access():
        ref = vm(pool, "web")
        pool.insides[ref] = {**pool.insides[ref], "hung": True}
    assert guests(api)["web"]["state"] == "hung"


def test_truth_tells_hosts_apart_from_their_service(api: Api) -> None:
    pool = api.lab.pools["pool1"]
    with api.lab.world.access():
        member = pool.member_on("host2")
        assert member is not None
        member.running = False
    (manager,) = api.get("/v1/truth").data["managers"]
    host = next(host for host in manager["hosts"] if host["name"] == "host2")
    assert (host["alive"], host["answers"]) == (True, "refused")
    assert manager["native"]["master"] == "host1"


def test_truth_of_one_manager(api: Api) -> None:
    assert len(api.get("/v1/truth?manager=pool1").data["managers"]) == 1
    answer = api.get("/v1/truth?manager=pool9")
    assert answer.status == 404
    assert "pool1" in answer.data["detail"]


def test_the_lab_tells_where_its_members_answer(api: Api) -> None:
    state = api.get("/v1/lab").data
    (pool,) = state["pools"]
    assert pool["url"] == api.lab.url("pool1")
    assert [len(member["urls"]) for member in pool["members"]] == [2, 2, 2]
    assert state["scenario"] == "small"
    assert "password" not in str(state)


def test_the_lab_tells_where_every_product_answers() -> None:
    with Lab.from_scenario(zonelabs.data()) as lab:
        (address,) = Api(lab).get("/v1/lab").data["addresses"]
        assert address["owner"] == "sol1"
        assert [url.split(":")[0] for url in address["urls"]] == ["ssh"]
        assert address["answers"] is None
        lab.perform("server.crash", server=address["server"], silence="refused")
        (address,) = Api(lab).get("/v1/lab").data["addresses"]
        assert address["answers"] == "refused"
