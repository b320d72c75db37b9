"""A Windows host with a stand-in for PowerShell, listening; and what tests connect to it with."""

from __future__ import annotations

import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from hvsim.clock import Clock, ClockMode
from hvsim.pump import Pump
from hvsim.world import World
from hvsim_fakes.server import Listener, Request, server_context
from hvsim_fakes.winrm import names
from hvsim_fakes.winrm.accounts import Account, Accounts
from hvsim_fakes.winrm.endpoint import WinRmEndpoint
from hvsim_fakes.winrm.machine import Machine, Settings
from hvsim_fakes.wirelog import WireLog
from winrm_engine import FakeEngine

if TYPE_CHECKING:
    from collections.abc import Iterator

USER, PASSWORD = "Administrator", "Pass-w0rd!"
DOMAIN = "LAB"
LOOPBACK = "127.0.0.1"


class Host:
    """A host and its ports."""

    def __init__(self, clock: Clock | None = None, engine: Any = None, **settings: Any) -> None:
        self.world = World(7, clock or Clock(ClockMode.STEPPED))
        self.accounts = [
            Account(USER, PASSWORD, DOMAIN),
            Account("operator", "0per@tor", DOMAIN),
            Account("leaver", "gone", DOMAIN, enabled=False),
        ]
        directory = Accounts(self.accounts, aliases=("lab.example", "VMM01"))
        self.engine = engine or FakeEngine(self.world)
        self.machine = Machine(
            self.world, "VMM01", DOMAIN, directory, self.engine, Settings(**settings)
        )
        self.log = WireLog()
        self.endpoint = WinRmEndpoint(self.machine, self.log)
        self.http: Listener | None = None
        self.https: Listener | None = None
        self.pump: Pump | None = None

    @contextmanager
    def running(self, *, tls: bool = False) -> Iterator[Host]:
        self.http = Listener(self.endpoint, LOOPBACK).start()
        if tls:
            context = server_context([LOOPBACK])
            self.https = Listener(self.endpoint, LOOPBACK, tls=context).start()
        self.pump = Pump(self.world)
        self.pump.start()
        try:
            yield self
        finally:
            self.endpoint.close()
            self.pump.stop()
            for listener in (self.http, self.https):
                if listener is not None:
                    listener.stop()

    @property
    def port(self) -> int:
        assert self.http is not None
        return self.http.address[1]

    @property
    def tls_port(self) -> int:
        assert self.https is not None
        return self.https.address[1]

    @property
    def calls(self) -> list[str]:
        return [entry.call for entry in self.log.entries()]

    def winrm(self, transport: str = "ntlm", **more: Any) -> Any:
        """Return pywinrm's session."""
        import winrm

        user = more.pop("user", f"{DOMAIN}\\{USER}")
        password = more.pop("password", PASSWORD)
        url = f"http://{LOOPBACK}:{self.port}/wsman"
        if more.pop("tls", False):
            url = f"https://{LOOPBACK}:{self.tls_port}/wsman"
            more["server_cert_validation"] = "ignore"
        fields = {"proxy": None} | more
        return winrm.Session(url, auth=(user, password), transport=transport, **fields)

    def wsman(self, auth: str = "ntlm", **more: Any) -> Any:
        """Return pypsrp's connection."""
        from pypsrp.wsman import WSMan

        tls = more.pop("tls", False)
        fields = {
            "username": f"{DOMAIN}\\{USER}",
            "password": PASSWORD,
            "cert_validation": False,
            "no_proxy": True,
        } | more
        port = self.tls_port if tls else self.port
        return WSMan(LOOPBACK, port=port, ssl=tls, auth=auth, **fields)

    def post(self, body: bytes, **headers: str) -> tuple[int, bytes]:
        """Ask the endpoint without a socket, logged in by Basic."""
        import base64

        told = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        given = {"authorization": f"Basic {told}"} | headers
        response = self.endpoint(Request("POST", "/wsman", headers=given, body=body))
        assert isinstance(response.body, bytes)
        return response.status, response.body


def envelope(action: str, resource: str = names.WINRS, body: str = "", **more: str) -> bytes:
    """Write a request by hand."""
    shell = more.pop("of", "")
    selector = shell and (
        f'<w:SelectorSet><w:Selector Name="ShellId">{shell}</w:Selector></w:SelectorSet>'
    )
    extra = more.pop("header", "")
    timeout = more.pop("timeout", "PT20S")
    limit = more.pop("limit", "153600")
    message_id = more.pop("message_id", f"uuid:{uuid.uuid4()}")
    return (
        f'<s:Envelope xmlns:s="{names.SOAP}" xmlns:a="{names.ADDRESSING}"'
        f' xmlns:w="{names.WSMAN}" xmlns:p="{names.WSMV}" xmlns:rsp="{names.SHELL}"'
        f' xmlns:n="{names.ENUMERATION}"><s:Header><a:To>x</a:To><a:Action>{action}</a:Action>'
        f"<a:MessageID>{message_id}</a:MessageID>"
        f"<w:ResourceURI>{resource}</w:ResourceURI><w:OperationTimeout>{timeout}"
        f"</w:OperationTimeout><w:MaxEnvelopeSize>{limit}</w:MaxEnvelopeSize>{selector}{extra}"
        f"</s:Header><s:Body>{body}</s:Body></s:Envelope>"
    ).encode()
