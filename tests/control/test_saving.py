"""A lab as a file, and back in time, while its endpoints go on under the same addresses."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
import XenAPI

from hvsim.errors import InputError
from hvsim.xenserver.spec import PoolSpec
from hvsim_fakes.lab import Lab
from labs import guests, hosts

if TYPE_CHECKING:
    from control_api import Api


def rename(api: Api, description: str) -> None:
    session = XenAPI.Session(api.lab.url())
    session.xenapi.login_with_password(*api.lab.credentials())
    (ref,) = session.xenapi.VM.get_by_name_label("web")
    session.xenapi.VM.set_name_description(ref, description)


def description(api: Api) -> str:
    session = XenAPI.Session(api.lab.url())
    session.xenapi.login_with_password(*api.lab.credentials())
    (ref,) = session.xenapi.VM.get_by_name_label("web")
    return str(session.xenapi.VM.get_name_description(ref))


def test_a_saved_lab_is_restored_to_the_same_digest(scenic: Api) -> None:
    rename(scenic, "first")
    scenic.post("/v1/clock/advance", {"seconds": 30})
    state = scenic.get("/v1/lab").data
    answer = scenic.get("/v1/save")
    assert answer.headers["content-type"] == "application/vnd.hvsim.lab"
    rename(scenic, "second")
    assert scenic.get("/v1/lab").data["digest"] != state["digest"]
    restored = scenic.post("/v1/restore", answer.body)
    assert restored.status == 200
    again = scenic.get("/v1/lab").data
    assert (again["digest"], again["clock"]["time"]) == (state["digest"], 30.0)
    assert again["pools"][0]["url"] == state["pools"][0]["url"]
    assert description(scenic) == "first"


def test_a_rewind_forgets_what_came_after(scenic: Api) -> None:
    rename(scenic, "early")
    scenic.post("/v1/clock/advance", {"seconds": 100})
    rename(scenic, "late")
    assert description(scenic) == "late"
    assert scenic.post("/v1/rewind", {"to": 50}).data["time"] == 50.0
    assert description(scenic) == "early"
    assert scenic.post("/v1/clock/advance", {"seconds": 1}).data["time"] == 51.0


def test_a_rewind_keeps_the_clocks_mode(scenic: Api) -> None:
    scenic.post("/v1/clock/advance", {"seconds": 100})
    scenic.ask("PATCH", "/v1/clock", {"mode": "scaled", "scale": 0.001})
    state = scenic.post("/v1/rewind", {"to": 50}).data
    assert (state["mode"], state["scale"]) == ("scaled", 0.001)
    assert 50.0 <= state["time"] < 51.0


def test_a_rewind_ends_event_streams(scenic: Api) -> None:
    connection, stream = scenic.open("GET", "/v1/events/stream")
    stream.readline()
    reader = threading.Thread(target=stream.read)
    reader.start()
    scenic.post("/v1/rewind", {"to": 0})
    reader.join(timeout=20)
    assert not reader.is_alive()
    connection.close()


@pytest.mark.parametrize("to", [10, -1, "x"])
def test_a_rewind_goes_only_to_a_time_that_was(scenic: Api, to: object) -> None:
    answer = scenic.post("/v1/rewind", {"to": to})
    assert answer.status in {400, 422}
    assert "Traceback" not in answer.data["detail"]


@pytest.mark.parametrize("content", [b"", b"{}", b"\x00\xff", b'{"hvsim_lab": 99}\n'])
def test_what_is_no_saved_lab_is_refused_and_changes_nothing(scenic: Api, content: bytes) -> None:
    before = scenic.get("/v1/lab").data["digest"]
    answer = scenic.post("/v1/restore", content)
    assert answer.status == 422
    assert "saved lab" in answer.data["detail"]
    assert scenic.get("/v1/lab").data["digest"] == before


def test_a_tampered_lab_is_told_by_its_digest(scenic: Api) -> None:
    rename(scenic, "first")
    content = scenic.get("/v1/save").body
    tampered = content.replace(b'"first"', b'"other"')
    assert tampered != content
    answer = scenic.post("/v1/restore", tampered)
    assert answer.status == 409
    assert "digest" in answer.data["detail"]


def test_a_lab_without_scenario_says_that_it_cannot_be_saved(api: Api) -> None:
    for answer in (api.get("/v1/save"), api.post("/v1/rewind", {"to": 0})):
        assert answer.status == 422
        assert "scenario" in answer.data["detail"]


def test_logs_are_taken_from_the_first_line_on() -> None:
    events: list[bytes] = []
    journal: list[bytes] = []
    spec = PoolSpec(name="pool1", hosts=hosts(), guests=guests())
    with Lab.from_scenario(spec, events=events.append, journal=journal.append) as lab:
        generation = lab.world.log.generation
        assert len(events) == generation > 0
        lab.perform("server.backup", server="host1", image="a")
        assert len(events) == generation + 1
        assert b'"server.backup"' in journal[-1]
        lab.rewind(0)
        lab.perform("server.backup", server="host1", image="b")
        assert b'"b"' in journal[-1]


def test_shipped_scenarios_go_by_name() -> None:
    with Lab.from_scenario("small") as lab:
        assert lab.scenario_name == "small"
        assert lab.pools
    with pytest.raises(InputError, match="small"):
        Lab.from_scenario("no-such-scenario")
    with pytest.raises(InputError, match="cannot be read"):
        Lab.from_scenario("missing/file.toml")
