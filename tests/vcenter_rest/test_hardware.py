"""Virtual hardware of machines: devices made, changed, connected and removed."""

import pytest

from vcenter_rest.rest import READER, READER_PASSWORD, Rest, running

CARD = {"backing": {"type": "STANDARD_PORTGROUP", "network": "network-1"}}


@pytest.fixture
def rest():
    with running(Rest(2).login()) as found:
        yield found


def path_of(rest, name="vm0"):
    return f"/vcenter/vm/{rest.moid(name)}/hardware"


def test_disks(rest):
    path = f"{path_of(rest)}/disk"
    made = rest.post(path, {"new_vmdk": {"capacity": 2**30}})
    found = rest.get(f"{path}/{made}")
    assert (found["capacity"], found["scsi"]) == (2**30, {"bus": 0, "unit": 1})
    assert found["label"] == "Hard disk 2"
    assert found["backing"]["vmdk_file"].endswith("vm0_1.vmdk")
    assert rest.get(path) == [{"disk": "2000"}, {"disk": made}]
    vm = rest.vcenter.store.get(rest.vim.vm("vm0"))
    assert vm["summary.config.numVirtualDisks"] == 2
    assert rest.send("DELETE", f"/api{path}/{made}").status == 204
    assert rest.get(path) == [{"disk": "2000"}]
    assert rest.refused("DELETE", f"{path}/{made}") == (404, "NOT_FOUND")


def test_disks_at_addresses(rest):
    path = f"{path_of(rest)}/disk"
    made = rest.post(path, {"scsi": {"bus": 0, "unit": 9}})
    assert rest.get(f"{path}/{made}")["scsi"] == {"bus": 0, "unit": 9}
    master = rest.post(path, {"type": "IDE", "ide": {"primary": False, "master": True}})
    assert rest.get(f"{path}/{master}")["ide"] == {"primary": False, "master": True}
    for spec, refusal in (
        ({"scsi": {"bus": 0, "unit": 9}}, "RESOURCE_IN_USE"),
        ({"scsi": {"bus": 0, "unit": 7}}, "RESOURCE_IN_USE"),
        ({"scsi": {"bus": 0, "unit": 16}}, "INVALID_ARGUMENT"),
        ({"scsi": {"bus": 2}}, "UNABLE_TO_ALLOCATE_RESOURCE"),
        ({"scsi": {"bus": 4}}, "INVALID_ARGUMENT"),
        ({"type": "NVME"}, "UNABLE_TO_ALLOCATE_RESOURCE"),
        ({"type": "FLOPPY"}, "INVALID_ARGUMENT"),
        ({"new_vmdk": {"capacity": 0}}, "INVALID_ARGUMENT"),
        ({"backing": {"type": "VMDK_FILE", "vmdk_file": "[x] y"}}, "UNSUPPORTED"),
    ):
        assert rest.refused("POST", path, spec) == (400, refusal), spec
    assert len(rest.get(path)) == 3


def test_what_a_power_state_does_not_allow(rest):
    path = path_of(rest, "vm1")
    assert rest.post(f"{path}/disk", {})
    for part, spec in (("disk", {"type": "IDE"}), ("cdrom", {})):
        refusal = rest.refused("POST", f"{path}/{part}", spec)
        assert refusal == (400, "NOT_ALLOWED_IN_CURRENT_STATE")
    rest.post(f"/vcenter/vm/{rest.moid('vm1')}/power?action=suspend")
    for method, part in (("POST", "disk"), ("DELETE", "disk/2000"), ("POST", "adapter/scsi")):
        refusal = rest.refused(method, f"{path}/{part}", {})
        assert refusal == (400, "NOT_ALLOWED_IN_CURRENT_STATE"), part


def test_a_bus_has_so_many_units(rest):
    path = f"{path_of(rest)}/disk"
    for _ in range(14):
        rest.post(path, {})
    assert rest.refused("POST", path, {}) == (400, "UNABLE_TO_ALLOCATE_RESOURCE")
    units = {rest.get(f"{path}/{one['disk']}")["scsi"]["unit"] for one in rest.get(path)}
    assert units == set(range(16)) - {7}


