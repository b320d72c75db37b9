"""Sessions that know Ansible's bootstrap, and run modules themselves."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from hvsim_fakes.powershell.host import DriveError
from hvsim_fakes.winrm.ansible.basic import ARGUMENTS, net, plain
from hvsim_fakes.winrm.ansible.bootstrap import (
    ManifestError,
    is_bootstrap,
    is_older_bootstrap,
    read_manifest,
    read_older_manifest,
    read_wrapped,
)
from hvsim_fakes.winrm.engine import (
    Exited,
    Failure,
    Fault,
    Invocation,
    Output,
    Step,
    Terminated,
    Text,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from hvsim_fakes.powershell.host import Drive
    from hvsim_fakes.winrm.ansible.bootstrap import Manifest, Wrapped
    from hvsim_fakes.winrm.engine import Record
    from hvsim_fakes.winrm.powershell import PowerShellEngine, PowerShellSession

_PRELUDE: Final = """\
function Write-Host($msg) { Write-Output -InputObject $msg }
"""
"""What a module finds changed."""
_SHELL: Final = ("win_shell.ps1",)


@dataclass(slots=True)
class Ran:
    """What running something gave."""

    outputs: list[Any] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    code: int | None = None
    terminated: Fault | None = None

    def take(self, record: Record) -> None:
        """Keep what counts of a record."""
        match record:
            case Output(value):
                self.outputs.append(value)
            case Failure(fault):
                self.faults.append(fault)
            case Exited(code):
                self.code = code


class AnsibleEngine:
    """PowerShell of a host whose sessions know Ansible's bootstrap."""

    def __init__(self, engine: PowerShellEngine) -> None:
        self.engine = engine

    def open(
        self, user: str, environment: Mapping[str, str] | None = None, directory: str = ""
    ) -> AnsibleSession:
        """See :class:`hvsim_fakes.winrm.engine.ShellEngine`."""
        return AnsibleSession(self.engine, user, environment or {}, directory)


class AnsibleSession:
    """A session that is PowerShell's for everything but the bootstrap."""

    def __init__(
        self,
        engine: PowerShellEngine,
        user: str,
        environment: Mapping[str, str],
        directory: str,
    ) -> None:
        self._engine = engine
        self._user = user
        self._environment = environment
        self._session = engine.open(user, environment, directory)

    def records(self, call: Invocation, take: Callable[[Record], None]) -> None:
        """See :class:`hvsim_fakes.winrm.engine.Session`."""
        if not _is_known(call.script):
            self._session.records(call, take)
            return
        code = self._bootstrapped(call, lambda text: take(Output(text)))
        take(Exited(code))

    def console(self, call: Invocation, write: Callable[[Text], None]) -> int:
        """See :class:`hvsim_fakes.winrm.engine.Session`."""
        if not _is_known(call.script):
            return self._session.console(call, write)
        return self._bootstrapped(call, lambda text: write(Text(f"{text}\n")))

    def to_psrp(self, value: Any) -> Any:
        """See :class:`hvsim_fakes.winrm.engine.Session`."""
        return self._session.to_psrp(value)

    def from_psrp(self, value: Any) -> Any:
        """See :class:`hvsim_fakes.winrm.engine.Session`."""
        return self._session.from_psrp(value)

    def reset(self) -> None:
        """See :class:`hvsim_fakes.winrm.engine.Session`."""
        self._session.reset()

    def _bootstrapped(self, call: Invocation, tell: Callable[[str], None]) -> int:
        """Do what the bootstrap would; returns the exit code."""
        lines = (str(line) for line in call.input)
        try:
            if is_older_bootstrap(call.script):
                return self._module(call, read_older_manifest(lines), tell)
            wrapped = read_wrapped(lines)
            if wrapped.name == "exec_wrapper":
                return self._module(call, read_manifest("".join(lines)), tell)
            return self._helper(wrapped, lines, tell)
        except ManifestError as error:
            tell(_failed(f"hvsim cannot run this with Ansible's wrapper: {error}"))
            return 1

    def _helper(self, wrapped: Wrapped, lines: Iterator[str], tell: Callable[[str], None]) -> int:
        """Do what a small script of Ansible's own does."""
        path = str(wrapped.params.get("Path", ""))
        drive = self._engine.drive
        match wrapped.name.removesuffix(".ps1"):
            case "winrm_put_file" | "psrp_put_file":
                tell(json.dumps({"sha1": _put(drive, path, lines)}))
            case "powershell_mkdtemp":
                directory = self._expanded(str(wrapped.params.get("Directory", "")))
                made = f"{directory}\\{wrapped.params.get('Name', '')}"
                drive.make_directory(made)
                tell(made)
            case "powershell_expand_user":
                home = f"C:\\Users\\{self._user.rpartition(chr(92))[2]}"
                tell(home + path[1:] if path[:1] == "~" else path)
            case name:
                raise ManifestError(f"the script {name} is not supported")
        return 0

    def _expanded(self, path: str) -> str:
        known = {"TEMP": "C:\\Windows\\Temp", "TMP": "C:\\Windows\\Temp", **self._environment}
        for name, value in known.items():
            path = path.replace(f"%{name}%", value)
        return path

    def _module(self, call: Invocation, manifest: Manifest, tell: Callable[[str], None]) -> int:
        """Run a module in a session of its own."""
        environment = {**self._environment, **manifest.environment}
        session = self._engine.open(self._user, environment)
        if manifest.name.endswith(_SHELL):
            return _shell(session, call, manifest, tell)
        session.set_variable("ErrorActionPreference", "Stop")
        session.set_variable(ARGUMENTS, net(manifest.arguments))
        utilities = (_module_of(name, text) for name, text in manifest.utilities.items())
        for text in (_PRELUDE, *utilities):
            prepared = _ran(session, call, text)
            if prepared.terminated is not None:
                return _unhandled(prepared.terminated, tell)
        return _module_ended(session, _ran(session, call, manifest.script), tell)


