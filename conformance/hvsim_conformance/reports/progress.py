"""Progress on standard error, once a run has taken long enough for somebody to wonder."""

import time
from collections.abc import Callable
from typing import TextIO

from hvsim_conformance.engine.verdict import CheckResult, Verdict

QUIET = 2.0
"""Wall seconds before the first line, and between lines where a line cannot be replaced."""


class Progress:
    """Called with every result; on a terminal one line is rewritten in place."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._spoken = clock()
        self._red = 0
        self._open_line = False

    def __call__(self, done: int, total: int, result: CheckResult) -> None:
        """Take note of a result."""
        self._red += result.verdict in (Verdict.FAIL, Verdict.ERROR)
        self.tell(f"{done}/{total} checks, {self._red} failed; last {result.name}")

    def tell(self, text: str) -> None:
        """Say how far it is, if it is time to say something."""
        now = self._clock()
        if self._open_line or now - self._spoken >= QUIET:
            self._spoken = now
            self._say(text)

    def close(self) -> None:
        """Give the terminal its line back."""
        if self._open_line:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
            self._open_line = False

    def _say(self, text: str) -> None:
        if self._stream.isatty():
            self._stream.write(f"\r\x1b[K{text}")
            self._open_line = True
        else:
            self._stream.write(f"{text}\n")
        self._stream.flush()
