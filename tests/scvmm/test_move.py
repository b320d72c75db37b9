"""Moves between hosts, by what the hosts' Windows can."""

from __future__ import annotations

import pytest

from hvsim.scvmm.errors import VmmError
from scvmmlabs import do, done, failed, guest, host, lab, start, view, vm


def states_during(vmm, name, job):
    """Return what VMM shows one after the other until a job ends."""
    seen = [view(vmm, name)]
    while job["Status"] == "Running":
        vmm.world.advance(0.25)
        if view(vmm, name) != seen[-1]:
            seen.append(view(vmm, name))
    assert job["Status"] == "Completed", job["ErrorInfo"]
    return seen


@pytest.mark.parametrize("windows", ["2008r2", "2012r2", "2019"])
def test_a_guest_of_a_cluster_moves_live(windows):
    vmm = lab(cluster={"windows": windows})
    boots = guest(vmm, "web").boots
    done(vmm, "MoveVirtualMachine", VM=vm(vmm, "web"), VMHost=host(vmm, "hv2"))
    assert view(vmm, "web") == ("Running", "Running", "hv2")
    assert guest(vmm, "web").boots == boots
    assert guest(vmm, "web").host == "hv2"


def test_live_shows_running_all_the_time():
    vmm = lab()
    job = start(vmm, "MoveVirtualMachine", VM=vm(vmm, "web"), VMHost=host(vmm, "hv2"))
    vmm.world.advance(0)
    seen = states_during(vmm, "web", job)
    assert seen == [("UnderMigration", "Running", "hv1"), ("Running", "Running", "hv2")]


def test_windows_2008_moves_through_a_saved_state():
    vmm = lab("scvmm-2008r2", cluster={"windows": "2008"})
    boots = guest(vmm, "web").boots
    job = start(vmm, "MoveVirtualMachine", VM=vm(vmm, "web"), VMHost=host(vmm, "hv2"))
    vmm.world.advance(0)
    assert states_during(vmm, "web", job) == [
        ("Saving", "Running", "hv1"),
        ("UnderMigration", "Saved", "hv1"),
        ("Restoring", "Saved", "hv2"),
        ("Running", "Running", "hv2"),
    ]
    assert guest(vmm, "web").boots == boots


@pytest.mark.parametrize(
    ("profile", "saved"), [("scvmm-2008r2", True), ("scvmm-2012r2", False), ("scvmm-2019", False)]
)
def test_out_of_the_cluster(profile, saved):
    vmm = lab(profile)
    job = start(vmm, "MoveVirtualMachine", VM=vm(vmm, "lone"), VMHost=host(vmm, "hv1"))
    vmm.world.advance(0)
    seen = states_during(vmm, "lone", job)
    assert ("Saved" in {state for _, state, _ in seen}) is saved
    assert seen[-1] == ("Running", "Running", "hv1")
    assert vm(vmm, "lone")["IsHighlyAvailable"] is False


def test_it_has_to_be_stopped_where_saving_is_off():
    vmm = lab("scvmm-2008r2", behaviours={"quick-storage-migration": False})
    with pytest.raises(VmmError) as refused:
        start(vmm, "MoveVirtualMachine", VM=vm(vmm, "lone"), VMHost=host(vmm, "hv1"))
    assert refused.value.number == 23008
    done(vmm, "StopVirtualMachine", VM=vm(vmm, "lone"))
    done(vmm, "MoveVirtualMachine", VM=vm(vmm, "lone"), VMHost=host(vmm, "hv1"))
    assert view(vmm, "lone") == ("PowerOff", "PowerOff", "hv1")


def test_a_stopped_guest_moves_cold_and_stays_off():
    vmm = lab()
    done(vmm, "MoveVirtualMachine", VM=vm(vmm, "new"), VMHost=host(vmm, "hv1"))
    assert view(vmm, "new") == ("PowerOff", "PowerOff", "hv1")
    assert guest(vmm, "new").host == "hv1"


def test_where_it_cannot_go():
    vmm = lab()
    with pytest.raises(VmmError) as refused:
        start(vmm, "MoveVirtualMachine", VM=vm(vmm, "web"), VMHost=host(vmm, "hv1"))
    assert refused.value.number == 10209
    done(vmm, "SetVMHost", VMHost=host(vmm, "hv2"), Fields={"AvailableForPlacement": False})
    with pytest.raises(VmmError) as refused:
        start(vmm, "MoveVirtualMachine", VM=vm(vmm, "web"), VMHost=host(vmm, "hv2"))
    assert refused.value.number == 13226
    do(vmm, "server.crash", server="hv3")
    assert failed(vmm, "MoveVirtualMachine", VM=vm(vmm, "web"), VMHost=host(vmm, "hv3")) == 2916
    assert view(vmm, "web") == ("Running", "Running", "hv1")


def test_a_host_takes_part_in_so_many_at_a_time():
    many = [{"name": f"m{n}", "state": "Running", "host": "hv1"} for n in range(4)]
    vmm = lab(guests=many)
    found = [
        start(vmm, "MoveVirtualMachine", VM=vm(vmm, f"m{n}"), VMHost=host(vmm, "hv2"))
        for n in range(4)
    ]
    vmm.world.advance(60)
    ends = [job["EndTime"] for job in found]
    assert [job["Status"] for job in found] == ["Completed"] * 4
    assert ends[0] == ends[1] < ends[2] == ends[3]
    first = start(vmm, "MoveVirtualMachine", VM=vm(vmm, "m0"), VMHost=host(vmm, "hv3"))
    start(vmm, "MoveVirtualMachine", VM=vm(vmm, "m1"), VMHost=host(vmm, "hv3"))
    vmm.world.advance(1)
    busy = {"VM": vm(vmm, "m2"), "VMHost": host(vmm, "hv3"), "BlockLiveMigrationIfHostBusy": True}
    assert failed(vmm, "MoveVirtualMachine", **busy) == 23801
    assert first["Status"] == "Running"


def test_the_source_dies_on_the_way():
    vmm = lab()
    job = start(vmm, "MoveVirtualMachine", VM=vm(vmm, "web"), VMHost=host(vmm, "hv2"))
    vmm.world.advance(2.5)
    do(vmm, "server.crash", server="hv1")
    vmm.world.advance(2)
    assert (job["Status"], job["ErrorInfo"]["Code"]) == ("Failed", 2916)
    assert view(vmm, "web")[0] == "MigrationFailed"
    vmm.world.advance(400)
    assert guest(vmm, "web").state == "Running"
    assert view(vmm, "web")[0] == "Running"
