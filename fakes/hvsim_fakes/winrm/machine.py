"""The Windows host that a WinRM service runs on, as far as the service knows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hvsim_fakes.powershell.host import Drive, MemoryDrive
from hvsim_fakes.winrm.troubles import Troubles

if TYPE_CHECKING:
    from hvsim.world import World
    from hvsim_fakes.winrm.accounts import Directory
    from hvsim_fakes.winrm.engine import ShellEngine


@dataclass(slots=True)
class Settings:
    """What ``winrm get winrm/config`` shows, and what else a release does in its own way.

    Sizes are kilobytes, times are seconds. The defaults are those of Windows Server 2012 and
    later; Basic authentication is off on Windows until somebody allows it.

    Attributes:
        version: of Windows, as Identify tells it.
        stack: of WS-Management.
        progress_on_stderr: whether ``powershell -EncodedCommand`` tells on its error stream that
            it prepares modules, as 5.1 does when a shell's first command is carried out.
    """

    basic: bool = True
    credssp: bool = True
    max_envelope: int = 500
    max_shells_per_user: int = 30
    max_processes_per_shell: int = 25
    max_operations_per_user: int = 1500
    idle_timeout: float = 7200.0
    longest_idle_timeout: float = 2_147_483.647
    max_timeout: float = 60.0
    version: str = "10.0.17763"
    stack: str = "3.0"
    progress_on_stderr: bool = False


@dataclass(slots=True)
class Machine:
    """A Windows host.

    Attributes:
        computer: its NetBIOS name, in capitals.
        domain: the NetBIOS name of its domain; of a workgroup, the host's own name.
        directory: who may log in.
        engine: its PowerShell.
        drive: its files, as far as shells see them.
        troubles: what goes wrong on purpose.
        epoch: seconds of Unix at which the lab begins.
    """

    world: World
    computer: str
    domain: str
    directory: Directory
    engine: ShellEngine
    settings: Settings = field(default_factory=Settings)
    drive: Drive = field(default_factory=MemoryDrive)
    troubles: Troubles = field(default_factory=Troubles)
    epoch: float = 0.0

    def new_guid(self) -> str:
        """Return a GUID for a shell or a command, in the order in which they are made."""
        with self.world.access():
            return self.world.streams.uuid(f"winrm/{self.computer}").upper()

    def unix_time(self) -> float:
        """Return the lab's present time as seconds of Unix."""
        return self.epoch + self.world.clock.now()
