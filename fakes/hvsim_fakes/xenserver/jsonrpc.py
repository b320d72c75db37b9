"""JSON-RPC 1.0 and 2.0: which of the two a call speaks is decided by its body."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson

from hvsim_fakes.xenserver.values import RpcValue, quote
from hvsim_fakes.xenserver.xmlparser import MAX_BYTES, MalformedCallError, MethodCall

if TYPE_CHECKING:
    from collections.abc import Sequence

_INT64: Final = 1 << 63


@dataclass(frozen=True, slots=True)
class JsonCall:
    """One call: its JSON-RPC version (1 or 2), its id and the call itself."""

    version: int
    id: int | str
    call: MethodCall


def parse_call(body: bytes) -> JsonCall:
    """Read one request object.

    Raises:
        MalformedCallError: for anything else, notifications (no id) and batches included: the
            product takes neither.
    """
    if len(body) > MAX_BYTES:
        raise MalformedCallError("Http_svr.Client_requested_size_over_limit")
    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise MalformedCallError(f"Yojson.Json_error({quote(str(error))})") from None
    except RecursionError:
        raise MalformedCallError("Stack_overflow") from None
    if not isinstance(data, dict):
        raise _malformed("Invalid request body")
    return _read(data)


def _read(data: dict[str, Any]) -> JsonCall:
    name = _required(data, "method")
    if not isinstance(name, str):
        raise _malformed("Invalid field 'method' in request body")
    version = _version(data)
    params = _params(data, version)
    return JsonCall(version, _id(data), MethodCall(name, params))


def _version(data: dict[str, Any]) -> int:
    if "jsonrpc" not in data:
        return 1
    if data["jsonrpc"] != "2.0":
        raise _malformed("Invalid field 'jsonrpc' in request body")
    return 2


def _params(data: dict[str, Any], version: int) -> list[RpcValue]:
    params = _required(data, "params") if version == 1 else data.get("params")
    if params is None and version == 2:
        return []
    if isinstance(params, dict) and version == 2:
        return [params]
    if not isinstance(params, list):
        raise _malformed("Invalid field 'params' in request body")
    return params


def _id(data: dict[str, Any]) -> int | str:
    found = data.get("id")
    if isinstance(found, bool) or not isinstance(found, (int, str)):
        raise _malformed("Invalid field 'id' in request body")
    return found


def _required(data: dict[str, Any], name: str) -> Any:
    if name not in data:
        raise _malformed(f"Required field {name} is missing")
    return data[name]


def _malformed(text: str) -> MalformedCallError:
    return MalformedCallError(f"Jsonrpc.Malformed_method_request({quote(text)})")


def success(call: JsonCall, value: Any) -> bytes:
    """Return the answer that carries a value."""
    if call.version == 1:
        return orjson.dumps({"result": value, "error": None, "id": call.id})
    return orjson.dumps({"jsonrpc": "2.0", "result": value, "id": call.id})


def failure(call: JsonCall, error: Sequence[str]) -> bytes:
    """Return the answer that carries an error: its code, then its parameters."""
    if call.version == 1:
        return orjson.dumps({"result": None, "error": list(error), "id": call.id})
    detail = {"code": 1, "message": error[0], "data": list(error[1:])}
    return orjson.dumps({"jsonrpc": "2.0", "error": detail, "id": call.id})


def undispatched(error: Sequence[str]) -> bytes:
    """Return the answer to a call refused before it was looked at (emergency mode).

    The product has no id at hand there and writes the error as a bare array.
    """
    return orjson.dumps({"jsonrpc": "2.0", "error": list(error), "id": 0})
