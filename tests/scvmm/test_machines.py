"""Machines come into being, are changed and go; their parts; the library and the catalog."""

from __future__ import annotations

import pytest

from hvsim.scvmm import catalog
from hvsim.scvmm.errors import VmmError
from scvmmlabs import ADMIN, do, done, failed, guest, host, lab, named, run, start, view, vm


def parts(vmm, kind, name):
    return vmm.store.parts(kind, vm(vmm, name).id)


def refused(vmm, number, action, **args):
    with pytest.raises(VmmError) as error:
        vmm.call(ADMIN, action, args)
    assert error.value.number == number


def test_of_a_template():
    vmm = lab()
    job = start(vmm, "NewVirtualMachine", Name="n", VMTemplate=named(vmm, "VMTemplate", "w2019"),
                VMHost=host(vmm, "hv9"), Fields={"CPUCount": 4}, StartVM=True)  # fmt: skip
    assert view(vmm, "n") == ("UnderCreation", "PowerOff", "hv9")
    vmm.world.advance(120)
    assert (job["Status"], view(vmm, "n")) == ("Completed", ("Running", "Running", "hv9"))
    assert (vm(vmm, "n")["CPUCount"], vm(vmm, "n")["Memory"]) == (4, 2048)
    assert guest(vmm, "n").boots == 1
    disk = parts(vmm, "VirtualHardDisk", "n")[0]
    assert disk["MaximumSize"] == 40 * 2**30
    assert disk["Location"].startswith(vm(vmm, "n")["Location"])
    adapter = parts(vmm, "VirtualNetworkAdapter", "n")[0]
    assert adapter["MACAddress"].startswith("00:1D:D8:")


def test_a_copy_has_parts_of_its_own():
    vmm = lab()
    done(vmm, "StopVirtualMachine", VM=vm(vmm, "web"))
    done(vmm, "NewVirtualMachine", Name="copy", VM=vm(vmm, "web"), VMHost=host(vmm, "hv2"))
    ours, theirs = (parts(vmm, "VirtualNetworkAdapter", name)[0] for name in ("copy", "web"))
    assert ours["MACAddress"] != theirs["MACAddress"]
    drive = parts(vmm, "VirtualDiskDrive", "copy")[0]
    assert drive["VirtualHardDiskID"] == parts(vmm, "VirtualHardDisk", "copy")[0].id


def test_vmm_chooses_the_host():
    vmm = lab()
    planned = vmm.call(
        ADMIN, "NewVMConfiguration",
        {"Name": "p", "VMTemplate": named(vmm, "VMTemplate", "w2019").id},
    )  # fmt: skip
    vmm.call(ADMIN, "UpdateVMConfiguration", {"VMConfiguration": planned})
    chosen = vmm.store.get("VMConfiguration", planned)["VMHostID"]
    assert chosen == host(vmm, "hv3").id, "it is the emptiest"
    done(vmm, "NewVirtualMachine", Name="p", VMConfiguration=planned)
    assert view(vmm, "p")[2] == "hv3"
    done(vmm, "NewVirtualMachine", Name="q", Cloud=named(vmm, "Cloud", "blue"))
    assert vm(vmm, "q")["CloudID"] == named(vmm, "Cloud", "blue").id


def test_a_host_that_is_lost_while_it_makes_a_machine():
    vmm = lab()
    start(vmm, "NewVirtualMachine", Name="n", VMTemplate=named(vmm, "VMTemplate", "w2019"),
          VMHost=host(vmm, "hv9"))  # fmt: skip
    do(vmm, "server.crash", server="hv9")
    vmm.world.advance(120)
    assert vm(vmm, "n")["Status"] == "CreationFailed"
    done(vmm, "RemoveVirtualMachine", VM=vm(vmm, "n"))


def test_highly_available_needs_a_cluster():
    vmm = lab()
    given = {"Name": "n", "VMHost": host(vmm, "hv9").id, "Fields": {"IsHighlyAvailable": True}}
    refused(vmm, 10608, "NewVirtualMachine", **given)


def test_hardware_is_changed_while_it_is_off():
    vmm = lab()
    refused(vmm, 640, "SetVirtualMachine", VM=vm(vmm, "web").id, Fields={"CPUCount": 8})
    done(vmm, "SetVirtualMachine", VM=vm(vmm, "web"), Fields={"Description": "shop"})
    done(vmm, "StopVirtualMachine", VM=vm(vmm, "web"))
    done(vmm, "SetVirtualMachine", VM=vm(vmm, "web"), Fields={"CPUCount": 8, "Memory": 4096})
    assert (guest(vmm, "web").cpus, guest(vmm, "web").memory) == (8, 4096)
    assert view(vmm, "web")[0] == "PowerOff"


