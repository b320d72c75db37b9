from __future__ import annotations

import pytest

from hvsim import commands, modules
from hvsim.errors import CommandError
from hvsim.faults import DiskWrite, ServerBoot, ServerCrash, StorageLose
from hvsim.hardware import Disk, Partition, Power, Segment, Server, SharedStorage, Silence
from hvsim.world import World

modules.load()


@pytest.fixture
def world() -> World:
    world = World()
    for name in ("a", "b"):
        disks = [Disk("disk1", 100, [Partition("host", "host", 50, "image")])]
        world.hardware.servers[name] = Server(name, f"127.0.0.{ord(name)}", disks=disks)
    world.hardware.storages["san"] = SharedStorage("san", 1000)
    world.hardware.segments["lan"] = Segment("lan")
    return world


def give(world, kind, **fields):
    return world.execute(commands.decode({"kind": kind, **fields}))


def test_crash_and_boot(world):
    server = world.hardware.server("a")
    give(world, "server.crash", server="a", silence="refused")
    assert server.reachable() is Silence.REFUSED
    give(world, "server.boot", server="a")
    assert (server.power, server.reachable()) == (Power.ON, None)
    give(world, "server.shutdown", server="a")
    assert server.power is Power.OFF


def test_the_dead_are_silent_by_default(world):
    world.execute(ServerCrash(server="a"))
    assert world.hardware.server("a").reachable() is Silence.DROPPED


@pytest.mark.parametrize(
    ("kind", "fields", "sentence"),
    [
        ("server.boot", {"server": "a"}, "server 'a' is already on"),
        ("server.crash", {"server": "c"}, "no server called 'c'; there are: a, b"),
        ("storage.lose", {"storage": "nas"}, "no storage called 'nas'; there are: san"),
        ("segment.down", {"segment": "wan"}, "no segment called 'wan'; there are: lan"),
        (
            "disk.write",
            {"server": "a", "disk": "disk2", "partition": "host", "data": ""},
            "no disk called 'disk2'; there are: disk1",
        ),
        ("service.stop", {"server": "a"}, "no service on server 'a'; there are: none"),
        ("account.revoke", {"pool": "p", "user": "root"}, "no pool or manager called 'p'"),
        ("stage.release", {"name": "x"}, "no stage rule called 'x'; there are: none"),
        ("behaviour.switch", {"product": "p", "behaviour": "b", "on": True}, "no pool or manager"),
    ],
)
def test_refusals_say_what_there_is(world, kind, fields, sentence):
    before = world.log.digest
    with pytest.raises(CommandError) as refused:
        give(world, kind, **fields)
    assert sentence in str(refused.value)
    assert world.log.digest == before, "what is refused changes nothing"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ([], "a command is an object"),
        ({"kind": 3}, "unknown command kind 3"),
        ({"kind": "server.explode"}, "unknown command kind 'server.explode'; known:"),
        ({"kind": "server.boot"}, "missing required field `server`"),
        ({"kind": "server.boot", "server": "a", "x": 1}, "unknown field `x`"),
        ({"kind": "server.crash", "server": "a", "silence": "loud"}, "Invalid enum value"),
        ({"kind": "link.slow", "server": "a", "seconds": -1}, ">= 0"),
    ],
)
def test_what_is_no_command(data, sentence):
    with pytest.raises(CommandError) as refused:
        commands.decode(data)
    assert sentence in str(refused.value)


def test_every_command_survives_its_own_encoding():
    for item in (ServerBoot(server="a"), ServerCrash(server="b", silence=Silence.REFUSED)):
        assert commands.decode(commands.encode(item)) == item


def test_links(world):
    server = world.hardware.server("a")
    give(world, "link.slow", server="a", seconds=2.5)
    give(world, "link.cut", server="a")
    assert (server.reachable(), server.latency) == (Silence.DROPPED, 2.5)
    assert server.power is Power.ON
    give(world, "link.mend", server="a")
    assert (server.reachable(), server.latency) == (None, 0.0)


def test_a_slow_link_stays_cut(world):
    give(world, "link.cut", server="a", silence="refused")
    give(world, "link.slow", server="a", seconds=1)
    assert world.hardware.server("a").reachable() is Silence.REFUSED


def test_storage_paths_of_one_and_of_all(world):
    san = world.hardware.storage("san")
    give(world, "storage.lose", storage="san", server="a")
    assert (san.reached_by("a"), san.reached_by("b")) == (False, True)
    world.execute(StorageLose(storage="san"))
    assert not san.reached_by("b")
    give(world, "storage.return", storage="san")
    assert san.reached_by("a")
    assert san.reached_by("b")


def test_segments_and_signals(world):
    give(world, "segment.down", segment="lan")
    assert not world.hardware.segment("lan").up
    give(world, "segment.up", segment="lan")
    assert world.hardware.segment("lan").up
    give(world, "hardware.fail", server="a")
    assert not world.hardware.server("a").hardware_ok
    give(world, "hardware.fail", server="a", ok=True)
    assert world.hardware.server("a").hardware_ok


def test_a_fingerprint_follows_from_all_writes(world):
    def write(server, data):
        item = DiskWrite(server=server, disk="disk1", partition="host", data=data)
        return world.execute(item)

    assert write("a", "x") == write("b", "x")
    assert write("a", "y") != write("b", "z")


def test_observers_and_the_log_hear_the_same(world):
    told = []
    world.hardware.observe(lambda change: told.append((change.kind, change.server)))
    give(world, "server.crash", server="a")
    give(world, "server.boot", server="a")
    assert told == [("crash", "a"), ("boot", "a")]
    logged = [(event.kind, event.subject, event.cause) for event in world.log.since(0)]
    assert logged == [
        ("crash", "server/a", "server.crash"),
        ("boot", "server/a", "server.boot"),
    ]
