"""WinRS shells: ``cmd.exe`` behind WS-Management."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from hvsim_fakes.winrm import faults, names
from hvsim_fakes.winrm.cmd import Exit, Process
from hvsim_fakes.winrm.cmd import Shell as Cmd
from hvsim_fakes.winrm.commands import BUILTINS, PROGRAMS, codec
from hvsim_fakes.winrm.engine import Stopped
from hvsim_fakes.winrm.faults import WsmanFault
from hvsim_fakes.winrm.inlet import Inlet
from hvsim_fakes.winrm.outlet import Outlet
from hvsim_fakes.winrm.powershell_exe import PowerShellExe
from hvsim_fakes.winrm.runner import Run
from hvsim_fakes.winrm.shell import Facts, Shell

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hvsim_fakes.winrm.machine import Machine
    from hvsim_fakes.winrm.shell import Command

_CTRL_C: Final = -1073741510
"""STATUS_CONTROL_C_EXIT, what a process ends with that ctrl-C ended."""
_log: Final = logging.getLogger(__name__)


class WinRsShell(Shell):
    """A shell whose commands are lines for ``cmd``."""

    can_disconnect = True

    def __init__(self, machine: Machine, facts: Facts) -> None:
        super().__init__(machine, facts)
        self.encoding = _encoding(facts.options)
        self.environment = _environment(machine, facts)
        self.directory = facts.directory or self.environment["USERPROFILE"]
        if not machine.drive.is_directory(self.directory):
            machine.drive.make_directory(self.environment["USERPROFILE"])

    def start(self, command_id: str, command: str, arguments: list[str]) -> Command:
        """Start a line."""
        line = " ".join([command, *arguments])
        if not line.strip():
            raise WsmanFault(faults.INVALID_PARAMETER)
        made = self.add(command_id, lambda given: WinRsCommand(self, given, line))
        assert isinstance(made, WinRsCommand)  # noqa: S101 - for the type checker
        made.begin()
        return made


class WinRsCommand:
    """One line on its way."""

    def __init__(self, shell: WinRsShell, command_id: str, line: str) -> None:
        world = shell.machine.world
        self.command_id = command_id
        self.line = line
        self.run = Run(world)
        self.outlet = Outlet(world.activity)
        self.stdin: Inlet[bytes] = Inlet(self.run)
        self.run.on_stop(self.outlet.nudge)
        self._shell = shell

    def begin(self) -> None:
        """Start it."""
        self.run.start(self._carry_out)

    def send(self, stream: str, data: bytes, *, end: bool) -> None:
        """Take standard input."""
        if stream != "stdin":
            raise WsmanFault(faults.INVALID_PARAMETER)
        if data:
            self.stdin.put(data)
        if end:
            self.stdin.end()

    def signal(self, code: str) -> None:
        """Interrupt or end it."""
        signal = code.removeprefix(names.SIGNALS).lower()
        if signal == "terminate":
            self._shell.drop(self.command_id)
        elif signal in ("ctrl_c", "ctrl_break"):
            self.run.stop()
        else:
            raise WsmanFault(faults.INVALID_PARAMETER)

    def close(self) -> None:
        """End it."""
        self.run.stop()

    def _carry_out(self) -> None:
        try:
            self.run.hold(self._shell.machine.troubles.latency)
            code = self._cmd().run(self.line)
        except Exit as end:
            code = end.code
        except Stopped:
            code = _CTRL_C
        except Exception:  # noqa: BLE001 - the client hears of an end whatever happens
            _log.exception("command failed")
            self.outlet.put("stderr", b"The system cannot execute the specified program.\r\n")
            code = 1
        self._shell.touch()
        self.outlet.end(code)

    def _cmd(self) -> Cmd:
        shell, machine = self._shell, self._shell.machine
        process = Process(
            run=self.run,
            drive=machine.drive,
            out=lambda data: self._put("stdout", data),
            err=lambda data: self._put("stderr", data),
            stdin=self.stdin,
            environment=dict(shell.environment),
            directory=shell.directory,
            encoding=shell.encoding,
            user=shell.facts.account.qualified,
            version=machine.settings.version,
        )
        powershell = PowerShellExe(machine.engine, progress=machine.settings.progress_on_stderr)
        return Cmd(process, BUILTINS, {**PROGRAMS, "powershell": powershell})

    def _put(self, stream: str, data: bytes) -> None:
        self.run.check()
        self.outlet.put(stream, data, self.run.is_stopped)


def _encoding(options: Mapping[str, str]) -> str:
    given = {name.upper(): value for name, value in options.items()}
    try:
        return codec(given.get("WINRS_CODEPAGE", "437").strip())
    except LookupError:
        raise WsmanFault(faults.CODE_PAGE) from None


def _environment(machine: Machine, facts: Facts) -> dict[str, str]:
    """Return the variables of a new shell, by name in capitals."""
    account = facts.account
    home = f"C:\\Users\\{account.name}"
    usual = {
        "COMPUTERNAME": machine.computer,
        "COMSPEC": "C:\\Windows\\system32\\cmd.exe",
        "OS": "Windows_NT",
        "PATH": "C:\\Windows\\system32;C:\\Windows;"
        "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\",
        "PROCESSOR_ARCHITECTURE": "AMD64",
        "SYSTEMDRIVE": "C:",
        "SYSTEMROOT": "C:\\Windows",
        "TEMP": "C:\\Windows\\Temp",
        "TMP": "C:\\Windows\\Temp",
        "USERDOMAIN": account.domain or machine.computer,
        "USERNAME": account.name,
        "USERPROFILE": home,
        "WINDIR": "C:\\Windows",
    }
    return usual | {name.upper(): value for name, value in facts.environment.items()}
