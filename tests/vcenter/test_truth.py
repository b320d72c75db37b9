"""Ground truth about a vCenter, whatever it shows."""

from __future__ import annotations

from hvsim_fakes.control.truth import Life, truth
from hvsim_fakes.vcenter import truth as registered
from vclabs import done, host, lab, vm

assert registered is not None


def guest(vcenter, name):
    (manager,) = truth(vcenter.world, "vc1").managers
    return next(found for found in manager.guests if found.name == name)


def test_the_truth_names_hosts_guests_and_clusters():
    vcenter = lab(cluster={"ha": True, "drs": "manual"})
    (manager,) = truth(vcenter.world).managers
    assert (manager.name, manager.product, manager.profile) == ("vc1", "vsphere", "vsphere-8")
    (cluster,) = manager.native["clusters"]
    assert (cluster["ha"], cluster["drs"], cluster["level"]) == (True, True, "manual")
    assert [found.name for found in manager.hosts] == ["esx1", "esx2", "esx3", "esx9"]
    assert guest(vcenter, "web").host == "esx1"
    assert guest(vcenter, "web").inside["hostname"] == "web.example"


def test_a_guest_of_a_dead_host_is_lost_before_vcenter_knows():
    vcenter = lab()
    vcenter.world.hardware.crash("esx1", "dropped")
    assert guest(vcenter, "web").state is Life.LOST
    assert guest(vcenter, "db").state is Life.RUNNING


def test_maintenance_and_silence_show():
    vcenter = lab()
    done(vcenter, host(vcenter, "esx3"), "EnterMaintenanceMode_Task", timeout=0)
    vcenter.world.hardware.set_link("esx2", "refused")
    (manager,) = truth(vcenter.world).managers
    shown = {found.name: (found.maintenance, found.answers) for found in manager.hosts}
    assert shown["esx3"] == (True, None)
    assert shown["esx2"] == (False, "refused")


def test_templates_are_no_guests():
    vcenter = lab()
    from vclabs import call

    call(vcenter, vm(vcenter, "spare"), "MarkAsTemplate")
    (manager,) = truth(vcenter.world).managers
    assert "spare" not in [found.name for found in manager.guests]
