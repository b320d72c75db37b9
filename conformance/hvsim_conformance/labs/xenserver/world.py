"""The world of a XenServer check: who is in it, and in which state each guest begins."""

from typing import Final, Literal

from hvsim.clock import Clock, ClockMode
from hvsim.world import World
from hvsim.xenserver.construction.build import build_pool
from hvsim.xenserver.spec import (
    GIB,
    AccountSpec,
    GuestSpec,
    HostSpec,
    NetworkSpec,
    PoolSpec,
    StorageSpec,
)
from hvsim_conformance.labs.machines import furnish

POOL = "pool"
"""Three hosts, ``alpha`` (the master), ``beta`` and ``gamma``, and shared storage."""
SOLO = "solo"
"""One host, ``single``, its own master."""
HOSTS = ("alpha", "beta", "gamma")
PASSWORD = "lab-password"  # noqa: S105 - the lab's own, for clients of this process

Profile = Literal["xenserver-5.5", "xenserver-8"]
_RUNNING: Final = "Running"


def guests() -> list[GuestSpec]:
    """Return the pool's guests.

    ``web`` runs on the master, ``db`` and ``app`` on ``beta`` (``db`` is at home there), ``bare``
    runs on ``beta`` without PV drivers; ``nested`` runs on ``gamma``; ``spare`` is off and at home
    on ``gamma``, ``lost`` is off and at home nowhere, ``asleep`` is suspended, at home on
    ``beta``.
    """
    return [
        GuestSpec(name="web", power_state=_RUNNING, host="alpha", address="192.0.2.10"),
        GuestSpec(name="db", power_state=_RUNNING, host="beta", home="beta", address="192.0.2.11"),
        GuestSpec(name="app", power_state=_RUNNING, host="beta", address="192.0.2.12"),
        GuestSpec(name="bare", power_state=_RUNNING, host="beta", home="beta", tools=False),
        GuestSpec(name="nested", power_state=_RUNNING, host="gamma", home="gamma"),
        GuestSpec(name="spare", home="gamma"),
        GuestSpec(name="lost"),
        GuestSpec(name="asleep", power_state="Suspended", home="beta"),
    ]


def build(profile: Profile, seed: int) -> World:
    """Return the world of one check, its clock skipping idle time."""
    world = World(seed, Clock(ClockMode.SKIP_IDLE))
    build_pool(
        world,
        PoolSpec(
            name=POOL,
            profile=profile,
            hosts=[_host(name, number) for number, name in enumerate(HOSTS, 11)],
            storages=[StorageSpec(name="shared")],
            networks=[NetworkSpec(name="lan", bridge="xenbr0")],
            guests=guests(),
            accounts=[AccountSpec(user="root", password=PASSWORD)],
            migration="visible-suspend",
        ),
    )
    build_pool(
        world,
        PoolSpec(
            name=SOLO,
            profile=profile,
            hosts=[_host("single", 21)],
            storages=[StorageSpec(name="store")],
            networks=[NetworkSpec(name="lan", bridge="xenbr0")],
            guests=[GuestSpec(name="only", power_state=_RUNNING, host="single")],
            accounts=[AccountSpec(user="root", password=PASSWORD)],
        ),
    )
    furnish(world)
    return world


def _host(name: str, number: int) -> HostSpec:
    return HostSpec(name=name, address=f"127.0.0.{number}", cpus=4, memory=32 * GIB)
