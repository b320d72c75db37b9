"""A bounded part of the fuzzing; ``python -m tests.powershell 100000`` runs it in full."""

from __future__ import annotations

from powershell.fuzz_scripts import run


def test_whatever_the_text_powershell_answers():
    assert run(1_500, seed=7).broken == []
