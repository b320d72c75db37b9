"""A running lab: a world with its clock's pump, its products' endpoints and its control plane."""

from __future__ import annotations

import gc
import secrets
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

import msgspec

import hvsim_fakes.truths
import hvsim_fakes.vcenter.savedreader  # noqa: F401 - scenarios may load what govc saved
import hvsim_fixtures
from hvsim import saved, scenario
from hvsim.clock import Clock
from hvsim.commands import decode
from hvsim.errors import CommandError, InputError
from hvsim.pump import Pump
from hvsim.scenario import Scenario
from hvsim.xenserver.accounts.access import SUPERUSER
from hvsim.xenserver.spec import PoolSpec
from hvsim_fakes.gates import Gates, Listening, pools_of
from hvsim_fakes.server import Listener
from hvsim_fakes.wirelog import WireLog

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from hvsim.world import World
    from hvsim.xenserver.pool import Pool
    from hvsim_fakes.doors import AnyDoor
    from hvsim_fakes.ssh.door import ShellDoor

__all__ = ["Lab", "Listening", "Source", "as_scenario"]

Source = Scenario | PoolSpec | dict[str, Any] | Path | str
"""A scenario: read already, one pool of it, its data, its file, or the name of a shipped one."""


class Lab:
    """A world that answers on its products' wires while the lab runs.

    A context manager; ``with Lab(world) as lab: connect(lab.url("pool1"))``.

    Args:
        world: what is simulated; the lab brings it along with its clock.
        listening: ports and addresses; by default whatever is free on the loopback interface.
        token: the control plane's; made up when not given.
        scenario_name: what people call the lab; its scenario's name when not given.
    """

    def __init__(
        self,
        world: World,
        listening: Listening | None = None,
        *,
        token: str | None = None,
        scenario_name: str | None = None,
    ) -> None:
        self.world = world
        self.listening = listening or Listening()
        self.token = token or secrets.token_urlsafe(24)
        self.scenario_name = _name_of(world) if scenario_name is None else scenario_name
        self.wirelog = WireLog()
        self.stopping = False
        self._gates = Gates(self.listening, self.wirelog)
        self._pump = Pump(world)
        self._control: Listener | None = None
        self._exchange = threading.Lock()

    @classmethod
    def from_scenario(
        cls,
        source: Source,
        listening: Listening | None = None,
        *,
        seed: int | None = None,
        clock: Clock | None = None,
        token: str | None = None,
        events: Callable[[bytes], object] | None = None,
        journal: Callable[[bytes], object] | None = None,
    ) -> Lab:
        """Build a lab of a scenario; it is not started yet.

        Args:
            seed, clock: instead of the scenario's own.
            events, journal: take every line of the event log and of the journal.

        Raises:
            InputError: one line with what is wrong with the scenario.
        """
        made = as_scenario(source)
        world = scenario.build(made, seed, clock, events=events, journal=journal)
        return cls(world, listening, token=token)

    @property
    def pools(self) -> dict[str, Pool]:
        """The XenServer pools by name."""
        return pools_of(self.world)

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
            self._gates.open(self.world)
            self._open_control()
        except BaseException:
            self.stop()
            raise
        self._pump.start()
        # What a lab is made of stays: collections while it runs need not look at it again.
        gc.freeze()
        return self

    def stop(self) -> None:
        """End every connection, close every port and stop the clock's pump."""
        self.stopping = True
        gc.unfreeze()
        self._gates.close()
        self.world.log.wake_all()
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
        found = self.pool(pool)
        return self.member_url(found.name, found.master.host, tls=tls)

    def member_url(self, pool: str, host: str, *, tls: bool | None = None) -> str:
        """Return the URL of a member by the reference of its host."""
        urls = self._gates.urls(pool, host)
        if tls is None:
            return next(iter(urls.values()))
        return urls["https" if tls else "http"]

    def member_urls(self, pool: str, host: str) -> list[str]:
        """Return every URL of a member, plain HTTP first."""
        return list(self._gates.urls(pool, host).values())

    def ssh_address(self, owner: str, host: str) -> tuple[str, int]:
        """Return address and port at which a host answers SSH, by the names of its door.

        Raises:
            CommandError: when it does not answer SSH.
        """
        found = urlsplit(self._gates.urls(owner, host).get("ssh", ""))
        if found.hostname is None or found.port is None:
            raise CommandError(f"{host!r} of {owner!r} does not answer SSH")
        return found.hostname, found.port

    def doors(self) -> list[tuple[AnyDoor, list[str]]]:
        """Return every address that a product of the lab answers on, each with its URLs."""
        return [
            (door, list(self._gates.urls(door.owner, door.host).values()))
            for door in self._gates.doors()
        ]

    def shells(self) -> list[tuple[ShellDoor, str]]:
        """Return the hosts that are entered by SSH, each with its URL (``ssh://``)."""
        return self._gates.shells()

    def credentials(self, pool: str | None = None) -> tuple[str, str]:
        """Return user name and password of a pool's superuser.

        Raises:
            CommandError: when a client has changed the password; the lab keeps no such one.
        """
        account = self.pool(pool).access.accounts[SUPERUSER]
        if account.password is None:
            raise CommandError(f"a client has changed the password of {account.user!r}")
        return account.user, account.password

    def pool(self, name: str | None = None) -> Pool:
        """Return a pool (the first when none is named), or raise :class:`CommandError`."""
        pools = self.pools
        if name is None and pools:
            return next(iter(pools.values()))
        if name not in pools:
            known = ", ".join(pools) or "none"
            raise CommandError(f"no pool called {name!r}; there are: {known}")
        return pools[name]

    def perform(self, kind: str, fields: Mapping[str, Any] | None = None, **more: Any) -> Any:
        """Carry out a command by its kind; returns what the command gives.

        Raises:
            HvsimError: what the command, or its decoding, refuses with.
        """
        return self.world.execute(decode({"kind": kind, **(fields or {}), **more}))

    def save(self) -> bytes:
        """Return the lab as the content of a file; raises InputError without a scenario."""
        return saved.save(self.world)

    def restore(self, content: bytes) -> None:
        """Put a saved lab in the place of this one, its clock moving as this one's does.

        Raises:
            InputError: when it cannot be read.
            Mismatch: when it does not come out as it was saved.
        """
        lab = saved.parse(content)
        self._replace(saved.restore(lab, self._clock_like()))
        self.scenario_name = lab.scenario.name

    def rewind(self, to: float) -> None:
        """Go back to simulated second ``to``; raises InputError when that is not possible."""
        self._replace(saved.rewind(self.world, to, self._clock_like()))

    def _clock_like(self) -> Clock:
        clock = self.world.clock
        return Clock(clock.mode, clock.scale)

    def _replace(self, world: World) -> None:
        """Put another world in the place of the present one, on the same ports.

        Every open connection to a host ends; the control plane stays, and so do the takers of
        events and commands.
        """
        with self._exchange:
            self._pump.stop()
            self._gates.close()
            before, self.world = self.world, world
            before.log.sink, world.log.sink = None, before.log.sink
            before.journal.sink, world.journal.sink = None, before.journal.sink
            before.log.wake_all()
            self._gates.open(world)
            self._pump = Pump(world)
            self._pump.start()

    def _open_control(self) -> None:
        port = self.listening.control_port
        if port is None:
            return
        # It brings a web framework along, which many a lab does without.
        from hvsim_fakes.control.app import control_app  # noqa: PLC0415 - see above

        control = Listener(control_app(self), self.listening.bind, port, name="control")
        try:
            self._control = control.start()
        except OSError as error:
            where = f"{self.listening.bind}:{port}"
            raise InputError(f"cannot listen on {where}: {error.strerror or error}") from None


