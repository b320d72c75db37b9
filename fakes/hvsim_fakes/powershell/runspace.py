"""A runspace: a session that runs scripts one after the other and keeps their state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hvsim_fakes.powershell import dotnet
from hvsim_fakes.powershell.engine.binder import Argument
from hvsim_fakes.powershell.engine.block import ScriptBlock
from hvsim_fakes.powershell.engine.engine import Engine
from hvsim_fakes.powershell.engine.environment import Environment
from hvsim_fakes.powershell.engine.functions import FunctionRun
from hvsim_fakes.powershell.engine.library import parse_failure
from hvsim_fakes.powershell.engine.pipelines import flow
from hvsim_fakes.powershell.engine.redirections import Redirected
from hvsim_fakes.powershell.engine.signals import ExitSignal, Signal
from hvsim_fakes.powershell.engine.streams import ERROR, Streams
from hvsim_fakes.powershell.errors import PowerShellError
from hvsim_fakes.powershell.host import Stopped
from hvsim_fakes.powershell.language.extent import Extent, Source
from hvsim_fakes.powershell.language.mistake import ParseError
from hvsim_fakes.powershell.language.parser import parse
from hvsim_fakes.powershell.language.syntax import Redirection
from hvsim_fakes.powershell.limits import Limits, too_deep
from hvsim_fakes.powershell.objects.fault import NetError
from hvsim_fakes.powershell.objects.operate import net_failure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from hvsim_fakes.powershell.engine.frame import Frame
    from hvsim_fakes.powershell.engine.library import Library
    from hvsim_fakes.powershell.errors import ErrorRecord
    from hvsim_fakes.powershell.host import Host

dotnet.load()


@dataclass(slots=True)
class Outcome:
    """How a run ended.

    Attributes:
        error: the terminating error that ended it, None if none did. In a PSRP pipeline it is
            the reason of its failure; ``powershell.exe`` shows it.
        exit_code: of ``exit``, None if the script did not say.
        stopped: whether the client stopped it.
        succeeded: ``$?`` at its end.
        left: what a shim left when it ended the script by an :class:`ExitSignal`.
    """

    error: ErrorRecord | None = None
    exit_code: int | None = None
    stopped: bool = False
    succeeded: bool = True
    left: Any = None


@dataclass(frozen=True, slots=True)
class PipelineCommand:
    """A command of a PSRP pipeline.

    Attributes:
        text: a script, or the name of a command.
        is_script: which of both.
        arguments: names (empty for arguments by position) and values.
        local: whether a script runs in a scope of its own.
        merge_errors: whether errors go to the output.
        ends_statement: whether the next command begins a new statement.
    """

    text: str
    is_script: bool = True
    arguments: Sequence[tuple[str, Any]] = ()
    local: bool = False
    merge_errors: bool = False
    ends_statement: bool = False


class _Script(FunctionRun):
    """A script of a pipeline: ``$?`` at its end is the run's, not whether it could be called."""

    __slots__ = ()

    def end(self) -> None:
        """Run the end block."""
        super().end()
        self.engine.script_succeeded = self.engine.succeeded


class Runspace:
    """A session.

    Args:
        host: the simulated host.
        library: its commands.
        limits: what one run may use.
        environment: variables of ``$env:`` beyond the host's.
    """

    def __init__(
        self,
        host: Host,
        library: Library,
        limits: Limits | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.engine = Engine(host, library, Environment(host, environment), limits or Limits())

    def stop(self) -> None:
        """Stop the run that is going on; any thread may ask. The host wakes what it parked."""
        self.engine.stop()

    def run(
        self, script: str, streams: Streams | None = None, input_objects: Iterable[Any] = ()
    ) -> Outcome:
        """Run a script; its output goes to ``streams`` as it comes."""
        command = PipelineCommand(script)
        return self.run_commands([command], streams, input_objects)

    def run_commands(
        self,
        commands: Sequence[PipelineCommand],
        streams: Streams | None = None,
        input_objects: Iterable[Any] = (),
        *,
        piped: bool = False,
    ) -> Outcome:
        """Run a PSRP pipeline: commands with objects flowing from one to the next.

        Args:
            commands: in order; one that ends a statement ends a pipeline.
            streams: where output goes.
            input_objects: what the first command is given.
            piped: whether it is given a pipeline even if that is empty.
        """
        engine = self.engine
        engine.streams = streams or Streams()
        engine.budget.renew()
        given = list(input_objects)
        engine.text = commands[0].text if commands else ""
        return self._ended(lambda: self._pipelines(commands, given, piped=piped or bool(given)))

    def _pipelines(
        self, commands: Sequence[PipelineCommand], given: list[Any], *, piped: bool
    ) -> None:
        frame = self.engine.frame
        one: list[PipelineCommand] = []
        for command in commands:
            one.append(command)
            if command.ends_statement:
                self._pipeline(frame, one, given, piped=piped)
                one, given, piped = [], [], False
        if one:
            self._pipeline(frame, one, given, piped=piped)

    def _pipeline(
        self, frame: Frame, commands: list[PipelineCommand], given: list[Any], *, piped: bool
    ) -> None:
        makers = [self._maker(one) for one in commands]
        emit = self._output
        if piped:
            flow(frame, emit, makers, lambda _: given)
        else:
            flow(frame, emit, makers, None)

    def _output(self, value: Any) -> None:
        self.engine.budget.put_out(64)
        self.engine.streams.output(value)

    def _maker(self, command: PipelineCommand) -> Callable[[Frame, bool], Any]:
        arguments = [Argument(name.lstrip("-"), value) for name, value in command.arguments]

        def make(frame: Frame, piped: bool) -> Any:
            if command.is_script:
                block = ScriptBlock(_parsed(command.text))
                return _Script(
                    frame, block, arguments, "", None, piped=piped, inside=not command.local
                )
            extent = Extent(Source(command.text), 0, len(command.text))
            return self.engine.command(
                frame, command.text, arguments, extent, "", piped=piped, name_extent=extent
            )

        def merged(frame: Frame, piped: bool) -> Any:

            extent = Extent(Source(""), 0, 0)
            return Redirected(make(frame, piped), frame, (Redirection(extent, ERROR, 1),))

        return merged if command.merge_errors else make

    def _ended(self, run: Callable[[], None]) -> Outcome:  # noqa: PLR0911 - an end a line
        """Run something; tell how it ended."""
        engine = self.engine
        engine.succeeded = engine.script_succeeded = True
        try:
            run()
        except ExitSignal as signal:
            return Outcome(exit_code=signal.code, succeeded=signal.code == 0, left=signal.value)
        except PowerShellError as wrong:
            engine.remember(wrong.record)
            return Outcome(error=wrong.record, succeeded=False)
        except NetError as wrong:
            return Outcome(error=net_failure(wrong).record, succeeded=False)
        except RecursionError:
            return Outcome(error=too_deep().record, succeeded=False)
        except Stopped:
            return Outcome(stopped=True, succeeded=False)
        except Signal:  # break or continue outside a loop ends the script
            return Outcome(succeeded=engine.succeeded)
        return Outcome(succeeded=engine.succeeded and engine.script_succeeded)


def _parsed(text: str) -> Any:
    try:
        return parse(text)
    except ParseError as wrong:
        raise parse_failure(wrong) from None
