"""Errors every part of hvsim shares."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class HvsimError(Exception):
    """Base of every error hvsim raises on purpose."""


class Refusal(HvsimError):  # noqa: N818 - the name says what it is: an answer, not a fault
    """A simulated product refuses or fails an operation; product modules derive their own."""


class CommandError(HvsimError):
    """A command names something the world does not have, or asks what it cannot do."""


class InputError(HvsimError):
    """A file or value a person wrote cannot be used; reads as one line.

    Args:
        expected: what was expected, as a sentence without a final full stop.
        file: the file at fault, if there is one.
        line: the line in it, counted from 1, if known.
    """

    def __init__(
        self, expected: str, *, file: str | Path | None = None, line: int | None = None
    ) -> None:
        self.expected = expected
        self.file = None if file is None else str(file)
        self.line = line
        super().__init__(str(self))

    def __str__(self) -> str:
        if self.file is None:
            return self.expected
        file = self.file if self.file.isprintable() else repr(self.file)
        place = file if self.line is None else f"{file}:{self.line}"
        return f"{place}: {self.expected}"
