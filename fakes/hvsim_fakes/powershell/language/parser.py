"""Text to tree; trees of texts seen lately are kept."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from hvsim_fakes.powershell.language.extent import Source
from hvsim_fakes.powershell.language.statements import Statements

if TYPE_CHECKING:
    from hvsim_fakes.powershell.language.syntax import ScriptBlock

_KEPT_SIZE = 65_536


def parse(text: str, file: str = "") -> ScriptBlock:
    """Return the tree of a script.

    Raises:
        ParseError: it is none.
    """
    return _kept(text, file) if len(text) <= _KEPT_SIZE else _parsed(text, file)


@lru_cache(maxsize=256)
def _kept(text: str, file: str) -> ScriptBlock:
    return _parsed(text, file)


def _parsed(text: str, file: str) -> ScriptBlock:
    parser = Statements(Source(text.removeprefix("\ufeff"), file))
    tree = parser.body("")
    if parser.at < parser.size:
        raise parser.unexpected()
    return tree
