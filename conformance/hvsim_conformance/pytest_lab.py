"""What the pytest fixtures give: labs that end with the test, and handles of their products."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

import XenAPI

from hvsim.clock import Clock, ClockMode
from hvsim.errors import InputError
from hvsim.hardware import Silence
from hvsim_conformance.adapters.model import Credentials
from hvsim_fakes.doors import Door
from hvsim_fakes.lab import Lab, Listening

if TYPE_CHECKING:
    from pathlib import Path

    from hvsim.scenario import Scenario
    from hvsim.xenserver.spec import PoolSpec
    from hvsim_conformance.reference.ssh import Answer
    from hvsim_fakes.ssh.door import ShellDoor


class Labs:
    """Labs of one test."""

    def __init__(self) -> None:
        self._running: list[Lab] = []

    def start(
        self,
        scenario: Scenario | PoolSpec | dict[str, Any] | Path | str = "small",
        *,
        clock: str = ClockMode.SKIP_IDLE,
        scale: float = 1.0,
        seed: int | None = None,
    ) -> Lab:
        """Start a lab on free ports; raises InputError when the scenario is wrong."""
        chosen = Clock(ClockMode(clock), scale)
        lab = Lab.from_scenario(scenario, Listening(), seed=seed, clock=chosen)
        self._running.append(lab.start())
        return lab

    def stop(self) -> None:
        """Stop every lab, the newest first."""
        while self._running:
            self._running.pop().stop()


@dataclass(frozen=True)
class Running:
    """A product of a lab that listens.

    Attributes:
        lab: the lab it is in.
        name: its name there.
    """

    lab: Lab
    name: str

    def perform(self, kind: str, **fields: Any) -> Any:
        """Let something befall the lab: ``perform("storage.lose", storage="Shared storage")``."""
        return self.lab.perform(kind, **fields)

    def crash(self, server: str, silence: Silence | str = Silence.REFUSED) -> None:
        """Take a machine's power; its ports then refuse, or drop what is sent to them."""
        self.perform("server.crash", server=server, silence=Silence(silence).value)

    def boot(self, server: str) -> None:
        """Switch a machine on."""
        self.perform("server.boot", server=server)

    def advance(self, seconds: float) -> None:
        """Let simulated time pass."""
        self.lab.world.advance(seconds)

    step = advance


class RunningPool(Running):
    """A XenServer pool."""

    @property
    def url(self) -> str:
        """URL of the present master, plain HTTP."""
        return self.lab.url(self.name, tls=False)

    @property
    def https_url(self) -> str:
        """URL of the present master, HTTPS with a self-signed certificate."""
        return self.lab.url(self.name, tls=True)

    @property
    def user(self) -> str:
        """The superuser's name."""
        return self.lab.credentials(self.name)[0]

    @property
    def password(self) -> str:
        """The superuser's password."""
        return self.lab.credentials(self.name)[1]

    def session(self) -> XenAPI.Session:
        """Return a session of the XenAPI SDK, logged in at the master."""
        session = XenAPI.Session(self.url)
        session.xenapi.login_with_password(self.user, self.password, "1.0", "pytest")
        return session


class _Place(NamedTuple):
    """Where something answers, and its first account."""

    server: str
    urls: list[str]
    user: str
    password: str


@dataclass(frozen=True)
class RunningManager(Running):
    """A management server, or a host that answers for itself.

    Attributes:
        server: name of the machine, as faults take it.
        urls: where it answers, plain HTTP first.
        user, password: its first account.
    """

    server: str
    urls: list[str]
    user: str
    password: str

    @property
    def url(self) -> str:
        """Base URL, plain HTTP."""
        return self.urls[0]

    @property
    def https_url(self) -> str:
        """Base URL, HTTPS with a self-signed certificate."""
        return self.urls[-1]

    @property
    def credentials(self) -> Credentials:
        """The account, as drivers take it."""
        return Credentials(self.user, self.password)


class RunningVCenter(RunningManager):
    """A vCenter."""

    def connect(self) -> Any:
        """Return pyVmomi's service instance, logged in."""
        import pyVim.connect  # noqa: PLC0415 - it takes its time to load

        untyped: Any = pyVim.connect
        place = urlsplit(self.https_url)
        return untyped.SmartConnect(
            host=place.hostname,
            port=place.port,
            user=self.user,
            pwd=self.password,
            disableSslCertValidation=True,
        )


