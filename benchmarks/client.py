"""A client in a process of its own, so that it shares no interpreter with the server.

Started as ``python -m benchmarks.client URL METHOD ...``; prints what it measured as JSON.
"""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import threading
import time
from typing import Any
from urllib.parse import urlsplit

HEADERS = {
    "xml": {"Content-Type": "text/xml"},
    "json": {"Content-Type": "application/json"},
}


def body(kind: str, method: str, *args: object) -> bytes:
    """Return a request's body in one of XenAPI's encodings."""
    if kind == "json":
        call = {"jsonrpc": "2.0", "method": method, "params": list(args), "id": 1}
        return json.dumps(call).encode()
    values = "".join(f"<param><value>{_xml(arg)}</value></param>" for arg in args)
    text = f"<methodCall><methodName>{method}</methodName><params>{values}</params></methodCall>"
    return text.encode()


def _xml(value: object) -> str:
    if isinstance(value, float):
        return f"<double>{value}</double>"
    if isinstance(value, list):
        inner = "".join(f"<value>{_xml(item)}</value>" for item in value)
        return f"<array><data>{inner}</data></array>"
    return f"<string>{value}</string>"


class Client:
    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        assert parts.hostname is not None
        self.connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=300)

    def post(self, kind: str, content: bytes) -> bytes:
        path = "/jsonrpc" if kind == "json" else "/"
        self.connection.request("POST", path, content, HEADERS[kind])
        return self.connection.getresponse().read()

    def call(self, method: str, *args: object) -> Any:
        return json.loads(self.post("json", body("json", method, *args)))["result"]


def fetch(url: str, session: str, kind: str, rounds: int, changing: str = "") -> dict[str, Any]:
    """Time fetching all VM records; the answer is read, not decoded.

    ``changing`` names a VM that is changed before every fetch, so that no kept answer is current.
    """
    client = Client(url)
    content = body(kind, "VM.get_all_records", session)
    size = len(client.post(kind, content))
    times = []
    for turn in range(rounds):
        if changing:
            client.call("VM.set_name_description", session, changing, f"turn {turn}")
        begin = time.perf_counter()
        client.post(kind, content)
        times.append(time.perf_counter() - begin)
    return {"times": times, "bytes": size}


def rate(url: str, session: str, vm: str, parked: int, calls: int) -> dict[str, Any]:
    """Time small calls while ``parked`` other clients wait in event.from."""
    waiting = [Client(url) for _ in range(parked)]
    first = Client(url).call("event.from", session, ["vm"], "", 1.0)
    wait = body("json", "event.from", session, ["vm"], first["token"], 3600.0)
    ready = threading.Barrier(parked + 1)

    def park(client: Client) -> None:
        client.connection.request("POST", "/jsonrpc", wait, HEADERS["json"])
        ready.wait()

    for client in waiting:
        threading.Thread(target=park, args=(client,), daemon=True).start()
    ready.wait()
    client = Client(url)
    content = body("json", "VM.get_power_state", session, vm)
    for _ in range(200):
        client.post("json", content)
    times = []
    for _ in range(calls):
        begin = time.perf_counter()
        client.post("json", content)
        times.append(time.perf_counter() - begin)
    return {"times": times}


def run(*args: object) -> dict[str, Any]:
    """Run this module in a process of its own and return what it measured."""
    command = [sys.executable, "-m", "benchmarks.client", *map(str, args)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


if __name__ == "__main__":
    what, url, session, *rest = sys.argv[1:]
    if what == "fetch":
        print(json.dumps(fetch(url, session, rest[0], int(rest[1]), *rest[2:])))
    else:
        print(json.dumps(rate(url, session, rest[0], int(rest[1]), int(rest[2]))))
