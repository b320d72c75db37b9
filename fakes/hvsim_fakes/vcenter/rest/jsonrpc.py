"""JSON-RPC 2.0 at ``/api``: what the vSphere Automation SDKs speak.

One method, ``invoke``, names service and operation, and brings the input and a context: who calls
(``securityCtx``) and what for (``appCtx``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from hvsim_fakes.vcenter.rest import errors, operations, reading, writing
from hvsim_fakes.vcenter.rest.invoking import invoke

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim_fakes.vcenter.rest.sessions import Client, Sessions

PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS = -32700, -32600, -32601, -32602
_MESSAGES: Final = {
    PARSE_ERROR: "Parse error.",
    INVALID_REQUEST: "Invalid Request.",
    METHOD_NOT_FOUND: "Method not found.",
    INVALID_PARAMS: "Invalid params.",
}
_SESSION: Final = "com.vmware.vapi.std.security.session_id"
_PASSWORD: Final = "com.vmware.vapi.std.security.user_pass"  # noqa: S105 - a scheme's name
_TASK: Final = "$task"


class Exchange:
    """One call by JSON-RPC.

    Attributes:
        name: the operation called, for the wire log; ``parameters`` those it was given.
        outcome: ``ok`` or the error's name.
        operation: what was called, once it is known.
    """

    def __init__(self, sessions: Sessions, client: Client, gone: Callable[[], bool]) -> None:
        self._sessions = sessions
        self._client = client
        self._gone = gone
        self.name = "(unreadable)"
        self.outcome = "ok"
        self.parameters: dict[str, Any] = {}
        self.operation: operations.Operation | None = None

    def answer(self, body: bytes) -> bytes:
        """Return the answer to a request."""
        try:
            request = orjson.loads(body)
        except orjson.JSONDecodeError:
            return self._failure(None, PARSE_ERROR)
        if not isinstance(request, dict) or request.get("jsonrpc") != "2.0":
            return self._failure(None, INVALID_REQUEST)
        number = request.get("id")
        if request.get("method") != "invoke":
            return self._failure(number, METHOD_NOT_FOUND)
        params = request.get("params")
        if not isinstance(params, dict) or not _is_call(params):
            return self._failure(number, INVALID_PARAMS)
        return orjson.dumps({"jsonrpc": "2.0", "id": number, "result": self._result(params)})

    def _failure(self, number: Any, code: int) -> bytes:
        self.outcome = str(code)
        told = {"code": code, "message": _MESSAGES[code]}
        return orjson.dumps({"jsonrpc": "2.0", "id": number, "error": told})

    def _result(self, params: dict[str, Any]) -> dict[str, Any]:
        try:
            return {"output": writing.marked(self._value(params))}
        except errors.VapiError as error:
            self.outcome = error.name
            return {"error": writing.marked_error(error)}

    def _value(self, params: dict[str, Any]) -> Any:
        service, name = params["serviceId"], params["operationId"]
        self.name = f"{service}.{name}"
        operation = self.operation = _operation(service, name)
        self._take_security(params["ctx"].get("securityCtx"))

        def read() -> dict[str, Any]:
            self.parameters = reading.of_data(operation, params.get("input"))
            return self.parameters

        as_task = name.endswith(_TASK)
        return invoke(
            self._sessions, self._client, operation, read, gone=self._gone, as_task=as_task
        )

    def _take_security(self, context: Any) -> None:
        """Take session or credentials from a call's security context.

        A call that brings no context of its own may have the session in a header.
        """
        if not isinstance(context, dict):
            return
        client, scheme = self._client, context.get("schemeId")
        client.token = client.user = client.password = ""
        if scheme == _SESSION:
            client.token = _text(context, "sessionId")
        if scheme == _PASSWORD:
            client.user, client.password = _text(context, "userName"), _text(context, "password")


def _text(context: dict[str, Any], name: str) -> str:
    found = context.get(name)
    if isinstance(found, dict):
        found = found.get("SECRET")
    return found if isinstance(found, str) else ""


def _is_call(params: dict[str, Any]) -> bool:
    params.setdefault("ctx", {})
    names = (params.get("serviceId"), params.get("operationId"))
    return all(isinstance(one, str) for one in names) and isinstance(params["ctx"], dict)


def _operation(service: str, name: str) -> operations.Operation:
    """Return the operation called; raise ``operation_not_found``."""
    operations.load()
    found = operations.find(service, name.removesuffix(_TASK))
    if found is not None and (found.is_taskable or not name.endswith(_TASK)):
        return found
    if service not in operations.services():
        code, text = "vapi.method.input.invalid.interface", "Invalid interface %s"
        raise errors.error("operation_not_found", code, text, service)
    code, text = "vapi.method.input.invalid.method", "Invalid method %s"
    raise errors.error("operation_not_found", code, text, name)
