"""Machines imported from OVF packages: the specification, the lease, and what is sent under it."""

from hashlib import sha256

import pytest

from hvsim import journal, scenario
from hvsim.vcenter import ovf
from hvsim.vcenter.faults import VimFault
from hvsim.vcenter.ovf_lease import TIMEOUT
from hvsim.vcenter.values import Ref, data
from hvsim_fakes.server import Request
from vcenter_rest.rest import Rest, running
from vclabs import ADMIN
from vcpackages import PACKAGE

MANAGER = Ref("OvfManager", "OvfManager")


@pytest.fixture
def rest():
    with running(Rest(1).login()) as found:
        yield found


def ask(rest, ref, method, **args):
    return rest.vcenter.call(ADMIN, ref, method, args)


def spec_of(rest, descriptor=PACKAGE):
    store, vm = rest.vcenter.store, rest.moid("vm0")
    return ask(
        rest,
        MANAGER,
        "CreateImportSpec",
        ovfDescriptor=descriptor,
        resourcePool=store.value(vm, "resourcePool"),
        datastore=store.value(vm, "datastore")[0],
        cisp=data("OvfCreateImportSpecParams", entityName="", locale="", deploymentOption=""),
    )


def lease_of(rest):
    """Begin to import and wait until the lease is ready."""
    pool = rest.vcenter.store.value(rest.moid("vm0"), "resourcePool")
    ref = ask(rest, pool, "ImportVApp", spec=spec_of(rest)["importSpec"])
    world, store = rest.world, rest.vcenter.store
    for _ in range(100):
        if store.value(ref, "state") != "initializing":
            break
        world.advance(0.1)
    assert store.value(ref, "state") == "ready", store.value(ref, "error")
    return ref


def send(rest, path, body=b"contents!", method="PUT"):
    return rest.vim.endpoint(Request(method, path, body=body)).status


def test_a_specification_tells_hardware_and_files():
    package = ovf.parse(PACKAGE)
    assert (package.name, package.version, package.networks) == ("box", "vmx-09", {"nat": "out"})
    assert (package.capacity, package.download) == (64 * 2**20, 9)


def test_what_is_sent_under_a_lease_becomes_a_machine(rest):
    item = spec_of(rest)["fileItem"][0]
    ref, store = lease_of(rest), rest.vcenter.store
    url = store.value(ref, "info")["deviceUrl"][0]
    assert url["importKey"] == item["deviceId"] == "/box/VirtualLsiLogicController0:0"
    path = url["url"].removeprefix("https://*")
    assert send(rest, path) == 200
    assert send(rest, f"{path}x") == 404
    assert send(rest, path, method="DELETE") == 405
    kept = rest.vcenter.leases[ref.moid].files["disk-0.vmdk"]
    assert kept == (9, sha256(b"contents!").hexdigest())
    ask(rest, ref, "HttpNfcLeaseProgress", percent=50)
    ask(rest, ref, "HttpNfcLeaseComplete")
    assert send(rest, path) == 404
    vm = rest.moid("box")
    hardware = store.value(vm, "config.hardware")
    assert (hardware["numCPU"], hardware["memoryMB"]) == (2, 512)
    kinds = [device.type for device in hardware["device"]]
    assert kinds.count("VirtualDisk") == kinds.count("VirtualVmxnet3") == 1


def test_an_aborted_import_leaves_nothing(rest):
    ref = lease_of(rest)
    ask(rest, ref, "HttpNfcLeaseAbort")
    assert rest.vcenter.store.value(ref, "state") == "error"
    assert [one["name"] for one in rest.get("/vcenter/vm")] == ["vm0"]
    with pytest.raises(VimFault, match="InvalidState"):
        ask(rest, ref, "HttpNfcLeaseComplete")


def test_a_lease_that_nobody_uses_is_aborted(rest):
    ref = lease_of(rest)
    rest.world.advance(TIMEOUT + 1)
    assert rest.vcenter.store.value(ref, "error")["fault"].type == "Timedout"
    assert [one["name"] for one in rest.get("/vcenter/vm")] == ["vm0"]


@pytest.mark.parametrize(
    ("descriptor", "fault"),
    [
        ("<not closed", "OvfXmlFormat"),
        ("<Envelope/>", "OvfMissingElement"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><Envelope/>', "OvfXmlFormat"),
        (PACKAGE.replace("lsilogic", "floptical"), "OvfUnsupportedType"),
        (PACKAGE.replace('"64"', '"9999999999999999999"'), "OvfInvalidValueFormatMalformed"),
    ],
)
def test_what_cannot_be_imported_is_told(rest, descriptor, fault):
    result = spec_of(rest, descriptor)
    assert result["importSpec"] is None
    assert result["error"][0]["fault"].type == fault


@pytest.mark.parametrize("digits", [20, 5000])
def test_numbers_without_end_are_none(digits):
    endless = "9" * digits
    assert ovf.unit(f"byte * {endless}") == 1
    assert ovf.number(endless) == 0


def test_what_is_sent_is_noted_and_comes_back_from_the_journal(rest):
    ref = lease_of(rest)
    path = rest.vcenter.store.value(ref, "info")["deviceUrl"][0]["url"].removeprefix("https://*")
    assert send(rest, path) == 200
    assert send(rest, "/nfc/wrong/disk-0.vmdk") == 404
    noted = [(one.call, one.is_write, one.outcome) for one in rest.log.newest(2)]
    assert noted == [("Upload", True, "ok"), ("Upload", True, "404")]
    ask(rest, ref, "HttpNfcLeaseComplete")
    lines = [entry.line() for entry in rest.world.journal.entries]
    twin = scenario.build(rest.world.origin, rest.world.seed)
    twin.replay(journal.parse(lines), rest.world.now)
    assert twin.log.digest == rest.world.log.digest
    (kept,) = [one.files for one in twin.product(rest.vcenter.name).leases.values()]
    assert kept == rest.vcenter.leases[ref.moid].files