class RunningWindows(RunningManager):
    """A machine that is managed by PowerShell: VMM's, or a Hyper-V host's."""

    @cached_property
    def _connection(self) -> Any:
        # It takes its time to load.
        from hvsim_conformance.reference.hyperv.connection import Connection  # noqa: PLC0415 - see above

        return Connection(self.url, self.credentials)

    def run_ps(self, script: str) -> list[Any]:
        """Run a script in a PowerShell session over WinRM (pypsrp); return what it gives.

        Raises:
            RefusedError: the first error that it wrote.
            UnreachableError: nobody answers.
        """
        given: list[Any] = self._connection.run(script)
        return given

    def close(self) -> None:
        """End the session."""
        self._connection.close()


@dataclass(frozen=True)
class RunningShell(Running):
    """A host that is entered by SSH.

    Attributes:
        host: its name, as faults take it.
        url: ``ssh://address:port``.
        user, password: its first account with a password.
    """

    host: str
    url: str
    user: str
    password: str

    @property
    def address(self) -> str:
        """Address to connect to."""
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        """Port to connect to."""
        return urlsplit(self.url).port or 22

    @cached_property
    def _connection(self) -> Any:
        # It takes its time to load.
        from hvsim_conformance.reference.ssh import SecureShell  # noqa: PLC0415 - see above

        return SecureShell(self.url, Credentials(self.user, self.password))

    def run(self, line: str, stdin: str = "") -> Answer:
        """Run a command line over SSH (asyncssh); return its ``status``, ``out`` and ``err``.

        Raises:
            UnreachableError: nobody answers.
        """
        answer: Answer = self._connection.run(line, stdin)
        return answer

    def close(self) -> None:
        """Disconnect."""
        self._connection.close()


def vcenter_of(lab: Lab) -> RunningVCenter:
    """Return the first vCenter, or ESX host of its own, of a lab; raises InputError for none."""
    from hvsim.vcenter.server import VCenter  # noqa: PLC0415 - start-up stays fast

    for name, product in lab.world.products.items():
        if isinstance(product, VCenter):
            accounts = product.access.accounts.values()
            return RunningVCenter(lab, name, *_place(lab, name, product.server.name, accounts))
    raise _lacks(lab, "vCenter")


def scvmm_of(lab: Lab) -> RunningWindows:
    """Return the first VMM server of a lab; raises InputError when there is none."""
    from hvsim.scvmm.server import VmmServer  # noqa: PLC0415 - start-up stays fast

    for name, product in lab.world.products.items():
        if isinstance(product, VmmServer):
            accounts = product.accounts.values()
            return RunningWindows(lab, name, *_place(lab, name, product.server.name, accounts))
    raise _lacks(lab, "VMM server")


def hyperv_of(lab: Lab) -> list[RunningWindows]:
    """Return the Hyper-V hosts of the first VMM server of a lab, in the scenario's order."""
    vmm = scvmm_of(lab)
    accounts = lab.world.product(vmm.name).accounts.values()
    names = [
        door.server.name
        for door, _ in lab.doors()
        if isinstance(door, Door) and door.owner == vmm.name and door.server.name != vmm.server
    ]
    return [RunningWindows(lab, vmm.name, *_place(lab, vmm.name, one, accounts)) for one in names]


def rhel5_of(lab: Lab) -> list[RunningShell]:
    """Return the RHEL 5 hosts of a lab; raises InputError when there is none."""
    from hvsim.rhel5xen.site import Site  # noqa: PLC0415 - start-up stays fast

    return _shells(lab, Site, "host of RHEL 5 with Xen")


def zones_of(lab: Lab) -> list[RunningShell]:
    """Return the hosts with zones of a lab; raises InputError when there is none."""
    from hvsim.zones.host import ZoneHost  # noqa: PLC0415 - start-up stays fast

    return _shells(lab, ZoneHost, "host with zones")


def _place(lab: Lab, owner: str, server: str, accounts: Any) -> _Place:
    account = next(iter(accounts))
    for door, urls in lab.doors():
        if isinstance(door, Door) and (door.owner, door.server.name) == (owner, server):
            return _Place(server, urls, account.user, account.password)
    raise InputError(f"{server} of {owner} has no address of its own")


def _shells(lab: Lab, kind: type, noun: str) -> list[RunningShell]:
    found = [
        _shell(lab, door, url)
        for door, url in lab.shells()
        if isinstance(lab.world.product(door.owner), kind)
    ]
    if not found:
        raise _lacks(lab, noun)
    return found


def _shell(lab: Lab, door: ShellDoor, url: str) -> RunningShell:
    accounts = door.shell.system.accounts.values()
    account = next(one for one in accounts if one.password is not None)
    return RunningShell(lab, door.owner, door.host, url, account.name, account.password or "")


def _lacks(lab: Lab, noun: str) -> InputError:
    return InputError(f"the lab {lab.scenario_name!r} has no {noun}")
