"""Makes Python in the sandbox believe that it runs on the simulated host."""

from __future__ import annotations

import json
import os
import sys
import time

FACTS = "/usr/share/lab/facts.json"
_SHORT = 0.1
"""Seconds below which a sleep is the program's own affair, as while it waits for a child."""
_really_sleep = time.sleep


def settle() -> None:
    """Answer ``os.uname`` and ``sys.platform`` as the host does, and sleep by its clock."""
    with open(FACTS, encoding="utf-8") as file:
        facts = json.load(file)
    there = os.uname_result(facts["uname"])
    vars(os)["uname"] = lambda: there
    vars(sys)["platform"] = facts["platform"]
    vars(time)["sleep"] = _sleep


def _sleep(seconds: float) -> None:
    """Let simulated time pass, by the host's own command."""
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    if seconds < _SHORT:
        _really_sleep(seconds)
        return
    import subprocess  # noqa: PLC0415 - few programs sleep, and all start with this

    subprocess.call(["/usr/bin/sleep", repr(float(seconds))])  # noqa: S603 - the lab's own


settle()
