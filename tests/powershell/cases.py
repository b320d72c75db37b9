"""Scripts and what they write, read from the text files of this folder.

A line that begins with ``>`` is (a line of) a script, ``=`` a line of its output, ``!`` an error as
``FullyQualifiedErrorId``, a comment line (``#``) says what the rule is and where it comes from. A
case ends where the next ``>`` follows a ``=`` or ``!``, or at an empty line.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent


@dataclass
class Case:
    """A script and what is expected of it."""

    name: str
    title: str
    script: str = ""
    output: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def load() -> list[Case]:
    """Return all cases."""
    return [case for path in sorted(HERE.glob("*.txt")) for case in _read(path)]


def _read(path: Path) -> list[Case]:
    found: list[Case] = []
    title, open_case = "", False
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        mark, text = line[:1], line[2:]
        if mark == ">":
            if not open_case:
                found.append(Case(f"{path.stem}:{number}", title))
                open_case = True
            case = found[-1]
            if case.output or case.errors:
                found.append(Case(f"{path.stem}:{number}", title))
            found[-1].script += ("\n" if found[-1].script else "") + text
        elif mark == "=":
            found[-1].output.append(text)
        elif mark == "!":
            found[-1].errors.append(text)
        else:
            open_case = False
            title = text if mark == "#" else ""
    return found
