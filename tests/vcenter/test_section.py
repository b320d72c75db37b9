"""The ``[[vcenter]]`` tables of a scenario."""

from __future__ import annotations

import pytest

from hvsim import scenario
from hvsim.errors import InputError
from vclabs import lab

ONE = "[[vcenter.hosts]]\nname = 'h'\n"


def parse(text):
    return scenario.parse("[[vcenter]]\nname = 'vc1'\n" + text)


def test_counts_are_generated():
    world = scenario.build(parse("guests = 50\n[[vcenter.clusters]]\nname = 'c1'\nhosts = 4\n"))
    vcenter = world.product("vc1")
    assert len(vcenter.store.by_type["VirtualMachine"]) == 50
    assert sorted(world.hardware.servers) == ["c1-host1", "c1-host2", "c1-host3", "c1-host4", "vc1"]
    running = [
        vm
        for vm in vcenter.store.of_type("VirtualMachine")
        if vm["runtime.powerState"] == "poweredOn"
    ]
    assert 20 < len(running) < 50


def test_described_servers_are_used():
    text = """
[[vcenter.clusters]]
name = "c1"
hosts = [{name = "big"}]
[[server]]
name = "big"
address = "127.0.0.77"
memory = "128 GiB"
"""
    world = scenario.build(parse(text))
    vcenter = world.product("vc1")
    (host,) = vcenter.store.of_type("HostSystem")
    assert host["hardware.memorySize"] == 128 * 2**30


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "at least one cluster or host"),
        ("[[vcenter.clusters]]\nname = 'c1'\ndatacenter = 'x'\n", "no datacenter called 'x'"),
        (
            ONE + "[[vcenter.guests]]\nname = 'g'\nhost = 'i'\n",
            "no host called 'i'",
        ),
        (
            ONE + "[[vcenter.guests]]\nname = 'g'\n[[vcenter.guests]]\nname = 'g'\n",
            "each guest once",
        ),
        (
            ONE + "[[vcenter.datastores]]\nname = 'd'\nshared = false\n",
            "the host that it lies on",
        ),
        ("profile = 'vsphere-9'\n" + ONE, "profile"),
        (
            "behaviours = {names-escaped = false}\n" + ONE,
            "cannot be switched",
        ),
        (
            ONE + "[[vcenter.guests]]\nname = 'g'\ntemplate = true\npower_state = 'poweredOn'\n",
            "template",
        ),
    ],
)
def test_what_cannot_be_is_told_in_a_line(text, told):
    with pytest.raises(InputError, match=told) as refused:
        parse(text)
    assert "\n" not in str(refused.value)


def test_standby_objects_of_two_datacenters():
    vcenter = lab(
        datacenters=["A", "B"],
        hosts=[{"name": "esx9", "datacenter": "B"}],
        datastores=[{"name": "one"}, {"name": "two", "datacenter": "B"}],
        networks=[{"name": "net", "switch": "dvs"}, {"name": "net2", "datacenter": "B"}],
    )
    datacenters = {found["name"]: found for found in vcenter.store.of_type("Datacenter")}
    names = [vcenter.store.value(ref, "name") for ref in datacenters["B"]["datastore"]]
    assert names == ["two", "esx9-local"]
    groups = [vcenter.store.value(ref, "name") for ref in datacenters["A"]["network"]]
    assert groups == ["dvs-DVUplinks-1", "net"]


def test_ambient_activity_goes_on_by_itself():
    cluster = "guests = 40\n[[vcenter.clusters]]\nname = 'c1'\n"
    text = cluster + "[activity]\nstops = 20\nreboots = 20\nmigrations = 20\n"
    world = scenario.build(parse(text))
    world.advance(6 * 3600)
    vcenter = world.product("vc1")
    kinds = {event.type for event in vcenter.events}
    assert {"VmMigratedEvent", "VmPoweredOffEvent", "VmPoweredOnEvent"} <= kinds
    assert [event for event in world.log.since(0) if event.subject == "simulator"] == []
