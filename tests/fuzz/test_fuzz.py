"""A share of the fuzzing with every run of the tests; ``python -m tests.fuzz`` does it in full.

``HVSIM_FUZZ`` sets how many requests are made here in all.
"""

from __future__ import annotations

import os

import pytest

from fuzz import campaign
from labs import PROFILES

COUNT = int(os.environ.get("HVSIM_FUZZ", "5000"))


@pytest.mark.timeout(max(120, COUNT // 50))
@pytest.mark.parametrize("part", campaign.parts(COUNT, seed=20), ids=str)
def test_only_the_protocols_own_words_come_back(part):
    tally = part.run()
    assert tally.findings == []
    assert tally.requests >= part.count * 0.9


def test_both_profiles_and_the_control_plane_take_part():
    parts = campaign.parts(COUNT, seed=20)
    assert {part.target for part in parts} == {*PROFILES, campaign.CONTROL}
