"""What the subcommands that run labs share: options, opening one, and saying what is wrong."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack, contextmanager
from typing import IO, TYPE_CHECKING

import click

from hvsim import saved
from hvsim.errors import HvsimError
from hvsim_fakes.lab import as_scenario

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from hvsim.scenario import Scenario

DEFAULT_SCENARIO = "small"
"""The shipped scenario of whoever names none."""
_SILENCE = 2.0
"""Seconds after which somebody who waits is told for what."""


class LineFile:
    """A log file that takes lines, and says once when it no longer can."""

    def __init__(self, path: Path, file: IO[bytes]) -> None:
        self._path = path
        self._file: IO[bytes] | None = file

    def write(self, line: bytes) -> None:
        """Write a line; after a failure nothing more is written."""
        if self._file is None:
            return
        try:
            self._file.write(line)
        except OSError as error:
            self._give_up(error)

    def close(self) -> None:
        """Write out what is left and close the file."""
        try:
            if self._file is not None:
                self._file.close()
        except OSError as error:
            self._give_up(error)

    def _give_up(self, error: OSError) -> None:
        self._file = None
        click.echo(f"hvsim: {self._path}: no longer written: {error.strerror}", err=True)


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn what hvsim refuses into a message of one line."""
    try:
        yield
    except HvsimError as error:
        raise click.ClickException(str(error)) from error


@contextmanager
def working(what: str) -> Iterator[None]:
    """Say on stderr what is being done, once it has taken over two seconds, and how long it took.

    Args:
        what: the work, as in ``building the lab``.
    """
    begun = time.monotonic()
    over = threading.Event()

    def tell() -> None:
        while not over.wait(_SILENCE):
            click.echo(f"{what} ... {time.monotonic() - begun:.0f} s", err=True)

    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    try:
        yield
    finally:
        over.set()
        teller.join()


@contextmanager
def line_files(*paths: Path | None) -> Iterator[list[Callable[[bytes], object] | None]]:
    """Open log files for writing; gives what takes their lines, None for each None."""
    with ExitStack() as stack:
        yield [None if path is None else _opened(path, stack).write for path in paths]


def scenario_of(source: str | None) -> Scenario:
    """Return the scenario of a file or a shipped name, the default one for None."""
    with plain_errors():
        return as_scenario(source or DEFAULT_SCENARIO)


def is_saved_lab(source: str | None) -> bool:
    """Whether the name is that of a saved lab's file."""
    return source is not None and source.endswith(saved.SUFFIX)


def _opened(path: Path, stack: ExitStack) -> LineFile:
    try:
        file = path.open("wb")
    except OSError as error:
        raise click.ClickException(f"{path}: cannot be written: {error.strerror}") from error
    lines = LineFile(path, file)
    stack.callback(lines.close)
    return lines
