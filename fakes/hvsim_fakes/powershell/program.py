"""``powershell.exe``: a script run, its outputs as text, its errors as CLIXML, an exit code."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hvsim_fakes.powershell.engine.streams import ProgressRecord, Streams
from hvsim_fakes.powershell.errors import PowerShellError
from hvsim_fakes.powershell.format.clixml import (
    HEADER,
    document,
    escaped,
    stream_element,
)
from hvsim_fakes.powershell.format.layout import error_lines, error_text
from hvsim_fakes.powershell.format.render import Renderer
from hvsim_fakes.powershell.runspace import Outcome, Runspace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from hvsim_fakes.powershell.engine.library import Library
    from hvsim_fakes.powershell.engine.streams import InformationRecord
    from hvsim_fakes.powershell.errors import ErrorRecord
    from hvsim_fakes.powershell.host import Host
    from hvsim_fakes.powershell.limits import Limits

_BATCH: Final = 256
PROGRESS: Final = (
    '<Obj S="progress" RefId="0"><TN RefId="0"><T>System.Management.Automation.PSCustomObject</T>'
    '<T>System.Object</T></TN><MS><I64 N="SourceId">1</I64><PR N="Record">'
    "<AV>Preparing modules for first use.</AV><AI>0</AI><Nil /><PI>-1</PI><PC>-1</PC><T>Completed"
    "</T><SR>-1</SR><SD> </SD></PR></MS></Obj>"
)
"""What 5.1 sends on the error stream with a shell's first command (a switch of whoever asks)."""


@dataclass(frozen=True, slots=True)
class Finished:
    """What a run of ``powershell.exe`` left.

    Attributes:
        stdout: text, lines ended by CR LF.
        stderr: CLIXML of errors and other streams, empty if there were none.
        exit_code: as the program's.
        outcome: how the script ended.
    """

    stdout: str
    stderr: str
    exit_code: int
    outcome: Outcome


class ConsoleStreams(Streams):
    """The streams of a console whose output goes to a pipe: text, as it comes.

    Args:
        write: takes pieces of the standard output.
    """

    def __init__(self, write: Callable[[str], None]) -> None:
        super().__init__()
        self._write = write
        self._pending: list[Any] = []
        self.renderer: Renderer | None = None
        self.messages: list[str] = []

    def output(self, value: Any) -> None:
        """Take an object; neighbours of one type are shown together."""
        self._pending.append(value)
        if len(self._pending) >= _BATCH and isinstance(value, str):
            self.flush()

    def flush(self) -> None:
        """Show what is held back."""
        if self._pending and self.renderer is not None:
            pending, self._pending = self._pending, []
            text = "".join(f"{line}\r\n" for line in self.renderer.lines(pending))
            self.renderer.engine.budget.put_out(len(text))
            self._write(text)

    def error(self, record: ErrorRecord) -> None:
        """Take an error."""
        self.messages += [stream_element(f"{line}\r\n", "Error") for line in error_lines(record)]

    def warning(self, text: str) -> None:
        """Take a warning."""
        self.messages.append(stream_element(text, "warning"))

    def verbose(self, text: str) -> None:
        """Take a verbose message."""
        self.messages.append(stream_element(text, "verbose"))

    def debug(self, text: str) -> None:
        """Take a debug message."""
        self.messages.append(stream_element(text, "debug"))

    def information(self, record: InformationRecord) -> None:
        """Take an information record: what is to be seen comes by :meth:`host`."""

    def progress(self, record: ProgressRecord) -> None:
        """Take a progress record."""
        self.messages.append(_progress(record, len(self.messages)))

    def host(self, text: str, *, newline: bool = True) -> None:
        """Show text among the output."""
        self.flush()
        self._write(text + ("\r\n" if newline else ""))

    def stderr(self, *, progress: bool) -> str:
        """Return what goes to the standard error: all other streams, as CLIXML."""
        parts = ([PROGRESS] if progress else []) + self.messages
        return HEADER + document(parts) if parts else ""


class TextStreams(ConsoleStreams):
    """The same for a command that was not encoded: errors are text, warnings among the output."""

    def error(self, record: ErrorRecord) -> None:
        """Take an error."""
        self.messages.append(error_text(record))

    def warning(self, text: str) -> None:
        """Show a warning."""
        self.host(f"WARNING: {text}")

    def verbose(self, text: str) -> None:
        """Show a verbose message."""
        self.host(f"VERBOSE: {text}")

    def debug(self, text: str) -> None:
        """Show a debug message."""
        self.host(f"DEBUG: {text}")

    def progress(self, record: ProgressRecord) -> None:
        """Take a progress record; without a screen nobody sees it."""

    def stderr(self, *, progress: bool) -> str:
        """Return what goes to the standard error."""
        del progress
        return "".join(self.messages)


