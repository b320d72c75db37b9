"""Background jobs of a shell, and stages of its pipelines, each in its own thread."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from hvsim_fakes.shell.program import Interrupted
from hvsim_fakes.shell.workers import WORKERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim_fakes.shell.session import Session


class Job:
    """Something that runs beside the shell.

    Args:
        pid: as ``$!`` gives it.
        holds_client: tells whether the client waits for it although the shell has ended.
    """

    def __init__(
        self, session: Session, pid: int, holds_client: Callable[[], bool] = lambda: True
    ) -> None:
        self._session = session
        self.pid = pid
        self._holds_client = holds_client
        self.status: int | None = None
        self.thread = 0

    def start(self, work: Callable[[], int]) -> bool:
        """Begin; return False when the session has no thread left for it."""
        session = self._session
        if not session.budget.enter_thread():
            self.status = 126
            return False
        ignored = session.ignored

        def run() -> None:
            status = 126
            self.thread = threading.get_ident()
            try:
                with session.world.activity.request(), session.masking(ignored):
                    status = work()
            except Interrupted as signal:
                status = 128 + signal.signal
            finally:
                session.forget_thread(self.thread)
                session.budget.leave_thread()
                with session.changed:
                    self.status = status
                    session.tell()

        WORKERS.run(run)
        return True

    def kill(self, number: int) -> bool:
        """End it by a signal at its next step; return False when it has ended."""
        if self.status is not None:
            return False
        self._session.kill_thread(self.thread, number)
        return True

    def let_go(self) -> None:
        """Wait until it has ended, or cannot write to the client any more."""
        with self._session.changed:
            self._session.wait_for(lambda: self.status is not None or not self._holds_client())

    def wait(self) -> int:
        """Wait for its end; return its status."""
        with self._session.changed:
            self._session.wait_for(lambda: self.status is not None)
        return self.status or 0
