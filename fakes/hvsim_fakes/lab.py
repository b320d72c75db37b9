"""A running lab: a world with its clock's pump, its products' endpoints and its control plane."""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from hvsim.commands import decode
from hvsim.errors import CommandError, InputError
from hvsim.pump import Pump
from hvsim.xenserver.access import SUPERUSER
from hvsim.xenserver.pool import Pool
from hvsim_fakes.control import control_app
from hvsim_fakes.gate import Entrance, Gate
from hvsim_fakes.ports import common_port
from hvsim_fakes.server import Limits, Listener, server_context
from hvsim_fakes.wirelog import WireLog
from hvsim_fakes.xenserver.endpoint import XenApiEndpoint

if TYPE_CHECKING:
    from types import TracebackType

    from hvsim.hardware import Change
    from hvsim.world import World
    from hvsim.xenserver.pool import Member

_LOOPBACK = ("127.", "::1", "localhost")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """Where a lab listens.

    Attributes:
        port: every host's plain port; 0 takes one that is free on all addresses, None has none.
        tls_port: every host's TLS port, likewise.
        control_port: the control plane's port; 0 takes a free one, None has no control plane.
        bind: the control plane's address; hosts listen on their own, which have to be loopback
            ones unless this is not.
        limits: bounds on clients; None takes the server's own.
    """

    port: int | None = 0
    tls_port: int | None = 0
    control_port: int | None = 0
    bind: str = "127.0.0.1"
    limits: Limits | None = None


