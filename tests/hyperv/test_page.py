"""The page about Hyper-V hosts says what the code says."""

from __future__ import annotations

from pathlib import Path

from hvsim_fakes.hyperv import coverage
from hvsim_fakes.hyperv.shapes import HOST, VM

PAGE = Path(__file__).parents[2] / "docs" / "coverage" / "hyperv.md"


def test_the_page_of_coverage_is_current():
    assert PAGE.read_text("utf-8") == coverage.page(), "run: python -m hvsim_fakes.hyperv.coverage"


def test_what_is_always_the_same_is_there():
    assert {"CPUUsage", "DynamicMemoryEnabled", "AutomaticStopAction"} <= set(coverage.constant(VM))
    assert "NumaSpanningEnabled" in coverage.constant(HOST)
    assert "Notes" not in coverage.constant(VM)
