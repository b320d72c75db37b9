"""The event log: every change of the world, in order, with one generation counter over it."""

from __future__ import annotations

import threading
from collections import deque
from contextlib import AbstractContextManager, contextmanager, suppress
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import msgspec
import orjson

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


class Event(msgspec.Struct, frozen=True, gc=False):
    """One change.

    Attributes:
        generation: its place in the log, from 1.
        time: simulated seconds since the lab began.
        kind: what happened: ``add``, ``mod``, ``del`` for records; a verb for hardware and faults.
        subject: what it happened to, as a path (``xenserver/pool1/VM/OpaqueRef:...``).
        before: the changed values before, JSON-ready; None where there were none.
        after: the changed values after, JSON-ready; None where none are left.
        cause: the command or operation that brought it about.
    """

    generation: int
    time: float
    kind: str
    subject: str
    before: Any
    after: Any
    cause: str

    def line(self) -> bytes:
        """Return the event as one line of the log, the bytes that the log's hash covers."""
        facts = (self.generation, self.time, self.kind, self.subject)
        return _line(*facts, self.before, self.after, self.cause)


def _line(*facts: Any) -> bytes:
    return orjson.dumps(facts, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def _generation(line: bytes) -> int:
    return int(line[1 : line.index(b",")])


class Waiter:
    """A thread's wish to be woken when something happens under one of its topics."""

    __slots__ = ("_crowd", "_gate", "called", "on_wake", "parked", "topics", "wanted")

    def __init__(self, topics: frozenset[str], crowd: Crowd) -> None:
        self.topics = topics
        self.on_wake: Callable[[], object] | None = None
        """Told as soon as there is something for the thread, before it runs."""
        self.parked = self.wanted = self.called = False
        """Whether it waits at this moment; stands in the crowd's line; is being woken."""
        self._crowd = crowd
        # A lock that who waits takes and who wakes lets go: an event is made of three.
        self._gate = threading.Lock()
        self._gate.acquire()

    def wake(self) -> None:
        """Let the thread go on."""
        with suppress(RuntimeError):
            # Let go already when it was woken before.
            self._gate.release()

    def wait(self, seconds: float | None) -> bool:
        """Park for at most ``seconds`` of the machine's time; return whether it was woken."""
        self.parked = True
        try:
            return self._gate.acquire(timeout=-1 if seconds is None else max(0.0, seconds))
        finally:
            self.parked = False
            self._crowd.went_on(self)


class Crowd:
    """Wakes waiters one after the other: a thousand at once only get in each other's way.

    The next is woken as soon as the one before it runs. Who is not parked when its turn comes
    (it may be busy with a slow client) goes on by itself, and keeps nobody waiting.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._line: deque[Waiter] = deque()
        self._waking = False

    def want(self, waiters: Iterable[Waiter]) -> None:
        """Wake waiters, each as soon as it is its turn."""
        with self._lock:
            for waiter in waiters:
                tell = waiter.on_wake
                if tell is not None:
                    tell()
                if not waiter.wanted:
                    waiter.wanted = True
                    self._line.append(waiter)
            self._call()

    def went_on(self, waiter: Waiter) -> None:
        """Note that a waiter is parked no more, whatever ended that."""
        with self._lock:
            if waiter.called:
                self._waking = waiter.called = False
                self._call()

    def _call(self) -> None:
        while self._line and not self._waking:
            waiter = self._line.popleft()
            waiter.wanted = False
            self._waking = waiter.called = waiter.parked
            waiter.wake()


class EventLog:
    """Append-only log of events; the newest ``capacity`` stay readable, the hash covers all.

    They are kept as their lines, which take a fraction of the memory that their values do.

    Args:
        now: gives the simulated time of an appended event.
        capacity: how many events stay in memory.
    """

    def __init__(self, now: Callable[[], float], capacity: int = 50_000) -> None:
        self._now = now
        self._kept: deque[bytes] = deque(maxlen=capacity)
        self._hash = blake2b(digest_size=16)
        self._waiters: dict[str, dict[Waiter, None]] = {}
        self._waiters_lock = threading.Lock()
        self._crowd = Crowd()
        self.generation = 0
        self.cause = "build"
        self.retain = True
        """False while a lab is built: its first records count and are hashed, but not kept."""
        self.sink: Callable[[bytes], object] | None = None
        """Takes every line, for example a file's ``write``."""

    @property
    def digest(self) -> str:
        """Hash over every line so far, in hexadecimal."""
        return self._hash.hexdigest()

    def append(
        self, kind: str, subject: str, before: Any, after: Any, topics: Iterable[str] = ()
    ) -> int:
        """Log one change and wake who waits for one of ``topics``; return its generation."""
        self.generation += 1
        line = _line(self.generation, self._now(), kind, subject, before, after, self.cause)
        self._hash.update(line)
        if self.retain:
            # A copy, for what the encoder gives holds a buffer of several times its length.
            self._kept.append(bytes(memoryview(line)))
        if self.sink is not None:
            self.sink(line)
        if self._waiters:
            self.wake(topics)
        return self.generation

    def since(self, generation: int, limit: int | None = None) -> list[Event]:
        """Return the kept events after ``generation``, oldest first, at most ``limit``."""
        lines = self._since(generation)
        return [Event(*orjson.loads(line)) for line in (lines if limit is None else lines[:limit])]

    def lines(self, generation: int = 0) -> Iterator[bytes]:
        """Give the kept events after ``generation`` as lines of the log, oldest first."""
        yield from self._since(generation)

    @property
    def oldest(self) -> int:
        """Generation of the oldest event still kept (the next one's when none is)."""
        return _generation(self._kept[0]) if self._kept else self.generation + 1

    @property
    def awaited(self) -> bool:
        """Whether anybody waits for anything."""
        return bool(self._waiters)

    def wake(self, topics: Iterable[str]) -> None:
        """Wake the waiters of ``topics``, and those of every topic (``*``)."""
        with self._waiters_lock:
            found = [w for topic in (*topics, "*") for w in self._waiters.get(topic, ())]
        if found:
            self._crowd.want(found)

    def wake_all(self) -> None:
        """Wake every waiter to look again, as when the lab ends."""
        with self._waiters_lock:
            topics = tuple(self._waiters)
        self.wake(topics)

    @contextmanager
    def waiter(self, topics: Iterable[str]) -> Iterator[Waiter]:
        """Register a waiter for the length of a ``with`` block."""
        waiter = Waiter(frozenset(topics), self._crowd)
        with self._waiters_lock:
            for topic in waiter.topics:
                self._waiters.setdefault(topic, {})[waiter] = None
        try:
            yield waiter
        finally:
            with self._waiters_lock:
                for topic in waiter.topics:
                    self._forget(topic, waiter)

    def _since(self, generation: int) -> list[bytes]:
        found: list[bytes] = []
        for line in reversed(self._kept):
            if _generation(line) <= generation:
                break
            found.append(line)
        found.reverse()
        return found

    def _forget(self, topic: str, waiter: Waiter) -> None:
        waiting = self._waiters[topic]
        del waiting[waiter]
        if not waiting:
            del self._waiters[topic]

    def caused_by(self, cause: str) -> AbstractContextManager[None]:
        """Attribute the events of a ``with`` block to ``cause``."""
        return _Cause(self, cause)


class _Cause(AbstractContextManager[None]):
    """A stretch of the log that one cause brings about."""

    __slots__ = ("_before", "_cause", "_log")

    def __init__(self, log: EventLog, cause: str) -> None:
        self._log = log
        self._cause = cause
        self._before = ""

    def __enter__(self) -> None:
        self._before, self._log.cause = self._log.cause, self._cause

    def __exit__(self, *_: object) -> None:
        self._log.cause = self._before
