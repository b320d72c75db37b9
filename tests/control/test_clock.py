"""Time through the control plane."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hvsim.operations import Stage

if TYPE_CHECKING:
    from control_api import Api
    from hvsim.operations import Operation, Steps


def slow(api: Api, seconds: float) -> Operation:
    def steps() -> Steps:
        yield Stage("work", seconds, 1.0)

    with api.lab.world.access() as world:
        return world.operations.start("test.work", "test", steps())


def test_a_stepped_clock_moves_as_far_as_asked(api: Api) -> None:
    assert api.get("/v1/clock").data == {"time": 0.0, "mode": "stepped", "scale": 1.0, "next": None}
    assert api.post("/v1/clock/advance", {"seconds": 90.5}).data["time"] == 90.5
    assert api.post("/v1/clock/advance", {"to": 100}).data["time"] == 100.0
    assert api.lab.world.now == 100.0


def test_the_clock_does_not_go_back(api: Api) -> None:
    api.post("/v1/clock/advance", {"seconds": 10})
    answer = api.post("/v1/clock/advance", {"to": 5})
    assert answer.status == 422
    assert "rewind" in answer.data["detail"]
    assert api.lab.world.now == 10.0


@pytest.mark.parametrize("body", [{}, {"seconds": 1, "to": 5}])
def test_advance_takes_one_of_two_wishes(api: Api, body: dict[str, float]) -> None:
    assert api.post("/v1/clock/advance", body).status == 422


def test_next_goes_to_what_is_due(api: Api) -> None:
    operation = slow(api, 30)
    first = api.post("/v1/clock/next").data
    assert first["reached"]
    while not operation.done:
        assert api.post("/v1/clock/next").data["reached"]
    assert api.lab.world.now == 30.0
    assert not api.post("/v1/clock/next").data["reached"]


def test_settle_runs_until_nothing_is_under_way(api: Api) -> None:
    operation = slow(api, 300)
    answer = api.post("/v1/clock/settle", {"limit": 100}).data
    assert not answer["reached"]
    assert not operation.done
    assert answer["time"] <= 100.0
    answer = api.post("/v1/clock/settle").data
    assert answer["reached"]
    assert operation.done
    assert answer["time"] == 300.0


def test_modes_change_and_a_pause_remembers_the_mode(api: Api) -> None:
    changed = api.ask("PATCH", "/v1/clock", {"mode": "scaled", "scale": 60}).data
    assert (changed["mode"], changed["scale"]) == ("scaled", 60.0)
    assert api.post("/v1/clock/pause").data["mode"] == "paused"
    still = api.get("/v1/clock").data["time"]
    assert api.get("/v1/clock").data["time"] == still
    resumed = api.post("/v1/clock/resume").data
    assert (resumed["mode"], resumed["scale"]) == ("scaled", 60.0)


@pytest.mark.parametrize(
    "body", [{"mode": "sideways"}, {"scale": 0}, {"scale": -2}, {"scale": "1"}]
)
def test_impossible_modes_are_refused(api: Api, body: dict[str, object]) -> None:
    assert api.ask("PATCH", "/v1/clock", body).status == 400
    assert api.get("/v1/clock").data["mode"] == "stepped"


def test_real_time_has_no_other_scale(api: Api) -> None:
    assert api.ask("PATCH", "/v1/clock", {"mode": "real", "scale": 3}).status == 422


def test_operations_under_way_are_listed_and_waited_for(api: Api) -> None:
    operation = slow(api, 30)
    api.post("/v1/clock/advance", {"seconds": 1})
    (listed,) = api.get("/v1/operations?subject=test").data
    assert listed["id"] == operation.id
    assert (listed["stage"], listed["due"], listed["state"]) == ("work", 30.0, "running")
    assert api.get("/v1/operations?subject=other").data == []
    ask = {"operation": operation.id}
    assert api.post("/v1/operations/wait", {**ask, "seconds": 0}).data == {"done": False}
    api.post("/v1/clock/advance", {"seconds": 30})
    assert api.post("/v1/operations/wait", ask).data == {"done": True}
