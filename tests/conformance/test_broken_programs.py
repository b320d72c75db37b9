"""Programs that break: what the user reads of it, once and in one line."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

HANGS = "import time; time.sleep(60)"
GARBAGE = (
    "print('hello', flush=True)\nfor line in __import__('sys').stdin: print('hello', flush=True)"
)
DIES = "import sys; sys.stdin.readline(); sys.exit(7)"


def told(tmp_path, env, command):
    """Return what a run with a program says of errors, and all it says, under one product."""
    options = ["--product", "solaris", "--call-deadline", "1", "--jobs", "2"]
    run = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "hvsim_conformance", "conform", "--adapter-cmd", command, *options],
        env=env, cwd=tmp_path, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert run.returncode == 3, run.stderr
    lines = run.stdout.splitlines()
    return [line for line in lines if line.startswith("error ")], run.stdout


@pytest.mark.parametrize(
    ("program", "complaint"),
    [
        (None, "ended unexpectedly (exit status 1)"),
        (HANGS, "gave no answer within 1 s"),
        (GARBAGE, "hello"),
        (DIES, "ended unexpectedly (exit status 7)"),
    ],
    ids=["false", "hangs", "garbage", "dies"],
)
def test_a_broken_program_is_told_once_for_all_checks(tmp_path, hvsim_env, program, complaint):
    command = "/bin/false"
    if program is not None:
        script = tmp_path / "adapter.py"
        script.write_text(program, "utf-8")
        command = f"{sys.executable} {script}"
    errors, output = told(tmp_path, hvsim_env, command)
    assert len(errors) == 1
    assert complaint in errors[0]
    assert re.search(r"and the same in \d\d more: ", output)
