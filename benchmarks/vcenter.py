"""vim25 beside vcsim: the same raw calls to both, servers and client in processes of their own.

vcsim is taken from the path, or from where ``VCSIM`` says; without it there is no comparison.
"""

from __future__ import annotations

import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.measure import Result

if TYPE_CHECKING:
    from collections.abc import Iterator

HOST = "127.0.0.1"
CROWDS = ("200", "1000")
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
        crowds = CROWDS if size == sizes[0] else ()
        ours = _measured([sys.executable, "-m", "benchmarks.vcenter", str(size)], crowds)
        theirs = _measured(_vcsim(vcsim, size), crowds) if vcsim else {}
        for name, figure in ours.items():
            yield _compared(f"{size:,} machines: {name}", figure, theirs.get(name))


def _vcsim(program: str, size: int) -> list[str]:
    shape = ["-standalone-host", "0", "-cluster", "1", "-host", "10", "-vm", str(size)]
    return [program, "-tls=false", "-autostart=false", *shape]


def _compared(name: str, ours: float, theirs: float | None) -> Result:
    unit = "MiB" if "memory" in name else "s" if name.endswith("start") else "ms"
    figure = f"{ours:,.2f} {unit}"
    if theirs is None:
        return Result(name, f"{figure}; vcsim has none")
    return Result(name, f"{figure}; vcsim {theirs:,.2f} {unit}", "ahead of vcsim", ours < theirs)


def _measured(command: list[str], crowds: tuple[str, ...]) -> dict[str, float]:
    """Start a server, measure it and end it; a figure that it gives no answer for is left out."""
    port = _free_port()
    begin = time.perf_counter()
    with subprocess.Popen([*command, "-l", f"{HOST}:{port}"], stdout=subprocess.DEVNULL) as server:
        try:
            _await(server, port)
            figures = {"start": time.perf_counter() - begin, "memory at first": _memory(server.pid)}
            figures |= _asked(port, crowds)
            figures["memory after all"] = _memory(server.pid)
        finally:
            server.kill()
    return figures


def _asked(port: int, crowds: tuple[str, ...]) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.vimclient", f"{HOST}:{port}", *crowds]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode and crowds:
        # Some servers lose updates; the other figures stand all the same.
        print(f"  {done.stderr.strip().splitlines()[-1]}", file=sys.stderr)
        return _asked(port, crowds[:-1])
    figures: dict[str, Any] = json.loads(done.stdout)
    figures.pop("machines")
    return figures


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


def _memory(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


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
