"""The ports of every host of a lab, on one port number for all of them."""

from __future__ import annotations

import errno
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from hvsim.errors import InputError
from hvsim.xenserver.pool import Pool
from hvsim_fakes.doors import Door, doors_of
from hvsim_fakes.gate import Entrance, Gate
from hvsim_fakes.ports import common_port
from hvsim_fakes.server import Limits, server_context
from hvsim_fakes.ssh.door import ShellDoor

if TYPE_CHECKING:
    import ssl

    from hvsim.hardware import Change
    from hvsim.world import World
    from hvsim_fakes.doors import AnyDoor
    from hvsim_fakes.ssh.gate import ShellGate
    from hvsim_fakes.ssh.limits import SshLimits
    from hvsim_fakes.ssh.loop import Loop
    from hvsim_fakes.wirelog import WireLog

LOOPBACK = ("127.", "::1", "localhost")
"""How addresses begin that only this machine reaches."""
_ATTEMPTS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """Where a lab listens.

    Attributes:
        port: every host's plain port; 0 takes one that is free on all addresses, None has none.
        tls_port: every host's TLS port, likewise.
        ssh_port: the SSH port of every host that has one, likewise.
        control_port: the control plane's port; 0 takes a free one, None has no control plane.
        bind: the control plane's address; hosts listen on their own, which have to be loopback
            ones unless this is not.
        limits, ssh_limits: bounds on clients; None takes the servers' own.
        remote_code: let clients run programs of their own, in sandboxes, on every host that
            answers SSH; else only on those whose part of the scenario says so.
    """

    port: int | None = 0
    tls_port: int | None = 0
    ssh_port: int | None = 0
    control_port: int | None = 0
    bind: str = "127.0.0.1"
    limits: Limits | None = None
    ssh_limits: SshLimits | None = None
    remote_code: bool = False


class _Ports(NamedTuple):
    """Port numbers: of all hosts' plain HTTP, TLS and SSH ports; 0 is yet to be chosen."""

    plain: int | None
    secure: int | None
    ssh: int | None


def pools_of(world: World) -> dict[str, Pool]:
    """Return the XenServer pools of a world by name."""
    return {name: found for name, found in world.products.items() if isinstance(found, Pool)}


