"""Our PowerShell behind the shells of a host: an engine for :class:`machine.Machine`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hvsim.operations import Stage
from hvsim_fakes.powershell import host as ps_host
from hvsim_fakes.powershell.dotnet.automation import position_message
from hvsim_fakes.powershell.engine.streams import Streams
from hvsim_fakes.powershell.format.layout import error_text
from hvsim_fakes.powershell.format.render import render
from hvsim_fakes.powershell.objects.text import to_text
from hvsim_fakes.powershell.runspace import PipelineCommand, Runspace
from hvsim_fakes.winrm.engine import (
    Exited,
    Failure,
    Fault,
    Information,
    Invocation,
    Message,
    Output,
    Pause,
    Progress,
    Record,
    Stopped,
    Terminated,
    Text,
)
from hvsim_fakes.winrm.objects import ToPsrp, from_psrp

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterable, Mapping

    from hvsim.operations import Operation, Steps
    from hvsim.world import World
    from hvsim_fakes.powershell.engine.library import Library
    from hvsim_fakes.powershell.engine.streams import InformationRecord, ProgressRecord
    from hvsim_fakes.powershell.errors import ErrorRecord
    from hvsim_fakes.powershell.host import Drive, Wait
    from hvsim_fakes.powershell.runspace import Outcome

_HOST_TAG = "PSHOST"


class PowerShellEngine:
    """PowerShell of one host.

    Args:
        library: its commands.
        context: what the product's cmdlets get as their context.
        computer: NetBIOS name.
        domain: DNS name of its domain, empty for none.
        epoch: seconds of Unix at which the lab begins.
        latency: asked before each run; simulated seconds that it takes beyond its own time.
    """

    def __init__(
        self,
        world: World,
        library: Library,
        context: Any,
        *,
        computer: str,
        domain: str,
        drive: Drive,
        epoch: float = 0.0,
        latency: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self.world = world
        self.library = library
        self.context = context
        self.computer = computer
        self.domain = domain
        self.drive = drive
        self.epoch = epoch
        self.latency = latency

    def open(
        self,
        user: str,
        environment: Mapping[str, str] | None = None,
        directory: str = "",  # noqa: ARG002 - its PowerShell starts where the drive does
    ) -> PowerShellSession:
        """See :class:`hvsim_fakes.winrm.engine.ShellEngine`."""
        return PowerShellSession(self, user, environment or {})


class SessionHost:
    """The host of one session, as the interpreter sees it."""

    def __init__(self, engine: PowerShellEngine, user: str) -> None:
        self.computer = engine.computer
        self.domain = engine.domain
        self.user = user
        self.context = engine.context
        self.drive = engine.drive
        self.environment: Mapping[str, str] = {}
        self.utc_offset = 0
        self.call: Invocation | None = None
        """What is running."""
        self._engine = engine

    def now(self) -> float:
        """Return the simulated time, in Unix seconds."""
        return self._engine.epoch + self._engine.world.clock.now()

    def random(self, stream: str) -> random.Random:
        """Return a random stream of the lab."""
        return self._engine.world.streams.stream(f"powershell/{self.computer}/{stream}")

    def wait(self, wait: Wait) -> Any:
        """Wait in simulated time; see :class:`hvsim_fakes.powershell.host.Host`."""
        operation = wait.subject or self._sleep(wait.seconds or 0.0)
        try:
            if self.call is not None:
                self.call.pause(Pause((operation.topic,), lambda: operation.done))
        except Stopped:
            raise ps_host.Stopped from None
        return operation

    def _sleep(self, seconds: float) -> Operation:
        world = self._engine.world
        with world.access():
            subject = f"powershell/{self.computer}"
            operation = world.operations.start("powershell.sleep", subject, _sleep(seconds))
            world.engine.settle()
        return operation


def _sleep(seconds: float) -> Steps:
    yield Stage("sleep", seconds)


class PowerShellSession:
    """A runspace behind a shell; see :class:`hvsim_fakes.winrm.engine.Session`."""

    def __init__(self, engine: PowerShellEngine, user: str, environment: Mapping[str, str]) -> None:
        self._engine = engine
        self._environment = environment
        self._host = SessionHost(engine, user)
        self._runspace = self._new()
        self.left: Any = None
        """What a built-in type left when it ended the latest run."""

    def records(self, call: Invocation, take: Callable[[Record], None]) -> None:
        """Run a pipeline; ``take`` gets its records."""
        outcome = self._run(call, RecordStreams(take))
        if outcome.error is not None:
            raise Terminated(fault_of(outcome.error))
        if outcome.exit_code is not None:
            take(Exited(outcome.exit_code))

    def console(self, call: Invocation, write: Callable[[Text], None]) -> int:
        """Run a script as ``powershell.exe`` does and return its exit code."""
        streams = ConsoleStreams(self._runspace.engine, write)
        outcome = self._run(call, streams)
        streams.flush()
        if outcome.error is not None:
            streams.error(outcome.error)
        if outcome.exit_code is not None:
            return outcome.exit_code
        return int(outcome.error is not None or not outcome.succeeded)

    def to_psrp(self, value: Any) -> Any:
        """Return an object as one that psrpcore serializes."""
        return ToPsrp(self._runspace.engine)(value)

    def from_psrp(self, value: Any) -> Any:
        """Return what psrpcore read as an object of the interpreter."""
        return from_psrp(value)

    def reset(self) -> None:
        """Forget all variables."""
        self._runspace = self._new()

    def set_variable(self, name: str, value: Any) -> None:
        """Set a variable of the session."""
        self._runspace.engine.scope.set(name.lower(), value)

    def _new(self) -> Runspace:
        return Runspace(self._host, self._engine.library, environment=dict(self._environment))

    def _run(self, call: Invocation, streams: Streams) -> Outcome:
        self._host.call = call
        call.on_stop(self._runspace.stop)
        latency = self._engine.latency()
        if latency > 0:
            self._host.wait(ps_host.Wait(seconds=latency))
        try:
            outcome = self._runspace.run_commands(
                _commands(call), streams, _input(call), piped=not call.no_input
            )
        finally:
            self._host.call = None
        self.left = outcome.left
        if outcome.stopped or call.cancelled():
            raise Stopped
        return outcome


def _commands(call: Invocation) -> list[PipelineCommand]:
    commands = [
        PipelineCommand(
            step.text,
            step.is_script,
            step.arguments,
            step.local,
            step.merge_errors,
            step.ends_statement,
        )
        for step in call.steps
    ]
    if call.arguments and commands:
        first = commands[0]
        positional = tuple(("", argument) for argument in call.arguments)
        commands[0] = PipelineCommand(first.text, first.is_script, positional, first.local)
    return commands


def _input(call: Invocation) -> Iterable[Any]:
    """Return the input, if the script has any use for it.

    A client may leave the standard input open, and waits for a script that never reads it.
    """
    if call.no_input:
        return ()
    reads = len(call.steps) != 1 or not call.script or "$input" in call.script.lower()
    return call.input if reads else ()


class RecordStreams(Streams):
    """Streams that tell records."""

    def __init__(self, take: Callable[[Record], None]) -> None:
        super().__init__()
        self._take = take

    def output(self, value: Any) -> None:
        """Tell an object."""
        self._tell(Output(value))

    def error(self, record: ErrorRecord) -> None:
        """Tell an error."""
        self._tell(Failure(fault_of(record)))

    def warning(self, text: str) -> None:
        """Tell a warning."""
        self._tell(Message("warning", text))

    def verbose(self, text: str) -> None:
        """Tell a verbose message."""
        self._tell(Message("verbose", text))

    def debug(self, text: str) -> None:
        """Tell a debug message."""
        self._tell(Message("debug", text))

    def information(self, record: InformationRecord) -> None:
        """Tell an information record."""
        text, to_host = to_text(record.value), _HOST_TAG in record.tags
        told = Information(text, tags=record.tags, to_host=to_host, newline=record.newline)
        self._tell(told)

    def progress(self, record: ProgressRecord) -> None:
        """Tell progress."""
        self._tell(
            Progress(
                record.activity,
                record.status,
                record.activity_id,
                record.operation,
                record.parent_id,
                record.percent,
                record.seconds_left,
                record.done,
            )
        )

    def host(self, text: str, *, newline: bool = True) -> None:
        """Take what goes to the screen: of Write-Host its information record is told already."""

    def _tell(self, record: Record) -> None:
        try:
            self._take(record)
        except Stopped:
            raise ps_host.Stopped from None


class ConsoleStreams(Streams):
    """Streams as a console shows them: objects by their views, errors on the error stream."""

    def __init__(self, engine: Any, write: Callable[[Text], None]) -> None:
        super().__init__()
        self._engine = engine
        self._write = write
        self._waiting: list[Any] = []

    def output(self, value: Any) -> None:
        """Keep an object until its neighbours are known: they may share a table."""
        if isinstance(value, str) and not self._waiting:
            self._tell(Text(f"{value}\n"))
        else:
            self._waiting.append(value)

    def flush(self) -> None:
        """Show what is kept."""
        waiting, self._waiting = self._waiting, []
        if waiting:
            shown = render(waiting, self._engine)
            self._tell(Text("".join(f"{line}\n" for line in shown)))

    def error(self, record: ErrorRecord) -> None:
        """Show an error."""
        self.flush()
        self._tell(Text(error_text(record).replace("\r\n", "\n"), error=True))

    def warning(self, text: str) -> None:
        """Show a warning."""
        self._line(f"WARNING: {text}")

    def verbose(self, text: str) -> None:
        """Show a verbose message."""
        self._line(f"VERBOSE: {text}")

    def debug(self, text: str) -> None:
        """Show a debug message."""
        self._line(f"DEBUG: {text}")

    def information(self, record: InformationRecord) -> None:
        """Take an information record; what is to be seen of it comes by :meth:`host`."""

    def progress(self, record: ProgressRecord) -> None:
        """Take progress, which a console that is redirected does not show."""

    def host(self, text: str, *, newline: bool = True) -> None:
        """Show a text."""
        self.flush()
        self._tell(Text(text + ("\n" if newline else "")))

    def _line(self, text: str) -> None:
        self.flush()
        self._tell(Text(f"{text}\n"))

    def _tell(self, text: Text) -> None:
        try:
            self._write(text)
        except Stopped:
            raise ps_host.Stopped from None


def fault_of(record: ErrorRecord) -> Fault:
    """Return an error record of the interpreter as the wire tells it."""
    lineage = [kind.name for kind in record.exception.ps_type.lineage()]
    return Fault(
        record.message,
        error_id=record.full_id,
        exception=lineage[0],
        inherits=tuple(lineage[1:]),
        category=record.category,
        activity=record.activity,
        reason=record.reason or record.exception.ps_type.short,
        target=record.target_name or to_text(record.target),
        target_type=record.target_type,
        text=error_text(record),
        position=position_message(record) or "",
    )
