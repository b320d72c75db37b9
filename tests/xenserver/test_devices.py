"""Block devices and interfaces of guests: names, states, hot-plugging."""

from __future__ import annotations

from hashlib import md5

import pytest

import labs
from driving import call, do, finish, inside, refusal, set_row
from hvsim.xenserver.model import NULL_REF
from hvsim.xenserver.spec import GIB
from hvsim.xenserver.storage import device_names

both = pytest.mark.parametrize("profile", labs.PROFILES)


@pytest.fixture(name="pool")
def _pool(profile):
    return labs.small_pool(profile)


def shared(pool):
    return pool.row["default_SR"]


def new_disk(pool, **fields):
    return do(pool, "VDI.create", {"SR": shared(pool), "virtual_size": GIB} | fields)


def vbd_record(guest, vdi, **changes):
    return {
        "VM": guest, "VDI": vdi, "userdevice": "autodetect", "bootable": False, "mode": "RW",
        "type": "Disk", "unpluggable": True, "empty": False, "other_config": {},
    } | changes  # fmt: skip


def first_vbd(pool, guest):
    return pool.db.row("VM", labs.vm(pool, guest))["VBDs"][0]


def first_vif(pool, guest):
    return pool.db.row("VM", labs.vm(pool, guest))["VIFs"][0]


NAMES = [
    ("0", ("ide", 0, 0), ("xen", 0, 0)),
    ("3", ("ide", 3, 0), ("xen", 3, 0)),
    ("4", ("xen", 4, 0), ("xen", 4, 0)),
    ("xvda", ("xen", 0, 0), ("xen", 0, 0)),
    ("xvdaa1", ("xen", 26, 1), ("xen", 26, 1)),
    ("hdb", ("ide", 1, 0), ("ide", 1, 0)),
    ("sdp", ("scsi", 15, 0), ("scsi", 15, 0)),
    ("sdq", None, None),
    ("fda", ("floppy", 0, 0), ("floppy", 0, 0)),
    ("nonsense", None, None),
    ("-1", None, None),
    ("٣", None, None),
]


@pytest.mark.parametrize(("name", "hvm", "paravirtual"), NAMES)
def test_device_names(name, hvm, paravirtual):
    assert device_names.parse(name, hvm=True) == hvm
    assert device_names.parse(name, hvm=False) == paravirtual


@pytest.mark.parametrize(
    ("number", "hvm", "profile", "name"),
    [("0", True, "xenserver-5.5", "hda"), ("0", True, "xenserver-8", "xvda"),
     ("0", False, "xenserver-5.5", "xvda"), ("27", True, "xenserver-8", "xvdab"),
     ("hdc", True, "xenserver-5.5", "hdc")],
)  # fmt: skip
def test_names_inside_the_guest(number, hvm, profile, name):
    assert device_names.linux_name(labs.small_pool(profile), number, hvm=hvm) == name


@both
def test_devices_a_guest_can_still_get(pool):
    spare = labs.vm(pool, "spare")
    disks, interfaces = (16, 7) if pool.legacy else (255, 16)
    free = do(pool, "VM.get_allowed_VBD_devices", spare)
    assert (free[0], len(free)) == ("1", disks - 1)
    free = do(pool, "VM.get_allowed_VIF_devices", spare)
    assert (free[0], len(free)) == ("1", interfaces - 1)


@both
@pytest.mark.parametrize("name", ["0", "xvda"])
def test_device_that_is_taken(pool, name):
    record = vbd_record(labs.vm(pool, "spare"), new_disk(pool), userdevice=name)
    assert refusal(pool, "VBD.create", record) == ["DEVICE_ALREADY_EXISTS", name]


@both
@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"userdevice": "junk"}, ["INVALID_DEVICE", "junk"]),
        ({"type": "CD"}, ["VBD_CDS_MUST_BE_READONLY"]),
        ({"empty": True, "VDI": NULL_REF}, ["VBD_NOT_REMOVABLE_MEDIA", "in constructor"]),
        ({"VDI": "OpaqueRef:no"}, ["HANDLE_INVALID", "VDI", "OpaqueRef:no"]),
        ({"VM": "OpaqueRef:no"}, ["HANDLE_INVALID", "VM", "OpaqueRef:no"]),
    ],
)
def test_block_devices_that_cannot_be(pool, changes, error):
    record = vbd_record(labs.vm(pool, "spare"), new_disk(pool)) | changes
    assert refusal(pool, "VBD.create", record) == error


