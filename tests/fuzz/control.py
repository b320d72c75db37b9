"""Assails a lab's control plane: every route, with fitting, ill-typed and mangled requests."""

from __future__ import annotations

import json
import re
import threading
import time
from random import Random
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import labs
from fuzz.mangling import mangled
from fuzz.oracle import FindingError, no_python
from fuzz.sockets import exchange
from fuzz.soundness import problems
from fuzz.storm import THREADS, Tally, Watch
from hvsim.commands import kinds
from hvsim.xenserver.spec import PoolSpec
from hvsim_fakes.control.api import Route, routes
from hvsim_fakes.control.command_routes import inlined_schema
from hvsim_fakes.lab import Lab

if TYPE_CHECKING:
    from collections.abc import Mapping

_STATUS: Final = frozenset(
    {200, 400, 401, 404, 405, 408, 409, 410, 411, 413, 414, 415, 417, 422, 431, 501, 505}
)
_ENDLESS: Final = frozenset({"/v1/events/stream"})
_TOKEN: Final = "fuzz-token"
_WILD: Final = (
    None, True, 0, -1, 2**70, 1.5, 1e308, float("nan"), "", "x", "\u00e9\U0001f600", "\x00", [], {},
    [[[]]], {"a": {"b": 1}}, "host1", "pool1", "web", "pool1/web", "*", "[", "a" * 5_000,
)  # fmt: skip
_NAMES: Final = (
    "host1", "host2", "pool1", "web", "db", "spare", "xenbr0", "sda", "root", "x", "VM.start", "*",
    "xapi", "nightly", "shared",
)  # fmt: skip


class Assailant:
    """One thread's requests to the control plane."""

    def __init__(self, lab: Lab, seed: str, count: int) -> None:
        self.lab = lab
        self.random = Random(seed)
        self.left = count
        self.tally = Tally()
        self._routes = [route for route in routes() if route.path not in _ENDLESS]
        # Not those that other tests have registered.
        self._commands = [kind for kind, cls in kinds().items() if cls.__module__[:6] == "hvsim."]

    def run(self) -> None:
        for _ in range(self.left):
            began = time.monotonic()
            route, data = self._request()
            try:
                outcome = self._judged(exchange(self.lab.control_url, data, stay=False))
            except FindingError as finding:
                self.tally.findings.append(f"{route.method} {route.path}: {finding}\n    {data!r}")
                outcome = "finding"
            self.tally.requests += 1
            self.tally.outcomes[f"control {outcome}"] += 1
            self.tally.slowest = max(self.tally.slowest, time.monotonic() - began)

    def _request(self) -> tuple[Route, bytes]:
        random = self.random
        route = random.choice(self._routes)
        if random.random() < 0.4:
            route = next(r for r in self._routes if (r.method, r.path) == ("POST", "/v1/commands"))
        path = re.sub(r"\{\w+\}", lambda _: quote(random.choice(_NAMES)), route.path)
        body = self._body(route)
        if random.random() < 0.15:
            body = mangled(random, body)
        method = route.method if random.random() < 0.95 else random.choice(("GET", "PUT", "BREW"))
        query = random.choice(("", "", "?since=1", "?since=-1", "?limit=x", "?%ff=%00", "?a=b&a=c"))
        token = _TOKEN if random.random() < 0.95 else random.choice(("", "x", "\u00e9"))
        head = (
            f"{method} {path}{query} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n"
            f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\n\r\n"
        ).encode("latin-1")
        if random.random() < 0.03:
            head = mangled(random, head)
        return route, head + body

    def _body(self, route: Route) -> bytes:
        if route.method == "GET" or route.body is None:
            return b""
        if route.path == "/v1/commands":
            return self._command()
        if route.body is bytes or self.random.random() < 0.2:
            return self._json(self.random.choice(_WILD))
        names = ("seconds", "to", "mode", "scale", "limit", "operation", "name", "kind", "guest")
        fields = {self.random.choice(names): self._value() for _ in range(2)}
        return self._json(fields)

    def _command(self) -> bytes:
        kind = self.random.choice(self._commands)
        schema = inlined_schema(kinds()[kind])
        fields: dict[str, Any] = {"kind": kind}
        for name, facts in schema.get("properties", {}).items():
            if name in schema.get("required", ()) or self.random.random() < 0.4:
                fields[name] = self._fitting(name, facts)
        if self.random.random() < 0.15:
            fields[self.random.choice([*fields, "extra"])] = self._value()
        return self._json(fields)

    def _fitting(self, name: str, facts: Mapping[str, Any]) -> Any:
        random = self.random
        options = facts.get("anyOf", [facts])
        kind = random.choice(options).get("type", "string")
        if "enum" in facts:
            return random.choice(facts["enum"])
        if name == "message":
            return random.choice(
                ("VM.start", "VM.get_record", "session.logout", "x.y", "host.disable")
            )
        return {
            "string": lambda: random.choice(_NAMES),
            "integer": lambda: random.choice((0, 1, 5, 2**40)),
            "number": lambda: random.choice((0.0, 1.0, 30.0, 1e6)),
            "boolean": lambda: random.random() < 0.5,
            "array": lambda: [random.choice(_WILD) for _ in range(random.randrange(3))],
            "object": dict,
            "null": lambda: None,
        }.get(kind, lambda: None)()

    def _value(self) -> Any:
        return self.random.choice(_WILD)

    def _json(self, value: Any) -> bytes:
        return json.dumps(value).encode()

    def _judged(self, found: tuple[int, bytes] | None) -> str:
        if found is None:
            return "closed"
        status, body = found
        if status not in _STATUS:
            raise FindingError(f"HTTP status {status}: {body[:300]!r}")
        if status >= 400 and body[:1] == b"{":
            problem = json.loads(body)
            if not {"title", "status", "detail"} <= set(problem):
                raise FindingError(f"no problem object: {body[:300]!r}")
            no_python(problem["detail"])
        return str(status)


def siege(count: int, seed: str) -> Tally:
    """Send ``count`` requests to the control plane of a fresh lab."""
    began = time.monotonic()
    tally = Tally()
    spec = PoolSpec(name="pool1", hosts=labs.hosts(), guests=labs.guests())
    with Watch() as watch, Lab.from_scenario(spec, seed=7, token=_TOKEN) as lab:
        assailants = [Assailant(lab, f"{seed}/{n}", count // THREADS) for n in range(THREADS)]
        threads = [threading.Thread(target=one.run) for one in assailants]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for one in assailants:
            tally.add(one.tally)
        tally.findings += watch.findings
        tally.findings += _aftermath(lab)
    tally.seconds = time.monotonic() - began
    return tally


def _aftermath(lab: Lab) -> list[str]:
    """Judge the world once every rule is lifted; and whether it saves and comes back the same."""
    for name in list(lab.world.operations.rules):
        lab.perform("stage.release", name=name)
    lab.world.advance(24 * 3_600.0)
    found = problems(lab.pool("pool1"))
    try:
        lab.restore(lab.save())
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
        found.append(f"the lab does not come back from its saved file: {error!r}")
    return found
