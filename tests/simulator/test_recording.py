from __future__ import annotations

from pathlib import Path

import pytest

import hvsim_fixtures
from hvsim import journal, scenario
from hvsim.errors import InputError
from hvsim.faults import ServerBoot, ServerCrash
from hvsim.recording import Recording


def test_both_logs_are_in_their_files(tmp_path):
    small = scenario.load(hvsim_fixtures.scenario("small"))
    with (
        Recording(tmp_path / "events") as events,
        Recording(tmp_path / "journal", through=True) as commands,
    ):
        world = scenario.build(small, events=events.write, journal=commands.write)
        world.execute(ServerCrash(server="host2"))
        world.advance(30)
        world.execute(ServerBoot(server="host2"))
        written = (tmp_path / "journal").read_bytes()
        assert written.count(b"\n") == 2, "the journal is written through"
    lines = (tmp_path / "events").read_bytes().splitlines(keepends=True)
    assert len(lines) == world.log.generation
    kept = list(world.log.lines())
    assert lines[-len(kept) :] == kept
    twin = scenario.build(small)
    twin.replay(journal.parse(written.splitlines()), world.now)
    assert twin.log.digest == world.log.digest


def test_what_cannot_be_written_is_one_line(tmp_path):
    with pytest.raises(InputError, match="cannot be written: no such file"):
        Recording(tmp_path / "nowhere" / "events")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("through", [True, False])
def test_a_full_disk_disturbs_nobody_and_is_said_at_the_end(through):
    full = Recording("/dev/full", through=through)
    full.write(b"x")
    full.write(b"y")
    assert (full.failure is not None) == through
    with pytest.raises(InputError, match="/dev/full: cannot be written: no space left"):
        full.close()
