"""What there is, as lists with filters and one by one."""

import pytest

from vcenter_rest.rest import Rest


@pytest.fixture(scope="module")
def rest():
    return Rest().login()


def names(rest, path, query=""):
    return [one["name"] for one in rest.get(f"{path}?{query}")]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["vm0", "vm1", "vm2", "vm3"]),
        ("names=vm1", ["vm1"]),
        ("names=vm1&names=vm3&names=nobody", ["vm1", "vm3"]),
        ("power_states=POWERED_ON", ["vm1", "vm3"]),
        ("power_states=POWERED_ON&names=vm0", []),
        ("power_states=SUSPENDED", []),
        ("hosts=host-1", ["vm0", "vm2"]),
        ("hosts=host-1&hosts=host-2", ["vm0", "vm1", "vm2", "vm3"]),
        ("clusters=domain-c1", ["vm0", "vm1", "vm2", "vm3"]),
        ("clusters=domain-c9", []),
        ("resource_pools=resgroup-1", ["vm0", "vm1", "vm2", "vm3"]),
        ("resource_pools=resgroup-9", []),
        ("datacenters=datacenter-1", ["vm0", "vm1", "vm2", "vm3"]),
        ("datacenters=datacenter-2", []),
        ("folders=group-v1", ["vm0", "vm1", "vm2", "vm3"]),
        ("folders=group-h1", []),
        ("vms=vm-2", ["vm1"]),
    ],
)
def test_machines_are_listed_by_a_filter(rest, query, expected):
    assert names(rest, "/vcenter/vm", query) == expected
    old = "&".join(f"filter.{part}" for part in query.split("&") if part)
    assert [one["name"] for one in rest.old("GET", f"/vcenter/vm?{old}")] == expected
    numbered = "&".join(
        f"filter.{name}.{number}={value}"
        for number, (name, _, value) in enumerate(
            (part.partition("=") for part in query.split("&") if part), 1
        )
    )
    assert [one["name"] for one in rest.old("GET", f"/vcenter/vm?{numbered}")] == expected


def test_a_list_shows_of_a_machine(rest):
    (found,) = rest.get("/vcenter/vm?names=vm1")
    vm = rest.vcenter.store.get(rest.vim.vm("vm1"))
    assert found == {
        "vm": vm.moid,
        "name": "vm1",
        "power_state": "POWERED_ON",
        "cpu_count": vm["config.hardware.numCPU"],
        "memory_size_MiB": vm["config.hardware.memoryMB"],
    }


def test_values_that_are_none_of_the_api_are_refused(rest):
    for path in (
        "/vcenter/vm?power_states=on",
        "/vcenter/host?connection_states=connected",
        "/vcenter/host?standalone=maybe",
        "/vcenter/folder?type=VM",
    ):
        assert rest.refused("GET", path) == (400, "INVALID_ARGUMENT")
    assert rest.refused("GET", "/vcenter/vm?colour=red") == (400, "UNEXPECTED_INPUT")


def test_a_name_with_symbols_is_shown_and_found_with_them():
    rest = Rest(1).login()
    rest.vcenter.store.change(rest.vim.vm("vm0"), "name", "a%2fb%25c")
    assert names(rest, "/vcenter/vm") == ["a/b%c"]
    assert names(rest, "/vcenter/vm", "names=a%2Fb%25c") == ["a/b%c"]


def test_a_template_is_no_machine():
    rest = Rest(1).login()
    rest.vcenter.store.change(rest.vim.vm("vm0"), "config.template", value=True)
    assert names(rest, "/vcenter/vm") == []


def test_too_many_machines_are_refused():
    rest = Rest(1).login()
    store = rest.vcenter.store
    found = store.get(rest.vim.vm("vm0"))
    for number in range(4_000):
        store.add("VirtualMachine", f"vm-more{number}", dict(found.properties))
    assert rest.refused("GET", "/vcenter/vm") == (400, "UNABLE_TO_ALLOCATE_RESOURCE")
    assert len(rest.get("/vcenter/vm?vms=vm-more7")) == 1


def test_hosts(rest):
    first, second = rest.get("/vcenter/host")
    assert first["name"] == "esx1"
    assert (first["connection_state"], first["power_state"]) == ("CONNECTED", "POWERED_ON")
    for query, expected in (
        ("names=esx2", [second]),
        ("clusters=domain-c1", [first, second]),
        ("standalone=true", []),
        ("standalone=false", [first, second]),
        ("connection_states=DISCONNECTED", []),
        (f"host_uuids={second['host_uuid']}", [second]),
        ("folders=group-h1", [first, second]),
        ("datacenters=datacenter-1&hosts=host-1", [first]),
    ):
        assert rest.get(f"/vcenter/host?{query}") == expected, query


