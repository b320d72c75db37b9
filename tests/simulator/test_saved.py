from __future__ import annotations

import orjson
import pytest

import hvsim_fixtures
from hvsim import saved, scenario
from hvsim.clock import Clock, ClockMode
from hvsim.errors import CommandError, InputError
from hvsim.faults import LinkSlow, ServerBoot, ServerCrash
from hvsim.world import World
from hvsim.xenserver.messages import Caller


@pytest.fixture(scope="module")
def small():
    return scenario.load(hvsim_fixtures.scenario("small"))


@pytest.fixture
def world(small) -> World:
    world = scenario.build(small, seed=11)
    pool = world.product("pool1")
    vm = next(ref for ref, row in pool.db.tables["VM"].items() if row["name_label"] == "homeless")
    pool.call(Caller(), "VM.start", [vm, False, False])
    world.advance(7.25)
    with pytest.raises(CommandError):
        world.execute(ServerBoot(server="host1"))
    world.execute(ServerCrash(server="host2"))
    world.advance(1000)
    world.execute(LinkSlow(server="host3", seconds=0.5))
    world.advance(3)
    return world


def test_a_lab_comes_back_as_it_was(world, tmp_path):
    path = tmp_path / "day.hvlab"
    saved.write(world, path)
    back = saved.restore(saved.read(path))
    assert (back.log.digest, back.log.generation) == (world.log.digest, world.log.generation)
    assert (back.now, back.clock.now(), back.seed) == (world.now, world.now, 11)
    for table, rows in world.product("pool1").db.tables.items():
        assert back.product("pool1").db.tables[table] == rows
    assert list(tmp_path.iterdir()) == [path]


def test_a_restored_lab_can_go_on_and_be_saved_again(world):
    back = saved.restore(saved.parse(saved.save(world)))
    for lab in (world, back):
        lab.execute(ServerBoot(server="host2"))
        lab.advance(500)
    assert back.log.digest == world.log.digest
    assert saved.save(back) == saved.save(world)


def test_the_clock_moves_on_from_there(world):
    seconds = [50.0]
    clock = Clock(ClockMode.REAL, source=lambda: seconds[0])
    seconds[0] += 900
    back = saved.restore(saved.parse(saved.save(world)), clock)
    seconds[0] += 2
    assert back.clock.now() == world.now + 2


@pytest.mark.parametrize("moment", [0, 7.25, 500, 1007.25, 1010.25])
def test_rewinding_gives_the_lab_of_that_moment(world, small, moment):
    past = saved.rewind(world, moment)
    twin = scenario.build(small, seed=11)
    twin.replay([e for e in world.journal.entries if e.time <= moment], moment)
    assert (past.now, past.log.digest) == (moment, twin.log.digest)
    assert past.log.generation <= world.log.generation
    events = [e.line() for e in past.log.since(0)]
    assert events == [e.line() for e in world.log.since(0)][: len(events)]


@pytest.mark.parametrize("moment", [-1, 1e9, float("nan")])
def test_only_what_has_been_can_be_rewound_to(world, moment):
    with pytest.raises(InputError, match=r"expected a time between 0 and 1010\.25 seconds"):
        saved.rewind(world, moment)


def test_restoring_up_to_a_moment(world):
    back = saved.restore(saved.parse(saved.save(world)), until=8.0)
    assert back.now == 8.0
    assert len(back.journal.entries) == 3


def test_a_world_without_a_scenario_says_so():
    for act in (saved.save, lambda world: saved.rewind(world, 0)):
        with pytest.raises(InputError, match="expected a lab built from a scenario"):
            act(World())


def changed(world, **fields) -> bytes:
    first, *rest = saved.save(world).split(b"\n")
    return b"\n".join([orjson.dumps(orjson.loads(first) | fields), *rest])


def test_a_different_outcome_is_said_clearly(world):
    with pytest.raises(saved.Mismatch) as told:
        saved.restore(saved.parse(changed(world, digest="0" * 32), "my.hvlab"))
    assert str(told.value).startswith("my.hvlab: the replay gave ")
    assert "saved by" not in str(told.value)
    other = saved.parse(changed(world, digest="0" * 32, version="0.0.1"))
    with pytest.raises(saved.Mismatch, match=r"saved by hvsim 0\.0\.1 with Faker"):
        saved.restore(other)
    assert saved.restore(other, check=False).log.digest == world.log.digest


@pytest.mark.parametrize(
    ("spoil", "line", "sentence"),
    [
        (lambda _: [], 1, "lines of JSON"),
        (lambda lines: [b"\xff\xfe", *lines[1:]], 1, "lines of JSON"),
        (lambda lines: [b"[]", *lines[1:]], 1, "with 'hvsim_lab' in its first line"),
        (lambda lines: [b'{"hvsim_lab": 2}', *lines[1:]], 1, "of format 1, not 2"),
        (lambda lines: [b'{"hvsim_lab": 1}', *lines[1:]], 1, "missing required field"),
        (lambda lines: lines[:-2], 4, "expected 4 commands, not 3: the file is cut short"),
        (lambda lines: [*lines[:2], b"{", *lines[3:]], 3, "expected a JSON object"),
        (lambda lines: [lines[0], lines[4], *lines[2:4], lines[1]], 3, "the order of time"),
        (
            lambda lines: [lines[0].replace(b'"xenserver":', b'"xenservers":'), *lines[1:]],
            1,
            "scenario: unknown key 'xenservers': did you mean 'xenserver'?",
        ),
    ],
)
def test_bad_files_get_one_line(world, tmp_path, spoil, line, sentence):
    path = tmp_path / "bad.hvlab"
    path.write_bytes(b"\n".join(spoil(saved.save(world).split(b"\n"))))
    with pytest.raises(InputError) as refused:
        saved.read(path)
    message = str(refused.value)
    assert message.startswith(f"{path}:{line}: "), message
    assert sentence in message
    assert "\n" not in message


def test_files_that_cannot_be_reached(world, tmp_path):
    with pytest.raises(InputError, match="cannot be read: no such file"):
        saved.read(tmp_path / "none.hvlab")
    with pytest.raises(InputError, match="cannot be written: no such file"):
        saved.write(world, tmp_path / "nowhere" / "x.hvlab")


def test_an_interrupted_write_leaves_the_old_file(world, tmp_path):
    path = tmp_path / "lab.hvlab"
    path.write_bytes(b"old")
    (tmp_path / "lab.hvlab.part").mkdir()
    with pytest.raises(InputError, match="cannot be written"):
        saved.write(world, path)
    assert path.read_bytes() == b"old"
