"""One client's session on a host: what all programs of its command line share."""

from __future__ import annotations

import itertools
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from hvsim_fakes.shell.limits import Budget, ShellLimits
from hvsim_fakes.shell.program import SIGKILL, Interrupted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hvsim.world import World
    from hvsim_fakes.shell.channels import ClientSink, ClientSource
    from hvsim_fakes.shell.jobs import Job
    from hvsim_fakes.shell.program import Reader, Writer

_LOOK_AGAIN = 1.0
"""Seconds after which who waits looks again, should a notice have been lost."""

_PASSING = ("/tmp/", "/var/tmp/", "/dev/")  # noqa: S108 - of the simulated host


class Terminal(Protocol):
    """The terminal a session has."""

    source: ClientSource
    sink: ClientSink

    def set_echo(self, *, echo: bool) -> None:
        """Say whether what is typed is shown."""


class Session:
    """Signals, limits and waiting, shared by the threads of one session.

    Args:
        tty: the terminal's name; None without one.
        peer: the client's address.
    """

    _numbers = itertools.count(1)

    def __init__(
        self,
        world: World,
        *,
        tty: str | None = None,
        peer: str = "local",
        limits: ShellLimits | None = None,
    ) -> None:
        self.world = world
        self.tty = tty
        self.peer = peer
        self.budget = Budget(limits or ShellLimits())
        self.topic = f"shell/{next(self._numbers)}"
        self.pids = itertools.count(1_000)
        self.changed = threading.Condition()
        """Held for, and told of, every change of the session's pipes and terminal."""
        self.client: dict[int, Reader | Writer] = {}
        """What leads to the client, by descriptor."""
        self.terminal: Terminal | None = None
        self.jobs: list[Job] = []
        self.ended = False
        """Whether its shell has ended; background jobs may go on."""
        self._changed_files = False
        self._mine = threading.local()
        self._signal = 0
        self._killed: dict[int, int] = {}
        """Signals to single threads."""
        self._waiting: dict[int, Callable[[], None]] = {}

    def signal(self, number: int) -> None:
        """Send a signal to what runs now; a stronger one is not replaced by a weaker."""
        with self.changed:
            if self._signal != SIGKILL:
                self._signal = number
            self.tell()
        self.world.log.wake((self.topic,))

    @property
    def busy(self) -> bool:
        """Whether a background job goes on."""
        return any(job.status is None for job in tuple(self.jobs))

    def kill_thread(self, thread: int, number: int) -> None:
        """Send a signal to the programs of one thread alone."""
        with self.changed:
            self._killed[thread] = number
            self.tell()
        self.world.log.wake((self.topic,))

    def forget_thread(self, thread: int) -> None:
        """Forget a signal to a thread that goes on to other work."""
        self._killed.pop(thread, None)

    def forget_signal(self) -> None:
        """Forget a signal once it has done its work, as a shell at its prompt does."""
        with self.changed:
            if self._signal != SIGKILL:
                self._signal = 0

    @property
    def pending(self) -> int:
        """The signal that ends the calling thread's program now; 0 when none does."""
        number = self._signal or self._killed.get(threading.get_ident(), 0)
        return 0 if number in self._ignored and number != SIGKILL else number

    def check(self) -> None:
        """Raise Interrupted when a signal has come that the thread's program does not ignore."""
        if (self._signal or self._killed) and (number := self.pending):
            raise Interrupted(number)

    def step(self, count: int = 1) -> None:
        """Use up steps of the limits, and look for signals."""
        self.budget.step(count)
        self.check()

    def note_change(self, path: str) -> None:
        """Note that a file was changed; those that are meant to go away do not count."""
        if not path.startswith(_PASSING):
            self._changed_files = True

    def changes_files(self) -> bool:
        """Tell whether files were changed since this was last asked."""
        changed, self._changed_files = self._changed_files, False
        return changed

    def ignore(self, number: int) -> None:
        """Let the thread's present program carry on when a signal comes."""
        self._mine.ignored = self._ignored | {number}

    @contextmanager
    def masking(self, ignored: frozenset[int] | None = None) -> Iterator[None]:
        """Undo at the end of a ``with`` block what the program in it ignores."""
        before = self._ignored
        self._mine.ignored = before if ignored is None else ignored
        try:
            yield
        finally:
            self._mine.ignored = before

    @property
    def ignored(self) -> frozenset[int]:
        """What the thread's program ignores, for the threads it begins."""
        return self._ignored

    def tell(self) -> None:
        """Wake everybody in :meth:`wait_for`; called with :attr:`changed` held."""
        # Who is woken counts as busy at once: a clock must not jump on before it has run.
        for busy_again in self._waiting.values():
            busy_again()
        self._waiting.clear()
        self.changed.notify_all()

    def wait_for(self, ready: Callable[[], bool]) -> None:
        """Wait, with :attr:`changed` held, for what others of the session or its client do."""
        while not ready():
            self.check()
            with self.world.activity.aside() as busy_again:
                me = threading.get_ident()
                self._waiting[me] = busy_again
                self.changed.wait(_LOOK_AGAIN)
                self._waiting.pop(me, None)

    def park(self, ready: Callable[[], bool], *topics: str) -> None:
        """Wait for the world; raises Interrupted when a signal comes."""
        self.check()
        watched = (*topics, self.topic)
        if not self.world.park(watched, ready, gone=lambda: bool(self.pending)):
            self.check()

    @property
    def _ignored(self) -> frozenset[int]:
        found: frozenset[int] = getattr(self._mine, "ignored", frozenset())
        return found
