"""Runs the fuzzing in full: ``python -m tests.fuzz [requests] [seed]``."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from fuzz.campaign import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
