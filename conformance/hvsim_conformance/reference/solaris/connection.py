"""A shell on a host with zones, over SSH."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

import asyncssh

from hvsim_conformance.adapters.model import Credentials

QUICK = 3.0
"""Seconds to wait for a connection, or an answer that takes no time on a working host."""
PATIENT = 30.0
"""Seconds to wait for an operation."""

_BROKEN = (asyncssh.Error, OSError, TimeoutError)


class Unreachable(Exception):  # noqa: N818 - a state of the host, not a malfunction
    """Nobody answers at the host's address, or not in time."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command line came to."""

    status: int
    out: str
    err: str


class Connection:
    """One SSH connection, made at its first use and again when it was lost.

    Args:
        address: ``ssh://host:port``.
        credentials: the account to log in with.
    """

    def __init__(self, address: str, credentials: Credentials) -> None:
        place = urlsplit(address if "://" in address else f"ssh://{address}")
        self.host, self._port = place.hostname or "", place.port or 22
        self._credentials = credentials
        self._runner = asyncio.Runner()
        self._shell: asyncssh.SSHClientConnection | None = None

    def run(self, line: str, seconds: float = QUICK) -> Answer:
        """Run a command line to its end; raises Unreachable."""
        try:
            return self._runner.run(self._run(line, seconds))
        except _BROKEN as problem:
            self.drop()
            raise Unreachable(f"{self.host}: {problem or type(problem).__name__}") from problem

    def drop(self) -> None:
        """Let go of the connection without waiting for anybody."""
        if self._shell is not None:
            self._shell.abort()
            self._shell = None

    def close(self) -> None:
        """End the connection."""
        if self._shell is not None:
            with suppress(*_BROKEN):
                self._runner.run(self._end(self._shell))
            self._shell = None
        self._runner.close()

    async def _run(self, line: str, seconds: float) -> Answer:
        if self._shell is None or self._shell.is_closed():
            self._shell = await asyncio.wait_for(self._connect(), QUICK)
        found = await asyncio.wait_for(self._shell.run(line), seconds)
        status = -1 if found.exit_status is None else found.exit_status
        return Answer(status, str(found.stdout), str(found.stderr))

    async def _connect(self) -> asyncssh.SSHClientConnection:
        # The host keys of a lab are new ones each time.
        return await asyncssh.connect(
            self.host,
            self._port,
            username=self._credentials.username,
            password=self._credentials.password,
            known_hosts=None,
            client_keys=None,
            config=None,
        )

    async def _end(self, shell: asyncssh.SSHClientConnection) -> None:
        shell.close()
        await asyncio.wait_for(shell.wait_closed(), QUICK)