def _module_of(name: str, text: str) -> str:
    """Return what makes a module of a utility, as Ansible's wrapper does."""
    return f"$null = New-Module -Name '{name}' -ScriptBlock {{\n{text}\n}}"


def _is_known(script: str) -> bool:
    return is_bootstrap(script) or is_older_bootstrap(script)


def _ran(session: PowerShellSession, call: Invocation, script: str) -> Ran:
    ran = Ran()
    inner = Invocation(
        (Step(script),), cancelled=call.cancelled, on_stop=call.on_stop, pause=call.pause
    )
    try:
        ran.outputs = []
        session.records(inner, ran.take)
    except Terminated as error:
        ran.terminated = error.fault
    return ran


def _module_ended(session: PowerShellSession, ran: Ran, tell: Callable[[str], None]) -> int:
    """Tell what a module gave, as Ansible's wrapper does."""
    if ran.terminated is not None:
        return _unhandled(ran.terminated, tell)
    told = [str(plain(value)) for value in ran.outputs if value is not None]
    if session.left is not None:
        told.insert(0, str(session.left))
    if told:
        tell("\n".join(told))
    if ran.faults:
        _unhandled(ran.faults[0], tell)
        return 1 if ran.code is None else ran.code
    return ran.code or 0


def _unhandled(fault: Fault, tell: Callable[[str], None]) -> int:
    tell(_failed(f"Unhandled exception while executing module: {fault.message}", fault.text))
    return 1


def _failed(message: str, exception: str = "") -> str:
    told = {"failed": True, "msg": message}
    return json.dumps(told | ({"exception": exception} if exception else {}))


def _shell(
    session: PowerShellSession, call: Invocation, manifest: Manifest, tell: Callable[[str], None]
) -> int:
    """Run the script of ``win_shell``, whose module starts a process for it."""
    command = str(manifest.arguments.get("_raw_params") or "")
    if manifest.arguments.get("_ansible_check_mode"):
        tell(
            json.dumps({"changed": False, "skipped": True, "msg": "skipped, running in check mode"})
        )
        return 0
    written: dict[bool, list[str]] = {False: [], True: []}
    inner = Invocation(
        (Step(command),), cancelled=call.cancelled, on_stop=call.on_stop, pause=call.pause
    )
    code = session.console(inner, lambda text: written[text.error].append(text.text))
    out, err = ("".join(written[error]).replace("\n", "\r\n") for error in (False, True))
    told: dict[str, Any] = {"changed": True, "cmd": command, "rc": code}
    told |= {"stdout": out, "stderr": err}
    if code:
        told |= {"failed": True, "msg": "non-zero return code"}
    tell(json.dumps(told))
    return code


def _put(drive: Drive, path: str, lines: Iterator[str]) -> str:
    """Write a file of base64 lines and return its digest; raises ManifestError."""
    content = b""
    try:
        for line in lines:
            content += base64.b64decode(line.strip(), validate=True)
        drive.write(path, content)
    except (binascii.Error, ValueError, DriveError) as error:
        raise ManifestError(f"the file {path} cannot be written: {error}") from None
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()
