"""Our PowerShell behind the shells of a host: an engine for :class:`machine.Machine`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim_fakes.powershell import host as ps_host
from hvsim_fakes.powershell.dotnet.automation import position_message
from hvsim_fakes.powershell.engine.streams import Streams
from hvsim_fakes.powershell.format.layout import error_text
from hvsim_fakes.powershell.format.render import Renderer
from hvsim_fakes.powershell.objects.text import to_text
from hvsim_fakes.powershell.program import ConsoleStreams, TextStreams, exit_code
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
from hvsim_fakes.winrm.runner import sleep

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterable, Mapping

    from hvsim.operations import Operation
    from hvsim.world import World
    from hvsim_fakes.powershell.engine.library import Library
    from hvsim_fakes.powershell.engine.streams import InformationRecord, ProgressRecord
    from hvsim_fakes.powershell.errors import ErrorRecord
    from hvsim_fakes.powershell.host import Drive, Wait
    from hvsim_fakes.powershell.runspace import Outcome

_HOST_TAG: Final = "PSHOST"
_READERS: Final = ("$input", "[console]::", "read-host")


class PowerShellEngine:
    """PowerShell of one host.

    Args:
        library: its commands.
        context: what the product's cmdlets get as their context.
        computer: NetBIOS name.
        domain: DNS name of its domain, empty for none.
        epoch: seconds of Unix at which the lab begins.
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
    ) -> None:
        self.world = world
        self.library = library
        self.context = context
        self.computer = computer
        self.domain = domain
        self.drive = drive
        self.epoch = epoch

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
        pause = self.call.pause if self.call is not None else _nowhere
        operation: Operation | None = wait.subject
        try:
            if operation is not None:
                pause(Pause((operation.topic,), lambda: operation.done))
            else:
                subject = f"powershell/{self.computer}"
                world = self._engine.world
                sleep(world, "powershell.sleep", subject, wait.seconds or 0.0, pause)
        except Stopped:
            raise ps_host.Stopped from None
        return operation


def _nowhere(_: Pause) -> None:
    """Refuse to wait outside of a run."""
    raise Stopped


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
        given = () if call.no_input else call.input
        outcome = self._run(call, RecordStreams(take), given, piped=not call.no_input)
        if outcome.error is not None:
            raise Terminated(fault_of(outcome.error))
        if outcome.exit_code is not None:
            take(Exited(outcome.exit_code))

    def console(self, call: Invocation, write: Callable[[Text], None]) -> int:
        """Run a script as ``powershell.exe`` does and return its exit code."""
        engine = self._runspace.engine
        kind = ConsoleStreams if call.error_xml else TextStreams
        streams = kind(lambda text: _tell(write, Text(text)))
        streams.renderer = Renderer(engine)
        lines = [str(line) for line in call.input] if _reads_input(call) else []
        engine.standard_input = "\n".join(lines)
        outcome = self._run(call, streams, lines, piped=bool(lines))
        streams.flush()
        if outcome.error is not None:
            streams.error(outcome.error)
        complaints = streams.stderr(progress=call.progress)
        if complaints:
            write(Text(complaints, error=True))
        return exit_code(outcome)

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

    def _run(
        self,
        call: Invocation,
        streams: Streams,
        given: Iterable[Any] = (),
        *,
        piped: bool = False,
    ) -> Outcome:
        self._host.call = call
        call.on_stop(self._runspace.stop)
        try:
            outcome = self._runspace.run_commands(_commands(call), streams, given, piped=piped)
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


def _reads_input(call: Invocation) -> bool:
    """Tell whether a console's script has any use for its input.

    A client may leave the standard input open, and waits for a script that never reads it.
    """
    script = call.script.lower()
    return not call.no_input and any(word in script for word in _READERS)


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
        _tell(self._take, record)


def _tell(take: Callable[[Any], None], told: Any) -> None:
    """Tell something; who stopped the command stops the interpreter."""
    try:
        take(told)
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
