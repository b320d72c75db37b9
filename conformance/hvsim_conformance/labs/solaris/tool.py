"""The other tool: an administrator's own shell on a host, over SSH."""

import asyncio
from dataclasses import dataclass
from urllib.parse import urlsplit

import asyncssh

from hvsim_conformance.labs.base import ADDRESS

_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command line came to."""

    status: int
    out: str
    err: str


class Tool:
    """Command lines on one host, each over a connection of its own from the suite's address."""

    def __init__(self, url: str, user: str, password: str) -> None:
        place = urlsplit(url)
        self._host, self._port = place.hostname or "", place.port or 22
        self._account = (user, password)

    def run(self, line: str) -> Answer:
        """Run a command line to its end."""
        return asyncio.run(asyncio.wait_for(self._run(line), _SECONDS))

    def do(self, line: str) -> str:
        """Run a command line that must succeed; return what it printed."""
        answer = self.run(line)
        if answer.status != 0:
            raise AssertionError(f"{line}: exit {answer.status}, {answer.err.strip()}")
        return answer.out

    async def _run(self, line: str) -> Answer:
        user, password = self._account
        async with asyncssh.connect(
            self._host,
            self._port,
            username=user,
            password=password,
            known_hosts=None,
            client_keys=None,
            config=None,
            local_addr=(ADDRESS, 0),
        ) as connection:
            found = await connection.run(line)
        status = -1 if found.exit_status is None else found.exit_status
        return Answer(status, str(found.stdout), str(found.stderr))
