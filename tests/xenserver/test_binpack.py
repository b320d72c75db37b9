"""Fitting guests into hosts: never too much on a host, and no promise that one loss breaks."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from hvsim.xenserver.availability import binpack
from hvsim.xenserver.availability.binpack import Layout

ROOM = st.integers(min_value=0, max_value=40)
HOSTS = st.dictionaries(st.sampled_from("ABCDE"), ROOM, max_size=5)
GUESTS = st.dictionaries(st.integers(0, 30), st.integers(1, 20), max_size=8)


@given(HOSTS, GUESTS)
def test_what_is_placed_fits(free, need):
    names = {str(guest): size for guest, size in need.items()}
    found = binpack.place(free, names)
    for host, room in free.items():
        assert sum(names[vm] for vm, where in found.items() if where == host) <= room


def test_the_largest_guest_goes_first_and_to_the_roomiest_host():
    assert binpack.place({"A": 4, "B": 9}, {"small": 2, "large": 8}) == {"large": "B", "small": "A"}
    assert binpack.place({}, {"any": 1}) == {}


@given(HOSTS.filter(lambda hosts: len(hosts) >= 2), GUESTS, st.integers(0, 3), st.randoms())
def test_a_plan_holds_for_every_set_of_lost_hosts(free, need, failures, random):
    names = {str(guest): size for guest, size in need.items()}
    on = {vm: random.choice(sorted(free)) for vm in names}
    if not binpack.survives(Layout(free, names, on), failures) or failures >= len(free):
        return
    for lost in combinations(free, failures):
        homeless = {vm: names[vm] for vm in names if on[vm] in lost}
        left = {host: room for host, room in free.items() if host not in lost}
        assert len(binpack.place(left, homeless)) == len(homeless)


def test_losing_every_host_leaves_no_room():
    assert not binpack.survives(Layout({"A": 9, "B": 9}, {"g": 1}, {"g": "A"}), 2)
    assert binpack.survives(Layout({"A": 9, "B": 9}, {}, {}), 2)


def test_many_failures_of_many_hosts_are_estimated_on_the_safe_side():
    hosts = {f"h{n}": 10 for n in range(40)}
    need = {f"g{n}": 2 for n in range(40)}
    on = {f"g{n}": f"h{n}" for n in range(40)}
    assert binpack.survives(Layout(hosts, need, on), 10)
    full = dict.fromkeys(hosts, 1)
    assert not binpack.survives(Layout(full, need, on), 10)
