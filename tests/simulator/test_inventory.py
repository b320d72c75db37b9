from __future__ import annotations

import ipaddress

import faker
import faker.proxy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hvsim import scenario
from hvsim.errors import InputError
from hvsim.inventory import Inventory, InventorySpec, Kind, guest_address, host_address
from hvsim.streams import Streams


def inventory(seed: int = 1, **fields) -> Inventory:
    return Inventory(Streams(seed), InventorySpec(**fields))


def drafts(made: Inventory, count: int, place: str = "pool1"):
    return [made.guest(place, 0, number) for number in range(count)]


def test_the_same_seed_gives_the_same_guests():
    assert drafts(inventory(), 50) == drafts(inventory(), 50)
    assert drafts(inventory(1), 50) != drafts(inventory(2), 50)


def test_one_more_guest_changes_no_other():
    assert drafts(inventory(), 51)[:50] == drafts(inventory(), 50)
    made = inventory()
    drafts(made, 20, "another pool")
    assert drafts(made, 50) == drafts(inventory(), 50)


def test_names_and_addresses_are_unique_and_proper():
    made = drafts(inventory(), 3000)
    assert len({draft.name for draft in made}) == 3000
    assert len({draft.address for draft in made}) == 3000
    for draft in made:
        kind, word, number = draft.name.split("-")
        assert word.isalpha()
        assert word == word.lower()
        assert number.isdigit()
        assert draft.hostname.startswith(f"{draft.name}.")
        assert draft.hostname.endswith(".example")
        assert kind in {"web", "app", "db", "file", "desk"}
    assert len({draft.name.split("-")[1] for draft in made}) > 100


def test_shares_and_kinds_are_kept():
    kinds = [Kind(name="a", weight=3, memory=[7]), Kind(name="b", weight=1, vcpus=[9])]
    made = drafts(inventory(running=0.25, homes=0.0, tools=1.0, kinds=kinds), 2000)
    assert 400 < sum(draft.running for draft in made) < 600
    assert not any(draft.home for draft in made)
    assert all(draft.tools for draft in made)
    of_a = [draft for draft in made if draft.name.startswith("a-")]
    assert 1400 < len(of_a) < 1600
    assert {draft.memory for draft in of_a} == {7}
    assert {draft.vcpus for draft in made if draft not in of_a} == {9}


@given(st.integers(0, 63), st.integers(0, 260_000))
def test_guest_addresses_lie_in_the_blocks_own_part(block, number):
    address = ipaddress.IPv4Address(guest_address(block, number))
    assert address in ipaddress.ip_network(f"10.{block * 4}.0.0/14")
    assert int(address) & 255 not in (0, 255)


def test_guest_addresses_never_repeat_within_a_block():
    made = {guest_address(3, number) for number in range(100_000)}
    assert len(made) == 100_000


def test_too_many_is_said():
    with pytest.raises(InputError, match="at most 64 pools"):
        guest_address(64, 0)
    with pytest.raises(InputError, match="at most 256 pools"):
        host_address(256, 0)


def test_hosts_have_loopback_addresses_of_their_own():
    made = {host_address(block, number) for block in range(3) for number in range(500)}
    assert len(made) == 1500
    assert all(ipaddress.IPv4Address(address).is_loopback for address in made)
    assert host_address(0, 0) == "127.0.0.11"


COUNTED = """
[[xenserver]]
name = "p"
hosts = 4
guests = {guests}
[inventory]
servers = 3
running = 1.0
"""


def test_generated_guests_fit_on_their_hosts():
    world = scenario.build(scenario.parse(COUNTED.format(guests=300)))
    pool = world.product("p")
    rows = [row for row in pool.db.tables["VM"].values() if not row["is_a_template"]]
    assert all(row["power_state"] == "Running" for row in rows)
    for host in pool.db.tables["host"].values():
        assert pool.db.row("host_metrics", host["metrics"])["memory_free"] >= 0
    used = [len(host["resident_VMs"]) for host in pool.db.tables["host"].values()]
    assert max(used) - min(used) < 30


def test_what_does_not_fit_stays_off():
    text = COUNTED.format(guests=40).replace(
        "hosts = 4", 'hosts = [{ name = "h", memory = "16 GiB" }]'
    )
    pool = scenario.build(scenario.parse(text)).product("p")
    rows = [row for row in pool.db.tables["VM"].values() if not row["is_a_template"]]
    states = [row["power_state"] for row in rows]
    assert 0 < states.count("Running") < 40
    host = next(iter(pool.db.tables["host"].values()))
    assert pool.db.row("host_metrics", host["metrics"])["memory_free"] >= 0


def test_spare_servers_are_there_and_off():
    world = scenario.build(scenario.parse(COUNTED.format(guests=0)))
    spares = [server for name, server in world.hardware.servers.items() if "spare" in name]
    assert [spare.name for spare in spares] == ["spare1", "spare2", "spare3"]
    assert all(spare.power == "off" and spare.san_boot for spare in spares)


def test_names_are_made_once_for_a_lab(monkeypatch):
    made = []

    def counting(*args):
        made.append(args)
        return faker.proxy.Faker(*args)

    monkeypatch.setattr(faker, "Faker", counting)
    drafts(inventory(), 2000)
    assert made == [("en_US",)]
