"""A lab of 10,000 guests: how long until it is up, what a guest costs, how long a day takes."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import client
from benchmarks.lab import pool_of
from benchmarks.measure import Result
from hvsim import scenario
from hvsim_fakes.lab import Lab, Listening

if TYPE_CHECKING:
    from collections.abc import Iterator

GUESTS = 10_000
UP_GOAL = 5.0
MEMORY_GOAL = 60.0
DAY_GOAL = 60.0

SCENARIO = """
seed = 7
[[xenserver]]
name = "pool"
hosts = 64
guests = {guests}
{activity}
"""


def run() -> Iterator[Result]:
    up = _alone("up")
    yield Result(
        f"lab of {GUESTS:,} guests up, listening (whole process)",
        f"{up['seconds']:.2f} s",
        f"< {UP_GOAL:.0f} s",
        up["seconds"] < UP_GOAL,
    )
    yield Result(
        "memory a guest, every record fetched in XML and JSON",
        f"{up['kb']:.1f} kB; {up['built_kb']:.1f} kB before",
        f"<= {MEMORY_GOAL:.0f} kB",
        up["kb"] <= MEMORY_GOAL,
    )
    day = _alone("day")
    yield Result(
        f"a simulated day of {GUESTS:,} guests ({day['events']:,} events)",
        f"{day['seconds']:.1f} s",
        f"< {DAY_GOAL:.0f} s",
        day["seconds"] < DAY_GOAL,
    )


def _alone(what: str) -> dict[str, Any]:
    """Measure in a fresh process, whose memory is nobody else's."""
    begin = time.perf_counter()
    command = [sys.executable, "-m", "benchmarks.scale", what]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    result: dict[str, Any] = json.loads(done.stdout)
    if what == "up":
        result["seconds"] = time.perf_counter() - begin - result.pop("after")
    return result


def _up() -> dict[str, Any]:
    empty = _peak()
    pool = pool_of(GUESTS, addressed=True)
    with Lab(pool.world, Listening(tls_port=None, control_port=None)) as lab:
        session = client.Client(lab.url()).call("session.login_with_password", *lab.credentials())
        begin = time.perf_counter()
        built = _peak()
        for kind in ("json", "xml"):
            client.run("fetch", lab.url(), session, kind, 2)
        full = _peak()
    return {
        "kb": (full - empty) / GUESTS,
        "built_kb": (built - empty) / GUESTS,
        "after": time.perf_counter() - begin,
    }


def _day() -> dict[str, Any]:
    text = SCENARIO.format(guests=GUESTS, activity="[activity]")
    world = scenario.build(scenario.parse(text))
    before = world.log.generation
    begin = time.perf_counter()
    world.advance(86_400.0)
    taken = time.perf_counter() - begin
    return {"seconds": taken, "events": world.log.generation - before}


def _peak() -> int:
    """Return the most memory this process has held, in kB.

    The kernel's own account of the process: what getrusage gives begins with the parent's peak.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0])


if __name__ == "__main__":
    print(json.dumps({"up": _up, "day": _day}[sys.argv[1]]()))
