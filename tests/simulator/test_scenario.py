from __future__ import annotations

import re
from pathlib import Path

import pytest

import hvsim_fixtures
from hvsim import commands, scenario
from hvsim.clock import Clock, ClockMode
from hvsim.errors import InputError
from hvsim.hardware import Power, Silence

GOOD = """name = "good"
seed = 7
[clock]
mode = "scaled"
scale = 20

[[segment]]
name = "xenbr0"
vlan = 12

[[storage]]
name = "san"
size = "1 TiB"
protocol = "iscsi"

[[server]]
name = "bare"
address = "127.0.0.99"
memory = "96 GiB"
power = "off"
[[server.disks]]
name = "disk1"
partitions = [{ name = "host", role = "host", size = "4 GiB", content = "gold" }]
[[server.nics]]
name = "eth0"
segment = "xenbr0"

[[server]]
name = "host1"
address = "127.0.0.50"
cpus = 32
memory = "128 GiB"

[[xenserver]]
name = "pool1"
profile = "xenserver-5.5"
hosts = [{ name = "host1" }, { name = "host2" }]
storages = [{ name = "san", type = "lvmoiscsi" }]
migration = "frozen"
behaviours = { "force-interrupts" = true, "ha-refuses-shutdown" = false }
more_guests = 5
[[xenserver.guests]]
name = "web"
power_state = "Running"
host = "host2"
storage = "san"

[[stage]]
name = "slow"
operation = "VM.start"
on = "pool1/web"
seconds = 90

[[fault]]
at = 60
kind = "server.crash"
server = "host2"
silence = "refused"
"""


def judge(text: str) -> str:
    with pytest.raises(InputError) as refused:
        scenario.build(scenario.parse(text, "lab.toml"))
    message = str(refused.value)
    assert "\n" not in message
    return message


def test_everything_arrives_in_the_world():
    world = scenario.build(scenario.parse(GOOD))
    assert (world.seed, world.clock.mode, world.clock.scale) == (7, ClockMode.SCALED, 20)
    bare = world.hardware.server("bare")
    assert (bare.power, bare.memory, bare.disks[0].partitions[0].content) == (
        Power.OFF,
        96 * 2**30,
        "gold",
    )
    assert bare.nics[0].mac.startswith("02:")
    assert world.hardware.storage("san").protocol == "iscsi"
    assert world.hardware.segment("xenbr0").vlan == 12
    pool = world.product("pool1")
    assert (pool.profile, pool.default_migration) == ("xenserver-5.5", "frozen")
    assert pool.has("force-interrupts")
    assert not pool.has("ha-refuses-shutdown")
    hosts = {row["name_label"]: row for row in pool.db.tables["host"].values()}
    assert hosts["host1"]["address"] == "127.0.0.50"
    assert hosts["host2"]["address"] == "127.0.0.12"
    guests = [row for row in pool.db.tables["VM"].values() if not row["is_a_template"]]
    assert len(guests) == 2 + 1 + 5
    rule = world.operations.rules["slow"]
    web = next(ref for ref, row in pool.db.tables["VM"].items() if row["name_label"] == "web")
    assert (rule.subject, rule.seconds) == (f"xenserver/pool1/VM/{web}", 90)


def test_faults_come_at_their_time():
    world = scenario.build(scenario.parse(GOOD), clock=Clock())
    world.advance(59)
    assert world.hardware.server("host2").power is Power.ON
    world.advance(1)
    assert world.hardware.server("host2").reachable() is Silence.REFUSED


def test_seed_and_clock_can_be_replaced():
    read = scenario.parse(GOOD)
    clock = Clock(ClockMode.PAUSED)
    world = scenario.build(read, 8, clock)
    assert (world.seed, world.clock) == (8, clock)
    same, other = scenario.build(read, 8, Clock()), scenario.build(read, 9, Clock())
    assert same.log.digest == world.log.digest != other.log.digest


def test_time_that_building_takes_does_not_count():
    seconds = [0.0]

    def source() -> float:
        seconds[0] += 100.0
        return seconds[0]

    world = scenario.build(scenario.parse(GOOD), clock=Clock(ClockMode.PAUSED, source=source))
    assert world.clock.now() == 0.0


