"""Which Python of this machine runs clients' programs, and what of the machine it needs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_SYSTEM = "/usr/bin/python3"
_OLDEST = (3, 8)
_ASK = """
import json, os, site, sys
print(json.dumps({
    "version": sys.version_info[:2], "program": os.path.realpath(sys.executable),
    "prefix": sys.base_prefix, "packages": site.getsitepackages([sys.base_prefix]),
}))
"""
_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python of the machine.

    Attributes:
        program: its executable, a path without links.
        prefix: the directory whose ``lib`` has its library.
        packages: where it looks for installed packages, hidden in the sandbox.
    """

    program: str
    prefix: str
    packages: tuple[str, ...]

    @property
    def shown(self) -> list[str]:
        """The machine's directories that a program in the sandbox may read."""
        own = [] if self.prefix == "/usr" else [f"{self.prefix}/lib"]
        return [path for path in ("/usr/lib", "/usr/lib64", *own) if Path(path).is_dir()]

    @property
    def hidden(self) -> list[str]:
        """The directories among them that are shown empty."""
        return [
            path
            for path in self.packages
            if Path(path).is_dir() and any(path.startswith(f"{one}/") for one in self.shown)
        ]


@cache
def find_interpreter() -> Interpreter | None:
    """Return the Python to use: the machine's own, else the one that hvsim runs on."""
    for path in (_SYSTEM, getattr(sys, "_base_executable", sys.executable)):
        found = _ask(path)
        if found is not None:
            return found
    return None


def _ask(path: str) -> Interpreter | None:
    if not os.access(path, os.X_OK):
        return None
    try:
        told = subprocess.run(  # noqa: S603 - a program of the machine, asked about itself
            [path, "-I", "-c", _ASK], capture_output=True, timeout=_SECONDS, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    facts = json.loads(told)
    if tuple(facts["version"]) < _OLDEST:
        return None
    return Interpreter(facts["program"], facts["prefix"], tuple(facts["packages"]))
