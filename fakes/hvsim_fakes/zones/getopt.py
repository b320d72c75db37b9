"""Options as the C library of Solaris takes them apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class OptionError(Exception):
    """An option that is not known, or lacks its argument; the message is getopt's own."""


def getopt(program: str, spec: str, args: Sequence[str]) -> tuple[list[tuple[str, str]], list[str]]:
    """Return the options with their arguments, and the operands.

    Ends at the first operand, or after ``--``. A letter followed by a colon in ``spec`` takes an
    argument. Raises :class:`OptionError`.
    """
    found: list[tuple[str, str]] = []
    rest = list(args)
    while rest and rest[0].startswith("-") and rest[0] != "-":
        word = rest.pop(0)
        if word == "--":
            break
        letters = word[1:]
        while letters:
            letter, letters = letters[0], letters[1:]
            if letter == ":" or letter not in spec:
                raise OptionError(f"{program}: illegal option -- {letter}")
            value = ""
            if spec[spec.index(letter) + 1 :].startswith(":"):
                if not letters and not rest:
                    raise OptionError(f"{program}: option requires an argument -- {letter}")
                value = letters or rest.pop(0)
                letters = ""
            found.append((letter, value))
    return found, rest
