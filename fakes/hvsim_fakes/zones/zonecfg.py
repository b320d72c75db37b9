"""``zonecfg``: edits the configuration of a zone."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from hvsim.files import FileError
from hvsim.zones.config import demand_name
from hvsim.zones.errors import ZoneError
from hvsim_fakes.shell.program import SIGINT, Interrupted
from hvsim_fakes.zones import texts
from hvsim_fakes.zones import zonecfg_usage as usage
from hvsim_fakes.zones.getopt import OptionError, getopt
from hvsim_fakes.zones.place import place_of
from hvsim_fakes.zones.zonecfg_editor import Editor, Input, Problem
from hvsim_fakes.zones.zonecfg_words import split

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hvsim_fakes.shell.program import Argv, Process

_READS: Final = frozenset({"info", "export", "verify", "help", "exit", "select", "cancel", "end"})
_MOST_BYTES = 1 << 20
"""Of a command file that is read."""


def writes(argv: Argv) -> bool:
    """Tell whether a command line may change a configuration."""
    try:
        options, rest = getopt("zonecfg", "?z:f:r:R:", argv[1:])
    except OptionError:
        return False
    named = dict(options)
    if "?" in named or "z" not in named:
        return False
    if "f" in named or not rest:
        return True
    first = (command.split() for command in split(" ".join(rest)))
    return any(words and words[0] not in _READS for words in first)


def label(argv: Argv) -> str:
    """Return what the wire log calls a command line: with its first command, if it has one."""
    try:
        options, rest = getopt("zonecfg", "?z:f:r:R:", argv[1:])
    except OptionError:
        return "zonecfg"
    words = " ".join(rest).replace(";", " ").split()
    return f"zonecfg {words[0]}" if words and "z" in dict(options) else "zonecfg"


def zonecfg(process: Process) -> int:
    """Run a command line."""
    try:
        found, rest = getopt("zonecfg", "?z:f:r:R:", process.argv[1:])
    except OptionError as error:
        process.err(f"{error}\n{usage.PROGRAM}")
        return 2
    options = dict(found)
    if "?" in options or process.argv[1:2] == ["help"]:
        process.out(usage.PROGRAM + usage.commands())
        return 2 if "?" in options else 0
    if "z" not in options:
        process.err(usage.PROGRAM + ("" if process.argv[1:] else usage.commands()))
        return 2
    return _edit(process, options["z"], options.get("f"), rest)


def _edit(process: Process, name: str, file: str | None, rest: list[str]) -> int:
    place = place_of(process)
    if place.zone is not None:
        return process.fail("zonecfg can only be run from the global zone.")
    try:
        demand_name(name, place.host.release)
    except ZoneError:
        if name != "global":
            process.err(f"{name}: {texts.BOGUS_NAME}\n{usage.NAME}")
            return 2
    editor = Editor(process, place.host, name)
    if rest:
        editor.input = Input.LINE
        return _alone(editor, " ".join(rest))
    if file is not None and file != "-":
        return _from_file(editor, process, file)
    editor.input = Input.STREAM if file is None else Input.DASH
    if file is None:
        editor.welcome()
    return _conversation(editor, process)


def _alone(editor: Editor, text: str) -> int:
    """Carry out the commands of a command line: all of them, whatever becomes of each."""
    for command in split(text):
        with suppress(Problem):
            editor.perform(command)
        if editor.left:
            return 1
    return _end(editor)


def _end(editor: Editor) -> int:
    """Keep what was changed; return the status of the run."""
    try:
        editor.finish()
    except Problem:
        return 1
    return int(editor.failed)


def _from_file(editor: Editor, process: Process, file: str) -> int:
    """Carry out the commands of a file; the first that fails is the last."""
    editor.input, editor.file = Input.FILE, file
    try:
        text = process.files.text(file)[:_MOST_BYTES]
    except FileError as error:
        return process.fail(f"could not open file {file}: {error.reason}")
    for number, line in enumerate(text.split("\n"), 1):
        editor.line = number
        for command in split(line):
            with suppress(Problem):
                editor.perform(command)
            if editor.left:
                return 1
            if editor.over or editor.failed:
                return _end(editor)
    return _end(editor)


def _conversation(editor: Editor, process: Process) -> int:
    """Carry out commands from standard input; one that fails does not end it."""
    for number, line in enumerate(_lines(editor, process), 1):
        editor.line = number
        for command in split(line):
            with suppress(Problem):
                editor.perform(command)
            if editor.left:
                return 1
            if editor.over:
                return _end(editor)
    return _end(editor)


def _lines(editor: Editor, process: Process) -> Iterator[str]:
    """Give the lines of standard input; a terminal is asked for each."""
    while True:
        try:
            line = _ask(editor, process)
        except Interrupted as signal:
            if signal.signal != SIGINT or not process.stdin.is_tty:
                raise
            process.out("\n")
            continue
        if line is None:
            return
        yield line


def _ask(editor: Editor, process: Process) -> str | None:
    if process.stdin.is_tty:
        return process.prompt(editor.prompt)
    line = process.stdin.read_line()
    return line.decode("utf-8", "replace").rstrip("\n") if line else None
