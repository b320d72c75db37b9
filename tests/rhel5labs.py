"""RHEL5-Xen labs for tests."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING, Any, Self

from hvsim import scenario
from hvsim.clock import Clock, ClockMode
from hvsim.pump import Pump
from hvsim.rhel5xen.site import Host, Site
from hvsim_fakes.rhel5xen.actor import WorldActor
from hvsim_fakes.rhel5xen.doors import doors_of_site
from hvsim_fakes.rhel5xen.remote import Remote
from hvsim_fakes.shell.local import Outcome, run_command
from hvsim_fakes.wirelog import WireLog

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hvsim.world import World

MIB = 2**20

GUESTS: list[dict[str, Any]] = [
    {"name": "web", "state": "running", "host": "alpha"},
    {"name": "asleep", "state": "paused", "host": "alpha"},
    {"name": "spare", "host": "alpha"},
    {"name": "db", "state": "running", "host": "beta"},
]


def data(guests: list[dict[str, Any]] | None = None, **more: Any) -> dict[str, Any]:
    """Return a scenario with two hosts."""
    site = {
        "name": "site",
        "hosts": [
            {"name": "alpha", "address": "127.0.77.11", "memory": 8192 * MIB, "cpus": 4},
            {"name": "beta", "address": "127.0.77.12", "memory": 8192 * MIB, "cpus": 4},
        ],
        "guests": GUESTS if guests is None else guests,
        **more,
    }
    return {"name": "rhel5", "seed": 5, "rhel5xen": [site]}


def world_of(
    guests: list[dict[str, Any]] | None = None, *, skip: bool = False, **more: Any
) -> World:
    """Return a world with two hosts, its clock stepped unless it is to skip idle time."""
    clock = Clock(ClockMode.SKIP_IDLE) if skip else None
    return scenario.build(scenario.from_data(data(guests, **more)), clock=clock)


def site_of(world: World) -> Site:
    """Return the site."""
    found = world.product("site")
    assert isinstance(found, Site)
    return found


def host_of(world: World, name: str = "alpha") -> Host:
    """Return a host."""
    return site_of(world).hosts[name]


def states(world: World) -> dict[str, dict[str, str]]:
    """Return every domain's state by host and name, without Domain-0."""
    return {
        host.name: {domain.name: str(domain.state) for domain in host.guests}
        for host in site_of(world).hosts.values()
    }


class Shells:
    """The shells of a world's hosts, with the pump that lets simulated time pass."""

    def __init__(self, world: World) -> None:
        self.wirelog = WireLog()
        self._shells = {
            door.host: door.shell for door in doors_of_site(site_of(world), self.wirelog)
        }
        self._pump = Pump(world)

    def __enter__(self) -> Self:
        self._pump.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._pump.stop()

    def run(
        self, line: str, host: str = "alpha", stdin: str = "", account: str = "root"
    ) -> Outcome:
        """Run a command line on a host."""
        return run_command(self._shells[host], line, stdin, account=account)


@contextlib.contextmanager
def unix_socket(host: Host, path: Path) -> Iterator[str]:
    """Serve a host's libvirtd on a socket of this machine; give the URI for ``virsh``."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()

    def serve(client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            Remote(host, WorldActor(host.world)).serve(client.recv, client.sendall)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = listener.accept()
                threading.Thread(target=serve, args=(client,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"xen+unix:///?socket={path}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
