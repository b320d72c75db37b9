"""A row as one text: how ``VM.snapshot_metadata`` keeps a guest as it was.

The product writes its rows as S-expressions of quoted strings, ``(('key' 'value') ...)``; so does
this, with each value in JSON inside its quotes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import orjson

if TYPE_CHECKING:
    from hvsim.xenserver.database import Row

_PAIR: Final = re.compile(r"\('([^']*)' '((?:[^'\\]|\\.)*)'\)")
_ESCAPED: Final = re.compile(r"\\(.)")


def write(row: Row) -> str:
    """Return a row as one text."""
    pairs = (f"('{name}' '{_escape(orjson.dumps(row[name]).decode())}')" for name in row)
    return "(" + " ".join(pairs) + ")"


def read(text: str) -> dict[str, Any]:
    """Return the row that :func:`write` made a text of."""
    return {name: orjson.loads(_ESCAPED.sub(r"\1", value)) for name, value in _PAIR.findall(text)}


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")
