"""An SSH client in a process of its own, so that it shares no interpreter with the server.

Started as ``python -m benchmarks.sshclient HOST:PORT USER KEY CONNECTIONS LINE ...``; prints what
it measured as JSON.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from typing import Any

import asyncssh

TURNS = 600
AT_ONCE = 300
ROUNDS = 3


def connect(place: str, user: str, key: str) -> Any:
    host, _, port = place.partition(":")
    return asyncssh.connect(
        host, int(port), username=user, client_keys=[key], known_hosts=None, config=None
    )


async def measure(place: str, user: str, key: str, crowd: int, lines: list[str]) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    async with connect(place, user, key) as connection:
        for line in lines:
            figures[line] = await rates(connection, line)
    figures["crowd"] = await together(place, user, key, crowd, lines[0])
    return figures


async def rates(connection: asyncssh.SSHClientConnection, line: str) -> dict[str, float]:
    """Return commands a second, one after another and many at once; the best of some rounds."""
    for _ in range(50):
        await connection.run(line, check=True)
    times = []
    for _ in range(TURNS):
        begin = time.perf_counter()
        await connection.run(line, check=True)
        times.append(time.perf_counter() - begin)
    best = 0.0
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        await asyncio.gather(*(connection.run(line, check=True) for _ in range(AT_ONCE)))
        best = max(best, AT_ONCE / (time.perf_counter() - begin))
    taken = statistics.median(times)
    return {"seconds": taken, "sequential": len(times) / sum(times), "concurrent": best}


async def together(place: str, user: str, key: str, crowd: int, line: str) -> tuple[int, float]:
    """Connect many times at once, run a line on each, hold all to the end; return the served."""
    all_there = asyncio.Barrier(crowd)

    async def one() -> bool:
        try:
            async with connect(place, user, key) as connection:
                done = await connection.run(line)
                await all_there.wait()
                return bool(done.exit_status == 0)
        except (OSError, asyncssh.Error):
            await all_there.abort()
            return False
        except asyncio.BrokenBarrierError:
            return True

    begin = time.perf_counter()
    served = await asyncio.gather(*(one() for _ in range(crowd)))
    return sum(served), time.perf_counter() - begin


if __name__ == "__main__":
    place, user, key, crowd, *lines = sys.argv[1:]
    print(json.dumps(asyncio.run(measure(place, user, key, int(crowd), lines))))
