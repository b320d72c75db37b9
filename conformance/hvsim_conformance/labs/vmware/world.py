"""The world of a VMware check: who is in it, and in which state each guest begins."""

from typing import Any, Final

from hvsim import scenario
from hvsim.clock import Clock, ClockMode
from hvsim.world import World
from hvsim_conformance.labs.machines import furnish

VCENTER: Final = "vc1"
USER: Final = "administrator@vsphere.local"
PASSWORD: Final = "lab-password"  # noqa: S105 - the lab's own, for clients of this process
HOST_USER: Final = "root"
GIB: Final = 2**30
HOSTS: Final = ("alpha", "beta", "gamma")
"""The hosts of the first cluster; the second has one called ``delta``."""
AGENTS: Final = {"solo": "127.0.0.97", "other": "127.0.0.98"}
"""Hosts that no vCenter manages, with one guest that runs and one that is off on each."""


def guests() -> list[dict[str, Any]]:
    """Return the guests.

    ``web`` and ``db`` run with VMware Tools on ``alpha`` and ``beta``, ``bare`` without on
    ``beta``, ``lone`` on ``delta``; ``spare`` is off, on ``alpha``. Nothing runs on ``gamma``.
    """
    return [
        {"name": "web", "host": "alpha", "power_state": "poweredOn", "hostname": "web.example"},
        {"name": "db", "host": "beta", "power_state": "poweredOn", "hostname": "db.example"},
        {
            "name": "bare",
            "host": "beta",
            "power_state": "poweredOn",
            "tools": False,
            "hostname": "bare.example",
        },
        {"name": "lone", "host": "delta", "power_state": "poweredOn", "hostname": "lone.example"},
        {"name": "spare", "host": "alpha", "hostname": "spare.example"},
    ]


def build(profile: str, seed: int) -> World:
    """Return the world of one check, its clock skipping idle time."""
    memory = {"cpus": 4, "memory": 32 * GIB}
    table = {
        "name": VCENTER,
        "profile": profile,
        "address": "127.0.0.91",
        "clusters": [
            {
                "name": "c1",
                "ha": True,
                "hosts": [
                    {"name": name, "address": f"127.0.0.{number}"} | memory
                    for number, name in enumerate(HOSTS, 92)
                ],
            },
            {"name": "c2", "hosts": [{"name": "delta", "address": "127.0.0.95"} | memory]},
        ],
        "guests": guests(),
        "accounts": [{"user": USER, "password": PASSWORD}],
    }
    agents = [
        {
            "name": name,
            "profile": profile,
            "address": address,
            "guests": [{"name": f"on-{name}", "power_state": "poweredOn"}, {"name": f"of-{name}"}],
            "accounts": [{"user": HOST_USER, "password": PASSWORD}],
        }
        | memory
        for name, address in AGENTS.items()
    ]
    tables = {"name": "vmware-check", "seed": seed, "vcenter": [table], "esx": agents}
    made = scenario.from_data(tables)
    world = scenario.build(made, clock=Clock(ClockMode.SKIP_IDLE))
    furnish(world)
    return world
