"""Fitting guests into hosts by memory: exact for the pool as it is, for any failures to come."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import Final

_MOST_COMBINATIONS: Final = 2_000
"""Sets of failing hosts tried one by one; beyond that a safe estimate decides."""


@dataclass(slots=True)
class Layout:
    """Memory of hosts and guests, bytes.

    Attributes:
        free: what each host could still give, in the database's order.
        need: what each guest takes.
        on: the host each guest is on (those to be placed are left out).
    """

    free: dict[str, int]
    need: dict[str, int]
    on: dict[str, str]


def place(free: dict[str, int], need: dict[str, int]) -> dict[str, str]:
    """Return a host for each guest that fits: the largest guest first, to the roomiest host."""
    left = dict(free)
    found: dict[str, str] = {}
    for guest in sorted(need, key=lambda vm: -need[vm]):
        if not left:
            break
        host = max(left, key=lambda ref: left[ref])
        if left[host] >= need[guest]:
            found[guest] = host
            left[host] -= need[guest]
    return found


def survives(layout: Layout, failures: int) -> bool:
    """Whether all guests fit into what is left, whichever ``failures`` hosts are lost."""
    hosts = list(layout.free)
    if failures <= 0:
        return True
    if failures >= len(hosts):
        return not layout.on
    if comb(len(hosts), failures) > _MOST_COMBINATIONS:
        return _survives_estimate(layout, failures)
    guests: dict[str, dict[str, int]] = {}
    for vm, host in layout.on.items():
        guests.setdefault(host, {})[vm] = layout.need[vm]
    return all(_survives_loss(layout.free, guests, lost) for lost in combinations(hosts, failures))


def _survives_loss(
    free: dict[str, int], guests: dict[str, dict[str, int]], lost: tuple[str, ...]
) -> bool:
    homeless = {vm: need for host in lost for vm, need in guests.get(host, {}).items()}
    left = {host: room for host, room in free.items() if host not in lost}
    return len(place(left, homeless)) == len(homeless)


def _survives_estimate(layout: Layout, failures: int) -> bool:
    """Let the fullest hosts fail and the roomiest be lost, every guest as large as the largest."""
    if not layout.on:
        return True
    loads = dict.fromkeys(layout.free, 0)
    for host in layout.on.values():
        loads[host] = loads.get(host, 0) + 1
    largest = max(layout.need[vm] for vm in layout.on)
    homeless = sum(sorted(loads.values())[-failures:])
    slots = sorted(max(0, room) // max(1, largest) for room in layout.free.values())
    return homeless <= sum(slots[: len(slots) - failures])
