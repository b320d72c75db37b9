"""Who plays a VMM server's script: the real pywinrm, against a lab, or against a recording."""

from __future__ import annotations

import uuid
from contextlib import contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final
from unittest import mock

import winrm
from golden.played import PASSWORD, Played, managed

if TYPE_CHECKING:
    from collections.abc import Iterator

USER: Final = "administrator"
_ADDRESS: Final = "127.0.0.101"
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


world: Final = managed(
    "scvmm",
    "vmm1",
    USER,
    {"": _ADDRESS, "hv1": "127.0.0.102", "hv2": "127.0.0.103"},
    [
        {"name": "web", "host": "hv1", "state": "Running", "hostname": "web.example"},
        {"name": "db", "host": "hv2", "state": "Running", "highly_available": False},
        {"name": "new", "host": "hv2", "started": False},
    ],
)
"""Makes a VMM server with a cluster of two nodes and three guests."""


class WinRmPlayer(Played):
    """Gives scripts their sessions."""

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
