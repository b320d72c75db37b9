"""What a shell knows: variables, functions, open files, where it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hvsim_fakes.shell.view import View

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hvsim.systems import Account
    from hvsim_fakes.shell.jobs import Job
    from hvsim_fakes.shell.program import Host, Reader, Writer
    from hvsim_fakes.shell.session import Session
    from hvsim_fakes.shell.syntax import Compound


class ShellError(Exception):
    """A command cannot be carried out; ``fatal`` ends a shell that is not interactive."""

    def __init__(self, message: str, status: int = 2, *, fatal: bool = False) -> None:
        super().__init__(message)
        self.status = status
        self.fatal = fatal


class ShellExit(Exception):  # noqa: N818 - a way out, not an error
    """The shell ends with a status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status & 0xFF


class Jump(Exception):  # noqa: N818 - a way out, not an error
    """``break``, ``continue`` (with how many loops) or ``return`` (with a status)."""

    def __init__(self, kind: str, count: int) -> None:
        super().__init__(kind)
        self.kind = kind
        self.count = count


class Variables(dict[str, str]):
    """Values by name, with which of them are exported and which cannot change."""

    def __init__(self, values: Mapping[str, str] = {}, *, export: bool = True) -> None:
        super().__init__(values)
        self.exported: dict[str, None] = dict.fromkeys(values) if export else {}
        self.readonly: dict[str, None] = {}

    def __setitem__(self, name: str, value: str) -> None:
        if name in self.readonly:
            raise ShellError(f"{name}: is read only", fatal=True)
        super().__setitem__(name, value)

    def copy(self) -> Variables:
        """Return a copy for a subshell."""
        twin = Variables(self, export=False)
        twin.exported = dict(self.exported)
        twin.readonly = dict(self.readonly)
        return twin

    def unset(self, name: str) -> None:
        """Forget a variable."""
        if name in self.readonly:
            raise ShellError(f"{name}: is read only")
        self.pop(name, None)
        self.exported.pop(name, None)

    def environment(self) -> dict[str, str]:
        """Return what programs see."""
        return {name: self[name] for name in self.exported if name in self}


@dataclass(slots=True)
class State:
    """The state of one shell or subshell.

    Attributes:
        name: ``$0``; ``args`` are the positional parameters.
        options: letters that are set (``e``, ``u``, ``x``, ...).
        fds: open files by number: readers and writers.
        status: ``$?``.
        lenient: above 0 where a failure does not end the shell under ``set -e``.
        depth: functions, subshells and substitutions it is in.
        interactive: whether it reads commands from a terminal.
    """

    session: Session
    host: Host
    account: Account
    variables: Variables
    fds: dict[int, Reader | Writer]
    cwd: str = "/"
    name: str = "sh"
    args: list[str] = field(default_factory=list)
    functions: dict[str, Compound] = field(default_factory=dict)
    options: set[str] = field(default_factory=set)
    traps: dict[str, str] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    jobs: dict[int, Job] = field(default_factory=dict)
    locals: list[dict[str, str | None]] = field(default_factory=list)
    umask: int = 0o022
    status: int = 0
    pid: int = 0
    last_job: int = 0
    lenient: int = 0
    depth: int = 0
    loops: int = 0
    interactive: bool = False
    line: int = 0

    @property
    def view(self) -> View:
        """The host's files from here."""
        view = View(
            self.session.world,
            self.host.system,
            self.account,
            root=self.host.root,
            cwd=self.cwd,
            registry=self.host.registry,
            on_change=self.session.note_change,
        )
        view.umask = self.umask
        return view

    def fork(self, fds: dict[int, Reader | Writer] | None = None) -> State:
        """Return the state of a subshell."""
        if self.depth >= self.session.budget.limits.depth:
            raise ShellError("too many subshells and functions within each other", fatal=True)
        return State(
            self.session,
            self.host,
            self.account,
            self.variables.copy(),
            dict(self.fds if fds is None else fds),
            cwd=self.cwd,
            name=self.name,
            args=list(self.args),
            functions=dict(self.functions),
            options=set(self.options),
            aliases=dict(self.aliases),
            umask=self.umask,
            status=self.status,
            pid=self.pid,
            last_job=self.last_job,
            lenient=self.lenient,
            depth=self.depth + 1,
            line=self.line,
        )

    def environment(self) -> dict[str, str]:
        """Return what programs see."""
        return self.variables.environment()


def login_environment(host: Host, account: Account) -> dict[str, str]:
    """Return the environment that a login gives an account."""
    return {
        "HOME": account.home,
        "LOGNAME": account.name,
        "PATH": host.path,
        "PWD": account.home,
        "SHELL": account.shell,
        "USER": account.name,
        **host.environment,
    }


def login_state(
    session: Session, host: Host, account: Account, fds: dict[int, Reader | Writer]
) -> State:
    """Return the state of a fresh login."""
    variables = Variables(login_environment(host, account))
    for name, value in (("IFS", " \t\n"), ("PS1", prompt(account)), ("PS2", "> "), ("OPTIND", "1")):
        variables[name] = value
    state = State(session, host, account, variables, fds)
    state.pid = next(session.pids)
    state.cwd = account.home if state.view.is_directory(account.home) else "/"
    variables["PWD"] = state.cwd
    return state


def prompt(account: Account) -> str:
    """Return the usual prompt."""
    return "# " if account.privileged else "$ "
