"""The command line of what writes a generated page of the documentation."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def write(page: Callable[[], str], usual: Path, arguments: Sequence[str] | None = None) -> int:
    """Write a page to the file named on the command line, or where the documentation keeps it.

    Args:
        page: makes the text, Markdown.
        usual: where the documentation keeps it.
        arguments: those of the command line when not given.
    """
    parser = argparse.ArgumentParser(description=f"Write the generated page {usual.name}.")
    parser.add_argument("file", nargs="?", type=Path, default=usual, help="where to, if not there")
    target: Path = parser.parse_args(arguments).file
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(page(), "utf-8")
    return 0
