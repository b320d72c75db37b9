"""Who plays a VMM server's script: the real pywinrm, against a lab, or against a recording."""

from __future__ import annotations

import uuid
from contextlib import contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final
from unittest import mock

import winrm
from golden.player import PASSWORD
from hvsim import scenario

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hvsim.clock import Clock
    from hvsim.world import World
    from hvsim_fakes.lab import Lab

USER: Final = "administrator"
_ADDRESS: Final = "127.0.0.101"
_GIB: Final = 2**30
LEGACY: Final = {
    "Get-SCVirtualMachine": "Get-VM",
    "Get-SCVMHost": "Get-VMHost",
    "Start-SCVirtualMachine": "Start-VM",
    "Move-SCVirtualMachine": "Move-VM",
    "Disable-SCVMHost": "Disable-VMHost",
    "Enable-SCVMHost": "Enable-VMHost",
    "Stop-SCVirtualMachine": "Stop-VM",
}
"""What 2008 R2 called cmdlets."""


def world(profile: str, clock: Clock) -> World:
    """Return a VMM server with a cluster of two nodes and three guests."""
    nodes = [
        {"name": f"hv{n}", "address": f"127.0.0.{101 + n}", "memory": 16 * _GIB, "cpus": 4}
        for n in (1, 2)
    ]
    table = {
        "name": "vmm1",
        "profile": profile,
        "address": _ADDRESS,
        "clusters": [{"name": "c1", "hosts": nodes}],
        "guests": [
            {"name": "web", "host": "hv1", "state": "Running", "hostname": "web.example"},
            {"name": "db", "host": "hv2", "state": "Running", "highly_available": False},
            {"name": "new", "host": "hv2", "started": False},
        ],
        "accounts": [{"user": USER, "password": PASSWORD}],
    }
    return scenario.build(scenario.from_data({"name": "golden", "scvmm": [table]}), 1, clock)


class WinRmPlayer:
    """Gives scripts their sessions.

    Args:
        profile: the release that is played.
        lab: the running lab; None when a recording answers.
    """

    def __init__(self, profile: str, lab: Lab | None = None) -> None:
        self.profile = profile
        self.lab = lab

    @property
    def url(self) -> str:
        """Where WinRM answers; a recording knows no ports."""
        if self.lab is None:
            return f"http://{_ADDRESS}/wsman"
        return self.lab.member_url("vmm1", "vmm1", tls=False).rstrip("/") + "/wsman"

    @contextmanager
    def session(self, password: str = PASSWORD) -> Iterator[Any]:
        """Give a session of pywinrm, whose messages are numbered in the order they are sent."""
        numbers = iter(range(1, 10_000))
        numbered = lambda: uuid.UUID(int=next(numbers), version=4)  # noqa: E731 - a line
        numbering = SimpleNamespace(UUID=uuid.UUID, uuid4=numbered)
        with mock.patch("winrm.protocol.uuid", numbering):
            yield winrm.Session(self.url, auth=(USER, password), transport="basic")

    def run(self, session: Any, script: str) -> Any:
        """Run a script of PowerShell, in the names of the release; return what pywinrm gives."""
        if self.profile == "scvmm-2008r2":
            for name, old in LEGACY.items():
                script = script.replace(name, old)
        return session.run_ps(script)

    def lines(self, session: Any, script: str) -> list[str]:
        """Run a script that succeeds; return its lines."""
        done = self.run(session, script)
        assert done.status_code == 0, done.std_err
        return done.std_out.decode().split("\r\n")[:-1]