class Lab:
    """A world that answers on its products' wires while the lab runs.

    A context manager; ``with Lab(world) as lab: connect(lab.url("pool1"))``.

    Args:
        world: what is simulated; the lab brings it along with its clock.
        listening: ports and addresses; by default whatever is free on the loopback interface.
        token: the control plane's; made up when not given.
        scenario_name: what people call the lab.
    """

    def __init__(
        self,
        world: World,
        listening: Listening | None = None,
        *,
        token: str | None = None,
        scenario_name: str = "",
    ) -> None:
        self.world = world
        self.listening = listening or Listening()
        self.token = token or secrets.token_urlsafe(24)
        self.scenario_name = scenario_name
        self.wirelog = WireLog()
        self.stopping = False
        self._gates: dict[str, dict[str, Gate]] = {}
        self._pump = Pump(world)
        self._control: Listener | None = None
        self._exchange = threading.Lock()
        self._ports: tuple[int | None, int | None] | None = None

    @property
    def pools(self) -> dict[str, Pool]:
        """The XenServer pools by name."""
        products = self.world.products
        return {name: found for name, found in products.items() if isinstance(found, Pool)}

    @property
    def control_url(self) -> str:
        """Base URL of the control plane; raises RuntimeError when there is none."""
        if self._control is None:
            raise RuntimeError("the lab has no control plane running")
        host, port = self._control.address
        return f"http://{host}:{port}"

    def start(self) -> Self:
        """Listen everywhere and let the clock run.

        Raises:
            InputError: when an address or a port is not to be had.
        """
        try:
            self._open_gates()
            self._open_control()
        except BaseException:
            self.stop()
            raise
        self._pump.start()
        return self

    def stop(self) -> None:
        """End every connection, close every port and stop the clock's pump."""
        self.stopping = True
        self._close_gates()
        if self._control is not None:
            self._control.stop()
            self._control = None
        self._pump.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def url(self, pool: str | None = None, *, tls: bool | None = None) -> str:
        """Return the URL of a pool's present master (of the first pool when none is named).

        ``tls`` chooses the scheme; None takes plain HTTP where the lab has it.
        """
        found = self._pool(pool)
        return self.member_url(found.name, found.master.host, tls=tls)

    def member_url(self, pool: str, host: str, *, tls: bool | None = None) -> str:
        """Return the URL of a member by the reference of its host."""
        urls = self._gates[pool][host].urls
        if tls is None:
            return next(iter(urls.values()))
        return urls["https" if tls else "http"]

    def member_urls(self, pool: str, host: str) -> list[str]:
        """Return every URL of a member."""
        return list(self._gates[pool][host].urls.values())

    def credentials(self, pool: str | None = None) -> tuple[str, str]:
        """Return user name and password of a pool's superuser."""
        account = self._pool(pool).access.accounts[SUPERUSER]
        return account.user, account.password

    def perform(self, kind: str, **fields: Any) -> Any:
        """Carry out a command by its kind; returns what the command gives.

        Raises:
            HvsimError: what the command, or its decoding, refuses with.
        """
        return self.world.execute(decode({"kind": kind, **fields}))

    def replace(self, world: World) -> None:
        """Put another world in the place of the present one, on the same ports.

        Every open connection to a host ends; the control plane stays.
        """
        with self._exchange:
            self._pump.stop()
            self._close_gates()
            self.world = world
            self._open_gates()
            self._pump = Pump(world)
            self._pump.start()

    def _pool(self, name: str | None) -> Pool:
        pools = self.pools
        if name is None and pools:
            return next(iter(pools.values()))
        if name not in pools:
            known = ", ".join(pools) or "none"
            raise CommandError(f"no pool called {name!r}; there are: {known}")
        return pools[name]

    def _all_gates(self) -> list[Gate]:
        return [gate for gates in self._gates.values() for gate in gates.values()]

    def _open_gates(self) -> None:
        addresses = [
            m.server.address for pool in self.pools.values() for m in pool.members.values()
        ]
        self._demand_allowed(addresses)
        plain, secure = self._choose_ports(addresses)
        context = server_context(addresses) if secure is not None and addresses else None
        for pool in self.pools.values():
            self._gates[pool.name] = {}
            for member in pool.members.values():
                gate = self._gate(pool, member)
                self._gates[pool.name][member.host] = gate
                self._listen(gate, member.server.address, plain, None)
                self._listen(gate, member.server.address, secure, context)
        self._attach()

    def _close_gates(self) -> None:
        for gate in self._all_gates():
            gate.cut()
        # Parked requests find their clients gone, and end.
        self.world.log.wake_all()
        for gate in self._all_gates():
            gate.stop()
        self._gates.clear()

    def _choose_ports(self, addresses: list[str]) -> tuple[int | None, int | None]:
        """Return the hosts' plain and TLS port; once chosen they stay the same."""
        if self._ports is None:
            wanted = self.listening
            plain = _chosen(wanted.port, addresses)
            self._ports = plain, _chosen(wanted.tls_port, addresses)
        return self._ports

    def _gate(self, pool: Pool, member: Member) -> Gate:
        endpoint = XenApiEndpoint(pool, member, self.wirelog)
        entrance = Entrance(self.world, member.server, endpoint)
        return Gate(entrance, member.answers, f"{pool.name}-{member.server.name}")

    def _listen(self, gate: Gate, address: str, port: int | None, context: Any) -> None:
        if port is None:
            return
        try:
            gate.listen(address, port, tls=context, limits=self.listening.limits)
        except OSError as error:
            raise _unavailable(address, port, error) from None

    def _open_control(self) -> None:
        port = self.listening.control_port
        if port is None:
            return
        control = Listener(control_app(self), self.listening.bind, port, name="control")
        try:
            self._control = control.start()
        except OSError as error:
            raise _unavailable(self.listening.bind, port, error) from None

    def _demand_allowed(self, addresses: list[str]) -> None:
        if not self.listening.bind.startswith(_LOOPBACK):
            return
        for address in addresses:
            if not address.startswith(_LOOPBACK):
                raise InputError(
                    f"host address {address} is not a loopback address;"
                    " --bind with an address of the network allows it"
                )

    def _attach(self) -> None:
        """Let every gate follow its host from now on."""
        world = self.world

        def follow_all(_: Change) -> None:
            if self.world is world:
                self._follow()

        with world.access():
            world.hardware.observe(follow_all)
            for pool in self.pools.values():
                for member in pool.members.values():
                    member.observers.append(self._gates[pool.name][member.host].follow)
            self._follow()

    def _follow(self) -> None:
        for gate in self._all_gates():
            gate.follow()


def _chosen(port: int | None, addresses: list[str]) -> int | None:
    if port != 0 or not addresses:
        return port
    try:
        return common_port(addresses)
    except OSError as error:
        raise InputError(f"cannot listen on {', '.join(addresses)}: {error.strerror}") from None


def _unavailable(address: str, port: int, error: OSError) -> InputError:
    return InputError(f"cannot listen on {address}:{port}: {error.strerror or error}")