def test_the_event_stream_is_complete_from_the_first_line():
    lines = []
    world = scenario.build(scenario.parse(GOOD), clock=Clock(), events=lines.append)
    world.advance(60)
    assert len(lines) == world.log.generation
    assert lines[0].startswith(b"[1,0.0,")


def test_data_gives_the_same_lab_as_the_file():
    read = scenario.parse(GOOD)
    twin = scenario.from_data(read.data)
    worlds = [scenario.build(which, clock=Clock()) for which in (read, twin)]
    assert worlds[0].log.digest == worlds[1].log.digest


@pytest.mark.parametrize(
    ("old", "new", "line", "sentence"),
    [
        ("seed = 7", "seed = ", 2, "expected valid TOML: invalid value"),
        ("[[segment]]", "[[segment", 7, "expected valid TOML"),
        ("seed = 7", 'seed = "7"', 2, "seed: expected a whole number, not a string"),
        ("seed = 7", "seed = -1", 2, "seed: expected a whole number of at least 0"),
        ("seed = 7", "seeed = 7", 2, "unknown key 'seeed': did you mean 'seed'?"),
        ("seed = 7", "seed = 1979-05-27", 2, "seed: expected no date"),
        ("scale = 20", "scale = inf", 5, "scale: expected no date, infinity"),
        ("scale = 20", "scale = 0", 5, "scale: expected a number above 0"),
        ('mode = "scaled"', 'mode = "fast"', 4, "mode: expected one of 'real', 'scaled'"),
        ("vlan = 12", "vlan = 5000", 9, "vlan: expected a whole number of at most 4094"),
        ("vlan = 12", "vlann = 12", 9, "unknown key 'vlann': did you mean 'vlan'?"),
        ('name = "san"\n', "", 11, "expected the key 'name' in this table"),
        ('segment = "xenbr0"', 'segment = "xenbr1"', 26, "did you mean 'xenbr0'?"),
        ('"127.0.0.99"', '"here"', 18, "expected an IPv4 address, not 'here'"),
        ('"127.0.0.99"', '"127.0.0.50"', 30, "expected each address once: '127.0.0.50'"),
        ('"127.0.0.99"', '"127.0.0.12"', 37, "expected each address once: '127.0.0.12'"),
        ('name = "bare"', 'name = "host1"', 29, "expected each server once"),
        ('size = "4 GiB"', 'size = "400 GiB"', 23, "expected partitions of at most"),
        ('"xenserver-5.5"', '"xenserver-6"', 36, "expected one of 'xenserver-5.5'"),
        ('{ name = "host2" }', '{ name = "host1" }', 37, "expected each host once"),
        ('{ name = "host1" }', '{ name = "host1", address = "127.0.0.3" }', 37, "no address"),
        ('{ name = "host1" }', '{ nam = "host1" }', 37, "unknown key 'nam': did you mean 'name'"),
        ('hosts = [{ name = "host1" }, { name = "host2" }]', "hosts = 0", 37, "at least 1"),
        ('hosts = [{ name = "host1" }, { name = "host2" }]', "hosts = []", 37, "at least one host"),
        ('"force-interrupts"', '"force-interrupt"', 40, "did you mean 'force-interrupts'"),
        ('"force-interrupts"', '"master-may-be-disabled"', 40, "follows the profile"),
        ('"force-interrupts"', '"roles"', 40, "works on what xenserver-5.5 does not have"),
        ("more_guests = 5", "more_guests = true", 41, "expected a whole number, not true or false"),
        ('host = "host2"', 'host = "host9"', 45, "no host called 'host9' in pool1: did you mean"),
        ('power_state = "Running"', "", 45, "expected none for a guest that is Halted"),
        ('power_state = "Running"', 'uuid = "ABC"', 45, "expected none for a guest"),
        ('storage = "san"', 'storage = "nas"', 46, "no storage of the pool called 'nas'"),
        ('on = "pool1/web"', 'on = "pool1/wob"', 48, "nothing in pool 'pool1' is called 'wob'"),
        ('on = "pool1/web"', 'on = "web"', 48, "on: expected '<pool>/<name>', not 'web'"),
        (
            'type = "lvmoiscsi"',
            'images = ["a.iso"]',
            38,
            "images: expected none in storage of type",
        ),
        ("seconds = 90", "second = 90", 52, "unknown key 'second': did you mean 'seconds'"),
        ("seconds = 90", "hold = 1", 52, "hold: expected true or false"),
        ("at = 60", "at = -1", 55, "at: expected seconds"),
        ("at = 60", "", 54, "expected the key 'at' in this table"),
        ('kind = "server.crash"', 'kind = "server.crush"', 56, "did you mean 'server.crash'?"),
        ('server = "host2"', 'server = "host3"', 57, "no server called 'host3': did you mean"),
        ('silence = "refused"', 'silence = "loud"', 58, "one of 'refused', 'dropped', not 'loud'"),
        ("[[fault]]", "[[falt]]", 54, "unknown key 'falt': did you mean 'fault'?"),
    ],
)
def test_one_line_says_where_and_what(old, new, line, sentence):
    assert GOOD.count(old) >= 1
    message = judge(GOOD.replace(old, new, 1))
    assert message.startswith(f"lab.toml:{line}: "), message
    assert sentence in message