def test_parts_are_added_changed_and_removed():
    vmm = lab()
    new = vm(vmm, "new").id
    fields = {"BusType": "SCSI", "SizeMB": 1024}
    given = {"Kind": "VirtualDiskDrive", "Owner": new, "Fields": fields}
    made = vmm.call(ADMIN, "NewDevice", given)
    assert vmm.store.get("VirtualDiskDrive", made)["LUN"] == 0
    refused(vmm, 802, "NewDevice", Kind="VirtualDiskDrive", Owner=new,
            Fields={"BusType": "SCSI", "Bus": 0, "LUN": 0})  # fmt: skip
    vmm.call(ADMIN, "RemoveDevice", {"Kind": "VirtualDiskDrive", "ID": made})
    assert len(parts(vmm, "VirtualHardDisk", "new")) == 1
    web = vm(vmm, "web").id
    refused(vmm, 640, "NewDevice", Kind="VirtualNetworkAdapter", Owner=web, Fields={})
    drive = parts(vmm, "VirtualDVDDrive", "web")[0]
    iso = named(vmm, "ISO", "debian").id
    vmm.call(ADMIN, "SetDevice", {"Kind": "VirtualDVDDrive", "ID": drive.id,
                                  "Fields": {"ISOID": iso, "Connection": "ISO"}})  # fmt: skip
    assert drive["ISOID"] == iso


def test_a_job_group_gathers_parts():
    vmm = lab()
    vmm.call(ADMIN, "NewDevice", {"Kind": "VirtualDiskDrive", "JobGroup": "g1",
                                  "Fields": {"SizeMB": 1024}})  # fmt: skip
    done(vmm, "NewVirtualMachine", Name="n", VMHost=host(vmm, "hv9"), JobGroup="g1")
    assert [disk["MaximumSize"] for disk in parts(vmm, "VirtualHardDisk", "n")] == [2**30]


def test_checkpoints():
    vmm = lab()
    web = vm(vmm, "web")
    done(vmm, "NewCheckpoint", VM=web, Name="one")
    done(vmm, "NewCheckpoint", VM=web, Name="two")
    one, two = vmm.store.parts("VMCheckpoint", web.id)
    assert two["ParentCheckpointID"] == one["CheckpointID"] != web["LastRestoredCheckpointID"]
    done(vmm, "RestoreCheckpoint", VMCheckpoint=one)
    assert view(vmm, "web")[0] == "Saved"
    done(vmm, "RemoveCheckpoint", VMCheckpoint=one)
    assert [known.name for known in vmm.store.parts("VMCheckpoint", web.id)] == ["two"]
    assert two["ParentCheckpointID"] is None


def test_removing_takes_the_files_too():
    vmm = lab()
    refused(vmm, 1730, "RemoveVirtualMachine", VM=vm(vmm, "web").id)
    ident, guid = vm(vmm, "new").id, vm(vmm, "new")["VMId"]
    done(vmm, "RemoveVirtualMachine", VM=vm(vmm, "new"))
    assert guid not in vmm.fabric.guests
    assert vmm.store.parts("VirtualHardDisk", ident) == []
    refused(vmm, 801, "StartVirtualMachine", VM=ident)


def test_a_machine_that_runs_though_vmm_thinks_otherwise_is_not_removed():
    vmm = lab("scvmm-2008r2")
    vmm.world.advance(1)
    do(vmm, "scvmm.guest.power-outside", vmm="vmm1", guest="new", to="on")
    assert failed(vmm, "RemoveVirtualMachine", VM=vm(vmm, "new")) == 12711
    assert view(vmm, "new")[0] == "Running"


@pytest.mark.parametrize("kind", sorted(catalog.KINDS))
def test_each_kind_of_the_catalog_is_made_changed_and_removed(kind):
    vmm = lab()
    given = {"Name": "thing"}
    unique = catalog.KINDS[kind].unique
    ident = vmm.call(ADMIN, "NewObject", {"Kind": kind, "Fields": given})
    if unique:
        refused(vmm, 25001, "NewObject", Kind=kind, Fields=given)
    vmm.call(ADMIN, "SetObject", {"Kind": kind, "ID": ident, "Fields": {"Description": "new"}})
    assert vmm.store.get(kind, ident)["Description"] == "new"
    vmm.call(ADMIN, "RemoveObject", {"Kind": kind, "ID": ident})
    refused(vmm, 801, "SetObject", Kind=kind, ID=ident, Fields={})


def test_what_is_used_cannot_be_removed():
    vmm = lab()
    network = named(vmm, "VMNetwork", "Production").id
    refused(vmm, 25006, "RemoveObject", Kind="VMNetwork", ID=network)


def test_what_it_does_not_have_is_refused_in_its_own_words():
    vmm = lab()
    refused(vmm, 50003, "NewObject", Kind="Service", Fields={"Name": "x"})
    refused(vmm, 50003, "NoSuchThing")
    refused(vmm, 50002, "StartVirtualMachine", VM=vm(vmm, "new").id, Wrong=1)


