"""Who may use the control plane, and what a wrong request is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hvsim.commands import kinds
from hvsim_fakes.control.api import routes

if TYPE_CHECKING:
    from control_api import Answer, Api


def problem(answer: Answer) -> str:
    """Judge the form of a problem object and return its sentence."""
    assert answer.headers["content-type"] == "application/problem+json"
    data = answer.data
    assert data["status"] == answer.status
    assert data["type"] == "about:blank"
    assert data["title"]
    assert "Traceback" not in data["detail"]
    assert "\n" not in data["detail"]
    return data["detail"]


@pytest.mark.parametrize("route", [one for one in routes() if not one.open], ids=lambda r: r.name)
def test_every_closed_route_needs_the_token(api: Api, route: Any) -> None:
    path = route.path.replace("{", "").replace("}", "")
    answer = api.ask(route.method, path, token="wrong")
    assert answer.status == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert "token" in problem(answer)


def test_open_routes_show_nothing_of_the_lab(api: Api) -> None:
    for route in routes():
        if route.open:
            answer = api.ask(route.method, route.path, token="wrong")
            assert answer.status == 200
            assert api.lab.token.encode() not in answer.body
            assert b"pool1" not in answer.body


def test_an_unknown_path_names_where_to_look(api: Api) -> None:
    answer = api.get("/v1/nothing-here")
    assert answer.status == 404
    assert "/v1/nothing-here" in problem(answer)


def test_a_wrong_method_names_the_right_ones(api: Api) -> None:
    answer = api.ask("DELETE", "/v1/clock")
    assert answer.status == 405
    assert "PATCH" in answer.headers["allow"]
    problem(answer)


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("/v1/commands", b"{", "not JSON"),
        ("/v1/commands", b"\xff\xfe", "not JSON"),
        ("/v1/commands", b"[]", "Expected `object`"),
        ("/v1/commands", b"[" * 100_000, "body"),
        ("/v1/commands", b"{}", "unknown command kind None"),
        ("/v1/commands", b'{"kind": 5}', "unknown command kind 5"),
        ("/v1/commands", b'{"kind": "server.restore"}', "missing required field `image`"),
        ("/v1/commands", b'{"kind": "server.restore", "image": 5}', "Expected `str`"),
        ("/v1/commands", b'{"kind": "server.restore", "image": "a", "x": 1}', "unknown field `x`"),
        ("/v1/clock/advance", b'{"seconds": "long"}', "Expected `float"),
        ("/v1/clock/advance", b'{"seconds": -1}', ">= 0"),
        ("/v1/clock/advance", b'{"seconds": 1e999}', ""),
        ("/v1/clock/advance", b'{"minutes": 1}', "unknown field `minutes`"),
    ],
)
def test_bad_bodies_are_400_with_the_reason(api: Api, path: str, body: bytes, words: str) -> None:
    answer = api.post(path, body)
    assert answer.status == 400
    assert words in problem(answer)


def test_a_command_the_world_refuses_is_422(api: Api) -> None:
    answer = api.command("server.restore", image="none")
    assert answer.status == 422
    assert "no image called 'none'" in problem(answer)


def test_a_products_refusal_keeps_its_code_and_parameters(api: Api) -> None:
    answer = api.command(
        "xenserver.call", pool="pool1", message="VM.set_name_label", args=["OpaqueRef:x", "a"]
    )
    assert answer.status == 409
    problem(answer)
    assert answer.data["code"] == "HANDLE_INVALID"
    assert answer.data["params"] == ["VM", "OpaqueRef:x"]


@pytest.mark.parametrize("path", ["/v1/events?since=x", "/v1/wirelog?writes=7", "/v1/events?to=1"])
def test_bad_queries_are_400(api: Api, path: str) -> None:
    answer = api.get(path)
    assert answer.status == 400
    assert "query" in problem(answer)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    kind=st.sampled_from([kind for kind in sorted(kinds()) if not kind.startswith("test.")]),
    fields=st.dictionaries(
        st.sampled_from(["server", "image", "pool", "message", "args", "vm", "name", "x"]),
        st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text()),
    ),
)
def test_no_command_gives_a_traceback(api: Api, kind: str, fields: dict[str, Any]) -> None:
    answer = api.command(**{**fields, "kind": kind})
    assert answer.status in {200, 400, 409, 422}
    if answer.status != 200:
        problem(answer)
