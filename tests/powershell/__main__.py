"""Runs the fuzzing in full: ``python -m tests.powershell [scripts] [seed]``."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from powershell import fuzz_scripts

if __name__ == "__main__":
    sys.exit(fuzz_scripts.main(sys.argv[1:]))
