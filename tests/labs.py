"""Small labs for tests: a pool of three hosts, built the way a scenario builds one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hvsim.world import World
from hvsim.xenserver.construction.build import build_pool
from hvsim.xenserver.messages import Caller
from hvsim.xenserver.spec import GIB, GuestSpec, HostSpec, PoolSpec

if TYPE_CHECKING:
    from hvsim.clock import Clock
    from hvsim.xenserver.pool import Pool

PROFILES = ("xenserver-5.5", "xenserver-8")
ROOT = Caller()


def hosts(count: int = 3, **changes: Any) -> list[HostSpec]:
    return [
        HostSpec(
            name=f"host{n}",
            address=f"127.0.0.{n + 10}",
            **{"cpus": 4, "memory": 32 * GIB} | changes,
        )
        for n in range(1, count + 1)
    ]


def guests() -> list[GuestSpec]:
    """One running on each of host1 and host2, one halted with a home, one halted without."""
    return [
        GuestSpec(name="web", power_state="Running", host="host1", address="192.0.2.10"),
        GuestSpec(name="db", power_state="Running", host="host2", home="host2"),
        GuestSpec(name="spare", home="host3"),
        GuestSpec(name="lost"),
    ]


def small_pool(
    profile: str = "xenserver-8", *, seed: int = 1, clock: Clock | None = None, **changes: Any
) -> Pool:
    """Return a pool called ``pool1`` in a world whose clock is stepped."""
    world = World(seed, clock)
    fields = {"hosts": hosts(), "guests": guests()} | changes
    return build_pool(world, PoolSpec(name="pool1", profile=profile, **fields))


def vm(pool: Pool, name: str) -> str:
    """Return the reference of the guest called ``name``."""
    found = [ref for ref, row in pool.db.tables["VM"].items() if row["name_label"] == name]
    assert len(found) == 1, f"{len(found)} guests are called {name!r}"
    return found[0]


def host(pool: Pool, name: str) -> str:
    """Return the reference of the host called ``name``."""
    return next(ref for ref, row in pool.db.tables["host"].items() if row["name_label"] == name)
