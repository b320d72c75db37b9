"""Paths of Windows, and what ``cmd`` says about files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hvsim_fakes.powershell.host import DriveError

if TYPE_CHECKING:
    from collections.abc import Mapping

_LONGEST: Final = 1000
_BAD: Final = ":*?<>|\x00"
_TOLD: Final[Mapping[str, str]] = {
    "missing": "The system cannot find the file specified.",
    "path": "The system cannot find the path specified.",
    "exists": "A subdirectory or file {} already exists.",
    "full directory": "The directory is not empty.",
    "denied": "Access is denied.",
    "full": "There is not enough space on the disk.",
    "name": "The filename, directory name, or volume label syntax is incorrect.",
}


def absolute(name: str, directory: str) -> str:
    """Return the absolute path that is meant, seen from a directory.

    Raises:
        DriveError: for what Windows allows no file to be called.
    """
    name = name.strip().replace('"', "").replace("/", "\\")
    rest = name[2:] if name[1:2] == ":" else name
    if any(bad in rest for bad in _BAD) or len(name) > _LONGEST:
        raise DriveError("name", name)
    if name[1:2] != ":":
        root = directory[:2] if name.startswith("\\") else directory
        name = f"{root}\\{name}"
    parts: list[str] = []
    for part in name[2:].split("\\"):
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    return f"{name[0].upper()}:\\" + "\\".join(parts)


def told(error: DriveError) -> str:
    """Return how ``cmd`` tells of a file operation that failed."""
    return _TOLD.get(error.kind, _TOLD["denied"]).format(error.path)