def test_a_name_that_looks_like_a_size_stays_a_name():
    text = GOOD.replace('name = "good"', 'name = "64 GiB"')
    assert scenario.parse(text).name == "64 GiB"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "cannot be read: no such file"),
        (b"a = 1\nb = '\xff'\n", ":2: expected UTF-8 text"),
        (b"a = " + b"[" * 5000, "expected"),
        (b"#" * (scenario.MOST_BYTES + 1), "expected a file of at most 16 MiB"),
    ],
)
def test_files_that_cannot_be_read(tmp_path, content, sentence):
    path = tmp_path / "lab.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError) as refused:
        scenario.load(path)
    assert str(refused.value).startswith(str(path))
    assert sentence in str(refused.value)


def test_an_inventory_file_has_its_own_lines(tmp_path):
    (tmp_path / "lab.toml").write_text('[inventory]\nfile = "kinds.toml"\nservers = 2\n')
    kinds = tmp_path / "kinds.toml"
    kinds.write_text('running = 0.5\n[[kinds]]\nname = "a"\nmemory = ["3 GiB"]\n')
    read = scenario.load(tmp_path / "lab.toml")
    assert (read.head.inventory.running, read.head.inventory.servers) == (0.5, 2)
    assert read.head.inventory.kinds[0].memory == [3 * 2**30]
    kinds.write_text('running = 0.5\n[[kinds]]\nname = "a"\nmemori = []\n')
    with pytest.raises(InputError) as refused:
        scenario.load(tmp_path / "lab.toml")
    assert str(refused.value).startswith(f"{kinds}:4: unknown key 'memori'")


@pytest.mark.parametrize("name", hvsim_fixtures.scenarios())
def test_shipped_scenarios_build(name):
    read = scenario.load(hvsim_fixtures.scenario(name))
    assert read.name == name
    assert read.head.description
    world = scenario.build(read)
    assert world.products


def test_shipped_files_are_found_by_name():
    assert hvsim_fixtures.inventory("office").is_file()
    with pytest.raises(KeyError, match="'smal' is not one of"):
        hvsim_fixtures.scenario("smal")


DOCUMENTATION = Path(__file__).parents[2] / "docs" / "scenarios.md"


def test_the_documented_example_builds():
    text = DOCUMENTATION.read_text()
    example = text.split("```toml\n")[1].split("```")[0]
    world = scenario.build(scenario.parse(example))
    world.advance(60)
    assert world.hardware.server("pool1-host2").power is Power.OFF


def test_the_documented_faults_exist_and_all_faults_are_documented():
    table = DOCUMENTATION.read_text().split("| kind | fields |")[1].split("\n\n")[0]
    named = {kind for row in table.splitlines() for kind in re.findall(r"`([\w-]+\.[\w-]+)`", row)}
    areas = ("link", "storage", "segment", "service", "account", "hardware", "disk", "stage",
             "operation", "behaviour")  # fmt: skip
    known = set(commands.kinds())
    ours = {kind for kind in known if kind.partition(".")[0] in areas}
    assert ours | {"server.crash", "server.boot", "server.shutdown"} == named


def test_a_name_in_a_lab_without_any_is_told_so():
    lonely = '[[fault]]\nat = 1\nkind = "server.boot"\nserver = "host1"\n'
    with pytest.raises(InputError, match="no server called 'host1': there is none to name"):
        scenario.parse(lonely)