def test_a_host_that_cannot_be_reached_tells_no_power():
    rest = Rest(1).login()
    rest.vcenter.store.change("host-1", "runtime.connectionState", "notResponding")
    (found,) = rest.get("/vcenter/host?connection_states=NOT_RESPONDING")
    assert found["host"] == "host-1"
    assert "power_state" not in found


def test_containers(rest):
    assert rest.get("/vcenter/datacenter") == [{"datacenter": "datacenter-1", "name": "Datacenter"}]
    assert rest.get("/vcenter/datacenter/datacenter-1") == {
        "name": "Datacenter",
        "datastore_folder": "group-s1",
        "host_folder": "group-h1",
        "network_folder": "group-n1",
        "vm_folder": "group-v1",
    }
    (cluster,) = rest.get("/vcenter/cluster")
    assert cluster == {
        "cluster": "domain-c1",
        "name": "cluster",
        "ha_enabled": False,
        "drs_enabled": False,
    }
    assert rest.get("/vcenter/cluster/domain-c1") == {
        "name": "cluster",
        "resource_pool": "resgroup-1",
    }
    types = {one["folder"]: one["type"] for one in rest.get("/vcenter/folder")}
    assert types["group-d1"] == "DATACENTER"
    assert types["group-v1"] == "VIRTUAL_MACHINE"
    (found,) = rest.get("/vcenter/folder?type=HOST&datacenters=datacenter-1")
    assert found == {"folder": "group-h1", "name": "host", "type": "HOST"}


def test_storage_and_networks(rest):
    found = rest.get("/vcenter/datastore?types=VMFS&names=datastore1")
    assert [one["type"] for one in found] == ["VMFS"]
    told = rest.get(f"/vcenter/datastore/{found[0]['datastore']}")
    assert (told["name"], told["accessible"], told["multiple_host_access"]) == (
        "datastore1",
        True,
        True,
    )
    assert rest.get("/vcenter/datastore?types=NFS") == []
    assert [one["type"] for one in rest.get("/vcenter/network")] == ["STANDARD_PORTGROUP"]
    assert rest.get("/vcenter/network?types=DISTRIBUTED_PORTGROUP") == []


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/vcenter/vm/vm-99", "Virtual machine"),
        ("/vcenter/vm/host-1", "Virtual machine"),
        ("/vcenter/vm/vm-99/power", "Virtual machine"),
        ("/vcenter/datacenter/x", "Datacenter"),
        ("/vcenter/cluster/host-1", "Cluster"),
        ("/vcenter/datastore/vm-1", "Datastore"),
        ("/vcenter/resource-pool/x", "Resource pool"),
        ("/cis/tasks/task-9", "Task"),
    ],
)
def test_what_is_not_there(rest, path, title):
    answer = rest.send("GET", f"/api{path}")
    assert answer.error == (404, "NOT_FOUND")
    message = answer.json["messages"][0]
    assert message["default_message"].startswith(f"{title} with identifier '")
    assert message["args"][0].endswith(f":{rest.vcenter.uuid}")


def test_an_identifier_may_carry_that_of_its_vcenter(rest):
    moid = rest.moid("vm1")
    assert rest.get(f"/vcenter/vm/{moid}:{rest.vcenter.uuid}")["name"] == "vm1"
    assert rest.refused("GET", f"/vcenter/vm/{moid}:other") == (404, "NOT_FOUND")


def test_a_machine_whole(rest):
    vm = rest.vcenter.store.get(rest.vim.vm("vm1"))
    found = rest.get(f"/vcenter/vm/{vm.moid}")
    assert found["identity"] == {
        "name": "vm1",
        "bios_uuid": vm["config.uuid"],
        "instance_uuid": vm["config.instanceUuid"],
    }
    assert found["guest_OS"] == "DEBIAN_12_64"
    assert found["disks"]["2000"]["scsi"] == {"bus": 0, "unit": 0}
    assert found["nics"]["4000"]["backing"]["network_name"] == "VM Network"
    assert found["scsi_adapters"]["1000"]["type"] == "PVSCSI"
    old = rest.old("GET", f"/vcenter/vm/{vm.moid}")
    assert [entry["key"] for entry in old["disks"]] == list(found["disks"])
    assert old["disks"][0]["value"] == found["disks"]["2000"]
    hardware = f"/vcenter/vm/{vm.moid}/hardware"
    for part in ("boot", "cpu", "memory"):
        assert rest.get(f"{hardware}/{part}") == found[part]
    assert rest.get(hardware) == found["hardware"]
    assert rest.get(f"{hardware}/disk") == [{"disk": "2000"}]
    assert rest.get(f"{hardware}/ethernet") == [{"nic": "4000"}]
    assert rest.get(f"{hardware}/ethernet/4000") == found["nics"]["4000"]
    assert rest.get(f"{hardware}/adapter/scsi") == [{"adapter": "1000"}]
    assert rest.get(f"{hardware}/cdrom") == []
    assert rest.refused("GET", f"{hardware}/disk/7") == (404, "NOT_FOUND")


