"""A client of endpoints without sockets: the real encodings, the real SDK, no network."""

import threading
import xmlrpc.client
from contextlib import contextmanager
from itertools import count

import orjson
import XenAPI

from hvsim_fakes.server import Request
from hvsim_fakes.wirelog import WireLog
from hvsim_fakes.xenserver.endpoint import XenApiEndpoint
from labs import small_pool

PASSWORD = "password"


class FailedError(Exception):
    """The answer was a failure; ``args`` are its code and parameters."""


class Wire:
    """Endpoints of every member of a small pool, and calls to them."""

    def __init__(self, profile="xenserver-8", **changes):
        self.pool = small_pool(profile, **changes)
        self.log = WireLog()
        self.endpoints = {
            ref: XenApiEndpoint(self.pool, member, self.log)
            for ref, member in self.pool.members.items()
        }
        self.master = self.endpoints[self.pool.master.host]
        self.slave_ref = next(ref for ref in self.pool.members if ref != self.pool.master.host)
        self.slave = self.endpoints[self.slave_ref]
        self._ids = count(1)

    def post(self, body, path="/", endpoint=None):
        return (endpoint or self.master)(Request("POST", path, body=body))

    def get(self, path, query="", endpoint=None, **headers):
        request = Request("GET", path, query=query, headers=headers)
        return (endpoint or self.master)(request)

    def xml(self, method, *args, endpoint=None):
        """Call over XML-RPC; return the value or raise :class:`FailedError`."""
        body = xmlrpc.client.dumps(args, method).encode()
        response = self.post(body, endpoint=endpoint)
        assert response.status == 200, response
        ((answer,), _) = xmlrpc.client.loads(response.body)
        if answer["Status"] == "Success":
            return answer["Value"]
        raise FailedError(*answer["ErrorDescription"])

    def json(self, method, *args, version=2):
        """Call over JSON-RPC; return the decoded answer."""
        call = {"method": method, "params": list(args), "id": next(self._ids)}
        if version == 2:
            call["jsonrpc"] = "2.0"
        response = self.post(orjson.dumps(call), "/jsonrpc")
        assert response.status == 200, response
        return orjson.loads(response.body)

    def login(self, user="root", password=PASSWORD, endpoint=None):
        return self.xml("session.login_with_password", user, password, endpoint=endpoint)

    def sdk(self, endpoint=None):
        """Return a logged-in session of the real SDK."""
        session = XenAPI.Session("http://in-process", transport=_InProcess(endpoint or self.master))
        session.xenapi.login_with_password("root", PASSWORD, "1.0", "wire tests")
        return session


class _InProcess(xmlrpc.client.Transport):
    def __init__(self, endpoint):
        super().__init__()
        self._endpoint = endpoint

    def request(self, host, handler, request_body, verbose=False):  # noqa: ARG002 - the library's signature
        response = self._endpoint(Request("POST", handler, body=request_body))
        parser, unmarshaller = self.getparser()
        parser.feed(response.body)
        parser.close()
        return unmarshaller.close()

    def add_extra_header(self, *_):
        """The SDK names itself; nothing here looks."""


def failure(call, *args, **more):
    """Return the error description a call fails with."""
    try:
        value = call(*args, **more)
    except FailedError as error:
        return list(error.args)
    raise AssertionError(f"no failure but {value!r}")


def told(batch):
    """Return what an ``event.from`` answer tells, in short."""
    return [(event["operation"], event["class"], event["ref"]) for event in batch["events"]]


@contextmanager
def parked(wire, call):
    """Run a call in a thread until it waits; give a function that returns what it answered."""
    waiting, answer = threading.Event(), []
    wire.pool.world.activity.on_park = waiting.set

    def run():
        try:
            answer.append(call())
        except Exception as error:  # noqa: BLE001 - handed to the test
            answer.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert waiting.wait(20)

    def result():
        thread.join(20)
        assert answer, "still waiting"
        return answer[0]

    yield result
