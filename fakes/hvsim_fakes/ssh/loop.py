"""The thread that all SSH connections of a lab are served in."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any, TypeVar

from hvsim_fakes.shell.workers import WORKERS

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

_Result = TypeVar("_Result")
_PATIENCE = 10.0
"""Seconds of the machine's time that anything asked of the loop may take."""


class Loop:
    """An asyncio event loop in a thread of its own.

    Nothing in it ever takes a world's lock: who holds that lock may wait for the loop.
    """

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="hvsim-ssh", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, _Result]) -> _Result:
        """Run a coroutine in the loop; return what it gives, raise what it raises."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(_PATIENCE)

    def call(self, work: Callable[[], _Result]) -> _Result:
        """Call a function in the loop's thread and return what it gives."""

        async def do() -> _Result:
            return work()

        return self.run(do())

    def soon(self, work: Callable[[], object]) -> None:
        """Have a function called in the loop's thread; nothing happens once it has ended."""
        try:
            self.loop.call_soon_threadsafe(work)
        except RuntimeError:
            # The loop is closed, and with it every connection that this could be about.
            return

    async def in_thread(self, work: Callable[[], _Result]) -> _Result:
        """Do what may take a lock in another thread, and wait for it in the loop."""
        done: asyncio.Future[_Result] = self.loop.create_future()

        def finish(result: _Result | None, error: Exception | None) -> None:
            if done.cancelled():
                return
            if error is not None:
                done.set_exception(error)
            else:
                done.set_result(result)  # type: ignore[arg-type] # there is one without an error

        def run() -> None:
            try:
                result = work()
            except Exception as error:  # noqa: BLE001 - the waiting coroutine raises it
                failure = error
                self.soon(lambda: finish(None, failure))
            else:
                self.soon(lambda: finish(result, None))

        WORKERS.run(run)
        return await done

    def stop(self) -> None:
        """End the thread."""
        self.soon(self.loop.stop)
        self._thread.join(_PATIENCE)

    def _serve(self) -> None:
        try:
            self.loop.run_forever()
        finally:
            for task in asyncio.all_tasks(self.loop):
                task.cancel()
            self.loop.run_until_complete(asyncio.sleep(0))
            self.loop.close()