@both
def test_read_only_disk_and_kinds_that_no_guest_gets(pool):
    spare, disk = labs.vm(pool, "spare"), new_disk(pool, read_only=True)
    assert refusal(pool, "VBD.create", vbd_record(spare, disk)) == ["VDI_READONLY", disk]
    state = new_disk(pool, type="ha_statefile")
    assert refusal(pool, "VBD.create", vbd_record(spare, state)) == [
        "VDI_INCOMPATIBLE_TYPE", state, "ha_statefile",
    ]  # fmt: skip


@both
def test_disk_is_plugged_into_a_running_guest_and_unplugged(pool):
    web = labs.vm(pool, "web")
    disk = new_disk(pool)
    vbd = do(pool, "VBD.create", vbd_record(web, disk))
    row = pool.db.row("VBD", vbd)
    assert (row["userdevice"], row["device"], row["currently_attached"]) == ("1", "", False)
    assert "plug" in row["allowed_operations"]
    assert refusal(pool, "VBD.unplug", vbd) == ["DEVICE_ALREADY_DETACHED", vbd]
    operation = call(pool, "VBD.plug", vbd)
    assert list(row["current_operations"].values()) == ["plug"]
    busy = [
        "OTHER_OPERATION_IN_PROGRESS",
        "VBD",
        vbd,
        "plug",
        next(iter(row["current_operations"])),
    ]
    assert refusal(pool, "VBD.plug", vbd) == busy
    finish(pool, operation)
    assert (row["device"], row["currently_attached"]) == ("hdb" if pool.legacy else "xvdb", True)
    assert pool.db.row("VDI", disk)["allowed_operations"] == ["snapshot", "clone"]
    assert refusal(pool, "VBD.plug", vbd) == ["DEVICE_ALREADY_ATTACHED", vbd]
    guest = pool.db.row("VM", web)["uuid"]
    assert refusal(pool, "VBD.destroy", vbd) == [
        "OPERATION_NOT_ALLOWED", f"VBD '{row['uuid']}' still attached to '{guest}'",
    ]  # fmt: skip
    do(pool, "VBD.unplug", vbd)
    do(pool, "VBD.destroy", vbd)
    assert "destroy" in pool.db.row("VDI", disk)["allowed_operations"]


@both
@pytest.mark.parametrize("message", ["VBD.plug", "VBD.unplug", "VBD.unplug_force"])
def test_halted_guests_are_not_plugged(pool, message):
    vbd, spare = first_vbd(pool, "spare"), labs.vm(pool, "spare")
    assert refusal(pool, message, vbd) == ["VM_BAD_POWER_STATE", spare, "running", "halted"]


@both
def test_disk_shared_by_two_guests(pool):
    theirs = pool.db.row("VBD", first_vbd(pool, "web"))["VDI"]
    vbd = do(pool, "VBD.create", vbd_record(labs.vm(pool, "db"), theirs))
    assert refusal(pool, "VBD.plug", vbd) == ["VDI_IN_USE", theirs]
    assert refusal(pool, "VBD.assert_attachable", vbd) == ["VDI_IN_USE", theirs]
    both_may = new_disk(pool, sharable=True)
    for guest in ("web", "db"):
        do(pool, "VBD.plug", do(pool, "VBD.create", vbd_record(labs.vm(pool, guest), both_may)))
    assert len(pool.db.row("VDI", both_may)["VBDs"]) == 2


@both
def test_guests_sharing_a_disk_do_not_start_together(pool):
    theirs = pool.db.row("VBD", first_vbd(pool, "spare"))["VDI"]
    lost = labs.vm(pool, "lost")
    do(pool, "VBD.create", vbd_record(lost, theirs))
    operation = call(pool, "VM.start", labs.vm(pool, "spare"), False, False)
    attaching = pool.db.row("VBD", first_vbd(pool, "spare"))["current_operations"]
    assert list(attaching.values()) == ["attach"]
    assert refusal(pool, "VM.start", lost, False, False) == ["VDI_IN_USE", theirs]
    assert pool.db.row("VM", lost)["current_operations"] == {}
    finish(pool, operation)
    assert refusal(pool, "VM.start", lost, False, False) == ["VDI_IN_USE", theirs]
    assert pool.db.row("VBD", first_vbd(pool, "spare"))["current_operations"] == {}
    do(pool, "VM.hard_shutdown", labs.vm(pool, "spare"))
    do(pool, "VM.start", lost, False, False)


