"""What zones refuse with: a code for each rule, which the commands put into words."""

from __future__ import annotations

from typing import Final

from hvsim.errors import Refusal
from hvsim.operations import Forced


class ZoneError(Refusal):
    """A zone operation is refused or has failed.

    Args:
        code: names the rule (``not-running``); its text belongs to the commands.
        params: what the text is filled with, in order.
    """

    def __init__(self, code: str, *params: str) -> None:
        self.code = code
        self.params = params
        super().__init__(": ".join((code, ", ".join(params))) if params else code)


ALREADY: Final = frozenset({"already-booted", "already-halted", "already-ready"})
"""Told as errors, though the command counts as done: another may have been faster."""

# A failure that a lab asks for reads like the product's own.
Forced.vocabularies["zones"] = ZoneError
