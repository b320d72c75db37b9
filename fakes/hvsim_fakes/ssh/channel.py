"""One session channel: a command, an interactive shell, or a file transfer."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, cast

from asyncssh.stream import SSHServerStreamSession

from hvsim_fakes.shell.channels import ClientSink, ClientSource
from hvsim_fakes.shell.interactive import run_shell
from hvsim_fakes.shell.program import SIGHUP, SIGINT, SIGKILL, SIGTERM, Interrupted
from hvsim_fakes.shell.secrets import conceal
from hvsim_fakes.shell.session import Session
from hvsim_fakes.shell.state import State, login_state
from hvsim_fakes.shell.workers import WORKERS
from hvsim_fakes.ssh.outlet import Outlet
from hvsim_fakes.ssh.transfer import Transfer

if TYPE_CHECKING:
    from collections.abc import Callable

    from asyncssh import SSHServerChannel
    from asyncssh.channel import SSHChannel

    from hvsim.systems import Account
    from hvsim_fakes.ssh.gate import ShellGate

_SIGNALS = {"INT": SIGINT, "TERM": SIGTERM, "HUP": SIGHUP, "KILL": SIGKILL, "QUIT": SIGTERM}
_ACCEPTED_ENVIRONMENT = ("LANG", "LC_", "TZ")
_log = logging.getLogger("hvsim_fakes.ssh")


class ShellChannel(SSHServerStreamSession[Any]):
    """A session channel of a logged-in account.

    Args:
        gate: of the host that the client is on.
        peer: the client's address.
        on_close: told when the channel has ended.
    """

    def __init__(
        self, gate: ShellGate, account: Account, peer: str, on_close: Callable[[], object]
    ) -> None:
        super().__init__(None, self._transfer, 3, allow_scp=True)
        self._on_close = on_close
        self._gate = gate
        self._account = account
        self._peer = peer
        self._session: Session | None = None
        self._source: ClientSource | None = None
        self._outlet: Outlet | None = None
        self._terminal = ""
        self._held = False

    def pty_requested(self, term_type: str, term_size: Any, term_modes: Any) -> bool:  # noqa: ARG002 - sizes make no difference
        """Give the channel a terminal: text with line editing."""
        assert self._chan is not None  # noqa: S101 - nothing is asked of an unopened channel
        self._terminal = term_type
        self._chan.set_encoding("utf-8", "surrogateescape")
        self._encoding = "utf-8"
        return True

    def shell_requested(self) -> bool:
        """Accept a shell."""
        return True

    def exec_requested(self, command: str) -> bool:  # noqa: ARG002 - every command is tried
        """Accept a command."""
        return True

    def subsystem_requested(self, subsystem: str) -> bool:
        """Accept file transfer, and nothing else."""
        return subsystem == "sftp"

    def session_started(self) -> None:
        """Begin, in a thread of the session's own unless it is a file transfer."""
        assert self._chan is not None  # noqa: S101 - as above
        command = self._chan.get_command()
        if self._chan.get_subsystem() or (command or "").startswith(("scp -", "scp\t-")):
            super().session_started()
            return
        self._begin(command)

    def _begin(self, command: str | None) -> None:
        gate, channel = self._gate, cast("SSHServerChannel[Any]", self._chan)
        tty = gate.take_terminal() if self._terminal else None
        session = Session(gate.world, tty=tty, peer=self._peer, limits=gate.limits.shell)
        terminal = bool(self._terminal)
        most = gate.limits.unsent
        self._outlet = Outlet(gate.loop, channel, session, text=terminal, most=most)
        self._source = ClientSource(session, is_tty=terminal)
        self._source.on_taken = self._more_wanted
        out = ClientSink(session, self._outlet.put, is_tty=terminal)
        err = ClientSink(session, self._outlet.put_error, is_tty=terminal, after=out)
        if terminal:
            err = out
            session.terminal = _Terminal(self, self._source, out)
        session.client = {0: self._source, 1: out, 2: err}
        self._session = session
        gate.sessions[session] = None
        run = _Run(
            gate,
            session,
            self._account,
            command=command,
            environment=self._environment(tty),
            outlet=self._outlet,
        )
        WORKERS.run(run)

    def _environment(self, tty: str | None) -> dict[str, str]:
        assert self._chan is not None  # noqa: S101 - as above
        found = {
            name: value
            for name, value in self._chan.get_environment().items()
            if name.startswith(_ACCEPTED_ENVIRONMENT)
        }
        remote = self._chan.get_extra_info("peername") or ("", 0)
        local = self._chan.get_extra_info("sockname") or ("", 0)
        found["SSH_CLIENT"] = f"{remote[0]} {remote[1]} {local[1]}"
        found["SSH_CONNECTION"] = f"{remote[0]} {remote[1]} {local[0]} {local[1]}"
        if tty is not None:
            found["SSH_TTY"] = f"/dev/{tty}"
            found["TERM"] = self._terminal
        return found

    def _transfer(self, channel: SSHChannel[bytes]) -> Transfer:
        return Transfer(
            cast("SSHServerChannel[bytes]", channel), self._gate, self._account, self._peer
        )

    # From the client

    def data_received(self, data: Any, datatype: Any) -> None:
        """Take input; ask the client to wait when too much is left unread."""
        if self._source is None:
            super().data_received(data, datatype)
            return
        piece = data.encode("utf-8", "surrogateescape") if isinstance(data, str) else data
        self._source.feed(piece)
        if self._source.waiting > self._gate.limits.typed_ahead and not self._held:
            self._held = True
            assert self._chan is not None  # noqa: S101 - as above
            self._chan.pause_reading()

    def eof_received(self) -> bool:
        """End the input; the output goes on."""
        if self._source is None:
            super().eof_received()
        else:
            self._source.end()
        return True

    def soft_eof_received(self) -> None:
        """End the present reading from the terminal (^D)."""
        if self._source is not None:
            self._source.soft_end()

    def break_received(self, msec: int) -> bool:  # noqa: ARG002 - the terminal's ^C has no length
        """Interrupt what runs (^C)."""
        self.signal_received("INT")
        return True

    def signal_received(self, signal: str) -> None:
        """Pass a signal on."""
        if self._session is not None and self._source is not None and signal in _SIGNALS:
            if signal == "INT":
                self._source.drop()
            self._session.signal(_SIGNALS[signal])

    def terminal_size_changed(self, width: int, height: int, pixwidth: int, pixheight: int) -> None:
        """Heed no size."""

    def pause_writing(self) -> None:
        """Let the program wait for the client."""
        super().pause_writing()
        if self._outlet is not None:
            self._outlet.pause()

    def resume_writing(self) -> None:
        """Let the program go on."""
        super().resume_writing()
        if self._outlet is not None:
            self._outlet.resume()

    def connection_lost(self, exc: Exception | None) -> None:
        """Hang up."""
        super().connection_lost(exc)
        self._on_close()
        if self._session is not None and self._outlet is not None and self._source is not None:
            self._outlet.lose()
            self._source.end()
            if not self._session.ended:
                # What a shell left in the background when it ended goes on without the client.
                self._session.signal(SIGHUP)

    def set_echo(self, *, echo: bool) -> None:
        """Say whether what is typed is shown; from any thread."""
        channel: Any = self._chan
        self._gate.loop.soon(lambda: channel.set_echo(echo))

    def _more_wanted(self, _: int) -> None:
        if self._held:
            self._gate.loop.soon(self._take_more)

    def _take_more(self) -> None:
        if self._held and self._chan is not None:
            self._held = False
            self._chan.resume_reading()


