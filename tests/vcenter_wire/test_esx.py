"""An ESX host that no vCenter manages, on the wire: pyVmomi gets along with it."""

from __future__ import annotations

from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from pyVim.connect import Disconnect, SmartConnect
from pyVim.task import WaitForTask
from pyVmomi import vim, vmodl

from hvsim.clock import Clock, ClockMode
from hvsim_fakes.control.truth import truth
from hvsim_fakes.lab import Lab
from vclabs import PROFILES

HOSTS = {"solo1": "127.31.0.1", "solo2": "127.31.0.2"}


@pytest.fixture(name="lab", params=PROFILES)
def _lab(request):
    tables = [
        {
            "name": name,
            "profile": request.param,
            "address": address,
            "guests": [{"name": f"on-{name}", "power_state": "poweredOn"}, {"name": "off"}],
        }
        for name, address in HOSTS.items()
    ]
    with Lab.from_scenario({"name": "e", "esx": tables}, clock=Clock(ClockMode.SKIP_IDLE)) as lab:
        yield lab


@pytest.fixture(name="service")
def _service(lab):
    place = urlsplit(lab.member_url("solo1", "solo1", tls=False))
    made = SmartConnect(
        protocol="http", host=place.hostname, port=place.port, user="root", pwd="secret"
    )
    yield made
    Disconnect(made)


def test_each_host_answers_at_its_own_address(lab):
    doors = {door.host: urls for door, urls in lab.doors()}
    for name, address in HOSTS.items():
        assert {urlsplit(url).hostname for url in doors[name]} == {address}


def test_pyvmomi_drives_it(service):
    content = service.content
    assert (content.about.apiType, content.rootFolder._GetMoId()) == ("HostAgent", "ha-folder-root")
    guest = content.searchIndex.FindByInventoryPath("ha-datacenter/vm/off")
    assert (guest._GetMoId(), guest.runtime.host._GetMoId()) == ("2", "ha-host")
    assert WaitForTask(guest.PowerOnVM_Task()) == vim.TaskInfo.State.success
    assert guest.runtime.powerState == "poweredOn"
    assert guest.runtime.host.config.network.vnic[0].spec.ip.ipAddress == HOSTS["solo1"]


def test_it_moves_nothing(service):
    guest = service.content.searchIndex.FindByInventoryPath("ha-datacenter/vm/off")
    with pytest.raises(vmodl.fault.NotSupported):
        guest.RelocateVM_Task(vim.vm.RelocateSpec(host=guest.runtime.host))


def test_the_truth_tells_alike_hosts_apart(lab):
    hosts = [host for manager in truth(lab.world).managers for host in manager.hosts]
    assert [host.name for host in hosts] == list(HOSTS)
    assert len({host.native_id for host in hosts}) == len(HOSTS)


def test_it_has_no_automation_api(lab):
    place = urlsplit(lab.member_url("solo1", "solo1", tls=False))
    connection = HTTPConnection(place.hostname, place.port)
    connection.request("POST", "/api/session")
    assert connection.getresponse().status == 404
    connection.close()
