"""One run of a program: what the protocol of :mod:`hvsim_fakes.shell.program` promises."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hvsim.operations import Stage
from hvsim_fakes.shell.channels import Sink, decoded
from hvsim_fakes.shell.redirect import open_file
from hvsim_fakes.shell.state import State, Variables, login_state

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from hvsim.commands import Command
    from hvsim.operations import Operation, Steps
    from hvsim.systems import Account
    from hvsim.world import World
    from hvsim_fakes.shell.program import Host, Reader, Writer
    from hvsim_fakes.shell.view import View


class Task:
    """One run of a program in a shell's state.

    Args:
        env: the exported variables; the state's own when not given.
    """

    def __init__(
        self,
        state: State,
        argv: Sequence[str],
        fds: Mapping[int, Reader | Writer],
        env: Mapping[str, str] | None = None,
    ) -> None:
        self.state = state
        self.argv = list(argv)
        self.fds = dict(fds)
        self.stdin: Reader = _open(fds, 0)
        self.out: Writer = _open(fds, 1)
        self.err: Writer = _open(fds, 2)
        self.env = dict(state.environment() if env is None else env)
        self.cwd = state.cwd
        self.account = state.account
        self.host = state.host
        self.world: World = state.session.world
        self.tty = state.session.tty
        self.peer = state.session.peer

    @property
    def files(self) -> View:
        """The host's files as this account sees them from its working directory."""
        return self.state.view

    def execute(self, command: Command) -> Any:
        """Carry out a journalled command; raises the ``HvsimError`` it refuses with."""
        return self.world.execute(command)

    def wait(self, operation: Operation) -> Operation:
        """Wait until an operation has ended, in simulated time; return it."""
        self.wait_until(lambda: operation.done, operation.topic)
        return operation

    def wait_until(self, ready: Callable[[], bool], *topics: str) -> None:
        """Wait until ``ready()``, judged under the world's lock whenever a topic is woken."""
        self.flush()
        session = self.state.session
        done = False

        def look() -> bool:
            nonlocal done
            done = ready()
            return done

        while not done:
            session.park(look, *topics)

    def sleep(self, seconds: float) -> None:
        """Let simulated time pass."""
        with self.world.access():
            subject = f"{self.host.system.name}/{self.argv[0]}"
            operation = self.world.operations.start("sleep", subject, _sleep(seconds))
            self.world.engine.settle()
        self.wait(operation)

    def step(self, count: int = 1) -> None:
        """Use up steps of the session's limits."""
        self.state.session.step(count)

    def ignore(self, signal: int) -> None:
        """Carry on when ``signal`` comes."""
        self.state.session.ignore(signal)

    def fail(self, text: str, status: int = 1) -> int:
        """Write a line to stderr and return ``status``."""
        self.err(text + "\n")
        return status

    def flush(self) -> None:
        """Let everything that was written be seen."""
        for writer in (self.out, self.err):
            if isinstance(writer, Sink):
                writer.flush()

    def prompt(self, text: str, *, echo: bool = True) -> str | None:
        """Ask on the terminal (or stdout) for a line of stdin; None at its end."""
        self.out(text)
        self.flush()
        terminal = self.state.session.terminal if self.stdin.is_tty else None
        if terminal is not None and not echo:
            terminal.set_echo(echo=False)
        try:
            line = self.stdin.read_line()
        finally:
            if terminal is not None and not echo:
                terminal.set_echo(echo=True)
                self.out("\n")
        return decoded(line).removesuffix("\n") if line else None

    def open(self, path: str) -> Reader:
        """Open a file or device to read; raises FileError."""
        return open_file(self.state, path)

    def run(
        self,
        argv: Sequence[str],
        *,
        stdin: Reader | None = None,
        out: Writer | None = None,
        env: Mapping[str, str] | None = None,
    ) -> int:
        """Run another command of the host, as ``xargs`` does; return its status."""
        from hvsim_fakes.shell.launch import launch  # noqa: PLC0415 - it starts tasks itself

        self.flush()
        fds = dict(self.fds)
        fds[0] = self.stdin if stdin is None else stdin
        fds[1] = self.out if out is None else out
        state = self.state.fork(fds)
        if env is not None:
            state.variables = Variables(env)
        return launch(state, list(argv), fds)

    def shell(
        self,
        script: str | None,
        args: Sequence[str] = (),
        *,
        host: Host | None = None,
        account: Account | None = None,
        login: bool = False,
    ) -> int:
        """Run shell text with the same stdin, stdout, stderr and terminal; return its status."""
        from hvsim_fakes.shell.interactive import run_shell  # noqa: PLC0415 - it starts tasks

        self.flush()
        state = self.state.fork(self.fds)
        state.functions.clear()
        state.options = set()
        state.traps = {}
        state.lenient = 0
        if host is not None or login:
            elsewhere = host or self.host
            fresh = login_state(state.session, elsewhere, account or self.account, state.fds)
            fresh.depth = state.depth
            state = fresh
        else:
            state = replace(state, account=account or self.account, pid=next(state.session.pids))
            state.variables = Variables(self.env)
            for name, value in (("IFS", " \t\n"), ("OPTIND", "1")):
                state.variables[name] = value
        if args:
            state.name, state.args = args[0], list(args[1:])
        return run_shell(state, script)


def _open(fds: Mapping[int, Reader | Writer], number: int) -> Any:
    return fds.get(number) or _Closed()


class _Closed:
    """A descriptor that is closed: nothing comes in, and nothing gets out."""

    is_tty = False

    def __call__(self, text: str | bytes) -> None:
        """Drop it."""

    def write(self, text: str | bytes) -> None:
        """Drop it."""

    def flush(self) -> None:
        """Nothing was kept."""

    def read(self) -> bytes:
        """Return the end."""
        return b""

    def read_some(self, most: int = 0) -> bytes:  # noqa: ARG002 - there is nothing
        """Return the end."""
        return b""

    def read_line(self) -> bytes:
        """Return the end."""
        return b""


def _sleep(seconds: float) -> Steps:
    yield Stage("sleep", seconds)
