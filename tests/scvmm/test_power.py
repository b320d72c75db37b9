"""Power of machines, jobs and locks."""

from __future__ import annotations

import pytest

from hvsim.scvmm.errors import VmmError
from scvmmlabs import ADMIN, PROFILES, do, done, failed, guest, lab, run, start, view, vm

# For each status, the actions that VMM offers.
OFFERED = {
    "PowerOff": {"StartVirtualMachine", "RemoveVirtualMachine"},
    "Running": {
        "StopVirtualMachine",
        "SuspendVirtualMachine",
        "SaveVirtualMachine",
        "ResetVirtualMachine",
    },
    "Paused": {"StopVirtualMachine", "ResumeVirtualMachine", "SaveVirtualMachine"},
    "Saved": {"StartVirtualMachine", "DiscardSavedState", "RemoveVirtualMachine"},
}
STATES = {"PowerOff": "Off", "Running": "Running", "Paused": "Paused", "Saved": "Saved"}
ACTIONS = sorted(set().union(*OFFERED.values()))


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("status", STATES)
def test_every_action_in_every_state(status, action):
    vmm = lab(guests=[{"name": "m", "state": STATES[status], "host": "hv1"}])
    if action in OFFERED[status]:
        done(vmm, action, VM=vm(vmm, "m"))
        return
    with pytest.raises(VmmError) as refused:
        start(vmm, action, VM=vm(vmm, "m"))
    assert refused.value.number == 1730
    assert view(vmm, "m")[0] == status
    assert guest(vmm, "m").state == STATES[status]


@pytest.mark.parametrize("profile", PROFILES)
def test_a_job_shows_its_way(profile):
    vmm = lab(profile)
    job = start(vmm, "StartVirtualMachine", VM=vm(vmm, "new"))
    vmm.world.advance(1)
    assert view(vmm, "new")[:2] == ("Starting", "PowerOff")
    assert (job["Status"], job["EndTime"]) == ("Running", None)
    assert vm(vmm, "new")["MostRecentTaskID"] == job.id
    vmm.world.advance(10)
    assert view(vmm, "new")[:2] == ("Running", "Running")
    assert (job["Status"], job["ProgressValue"]) == ("Completed", 100)
    assert job["EndTime"] - job["StartTime"] == 3
    assert vm(vmm, "new")["MostRecentTaskUIState"] == 5


def test_a_second_job_on_a_machine_is_refused():
    vmm = lab()
    start(vmm, "SaveVirtualMachine", VM=vm(vmm, "web"))
    with pytest.raises(VmmError, match=r"locked by another job. \(Error ID: 2602,"):
        start(vmm, "RefreshVirtualMachine", VM=vm(vmm, "web"))
    vmm.world.advance(60)
    done(vmm, "RefreshVirtualMachine", VM=vm(vmm, "web"))


def test_shutdown_needs_the_guest():
    vmm = lab()
    do(vmm, "scvmm.guest.hang", vmm="vmm1", guest="web")
    before = vmm.world.now
    assert failed(vmm, "StopVirtualMachine", VM=vm(vmm, "web"), Shutdown=True) == 12711
    assert vmm.world.now - before >= 300
    assert view(vmm, "web")[0] == "Running"
    do(vmm, "scvmm.guest.remove-services", vmm="vmm1", guest="db")
    assert failed(vmm, "StopVirtualMachine", VM=vm(vmm, "db"), Shutdown=True) == 12711
    done(vmm, "StopVirtualMachine", VM=vm(vmm, "db"))
    assert guest(vmm, "db").state == "Off"


def test_save_and_start_keep_the_boot_and_reset_does_not():
    vmm = lab()
    boots = guest(vmm, "web").boots
    done(vmm, "SaveVirtualMachine", VM=vm(vmm, "web"))
    done(vmm, "StartVirtualMachine", VM=vm(vmm, "web"))
    assert guest(vmm, "web").boots == boots
    done(vmm, "ResetVirtualMachine", VM=vm(vmm, "web"))
    assert guest(vmm, "web").boots == boots + 1


def test_no_room_for_it():
    vmm = lab(guests=[{"name": "big", "host": "hv1", "memory": 64 * 2**30}])
    assert failed(vmm, "StartVirtualMachine", VM=vm(vmm, "big")) == 2911
    assert view(vmm, "big")[0] == "PowerOff"


def test_a_job_can_be_stopped():
    vmm = lab()
    job = start(vmm, "StopVirtualMachine", VM=vm(vmm, "web"), Shutdown=True)
    vmm.world.advance(5)
    vmm.call(ADMIN, "StopJob", {"Job": job.id})
    vmm.world.advance(1)
    assert job["Status"] == "Canceled"
    assert view(vmm, "web")[0] == "Running"


def test_the_service_stops():
    vmm = lab()
    job = start(vmm, "SaveVirtualMachine", VM=vm(vmm, "web"))
    do(vmm, "service.stop", server="vmm1", service="vmmservice")
    vmm.world.advance(0)
    assert (job["Status"], job["ErrorInfo"]["Code"]) == ("Failed", 1612)
    assert vmm.answers() is None
    with pytest.raises(VmmError) as refused:
        start(vmm, "StopVirtualMachine", VM=vm(vmm, "web"))
    assert refused.value.number == 1602
    do(vmm, "service.start", server="vmm1", service="vmmservice")
    vmm.world.advance(61)
    assert run(vmm, "StopVirtualMachine", VM=vm(vmm, "web"))["Status"] == "Completed"


def test_the_agent_is_down():
    vmm = lab()
    do(vmm, "service.stop", server="hv1", service="vmmagent")
    assert failed(vmm, "StopVirtualMachine", VM=vm(vmm, "web")) == 2912
    assert guest(vmm, "web").state == "Running"
    assert view(vmm, "web")[:2] == ("HostNotResponding", "Running")
    do(vmm, "service.start", server="hv1", service="vmmagent")
    vmm.world.advance(121)
    assert view(vmm, "web")[0] == "Running"
    done(vmm, "StopVirtualMachine", VM=vm(vmm, "web"))
