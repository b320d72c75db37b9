"""The page about VMM's behaviours says what the code says."""

from __future__ import annotations

from pathlib import Path

from hvsim.behaviour_page import page

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_of_behaviours_is_current():
    command = "python -m hvsim.behaviour_page scvmm > docs/behaviours/scvmm.md"
    told = (DOCS / "behaviours" / "scvmm.md").read_text("utf-8")
    assert told == page("scvmm"), f"run: {command}"


def test_the_page_of_coverage_is_current():
    from hvsim_fakes.scvmm import coverage

    told = (DOCS / "coverage" / "scvmm.md").read_text("utf-8")
    assert told == coverage.page(), "run: python -m hvsim_fakes.scvmm.coverage"


def test_what_is_answered_in_part_is_there():
    from hvsim_fakes.scvmm import coverage

    assert set(coverage.PARTLY) <= set(coverage.CMDLETS)
