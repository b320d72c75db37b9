"""The way to the physical servers: the lab's control plane, over its REST interface."""

import http.client
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from hvsim_conformance.adapters.model import Credentials

_SECONDS = 30.0


class DoorError(Exception):
    """The hardware did not do what was asked; the message is its own."""


@dataclass(frozen=True, slots=True)
class Disk:
    """A disk: its size in bytes, and its partitions' roles by name."""

    name: str
    size: int
    partitions: dict[str, str]


@dataclass(frozen=True, slots=True)
class Server:
    """What the hardware shows of a physical server; the first disk is the boot disk.

    `segments` are the network segments that its interfaces are plugged into, `system` the server
    whose system lies on its disks.
    """

    name: str
    address: str
    on: bool
    hardware_ok: bool
    system: str
    model: str
    bios: str
    raid: str
    san_boot: bool
    io_virtualisation: bool
    disks: tuple[Disk, ...]
    segments: tuple[str, ...]


class Door:
    """Reads and drives physical servers.

    Args:
        address: base URL of the control plane.
        credentials: the password is its token.
    """

    def __init__(self, address: str, credentials: Credentials) -> None:
        self._place = urlsplit(address)
        self._headers = {"Authorization": f"Bearer {credentials.password}"}

    def servers(self) -> dict[str, Server]:
        """Return every server by its name."""
        return {facts["name"]: _server(facts) for facts in self._ask("GET", "/v1/servers")}

    def back_up(self, server: str, partitions: list[str], definitions: list[str]) -> str:
        """Take an image of partitions (`disk1/host`), of some the definition only; its name."""
        body = {"partitions": partitions, "definitions": definitions}
        done = self._ask("POST", f"/v1/servers/{quote(server)}/backup", body)
        return str(done["result"]["image"])

    def restore(self, server: str, image: str) -> None:
        """Write an image back to a server."""
        self._ask("POST", f"/v1/servers/{quote(server)}/restore", {"image": image})

    def take_over(self, spare: str, primary: str) -> None:
        """Exchange the SAN disks and network identities of two servers that are off."""
        self._ask("POST", f"/v1/servers/{quote(spare)}/take-over", {"primary": primary})

    def switch_on(self, server: str) -> None:
        """Give a server power."""
        self._ask("POST", "/v1/commands", {"kind": "server.boot", "server": server})

    def shut_down(self, server: str) -> None:
        """Let a server's system end in good order, and take its power."""
        self._ask("POST", "/v1/commands", {"kind": "server.shutdown", "server": server})

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        text = None if body is None else json.dumps(body).encode()
        connection = http.client.HTTPConnection(self._place.netloc, timeout=_SECONDS)
        try:
            connection.request(method, path, text, self._headers)
            response = connection.getresponse()
            answer = json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError) as problem:
            raise DoorError(f"{self._place.netloc}: {problem}") from problem
        finally:
            connection.close()
        if response.status >= http.client.BAD_REQUEST:
            raise DoorError(str(answer.get("detail", response.reason)))
        return answer


def _server(facts: dict[str, Any]) -> Server:
    return Server(
        facts["name"],
        facts["address"],
        facts["power"] == "on",
        facts["hardware_ok"],
        facts["system"],
        facts["model"],
        facts["bios"],
        facts["raid"],
        facts["san_boot"],
        facts["io_virtualisation"],
        tuple(_disk(disk) for disk in facts["disks"]),
        tuple(nic["segment"] for nic in facts["nics"]),
    )


def _disk(facts: dict[str, Any]) -> Disk:
    roles = {part["name"]: part["role"] for part in facts["partitions"]}
    return Disk(facts["name"], facts["size"], roles)
