"""Command lines with short and long options, as Python's getopt takes them."""

from __future__ import annotations

import getopt
from typing import TYPE_CHECKING

from hvsim.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable


class OptionError(Refusal):
    """A command line cannot be understood; the text says why."""


def split(args: list[str], short: str, long: Iterable[str]) -> tuple[frozenset[str], list[str]]:
    """Return the options that are there, without dashes, and the arguments between them."""
    try:
        options, rest = getopt.gnu_getopt(args, short, list(long))
    except getopt.GetoptError as error:
        raise OptionError(str(error)) from None
    return frozenset(name.lstrip("-") for name, _ in options), rest
