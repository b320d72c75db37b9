"""Networks, interfaces of hosts, VLANs and bonds."""

from __future__ import annotations

import pytest

import labs
from driving import do, refusal
from hvsim.hardware import Nic
from hvsim.xenserver.model import NULL_REF
from hvsim.xenserver.spec import NetworkSpec

both = pytest.mark.parametrize("profile", labs.PROFILES)


@pytest.fixture(name="pool")
def _pool(profile):
    networks = [NetworkSpec(name="lan", bridge="xenbr0"), NetworkSpec(name="san", bridge="xenbr1")]
    return labs.small_pool(profile, networks=networks)


def net(pool, name):
    return next(ref for ref, row in pool.db.tables["network"].items() if row["name_label"] == name)


def pif(pool, host, device):
    rows = pool.db.tables["PIF"].items()
    where = labs.host(pool, host)
    return next(ref for ref, row in rows if row["host"] == where and row["device"] == device)


def new_network(pool, **fields):
    return do(pool, "network.create", {"name_label": "new", "other_config": {}} | fields)


@both
def test_network_is_made_with_a_bridge_of_its_own(pool):
    first, second = new_network(pool), new_network(pool)
    rows = [pool.db.row("network", ref) for ref in (first, second)]
    assert [row["bridge"] for row in rows] == ["xapi0", "xapi1"]
    do(pool, "network.destroy", first)
    assert not pool.db.exists("network", first)


@both
@pytest.mark.parametrize(
    ("bridge", "error"),
    [
        ("xenbr0", ["INVALID_VALUE", "bridge", "xenbr0"]),
        ("a-name-far-too-long", ["INVALID_VALUE", "bridge", "a-name-far-too-long"]),
    ],
)
def test_bridges_that_the_product_keeps(pool, bridge, error):
    record = {"name_label": "n", "bridge": bridge}
    if pool.legacy:
        named = do(pool, "network.create", record)
        assert pool.db.row("network", named)["bridge"].startswith("xapi")
    else:
        assert refusal(pool, "network.create", record) == error


def test_bridge_that_is_taken():
    pool = labs.small_pool()
    new_network(pool, bridge="lab1")
    record = {"name_label": "n", "bridge": "lab1"}
    assert refusal(pool, "network.create", record) == ["BRIDGE_NAME_EXISTS", "lab1"]


@both
def test_network_in_use_stays(pool):
    attached = [
        ref
        for ref in pool.db.row("network", net(pool, "lan"))["VIFs"]
        if pool.db.row("VIF", ref)["currently_attached"]
    ]
    assert len(attached) == 2
    assert refusal(pool, "network.destroy", net(pool, "lan")) == ["NETWORK_CONTAINS_VIF", *attached]
    pifs = pool.db.row("network", net(pool, "san"))["PIFs"]
    assert refusal(pool, "network.destroy", net(pool, "san")) == ["NETWORK_CONTAINS_PIF", *pifs]


@both
def test_idle_interfaces_go_with_their_network(pool):
    network = new_network(pool)
    record = {"VM": labs.vm(pool, "spare"), "network": network, "device": "5", "MTU": 0}
    vif = do(pool, "VIF.create", record | {"MAC": "02:00:00:00:00:05"})
    do(pool, "network.destroy", network)
    assert not pool.db.exists("VIF", vif)


@both
def test_vlan_is_made_and_removed(pool):
    network, base = new_network(pool), pif(pool, "host1", "eth1")
    vlan = do(pool, "VLAN.create", base, 42, network)
    untagged = pool.db.row("VLAN", vlan)["untagged_PIF"]
    row = pool.db.row("PIF", untagged)
    assert (row["VLAN"], row["device"], row["physical"]) == (42, "eth1", False)
    assert (row["MAC"], row["VLAN_master_of"]) == ("fe:ff:ff:ff:ff:ff", vlan)
    assert pool.db.row("PIF", base)["VLAN_slave_of"] == [vlan]
    assert refusal(pool, "PIF.forget", base) == ["PIF_VLAN_STILL_EXISTS", base]
    assert refusal(pool, "VLAN.create", base, 43, network)[0] == "NETWORK_ALREADY_CONNECTED"
    assert refusal(pool, "VLAN.create", untagged, 43, new_network(pool)) == [
        "PIF_IS_VLAN",
        untagged,
    ]
    other = new_network(pool)
    assert refusal(pool, "VLAN.create", base, 42, other) == ["PIF_VLAN_EXISTS", "eth1"]
    do(pool, "VLAN.destroy", vlan)
    assert not pool.db.exists("PIF", untagged)
    assert pool.db.row("PIF", base)["VLAN_slave_of"] == []


@both
@pytest.mark.parametrize("tag", [-1, 4095])
def test_tags_that_do_not_exist(pool, tag):
    args = (pif(pool, "host1", "eth1"), tag, new_network(pool))
    assert refusal(pool, "VLAN.create", *args) == ["VLAN_TAG_INVALID", str(tag)]


@both
def test_vlan_by_the_older_message(pool):
    host = labs.host(pool, "host1")
    made = do(pool, "PIF.create_VLAN", "eth1", new_network(pool), host, 7)
    assert pool.db.row("PIF", made)["VLAN"] == 7
    assert refusal(pool, "PIF.destroy", pif(pool, "host1", "eth0")) == ["PIF_IS_PHYSICAL"]
    do(pool, "PIF.destroy", made)
    assert pool.db.tables["VLAN"] == {}


