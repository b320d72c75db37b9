"""The page that says what is there is the one that the code makes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs/coverage/powershell.md"


def test_the_page_is_up_to_date(tmp_path):
    made = tmp_path / "page.md"  # in a process of its own: tests and products register types too
    subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-m", "hvsim_fakes.powershell.coverage", str(made)], check=True
    )
    assert made.read_text("utf-8") == PAGE.read_text("utf-8")


def test_every_cmdlet_has_a_case():
    from hvsim_fakes.powershell.standard import OWN
    from powershell.cases import load

    words = " ".join(case.script for case in load()).lower()
    untested = [
        one.name
        for table in OWN
        for one in table
        if one.name.lower() not in words and not any(f"{a.lower()} " in words for a in one.aliases)
    ]
    assert untested == []