def test_network_cards(rest):
    path = f"{path_of(rest)}/ethernet"
    mac = {"mac_type": "MANUAL", "mac_address": "00:50:56:3f:00:02"}
    made = rest.post(path, CARD | mac | {"type": "E1000E", "start_connected": True})
    found = rest.get(f"{path}/{made}")
    assert (found["type"], found["mac_address"]) == ("E1000E", mac["mac_address"])
    assert (found["start_connected"], found["allow_guest_control"]) == (True, False)
    changes = {"allow_guest_control": True, "wake_on_lan_enabled": False}
    assert rest.send("PATCH", f"/api{path}/{made}", changes).status == 204
    changed = rest.get(f"{path}/{made}")
    assert changed == found | changes
    other = {"mac_type": "MANUAL", "mac_address": "00:50:56:3f:00:03"}
    assert rest.old("PATCH", f"{path}/{made}", {"spec": other}) is None
    assert rest.get(f"{path}/{made}")["mac_address"] == other["mac_address"]
    for spec in (
        {},
        {"backing": {"type": "STANDARD_PORTGROUP"}},
        CARD | {"mac_address": "00:50:56:3f:00:04"},
        CARD | {"mac_type": "MANUAL"},
    ):
        assert rest.refused("POST", path, spec) == (400, "INVALID_ARGUMENT"), spec
    missing = {"backing": {"type": "DISTRIBUTED_PORTGROUP", "network": "network-1"}}
    assert rest.refused("POST", path, missing) == (404, "NOT_FOUND")
    rest.send("DELETE", f"/api{path}/{made}")
    assert rest.get(path) == [{"nic": "4000"}]


def test_a_card_is_connected_while_its_machine_is_on(rest):
    path = f"{path_of(rest, 'vm1')}/ethernet/4000"
    assert rest.get(path)["state"] == "CONNECTED"
    assert rest.refused("POST", f"{path}?action=connect") == (400, "ALREADY_IN_DESIRED_STATE")
    assert rest.post(f"{path}?action=disconnect") is None
    assert rest.get(path)["state"] == "NOT_CONNECTED"
    assert rest.old("POST", f"{path}/connect") is None
    assert rest.get(path)["state"] == "CONNECTED"
    off = f"{path_of(rest)}/ethernet/4000"
    for action in ("connect", "disconnect"):
        refusal = rest.refused("POST", f"{off}?action={action}")
        assert refusal == (400, "NOT_ALLOWED_IN_CURRENT_STATE")


def test_cd_drives(rest):
    path = f"{path_of(rest)}/cdrom"
    iso = {"backing": {"type": "ISO_FILE", "iso_file": "[datastore1] setup.iso"}}
    made = rest.post(path, iso | {"start_connected": True})
    found = rest.get(f"{path}/{made}")
    assert found["backing"] == iso["backing"]
    assert (found["type"], found["ide"]) == ("IDE", {"primary": True, "master": True})
    second = rest.post(path, {})
    assert rest.get(f"{path}/{second}")["ide"] == {"primary": True, "master": False}
    assert rest.get(f"{path}/{second}")["backing"]["type"] == "CLIENT_DEVICE"
    empty = {"backing": {"type": "HOST_DEVICE"}}
    assert rest.send("PATCH", f"/api{path}/{made}", empty).status == 204
    changed = rest.get(f"{path}/{made}")
    assert changed["backing"] == {
        "type": "HOST_DEVICE",
        "host_device": "",
        "auto_detect": True,
        "device_access_type": "EMULATION",
    }
    assert changed["start_connected"]
    wrong = {"backing": {"type": "ISO_FILE"}}
    assert rest.refused("POST", path, wrong) == (400, "INVALID_ARGUMENT")
    assert rest.refused("PATCH", f"{path}/9", empty) == (404, "NOT_FOUND")
    rest.send("DELETE", f"/api{path}/{made}")
    assert rest.get(path) == [{"cdrom": second}]
    assert rest.get(f"/vcenter/vm/{rest.moid('vm0')}")["cdroms"].keys() == {second}


def test_adapters(rest):
    path = f"{path_of(rest)}/adapter"
    made = rest.post(f"{path}/scsi", {"type": "LSILOGIC", "sharing": "VIRTUAL"})
    assert rest.get(f"{path}/scsi/{made}") == {
        "label": rest.get(f"{path}/scsi/{made}")["label"],
        "type": "LSILOGIC",
        "scsi": {"bus": 1, "unit": 7},
        "sharing": "VIRTUAL",
    }
    assert rest.send("PATCH", f"/api{path}/scsi/{made}", {"sharing": "NONE"}).status == 204
    assert rest.get(f"{path}/scsi/{made}")["sharing"] == "NONE"
    assert rest.refused("POST", f"{path}/scsi", {"bus": 1}) == (400, "RESOURCE_IN_USE")
    sata = rest.post(f"{path}/sata", {})
    assert rest.get(f"{path}/sata/{sata}")["bus"] == 0
    disk = rest.post(f"{path_of(rest)}/disk", {"type": "SATA"})
    assert rest.get(f"{path_of(rest)}/disk/{disk}")["sata"] == {"bus": 0, "unit": 0}
    nvme = rest.post(f"{path}/nvme", {"bus": 2})
    assert rest.get(f"{path}/nvme/{nvme}")["bus"] == 2
    for _ in range(3):
        rest.post(f"{path}/nvme", {})
    refusal = rest.refused("POST", f"{path}/nvme", {})
    assert refusal == (400, "UNABLE_TO_ALLOCATE_RESOURCE")
    rest.send("DELETE", f"/api{path}/scsi/{made}")
    assert rest.get(f"{path}/scsi") == [{"adapter": "1000"}]


