"""Bounds on what one command line of a client may use."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from hvsim_fakes.shell.program import SIGKILL, SIGXCPU, SIGXFSZ, Interrupted


@dataclass(frozen=True, slots=True)
class ShellLimits:
    """What a command line may use at most.

    Attributes:
        steps: commands, turns of loops and steps of the tools' own little languages.
        output: bytes written, wherever to.
        value: bytes of one variable, substitution or line.
        threads: stages of pipelines and background jobs at one time.
        depth: functions, subshells and substitutions within each other.
    """

    steps: int = 400_000
    output: int = 64 * 2**20
    value: int = 4 * 2**20
    threads: int = 64
    depth: int = 100


class Budget:
    """What is left of the limits; exceeding one ends the program by the signal POSIX has for it."""

    def __init__(self, limits: ShellLimits) -> None:
        self.limits = limits
        self._steps = 0
        self._output = 0
        self._threads = 0
        self._lock = threading.Lock()

    def step(self, count: int = 1) -> None:
        """Use up steps."""
        self._steps += count
        if self._steps > self.limits.steps:
            raise Interrupted(SIGXCPU)

    def put_out(self, size: int) -> None:
        """Use up output."""
        self._output += size
        if self._output > self.limits.output:
            raise Interrupted(SIGXFSZ)

    def hold(self, size: int) -> None:
        """Refuse to hold more bytes in one piece than allowed."""
        if size > self.limits.value:
            raise Interrupted(SIGKILL)

    def enter_thread(self) -> bool:
        """Take a thread; return False when there is none left."""
        with self._lock:
            if self._threads >= self.limits.threads:
                return False
            self._threads += 1
            return True

    def leave_thread(self) -> None:
        """Give a thread back."""
        with self._lock:
            self._threads -= 1

    def renew(self) -> None:
        """Begin again, as every line typed at a prompt does."""
        self._steps = self._output = 0
