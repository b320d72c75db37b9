"""Records all golden traffic anew: ``python -m tests.golden [name ...]``."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from golden import scripts, taping, vim_scripts, winrm_scripts  # noqa: F401 - they register their own


def main(names: list[str]) -> None:
    """Record the scripts of those names (``xenserver-8/power``), or all."""
    for recording in scripts.recordings():
        if not names or str(recording) in names:
            file = taping.file_of(recording)
            file.parent.mkdir(parents=True, exist_ok=True)
            taping.record(recording, file)
            sys.stdout.write(f"{file.stat().st_size:8} bytes  {recording}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
