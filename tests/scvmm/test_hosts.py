"""Maintenance mode, hosts that VMM manages and those it does not, what is changed without it."""

from __future__ import annotations

import pytest

from hvsim.scvmm.errors import VmmError
from scvmmlabs import ADMIN, do, done, failed, guest, host, lab, run, start, view, vm


def test_maintenance_moves_what_is_highly_available_and_saves_the_rest():
    table = [
        {"name": "web", "state": "Running", "host": "hv1"},
        {"name": "db", "state": "Running", "host": "hv1", "highly_available": False},
        {"name": "off", "host": "hv1"},
    ]
    vmm = lab(guests=table)
    done(vmm, "DisableVMHost", VMHost=host(vmm, "hv1"), MoveWithinCluster=True)
    assert view(vmm, "web")[0] == "Running"
    assert view(vmm, "web")[2] in ("hv2", "hv3")
    assert view(vmm, "db") == ("Saved", "Saved", "hv1")
    assert view(vmm, "off") == ("PowerOff", "PowerOff", "hv1")
    record = host(vmm, "hv1")
    assert (record["MaintenanceHost"], record["AvailableForPlacement"]) == (True, False)
    assert (record["OverallState"], record["ClusterNodeStatus"]) == ("InMaintenanceMode", "Paused")
    done(vmm, "EnableVMHost", VMHost=record)
    assert (record["OverallState"], record["ClusterNodeStatus"]) == ("OK", "Running")
    assert view(vmm, "db")[0] == "Saved", "nothing is started by that"


@pytest.mark.parametrize(
    ("name", "moving", "windows"),
    [("hv1", False, "2019"), ("hv1", True, "2008"), ("hv9", True, "2019")],
)
def test_maintenance_saves_all(name, moving, windows):
    vmm = lab(
        cluster={"windows": windows},
        guests=[{"name": f"m{n}", "state": "Running", "host": name} for n in range(2)],
    )
    done(vmm, "DisableVMHost", VMHost=host(vmm, name), MoveWithinCluster=moving)
    assert [view(vmm, f"m{n}") for n in range(2)] == [("Saved", "Saved", name)] * 2


def test_nothing_is_placed_on_a_host_in_maintenance():
    vmm = lab()
    done(vmm, "DisableVMHost", VMHost=host(vmm, "hv3"))
    with pytest.raises(VmmError) as refused:
        start(vmm, "MoveVirtualMachine", VM=vm(vmm, "web"), VMHost=host(vmm, "hv3"))
    assert refused.value.number == 13226
    with pytest.raises(VmmError):
        start(vmm, "NewVirtualMachine", Name="x", VMHost=host(vmm, "hv3"))


def test_the_flag_alone_moves_and_saves_nothing():
    vmm = lab()
    done(vmm, "SetVMHost", VMHost=host(vmm, "hv1"), Fields={"MaintenanceHost": True})
    assert view(vmm, "web") == ("Running", "Running", "hv1")
    assert host(vmm, "hv1")["OverallState"] == "InMaintenanceMode"


def test_maintenance_of_a_silent_host_fails_and_leaves_it_as_it_was():
    vmm = lab()
    do(vmm, "link.cut", server="hv9")
    assert failed(vmm, "DisableVMHost", VMHost=host(vmm, "hv9")) == 2916
    assert host(vmm, "hv9")["MaintenanceHost"] is False


def test_a_host_that_vmm_does_not_manage():
    hosts = [{"name": "hv9"}, {"name": "wild", "managed": False}]
    vmm = lab(hosts=hosts, guests=[{"name": "g", "state": "Running", "host": "wild"}])
    assert vmm.store.named("VMHost", "wild.lab.example") is None
    assert vmm.store.named("VM", "g") is None
    done(vmm, "AddVMHost", ComputerName="wild.lab.example", Fields={})
    assert view(vmm, "g") == ("Running", "Running", "wild")
    done(vmm, "RemoveVMHost", VMHost=host(vmm, "wild"))
    assert vmm.store.named("VM", "g") is None
    assert guest(vmm, "g").state == "Running"


def test_a_move_made_without_vmm():
    vmm = lab("scvmm-2008r2")
    vmm.world.advance(1)
    do(vmm, "scvmm.guest.move-outside", vmm="vmm1", guest="web", host="hv2")
    assert view(vmm, "web")[2] == "hv1"
    assert failed(vmm, "StopVirtualMachine", VM=vm(vmm, "web")) == 12711
    assert guest(vmm, "web").state == "Running"
    done(vmm, "RefreshVirtualMachine", VM=vm(vmm, "web"))
    assert view(vmm, "web") == ("Running", "Running", "hv2")
    done(vmm, "StopVirtualMachine", VM=vm(vmm, "web"))
    assert guest(vmm, "web").state == "Off"


def test_what_was_made_and_removed_without_vmm():
    vmm = lab(guests=[{"name": "g", "host": "hv1"}, {"name": "h", "host": "hv1", "unknown": True}])
    assert vmm.store.named("VM", "h") is None
    done(vmm, "RefreshVMHost", VMHost=host(vmm, "hv1"))
    assert view(vmm, "h")[0] == "PowerOff"
    do(vmm, "scvmm.guest.remove-outside", vmm="vmm1", guest="g")
    vmm.world.advance(121)
    assert view(vmm, "g")[0] == "Missing"
    done(vmm, "RemoveVirtualMachine", VM=vm(vmm, "g"))
    assert vmm.store.named("VM", "g") is None


def test_a_forced_refresh_of_a_silent_host():
    vmm = lab()
    do(vmm, "link.cut", server="hv9")
    assert failed(vmm, "RefreshVMHost", VMHost=host(vmm, "hv9")) == 2916
    assert view(vmm, "lone")[:2] == ("HostNotResponding", "Running")
    assert guest(vmm, "lone").state == "Running"
    do(vmm, "link.mend", server="hv9")
    done(vmm, "RefreshVMHost", VMHost=host(vmm, "hv9"))
    assert view(vmm, "lone")[0] == "Running"


def test_a_cluster_that_is_not_fully_refreshed_says_so():
    vmm = lab()
    do(vmm, "server.crash", server="hv3")
    job = run(vmm, "RefreshVMHostCluster", VMHostCluster=vmm.store.of("VMHostCluster")[0])
    assert job["Status"] == "SucceedWithInfo"
    assert job["AdditionalMessages"][0]["Code"] == 13926


def test_a_role_that_may_only_look():
    accounts = [
        {"user": "viewer", "password": "x", "role": "ReadOnlyAdmin"},
        {"user": "nobody", "password": "x", "role": ""},
    ]
    vmm = lab(accounts=accounts)
    for user in ("LAB\\viewer", "nobody@lab.example"):
        caller = type(ADMIN)(user, "test")
        with pytest.raises(VmmError) as refused:
            vmm.call(caller, "StopVirtualMachine", {"VM": vm(vmm, "web").id})
        assert refused.value.number == 1604


def test_what_happens_on_a_host_in_maintenance_shows_when_that_ends():
    vmm = lab()
    done(vmm, "DisableVMHost", VMHost=host(vmm, "hv9"))
    assert view(vmm, "lone")[0] == "Saved"
    do(vmm, "scvmm.guest.power-outside", vmm="vmm1", guest="lone", to="on")
    vmm.world.advance(600)
    assert guest(vmm, "lone").state == "Running"
    assert view(vmm, "lone")[0] == "Saved"
    done(vmm, "EnableVMHost", VMHost=host(vmm, "hv9"))
    assert view(vmm, "lone")[0] == "Running"