def as_scenario(source: Source) -> Scenario:
    """Return a scenario from whatever stands for one; raises InputError when nothing does."""
    if isinstance(source, Scenario):
        return source
    if isinstance(source, PoolSpec):
        return scenario.from_data({"name": source.name, "xenserver": [_data(source)]})
    if isinstance(source, dict):
        return scenario.from_data(source)
    return scenario.load(_file(source))


def _file(source: Path | str) -> Path:
    """Return the file that a path or the name of a shipped scenario leads to."""
    shipped = hvsim_fixtures.scenarios()
    path = Path(source)
    if not path.exists() and str(source) in shipped:
        return shipped[str(source)]
    if not path.exists() and path.suffix != ".toml" and path.name == str(source):
        raise InputError(
            f"{source}: expected a scenario file, or a shipped one: {', '.join(shipped)}"
        )
    return path


def _data(spec: PoolSpec) -> dict[str, Any]:
    """Return a specification as a scenario's table: TOML has no null."""
    data: dict[str, Any] = _without_null(msgspec.to_builtins(spec))
    return data


def _without_null(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_null(one) for key, one in value.items() if one is not None}
    if isinstance(value, list):
        return [_without_null(one) for one in value]
    return value


def _name_of(world: World) -> str:
    origin = world.origin
    return origin.name if isinstance(origin, Scenario) else ""
