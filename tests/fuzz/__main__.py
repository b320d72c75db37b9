"""Runs the fuzzing in full: ``python -m tests.fuzz [shells] [requests] [seed]``."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from fuzz import campaign, shells

if __name__ == "__main__":
    arguments = sys.argv[1:]
    if arguments[:1] == ["shells"]:
        sys.exit(shells.main(arguments[1:]))
    sys.exit(campaign.main(arguments))
