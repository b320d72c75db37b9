"""The world: one simulated datacentre, its time, its log and the one lock over all of it."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from hvsim.activity import Activity
from hvsim.clock import Clock
from hvsim.engine import Engine
from hvsim.errors import CommandError, HvsimError
from hvsim.events import EventLog
from hvsim.hardware import Hardware
from hvsim.journal import Entry, Journal
from hvsim.operations import Operation, Operations
from hvsim.streams import Streams

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import simpy

    from hvsim.commands import Command
    from hvsim.systems import System

_SLICE = 2_000
"""SimPy events processed before the lock is offered to others during a long advance."""


class World:
    """One simulated datacentre.

    Everything in it is read under :meth:`access` and changed through :meth:`execute`; nothing
    blocks under the lock, so any number of threads may share a world.

    Args:
        seed: with the scenario and the journal it decides every later event.
        clock: how time moves; stands still and is stepped by default.
    """

    def __init__(self, seed: int = 0, clock: Clock | None = None) -> None:
        self.seed = seed
        self.clock = clock or Clock()
        self.engine = Engine()
        self.log = EventLog(lambda: self.engine.now)
        self.streams = Streams(seed)
        self.journal = Journal()
        self.operations = Operations(self.engine, self.log, self.streams)
        self.hardware = Hardware(self.log)
        self.products: dict[str, Any] = {}
        self.systems: dict[str, System] = {}
        self.activity = Activity()
        self.origin: Any = None
        """What the world was built from (its scenario), so that it can be built again."""
        self.lock = threading.RLock()
        self.on_command: Callable[[], object] | None = None
        """Told, under the lock, after a command was carried out or refused."""
        self._applying = False
        self._access = _Access(self)
        self.engine.on_crash = self._note_crash

    @property
    def now(self) -> float:
        """Simulated seconds since the lab began, as far as the world has been brought."""
        return self.engine.now

    def access(self) -> AbstractContextManager[World]:
        """Hold the lock, the world brought up to the clock; for reading, and for short."""
        return self._access

    def execute(self, command: Command) -> Any:
        """Journal a command, carry it out now and return what it gives.

        Raises:
            HvsimError: what the command refuses with. It stays in the journal, since a refusal
                can leave traces as well.
        """
        with self.access():
            self._refuse_nesting(command)
            command = command.sealed(self)
            self.journal.append(self.now, command)
            return self._apply(command)

    def schedule(self, when: float, command: Command) -> None:
        """Let a command of the scenario itself be carried out at simulated time ``when``.

        It is not journalled: the scenario brings it back. A refusal then becomes an event.
        """

        def due(_: simpy.Event) -> None:
            with self.log.caused_by(command.kind):
                self._carry_out_scheduled(command.sealed(self))

        timer = self.engine.timeout(max(0.0, when - self.now))
        timer.callbacks.append(due)

    def replay(self, entries: Iterable[Entry], until: float | None = None) -> None:
        """Carry out journalled commands at their own times, then move on to ``until``."""
        for entry in entries:
            with self.lock:
                self.engine.advance(entry.time)
                self.clock.jump(entry.time)
                self.journal.append(entry.time, entry.command)
                self._apply_quietly(entry.command)
        if until is not None:
            self.advance_to(until)

    def advance(self, seconds: float) -> None:
        """Let ``seconds`` of simulated time pass at once."""
        self.advance_to(self.clock.now() + seconds)

    def advance_to(self, when: float) -> None:
        """Let simulated time pass until ``when``, giving others a turn on the way."""
        finished = False
        while not finished:
            with self.lock:
                finished = self.engine.advance(when, limit=_SLICE)
                self.clock.jump(when if finished else self.engine.now)

    def advance_to_next(self) -> bool:
        """Move to the next thing that is due; return False when nothing is."""
        with self.lock:
            when = self.engine.next_time()
            if when is not None:
                self.advance_to(when)
            return when is not None

    def park(
        self,
        topics: Iterable[str],
        ready: Callable[[], bool],
        seconds: float | None = None,
        gone: Callable[[], bool] | None = None,
    ) -> bool:
        """Wait outside the lock until ``ready()`` holds.

        Args:
            topics: what wakes the caller to look again.
            ready: judged under the lock.
            seconds: the most to wait, in the machine's time; None without limit.
            gone: asked once a second; true when who waits is no longer there.

        Returns:
            Whether ``ready()`` held in time.
        """
        return self.activity.park(self, topics, ready, seconds, gone)

    def wait_operation(self, operation: Operation, seconds: float | None = None) -> bool:
        """Wait until an operation has ended; return whether it did within ``seconds``."""
        return self.park((operation.topic,), lambda: operation.done, seconds)

    def product(self, name: str) -> Any:
        """Return a simulated product by its instance's name, or raise :class:`CommandError`."""
        try:
            return self.products[name]
        except KeyError:
            known = ", ".join(sorted(self.products)) or "none"
            raise CommandError(f"no pool or manager called {name!r}; there are: {known}") from None

    def _apply(self, command: Command) -> Any:
        with self.log.caused_by(command.kind):
            self._applying = True
            try:
                return command.apply(self)
            except HvsimError:
                raise
            except Exception as error:
                # A fault of the simulator: on record, and the same again when replayed.
                self._note_crash(error)
                raise
            finally:
                self._applying = False
                self.engine.settle()
                if self.on_command is not None:
                    self.on_command()

    def _refuse_nesting(self, command: Command) -> None:
        """Refuse a command that the world gives itself: a replay would carry it out twice."""
        if self._applying or self.engine.stepping:
            raise RuntimeError(f"{command.kind} was given from within the world; call it directly")

    def _carry_out_scheduled(self, command: Command) -> None:
        try:
            command.apply(self)
        except HvsimError as error:
            self.log.append(
                "refused", "scenario", None, {"command": command.kind, "why": str(error)}
            )

    def _apply_quietly(self, command: Command) -> None:
        try:
            self._apply(command)
        except Exception:  # noqa: BLE001 - see below
            # It was refused, or failed, when it was first given too.
            return

    def _note_crash(self, error: Exception) -> None:
        self.log.append("crash", "simulator", None, {"error": f"{type(error).__name__}: {error}"})


class _Access(AbstractContextManager["World"]):
    """Holding a world's lock; keeps nothing of its own, so one serves every caller."""

    def __init__(self, world: World) -> None:
        self._world = world

    def __enter__(self) -> World:
        world = self._world
        world.lock.acquire()
        try:
            world.engine.advance(world.clock.now())
        except BaseException:
            world.lock.release()
            raise
        return world

    def __exit__(self, *_: object) -> None:
        self._world.lock.release()
