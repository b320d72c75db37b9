"""The world of a Hyper-V check: who is in it, and in which state each guest begins."""

from typing import Any, Final

from hvsim import scenario
from hvsim.clock import Clock, ClockMode
from hvsim.world import World
from hvsim_conformance.labs.machines import furnish

VMM: Final = "vmm1"
USER: Final = "administrator"
PASSWORD: Final = "lab-password"  # noqa: S105 - the lab's own, for clients of this process
GIB: Final = 2**30
HOSTS: Final = ("alpha", "beta", "gamma")
"""The nodes of the cluster; ``delta`` stands alone."""
ALONE: Final = ("solo", "other")
"""Hosts that VMM does not manage; an implementation may register them by themselves."""


def guests() -> list[dict[str, Any]]:
    """Return the guests.

    ``web`` runs on ``alpha``, ``db`` and ``app`` run on ``beta``, all highly available, ``plain``
    runs on ``beta`` and is not; ``lone`` runs on ``delta``; ``new`` on ``alpha`` has never been
    started, ``spare`` is off on ``gamma``, where nothing runs. ``on-solo`` runs on ``solo``, and
    ``of-solo`` is off there.
    """
    return [
        _guest("web", "alpha", "Running"),
        _guest("db", "beta", "Running"),
        _guest("app", "beta", "Running"),
        _guest("plain", "beta", "Running", highly_available=False),
        _guest("lone", "delta", "Running", highly_available=False),
        _guest("new", "alpha", "Off", started=False),
        _guest("spare", "gamma", "Off"),
        _guest("on-solo", "solo", "Running", highly_available=False),
        _guest("of-solo", "solo", "Off", highly_available=False),
    ]


def _guest(name: str, host: str, state: str, **more: Any) -> dict[str, Any]:
    hostname = f"{name}.example"
    return {"name": name, "host": host, "state": state, "hostname": hostname, **more}


def build(profile: str, seed: int) -> World:
    """Return the world of one check, its clock skipping idle time."""
    size = {"cpus": 4, "memory": 32 * GIB}
    nodes = [
        {"name": name, "address": f"127.0.0.{number}"} | size
        for number, name in enumerate(HOSTS, 102)
    ]
    table = {
        "name": VMM,
        "profile": profile,
        "address": "127.0.0.101",
        "clusters": [{"name": "c1", "hosts": nodes}],
        "hosts": [
            {"name": "delta", "address": "127.0.0.105"} | size,
            *(
                {"name": name, "address": f"127.0.0.{number}", "managed": False} | size
                for number, name in enumerate(ALONE, 106)
            ),
        ],
        "guests": guests(),
        "accounts": [{"user": USER, "password": PASSWORD}],
    }
    made = scenario.from_data({"name": "hyperv-check", "seed": seed, "scvmm": [table]})
    world = scenario.build(made, clock=Clock(ClockMode.SKIP_IDLE))
    furnish(world)
    return world
