"""``cmd.exe`` of a simulated host, as far as clients over WinRS use it.

It carries out its own commands and the programs it is given; nothing of the machine hvsim runs on
is within its reach.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from hvsim_fakes.powershell.host import DriveError
from hvsim_fakes.winrm import cmdline
from hvsim_fakes.winrm.paths import absolute, told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from hvsim_fakes.powershell.host import Drive
    from hvsim_fakes.winrm.cmdline import Pipeline, Redirection, Sequence, Simple
    from hvsim_fakes.winrm.runner import Run

_DEEPEST: Final = 10
NOT_RECOGNIZED: Final = 1
"""What ``cmd /c`` ends with for a command that there is none of."""


class Exit(Exception):  # noqa: N818 - what the command is called
    """``exit`` ends the shell."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass(slots=True)
class Process:
    """What a running command has: its handles, directory and variables.

    Attributes:
        environment: by name in capitals.
        out, err: take bytes in the shell's code page.
        depth: how many shells are within one another.
    """

    run: Run
    drive: Drive
    out: Callable[[bytes], None]
    err: Callable[[bytes], None]
    stdin: Iterable[bytes]
    environment: dict[str, str]
    directory: str
    encoding: str
    user: str
    version: str
    depth: int = 0

    def write(self, text: str) -> None:
        """Write text to the standard output; lines end with LF."""
        self.out(encoded(text, self.encoding))

    def complain(self, text: str) -> None:
        """Write text to the standard error, likewise."""
        self.err(encoded(text, self.encoding))

    def path(self, name: str) -> str:
        """Return the absolute path of a file; raises DriveError for no name of a file."""
        return absolute(name, self.directory)


Program = "Callable[[Process, str], int]"


@dataclass(slots=True)
class Shell:
    """Carries out command lines.

    Args:
        builtins: cmd's own commands: process and the rest of the line to exit code.
        programs: programs, likewise, by name without ``.exe``.
    """

    process: Process
    builtins: Mapping[str, Callable[[Shell, str], int]]
    programs: Mapping[str, Callable[[Process, str], int]]
    code: int = 0
    _saved: list[Process] = field(default_factory=list)

    def run(self, line: str) -> int:
        """Carry out a line and return its exit code."""
        process = self.process
        try:
            sequence = cmdline.parse(cmdline.expand(line, process.environment))
        except cmdline.CmdSyntaxError as error:
            process.complain(f"{error}\n")
            return 255
        return self._sequence(sequence)

    def nested(self, line: str) -> int:
        """Carry out a line in a shell of its own, as ``cmd /c`` does."""
        process = replace(
            self.process, environment=dict(self.process.environment), depth=self.process.depth + 1
        )
        if process.depth > _DEEPEST:
            process.complain("Not enough memory resources are available.\n")
            return 1
        try:
            return Shell(process, self.builtins, self.programs).run(line)
        except Exit as end:
            return end.code

    def _sequence(self, sequence: Sequence) -> int:
        for pipeline in sequence.pipelines:
            self.process.run.check()
            if pipeline.operator == "&&" and self.code:
                continue
            if pipeline.operator == "||" and not self.code:
                continue
            self.code = self._pipeline(pipeline)
        return self.code

    def _pipeline(self, pipeline: Pipeline) -> int:
        """Carry out the stages one after the other, each on what the one before wrote."""
        stdin = self.process.stdin
        for stage in pipeline.stages[:-1]:
            written: list[bytes] = []
            self._stage(stage, replace(self.process, stdin=stdin, out=written.append))
            stdin = written
        last = pipeline.stages[-1]
        if len(pipeline.stages) == 1 and not last.redirections:
            return self._carry_out(last)
        return self._stage(last, replace(self.process, stdin=stdin))

    def _stage(self, simple: Simple, process: Process) -> int:
        """Carry out a command with other handles; the directory it changes to is kept."""
        before = self.process
        try:
            self.process = redirected(process, simple.redirections)
            return self._carry_out(simple)
        except DriveError as error:
            before.complain(f"{told(error)}\n")
            return 1
        finally:
            before.directory = self.process.directory
            self.process = before

    def _carry_out(self, simple: Simple) -> int:
        if simple.group is not None:
            return self._sequence(simple.group)
        if not simple.name:
            return self.code
        name = simple.name.lower()
        builtin = self.builtins.get(name)
        if builtin is not None:
            return self._builtin(builtin, simple.tail)
        program = self.programs.get(_program_name(name))
        if program is not None:
            return program(self.process, simple.tail)
        self.process.complain(
            f"'{simple.name}' is not recognized as an internal or external command,\n"
            "operable program or batch file.\n"
        )
        return NOT_RECOGNIZED

    def _builtin(self, builtin: Callable[[Shell, str], int], tail: str) -> int:
        try:
            return builtin(self, tail)
        except DriveError as error:
            self.process.complain(f"{told(error)}\n")
            return 1


def redirected(process: Process, redirections: list[Redirection]) -> Process:
    """Return a process whose handles go where they are sent; raises DriveError."""
    for one in redirections:
        if one.handle == 0:
            process = replace(process, stdin=[process.drive.read(process.path(one.target))])
            continue
        sink = _sink(process, one)
        process = replace(process, out=sink) if one.handle == 1 else replace(process, err=sink)
    return process


def _sink(process: Process, redirection: Redirection) -> Callable[[bytes], None]:
    if redirection.same_as is not None:
        return process.out if redirection.same_as == 1 else process.err
    if redirection.target.lower() in ("nul", "nul:"):
        return lambda _: None
    path, drive = process.path(redirection.target), process.drive
    drive.write(path, b"", append=redirection.append)
    return lambda data: drive.write(path, data, append=True)


def encoded(text: str, encoding: str) -> bytes:
    """Return text as the console's code page has it, its lines ended by CR LF."""
    if "\n" in text:
        text = text.replace("\r\n", "\n").replace("\n", "\r\n")
    # All code pages have ASCII in common, and its own encoder is far faster than theirs.
    return text.encode() if text.isascii() else text.encode(encoding, "replace")


def lines(stdin: Iterable[bytes], encoding: str) -> Iterator[str]:
    """Give the lines of an input, without their ends."""
    rest = b""
    for piece in stdin:
        rest += piece
        *whole, rest = rest.split(b"\n")
        for line in whole:
            yield line.rstrip(b"\r").decode(encoding, "replace")
    if rest:
        yield rest.rstrip(b"\r").decode(encoding, "replace")


def _program_name(name: str) -> str:
    """Return a program's name without its directory and ``.exe``."""
    return name.replace("/", "\\").rpartition("\\")[2].removesuffix(".exe")
