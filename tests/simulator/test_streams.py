from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from hvsim.streams import Streams


@given(st.integers(), st.text(), st.lists(st.text(), max_size=8))
def test_a_stream_depends_on_seed_and_name_alone(seed, name, others):
    alone, crowded = Streams(seed), Streams(seed)
    for other in others:
        if other != name:
            crowded.stream(other).random()
            crowded.uuid(other)
    assert alone.stream(name).random() == crowded.stream(name).random()
    assert alone.uuid(name) == crowded.uuid(name)


def test_a_stream_goes_on_and_a_fresh_one_begins_anew():
    streams = Streams(1)
    first, second = streams.stream("a").random(), streams.stream("a").random()
    again = streams.fresh("a")
    assert first != second
    assert (again.random(), again.random()) == (first, second)


def test_seeds_and_names_differ():
    values = {Streams(seed).stream(name).random() for seed in range(20) for name in "abcde"}
    assert len(values) == 100


def test_uuids_are_unique_and_well_formed():
    streams = Streams(3)
    made = [streams.uuid(name) for name in "ab" for _ in range(500)]
    assert len(set(made)) == 1000
    form = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}")
    assert all(form.fullmatch(uuid) for uuid in made)


def test_numbers_count_each_name():
    streams = Streams(0)
    assert [streams.number("a"), streams.number("b"), streams.number("a")] == [1, 1, 2]