def test_a_machine_is_made_with_all_sorts_of_devices(rest):
    spec = {
        "name": "made",
        "guest_OS": "DEBIAN_12_64",
        "placement": {"folder": "group-v1", "cluster": "domain-c1"},
        "sata_adapters": [{}],
        "nvme_adapters": [{"bus": 0}],
        "disks": [
            {"type": "SATA", "sata": {"bus": 0}},
            {"type": "NVME"},
            {"type": "SCSI", "scsi": {"bus": 0, "unit": 3}},
        ],
        "cdroms": [{"type": "SATA"}, {"type": "IDE"}],
        "nics": [CARD, CARD],
    }
    found = rest.get(f"/vcenter/vm/{rest.post('/vcenter/vm', spec)}")
    assert [disk["type"] for disk in found["disks"].values()] == ["SATA", "NVME", "SCSI"]
    sata, nvme, scsi = found["disks"].values()
    assert (sata["sata"], nvme["nvme"]) == ({"bus": 0, "unit": 0}, {"bus": 0, "unit": 0})
    assert scsi["scsi"] == {"bus": 0, "unit": 3}
    assert [drive["type"] for drive in found["cdroms"].values()] == ["SATA", "IDE"]
    assert next(iter(found["cdroms"].values()))["sata"] == {"bus": 0, "unit": 1}
    assert len({nic["mac_address"] for nic in found["nics"].values()}) == 2
    assert len(found["sata_adapters"]) == len(found["nvme_adapters"]) == 1


def test_how_a_machine_boots(rest):
    path = f"{path_of(rest)}/boot"
    changes = {
        "type": "EFI",
        "delay": 500,
        "retry": True,
        "retry_delay": 7,
        "enter_setup_mode": True,
    }
    assert rest.send("PATCH", f"/api{path}", changes).status == 204
    found = rest.get(path)
    assert {name: found[name] for name in changes} == changes
    assert found["network_protocol"] == "IPV4"
    assert rest.refused("PATCH", path, {"delay": -1}) == (400, "INVALID_ARGUMENT")


def test_hardware_is_raised_to_a_version(rest):
    path = path_of(rest)
    rest.vcenter.store.change(rest.vim.vm("vm0"), "config.version", "vmx-10")
    assert rest.post(f"{path}?action=upgrade", {"version": "VMX_15"}) is None
    assert rest.get(path)["version"] == "VMX_15"
    assert rest.old("POST", f"{path}/action/upgrade") is None
    assert rest.get(path)["version"] == "VMX_21"
    again = rest.refused("POST", f"{path}?action=upgrade")
    assert again == (400, "ALREADY_IN_DESIRED_STATE")
    older = rest.refused("POST", f"{path}?action=upgrade", {"version": "VMX_20"})
    assert older == (400, "INVALID_ARGUMENT")
    refusal = rest.refused("POST", f"{path}?action=upgrade", {"version": "9"})
    assert refusal == (400, "INVALID_ARGUMENT")
    rest.vcenter.store.change(rest.vim.vm("vm1"), "config.version", "vmx-10")
    on = f"{path_of(rest, 'vm1')}?action=upgrade"
    assert rest.refused("POST", on) == (400, "NOT_ALLOWED_IN_CURRENT_STATE")


def test_a_reader_changes_no_hardware(rest):
    reader = rest.other().login(READER, READER_PASSWORD)
    path = path_of(rest)
    for method, where, body in (
        ("POST", "disk", {}),
        ("DELETE", "disk/2000", None),
        ("POST", "ethernet", CARD),
        ("PATCH", "ethernet/4000", {}),
        ("POST", "ethernet/4000?action=connect", None),
        ("POST", "cdrom", {}),
        ("POST", "adapter/scsi", {}),
        ("PATCH", "boot", {}),
        ("PATCH", "memory", {"size_MiB": 64}),
    ):
        assert reader.refused(method, f"{path}/{where}", body) == (403, "UNAUTHORIZED"), where
