"""CLIXML on a program's error stream ([MS-PSRP] 2.2.5; the header is PowerShell's own)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Iterable

HEADER: Final = "#< CLIXML\r\n"
_NAMESPACE: Final = "http://schemas.microsoft.com/powershell/2004/04"
_ESCAPED: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_PROGRESS: Final = (
    '<Obj S="progress" RefId="0"><TN RefId="0"><T>System.Management.Automation.PSCustomObject</T>'
    '<T>System.Object</T></TN><MS><I64 N="SourceId">1</I64><PR N="Record"><AV>{}</AV><AI>0</AI>'
    "<Nil /><PI>-1</PI><PC>-1</PC><T>Completed</T><SR>-1</SR><SD> </SD></PR></MS></Obj>"
)


def text(value: str) -> str:
    """Return a string as it stands in an element; what XML cannot hold is ``_xHHHH_``."""
    return escape(_ESCAPED.sub(lambda found: f"_x{ord(found[0]):04X}_", value))


def errors(lines: Iterable[str], progress: str = "") -> str:
    """Return what stands on the error stream for lines of it.

    Args:
        progress: an activity that is told as completed before them.
    """
    told = [_PROGRESS.format(text(progress))] if progress else []
    told += [f'<S S="Error">{text(line)}_x000D__x000A_</S>' for line in lines]
    if not told:
        return ""
    return f'{HEADER}<Objs Version="1.1.0.1" xmlns="{_NAMESPACE}">{"".join(told)}</Objs>'
