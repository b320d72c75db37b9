"""Scenarios that are wrong in one place get one line that names the file; never a traceback."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

import hvsim_fixtures
from hvsim_conformance.cli import main
from hvsim_conformance.cli._beginnings import PRODUCTS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SHIPPED = [name for name in hvsim_fixtures.scenarios() if name not in ("large", "busy-day")]
VALUES = (
    "-1",
    "99999999999999999999",
    "1000000000000",
    "true",
    '"no-such"',
    "[]",
    "[[]]",
    "{}",
    '""',
    '"\\u0000"',
    '"a\\nb"',
    "-5.5",
    "[1]",
    '["a", "a"]',
    "1979-05-27",
)
"""One of which fits hardly any key."""
OK, BAD_INPUT = 0, 4


def check(file: Path) -> None:
    """Hold that a scenario is accepted, or refused in one line that names it."""
    done = CliRunner().invoke(main, ["scenario", "check", str(file)], prog_name="hvsim")
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise AssertionError(file.read_text("utf-8")) from done.exception
    assert done.exit_code in (OK, BAD_INPUT)
    if done.exit_code == BAD_INPUT:
        (line,) = done.stderr.splitlines()
        assert line.startswith("hvsim: ")
        assert str(file.parent) in line


def wrongs(text: str) -> Iterator[str]:
    """Give a text with each of its lines wrong, in each way."""
    lines = text.splitlines()
    for at, line in enumerate(lines):
        found = re.match(r"(\w+) = .", line)
        if found is None:
            continue
        before, after = lines[:at], lines[at + 1 :]
        for value in VALUES:
            yield "\n".join([*before, f"{found[1]} = {value}", *after])
        yield "\n".join([*before, f"unknown_{line}", *after])
        yield "\n".join([*before, line[:-1]])


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_scenarios_made_wrong(name, tmp_path):
    source = hvsim_fixtures.scenario(name)
    # What a scenario names lies beside it.
    folder = shutil.copytree(source.parent, tmp_path / "scenarios")
    file = folder / source.name
    for text in wrongs(source.read_text("utf-8")):
        file.write_text(text, "utf-8")
        check(file)


@pytest.mark.parametrize("product", PRODUCTS)
def test_new_scenarios_made_wrong(product, tmp_path):
    file = tmp_path / "lab.toml"
    made = CliRunner().invoke(main, ["scenario", "new", "--product", product, str(file)])
    assert made.exit_code == OK
    for text in wrongs(file.read_text("utf-8")):
        file.write_text(text, "utf-8")
        check(file)


@pytest.mark.parametrize("content", [b"", b'name = "\xff"', b"a\0 = 1", b"name = ", b"[[["])
def test_files_that_are_no_scenario(content, tmp_path):
    file = tmp_path / "lab.toml"
    file.write_bytes(content)
    check(file)