class Gates:
    """Opens a gate for every host of a world, and keeps each as alive as its host is.

    Args:
        wirelog: where the endpoints note every exchange.
    """

    def __init__(self, listening: Listening, wirelog: WireLog) -> None:
        self._listening = listening
        self._wirelog = wirelog
        self._gates: dict[tuple[str, str], Gate | ShellGate] = {}
        self._doors: list[AnyDoor] = []
        self._world: World | None = None
        self._loop: Loop | None = None
        self._ports = _Ports(listening.port, listening.tls_port, listening.ssh_port)

    def open(self, world: World) -> None:
        """Listen for every host of the world; ports once chosen stay the same.

        Raises:
            InputError: when an address or a port is not to be had.
        """
        doors = [
            door for product in world.products.values() for door in doors_of(product, self._wirelog)
        ]
        addresses = [door.server.address for door in doors]
        self._demand_allowed(addresses)
        for attempt in range(1, _ATTEMPTS + 1):
            ports = self._choose(doors)
            try:
                self._listen(world, doors, ports)
                break
            except OSError as error:
                self._stop()
                taken = error.errno == errno.EADDRINUSE and 0 in self._ports
                # Somebody may take a port between its choice and its use.
                if not taken or attempt == _ATTEMPTS:
                    raise _unavailable(addresses, error) from None
        self._ports = ports
        self._doors = doors
        self._attach(world, doors)

    def close(self) -> None:
        """End every connection and close every port."""
        for gate in self._gates.values():
            gate.cut()
        for door in self._doors:
            if isinstance(door, Door) and door.leave is not None:
                door.leave()
        if self._world is not None:
            # Parked requests find their clients gone, and end.
            self._world.log.wake_all()
        self._world = None
        self._stop()

    def doors(self) -> list[AnyDoor]:
        """Return every door there is, product by product."""
        return list(self._doors)

    def shells(self) -> list[tuple[ShellDoor, str]]:
        """Return the doors that answer SSH, each with its URL."""
        doors = [door for door in self._doors if isinstance(door, ShellDoor)]
        addressed = [(door, self.urls(door.owner, door.host)) for door in doors]
        return [(door, urls["ssh"]) for door, urls in addressed if "ssh" in urls]

    def urls(self, pool: str, host: str) -> dict[str, str]:
        """Return a member's base URLs by scheme, given the reference of its host."""
        return self._gates[pool, host].urls

    def _choose(self, doors: list[AnyDoor]) -> _Ports:
        pages = [door.server.address for door in doors if isinstance(door, Door)]
        shells = [door.server.address for door in doors if isinstance(door, ShellDoor)]
        plain, secure, ssh = self._ports
        return _Ports(_chosen(plain, pages), _chosen(secure, pages), _chosen(ssh, shells))

    def _listen(self, world: World, doors: list[AnyDoor], ports: _Ports) -> None:
        addresses = [door.server.address for door in doors if isinstance(door, Door)]
        context = server_context(addresses) if ports.secure is not None and addresses else None
        for door in doors:
            if isinstance(door, ShellDoor):
                self._listen_for_shells(world, door, ports.ssh)
                continue
            entrance = Entrance(world, door.server, door.endpoint)
            gate = self._gates[door.owner, door.host] = Gate(entrance, door.silence, door.name)
            self._open_ports(gate, door.server.address, ports.plain, ports.secure, context)

    def _listen_for_shells(self, world: World, door: ShellDoor, port: int | None) -> None:
        # Many a lab has no host with a shell, and what serves one is large.
        from hvsim_fakes.sandbox.program import allow  # noqa: PLC0415 - see above
        from hvsim_fakes.ssh.gate import ShellGate  # noqa: PLC0415 - see above
        from hvsim_fakes.ssh.limits import SshLimits  # noqa: PLC0415 - see above
        from hvsim_fakes.ssh.loop import Loop  # noqa: PLC0415 - see above

        if self._loop is None:
            self._loop = Loop()
        limits = self._listening.ssh_limits or SshLimits()
        if self._listening.remote_code or door.shell.system.remote_code:
            allow(door.shell)
        gate = self._gates[door.owner, door.host] = ShellGate(world, self._loop, door, limits)
        if port is not None:
            gate.listen(door.server.address, port)

    def _open_ports(
        self,
        gate: Gate,
        address: str,
        plain: int | None,
        secure: int | None,
        context: ssl.SSLContext | None,
    ) -> None:
        limits = self._listening.limits
        if plain is not None:
            gate.listen(address, plain, limits=limits)
        if secure is not None:
            gate.listen(address, secure, tls=context, limits=limits)

    def _attach(self, world: World, doors: list[AnyDoor]) -> None:
        """Let every gate follow its host from now on."""

        def follow_all(_: Change) -> None:
            if self._world is world:
                self._follow()

        self._world = world
        with world.access():
            world.hardware.observe(follow_all)
            for door in doors:
                door.watch(self._gates[door.owner, door.host].follow)
            self._follow()

    def _follow(self) -> None:
        for gate in self._gates.values():
            gate.follow()

    def _stop(self) -> None:
        for gate in self._gates.values():
            gate.stop()
        self._gates.clear()
        if self._loop is not None:
            self._loop.stop()
            self._loop = None

    def _demand_allowed(self, addresses: list[str]) -> None:
        if not self._listening.bind.startswith(LOOPBACK):
            return
        for address in addresses:
            if not address.startswith(LOOPBACK):
                raise InputError(
                    f"host address {address} is not a loopback address;"
                    " --bind with an address of the network allows it"
                )


def _chosen(port: int | None, addresses: list[str]) -> int | None:
    """Return a port, a free one where any will do."""
    if port != 0 or not addresses:
        return port
    try:
        return common_port(addresses)
    except OSError as error:
        raise _unavailable(addresses, error) from None


def _unavailable(addresses: list[str], error: OSError) -> InputError:
    shown = ", ".join(addresses[:4]) + (", ..." if len(addresses) > 4 else "")
    return InputError(f"cannot listen on {shown}: {error.strerror or error}")