def test_addresses_of_a_pool():
    vmm = lab()
    ends = {"IPAddressRangeStart": "192.0.2.1", "IPAddressRangeEnd": "192.0.2.2"}
    given = {"Kind": "StaticIPAddressPool", "Fields": {"Name": "p"} | ends}
    pool = vmm.call(ADMIN, "NewObject", given)
    got = [vmm.call(ADMIN, "GrantIPAddress", {"StaticIPAddressPool": pool}) for _ in range(2)]
    assert [vmm.store.get("AllocatedIPAddress", one)["Address"] for one in got] == [
        "192.0.2.1",
        "192.0.2.2",
    ]
    refused(vmm, 802, "GrantIPAddress", StaticIPAddressPool=pool)
    vmm.call(ADMIN, "RevokeIPAddress", {"AllocatedIPAddress": got[0]})
    vmm.call(ADMIN, "GrantIPAddress", {"StaticIPAddressPool": pool})


def test_a_stage_can_be_made_to_fail():
    vmm = lab()
    do(vmm, "operation.fail-next", on="vmm1/web", stage="stop", error=["2912", "server=hv1"])
    job = run(vmm, "StopVirtualMachine", VM=vm(vmm, "web"))
    assert (job["Status"], job["ErrorInfo"]["Code"]) == ("Failed", 2912)
    assert view(vmm, "web")[0] == "Running"


def test_passwords_are_not_journalled():
    vmm = lab()
    fields = {"Name": "r", "UserName": "u", "Password": "hunter2"}
    ident = vmm.call(ADMIN, "NewObject", {"Kind": "RunAsAccount", "Fields": fields})
    lines = b"".join(entry.line() for entry in vmm.world.journal.entries)
    assert b"hunter2" not in lines
    assert "hunter2" not in str(vmm.store.get("RunAsAccount", ident).fields)


def test_what_is_only_forgotten_comes_back():
    vmm = lab()
    before = vm(vmm, "web").id
    refused(vmm, 1730, "RemoveVirtualMachine", VM=before)
    done(vmm, "RemoveVirtualMachine", VM=before, Force=True)
    assert vmm.store.named("VM", "web") is None
    assert guest(vmm, "web").state == "Running"
    vmm.world.advance(130)
    assert view(vmm, "web") == ("Running", "Running", "hv1")
    assert vm(vmm, "web").id != before


def test_the_library_stores_a_machine():
    vmm = lab()
    server = vmm.store.of("LibraryServer")[0]
    refused(vmm, 1730, "StoreVirtualMachine", VM=vm(vmm, "web").id, LibraryServer=server.id)
    elsewhere = {"LibraryServer": server.id, "SharePath": "\\\\elsewhere\\share"}
    refused(vmm, 2904, "StoreVirtualMachine", VM=vm(vmm, "new").id, **elsewhere)
    disk = parts(vmm, "VirtualHardDisk", "new")[0].id
    done(vmm, "StoreVirtualMachine", VM=vm(vmm, "new"), LibraryServer=server)
    assert vm(vmm, "new")["Status"] == "Stored"
    assert not [one for one in vmm.fabric.guests.values() if one.name == "new"]
    vmm.world.advance(2000)
    assert vm(vmm, "new")["Status"] == "Stored", "no refresh misses it"
    refused(vmm, 1730, "StartVirtualMachine", VM=vm(vmm, "new").id)
    done(vmm, "MoveVirtualMachine", VM=vm(vmm, "new"), VMHost=host(vmm, "hv9"))
    assert view(vmm, "new") == ("PowerOff", "PowerOff", "hv9")
    assert parts(vmm, "VirtualHardDisk", "new")[0].id == disk
    done(vmm, "StartVirtualMachine", VM=vm(vmm, "new"))


def test_a_stored_machine_is_deleted():
    vmm = lab()
    server = vmm.store.of("LibraryServer")[0]
    done(vmm, "StoreVirtualMachine", VM=vm(vmm, "new"), LibraryServer=server)
    done(vmm, "RemoveVirtualMachine", VM=vm(vmm, "new"))
    assert vmm.store.named("VM", "new") is None
    assert vmm.shelf == {}


def test_a_store_that_fails_leaves_the_machine():
    vmm = lab()
    server = vmm.store.of("LibraryServer")[0]
    do(vmm, "service.stop", server="hv3", service="vmmagent")
    assert failed(vmm, "StoreVirtualMachine", VM=vm(vmm, "new"), LibraryServer=server) == 2912
    assert guest(vmm, "new").host == "hv3"
    assert view(vmm, "new")[:2] == ("HostNotResponding", "PowerOff")
    assert vmm.shelf == {}