class _Terminal:
    def __init__(self, channel: ShellChannel, source: ClientSource, sink: ClientSink) -> None:
        self.source = source
        self.sink = sink
        self._channel = channel

    def set_echo(self, *, echo: bool) -> None:
        self._channel.set_echo(echo=echo)


class _Run:
    """What the thread of a command line or shell does."""

    def __init__(
        self,
        gate: ShellGate,
        session: Session,
        account: Account,
        *,
        command: str | None,
        environment: dict[str, str],
        outlet: Outlet,
    ) -> None:
        self._gate = gate
        self._session = session
        self._account = account
        self._command = command
        self._environment = environment
        self._outlet = outlet

    def __call__(self) -> None:
        status = 1
        try:
            with self._gate.world.activity.request():
                status = self._serve()
        except Interrupted as signal:
            status = 128 + signal.signal
        except Exception as error:  # noqa: BLE001 - a client never waits for a fault of ours
            self._note_crash(error)
        finally:
            self._gate.leave(self._session)
            self._outlet.exit(status)

    def _serve(self) -> int:
        gate, session = self._gate, self._session
        gate.pass_link(session)
        state = login_state(session, gate.host, self._account, dict(session.client))
        for name, value in self._environment.items():
            state.variables[name] = value
            state.variables.exported[name] = None
        status = self._run(state)
        for job in session.jobs:
            job.let_go()
        return status

    def _run(self, state: State) -> int:
        if self._command is None:
            if self._session.tty is not None and self._gate.host.banner:
                state.fds[1].write(self._gate.host.banner)  # type: ignore[union-attr] # a writer
            return run_shell(state, None, self._note_line)
        status = run_shell(state, self._command)
        self._note("exec", self._command, status)
        return status

    def _note_line(self, line: str) -> None:
        self._note("shell", line, 0)

    def _note(self, call: str, line: str, status: int) -> None:
        self._gate.note(
            self._session.peer,
            call,
            {"command": conceal(line)},
            is_write=self._session.changes_files(),
            outcome="ok" if status == 0 else f"exit {status}",
        )

    def _note_crash(self, error: Exception) -> None:
        _log.exception("a command line failed: %s", conceal(self._command or ""))
        world = self._gate.world
        with world.access():
            what = f"{type(error).__name__}: {error}"
            world.log.append("crash", "simulator", None, {"error": what})
