"""What the players of all products share: a lab or none, and a manager's world of two hosts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim import scenario

if TYPE_CHECKING:
    from hvsim.clock import Clock
    from hvsim.world import World
    from hvsim_fakes.lab import Lab

PASSWORD: Final = "the-labs-password"
_GIB: Final = 2**30


class Played:
    """Who plays scripts, with time where there is a world that has any.

    Args:
        profile: the release that is played.
        lab: the running lab; None when a recording answers.
    """

    def __init__(self, profile: str, lab: Lab | None = None) -> None:
        self.profile = profile
        self.lab = lab

    def advance(self, seconds: float) -> None:
        """Let time pass in the lab; a recording has its answers already."""
        if self.lab is not None:
            self.lab.world.advance(seconds)


def managed(
    section: str, name: str, user: str, hosts: dict[str, str], guests: list[dict[str, Any]]
) -> Any:
    """Return what makes the world of a manager with one cluster, for a profile and a clock.

    Args:
        section: the scenario's table, such as ``vcenter``.
        hosts: addresses by name; that of ``""`` is the manager's own.
    """
    nodes = [
        {"name": host, "address": address, "memory": 16 * _GIB, "cpus": 4}
        for host, address in hosts.items()
        if host
    ]

    def world(profile: str, clock: Clock) -> World:
        table = {
            "name": name,
            "profile": profile,
            "address": hosts[""],
            "clusters": [{"name": "c1", "hosts": nodes}],
            "guests": guests,
            "accounts": [{"user": user, "password": PASSWORD}],
        }
        return scenario.build(scenario.from_data({"name": "golden", section: [table]}), 1, clock)

    return world