@both
def test_guest_does_not_start_where_the_path_to_its_disk_is_cut(pool):
    pool.world.hardware.set_storage_path("Shared storage", "host2", up=False)
    spare, host2 = labs.vm(pool, "spare"), labs.host(pool, "host2")
    assert refusal(pool, "VM.start_on", spare, host2, False, False)[0] == "SR_BACKEND_FAILURE_47"
    do(pool, "VM.start_on", spare, labs.host(pool, "host1"), False, False)


@both
def test_disk_out_of_the_hosts_reach(pool):
    pool.world.hardware.set_storage_path("Shared storage", "host2", up=False)
    vbd = do(pool, "VBD.create", vbd_record(labs.vm(pool, "db"), new_disk(pool)))
    assert refusal(pool, "VBD.plug", vbd)[0] == "SR_BACKEND_FAILURE_47"
    elsewhere = next(
        ref for ref, row in pool.db.tables["SR"].items() if row["name_label"].endswith("host1")
    )
    local = do(pool, "VDI.create", {"SR": elsewhere, "virtual_size": GIB})
    vbd = do(pool, "VBD.create", vbd_record(labs.vm(pool, "db"), local))
    code = "SR_HAS_NO_PBDS" if pool.legacy else "SR_NOT_ATTACHED"
    assert refusal(pool, "VBD.plug", vbd) == [code, elsewhere]


@both
def test_guest_without_drivers_is_not_hot_plugged(profile):
    guest = labs.GuestSpec(name="bare", power_state="Running", tools=False)
    pool = labs.small_pool(profile, guests=[guest])
    bare = labs.vm(pool, "bare")
    vbd = do(pool, "VBD.create", vbd_record(bare, new_disk(pool)))
    assert refusal(pool, "VBD.plug", vbd) == ["VM_MISSING_PV_DRIVERS", bare]
    assert refusal(pool, "VIF.unplug", first_vif(pool, "bare")) == ["VM_MISSING_PV_DRIVERS", bare]


@both
def test_guest_that_is_being_stopped_is_not_plugged(pool):
    web = labs.vm(pool, "web")
    call(pool, "VM.clean_shutdown", web)
    pool.world.advance(0.5)
    text = f"Current operation on VM:{web} is clean_shutdown"
    assert refusal(pool, "VIF.unplug", first_vif(pool, "web")) == ["OPERATION_NOT_ALLOWED", text]
    assert refusal(pool, "VBD.unplug", first_vbd(pool, "web")) == ["OPERATION_NOT_ALLOWED", text]


@both
def test_media_are_inserted_and_ejected(pool):
    web = labs.vm(pool, "web")
    drive = do(pool, "VBD.create", vbd_record(web, NULL_REF, type="CD", mode="RO", empty=True))
    medium = new_disk(pool, read_only=True)
    assert refusal(pool, "VBD.eject", drive) == ["VBD_IS_EMPTY", drive]
    do(pool, "VBD.insert", drive, medium)
    row = pool.db.row("VBD", drive)
    assert (row["VDI"], row["empty"]) == (medium, False)
    assert refusal(pool, "VBD.insert", drive, medium) == ["VBD_NOT_EMPTY", drive]
    do(pool, "VBD.eject", drive)
    assert (row["VDI"], row["empty"]) == (NULL_REF, True)
    disk = first_vbd(pool, "web")
    assert refusal(pool, "VBD.eject", disk) == ["VBD_NOT_REMOVABLE_MEDIA", disk]
    assert refusal(pool, "VBD.plug", drive) == [
        "OPERATION_NOT_ALLOWED",
        "HVM CDROMs cannot be hotplugged/unplugged, only inserted or ejected",
    ]


@both
def test_mode_changes_while_halted(pool):
    do(pool, "VBD.set_mode", first_vbd(pool, "spare"), "RO")
    assert pool.db.row("VBD", first_vbd(pool, "spare"))["mode"] == "RO"
    web = labs.vm(pool, "web")
    assert refusal(pool, "VBD.set_mode", first_vbd(pool, "web"), "RO") == [
        "VM_BAD_POWER_STATE", web, "halted", "running",
    ]  # fmt: skip


