"""Damaged messages to a WinRM service: ``python tests/winrm_fuzz.py [number] [seed]``.

SOAP, the messages of PowerShell remoting within it, tokens of logins, sealed bodies and command
lines. Whatever comes, the answer is one of the protocol's, and nothing fails inside.
"""

from __future__ import annotations

import base64
import logging
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))

import psrpcore
import spnego
from psrpcore.types import HostInfo

from fuzz.mangling import mangled
from hvsim_fakes.server import Connection, HttpError, Request, Response
from hvsim_fakes.winrm import faults, names
from winrm_host import PASSWORD, USER, Host, envelope

if TYPE_CHECKING:
    from collections.abc import Callable

SLOW = 5.0
"""Seconds after which an answer counts as a hang."""
POOL = f"{names.POWERSHELL}/Microsoft.PowerShell"
_ENOUGH = 200
_LINES = (
    "echo one & echo two > C:\\Temp\\x.txt",
    "(hostname | powershell -Command input) && type x || cd ..",
    'cmd /c "mkdir \\"a b\\" & rmdir /s /q a" 2>&1',
    "powershell -enc bwB1AHQAIAB4AA== -NoProfile",
    "if not exist C:\\Temp set X=%X%;1 & exit /b 3",
)


class Failures(logging.Handler):
    """Keeps what the service logs when something fails inside."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.records: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(self.format(record))


class Gone:
    """A client that waits for nothing: it has always just left."""

    def gone(self) -> bool:
        return True


@dataclass
class Report:
    """What a campaign found."""

    number: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    slowest: float = 0.0


class Campaign:
    """One host, damaged messages to it."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.host = Host(max_shells_per_user=10**6)
        self.report = Report()
        self.failures = Failures()
        self.kinds: list[Callable[[], str]] = [
            self.soap,
            self.soap,
            self.remoting,
            self.ntlm,
            self.credssp,
            self.sealed,
            self.line,
        ]

    def run(self, number: int) -> Report:
        logger = logging.getLogger("hvsim_fakes.winrm")
        logger.addHandler(self.failures)
        propagates, logger.propagate = logger.propagate, False
        logging.getLogger("spnego").setLevel(logging.CRITICAL)
        try:
            for _ in range(number):
                self.one()
        finally:
            logger.propagate = propagates
            logger.removeHandler(self.failures)
            self.host.endpoint.close()
        return self.report

    def one(self) -> None:
        kind = self.random.choice(self.kinds)
        begin = time.perf_counter()
        try:
            told = kind()
        except Exception as error:  # noqa: BLE001 - any is a finding
            told = f"{type(error).__name__}"
            self.report.wrong.append(f"{kind.__name__}: {error!r}")
        taken = time.perf_counter() - begin
        report = self.report
        report.number += 1
        report.answers[f"{kind.__name__} {told}"] += 1
        report.slowest = max(report.slowest, taken)
        report.wrong += self.failures.records
        self.failures.records.clear()
        if taken > SLOW:
            report.wrong.append(f"{kind.__name__} took {taken:.1f} s")
        if report.number % _ENOUGH == 0:
            self.host.endpoint.close()

    def soap(self) -> str:
        return self._posted(mangled(self.random, self.random.choice(self._messages())))

    def remoting(self) -> str:
        """Damage messages of PowerShell remoting within sound envelopes."""
        data = mangled(self.random, opening())
        told = self._posted(created(data))
        pool = self._pool()
        body = f'<rsp:Send><rsp:Stream Name="stdin">{_b64(mangled(self.random, opening()))}'
        self._posted(envelope(_shell("Send"), POOL, f"{body}</rsp:Stream></rsp:Send>", of=pool))
        client = client_pool()
        pipeline = mangled(self.random, described(client))
        line = f"<rsp:CommandLine><rsp:Command/><rsp:Arguments>{_b64(pipeline)}</rsp:Arguments>"
        body = f"{line}</rsp:CommandLine>"
        self._posted(envelope(_shell("Command"), POOL, body, of=pool))
        return told

    def ntlm(self) -> str:
        """Damage one of the tokens of a login."""
        connection = Connection()
        client = spnego.client(USER, PASSWORD, protocol=self.random.choice(("ntlm", "negotiate")))
        token: bytes | None = client.step()
        damaged = self.random.randrange(2)
        for turn in range(2):
            sent = mangled(self.random, token or b"") if turn == damaged else token or b""
            response = self._offered(connection, "Negotiate", sent)
            if response.status == 200 or turn == damaged:
                return str(response.status)
            challenge = response.header_items()[0][1].partition(" ")[2]
            token = client.step(base64.b64decode(challenge))
        return "done"

    def credssp(self) -> str:
        connection = Connection()
        client = spnego.client(USER, PASSWORD, protocol="credssp")
        token = client.step() or b""
        status = 401
        for turn in range(3):
            damaged = mangled(self.random, token) if self.random.randrange(3) == turn else token
            response = self._offered(connection, "CredSSP", damaged)
            status = response.status
            offered = response.header_items()[0][1].partition(" ")[2]
            if not offered or damaged != token:
                break
            token = client.step(base64.b64decode(offered)) or b""
        return str(status)

    def sealed(self) -> str:
        """Damage a sealed body of a sound login."""
        connection, client = Connection(), spnego.client(USER, PASSWORD, protocol="ntlm")
        first = self._offered(connection, "Negotiate", client.step() or b"")
        challenge = first.header_items()[0][1].partition(" ")[2]
        token = client.step(base64.b64decode(challenge)) or b""
        assert self._offered(connection, "Negotiate", token).status == 200
        from hvsim_fakes.winrm import sealing

        kind, body = sealing.seal(client, envelope(_shell("Send")), sealing.SPNEGO)
        headers = {"content-type": kind}
        body = mangled(self.random, body)
        response = self.host.endpoint(
            Request("POST", "/wsman", headers=headers, body=body, connection=connection)
        )
        # Of a body that is gone altogether, only the login is left.
        assert response.status in ((401, 500) if body else (200,)), response.status
        return str(response.status)

    def line(self) -> str:
        text = mangled(self.random, self.random.choice(_LINES).encode()).decode("utf-8", "replace")
        escaped = "".join(c for c in text if c >= " " and c not in "<>&\ufffe\uffff")
        safe = "".join(c for c in text if c >= " ").replace("&", "&amp;").replace("<", "&lt;")
        shell = self._winrs()
        chosen = self.random.choice((escaped, safe))
        body = f"<rsp:CommandLine><rsp:Command>{chosen}</rsp:Command></rsp:CommandLine>"
        return self._posted(envelope(_shell("Command"), body=body, of=shell))

    def _posted(self, body: bytes) -> str:
        """Send a body; return what kind of answer it gets."""
        basic = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        request = Request(
            "POST",
            "/wsman",
            headers={"authorization": f"Basic {basic}"},
            body=body,
            connection=Connection(Gone()),
        )
        try:
            response = self.host.endpoint(request)
        except HttpError as error:
            return str(error.status)
        assert isinstance(response.body, bytes)
        if not response.body:
            assert response.status in (200, 401), response.status
            return str(response.status)
        root = ET.fromstring(response.body)  # noqa: S314 - the host's own answer
        if response.status == 200:
            return "200"
        fault = root.find(f".//{{{names.FAULT}}}WSManFault")
        assert response.status == 500, response.status
        assert fault is not None, response.body
        assert fault.attrib["Code"] != str(faults.INTERNAL.code), body
        return fault.attrib["Code"]

    def _offered(self, connection: Connection, scheme: str, token: bytes) -> Response:
        headers = {"authorization": f"{scheme} {_b64(token)}"}
        response = self.host.endpoint(
            Request("POST", "/wsman", headers=headers, connection=connection)
        )
        assert response.status in (200, 401), response.status
        return response

    def _messages(self) -> list[bytes]:
        shell = self._winrs()
        stream = '<rsp:Send><rsp:Stream Name="stdin" CommandId="x" End="true">YQ==</rsp:Stream>'
        wanted = '<rsp:DesiredStream CommandId="x">stdout stderr</rsp:DesiredStream>'
        code = f"<rsp:Code>{names.SIGNALS}terminate</rsp:Code>"
        return [
            envelope(f"{names.TRANSFER}/Create", body=_NEW),
            envelope(f"{names.TRANSFER}/Get", names.SHELL, of=shell),
            envelope(f"{names.TRANSFER}/Get", names.CONFIG),
            envelope(f"{names.TRANSFER}/Delete", of=shell),
            envelope(_shell("Command"), body=_COMMAND, of=shell),
            envelope(_shell("Receive"), body=f"<rsp:Receive>{wanted}</rsp:Receive>", of=shell),
            envelope(_shell("Send"), body=f"{stream}</rsp:Send>", of=shell),
            envelope(_shell("Signal"), body=f'<rsp:Signal CommandId="x">{code}</rsp:Signal>'),
            envelope(_shell("Disconnect"), body="<rsp:Disconnect/>", of=shell),
            envelope(_shell("Reconnect"), of=shell),
            envelope(_shell("Connect"), POOL, "<rsp:Connect/>", of=shell),
            envelope(f"{names.ENUMERATION}/Enumerate", names.SHELL, "<n:Enumerate/>"),
            created(opening()),
        ]

    def _winrs(self) -> str:
        found = [s for s in self.host.endpoint.shells._shells if s not in self._pools()]
        return found[0] if found else self._new(envelope(f"{names.TRANSFER}/Create", body=_NEW))

    def _pool(self) -> str:
        found = self._pools()
        return found[0] if found else self._new(created(opening()))

    def _pools(self) -> list[str]:
        shells = self.host.endpoint.shells._shells
        return [key for key, shell in shells.items() if shell.facts.resource == POOL]

    def _new(self, body: bytes) -> str:
        before = set(self.host.endpoint.shells._shells)
        assert self._posted(body) == "200"
        return (set(self.host.endpoint.shells._shells) - before).pop()


