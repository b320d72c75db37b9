"""Judges answers: whatever was asked, only the protocol's own words may come back."""

from __future__ import annotations

import builtins
import json
import re
import xmlrpc.client
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from hvsim.xenserver.model import Model
    from hvsim_fakes.server import Response

_PYTHON: Final = re.compile(
    r"Traceback|File \"|<class '|object at 0x|NoneType|\b(?:"
    + "|".join(
        name
        for name, found in vars(builtins).items()
        # "Warning" and the like are words that texts may use.
        if isinstance(found, type) and issubclass(found, BaseException) and name.endswith("Error")
    )
    + r"|JSONDecodeError|ExpatError|ValidationError|DecodeError)\b"
)
PLAIN_STATUS: Final = frozenset({200, 401, 403, 404, 500, 501, 503})
"""What the product's HTTP service answers; 500 is its page for a body it cannot read, 503 stands
for no answer to a client that has left."""
MAY_BE_INTERNAL: Final[dict[str, str]] = {
    r"Failure\(\"": "what the generated unmarshalling code raises for a value of the wrong type",
    r"Server_helpers\.Dispatcher_FieldNotFound\(": "a create call's record without a field",
    r"XMLRPC\.RunTimeTypeError\(": "5.5: a create call's record that is no struct",
    r"Invalid argument: Clock__Date\.of_iso8601": "a date that is none",
    r"Internal API .*attempted with non-pool": "a call that only members may make to each other",
    r"Xapi_pool\.Cannot_eject_master$": "raised as it is by pool.eject of the master",
    r"Db_exn\.DBCache_NotFound\(\"missing column\"": "a filter expression with an unknown field",
    r"Could not find data source ": "VM and host.query_data_source of an unknown source",
    r"Xapi_templates\.Parse_failure$": "a template whose list of disks is no XML",
    r"Not_found$": "a host's service that finds nobody to follow",
    r"Connection to (?:a|the) (?:member|master) could not be established$": "a member is away",
    r"Not all hosts in the pool have the same": "evacuation among unlike hosts",
}
"""Texts with which real xapi answers INTERNAL_ERROR, and when."""


class FindingError(AssertionError):
    """An answer that no client may ever see."""


def no_python(text: str) -> None:
    """Raise :class:`FindingError` when a text shows that the simulator is written in Python."""
    found = _PYTHON.search(text)
    if found is not None:
        around = text[max(0, found.start() - 200) : found.end() + 200]
        raise FindingError(f"the simulator's own words: ...{around}...")


def judge(model: Model, path: str, response: Response) -> str:
    """Judge an answer of the XenAPI endpoint; return its error code, "ok" or its HTTP status."""
    body = response.body if isinstance(response.body, bytes) else b"".join(response.body)
    return judge_body(model, path, response.status, body)


def judge_body(model: Model, path: str, status: int, body: bytes) -> str:
    """As :func:`judge`, of a status and a body."""
    if status not in PLAIN_STATUS:
        raise FindingError(f"HTTP status {status}")
    if status != 200:
        no_python(body.decode())
        return str(status)
    if path.startswith("/jsonrpc") and model.profile != "xenserver-5.5":
        return _judge_json(model, body)
    return _judge_xml(model, body)


def judge_error(model: Model, description: Any) -> str:
    """Judge an error: a known code, strings after it, and no words of the simulator's own."""
    if not description or not all(isinstance(part, str) for part in description):
        raise FindingError(f"an error that is no list of strings: {description!r}")
    code, *params = description
    no_python(" ".join(description))
    if code == "INTERNAL_ERROR":
        text = params[0] if params else ""
        if not any(re.match(known, text) for known in MAY_BE_INTERNAL):
            raise FindingError(f"an internal error that the product does not give: {description}")
    elif code not in model.error_codes and not _WIRE_CODES.fullmatch(code):
        raise FindingError(f"an error code that {model.profile} does not know: {description}")
    return code


_WIRE_CODES: Final = re.compile(r"Fault|SR_BACKEND_FAILURE_\d+")
"""Today's form of a fault (no asynchronous form), and the storage managers' numbered errors."""
_NO_ASYNC: Final = "No async mode for this operation"


def _judge_xml(model: Model, body: bytes) -> str:
    try:
        (answer,), _ = xmlrpc.client.loads(body)
    except xmlrpc.client.Fault as fault:
        if not str(fault.faultString).startswith(_NO_ASYNC):
            raise FindingError(f"a fault: {fault.faultString}") from None
        return "Fault"
    except Exception as error:
        raise FindingError(f"not XML-RPC ({error}): {body[:300]!r}") from error
    if isinstance(answer, list):
        return "ok"  # system.listMethods has no status
    match answer:
        case {"Status": "Success", "Value": _, **more} if not more:
            return "ok"
        case {"Status": "Failure", "ErrorDescription": description, **more} if not more:
            return judge_error(model, description)
    raise FindingError(f"neither success nor failure: {body[:300]!r}")


def _judge_json(model: Model, body: bytes) -> str:
    try:
        answer = json.loads(body, parse_constant=_no_constant)
    except ValueError as error:
        raise FindingError(f"not JSON ({error}): {body[:300]!r}") from error
    match answer:
        case {"jsonrpc": "2.0", "result": _, "id": str() | int(), **more} if not more:
            return "ok"
        case {"result": _, "error": None, "id": str() | int(), **more} if not more:
            return "ok"
        case {"jsonrpc": "2.0", "error": dict(error), "id": str() | int()}:
            return judge_error(model, [error["message"], *error["data"]])
        case {"error": list(description), "id": str() | int()}:
            return judge_error(model, description)
    raise FindingError(f"no JSON-RPC answer: {body[:300]!r}")


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
