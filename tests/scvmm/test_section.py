"""Scenario tables of VMM servers: what is wrong in them is told with its line."""

from __future__ import annotations

import pytest

from hvsim import scenario
from hvsim.errors import InputError

GOOD = """
[[scvmm]]
name = "vmm1"
clusters = [{ name = "c1", hosts = 2 }]
"""


def test_the_least_that_is_needed():
    vmm = scenario.build(scenario.parse(GOOD)).product("vmm1")
    assert [host.name for host in vmm.store.of("VMHost")] == [
        "c1-node1.lab.example",
        "c1-node2.lab.example",
    ]
    assert vmm.accounts["administrator"].password == "hvsim"


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ('guests = [{ name = "a", host = "x" }]', "no host called 'x' in vmm1"),
        ('guests = [{ name = "a", iso = "x" }]', "no ISO called 'x' in vmm1"),
        ('guests = [{ name = "a" }, { name = "a" }]', "expected each guest once"),
        ('profile = "scvmm-1999"', "Invalid enum value|profile"),
        ("behaviours = { two-views-of-a-state = false }", "cannot be switched"),
        ('hosts = [{ name = "c1-node1" }]', "expected each host once"),
    ],
)
def test_what_cannot_be(more, told):
    with pytest.raises(InputError, match=told):
        scenario.parse(GOOD + more)


def test_a_guest_that_no_cluster_can_protect():
    text = GOOD.replace(
        'clusters = [{ name = "c1", hosts = 2 }]',
        'hosts = [{ name = "h" }]\nguests = [{ name = "a", highly_available = true }]',
    )
    with pytest.raises(InputError, match="belongs to no cluster"):
        scenario.build(scenario.parse(text))


def test_groups_and_described_servers():
    text = """
    [[server]]
    name = "h"
    address = "127.0.9.1"
    memory = "128 GiB"
    [[scvmm]]
    name = "v"
    hosts = [{ name = "h", group = "East\\\\Racks" }]
    """
    vmm = scenario.build(scenario.parse(text)).product("v")
    host = vmm.store.of("VMHost")[0]
    group = vmm.store.get("VMHostGroup", host["VMHostGroupID"])
    assert group["Path"] == "All Hosts\\East\\Racks"
    assert host["TotalMemory"] == 128 * 2**30
