"""vim25 beside vcsim: the same calls to both in turn, servers and client in processes of their own.

vcsim is taken from the path, or from where ``VCSIM`` says; without it there is no comparison.
"""

from __future__ import annotations

import http.client
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Self

from benchmarks.measure import Result

if TYPE_CHECKING:
    from collections.abc import Iterator

HOST = "127.0.0.1"
CROWDS = ("200", "1000")
ROUNDS = 3
_READABLE = "1000"
"""Machines up to which pyVmomi reads all of them in a bearable time."""
_PATIENCE = 300.0
# vcsim's tasks take no time: so ours are told to take none either.
_SCENARIO = """
seed = 7
[[stage]]
name = "at once"
seconds = 0
[[vcenter]]
name = "vc"
address = "127.0.0.1"
guests = {guests}
clusters = [{{ name = "cluster", hosts = {hosts} }}]
"""


def run(sizes: tuple[int, ...] = (1_000, 10_000)) -> Iterator[Result]:
    vcsim = os.environ.get("VCSIM") or shutil.which("vcsim")
    for size in sizes:
        commands = [[sys.executable, "-m", "benchmarks.vcenter", str(size)]]
        if vcsim:
            commands.append(_vcsim(vcsim, size))
        with ExitStack() as stack:
            peers = [stack.enter_context(Peer(command)) for command in commands]
            _measure(peers, CROWDS if size == sizes[0] else ())
        theirs = peers[1].medians() if vcsim else {}
        for name, figure in peers[0].medians().items():
            yield _compared(f"{size:,} machines: {name}", figure, theirs.get(name))


def _vcsim(program: str, size: int) -> list[str]:
    shape = ["-standalone-host", "0", "-cluster", "1", "-host", "10", "-vm", str(size)]
    return [program, "-tls=false", "-autostart=false", *shape]


def _measure(peers: list[Peer], crowds: tuple[str, ...]) -> None:
    """Ask all of them the same, one after the other, round by round."""
    for peer in peers:
        peer.note({"memory at first": peer.memory()})
        peer.ask("vimclient", "first")
    for _ in range(ROUNDS):
        for peer in peers:
            peer.ask("vimclient", "calls")
        for peer in peers:
            peer.ask("vmomiclient", _READABLE)
    for peer in peers:
        peer.note({"memory after these calls": peer.memory()})
    for crowd in crowds:
        for peer in peers * ROUNDS:
            peer.ask("vimclient", crowd)
    for peer in peers if crowds else ():
        peer.note({"memory after the waiters": peer.memory()})


def _compared(name: str, ours: float, theirs: float | None) -> Result:
    unit = "MiB" if "memory" in name else "s" if name.endswith("start") else "ms"
    figure = f"{ours:,.2f} {unit}"
    if theirs is None:
        return Result(name, f"{figure}; vcsim has none")
    return Result(name, f"{figure}; vcsim {theirs:,.2f} {unit}", "ahead of vcsim", ours < theirs)


class Peer:
    """A server in a process of its own, and what was measured of it; ends with its context."""

    def __init__(self, command: list[str]) -> None:
        self.command = command
        self.figures: dict[str, list[float]] = {}

    def __enter__(self) -> Self:
        self.port = _free_port()
        begin = time.perf_counter()
        command = [*self.command, "-l", f"{HOST}:{self.port}"]
        self.server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        _await(self.server, self.port)
        self.note({"start": time.perf_counter() - begin})
        return self

    def __exit__(self, *_: object) -> None:
        self.server.kill()
        self.server.wait()

    def note(self, figures: dict[str, float]) -> None:
        for name, figure in figures.items():
            self.figures.setdefault(name, []).append(figure)

    def ask(self, client: str, what: str) -> None:
        """Let a client measure it; a figure that it gives no answer for is left out."""
        command = [sys.executable, "-m", f"benchmarks.{client}", f"{HOST}:{self.port}", what]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"  {done.stderr.strip().splitlines()[-1]}", file=sys.stderr)
        else:
            self.note(json.loads(done.stdout))

    def memory(self) -> float:
        """Return the MiB that its process holds of the machine's memory."""
        status = Path(f"/proc/{self.server.pid}/status").read_text(encoding="utf-8")
        line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) / 1024

    def medians(self) -> dict[str, float]:
        return {name: statistics.median(taken) for name, taken in self.figures.items()}


def _free_port() -> int:
    with socket.create_server((HOST, 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def _await(server: subprocess.Popen[bytes], port: int) -> None:
    end = time.perf_counter() + _PATIENCE
    while time.perf_counter() < end and server.poll() is None:
        try:
            connection = http.client.HTTPConnection(HOST, port, timeout=5)
            connection.request("GET", "/sdk/vimServiceVersions.xml")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise RuntimeError("the server did not come up")


def serve(size: int, port: int) -> None:
    """Serve a lab until the process is ended."""
    from hvsim import scenario  # noqa: PLC0415 - not for the parent
    from hvsim_fakes.lab import Lab, Listening  # noqa: PLC0415 - likewise

    text = _SCENARIO.format(guests=size, hosts=max(4, size // 160))
    lab = Lab.from_scenario(
        scenario.parse(text), Listening(port=port, tls_port=None, control_port=None)
    )
    with lab:
        time.sleep(86_400)


if __name__ == "__main__":
    serve(int(sys.argv[1]), int(sys.argv[3].rpartition(":")[2]))
