"""The example implementation in JavaScript, judged by the suite through JSON lines."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from clients_support import need

EXAMPLE = Path(__file__).parents[2] / "examples" / "node"


def test_javascript_example_meets_every_must_of_what_it_offers(tmp_path: Path) -> None:
    need(
        shutil.which("node") is not None and (EXAMPLE / "node_modules" / "xen-api").is_dir(),
        "the example's packages are not installed: npm install --prefix examples/node",
    )
    command = [sys.executable, "-m", "hvsim_conformance", "conform", "--product", "xenserver"]
    command += ["--profile", "xenserver-8", "--adapter-cmd", f"node {EXAMPLE / 'adapter.mjs'}"]
    # Everything but the checks that leave it waiting for a silent host for long.
    for glob in ("NAME-*", "POWER-*", "MIG-*", "EXT-*", "HOME-*", "MAINT-*", "POOL-7", "POOL-12"):
        command += ["--id", glob]
    command += ["--report-dir", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)  # noqa: S603 - our own command
    results = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    bad = [r for r in results["results"] if r["verdict"] in ("fail", "error")]
    assert bad == [], done.stdout
    musts = [r for r in results["results"] if r["level"] == "MUST" and r["verdict"] == "pass"]
    assert len(musts) >= 15
