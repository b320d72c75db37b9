"""The world of a RHEL5-Xen check: who is in it, and in which state each guest begins."""

from typing import Final

from hvsim.clock import Clock, ClockMode
from hvsim.rhel5xen.build import build_site
from hvsim.rhel5xen.spec import GIB, SiteSpec, XenAccountSpec, XenGuestSpec, XenHostSpec
from hvsim.world import World
from hvsim_conformance.labs.machines import furnish

SITE: Final = "site"
HOSTS: Final = ("alpha", "beta", "gamma")
USER: Final = "root"
PASSWORD: Final = "lab-password"  # noqa: S105 - the lab's own, for clients of this process


def guests() -> list[XenGuestSpec]:
    """Return the guests.

    ``web`` runs on ``alpha``, ``db`` and ``app`` run on ``beta``; ``asleep`` was suspended on the
    console of ``beta``; ``spare`` is off, with its file on ``gamma``.
    """
    return [
        XenGuestSpec(name="web", state="running", host="alpha"),
        XenGuestSpec(name="db", state="running", host="beta"),
        XenGuestSpec(name="app", state="running", host="beta"),
        XenGuestSpec(name="asleep", state="paused", host="beta"),
        XenGuestSpec(name="spare", host="gamma"),
    ]


def build(seed: int) -> World:
    """Return the world of one check, its clock skipping idle time."""
    world = World(seed, Clock(ClockMode.SKIP_IDLE))
    build_site(
        world,
        SiteSpec(
            name=SITE,
            hosts=[
                XenHostSpec(name=name, address=f"127.0.0.{number}", cpus=4, memory=16 * GIB)
                for number, name in enumerate(HOSTS, 11)
            ],
            guests=guests(),
            accounts=[XenAccountSpec(user=USER, password=PASSWORD)],
        ),
    )
    furnish(world)
    return world
