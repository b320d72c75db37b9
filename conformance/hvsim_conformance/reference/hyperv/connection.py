"""A PowerShell session at a VMM server, through pypsrp."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from pypsrp.exceptions import WinRMError, WSManFaultError
from pypsrp.powershell import PowerShell, RunspacePool
from pypsrp.wsman import WSMan

from hvsim_conformance.adapters.model import Credentials

_LOST: Final = (requests.RequestException, OSError, WSManFaultError, WinRMError)
_NO_SERVICE: Final = frozenset({"1600", "1601", "1602", "1612"})
"""VMM's errors that say that its service cannot be reached though WinRM answers."""
_KINDS: Final = "Get-SCVirtualMachine", "Get-VMMServer", "Get-VM"
"""What VMM has from 2012 on, what 2008 R2 has, and what a host has from 2012 on."""


class UnreachableError(Exception):
    """Nobody answers at the server's address, or VMM's service there is down."""


class RefusedError(Exception):
    """A cmdlet wrote an error; ``number`` is VMM's own for it."""

    def __init__(self, number: str, text: str) -> None:
        self.number = number
        super().__init__(text)


class Connection:
    """A VMM server, with one runspace that is opened at first use, and again when it is gone."""

    def __init__(self, address: str, credentials: Credentials) -> None:
        self.address = address
        self._credentials = credentials
        self._wsman: WSMan | None = None
        self._pool: RunspacePool | None = None
        self._known: frozenset[str] | None = None

    @property
    def managed(self) -> bool:
        """Whether it is VMM that answers, and not a host by itself."""
        return not self.commands.isdisjoint(_KINDS[:2])

    @property
    def legacy(self) -> bool:
        """Whether VMM has the names that 2008 R2 gave its cmdlets."""
        return _KINDS[0] not in self.commands

    @property
    def module(self) -> bool:
        """Whether a host has the Hyper-V module."""
        return _KINDS[2] in self.commands

    @property
    def commands(self) -> frozenset[str]:
        """Those of the telling commands that there are."""
        if self._known is None:
            names = ",".join(_KINDS)
            script = f"Get-Command {names} -ErrorAction SilentlyContinue | ForEach-Object Name"
            self._known = frozenset(map(str, self.run(script)))
        return self._known

    def run(self, script: str) -> list[Any]:
        """Run a script to its end; return what it gives.

        Raises:
            RefusedError: the first error that it wrote.
            UnreachableError: there is nobody, or no VMM.
        """
        with self._speaking() as pool:
            shell = PowerShell(pool)
            shell.add_script(script)
            given = list(shell.invoke())
        if shell.had_errors and shell.streams.error:
            self._fail(shell.streams.error[0])
        return given

    def close(self) -> None:
        """Close the runspace and the connection."""
        pool, wsman = self._pool, self._wsman
        self._pool = self._wsman = None
        for opened in (pool, wsman):
            if opened is not None:
                with _quiet():
                    opened.close()

    @contextmanager
    def _speaking(self) -> Iterator[RunspacePool]:
        try:
            yield self._ready()
        except _LOST as problem:
            self._pool = self._wsman = None
            raise UnreachableError(str(problem)) from None

    def _ready(self) -> RunspacePool:
        if self._pool is None:
            place = urlsplit(self.address)
            self._wsman = WSMan(
                place.hostname or "",
                port=place.port,
                ssl=place.scheme == "https",
                username=self._credentials.username,
                password=self._credentials.password,
                auth="ntlm",
                cert_validation=False,
            )
            pool = RunspacePool(self._wsman)
            pool.open()
            self._pool = pool
        return self._pool

    def _fail(self, record: Any) -> None:
        number = str(record.fq_error or "").partition(",")[0]
        if number in _NO_SERVICE:
            raise UnreachableError(str(record))
        raise RefusedError(number, str(record))


@contextmanager
def _quiet() -> Iterator[None]:
    try:
        yield
    except _LOST:
        return
