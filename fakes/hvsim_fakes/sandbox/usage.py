"""What the processes of a sandbox use, as this machine's kernel tells it."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_MOST = 4_096


@dataclass(frozen=True, slots=True)
class Usage:
    """Seconds of processors and bytes of memory that a process and all below it use."""

    cpu: float
    memory: int


def usage(pid: int) -> Usage:
    """Return what a process and its descendants use; what has ended meanwhile counts nothing."""
    ticks = pages = 0
    todo, seen = [pid], 0
    while todo and seen < _MOST:
        one = todo.pop()
        seen += 1
        try:
            fields = Path(f"/proc/{one}/stat").read_text("utf-8", "replace").rpartition(")")[2]
            todo += _children(one)
        except OSError:
            continue
        words = fields.split()
        # utime, stime, and those of children that were waited for; then resident pages.
        ticks += sum(int(word) for word in words[11:15])
        pages += int(words[21])
    return Usage(ticks / _TICKS, pages * _PAGE)


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for thread in Path(f"/proc/{pid}/task").iterdir():
        with suppress(OSError):
            found += [int(word) for word in (thread / "children").read_text("ascii").split()]
    return found
