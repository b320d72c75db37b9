"""``zonecfg``: edits the configuration of a zone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hvsim.files import FileError
from hvsim.zones.config import demand_name
from hvsim.zones.errors import ZoneError
from hvsim_fakes.shell.program import SIGINT, Interrupted
from hvsim_fakes.zones import texts
from hvsim_fakes.zones.getopt import OptionError, getopt
from hvsim_fakes.zones.place import place_of
from hvsim_fakes.zones.zonecfg_editor import Editor, Input, Problem
from hvsim_fakes.zones.zonecfg_words import split

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hvsim_fakes.shell.program import Argv, Process

_USAGE = (
    "usage:\tzonecfg help\n\tzonecfg -z <zone>\t\t\t(interactive)\n"
    "\tzonecfg -z <zone> <command>\n\tzonecfg -z <zone> -f <command-file>\n"
)
_NAME_SYNTAX = (
    "Zone names must begin with an alphanumeric character\nand can contain"
    " alphanumerics plus the following symbols: _ - .\n"
    "The name 'global' and names with the prefix SUNW are reserved.\n"
)
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
        process.err(f"{error}\n{_USAGE}")
        return 2
    options = dict(found)
    if "?" in options or rest == ["help"]:
        process.out(_USAGE)
        return 0
    if "z" not in options or ("f" in options and rest):
        process.err(f"zonecfg: no zone specified\n{_USAGE}" if "z" not in options else _USAGE)
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
            process.err(f"{name}: {texts.BOGUS_NAME}\n{_NAME_SYNTAX}")
            return 2
    editor = Editor(process, place.host, name)
    if rest:
        editor.input = Input.LINE
        return _alone(editor, " ".join(rest))
    if file is not None and file != "-":
        return _from_file(editor, process, file)
    editor.input = Input.STREAM
    return _conversation(editor, process)


def _alone(editor: Editor, text: str) -> int:
    """Carry out the commands of a command line; the first that fails is the last."""
    try:
        for command in split(text):
            editor.perform(command)
            if editor.over:
                break
        return editor.finish()
    except Problem:
        return 1


def _from_file(editor: Editor, process: Process, file: str) -> int:
    """Carry out the commands of a file; the first that fails is the last."""
    editor.input, editor.file = Input.FILE, file
    try:
        text = process.files.text(file)[:_MOST_BYTES]
    except FileError as error:
        return process.fail(f"zonecfg: could not open file {file}: {error.reason}")
    try:
        for number, line in enumerate(text.split("\n"), 1):
            editor.line = number
            for command in split(line):
                editor.perform(command)
            if editor.over:
                break
        return editor.finish()
    except Problem:
        return 1


def _conversation(editor: Editor, process: Process) -> int:
    """Carry out commands from standard input; one that fails does not end it."""
    editor.welcome()
    for line in _lines(editor, process):
        for command in split(line):
            try:
                editor.perform(command)
            except Problem:
                continue
            if editor.over:
                break
        if editor.over:
            break
    try:
        return 1 if editor.finish() or editor.failed else 0
    except Problem:
        return 1


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
