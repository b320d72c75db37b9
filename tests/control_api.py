"""A client of a lab's control plane, for tests."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hvsim_fakes.lab import Lab


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def data(self) -> Any:
        return json.loads(self.body)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.body.splitlines()]


class Api:
    """Speaks to a lab's control plane over a socket."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab

    def get(self, path: str, **options: Any) -> Answer:
        return self.ask("GET", path, **options)

    def post(self, path: str, data: Any = None, **options: Any) -> Answer:
        return self.ask("POST", path, data, **options)

    def ask(self, method: str, path: str, data: Any = None, token: str | None = None) -> Answer:
        connection, response = self.open(method, path, data, token)
        body = response.read()
        connection.close()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, headers, body)

    def open(
        self, method: str, path: str, data: Any = None, token: str | None = None, **headers: str
    ) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
        address = self.lab.control_url.removeprefix("http://")
        connection = http.client.HTTPConnection(address, timeout=20)
        body = data if isinstance(data, bytes) or data is None else json.dumps(data).encode()
        bearer = {"Authorization": f"Bearer {token or self.lab.token}"}
        connection.request(method, path, body, {**bearer, **headers})
        return connection, connection.getresponse()

    def command(self, kind: str, **fields: Any) -> Answer:
        return self.post("/v1/commands", {"kind": kind, **fields})
