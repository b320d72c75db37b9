"""Labs of any size for benchmarks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim.clock import Clock, ClockMode
from hvsim.world import World
from hvsim.xenserver.construction.build import build_pool
from hvsim.xenserver.spec import GIB, GuestSpec, HostSpec, PoolSpec, StorageSpec

if TYPE_CHECKING:
    from hvsim.xenserver.pool import Pool

GUESTS_A_HOST = 160


def pool_of(guests: int, *, addressed: bool = False) -> Pool:
    """Return a pool with so many running guests.

    With ``addressed`` the hosts have loopback addresses, so that the pool can be served.
    """
    count = max(1, guests // GUESTS_A_HOST)
    net = "127.0" if addressed else "192.168"
    hosts = [
        HostSpec(name=f"host{n}", address=f"{net}.{1 + n // 250}.{1 + n % 250}", memory=1024 * GIB)
        for n in range(count)
    ]
    running = [
        GuestSpec(
            name=f"guest{n}",
            power_state="Running",
            host=f"host{n % count}",
            home=f"host{n % count}",
            address=f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}",
        )
        for n in range(guests)
    ]
    world = World(7, Clock(ClockMode.REAL))
    storage = [StorageSpec(name="shared", size=2**60)]
    spec = PoolSpec(name="pool", hosts=hosts, guests=running, storages=storage)
    return build_pool(world, spec)
