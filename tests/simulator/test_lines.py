from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hvsim.lines import Lines

DOCUMENT = r'''# a comment with [brackets] = and "quotes
title = "one"  # [not.a.table]

[clock]
mode = 'real'
"quoted key".inner = 1

[[pool]]
name = "a"
text = """
[[pool]] inside a string = 1
\""" still inside"""
raw = \'\'\'
x = [1,
\'\'\'
hosts = [
  { name = "h1", size = 1 },   # ]
  # a comment, with ] and }
  { name = "h2", nested = { deep = [1, 2,
      3] } },
]

[pool.options]
on = true

[[pool]]
name = "b"
[[pool.guests]]
name = "g1"
[[pool.guests]]
name = "g2"
when = 1979-05-27T07:32:00Z
[last]
a.b.c = -1_000.5e3
'''.replace("\\'", "'")

PLACES = [
    (("title",), 2),
    (("clock",), 4),
    (("clock", "mode"), 5),
    (("clock", "quoted key", "inner"), 6),
    (("pool", 0), 8),
    (("pool", 0, "name"), 9),
    (("pool", 0, "text"), 10),
    (("pool", 0, "raw"), 13),
    (("pool", 0, "hosts"), 16),
    (("pool", 0, "hosts", 0, "size"), 17),
    (("pool", 0, "hosts", 1), 19),
    (("pool", 0, "hosts", 1, "nested", "deep", 2), 20),
    (("pool", 0, "options", "on"), 24),
    (("pool", 1, "name"), 27),
    (("pool", 1, "guests", 0, "name"), 29),
    (("pool", 1, "guests", 1), 30),
    (("pool", 1, "guests", 1, "when"), 32),
    (("last", "a", "b", "c"), 34),
]


@pytest.mark.parametrize(("path", "line"), PLACES)
def test_every_key_has_its_line(path, line):
    tomllib.loads(DOCUMENT)
    assert Lines(DOCUMENT).line(path) == line


def test_what_is_missing_gets_the_line_of_what_is_around_it():
    lines = Lines(DOCUMENT)
    assert lines.line(("pool", 1, "guests", 1, "memory")) == 30
    assert lines.line(("nowhere",)) is None


def test_windows_line_ends():
    assert Lines("a = 1\r\n[t]\r\nb = 2\r\n").line(("t", "b")) == 3


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


KEYS = st.text("abc-_", min_size=1, max_size=4)
SCALARS = st.one_of(
    st.integers(-9, 9).map(str),
    st.text("ab[]{}#=,\n\"'\\", max_size=6).map(quoted),
    st.text("ab[]{}#=,", max_size=6).map(lambda text: f"'{text}'"),
    st.just("true"),
)


VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: "[\n" + ",\n".join(items) + "\n]"),
        st.dictionaries(KEYS, inner, max_size=3).map(
            lambda items: "{" + ", ".join(f"{key} = {value}" for key, value in items.items()) + "}"
        ),
    ),
    max_leaves=6,
)


@given(st.dictionaries(KEYS, VALUES, max_size=5), st.dictionaries(KEYS, VALUES, max_size=5))
def test_finds_the_line_of_every_key_of_any_document(top, table):
    lines, expected = [], {}
    for path, items in (((), top), (("the table", 0), table)):
        if path:
            lines.append('[["the table"]]')
        for key, value in items.items():
            expected[(*path, key)] = len(lines) + 1
            lines.extend(f"{key} = {value}".split("\n"))
    text = "\n".join(lines)
    tomllib.loads(text)
    found = Lines(text)
    assert {path: found.line(path) for path in expected} == expected
