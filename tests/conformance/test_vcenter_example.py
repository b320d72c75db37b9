"""The example implementation for vCenter, judged by the suite through JSON lines."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

EXAMPLE = Path(__file__).parents[2] / "examples" / "vcenter" / "adapter.py"


def test_the_example_for_vcenter_meets_all_that_it_offers(tmp_path, hvsim_env):
    command = [sys.executable, "-m", "hvsim_conformance", "conform", "--product", "vmware"]
    command += ["--profile", "vsphere-8", "--adapter-cmd", f"{sys.executable} {EXAMPLE}"]
    command += ["--report-dir", str(tmp_path)]
    done = subprocess.run(  # noqa: S603 - our own command
        command, env=hvsim_env, capture_output=True, text=True, timeout=110, check=False
    )
    assert done.returncode == 0, done.stdout
    results = json.loads((tmp_path / "results.json").read_text("utf-8"))["results"]
    musts = [one for one in results if one["level"] == "MUST" and one["verdict"] == "pass"]
    assert len(musts) >= 17