@both
def test_power_changes_what_devices_allow(pool):
    vbd, vif = first_vbd(pool, "spare"), first_vif(pool, "spare")
    assert pool.db.row("VBD", vbd)["allowed_operations"] == ["attach"]
    assert pool.db.row("VIF", vif)["allowed_operations"] == ["attach"]
    do(pool, "VM.start", labs.vm(pool, "spare"), False, False)
    # Until its drivers have reported, a fully virtualised guest lets nothing be unplugged.
    assert "unplug" not in pool.db.row("VBD", vbd)["allowed_operations"]
    assert pool.db.row("VDI", pool.db.row("VBD", vbd)["VDI"])["allowed_operations"] == [
        "snapshot", "clone",
    ]  # fmt: skip
    inside(pool, "guest.install-tools", "spare")
    pool.world.advance(60)
    assert "unplug" in pool.db.row("VBD", vbd)["allowed_operations"]
    assert pool.db.row("VIF", vif)["allowed_operations"] == ["attach", "unplug"]
    do(pool, "VM.hard_shutdown", labs.vm(pool, "spare"))
    assert pool.db.row("VBD", vbd)["allowed_operations"] == ["attach"]


def vif_record(pool, guest, **changes):
    network = next(iter(pool.db.tables["network"]))
    return {
        "VM": guest, "network": network, "device": "1", "MAC": "02:00:00:00:00:99", "MTU": 1500,
        "other_config": {},
    } | changes  # fmt: skip


@both
@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"device": "one"}, ["INVALID_DEVICE", "one"]),
        ({"device": "0"}, ["DEVICE_ALREADY_EXISTS", "0"]),
        ({"MAC": "02:00"}, ["MAC_INVALID", "02:00"]),
        ({"MAC": ""}, ["MAC_INVALID", ""]),
        ({"network": "OpaqueRef:no"}, ["HANDLE_INVALID", "network", "OpaqueRef:no"]),
    ],
)
def test_interfaces_that_cannot_be(pool, changes, error):
    record = vif_record(pool, labs.vm(pool, "spare"), **changes)
    assert refusal(pool, "VIF.create", record) == error


@both
def test_interface_is_plugged_and_unplugged(pool):
    web = labs.vm(pool, "web")
    vif = do(pool, "VIF.create", vif_record(pool, web))
    row = pool.db.row("VIF", vif)
    assert refusal(pool, "VIF.unplug", vif) == ["DEVICE_ALREADY_DETACHED", vif]
    do(pool, "VIF.plug", vif)
    assert row["currently_attached"]
    assert refusal(pool, "VIF.destroy", vif) == [
        "OPERATION_NOT_ALLOWED", "VIF currently attached to a running VM",
    ]  # fmt: skip
    do(pool, "VIF.unplug", vif)
    do(pool, "VIF.destroy", vif)
    assert vif not in pool.db.row("VM", web)["VIFs"]


@both
def test_addresses_come_from_the_guests_seed(pool):
    spare = labs.vm(pool, "spare")
    set_row(pool, spare, other_config={"mac_seed": "seed"})
    vif = do(pool, "VIF.create", vif_record(pool, spare, MAC=""))
    digest = b"seed"
    for _ in range(3):  # twice the device's number, and once
        digest = md5(digest, usedforsecurity=False).digest()
    tail = md5(digest, usedforsecurity=False).digest()
    octets = [(digest[0] | 2) & 254, *digest[1:4], tail[1], tail[2]]
    assert pool.db.row("VIF", vif)["MAC"] == ":".join(f"{octet:02x}" for octet in octets)
    assert pool.db.row("VIF", vif)["MAC_autogenerated"] is True


def test_locked_interfaces_take_addresses_only():
    pool = labs.small_pool()
    vif = first_vif(pool, "web")
    do(pool, "VIF.set_ipv4_allowed", vif, ["192.0.2.1"])
    do(pool, "VIF.add_ipv4_allowed", vif, "192.0.2.2")
    do(pool, "VIF.remove_ipv4_allowed", vif, "192.0.2.1")
    assert pool.db.row("VIF", vif)["ipv4_allowed"] == ["192.0.2.2"]
    assert refusal(pool, "VIF.add_ipv6_allowed", vif, "192.0.2.1") == [
        "INVALID_IP_ADDRESS_SPECIFIED", "ipv6_allowed",
    ]  # fmt: skip
    do(pool, "VIF.configure_ipv4", vif, "Static", "192.0.2.9/24", "192.0.2.254")
    row = pool.db.row("VIF", vif)
    assert (row["ipv4_configuration_mode"], row["ipv4_addresses"]) == ("Static", ["192.0.2.9/24"])
    assert refusal(pool, "VIF.configure_ipv4", vif, "Static", "192.0.2.9", "")[0] == (
        "INVALID_CIDR_ADDRESS_SPECIFIED"
    )
