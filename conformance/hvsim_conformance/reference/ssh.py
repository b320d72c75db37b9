"""Command lines on hosts over SSH, for drivers of products whose only door is a shell."""

import asyncio
import os
import threading
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import asyncssh

from hvsim_conformance.adapters.model import Credentials

PORT: Final = 22
_CONNECT: Final = 5.0
_ANSWER: Final = 30.0


class UnreachableError(Exception):
    """Nobody answers at the address, or lets nobody in."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command line came to."""

    status: int
    out: str
    err: str

    @property
    def told(self) -> str:
        """What it said, for people."""
        return " ".join((self.err or self.out).split())


class SecureShell:
    """A connection to one host, opened at first use and again after it was lost.

    Args:
        address: ``ssh://host[:port]``.
        source: the address to come from; None takes any.
    """

    def __init__(self, address: str, credentials: Credentials, source: str | None = None) -> None:
        parts = urlsplit(address if "//" in address else f"ssh://{address}")
        self.host = parts.hostname or ""
        self._port = parts.port or PORT
        self._credentials = credentials
        self._source = source
        self._connection: asyncssh.SSHClientConnection | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, line: str, stdin: str = "", seconds: float = _ANSWER) -> Answer:
        """Run a command line to its end.

        Raises:
            UnreachableError: when the host does not answer, or not in time.
        """
        return self._do(self._run(line, stdin), seconds + 2 * _CONNECT)

    def close(self) -> None:
        """Disconnect."""
        if self._loop.is_closed():
            return
        if self._connection is not None:
            self._loop.call_soon_threadsafe(self._connection.abort)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, work: Any, seconds: float) -> Answer:
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            answer: Answer = future.result(seconds)
        except TimeoutError:
            future.cancel()
            self._connection = None
            raise UnreachableError(f"{self.host} does not answer") from None
        except (OSError, asyncssh.Error) as problem:
            self._connection = None
            raise UnreachableError(f"{self.host}: {_why(problem)}") from None
        return answer

    async def _run(self, line: str, stdin: str) -> Answer:
        connection = self._connection
        if connection is None or connection.is_closed():
            connection = self._connection = await self._connect()
        done = await connection.run(line, input=stdin)
        if done.exit_status is None:
            raise OSError("the connection ended")
        return Answer(done.exit_status, str(done.stdout or ""), str(done.stderr or ""))

    async def _connect(self) -> asyncssh.SSHClientConnection:
        connect = asyncssh.connect(
            self.host,
            self._port,
            username=self._credentials.username,
            password=self._credentials.password,
            known_hosts=None,
            client_keys=None,
            agent_path=None,
            config=None,
            local_addr=None if self._source is None else (self._source, 0),
            connect_timeout=_CONNECT,
        )
        return await asyncio.wait_for(connect, _CONNECT)


def _why(problem: Exception) -> str:
    """Return what went wrong, in the words of the system where it has some."""
    number = getattr(problem, "errno", None)
    return str(problem) if number is None else os.strerror(number)
