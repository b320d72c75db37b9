"""The page about vSphere's behaviours says what the code says."""

from __future__ import annotations

from pathlib import Path

from hvsim.behaviour_page import page

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_of_behaviours_is_current():
    command = "python -m hvsim.behaviour_page vsphere > docs/behaviours/vsphere.md"
    told = (DOCS / "behaviours" / "vsphere.md").read_text("utf-8")
    assert told == page("vsphere"), f"run: {command}"
