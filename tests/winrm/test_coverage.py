"""The coverage page tells what is there."""

from __future__ import annotations

from pathlib import Path

from hvsim_fakes.winrm import actions, coverage

PAGE = Path(__file__).parents[2] / coverage.DEFAULT_PAGE


def test_the_page_is_up_to_date():
    told = PAGE.read_text(encoding="utf-8")
    assert told == coverage.page(), "run: python -m hvsim_fakes.winrm.coverage"


def test_every_action_that_is_answered_is_on_it():
    assert set(actions.ACTIONS) <= set(coverage.KNOWN)
    assert coverage.page().count("| answered |") >= len(actions.ACTIONS)
