"""The vSphere Automation API over HTTP: ``/rest``, ``/api`` and JSON-RPC at ``/api``."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as Base64Error
from typing import TYPE_CHECKING, Any, Final

import orjson

from hvsim_fakes import wirelog
from hvsim_fakes.server import Response
from hvsim_fakes.vcenter import saml
from hvsim_fakes.vcenter.rest import errors, reading, routing, writing
from hvsim_fakes.vcenter.rest.invoking import invoke
from hvsim_fakes.vcenter.rest.jsonrpc import Exchange
from hvsim_fakes.vcenter.rest.sessions import Client, Sessions

if TYPE_CHECKING:
    from hvsim.vcenter.server import VCenter
    from hvsim_fakes.server import Request
    from hvsim_fakes.vcenter.rest.operations import Operation
    from hvsim_fakes.vcenter.rest.routing import Target, Unroutable

HEADER: Final = "vmware-api-session-id"
_COOKIE: Final = re.compile(rf'(?:^|[;,\s]){HEADER}="?([0-9a-f]+)"?')
_JSON: Final = ("Content-Type", "application/json")
_OLDEST: Final = 6
"""The first major version that has it."""
_LOGIN: Final = "com.vmware.cis.session.create"


class RestEndpoint:
    """Serves the vSphere Automation API of a vCenter.

    Args:
        wire_log: where every exchange is noted; none by default.
    """

    def __init__(self, vcenter: VCenter, wire_log: wirelog.WireLog | None = None) -> None:
        self._vcenter = vcenter
        self._wire_log = wire_log
        self._sessions = Sessions(vcenter)

    def serves(self, path: str) -> bool:
        """Whether a path is one of this API's; vSphere has it since 6.5."""
        mine = path in (routing.REST, routing.API) or path.startswith(("/rest/", "/api/"))
        return mine and int(self._vcenter.api_version.partition(".")[0]) >= _OLDEST

    def __call__(self, request: Request, /) -> Response:
        """Answer one request."""
        client = _client(request)
        if request.path in ("/api", "/api/") and request.method == "POST":
            return self._json_rpc(request, client)
        target = routing.find(request.method, request.path, request.query)
        if isinstance(target, routing.Unroutable):
            return self._unroutable(request, target)
        if target.as_task and not target.operation.is_taskable:
            return self._unroutable(request, routing.Unroutable(()))
        return self._answered(request, client, target)

    def _json_rpc(self, request: Request, client: Client) -> Response:
        exchange = Exchange(self._sessions, client, request.connection.closed)
        body = exchange.answer(request.body)
        self._record(
            request, exchange.name, exchange.operation, exchange.parameters, exchange.outcome
        )
        return Response(200, [_JSON, ("Cache-Control", "no-cache")], body)

    def _answered(self, request: Request, client: Client, target: Target) -> Response:
        operation, outcome = target.operation, "ok"
        given: dict[str, Any] = {}

        def read() -> dict[str, Any]:
            given.update(reading.of_http(target, request.body))
            return given

        try:
            value = invoke(
                self._sessions,
                client,
                operation,
                read,
                gone=request.connection.closed,
                as_task=target.as_task,
            )
            return _success(request, target, value)
        except errors.VapiError as error:
            outcome = error.name
            return _failure(error, is_old=target.is_old)
        finally:
            self._record(request, operation.full_name, operation, given, outcome)

    def _unroutable(self, request: Request, found: Unroutable) -> Response:
        is_old = request.path.startswith(routing.REST)
        name = f"{request.method} {request.path}"
        self._record(request, name, None, {}, "not_found")
        if found.methods and request.method not in found.methods:
            code = "com.vmware.vapi.rest.httpMethodNotAllowed"
            error = errors.error("operation_not_found", code, "Method not allowed.")
            body = writing.legacy_error(error) if is_old else writing.plain_error(error)
            headers = [_JSON, ("Allow", ", ".join(found.methods))]
            return Response(405, headers, orjson.dumps(body))
        return _failure(_nowhere(request.path, is_old=is_old), is_old=is_old)

    def _record(
        self,
        request: Request,
        name: str,
        operation: Operation | None,
        given: dict[str, Any],
        outcome: str,
    ) -> None:
        if self._wire_log is None:
            return
        self._wire_log.record(
            time=self._vcenter.world.now,
            product="vcenter",
            endpoint=self._vcenter.server.name,
            client=f"{request.connection.remote[0]}:{request.connection.remote[1]}",
            call=name,
            is_write=operation is not None and operation.is_write,
            outcome=outcome,
            params=wirelog.mask({key: writing.plain(item) for key, item in given.items()}),
        )


def _client(request: Request) -> Client:
    """Return who sent a request: its session by header or cookie, or its credentials."""
    cookie = _COOKIE.search(request.headers.get("cookie", ""))
    token = request.headers.get(HEADER, "") or (cookie[1] if cookie else "")
    client = Client(
        str(request.connection.remote[0]), request.headers.get("user-agent", ""), token.strip()
    )
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            user, colon, password = b64decode(given, validate=True).decode().partition(":")
        except (Base64Error, UnicodeDecodeError):
            return client
        if colon:
            client.user, client.password = user, password
    elif scheme.lower() == "sign":
        client.assertion = saml.of_authorization(given)
    return client


def _success(request: Request, target: Target, value: Any) -> Response:
    headers = [_JSON, *_session_headers(request, target, value)]
    if target.is_old:
        body = b"" if value is None else orjson.dumps({"value": writing.legacy(value)})
        return Response(200, headers if body else headers[1:], body)
    if value is None:
        return Response(204, headers[1:])
    route = target.operation.route
    status = 202 if target.as_task else route.status if route is not None else 200
    return Response(status, headers, orjson.dumps(writing.plain(value)))


def _session_headers(request: Request, target: Target, value: Any) -> list[tuple[str, str]]:
    """Return what a client is given to keep of the session it opened."""
    if target.operation.full_name != _LOGIN:
        return []
    if not target.is_old:
        return [(HEADER, str(value))]
    if request.headers.get("vmware-use-header-authn"):
        return []
    secure = ";Secure" if request.connection.scheme == "https" else ""
    return [("Set-Cookie", f"{HEADER}={value};Path=/rest{secure};HttpOnly")]


def _failure(error: errors.VapiError, *, is_old: bool) -> Response:
    told = writing.legacy_error(error) if is_old else writing.plain_error(error)
    headers = [_JSON]
    if error.challenge is not None:
        headers.append(("WWW-Authenticate", error.challenge))
    return Response(error.status, headers, orjson.dumps(told))


def _nowhere(path: str, *, is_old: bool) -> errors.VapiError:
    """Return the error about a path that no operation has."""
    if is_old and path.startswith("/rest/com/vmware/"):
        code = "com.vmware.vapi.rest.operationsForUrlNotFound"
        text = "Unable to find operations for URL: %s."
        return errors.error("not_found", code, text, path.removeprefix(routing.REST))
    return errors.error("not_found", "com.vmware.vapi.rest.httpNotFound", "Not found.")
