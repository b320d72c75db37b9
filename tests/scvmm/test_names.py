"""Host names of guests, as integration services exchange them."""

from __future__ import annotations

import pytest

from scvmmlabs import PROFILES, do, done, lab, vm


@pytest.mark.parametrize("profile", PROFILES)
def test_a_name_is_known_after_the_first_boot_and_a_refresh(profile):
    vmm = lab(profile)
    new = vm(vmm, "new")
    assert new["ComputerName"] is None
    done(vmm, "StartVirtualMachine", VM=new)
    done(vmm, "RefreshVirtualMachine", VM=new)
    assert new["ComputerName"] is None, "its system has not booted yet"
    vmm.world.advance(60)
    done(vmm, "RefreshVirtualMachine", VM=new)
    assert new["ComputerName"] == "new.lab.example"
    done(vmm, "StopVirtualMachine", VM=new)
    assert new["ComputerName"] == "new.lab.example"


def test_nobody_asks_and_it_is_found_in_half_an_hour():
    vmm = lab()
    done(vmm, "StartVirtualMachine", VM=vm(vmm, "new"))
    vmm.world.advance(1799)
    assert vm(vmm, "new")["ComputerName"] == "new.lab.example"


def test_without_services_there_is_no_name():
    vmm = lab(guests=[{"name": "bare", "host": "hv1", "services": False, "started": False}])
    done(vmm, "StartVirtualMachine", VM=vm(vmm, "bare"))
    vmm.world.advance(3600)
    assert vm(vmm, "bare")["ComputerName"] is None
    do(vmm, "scvmm.guest.install-services", vmm="vmm1", guest="bare")
    done(vmm, "RefreshVirtualMachine", VM=vm(vmm, "bare"))
    assert vm(vmm, "bare")["ComputerName"] == "bare.lab.example"


def test_a_changed_host_name_is_told():
    vmm = lab()
    do(vmm, "scvmm.guest.set-hostname", vmm="vmm1", guest="web", hostname="shop.lab.example")
    assert vm(vmm, "web")["ComputerName"] == "web.lab.example"
    done(vmm, "RefreshVirtualMachine", VM=vm(vmm, "web"))
    assert vm(vmm, "web")["ComputerName"] == "shop.lab.example"
