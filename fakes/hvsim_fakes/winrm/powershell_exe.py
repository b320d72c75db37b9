"""``powershell.exe``: its command line, its streams, and PowerShell behind them."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from hvsim_fakes.powershell.host import DriveError
from hvsim_fakes.winrm import cmdline
from hvsim_fakes.winrm.cmd import lines
from hvsim_fakes.winrm.engine import Invocation, Step

if TYPE_CHECKING:
    from hvsim_fakes.winrm.cmd import Process
    from hvsim_fakes.winrm.engine import ShellEngine, Text

_BAD_ARGUMENT: Final = -196608
"""0xFFFD0000, what ``powershell.exe`` ends with when it cannot start on its arguments."""
_ITSELF: Final = re.compile(
    r"\s*powershell(?:\.exe)?\s+([^;|&\r\n]*-e\w*\s+[A-Za-z0-9+/=]+)\s*", re.IGNORECASE
)
_DEEPEST: Final = 5
_SWITCHES: Final = ("nologo", "noexit", "sta", "mta", "noprofile", "noninteractive")
_VALUED: Final = (
    "version",
    "executionpolicy",
    "inputformat",
    "outputformat",
    "windowstyle",
    "psconsolefile",
    "configurationname",
)
_SHORT: Final = {
    "ec": "encodedcommand",
    "ep": "executionpolicy",
    "ex": "executionpolicy",
    "nop": "noprofile",
    "noni": "noninteractive",
    "nol": "nologo",
    "noe": "noexit",
    "if": "inputformat",
    "of": "outputformat",
    "o": "outputformat",
}
_ALL: Final = ("encodedcommand", "command", "file", *_SWITCHES, *_VALUED, "encodedarguments")


class BadArgumentError(Exception):
    """The command line cannot be understood; the text says why."""


@dataclass(slots=True)
class Options:
    """What a command line of ``powershell.exe`` asks for.

    Attributes:
        script: its text; None when it comes by the standard input.
        file: path of a script file instead.
        encoded: whether the script came by ``-EncodedCommand``.
        output_xml: whether all output is asked for as CLIXML; None when nothing is said.
    """

    script: str | None = None
    file: str = ""
    arguments: list[str] = field(default_factory=list)
    encoded: bool = False
    output_xml: bool | None = None


def parse(words: list[str]) -> Options:
    """Read the arguments; raises BadArgumentError."""
    options = Options()
    at = 0
    while at < len(words):
        word = words[at]
        if word == "-":
            return options
        name = _name(word)
        if not name:
            options.script = " ".join(words[at:])
            return options
        at += 1
        if name in _SWITCHES:
            continue
        rest = words[at:]
        if not rest:
            raise BadArgumentError(f"The parameter -{name} requires a value.")
        if name == "command":
            options.script = None if rest == ["-"] else " ".join(rest)
            return options
        if name == "file":
            options.file, options.arguments = rest[0], rest[1:]
            return options
        _take(options, name, rest[0])
        at += 1
    return options


def _take(options: Options, name: str, value: str) -> None:
    if name == "encodedcommand":
        options.script, options.encoded = _decoded(value), True
    elif name == "outputformat":
        options.output_xml = value.lower() == "xml"


def _name(word: str) -> str:
    """Return the parameter that a word names by its beginning, or nothing."""
    if word[:1] not in ("-", "/") or len(word) < 2:
        return ""
    given = word[1:].lower()
    if given in _SHORT:
        return _SHORT[given]
    found = [
        name for name in ("encodedcommand", "command", "file", *_ALL) if name.startswith(given)
    ]
    return found[0] if found else ""


def _decoded(value: str) -> str:
    try:
        return base64.b64decode(value, validate=True).decode("utf-16-le")
    except (binascii.Error, ValueError):
        raise BadArgumentError(
            "Cannot process the command because the value specified with -EncodedCommand is not"
            " properly encoded. The value must be Base64 encoded."
        ) from None


def _innermost(options: Options) -> Options:
    """Return what a PowerShell within a PowerShell is asked for, when it is all that is.

    Programs do not start programs here; but Ansible's winrm connection has one PowerShell start
    another.
    """
    for _ in range(_DEEPEST):
        found = _ITSELF.fullmatch(options.script or "")
        if found is None:
            break
        inner = parse(cmdline.arguments(found[1]))
        inner.encoded = inner.encoded or options.encoded
        options = inner
    return options


class PowerShellExe:
    """The program, for shells whose PowerShell is an engine.

    Args:
        progress: whether it tells on the error stream that it prepares modules.
    """

    def __init__(self, engine: ShellEngine, *, progress: bool = False) -> None:
        self._engine = engine
        self._progress = progress

    def __call__(self, process: Process, tail: str) -> int:
        """Run it as a program of a shell."""
        try:
            options = _innermost(parse(cmdline.arguments(tail)))
            call = self._invocation(process, options)
        except BadArgumentError as error:
            process.complain(f"{error}\n")
            return _BAD_ARGUMENT
        except DriveError:
            process.complain(
                f"The argument '{options.file}' to the -File parameter does not exist. Provide"
                " the path to an existing '.ps1' file as an argument to the -File parameter.\n"
            )
            return _BAD_ARGUMENT
        session = self._engine.open(process.user, process.environment, process.directory)
        return session.console(call, lambda text: _written(process, text))

    def _invocation(self, process: Process, options: Options) -> Invocation:
        script, stdin = options.script, lines(process.stdin, process.encoding)
        # PowerShell takes another one to be at the end of a pipe when its script is encoded.
        as_xml = options.encoded if options.output_xml is None else options.output_xml
        file = ""
        if options.file:
            file = process.path(options.file)
            script = process.drive.read(file).decode("utf-8-sig", "replace")
        elif script is None:
            script, stdin = "\n".join(stdin), iter(())
        return Invocation(
            (Step(script),),
            input=stdin,
            arguments=tuple(options.arguments),
            file=file,
            cancelled=process.run.is_stopped,
            on_stop=process.run.on_stop,
            pause=process.run.pause,
            no_input=False,
            error_xml=as_xml,
            progress=self._progress,
        )


def _written(process: Process, text: Text) -> None:
    if text.error:
        process.complain(text.text)
    else:
        process.write(text.text)
