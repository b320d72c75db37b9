"""The bars that the code's shape is held to."""

from __future__ import annotations

import ast
import re
import statistics
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
SOURCES = ("simulator", "fakes", "conformance", "fixtures")
IGNORE = re.compile(r"# (noqa|type: ignore)")
REASONED = re.compile(r"# noqa: [A-Z0-9, ]+ - \S|# type: ignore\[[\w, -]+\]\s+# \S")
LONGEST_FUNCTION = 60
LONGEST_FILE = 700


def modules() -> list[Path]:
    return sorted(path for root in SOURCES for path in (ROOT / root).rglob("*.py"))


def functions() -> Iterator[tuple[str, int]]:
    """Yield each function's place and its lines of code: no docstring, blank line or comment."""
    for path in modules():
        text = path.read_text(encoding="utf-8")
        lines = text.splitlines()
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", size(node, lines)


def size(node: ast.FunctionDef | ast.AsyncFunctionDef, lines: list[str]) -> int:
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    if not body:
        return 1
    code = lines[body[0].lineno - 1 : node.end_lineno]
    return sum(bool(line.strip()) and not line.strip().startswith("#") for line in code)


def test_functions_are_short() -> None:
    found = list(functions())
    sizes = sorted(lines for _, lines in found)
    too_long = [f"{where}: {lines}" for where, lines in found if lines > LONGEST_FUNCTION]
    assert too_long == []
    assert statistics.median(sizes) <= 6
    assert sizes[int(len(sizes) * 0.95)] <= 30


def test_files_are_small() -> None:
    counted = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in modules()}
    assert [f"{p.relative_to(ROOT)}: {n}" for p, n in counted.items() if n > LONGEST_FILE] == []


def test_every_ignore_has_its_reason() -> None:
    bare = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in modules()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if IGNORE.search(line) and not REASONED.search(line)
    ]
    assert bare == []