def _progress(record: ProgressRecord, number: int) -> str:
    """Return a progress record as the error stream has it."""
    state = "Completed" if record.done else "Processing"
    return (
        f'<Obj S="progress" RefId="{number + 1}"><TN RefId="{number + 1}"><T>System.Management.'
        'Automation.PSCustomObject</T><T>System.Object</T></TN><MS><I64 N="SourceId">1</I64>'
        f'<PR N="Record"><AV>{escaped(record.activity)}</AV><AI>{record.activity_id}</AI><Nil />'
        f"<PI>{record.parent_id}</PI><PC>{record.percent}</PC><T>{state}</T>"
        f"<SR>{record.seconds_left}</SR><SD>{escaped(record.status)}</SD></PR></MS></Obj>"
    )


def powershell(
    host: Host,
    library: Library,
    script: str,
    *,
    stdin: str = "",
    limits: Limits | None = None,
    environment: Mapping[str, str] | None = None,
    progress: bool = False,
    text_errors: bool = False,
    runspace: Runspace | None = None,
) -> Finished:
    """Run a script as ``powershell.exe -EncodedCommand`` does.

    Args:
        host: the simulated host.
        library: its commands.
        script: the script.
        stdin: what the client sent to the program's standard input (``$input``).
        limits: what the run may use.
        environment: variables beyond the host's.
        progress: whether the first command's progress block is sent, as a real 5.1 does.
        text_errors: whether errors are text, as they are unless the command was encoded.
        runspace: made before the call, so that others can stop it.
    """
    space = runspace or Runspace(host, library, limits, environment)
    pieces: list[str] = []
    streams = (TextStreams if text_errors else ConsoleStreams)(pieces.append)
    streams.renderer = Renderer(space.engine)
    space.engine.standard_input = stdin
    outcome = space.run(script, streams, stdin.splitlines())
    try:
        streams.flush()
    except PowerShellError as wrong:  # there is more of it than a script may write
        outcome = Outcome(error=wrong.record, succeeded=False)
    if outcome.error is not None:
        streams.error(outcome.error)
    text = streams.stderr(progress=progress)
    return Finished("".join(pieces), text, exit_code(outcome), outcome)


def exit_code(outcome: Outcome) -> int:
    """Return the exit code of a run: of ``exit``, 1 if its last statement failed, else 0."""
    if outcome.exit_code is not None:
        return outcome.exit_code & 0xFFFFFFFF
    return 0 if outcome.succeeded and outcome.error is None else 1


# The command line


@dataclass(frozen=True, slots=True)
class CommandLine:
    """What ``powershell.exe`` was asked for.

    Attributes:
        script: to run; None when it is to be read from the standard input.
        text_errors: whether errors are wanted as text instead of CLIXML.
        wrong: why the command line is refused, empty if it is not.
    """

    script: str | None
    text_errors: bool = True
    wrong: str = ""


_FLAGS: Final = frozenset({"noprofile", "noninteractive", "nologo", "noexit", "sta", "mta"})
_VALUES: Final = frozenset(
    {
        "executionpolicy",
        "ex",
        "ep",
        "windowstyle",
        "version",
        "inputformat",
        "outputformat",
        "configurationname",
        "psconsolefile",
        "if",
        "of",
    }
)


def command_line(arguments: Sequence[str]) -> CommandLine:
    """Read the arguments of ``powershell.exe``; names may be cut short, as in 5.1."""
    at, text_errors, text_wanted = 0, True, False
    while at < len(arguments):
        word = arguments[at]
        name = word[1:].lower() if word[:1] in ("-", "/") else ""
        if not name:
            return CommandLine(" ".join(arguments[at:]), text_errors)
        if _means(name, "command"):
            rest = " ".join(arguments[at + 1 :])
            return CommandLine(None if rest.strip() == "-" else rest, text_errors)
        if _means(name, "encodedcommand") or name in ("enc", "ec"):
            return _encoded(arguments[at + 1 : at + 2], text_errors=text_wanted)
        if _means(name, "file"):
            return _file(arguments[at + 1 :], text_errors=text_errors)
        at += 1
        if any(_means(name, one) for one in _VALUES) and not _flag(name):
            value = arguments[at].lower() if at < len(arguments) else ""
            text_wanted = text_wanted or (_means(name, "outputformat") and value == "text")
            at += 1
    return CommandLine(None, text_errors)


def _flag(name: str) -> bool:
    return any(one.startswith(name) and len(name) > 2 for one in _FLAGS)


def _means(name: str, full: str) -> bool:
    return full.startswith(name)


def _encoded(words: Sequence[str], *, text_errors: bool) -> CommandLine:
    try:
        raw = base64.b64decode(words[0] if words else "", validate=True)
        return CommandLine(raw.decode("utf-16-le"), text_errors)
    except (binascii.Error, ValueError):
        wrong = (
            "Cannot process the command because the value specified with -EncodedCommand is not "
            "properly encoded. The value must be Base64 encoded."
        )
        return CommandLine("", text_errors, wrong)


def _file(words: Sequence[str], *, text_errors: bool) -> CommandLine:
    if not words:
        return CommandLine("", text_errors, "Missing an argument for parameter 'File'.")
    if words[0] == "-":
        return CommandLine(None, text_errors)
    quoted = [f"'{word}'" if not word.startswith("-") else word for word in words[1:]]
    return CommandLine(f"& '{words[0]}' {' '.join(quoted)}", text_errors)
