"""Same scenario, seed and journal: the same event log, byte for byte."""

from __future__ import annotations

import random

import pytest

from hvsim import journal, scenario
from hvsim.errors import HvsimError
from hvsim.scvmm.console import FROM
from scvmmlabs import ADMIN, PROFILES, do, host, lab

_STEPS = 120
_POWER = (
    "StartVirtualMachine",
    "StopVirtualMachine",
    "SaveVirtualMachine",
    "SuspendVirtualMachine",
    "ResumeVirtualMachine",
    "DiscardSavedState",
    "ResetVirtualMachine",
    "RefreshVirtualMachine",
    "NewCheckpoint",
)


def disturb(vmm, stream):
    """Do one thing or another, as clients and a lab would."""
    machine = stream.choice(vmm.store.of("VM"))
    server = stream.choice(["hv1", "hv2", "hv3", "hv9"])
    target = host(vmm, server).id
    name, way = machine.name, stream.choice(list(FROM))
    outside = {"vmm": "vmm1", "host": server, "guest": machine["VMId"], "to": way}
    choices = [
        *(lambda action=action: vmm.call(ADMIN, action, {"VM": machine.id}) for action in _POWER),
        lambda: vmm.call(ADMIN, "MoveVirtualMachine", {"VM": machine.id, "VMHost": target}),
        lambda: vmm.call(ADMIN, "DisableVMHost", {"VMHost": target, "MoveWithinCluster": True}),
        lambda: vmm.call(ADMIN, "EnableVMHost", {"VMHost": target}),
        lambda: vmm.call(ADMIN, "RefreshVMHost", {"VMHost": target}),
        lambda: vmm.call(ADMIN, "NewVirtualMachine", {"Name": "more", "VMHost": target}),
        lambda: vmm.call(ADMIN, "RepairVirtualMachine", {"VM": machine.id, "Dismiss": True}),
        lambda: do(vmm, "server.crash", server=server),
        lambda: do(vmm, "server.boot", server=server),
        lambda: do(vmm, "link.cut", server=server),
        lambda: do(vmm, "link.mend", server=server),
        lambda: do(vmm, "service.stop", server=server, service="vmmagent"),
        lambda: do(vmm, "service.start", server=server, service="vmmagent"),
        lambda: do(vmm, "scvmm.guest.move-outside", vmm="vmm1", guest=name, host=server),
        lambda: do(vmm, "scvmm.guest.shutdown", vmm="vmm1", guest=name),
        lambda: do(vmm, "scvmm.host.operate", **outside),
    ]
    try:
        stream.choice(choices)()
    except HvsimError:
        return


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_journal_replays_to_the_same_log(profile, seed):
    vmm = lab(profile, seed=seed)
    world = vmm.world
    stream = random.Random(seed)
    for _ in range(_STEPS):
        disturb(vmm, stream)
        world.advance(stream.choice([0.0, 0.5, 3.0, 20.0, 150.0]))
        for known in vmm.store.of("VM"):
            assert known.id not in vmm.locks or vmm.locks[known.id] in vmm.jobs
    crashes = [e for e in world.log.since(0) if (e.kind, e.subject) == ("crash", "simulator")]
    assert crashes == []
    lines = [entry.line() for entry in world.journal.entries]
    twin = scenario.build(world.origin, world.seed)
    twin.replay(journal.parse(lines), world.now)
    assert twin.log.digest == world.log.digest


def test_generated_labs_are_the_same_for_the_same_seed():
    digests = {lab(guests=200, seed=7).world.log.digest for _ in range(2)}
    assert len(digests) == 1
    assert lab(guests=200, seed=8).world.log.digest not in digests


def test_one_more_guest_changes_no_other():
    few, more = lab(guests=20), lab(guests=21)
    names = [[(vm.name, vm["OperatingSystem"]) for vm in one.store.of("VM")] for one in (few, more)]
    assert names[0] == names[1][:20]


def test_everything_runs_when_nothing_disturbs_it():
    vmm = lab(guests=300)
    for vm in vmm.store.of("VM"):
        assert vm["Status"] in ("Running", "PowerOff")
    assert all(vmm.fabric.free_memory(one) >= 0 for one in vmm.fabric.hosts.values())
