"""What hosts answer is what the golden transcripts say, byte for byte."""

import pytest

from zonelabs import PROFILES
from zones import transcripts


@pytest.mark.parametrize("profile", PROFILES)
def test_transcript(profile):
    told = transcripts.transcript(profile)
    assert told == transcripts.place(profile).read_text("utf-8"), "python -m zones.transcripts"
