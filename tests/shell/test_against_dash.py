"""What scripts print and exit with is what a real POSIX shell makes of them."""

import os
import shutil
import subprocess
from pathlib import Path
from random import Random

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


# Scripts within each other: what one leaves behind must not disturb the next.
COMPOSED = int(os.environ.get("HVSIM_COMPOSED", "240"))
WHOLE = [
    line
    for line in SCRIPTS
    if "<<" not in line and "#" not in line and not line.rstrip().endswith(("\\", "&"))
]
FRAMES = (
    *("({})", "{{ {}; }}", 'x=$({}); echo "[$x]"; echo $?', "for i in 1 2; do {}; done"),
    *("if {}; then echo T; else echo F; fi", "{} | cat", "{} >out; cat out", "! {}; echo $?"),
    *("f() {{ {}; }}; f a b; echo $?", "{{ {}; }} 2>&1 | wc -l", "{} && echo ok || echo no"),
    *("echo $({})", "case $({}) in a*) echo A;; *) echo o;; esac", "eval '{}'", "sh -c '{}'"),
    *("while :; do {}; break; done", "{}; {}", "{{ {}; }} && {{ {}; }}", "({}) | ({})"),
    *("set -e; ({}); echo after", "trap 'echo bye' EXIT; {}", "{{ {}; {}; }} | {{ cat; echo e; }}"),
)


def composed(seed: int, count: int) -> list[str]:
    """Return scripts put into each other."""
    random, found = Random(seed), []
    while len(found) < count:
        frame = random.choice(FRAMES)
        parts = [random.choice(WHOLE) for _ in range(frame.count("{}"))]
        if not any(_unfit(frame, part) for part in parts):
            found.append(frame.format(*parts))
    return found


def _unfit(frame: str, part: str) -> bool:
    """Tell what has no one meaning: quotes in quotes, ``$((``, files that two write at once."""
    return (
        ("'{}'" in frame and "'" in part)
        or ("$({})" in frame and part.startswith("("))
        or ("| (" in frame and (">" in part or "ls" in part))
    )


@pytest.mark.skipif(DASH is None, reason="dash is not installed")
@pytest.mark.timeout(max(120, COMPOSED))
@pytest.mark.parametrize("seed", range(4))
def test_scripts_within_each_other_do_what_dash_does(seed: int, tmp_path: Path) -> None:
    for number, script in enumerate(composed(seed, COMPOSED // 4)):
        home = tmp_path / str(number)
        expected, status = run_in_dash(script, home)
        found = run_command(plain_host(), f"LC_ALL=C; HOME=/root; cd /root\n{script}")
        told = (found.out, found.status)
        assert told == (expected.replace(str(home), "/root"), status), script
