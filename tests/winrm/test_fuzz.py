"""Damaged messages, a bounded number of them; ``tests/winrm_fuzz.py`` runs as many as asked."""

from __future__ import annotations

from winrm_fuzz import SLOW, Campaign


def test_whatever_comes_the_answer_is_one_of_the_protocol_s():
    report = Campaign(seed=20).run(700)
    assert report.wrong == []
    assert report.slowest < SLOW
    kinds = {answer.partition(" ")[0] for answer in report.answers}
    assert kinds == {"soap", "remoting", "ntlm", "credssp", "sealed", "line"}
