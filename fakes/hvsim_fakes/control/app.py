"""The control plane as a WSGI application."""

from __future__ import annotations

import hmac
import logging
import re
from typing import TYPE_CHECKING, Any

import msgspec
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from hvsim.errors import HvsimError
from hvsim_fakes.control import (  # noqa: F401 - each registers its routes
    clock_routes,
    command_routes,
    guest_routes,
    hardware_routes,
    history_routes,
    lab_routes,
    page_routes,
    saving_routes,
)
from hvsim_fakes.control.api import Ask, Route, decode_body, decode_query, routes
from hvsim_fakes.control.problems import Problem, of_refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim_fakes.lab import Lab

_log = logging.getLogger("hvsim_fakes.control")
_PLACE = re.compile(r"\{(\w+)\}")


def control_app(lab: Lab) -> Flask:
    """Return the control plane of a lab; every route but the open ones needs ``lab.token``."""
    app = Flask("hvsim_fakes.control", static_folder=None)
    app.url_map.strict_slashes = False
    for route in routes():
        app.add_url_rule(
            _PLACE.sub(r"<\1>", route.path),
            endpoint=route.name,
            view_func=_view(lab, route),
            methods=[route.method],
        )
    app.register_error_handler(Problem, Problem.response)
    app.register_error_handler(HvsimError, lambda error: of_refusal(error).response())
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unforeseen)
    return app


def _view(lab: Lab, route: Route) -> Callable[..., Response]:
    def view(**place: str) -> Response:
        if not route.open:
            _demand_token(lab.token)
        return _rendered(route, route.handler(_ask(lab, route, place)))

    return view


def _demand_token(token: str) -> None:
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(given.encode(), token.encode()):
        raise Problem(401, "This needs the lab's token: 'Authorization: Bearer <token>'.")


def _ask(lab: Lab, route: Route, place: dict[str, str]) -> Ask:
    body: Any = None
    if route.body is bytes:
        body = request.get_data()
    elif route.body is not None:
        body = decode_body(request.get_data(), route.body)
    query = decode_query(request.args.to_dict(), route.query) if route.query else None
    return Ask(lab, place, body, query, request.environ.get("hvsim.connection"))


def _rendered(route: Route, value: Any) -> Response:
    if isinstance(value, Response):
        return value
    return Response(msgspec.json.encode(value), content_type=route.media)


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    response = Problem(status, _sentence(status)).response()
    if status == 405:
        response.headers["Allow"] = dict(error.get_headers()).get("Allow", "")
    return response


def _sentence(status: int) -> str:
    if status == 404:
        return f"There is nothing at {request.path}; /v1/openapi.json lists what there is."
    if status == 405:
        return f"{request.path} does not take {request.method}."
    return "The request cannot be served."


def _unforeseen(error: Exception) -> Response:
    _log.exception("control plane failed at %s %s", request.method, request.path, exc_info=error)
    return Problem(500, "The control plane failed at this; its log has the details.").response()
