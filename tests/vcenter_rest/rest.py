"""A vCenter to call over its REST API in the test's own thread, and the clock that helps it on."""

from __future__ import annotations

import json
from base64 import b64encode
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from hvsim.clock import Clock, ClockMode
from hvsim.pump import Pump
from hvsim_fakes.server import Request, Response
from hvsim_fakes.vcenter.endpoint import VimEndpoint
from hvsim_fakes.wirelog import WireLog
from vcenter_wire.vim import PASSWORD, READER, READER_PASSWORD, USER, Vim

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hvsim.vcenter.server import VCenter

__all__ = ["PASSWORD", "READER", "READER_PASSWORD", "USER", "Answer", "Rest", "running"]
HEADER = "vmware-api-session-id"
CATEGORY = "/cis/tagging/category"
TAG = "/cis/tagging/tag"
ON = "/cis/tagging/tag-association"


class Answer:
    """What came back: ``status``, ``headers`` in lower case, ``json`` (None without a body)."""

    def __init__(self, response: Response) -> None:
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.header_items()}
        assert isinstance(response.body, bytes)
        self.json: Any = json.loads(response.body) if response.body else None

    @property
    def error(self) -> tuple[int, str]:
        """Status and ``error_type``, whichever API answered."""
        told = self.json.get("value", self.json)
        return self.status, told["error_type"]


class Rest:
    """A client of a vCenter, of two hosts in a cluster and a few machines."""

    def __init__(self, guests: int = 4, profile: str = "vsphere-8") -> None:
        self.vim = Vim(guests, profile)
        self.vcenter, self.world, self.log = self.vim.vcenter, self.vim.world, self.vim.log
        self.token = ""

    @classmethod
    def of(cls, vcenter: VCenter) -> Rest:
        """Return a client of a vCenter that is there already."""
        made = object.__new__(cls)
        made.vim = object.__new__(Vim)
        made.vim.vcenter, made.vim.world = vcenter, vcenter.world
        made.vim.log, made.vim.cookie = WireLog(), ""
        made.vim.endpoint = VimEndpoint(vcenter, made.vim.log)
        made.vcenter, made.world, made.log = vcenter, vcenter.world, made.vim.log
        made.token = ""
        return made

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: str = "",
        **headers: str,
    ) -> Answer:
        """Send a request as this client; ``body`` is JSON-ready, or bytes as they are."""
        raw = (
            body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        )
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            sent[HEADER] = self.token
        path, _, asked = path.partition("?")
        request = Request(method, path, query=query or asked, headers=sent, body=raw)
        return Answer(self.vim.endpoint(request))

    def get(self, path: str) -> Any:
        """Return what a GET below ``/api`` gives."""
        answer = self.send("GET", f"/api{path}")
        assert answer.status == 200, answer.json
        return answer.json

    def post(self, path: str, body: Any = None) -> Any:
        """Return what a POST below ``/api`` gives."""
        answer = self.send("POST", f"/api{path}", body)
        assert answer.status in (200, 201, 202, 204), answer.json
        return answer.json

    def old(self, method: str, path: str, body: Any = None) -> Any:
        """Return the value that a request below ``/rest`` gives."""
        answer = self.send(method, f"/rest{path}", body)
        assert answer.status == 200, answer.json
        return None if answer.json is None else answer.json["value"]

    def refused(self, method: str, path: str, body: Any = None) -> tuple[int, str]:
        """Return status and ``error_type`` of a request below ``/api`` that is refused."""
        return self.send(method, f"/api{path}", body).error

    def login(self, user: str = USER, password: str = PASSWORD) -> Rest:
        """Log in under ``/api``."""
        answer = self.send("POST", "/api/session", authorization=basic(user, password))
        assert answer.status == 201, answer.json
        self.token = answer.json
        return self

    def other(self) -> Rest:
        """Return another client of the same vCenter."""
        made = object.__new__(Rest)
        made.vim, made.vcenter, made.world, made.log = (
            self.vim,
            self.vcenter,
            self.world,
            self.log,
        )
        made.token = ""
        return made

    def call(self, operation: str, **fields: Any) -> dict[str, Any]:
        """Return the result of a call by JSON-RPC; ``fields`` are marked values."""
        service, _, name = operation.rpartition(".")
        answer = self.rpc(
            method="invoke",
            params={
                "serviceId": service,
                "operationId": name,
                "input": {"STRUCTURE": {"operation-input": fields}},
                "ctx": {"appCtx": {}, "securityCtx": session(self.token)},
            },
        )
        result: dict[str, Any] = answer["result"]
        return result

    def rpc(self, **request: Any) -> dict[str, Any]:
        """Return the answer to a request by JSON-RPC."""
        answer = self.send("POST", "/api", {"jsonrpc": "2.0", "id": "7"} | request)
        assert answer.status == 200
        assert answer.json["id"] in ("7", None)
        found: dict[str, Any] = answer.json
        return found

    def moid(self, name: str) -> str:
        """Return the identifier of the machine that has a name."""
        return self.vim.vm(name).moid

    def category(self, name: str = "c", **more: Any) -> str:
        """Make a category of tags; return its identifier."""
        spec = {"name": name, "description": "", "cardinality": "MULTIPLE", "associable_types": []}
        made: str = self.post(CATEGORY, spec | more)
        return made

    def tag(self, category: str, name: str = "t") -> str:
        """Make a tag; return its identifier."""
        spec = {"name": name, "description": "", "category_id": category}
        made: str = self.post(TAG, spec)
        return made


def basic(user: str, password: str) -> str:
    """Return the header of a login."""
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()


def session(token: str) -> dict[str, str]:
    """Return the security context of a session."""
    return {"schemeId": "com.vmware.vapi.std.security.session_id", "sessionId": token}


def of(kind: str, moid: str) -> dict[str, Any]:
    """Return the body that names an object to tag."""
    return {"object_id": {"type": kind, "id": moid}}


@contextmanager
def running(rest: Rest) -> Iterator[Rest]:
    """Let time pass whenever everybody waits, so that operations end while their caller waits."""
    rest.world.clock = Clock(ClockMode.SKIP_IDLE)
    pump = Pump(rest.world)
    pump.start()
    try:
        yield rest
    finally:
        pump.stop()
