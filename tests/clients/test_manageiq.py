"""ManageIQ's inventory script, unmodified, over pywinrm.

``HVSIM_MANAGEIQ`` names a checkout of ManageIQ's ``manageiq-providers-scvmm``.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

import winrm
from hvsim.clock import Clock, ClockMode
from hvsim_fakes.lab import Lab

pytestmark = pytest.mark.clients
CHECKOUT = os.environ.get("HVSIM_MANAGEIQ", "")
SCRIPTS = "app/models/manageiq/providers/microsoft/infra_manager/ps_scripts"
RECORDED = "spec/tools/scvmm_data/get_inventory_output.json"
# What a list is made of that the recorded datacentre has and a lab has not.
ABSENT = {"RegisteredStorageFileShares", "VMSubnet", "VMCheckpoints", "DVDISO"}


@pytest.fixture(scope="module")
def inventory():
    if not CHECKOUT:
        pytest.skip("needs HVSIM_MANAGEIQ, a checkout of manageiq-providers-scvmm")
    table = {
        "name": "vmm1",
        "profile": "scvmm-2012r2",
        "clusters": [{"name": "c1", "hosts": 2}],
        "hosts": [{"name": "hv9"}],
        "isos": [{"name": "debian"}],
        "templates": [{"name": "w2012"}],
        "guests": [{"name": "web", "state": "Running", "iso": "debian"}, {"name": "db"}],
    }
    with Lab.from_scenario({"scvmm": [table]}, clock=Clock(ClockMode.SKIP_IDLE)) as lab:
        url = next(url for _, urls in lab.doors() for url in urls if url.startswith("http:"))
        login = ("Administrator", "hvsim")
        client = winrm.Session(f"{url}/wsman", auth=login, transport="ntlm")
        done = client.run_ps(Path(CHECKOUT, SCRIPTS, "get_inventory.ps1").read_text())
    assert (done.status_code, done.std_err) == (0, b"")
    return json.loads(done.std_out)


def test_all_that_is_there_is_told(inventory):
    counts = {key: len(inventory[key]) for key in ("hosts", "vms", "clusters", "images")}
    assert counts == {"hosts": 3, "vms": 2, "clusters": 1, "images": 1}
    assert inventory["ems"]["Version"] == "2.1.0"
    web = next(vm for vm in inventory["vms"] if vm["Name"] == "web")
    assert (web["StatusString"], web["VirtualMachineStateString"]) == ("Running", "Running")
    assert web["DVDISO"][0]["Name"] == "debian"
    assert web["VirtualHardDisks"][0]["VHDFormatType"] == 2


@pytest.mark.parametrize("part", ["hosts", "vms", "vnets", "clusters", "images", "vmnetworks"])
def test_every_property_that_was_ever_recorded_is_there(inventory, part):
    recorded = json.loads(Path(CHECKOUT, RECORDED).read_text("utf-8"))[part]
    missing = set()
    for one in recorded:
        missing |= lacking(one, inventory[part][0], part)
    assert missing == set()


def lacking(wanted, found, where):
    """Return the paths of properties that a recorded object has and ours has not."""
    if isinstance(wanted, list):
        if not wanted or not isinstance(wanted[0], dict) or not found:
            return set()
        return set().union(*(lacking(one, found[0], where) for one in wanted))
    if not isinstance(wanted, dict) or not isinstance(found, dict):
        return set()
    lost = {f"{where}.{key}" for key in wanted if key not in found}
    for key in wanted.keys() & found.keys() - ABSENT:
        lost |= lacking(wanted[key], found[key], f"{where}.{key}")
    return lost
