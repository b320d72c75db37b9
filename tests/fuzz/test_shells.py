"""A share of the shells' fuzzing with every run of the tests, and proof that it can fail.

``python -m tests.fuzz shells`` does it in full; ``HVSIM_FUZZ_LINES`` sets how many lines here.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fuzz import shells
from hvsim_fakes.shell.standard import STANDARD

LINES = int(os.environ.get("HVSIM_FUZZ_LINES", "2400"))


@pytest.mark.timeout(max(120, LINES // 20))
@pytest.mark.parametrize("part", shells.parts(LINES, seed=4), ids=lambda part: part[0])
def test_no_line_reaches_the_machine_or_hangs(part):
    target, count, seed = part
    tally = shells.siege(target, count, seed)
    assert tally.findings == []
    assert tally.requests == count


def planted(monkeypatch, program):
    for name in ("/usr/bin/id", "/usr/bin/cat", "/usr/bin/ls"):
        entry = STANDARD.at(name)
        assert entry is not None
        changed = type(entry)(entry.path, program, noted=False)
        monkeypatch.setitem(STANDARD._entries, name, changed)
    for cache in (
        shells.host_of.__globals__["registry"],
        shells.host_of.__globals__["zone_registry"],
    ):
        cache.cache_clear()
        monkeypatch.setattr(shells, "THREADS", 1)


@pytest.fixture
def fresh():
    yield
    for name in ("registry", "zone_registry"):
        shells.host_of.__globals__[name].cache_clear()


@pytest.mark.usefixtures("fresh")
@pytest.mark.parametrize(
    ("deed", "told"),
    [
        (lambda: Path("/etc/hostname").read_bytes(), "opened a file of the machine"),
        (lambda: os.system("true"), "reached the machine: os.system"),  # noqa: S605, S607 - a planted fault
        (lambda: os.mkdir("/nix/nix"), "reached the machine: os.mkdir"),  # noqa: PTH102 - a planted fault
        (lambda: {}["planted"], "a crash in the log"),
    ],
)
def test_a_planted_fault_is_found(monkeypatch, deed, told):
    def program(_process):
        try:
            deed()
        except OSError:
            return 1
        return 0

    planted(monkeypatch, program)
    assert any(told in finding for finding in shells.siege("solaris-10", 200, "planted").findings)


@pytest.mark.usefixtures("fresh")
def test_a_line_that_hangs_is_told(monkeypatch):
    import threading

    hold = threading.Event()

    def program(_process):
        hold.wait(20)
        return 0

    planted(monkeypatch, program)
    monkeypatch.setattr(shells, "_PATIENCE", 1.0)
    try:
        tally = shells.Tally()
        running = {0: (0.0, "cat /etc/passwd")}
        thread = threading.Thread(target=hold.wait, daemon=True)
        thread.start()
        shells._await([thread], running, tally)
        assert tally.findings == ["a line hangs: 'cat /etc/passwd'"]
    finally:
        hold.set()
