"""Same scenario, seed and journal: the same event log, byte for byte."""

from __future__ import annotations

import random

import pytest

from hvsim import commands, journal, scenario
from hvsim.vcenter import placement
from hvsim.vcenter.faults import VimFault
from hvsim.vcenter.values import data
from vclabs import ADMIN, PROFILES, host, lab, vm

_STEPS = 120


def twin_of(vcenter):
    world = vcenter.world
    return scenario.build(world.origin, world.seed)


def disturb(vcenter, stream):
    """Do one thing or another, as clients and a lab would."""
    world = vcenter.world
    machine = vm(vcenter, stream.choice(["web", "db", "bare", "spare"]))
    server = stream.choice(["esx1", "esx2", "esx3"])
    choices = [
        lambda: vcenter.call(ADMIN, machine, "PowerOnVM_Task", {}),
        lambda: vcenter.call(ADMIN, machine, "PowerOffVM_Task", {}),
        lambda: vcenter.call(ADMIN, machine, "ShutdownGuest", {}),
        lambda: vcenter.call(
            ADMIN,
            machine,
            "RelocateVM_Task",
            {"spec": data("VirtualMachineRelocateSpec", host=host(vcenter, server))},
        ),
        lambda: vcenter.call(
            ADMIN, host(vcenter, server), "EnterMaintenanceMode_Task", {"timeout": 30}
        ),
        lambda: vcenter.call(
            ADMIN, host(vcenter, server), "ExitMaintenanceMode_Task", {"timeout": 0}
        ),
        lambda: vcenter.call(ADMIN, host(vcenter, server), "DisconnectHost_Task", {}),
        lambda: vcenter.call(ADMIN, host(vcenter, server), "ReconnectHost_Task", {}),
        lambda: world.execute(commands.decode({"kind": "server.crash", "server": server})),
        lambda: world.execute(commands.decode({"kind": "server.boot", "server": server})),
        lambda: vcenter.call(
            ADMIN, machine, "CreateSnapshot_Task", {"name": "s", "memory": True, "quiesce": False}
        ),
    ]
    try:
        stream.choice(choices)()
    except (VimFault, commands.CommandError):
        return


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_journal_replays_to_the_same_log(profile, seed):
    vcenter = lab(profile, seed=seed, cluster={"ha": True, "drs": "fullyAutomated"})
    stream = random.Random(seed)
    for _ in range(_STEPS):
        disturb(vcenter, stream)
        vcenter.world.advance(stream.choice([0.0, 0.5, 3.0, 20.0, 90.0]))
    crashes = [
        event
        for event in vcenter.world.log.since(0)
        if event.kind == "crash" and event.subject == "simulator"
    ]
    assert crashes == []
    lines = [entry.line() for entry in vcenter.world.journal.entries]
    twin = twin_of(vcenter)
    twin.replay(journal.parse(lines), vcenter.world.now)
    assert twin.log.digest == vcenter.world.log.digest


def test_generated_labs_are_the_same_for_the_same_seed():
    digests = {lab(guests=200, seed=7).world.log.digest for _ in range(2)}
    assert len(digests) == 1
    assert lab(guests=200, seed=8).world.log.digest not in digests


def test_one_more_guest_changes_no_other():
    few, more = lab(guests=20), lab(guests=21)
    names = [
        [
            (known["name"], known["config.guestFullName"])
            for known in vcenter.store.of_type("VirtualMachine")
        ]
        for vcenter in (few, more)
    ]
    assert names[0] == names[1][:20]


@pytest.mark.parametrize("seed", [4, 5])
def test_the_memory_taken_of_hosts_is_that_of_the_machines_that_run_there(seed):
    vcenter = lab(seed=seed, cluster={"ha": True, "drs": "fullyAutomated"})
    store, stream = vcenter.store, random.Random(seed)
    for _ in range(_STEPS):
        disturb(vcenter, stream)
        vcenter.world.advance(stream.choice([0.5, 3, 20, 90]))
        for server in store.of_type("HostSystem"):
            running = placement.guests_on(vcenter, server.ref, "poweredOn")
            given = sum(store.value(ref, "config.hardware.memoryMB") for ref in running)
            assert store.occupancy.used(server.moid) == given
