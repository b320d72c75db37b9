"""The OpenAPI 3.1 description, made from the routes and the commands themselves."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from hvsim import __version__
from hvsim.commands import kinds
from hvsim_fakes.control.api import Facts, Route
from hvsim_fakes.control.problems import MEDIA_TYPE

_COMPONENT = "#/components/schemas/{name}"
_PLACE = re.compile(r"\{(\w+)\}")
_GIVES_COMMAND = "give_command"
"""The route whose body is any command."""


class ProblemObject(Facts, frozen=True, kw_only=True):
    """A problem object (RFC 9457); a product's own refusal adds its ``code`` and ``params``."""

    type: str
    title: str
    status: int
    detail: str
    code: str | None = None
    params: list[str] | None = None


def document(routes: tuple[Route, ...]) -> dict[str, Any]:
    """Return the description of the control plane with these routes."""
    types = list({id(one): one for one in _types(routes)}.values())
    schemas, components = msgspec.json.schema_components(types, ref_template=_COMPONENT)
    by_type = {id(one): schema for one, schema in zip(types, schemas, strict=True)}
    components.update(_command_components(components, by_type))
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, by_type)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "hvsim control plane",
            "version": __version__,
            "description": "Time, faults, hardware, truth and history of one simulated lab.",
        },
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}],
    }


def _types(routes: tuple[Route, ...]) -> list[Any]:
    found: list[Any] = [ProblemObject, *kinds().values()]
    for route in routes:
        found += [one for one in (route.body, route.query, route.gives) if one not in (None, bytes)]
    return found


def _command_components(
    components: dict[str, Any], by_type: dict[int, dict[str, Any]]
) -> dict[str, Any]:
    """Return the schemas of commands as sent: their fields and the ``kind`` that names them."""
    made: dict[str, Any] = {}
    for kind, cls in kinds().items():
        made[f"command.{kind}"] = _with_kind(kind, components[_name_in(by_type[id(cls)])])
    mapping = {kind: _COMPONENT.format(name=f"command.{kind}") for kind in kinds()}
    made["Command"] = {
        "oneOf": [{"$ref": ref} for ref in mapping.values()],
        "discriminator": {"propertyName": "kind", "mapping": mapping},
    }
    clash = made.keys() & components.keys()
    if clash:
        raise AssertionError(f"two schemas are called {sorted(clash)}")
    return made


def _name_in(reference: dict[str, Any]) -> str:
    return str(reference["$ref"]).rpartition("/")[2]


def _with_kind(kind: str, schema: dict[str, Any]) -> dict[str, Any]:
    own = dict(schema)
    own["properties"] = {"kind": {"const": kind}, **own.get("properties", {})}
    own["required"] = ["kind", *own.get("required", [])]
    return own


def _operation(route: Route, schemas: dict[int, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.name,
        "summary": route.summary,
        "tags": [_tag(route)],
        "responses": _responses(route, schemas),
    }
    parameters = _parameters(route)
    if parameters:
        operation["parameters"] = parameters
    if route.body is not None:
        operation["requestBody"] = _request_body(route, schemas)
    if route.open:
        operation["security"] = []
    return operation


def _tag(route: Route) -> str:
    parts = route.path.strip("/").split("/")
    return parts[1] if len(parts) > 1 else "page"


def _parameters(route: Route) -> list[dict[str, Any]]:
    places: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _PLACE.findall(route.path)
    ]
    if route.query is None:
        return places
    _, components = msgspec.json.schema_components([route.query], ref_template=_COMPONENT)
    properties = components[route.query.__name__]["properties"]
    return places + [
        {"name": name, "in": "query", "required": False, "schema": schema}
        for name, schema in properties.items()
    ]


def _request_body(route: Route, schemas: dict[int, Any]) -> dict[str, Any]:
    if route.body is bytes:
        return {"required": True, "content": {route.body_media: {}}}
    schema = schemas[id(route.body)]
    if route.name == _GIVES_COMMAND:
        schema = {"$ref": _COMPONENT.format(name="Command")}
    return {"required": False, "content": {route.body_media: {"schema": schema}}}


def _responses(route: Route, schemas: dict[int, Any]) -> dict[str, Any]:
    content = {} if route.gives is None else {"schema": schemas[id(route.gives)]}
    problem = {"schema": {"$ref": _COMPONENT.format(name=ProblemObject.__name__)}}
    return {
        "200": {"description": "Done.", "content": {route.media: content}},
        "default": {"description": "A problem.", "content": {MEDIA_TYPE: problem}},
    }