def test_a_guest_tells_of_itself_while_its_tools_run(rest):
    on, off = rest.moid("vm1"), rest.moid("vm0")
    told = rest.get(f"/vcenter/vm/{on}/guest/identity")
    assert (told["host_name"], told["ip_address"]) == ("guest1", "10.0.0.2")
    assert (told["name"], told["family"]) == ("DEBIAN_12_64", "LINUX")
    assert rest.get(f"/vcenter/vm/{on}/guest/power") == {
        "state": "RUNNING",
        "operations_ready": True,
    }
    assert rest.get(f"/vcenter/vm/{on}/guest/networking")["dns_values"]["host_name"] == "guest1"
    assert rest.get(f"/vcenter/vm/{on}/guest/operations")["guest_operations_ready"]
    assert rest.get(f"/vcenter/vm/{on}/tools")["run_state"] == "RUNNING"
    assert rest.get(f"/vcenter/vm/{off}/tools")["run_state"] == "NOT_RUNNING"
    answer = rest.send("GET", f"/api/vcenter/vm/{off}/guest/identity")
    assert answer.error == (503, "SERVICE_UNAVAILABLE")
    assert answer.json["messages"][0]["id"].endswith("guest.information_not_available")


def test_resource_pools():
    rest = Rest(1).login()
    (root,) = rest.get("/vcenter/resource-pool")
    made = rest.post(
        "/vcenter/resource-pool",
        {
            "name": "mine",
            "parent": root["resource_pool"],
            "cpu_allocation": {"limit": 2000, "shares": {"level": "CUSTOM", "shares": 7}},
        },
    )
    path = f"/vcenter/resource-pool/{made}"
    found = rest.get(path)
    assert found["cpu_allocation"] == {
        "reservation": 0,
        "expandable_reservation": True,
        "limit": 2000,
        "shares": {"level": "CUSTOM", "shares": 7},
    }
    assert found["memory_allocation"]["shares"] == {"level": "NORMAL"}
    assert rest.get(f"/vcenter/resource-pool/{root['resource_pool']}")["resource_pools"] == [made]
    for query in (f"parent_resource_pools={root['resource_pool']}", "names=mine"):
        assert [p["resource_pool"] for p in rest.get(f"/vcenter/resource-pool?{query}")] == [made]
    assert len(rest.get("/vcenter/resource-pool?hosts=host-1&clusters=domain-c1")) == 2
    assert rest.get("/vcenter/resource-pool?hosts=host-9") == []
    changes = {"name": "ours", "memory_allocation": {"reservation": 64}}
    assert rest.send("PATCH", f"/api{path}", changes).status == 204
    assert rest.get(path)["memory_allocation"]["reservation"] == 64
    assert rest.get(path)["cpu_allocation"]["limit"] == 2000
    wrong = {"cpu_allocation": {"shares": {"level": "HIGH", "shares": 1}}}
    assert rest.refused("PATCH", path, wrong) == (400, "INVALID_ARGUMENT")
    twin = {"name": "ours", "parent": root["resource_pool"]}
    assert rest.refused("POST", "/vcenter/resource-pool", twin) == (400, "ALREADY_EXISTS")
    assert rest.send("DELETE", f"/api{path}").status == 204
    assert rest.refused("GET", path) == (404, "NOT_FOUND")


def test_the_version(rest):
    told = rest.get("/appliance/system/version")
    assert (told["version"], told["product"]) == ("8.0.3.00000", "VMware vCenter Server")
    assert rest.old("GET", "/appliance/system/version") == told


def test_services_tell_of_themselves(rest):
    path = "/vapi/std/introspection/service"
    assert "com.vmware.vcenter.vm.power" in rest.get(path)
    told = rest.get(f"{path}/com.vmware.vcenter.vm.power")
    assert told == {"operations": ["get", "reset", "start", "stop", "suspend"]}
    assert rest.refused("GET", f"{path}/nothing") == (404, "NOT_FOUND")