_NEW = "<rsp:Shell><rsp:InputStreams>stdin</rsp:InputStreams></rsp:Shell>"
_COMMAND = "<rsp:CommandLine><rsp:Command>echo x</rsp:Command></rsp:CommandLine>"


def _shell(name: str) -> str:
    return f"{names.SHELL}/{name}"


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def client_pool() -> Any:
    pool = psrpcore.ClientRunspacePool(host=HostInfo())
    pool.open()
    return pool


def opening() -> bytes:
    """Return the first messages of a client of PowerShell remoting."""
    payload = client_pool().data_to_send()
    assert payload is not None
    return payload.data


def described(pool: Any) -> bytes:
    """Return the description of a pipeline."""
    while pool.data_to_send() is not None:
        pass
    pool.state = psrpcore.types.RunspacePoolState.Opened
    pipeline = psrpcore.ClientPowerShell(pool)
    pipeline.add_script("out x").add_parameter("Name", [1, {"a": None}])
    pipeline.start()
    payload = pool.data_to_send()
    assert payload is not None
    return payload.data


def created(data: bytes) -> bytes:
    content = f"<creationXml xmlns='{names.POWERSHELL}'>{_b64(data)}</creationXml>"
    return envelope(f"{names.TRANSFER}/Create", POOL, f"<rsp:Shell>{content}</rsp:Shell>")


def main(arguments: list[str]) -> int:
    number = int(arguments[0]) if arguments else 100_000
    seed = int(arguments[1]) if len(arguments) > 1 else 1
    begin = time.perf_counter()
    report = Campaign(seed).run(number)
    seconds = time.perf_counter() - begin
    for answer, count in sorted(report.answers.items()):
        print(f"{count:8}  {answer}")  # noqa: T201 - what the command is for
    print(f"{report.number} in {seconds:.0f} s, slowest {report.slowest:.2f} s")  # noqa: T201 - a command line
    for wrong in report.wrong[:20]:
        print(f"WRONG {wrong}")  # noqa: T201 - a command line
    return int(bool(report.wrong))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
