"""Command lines as getopt(3) reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class UsageError(Exception):
    """A command line is wrong; ``status`` is what the tool then exits with."""

    def __init__(self, message: str, status: int = 2) -> None:
        super().__init__(message)
        self.status = status


def getopt(
    args: Sequence[str], letters: str, *, permute: bool = False
) -> tuple[list[tuple[str, str]], list[str]]:
    """Split arguments into options (letter, value) and operands.

    Args:
        letters: as for getopt(3); a colon after one that takes a value.
        permute: options may follow operands, as with GNU tools.

    Raises:
        UsageError: at an unknown option or a missing value.
    """
    found: list[tuple[str, str]] = []
    operands: list[str] = []
    rest = list(args)
    while rest:
        arg = rest.pop(0)
        if arg == "--":
            break
        if not arg.startswith("-") or arg == "-":
            operands.append(arg)
            if not permute:
                break
            continue
        _cluster(arg[1:], letters, rest, found)
    return found, operands + rest


def whole_number(text: str) -> int:
    """Return the number an option gives; raises UsageError."""
    if not (text.isascii() and text.isdigit() and len(text) < 7):
        raise UsageError(f"invalid number: {text}", 1)
    return int(text)


def _cluster(cluster: str, letters: str, rest: list[str], found: list[tuple[str, str]]) -> None:
    while cluster:
        letter, cluster = cluster[0], cluster[1:]
        at = letters.find(letter)
        if at < 0 or letter == ":":
            raise UsageError(f"illegal option -- {letter}")
        if letters[at + 1 : at + 2] != ":":
            found.append((letter, ""))
            continue
        if not cluster and not rest:
            raise UsageError(f"option requires an argument -- {letter}")
        found.append((letter, cluster or rest.pop(0)))
        return
