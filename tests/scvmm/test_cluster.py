"""Nodes are lost and return: what becomes of guests, and what VMM shows of it when."""

from __future__ import annotations

import pytest

from scvmmlabs import do, guest, host, lab, view, vm

RESTART = {"2008": 16, "2008r2": 16, "2012r2": 21, "2019": 271}
"""Seconds from a crash until a guest is on again: heartbeats, isolation, the decision."""


@pytest.mark.parametrize("windows", RESTART)
def test_highly_available_guests_boot_elsewhere(windows):
    vmm = lab(cluster={"windows": windows})
    boots = guest(vmm, "web").boots
    do(vmm, "server.crash", server="hv1")
    assert guest(vmm, "web").state == "Off"
    vmm.world.advance(RESTART[windows] - 2)
    assert guest(vmm, "web").state == "Off"
    vmm.world.advance(4)
    assert guest(vmm, "web").state == "Running"
    assert guest(vmm, "web").host in ("hv2", "hv3")
    assert guest(vmm, "web").boots == boots + 1


def test_others_wait_for_their_host():
    vmm = lab()
    do(vmm, "server.crash", server="hv2")
    vmm.world.advance(600)
    assert (guest(vmm, "db").state, guest(vmm, "db").host) == ("Off", "hv2")
    assert view(vmm, "db") == ("HostNotResponding", "Running", "hv2")
    record = host(vmm, "hv2")
    assert (record["CommunicationState"], record["OverallState"]) == (
        "NotResponding",
        "NeedsAttention",
    )
    assert (record["HyperVState"], record["ClusterNodeStatus"]) == ("Unknown", "Down")
    do(vmm, "server.boot", server="hv2")
    vmm.world.advance(300)
    assert view(vmm, "db") == ("PowerOff", "PowerOff", "hv2")
    assert (record["CommunicationState"], record["ClusterNodeStatus"]) == ("Responding", "Running")


def test_vmm_is_behind_what_happened():
    vmm = lab("scvmm-2008r2")
    vmm.world.advance(1)
    do(vmm, "server.crash", server="hv1")
    vmm.world.advance(40)
    assert guest(vmm, "web").state == "Running"
    assert view(vmm, "web") == ("Running", "Running", "hv1"), "it has not looked yet"
    vmm.world.advance(80)
    assert view(vmm, "web")[2] in ("hv2", "hv3")


def test_events_tell_sooner_than_a_look_every_two_minutes():
    after = {}
    for profile in ("scvmm-2008r2", "scvmm-2019"):
        vmm = lab(profile)
        vmm.world.advance(1)
        do(vmm, "scvmm.guest.power-outside", vmm="vmm1", guest="web", to="off")
        start = vmm.world.now
        while vm(vmm, "web")["Status"] != "PowerOff":
            vmm.world.advance(1)
        after[profile] = vmm.world.now - start
    assert after["scvmm-2019"] == 5
    assert after["scvmm-2008r2"] == 119


def test_important_guests_first():
    guests = [
        {"name": name, "state": "Running", "host": "hv1", "priority": name}
        for name in ("low", "high", "medium", "none")
    ]
    vmm = lab("scvmm-2008r2", guests=guests)
    do(vmm, "server.crash", server="hv1")
    order = []
    for _ in range(60):
        vmm.world.advance(0.5)
        order += [
            name
            for name in ("low", "high", "medium", "none")
            if guest(vmm, name).state == "Running" and name not in order
        ]
    assert order == ["high", "medium", "low"]


def test_without_room_they_stay_off():
    big = {"name": "big", "state": "Running", "host": "hv1", "memory": 20 * 2**30}
    others = [
        {"name": f"o{n}", "state": "Running", "host": f"hv{n}", "memory": 20 * 2**30}
        for n in (2, 3)
    ]
    vmm = lab("scvmm-2008r2", guests=[big, *others])
    do(vmm, "server.crash", server="hv1")
    vmm.world.advance(60)
    assert (guest(vmm, "big").state, guest(vmm, "big").host) == ("Off", "hv1")
    do(vmm, "server.boot", server="hv1")
    vmm.world.advance(130)
    assert guest(vmm, "big").state == "Running"


def test_a_cut_node_gives_its_guests_up():
    vmm = lab("scvmm-2012r2")
    do(vmm, "link.cut", server="hv1")
    vmm.world.advance(8)
    assert (guest(vmm, "web").state, guest(vmm, "web").host) == ("Running", "hv1")
    vmm.world.advance(20)
    assert guest(vmm, "web").host in ("hv2", "hv3")
    assert guest(vmm, "web").state == "Running"
    do(vmm, "link.mend", server="hv1")
    vmm.world.advance(10)
    assert vmm.fabric.hosts["hv1"].node == "Up"


def test_a_short_silence_is_borne():
    vmm = lab()
    boots = guest(vmm, "web").boots
    do(vmm, "link.cut", server="hv1")
    vmm.world.advance(120)
    assert vmm.fabric.hosts["hv1"].node == "Isolated"
    assert (guest(vmm, "web").state, guest(vmm, "web").host) == ("Running", "hv1")
    do(vmm, "link.mend", server="hv1")
    vmm.world.advance(30)
    assert vmm.fabric.hosts["hv1"].node == "Up"
    assert guest(vmm, "web").boots == boots


def test_no_majority_no_guests():
    vmm = lab("scvmm-2008r2", cluster={"witness": False})
    do(vmm, "server.crash", server="hv2")
    do(vmm, "server.crash", server="hv3")
    vmm.world.advance(30)
    assert vmm.fabric.clusters["c1"].quorum is False
    assert guest(vmm, "web").state == "Off"
    do(vmm, "server.boot", server="hv2")
    vmm.world.advance(130)
    assert vmm.fabric.clusters["c1"].quorum is True
    assert guest(vmm, "web").state == "Running"


def test_a_node_that_shuts_down_empties_itself():
    vmm = lab()
    boots = guest(vmm, "web").boots
    do(vmm, "server.shutdown", server="hv1")
    assert guest(vmm, "web").host in ("hv2", "hv3")
    assert (guest(vmm, "web").state, guest(vmm, "web").boots) == ("Running", boots)
    do(vmm, "server.shutdown", server="hv9")
    assert guest(vmm, "lone").state == "Saved"


def test_the_cluster_service_stops():
    vmm = lab("scvmm-2012r2")
    do(vmm, "service.stop", server="hv1", service="clussvc")
    vmm.world.advance(30)
    assert guest(vmm, "web").host in ("hv2", "hv3")
    do(vmm, "service.start", server="hv1", service="clussvc")
    vmm.world.advance(1)
    assert vmm.fabric.hosts["hv1"].node == "Up"
