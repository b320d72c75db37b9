"""SSH: commands a second, a thousand zones, two hundred connections; beside OpenSSH's own server.

Servers and client have processes of their own. ``sshd`` is taken from the path, or from where
``SSHD`` says, and started with a configuration of its own as the present user, whose shell runs
the same lines; without it there is no comparison.
"""

from __future__ import annotations

import getpass
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.measure import Result, seconds

if TYPE_CHECKING:
    from collections.abc import Iterator

ZONES = 1_000
CONNECTIONS = 200
LINE = "echo hello"
_ROUNDS = 21
_SCENARIO = """
seed = 7
[[solaris]]
name = "few"
address = "127.0.0.1"
zones = 5
[[solaris.accounts]]
user = "root"
keys = ["{key}"]
[[solaris]]
name = "many"
address = "127.0.0.2"
zones = {zones}
[[solaris.accounts]]
user = "root"
keys = ["{key}"]
"""
# A home of its own keeps out what a person's shell does whenever it starts.
_SSHD = """
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host
AuthorizedKeysFile {folder}/id.pub
PidFile none
StrictModes no
UsePAM no
PermitRootLogin prohibit-password
MaxSessions 1000
MaxStartups 1000
SetEnv HOME={folder}
"""


def run() -> Iterator[Result]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        key = _key(folder / "id")
        with _ours(folder, key) as (place, inside):
            ours = _asked(place["few"], "root", folder, LINE, "zoneadm list -cp")
            listing = _asked(place["many"], "root", folder, "zoneadm list -cp")
        with _theirs(folder) as port:
            theirs = _asked(f"127.0.0.1:{port}", getpass.getuser(), folder, LINE) if port else {}
    yield from _rates(ours, theirs)
    yield _in_time(f"list of {ZONES:,} zones, in the endpoint", inside, 0.020)
    over = listing["zoneadm list -cp"]["seconds"]
    yield Result(f"list of {ZONES:,} zones, over SSH", f"{over * 1e3:,.1f} ms")
    yield _crowd(ours, theirs)


def _rates(ours: dict[str, Any], theirs: dict[str, Any]) -> Iterator[Result]:
    peer = theirs.get(LINE, {})
    for name, goal in (("sequential", 300), ("concurrent", 600)):
        figure = f"{ours[LINE][name]:,.0f} /s"
        if peer:
            figure += f"; OpenSSH {peer[name]:,.0f} /s"
        yield Result(f"`{LINE}`, {name}, on one connection", figure)
        rate = ours["zoneadm list -cp"][name]
        wanted = f"at least {goal} /s"
        what = f"`zoneadm list -cp`, {name}, on one connection"
        yield Result(what, f"{rate:,.0f} /s", wanted, rate >= goal)


def _in_time(name: str, taken: float, goal: float) -> Result:
    return Result(name, f"{taken * 1e3:,.1f} ms", f"below {goal * 1e3:.0f} ms", taken < goal)


def _crowd(ours: dict[str, Any], theirs: dict[str, Any]) -> Result:
    served, taken = ours["crowd"]
    figure = f"{served} served in {taken:,.2f} s"
    if theirs:
        figure += f"; OpenSSH {theirs['crowd'][0]} in {theirs['crowd'][1]:,.2f} s"
    name = f"{CONNECTIONS} connections at once, a command each"
    return Result(name, figure, "all served", served == CONNECTIONS)


@contextmanager
def _ours(folder: Path, key: str) -> Iterator[tuple[dict[str, str], float]]:
    """Serve a lab; give its hosts' addresses, and the seconds that a long list takes inside."""
    scenario = folder / "lab.toml"
    scenario.write_text(_SCENARIO.format(key=key, zones=ZONES), encoding="utf-8")
    command = [sys.executable, "-m", "benchmarks.ssh", str(scenario)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            told = json.loads(server.stdout.readline())
            yield told["places"], told["list"]
        finally:
            server.kill()


@contextmanager
def _theirs(folder: Path) -> Iterator[int | None]:
    """Run OpenSSH's server; give its port, or None where there is none."""
    program = os.environ.get("SSHD") or shutil.which("sshd") or shutil.which("/usr/sbin/sshd")
    if program is None:
        yield None
        return
    from hvsim_fakes.ports import common_port  # noqa: PLC0415 - only here

    port = common_port(["127.0.0.1"])
    _key(folder / "host")
    config = folder / "sshd_config"
    config.write_text(_SSHD.format(port=port, folder=folder), encoding="utf-8")
    with subprocess.Popen(
        [program, "-D", "-e", "-f", str(config)], stderr=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stderr is not None
            said = server.stderr.readline()
            if "listening" not in said:
                print(f"  sshd: {said.strip()}", file=sys.stderr)
            yield port if "listening" in said else None
        finally:
            server.kill()


def _key(file: Path) -> str:
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(file)]
    subprocess.run(command, check=True)
    return file.with_suffix(".pub").read_text(encoding="utf-8").strip()


def _asked(place: str, user: str, folder: Path, *lines: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.sshclient", place, user, str(folder / "id")]
    done = subprocess.run(
        [*command, str(CONNECTIONS), *lines], stdout=subprocess.PIPE, text=True, check=True
    )
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def serve(scenario: str) -> None:
    """Serve a lab until the process is ended."""
    from hvsim_fakes.lab import Lab, Listening  # noqa: PLC0415 - not for the parent
    from hvsim_fakes.shell.local import run_command  # noqa: PLC0415 - likewise

    with Lab.from_scenario(scenario, Listening(control_port=None)) as lab:
        places = {door.owner: url.removeprefix("ssh://") for door, url in lab.shells()}
        host = next(door.shell for door, _ in lab.shells() if door.owner == "many")

        def listed() -> None:
            assert run_command(host, "zoneadm list -cp").out.count("\n") == ZONES + 1

        listed()
        inside = statistics.median(seconds(listed) for _ in range(_ROUNDS))
        print(json.dumps({"places": places, "list": inside}), flush=True)
        time.sleep(86_400)


if __name__ == "__main__":
    serve(sys.argv[1])
