"""The engine: state of a session, commands by name, errors, streams."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from hvsim_fakes.powershell.engine.access import MISSING
from hvsim_fakes.powershell.engine.binder import Argument
from hvsim_fakes.powershell.engine.block import ScriptBlock
from hvsim_fakes.powershell.engine.bodies import Function
from hvsim_fakes.powershell.engine.frame import Frame
from hvsim_fakes.powershell.engine.functions import FunctionRun
from hvsim_fakes.powershell.engine.invocation import CmdletRun, Invocation
from hvsim_fakes.powershell.engine.scope import Scope
from hvsim_fakes.powershell.engine.signals import ReturnSignal
from hvsim_fakes.powershell.engine.streams import (
    DEBUG,
    ERROR,
    INFORMATION,
    OUTPUT,
    VERBOSE,
    WARNING,
    InformationRecord,
    Streams,
    TextRecord,
)
from hvsim_fakes.powershell.errors import ErrorRecord, PowerShellError, failure
from hvsim_fakes.powershell.limits import Budget, Limits, too_deep
from hvsim_fakes.powershell.objects.convert import convert, truth
from hvsim_fakes.powershell.objects.members import construct, set_member
from hvsim_fakes.powershell.objects.text import to_text
from hvsim_fakes.powershell.objects.values import ArrayList, Hashtable, Version, elements, is_list

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hvsim_fakes.powershell.engine.environment import Environment
    from hvsim_fakes.powershell.engine.library import Library
    from hvsim_fakes.powershell.engine.scope import ModuleScope
    from hvsim_fakes.powershell.host import Host
    from hvsim_fakes.powershell.language.extent import Extent
    from hvsim_fakes.powershell.objects.nettype import NetType

# Deeply nested scripts are nested Python calls; the bounds of parser and engine come first. The
# setting counts for every thread: what recurses in C, as JSON does, has to fit into the smallest
# stack of the process, that of the server's threads.
sys.setrecursionlimit(max(sys.getrecursionlimit(), 6000))

PREFERENCES: Final = {
    "erroractionpreference": "Continue",
    "warningpreference": "Continue",
    "verbosepreference": "SilentlyContinue",
    "debugpreference": "SilentlyContinue",
    "informationpreference": "SilentlyContinue",
    "progresspreference": "Continue",
    "confirmpreference": "High",
    "whatifpreference": False,
    "formatenumerationlimit": 4,
    "maximumhistorycount": 4096,
    "outputencoding": None,
    "ofs": None,
    "psdefaultparametervalues": None,
}
_COMMAND_STEPS: Final = 10  # a command costs more than a statement
VERSION: Final = Version(5, 1, 17763, 316)


class Engine:
    """A session.

    Attributes:
        host: the simulated host.
        library: cmdlets, aliases and modules.
        budget: what is left of the limits.
        streams: where output of this run goes.
        sinks: redirections in force.
        errors: ``$Error``, the latest first.
        succeeded: ``$?``.
        script_succeeded: what that was at the end of the script that ran last.
        text: of the script that runs.
        statics: what was assigned to static properties, by type and name.
        modules: of scripts, by name.
    """

    def __init__(
        self, host: Host, library: Library, environment: Environment, limits: Limits
    ) -> None:
        self.host = host
        self.library = library
        self.environment = environment
        self.budget = Budget(limits)
        self.streams = Streams()
        self.sinks: dict[int, Any] = {}
        self.errors: ArrayList = ArrayList()
        self.succeeded: bool = True
        self.script_succeeded = True
        self.strict = False
        self.last_exit_code: int | None = None
        self.handling: list[PowerShellError] = []
        self.running: list[Any] = []
        self.standard_input = ""
        self.text = ""
        self.statics: dict[tuple[str, str], Any] = {}
        self.modules: dict[str, ModuleScope] = {}
        self._depth = 0
        self._catching = 0
        self._loops = 0
        self.scope = Scope()
        for name, value in PREFERENCES.items():
            self.scope.variables[name] = value
        if library.preset:
            self.scope.variables.update(library.preset(self))

    @property
    def frame(self) -> Frame:
        """A frame of the session itself."""
        return Frame(self, self.scope)

    # Depth, loops, errors in force

    @contextmanager
    def deeper(self) -> Iterator[None]:
        """Go one call deeper."""
        self._depth += 1
        loops, self._loops = self._loops, 0
        try:
            if self._depth > self.budget.limits.depth:
                raise too_deep()
            yield
        finally:
            self._loops = loops
            self._depth -= 1

    @contextmanager
    def looping(self) -> Iterator[None]:
        """Be inside a loop."""
        self._loops += 1
        try:
            yield
        finally:
            self._loops -= 1

    @contextmanager
    def catching(self) -> Iterator[None]:
        """Be inside a ``try``: errors go to it instead of being shown."""
        self._catching += 1
        try:
            yield
        finally:
            self._catching -= 1

    @contextmanager
    def item(self, frame: Frame, value: Any) -> Iterator[None]:
        """Let ``$_`` be a value."""
        variables = frame.scope.variables
        old = variables.get("_", MISSING)
        variables["_"] = value
        try:
            yield
        finally:
            if old is MISSING:
                variables.pop("_", None)
            else:
                variables["_"] = old

    def interrupted(self) -> None:
        """End a run that has used up its steps, or was stopped."""
        raise self.budget.over()

    def stop(self) -> None:
        """Ask the run to end at its next step; any thread may."""
        self.budget.stop()

    # Errors

    def statement_failed(self, wrong: PowerShellError, frame: Frame) -> None:
        """Show an error that ended a statement, or let it go on up."""
        if wrong.fatal or wrong.ends_script or wrong.ends_function or self._catching:
            raise wrong
        preference = to_text(frame.scope.get("erroractionpreference")).lower()
        if preference == "stop":
            wrong.ends_script = True
            raise wrong
        self.remember(wrong.record)
        self.succeeded = False
        if preference not in ("silentlycontinue", "ignore"):
            self.write(ERROR, wrong.record)

    def remember(self, record: ErrorRecord) -> None:
        """Put an error into ``$Error``."""
        if not self.errors or self.errors[0] is not record:
            self.errors.insert(0, record)
            del self.errors[self.budget.limits.errors :]

    def show_error(self, record: ErrorRecord) -> None:
        """Write an error to its stream."""
        self.write(ERROR, record)

    def stopped_by_preference(self, stream: int, text: str) -> PowerShellError:
        """Return the error that a preference of Stop makes of a message."""
        name = {
            WARNING: "WarningPreference",
            VERBOSE: "VerbosePreference",
            DEBUG: "DebugPreference",
        }.get(stream, "InformationPreference")
        message = (
            f'The running command stopped because the preference variable "{name}" or common '
            f"parameter is set to Stop: {text}"
        )
        wrong = failure(
            message,
            "ActionPreferenceStop",
            "OperationStopped",
            exception="System.Management.Automation.ActionPreferenceStopException",
        )
        wrong.ends_script = True
        return wrong

    # Streams

    def write(self, stream: int, value: Any) -> None:
        """Write to a stream, or where it is redirected to."""
        sink = self.sinks.get(stream)
        if stream != OUTPUT:
            self.budget.put_out(256)
        if sink is not None:
            sink(_as_object(stream, value))
        elif stream == ERROR:
            self.streams.error(value)
        elif stream == WARNING:
            self.streams.warning(value)
        elif stream == VERBOSE:
            self.streams.verbose(value)
        elif stream == DEBUG:
            self.streams.debug(value)
        else:
            self.streams.output(value)

    def inform(self, record: InformationRecord, *, shown: bool) -> None:
        """Write an information record; when shown, it goes to the host's screen too."""
        sink = self.sinks.get(INFORMATION)
        self.budget.put_out(256)
        if sink is not None:
            sink(record)
            return
        self.streams.information(record)
        if shown:
            self.streams.host(to_text(record.value), newline=record.newline)

    # Commands

    def command(
        self,
        frame: Frame,
        wanted: Any,
        arguments: list[Argument],
        extent: Extent,
        operator: str,
        *,
        piped: bool,
        name_extent: Extent,
    ) -> Any:
        """Return a command, ready to run."""
        self.budget.steps -= _COMMAND_STEPS
        inside = operator == "."
        if isinstance(wanted, ScriptBlock):
            return FunctionRun(
                frame, wanted, arguments, operator or "&", extent, piped=piped, inside=inside
            )
        if isinstance(wanted, Function):
            return FunctionRun(
                frame,
                wanted.body,
                arguments,
                wanted.name,
                extent,
                piped=piped,
                inside=inside,
                is_filter=wanted.is_filter,
            )
        cmdlet = getattr(wanted, "cmdlet", None)
        name = cmdlet.name if cmdlet is not None else to_text(wanted)
        return self._named(
            frame, name, arguments, extent, piped=piped, inside=inside, name_extent=name_extent
        )

    def _named(
        self,
        frame: Frame,
        name: str,
        arguments: list[Argument],
        extent: Extent,
        *,
        piped: bool,
        inside: bool,
        name_extent: Extent,
    ) -> Any:
        found = self.resolve(name, frame.scope)
        if isinstance(found, Function):
            return FunctionRun(
                frame,
                found.body,
                arguments,
                name,
                extent,
                piped=piped,
                inside=inside,
                is_filter=found.is_filter,
            )
        if found is None:
            block = self.library.script(self, name)
            if block is None:
                raise not_found(name, name_extent)
            return FunctionRun(frame, block, arguments, name, extent, piped=piped, inside=inside)
        call = Invocation(frame, self.library.signature(found), name, extent)
        try:
            return CmdletRun(found, call, arguments, piped=piped)
        except PowerShellError as wrong:
            call.terminated(wrong)
            raise

    def resolve(self, name: str, scope: Scope) -> Any:
        """Return the function or cmdlet of a name: aliases first, then functions, then cmdlets."""
        lower = name.lower()
        for _ in range(8):
            target = scope.alias(lower) or self.library.alias(lower)
            if target is None:
                break
            lower = target.lower()
        lower = lower.rpartition("\\")[2]
        function = scope.function(lower)
        if function is not None:
            return function
        return self.library.cmdlet(lower) or self._implied(lower, scope)

    def _implied(self, lower: str, scope: Scope) -> Any:
        """Return the command of a name without its ``Get-``."""
        if "-" in lower or not lower.isalnum():
            return None
        return scope.function(f"get-{lower}") or self.library.cmdlet(f"get-{lower}")

    # Script blocks

    def call_block(
        self,
        block: Any,
        arguments: list[Any],
        *,
        item: Any = MISSING,
        this: Any = MISSING,
        frame: Frame | None = None,
        inside: bool = True,
    ) -> list[Any]:
        """Run a script block; return what it writes.

        Args:
            block: the block.
            arguments: ``$args``, or values of its parameters.
            item: what ``$_`` is.
            this: what ``$this`` is.
            frame: of the caller.
            inside: whether it shares the caller's scope.
        """
        found: list[Any] = []
        self.run_block(
            block, arguments, found.append, item=item, this=this, frame=frame, inside=inside
        )
        return found

    def run_block(
        self,
        block: Any,
        arguments: list[Any],
        emit: Callable[[Any], None],
        *,
        item: Any = MISSING,
        this: Any = MISSING,
        frame: Frame | None = None,
        inside: bool = True,
    ) -> None:
        """Run a script block; what it writes goes to ``emit``."""
        if not isinstance(block, ScriptBlock):
            raise failure(
                "Cannot convert the value to type ScriptBlock.", "InvalidCast", "InvalidArgument"
            )
        caller = _at_home(block, frame or self.frame)
        if inside and this is MISSING and not arguments and block.plain:
            self._run_plain(block, caller, emit, item)
            return
        if this is not MISSING:
            caller = Frame(self, Scope(caller.scope), caller.command)
            caller.scope.variables["this"] = this
        given = [Argument("", one) for one in arguments]
        with self.item(caller, item) if item is not MISSING else _nothing():
            one = FunctionRun(caller, block, given, "", block.extent, piped=False, inside=inside)
            one.out = emit
            one.begin()
            one.run_alone()
            one.end()

    def _run_plain(
        self, block: ScriptBlock, frame: Frame, emit: Callable[[Any], None], item: Any
    ) -> None:
        """Run a block without parameters in its caller's scope: those of ForEach and Where."""
        body = block.code.end
        if body is None:
            return
        variables = frame.scope.variables
        old = variables.get("_", MISSING)
        if item is not MISSING:
            variables["_"] = item
        self._depth += 1
        try:
            if self._depth > self.budget.limits.depth:
                raise too_deep()
            body(frame, emit)
        except ReturnSignal:
            pass
        finally:
            self._depth -= 1
            if item is not MISSING:
                if old is MISSING:
                    variables.pop("_", None)
                else:
                    variables["_"] = old

    def split_by(self, value: Any, block: ScriptBlock) -> list[str]:
        """``-split`` by a script block that says of each character whether it separates."""
        texts = elements(value) if is_list(value) else [value]
        out: list[str] = []
        for text in texts:
            parts = [""]
            for char in to_text(text):
                if truth(self.call_block(block, [], item=char)):
                    parts.append("")
                else:
                    parts[-1] += char
            out += parts
        return out

    def cast(self, value: Any, kind: NetType) -> Any:
        """Convert a value; to a script block, or from a table of properties, needs the engine."""
        if kind.name == ScriptBlock.ps_type.name and isinstance(value, str):
            return self.library.parse_block(value)
        if isinstance(value, Hashtable) and kind.construct is not None and kind.convert is None:
            return self._filled(value, kind)
        return convert(value, kind)

    def _filled(self, value: Hashtable, kind: NetType) -> Any:
        """Make an object and set its properties, as a cast of a hashtable does."""
        if isinstance(value, Hashtable) and kind.fits(Hashtable.ps_type):
            return convert(value, kind)
        if kind.name.startswith("System.Management.Automation.PS") or kind.name == "System.Object":
            return convert(value, kind)
        made = construct(self, kind, [])
        for key, one in value.items():
            set_member(made, to_text(key), one, self)
        return made

    # Variables that are computed, drives, files

    def automatic(self, name: str, frame: Frame) -> Any:
        """Return an automatic variable that is computed when read, MISSING if it is none."""
        if name == "pscmdlet":
            return frame.invocation
        if name == "lastexitcode":
            return self.last_exit_code
        return MISSING

    def read_drive(self, drive: str, name: str, frame: Frame) -> Any:
        """Read ``$drive:name``."""
        if drive == "env":
            return self.environment.get(name)
        if drive in ("using", "variable", "workflow"):
            return frame.scope.get(name.lower())
        if drive == "function":
            found = frame.scope.function(name.lower())
            return found.body if found is not None else None
        if drive == "alias":
            return self.library.alias(name.lower())
        return None

    def write_drive(self, drive: str, name: str, value: Any, frame: Frame) -> None:
        """Write ``$drive:name``."""
        if drive == "env":
            self.environment.set(name, value)
        elif drive == "variable":
            frame.scope.set(name.lower(), value)
        elif drive == "function" and isinstance(value, ScriptBlock):
            frame.scope.functions[name.lower()] = Function(name, value)
        else:
            text = f"Cannot find drive. A drive with the name '{drive}' does not exist."
            raise failure(
                text,
                "DriveNotFound",
                "ObjectNotFound",
                drive,
                "System.Management.Automation.DriveNotFoundException",
            )

    def write_file(self, path: str, values: list[Any], *, append: bool) -> None:
        """Write objects to a file as text, as ``>`` does: UTF-16 with a mark."""
        self.library.write_text(self, path, values, append=append)

    def read_input(self) -> str:
        """Return all of the standard input."""
        found, self.standard_input = self.standard_input, ""
        return found

    def read_line(self) -> str | None:
        """Return a line of the standard input, None at its end."""
        if not self.standard_input:
            return None
        line, _, self.standard_input = self.standard_input.partition("\n")
        return line.removesuffix("\r")


def _at_home(block: ScriptBlock, frame: Frame) -> Frame:
    """Return the frame that a block runs in: that of the session state it was written in."""
    scope = frame.scope.current(block.home)
    if scope is frame.scope:
        return frame
    return Frame(frame.engine, scope, frame.command, frame.invocation)


@contextmanager
def _nothing() -> Iterator[None]:
    yield


def _as_object(stream: int, value: Any) -> Any:
    """Return a record of a stream as the object that a redirection passes on."""
    if stream in (WARNING, VERBOSE, DEBUG):
        return TextRecord(value, {WARNING: "Warning", VERBOSE: "Verbose", DEBUG: "Debug"}[stream])
    return value


def not_found(name: str, extent: Extent | None) -> PowerShellError:
    """Return the error for a command that there is none of."""
    text = (
        f"The term '{name}' is not recognized as the name of a cmdlet, function, script file, or "
        "operable program. Check the spelling of the name, or if a path was included, verify that "
        "the path is correct and try again."
    )
    wrong = failure(
        text,
        "CommandNotFoundException",
        "ObjectNotFound",
        name,
        "System.Management.Automation.CommandNotFoundException",
    )
    wrong.record.command = name
    wrong.record.extent = extent
    return wrong
