"""The documentation pages that are made of the code."""

from pathlib import Path

from hvsim import behaviour_page
from hvsim_fakes.zones import coverage

DOCS = Path(__file__).parents[2] / "docs"


def test_coverage_page_is_current():
    command = "python -m hvsim_fakes.zones.coverage"
    assert (DOCS / "coverage" / "zones.md").read_text("utf-8") == coverage.page(), f"run: {command}"


def test_behaviours_page_is_current():
    command = "python -m hvsim.behaviour_page zones > docs/behaviours/zones.md"
    told = (DOCS / "behaviours" / "zones.md").read_text("utf-8")
    assert told == behaviour_page.page("zones"), f"run: {command}"


def test_what_is_partly_there_is_there():
    text = coverage.page()
    for name in coverage.PARTLY:
        assert f"| `{name}` | {coverage.PARTLY[name]} |" in text
