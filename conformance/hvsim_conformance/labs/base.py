"""What the labs of all products have: a world of their own that listens, and hands on it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar, Final

from hvsim.commands import decode, kinds
from hvsim.errors import HvsimError
from hvsim.operations import Operation
from hvsim.world import World
from hvsim_conformance.adapters.model import Credentials, Product, Role
from hvsim_conformance.engine.lab import HARNESS, Endpoint, Exchange, TrueGuest, TrueHost
from hvsim_conformance.engine.timeline import Lane, TimelineEntry
from hvsim_conformance.labs.machines import Machines
from hvsim_conformance.labs.moment import Moment
from hvsim_fakes.control.truth import truth
from hvsim_fakes.lab import Lab as RunningLab
from hvsim_fakes.lab import Listening

ADDRESS: Final = "127.0.0.250"
"""Where the suite's own connections come from, so that the wire log can tell them apart."""


class Control:
    """Time, faults and the inside of guests, straight on the world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.done: list[TimelineEntry] = []

    def now(self) -> float:
        """Return simulated seconds since the lab's beginning."""
        return self._world.clock.now()

    def advance(self, seconds: float) -> None:
        """Let simulated time pass."""
        self.done.append(TimelineEntry(self.now(), Lane.COMMAND, f"advance {seconds} s"))
        self._world.advance(seconds)

    def perform(self, command: str, subject: str = "", **arguments: object) -> object:
        """Carry out a command; ``subject`` fills its first field unless it is empty.

        A command that takes simulated time is let come to its end.
        """
        fields = dict(arguments)
        if subject:
            fields[_first_field(command)] = subject
        text = " ".join([command, *(f"{key}={value}" for key, value in fields.items())])
        self.done.append(TimelineEntry(self.now(), Lane.COMMAND, text))
        try:
            value = self._world.execute(decode({"kind": command, **fields}))
        except HvsimError as problem:
            raise ValueError(f"{command}: {problem}") from problem
        return value

    def settle(self, operation: Operation) -> None:
        """Let simulated time pass until an operation has ended."""
        while not operation.done and self._world.advance_to_next():
            pass

    def hold(self, operation: str, stage: str, on: str = "") -> None:
        """Keep operations in a stage until :meth:`release`."""
        chosen = {"on": on} if on else {}
        self.perform("stage.hold", name="check", operation=operation, stage=stage, **chosen)

    def release(self) -> None:
        """Let go what :meth:`hold` keeps."""
        self.perform("stage.release", name="check")

    @contextmanager
    def amid(self, operation: str, stage: str, action: Callable[[], object]) -> Iterator[Moment]:
        """Hold the block's operations in a stage, carry out ``action`` there and let go.

        The action has a thread of its own, so that the block may wait for the operation's end.
        """
        self.hold(operation, stage)
        moment = Moment(self._world, action, self._let_go)
        try:
            yield moment
        finally:
            moment.end()

    def _let_go(self) -> None:
        if "check" in self._world.operations.rules:
            self.release()


class Wire:
    """The wire log, with the suite's own client named."""

    def __init__(self, running: RunningLab) -> None:
        self._log = running.wirelog

    def mark(self) -> int:
        """Return the number of the last exchange so far."""
        return self._log.last_seq

    def since(self, mark: int) -> Sequence[Exchange]:
        """Return the exchanges after a mark."""
        return [
            Exchange(
                seen.seq,
                seen.time,
                HARNESS if seen.client.partition(":")[0] == ADDRESS else seen.client,
                seen.endpoint,
                seen.call,
                seen.is_write,
                seen.outcome,
            )
            for seen in self._log.entries(since=mark)
        ]


class Truth:
    """What is really so."""

    def __init__(self, world: World) -> None:
        self._world = world

    def hosts(self) -> Sequence[TrueHost]:
        """Return every host."""
        return [
            TrueHost(host.native_id, host.name, host.alive, host.maintenance)
            for manager in truth(self._world).managers
            for host in manager.hosts
        ]

    def guests(self) -> Sequence[TrueGuest]:
        """Return every guest; ``host`` is the native id of where it really is."""
        found = []
        for manager in truth(self._world).managers:
            hosts = {host.name: host.native_id for host in manager.hosts}
            for guest in manager.guests:
                place = hosts.get(guest.host or "")
                found.append(
                    TrueGuest(
                        guest.native_id,
                        guest.name,
                        place,
                        str(guest.native["power_state"]),
                        int(guest.inside.get("boot", 0)),
                    )
                )
        return found

    def guest(self, name: str) -> TrueGuest:
        """Return the only guest with a name."""
        return next(guest for guest in self.guests() if guest.name == name)

    def host(self, name: str) -> TrueHost:
        """Return the only host with a name."""
        return next(host for host in self.hosts() if host.name == name)


class ProductLab:
    """One check's own world, listening on ports of its own.

    Args:
        world: the world, whose clock skips idle time.
        account: what the endpoints let an implementation in with.
    """

    product: ClassVar[Product]

    def __init__(self, world: World, account: Credentials) -> None:
        self.world = world
        self.running = RunningLab(world, self.listening()).start()
        self.control = Control(world)
        self.truth = Truth(world)
        self.wire = Wire(self.running)
        self.credentials = account
        self.machines = Machines(world)

    def listening(self) -> Listening:
        """Return which ports the endpoints listen on: plain ones, any that are free."""
        return Listening(tls_port=None, control_port=0)

    @property
    def hardware(self) -> Endpoint:
        """The door to the physical servers, for implementations of spares and backups."""
        secret = Credentials("", self.running.token)
        return Endpoint(self.product, self.running.control_url, secret, Role.HARDWARE)

    def uuid(self, guest: str) -> str:
        """Return a guest's native id by its name."""
        return self.truth.guest(guest).native_id

    def host_id(self, host: str) -> str:
        """Return a host's native id by its name."""
        return self.truth.host(host).native_id

    def timeline(self) -> Sequence[TimelineEntry]:
        """Return commands, exchanges and events."""
        exchanges = [
            TimelineEntry(
                seen.at, Lane.WIRE, f"{seen.call} at {seen.endpoint}", seen.outcome, seen.is_write
            )
            for seen in self.wire.since(0)
        ]
        events = [
            TimelineEntry(event.time, Lane.EVENT, f"{event.kind} {event.subject}", event.cause)
            for event in self.world.log.since(0)
        ]
        return sorted([*self.control.done, *exchanges, *events], key=lambda entry: entry.at)

    def close(self) -> None:
        """Stop listening."""
        self.running.stop()


def _first_field(command: str) -> str:
    fields: Any = kinds()[command].__struct_fields__
    return str(fields[0])
