from __future__ import annotations

import pytest

from hvsim import journal, modules
from hvsim.errors import InputError
from hvsim.faults import ServerBoot, ServerCrash

modules.load()


def test_lines_come_back_as_they_went():
    kept, lines = journal.Journal(), []
    kept.sink = lines.append
    kept.append(0.1 + 0.2, ServerCrash(server="a"))
    kept.append(7.0, ServerBoot(server="a"))
    assert journal.parse(lines) == kept.entries
    assert lines == [entry.line() for entry in kept.entries]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (b"{", "expected a JSON object"),
        (b"[1]", "expected a JSON object"),
        (b'{"kind": "server.boot", "server": "a"}', 'expected a JSON object with "time"'),
        (b'{"time": "now", "kind": "server.boot", "server": "a"}', "expected a JSON object"),
        (b'{"time": -1, "kind": "server.boot", "server": "a"}', "expected a JSON object"),
        (b'{"time": true, "kind": "server.boot", "server": "a"}', "expected a JSON object"),
        (b'{"time": 1, "kind": "server.nap"}', "unknown command kind 'server.nap'"),
        (b'{"time": 1, "kind": "server.boot"}', "missing required field `server`"),
    ],
)
def test_a_bad_line_is_named(line, sentence):
    good = b'{"time": 0, "kind": "server.boot", "server": "a"}'
    with pytest.raises(InputError) as refused:
        journal.parse([good, b"", line], "lab.journal")
    assert str(refused.value).startswith("lab.journal:3: ")
    assert sentence in str(refused.value)
