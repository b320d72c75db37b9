"""What scripts print and exit with is what a real POSIX shell makes of them."""

import shutil
import subprocess
from pathlib import Path

import pytest

from hvsim_fakes.shell.local import run_command
from shell_boxes import plain_host

DASH = shutil.which("dash")
SCRIPTS = [
    line.replace("⏎", "\n").replace("⇥", "\t")
    for line in (Path(__file__).parent / "scripts.txt").read_text().splitlines()
]


def run_in_dash(script: str, home: Path) -> tuple[str, int]:
    home.mkdir()
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(home), "LC_ALL": "C", "TZ": "UTC0"}
    found = subprocess.run(  # noqa: S603 - the scripts are our own
        [str(DASH), "-c", script],
        cwd=home,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=20,
        check=False,
    )
    return found.stdout.decode("utf-8", "surrogateescape"), found.returncode


@pytest.mark.skipif(DASH is None, reason="dash is not installed")
@pytest.mark.parametrize("script", SCRIPTS)
def test_script_does_what_dash_does(script: str, tmp_path: Path) -> None:
    expected, status = run_in_dash(script, tmp_path / "home")
    host = plain_host()
    prelude = "LC_ALL=C; HOME=/root; cd /root\n"
    found = run_command(host, prelude + script)
    assert (found.out, found.status) == (expected.replace(str(tmp_path / "home"), "/root"), status)
