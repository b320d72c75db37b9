"""The description of the control plane agrees with the control plane."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from hvsim.commands import decode, kinds
from hvsim_fakes.control.api import routes

if TYPE_CHECKING:
    from control_api import Api


@pytest.fixture
def description(api: Api) -> dict[str, Any]:
    return api.get("/v1/openapi.json").data


def validator(description: dict[str, Any], schema: dict[str, Any]) -> Any:
    whole = {**schema, "components": description["components"]}
    return jsonschema.Draft202012Validator(whole)


def test_every_route_is_described_with_its_places(description: dict[str, Any]) -> None:
    described = {
        (method.upper(), path) for path, item in description["paths"].items() for method in item
    }
    assert described == {(route.method, route.path) for route in routes()}
    for path, item in description["paths"].items():
        for operation in item.values():
            places = [p["name"] for p in operation.get("parameters", []) if p["in"] == "path"]
            assert places == re.findall(r"\{(\w+)\}", path)
            assert operation["summary"].endswith((".", ")"))


def test_operation_ids_are_unique(description: dict[str, Any]) -> None:
    ids = [one["operationId"] for item in description["paths"].values() for one in item.values()]
    assert len(ids) == len(set(ids))


def test_every_reference_leads_somewhere(description: dict[str, Any]) -> None:
    schemas = description["components"]["schemas"]
    text = str(description)
    named = set(re.findall(r"#/components/schemas/([^']+)'", text))
    assert named
    assert named <= schemas.keys()
    for schema in schemas.values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_every_command_is_described(description: dict[str, Any]) -> None:
    schemas = description["components"]["schemas"]
    assert set(schemas["Command"]["discriminator"]["mapping"]) == set(kinds())
    judge = validator(description, {"$ref": "#/components/schemas/Command"})
    assert judge.is_valid({"kind": "server.restore", "image": "a"})
    assert not judge.is_valid({"kind": "server.restore"})
    assert not judge.is_valid({"kind": "server.restore", "image": "a", "more": 1})
    assert not judge.is_valid({"kind": "nothing"})


@pytest.mark.parametrize(
    "route", [r for r in routes() if r.method == "GET" and r.gives], ids=lambda r: r.path
)
def test_answers_are_as_described(api: Api, description: dict[str, Any], route: Any) -> None:
    api.post("/v1/servers/host1/backup")
    path = route.path.replace("{server}", "host1")
    operation = description["paths"][route.path]["get"]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    validator(description, schema).validate(api.get(path).data)


def test_a_problem_is_as_described(api: Api, description: dict[str, Any]) -> None:
    schema = {"$ref": "#/components/schemas/ProblemObject"}
    validator(description, schema).validate(api.get("/v1/nothing").data)


def test_people_get_a_page(api: Api) -> None:
    answer = api.get("/")
    assert answer.headers["content-type"].startswith("text/html")
    for route in routes():
        assert route.path.encode() in answer.body


def test_the_manual_names_every_route_and_no_other() -> None:
    manual = (Path(__file__).parents[2] / "docs" / "control-plane.md").read_text("utf-8")
    named = set(re.findall(r"^\| (GET|POST|PATCH|DELETE) \| `([^`]+)` \|", manual, re.MULTILINE))
    assert named == {(route.method, route.path) for route in routes()}


def test_the_manuals_commands_are_good_ones() -> None:
    manual = (Path(__file__).parents[2] / "docs" / "control-plane.md").read_text("utf-8")
    lines = [line for line in manual.splitlines() if line.startswith('{"kind"')]
    assert len(lines) >= 5
    for line in lines:
        decode(json.loads(line))