@both
def test_bond_takes_over_management_and_gives_it_back(pool):
    first, second = pif(pool, "host1", "eth0"), pif(pool, "host1", "eth1")
    address = pool.db.row("PIF", first)["IP"]
    bond = do(pool, "Bond.create", new_network(pool), [second, first], "")
    master = pool.db.row("PIF", pool.db.row("Bond", bond)["master"])
    assert (master["device"], master["IP"], master["management"]) == ("bond0", address, True)
    assert pool.db.row("Bond", bond)["slaves"] == [second, first]
    assert pool.db.row("PIF", first)["management"] is False
    if not pool.legacy:
        assert refusal(pool, "PIF.plug", first) == ["CANNOT_PLUG_BOND_SLAVE", first]
    again = (new_network(pool), [first], "")
    assert refusal(pool, "Bond.create", *again) == ["PIF_ALREADY_BONDED", first]
    do(pool, "Bond.destroy", bond)
    assert pool.db.tables["Bond"] == {}
    addresses = {row["IP"] for row in pool.db.tables["PIF"].values() if row["management"]}
    assert address in addresses


@both
@pytest.mark.parametrize(
    ("members", "mac", "error"),
    [
        ([], "", ["PIF_BOND_NEEDS_MORE_MEMBERS"]),
        ([("host1", "eth1"), ("host2", "eth1")], "", ["PIF_CANNOT_BOND_CROSS_HOST"]),
        ([("host1", "eth1")], "junk", ["MAC_INVALID", "junk"]),
    ],
)
def test_bonds_that_cannot_be(pool, members, mac, error):
    refs = [pif(pool, *member) for member in members]
    assert refusal(pool, "Bond.create", new_network(pool), refs, mac) == error


@both
def test_interface_in_use_stays_up(pool):
    eth0, eth1 = pif(pool, "host1", "eth0"), pif(pool, "host1", "eth1")
    assert refusal(pool, "PIF.unplug", eth0)[0] == "VIF_IN_USE"
    member = pif(pool, "host3", "eth0")
    assert refusal(pool, "PIF.unplug", member) == ["PIF_IS_MANAGEMENT_INTERFACE", member]
    do(pool, "PIF.set_disallow_unplug", eth1, True)
    assert refusal(pool, "PIF.unplug", eth1) == ["PIF_DOES_NOT_ALLOW_UNPLUG", eth1]
    do(pool, "PIF.set_disallow_unplug", eth1, False)
    do(pool, "PIF.unplug", eth1)
    assert pool.db.row("PIF", eth1)["currently_attached"] is False
    do(pool, "PIF.plug", eth1)
    assert pool.db.row("PIF", eth1)["currently_attached"] is True


@both
def test_addresses_of_interfaces(pool):
    eth0, eth1 = pif(pool, "host1", "eth0"), pif(pool, "host1", "eth1")
    do(pool, "PIF.reconfigure_ip", eth1, "Static", "192.0.2.5", "255.255.255.0", "", "192.0.2.1")
    assert pool.db.row("PIF", eth1)["IP"] == "192.0.2.5"
    assert refusal(pool, "PIF.reconfigure_ip", eth1, "Static", "x", "255.255.255.0", "", "") == [
        "INVALID_IP_ADDRESS_SPECIFIED", "IP",
    ]  # fmt: skip
    assert refusal(pool, "PIF.reconfigure_ip", eth0, "None", "", "", "", "") == [
        "PIF_IS_MANAGEMENT_INTERFACE", eth0,
    ]  # fmt: skip


@both
def test_new_card_is_found_by_a_scan(pool):
    server = pool.world.hardware.server("host1")
    server.nics.append(Nic("eth2", "02:02:02:02:02:02", "xenbr2"))
    host = labs.host(pool, "host1")
    do(pool, "PIF.scan", host)
    found = pool.db.row("PIF", pif(pool, "host1", "eth2"))
    assert (found["MAC"], found["currently_attached"]) == ("02:02:02:02:02:02", False)
    assert refusal(pool, "PIF.introduce", host, "", "eth9", True) == ["MAC_INVALID", ""]
    other = "02:02:02:02:02:99"
    if pool.legacy:
        again = do(pool, "PIF.introduce", host, "02:02:02:02:02:02", "eth2")
        assert again == pif(pool, "host1", "eth2")
        absent = refusal(pool, "PIF.introduce", host, other, "eth9")
        assert absent == ["MAC_DOES_NOT_EXIST", other]
    else:
        assert refusal(pool, "PIF.introduce", host, "", "eth2", True) == [
            "DUPLICATE_PIF_DEVICE_NAME", "eth2",
        ]  # fmt: skip
        absent = refusal(pool, "PIF.introduce", host, other, "eth9", True)
        assert absent[0].startswith("COULD_NOT_FIND")
    do(pool, "PIF.forget", pif(pool, "host1", "eth2"))
    eth0 = pif(pool, "host1", "eth0")
    assert refusal(pool, "PIF.forget", eth0) == ["PIF_IS_MANAGEMENT_INTERFACE", eth0]


def test_purposes_exclude_each_other():
    pool = labs.small_pool()
    (network,) = pool.db.tables["network"]
    do(pool, "network.add_purpose", network, "nbd")
    do(pool, "network.add_purpose", network, "nbd")
    assert pool.db.row("network", network)["purpose"] == ["nbd"]
    assert refusal(pool, "network.add_purpose", network, "insecure_nbd")[0] == (
        "NETWORK_INCOMPATIBLE_PURPOSES"
    )
    do(pool, "network.remove_purpose", network, "nbd")
    assert pool.db.row("network", network)["purpose"] == []
    assert refusal(pool, "network.set_default_locking_mode", network, "disabled")[0] == "VIF_IN_USE"
    assert NULL_REF not in pool.db.tables["network"]
