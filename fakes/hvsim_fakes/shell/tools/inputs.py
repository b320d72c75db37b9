"""Reading the files a tool is given, or its standard input."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from hvsim.files import FileError
from hvsim_fakes.shell.channels import decoded
from hvsim_fakes.shell.program import Interrupted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hvsim_fakes.shell.program import Process, Reader


def open_input(process: Process, name: str) -> Reader:
    """Return a reader of a file, or of standard input for ``-``; raises FileError."""
    if name in ("-", "/dev/stdin"):
        return process.stdin
    return process.open(name)


def readers(process: Process, names: Sequence[str]) -> Iterator[tuple[str, Reader]]:
    """Give name and reader of each input; one that cannot be read is complained about.

    Afterwards ``failed(process)`` is true.
    """
    for name in names or ["-"]:
        try:
            reader = open_input(process, name)
        except FileError as error:
            complain(process, f"{name}: {error.reason}")
            continue
        yield name, reader


def lines(process: Process, names: Sequence[str]) -> Iterator[str]:
    """Give the lines of all inputs, with their newlines."""
    for _, reader in readers(process, names):
        yield from lines_of(process, reader)


def lines_of(process: Process, reader: Reader) -> Iterator[str]:
    """Give the lines of a reader, with their newlines (the last may have none)."""
    while line := reader.read_line():
        process.step()
        yield decoded(line)


def complain(process: Process, text: str) -> None:
    """Say what is wrong, and remember it for :func:`failed`."""
    process.env["?"] = "1"
    process.err(f"{posixpath.basename(process.argv[0])}: {text}\n")


def failed(process: Process) -> bool:
    """Tell whether :func:`complain` was called."""
    return "?" in process.env


def bounded(text: str, most: int = 2**20) -> str:
    """Return a text unless it is too long to be held."""
    if len(text) > most:
        raise Interrupted(9)
    return text
