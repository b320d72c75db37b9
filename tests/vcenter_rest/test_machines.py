"""Machines made, copied, moved and removed; the tasks that do it; hosts and datacenters."""

import pytest

from hvsim.stages import OperationFailNext
from vcenter_rest.rest import READER, READER_PASSWORD, Rest, running
from vclabs import lab

PLACE = {"folder": "group-v1", "cluster": "domain-c1"}


@pytest.fixture
def rest():
    with running(Rest(2).login()) as found:
        yield found


def specification(**more):
    return {"name": "made", "guest_OS": "RHEL_9_64", "placement": PLACE} | more


def names(rest):
    return [one["name"] for one in rest.get("/vcenter/vm")]


def test_a_machine_is_made_and_removed(rest):
    spec = specification(
        cpu={"count": 2, "cores_per_socket": 2},
        memory={"size_MiB": 4096, "hot_add_enabled": True},
        disks=[{"new_vmdk": {"capacity": 2**30}}, {"new_vmdk": {"capacity": 2**31}}],
        nics=[
            {
                "type": "E1000",
                "mac_type": "MANUAL",
                "mac_address": "00:50:56:3f:00:01",
                "start_connected": True,
                "backing": {"type": "STANDARD_PORTGROUP", "network": "network-1"},
            }
        ],
    )
    made = rest.post("/vcenter/vm", spec)
    found = rest.get(f"/vcenter/vm/{made}")
    assert (found["name"], found["guest_OS"]) == ("made", "RHEL_9_64")
    assert (found["cpu"]["count"], found["memory"]["size_MiB"]) == (2, 4096)
    assert [disk["capacity"] for disk in found["disks"].values()] == [2**30, 2**31]
    assert [disk["scsi"]["unit"] for disk in found["disks"].values()] == [0, 1]
    (nic,) = found["nics"].values()
    assert (nic["type"], nic["mac_address"], nic["mac_type"]) == (
        "E1000",
        "00:50:56:3f:00:01",
        "MANUAL",
    )
    assert rest.refused("POST", "/vcenter/vm", spec) == (400, "ALREADY_EXISTS")
    assert rest.send("DELETE", f"/api/vcenter/vm/{made}").status == 204
    assert rest.refused("GET", f"/vcenter/vm/{made}") == (404, "NOT_FOUND")
    assert names(rest) == ["vm0", "vm1"]


def test_a_machine_of_which_little_is_said(rest):
    made = rest.old("POST", "/vcenter/vm", {"spec": specification()})
    found = rest.get(f"/vcenter/vm/{made}")
    assert found["power_state"] == "POWERED_OFF"
    assert len(found["disks"]) == 1
    assert found["nics"] == {}


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"guest_OS": "PLAN_9"}, (400, "INVALID_ARGUMENT")),
        ({"placement": None}, (400, "INVALID_ARGUMENT")),
        ({"placement": {"folder": "group-v1"}}, (400, "INVALID_ARGUMENT")),
        ({"placement": PLACE | {"folder": "group-v9"}}, (404, "NOT_FOUND")),
        ({"placement": PLACE | {"datastore": "datastore-9"}}, (404, "NOT_FOUND")),
        ({"placement": PLACE | {"host": "host-9"}}, (404, "NOT_FOUND")),
        ({"placement": PLACE | {"folder": "group-h1"}}, (400, "INVALID_ARGUMENT")),
        ({"memory": {"size_MiB": 0}}, (400, "INVALID_ARGUMENT")),
        ({"cpu": {"count": "two"}}, (400, "INVALID_ARGUMENT")),
        ({"disks": [{"new_vmdk": {"capacity": -1}}]}, (400, "INVALID_ARGUMENT")),
        ({"disks": [{"sata": {"bus": 0, "unit": 90}}]}, (400, "INVALID_ARGUMENT")),
        ({"disks": [{"type": "SATA"}]}, (400, "UNABLE_TO_ALLOCATE_RESOURCE")),
        ({"disks": [{"backing": {"type": "VMDK_FILE"}}]}, (400, "UNSUPPORTED")),
        ({"floppies": [{}]}, (400, "UNSUPPORTED")),
        ({"nics": [{}]}, (400, "INVALID_ARGUMENT")),
        (
            {"nics": [{"backing": {"type": "STANDARD_PORTGROUP", "network": "x"}}]},
            (404, "NOT_FOUND"),
        ),
        ({"colour": "red"}, (400, "UNEXPECTED_INPUT")),
        ({"name": 7}, (400, "INVALID_ARGUMENT")),
    ],
)
def test_what_no_machine_is_made_from(rest, change, refusal):
    assert rest.refused("POST", "/vcenter/vm", specification() | change) == refusal
    assert names(rest) == ["vm0", "vm1"]


def test_a_machine_that_runs_is_not_removed(rest):
    moid = rest.moid("vm1")
    answer = rest.send("DELETE", f"/api/vcenter/vm/{moid}")
    assert answer.error == (400, "NOT_ALLOWED_IN_CURRENT_STATE")
    path = f"/vcenter/vm/{moid}?action=unregister"
    assert rest.refused("POST", path) == (400, "NOT_ALLOWED_IN_CURRENT_STATE")
    assert names(rest) == ["vm0", "vm1"]


def test_a_copy_at_once_and_by_a_task(rest):
    spec = {"source": rest.moid("vm0"), "name": "copy", "power_on": True}
    copy = rest.post("/vcenter/vm?action=clone", spec)
    assert rest.get(f"/vcenter/vm/{copy}/power")["state"] == "POWERED_ON"
    answer = rest.send("POST", "/api/vcenter/vm?action=clone&vmw-task=true", spec | {"name": "b"})
    assert answer.status == 202
    task = rest.get(f"/cis/tasks/{answer.json}")
    assert (task["service"], task["operation"]) == ("com.vmware.vcenter.VM", "clone$task")
    assert task["status"] in ("PENDING", "RUNNING")
    assert task["target"] == {"type": "VirtualMachine", "id": spec["source"]}
    rest.world.advance(120)
    task = rest.get(f"/cis/tasks/{answer.json}")
    assert (task["status"], task["progress"]["completed"]) == ("SUCCEEDED", 100)
    assert rest.get(f"/vcenter/vm/{task['result']}")["name"] == "b"
    assert "result" not in rest.get(f"/cis/tasks/{answer.json}?exclude_result=true")
    listed = rest.get(f"/cis/tasks?tasks={answer.json}")
    assert listed == {answer.json: task}
    old = rest.old("GET", f"/cis/tasks?filter_spec.tasks.1={answer.json}")
    assert old == [{"key": answer.json, "value": task}]
    assert rest.get("/cis/tasks?services=com.vmware.vcenter.VM&status=FAILED") == {}
    assert rest.refused("GET", "/cis/tasks") == (400, "INVALID_ARGUMENT")


def test_a_task_that_failed_tells_why(rest):
    rest.world.execute(
        OperationFailNext(operation="VirtualMachine.CloneVM", error=["NoPermission"])
    )
    spec = {"source": rest.moid("vm0"), "name": "copy"}
    answer = rest.send("POST", "/api/vcenter/vm?action=clone&vmw-task=true", spec)
    rest.world.advance(120)
    task = rest.get(f"/cis/tasks/{answer.json}")
    assert task["status"] == "FAILED"
    assert task["error"]["error_type"] == "UNAUTHORIZED"
    info = rest.call("com.vmware.cis.tasks.get", task=answer.json, spec={"OPTIONAL": None})
    told = info["output"]["STRUCTURE"]["com.vmware.cis.task.info"]["error"]["OPTIONAL"]
    assert list(told["ERROR"]) == ["com.vmware.vapi.std.errors.unauthorized"]
    path = f"/cis/tasks/{answer.json}?action=cancel"
    assert rest.refused("POST", path) == (400, "NOT_ALLOWED_IN_CURRENT_STATE")


def test_only_some_operations_give_tasks(rest):
    path = f"/vcenter/vm/{rest.moid('vm0')}/power?action=start&vmw-task=true"
    assert rest.refused("POST", path) == (404, "NOT_FOUND")
    assert rest.get(f"/vcenter/vm/{rest.moid('vm0')}/power")["state"] == "POWERED_OFF"


def test_a_machine_is_moved(rest):
    moid = rest.moid("vm1")
    spec = {"placement": {"host": "host-1"}}
    assert rest.vcenter.store.value(moid, "runtime.host").moid == "host-2"
    assert rest.send("POST", f"/api/vcenter/vm/{moid}?action=relocate", spec).status == 204
    assert rest.vcenter.store.value(moid, "runtime.host").moid == "host-1"
    assert [one["vm"] for one in rest.get("/vcenter/vm?hosts=host-1&names=vm1")] == [moid]
    spec = {"placement": {"host": "host-2"}}
    task = rest.send("POST", f"/api/vcenter/vm/{moid}?action=relocate&vmw-task=true", spec)
    assert task.status == 202
    rest.world.advance(120)
    assert rest.get(f"/cis/tasks/{task.json}")["status"] == "SUCCEEDED"


def test_a_machine_is_taken_out_of_the_inventory_and_put_back(rest):
    moid = rest.moid("vm0")
    path = rest.vcenter.store.value(moid, "config.files.vmPathName")
    rest.post(f"/vcenter/vm/{moid}?action=unregister")
    assert names(rest) == ["vm1"]
    where = {"folder": "group-v1", "cluster": "domain-c1"}
    datastore, _, file = path.removeprefix("[").partition("] ")
    wanted = {"datastore": "datastore-1", "path": file, "placement": where}
    assert datastore == "datastore1"
    assert rest.get(f"/vcenter/vm/{rest.post('/vcenter/vm?action=register', wanted)}")
    assert sorted(names(rest)) == ["vm0", "vm1"]
    again = {"datastore_path": path, "placement": where}
    refusal = rest.refused("POST", "/vcenter/vm?action=register", again)
    assert refusal == (400, "ALREADY_EXISTS")
    refusal = rest.refused("POST", "/vcenter/vm?action=register", {"placement": where})
    assert refusal == (400, "INVALID_ARGUMENT")


def test_processors_and_memory_are_set(rest):
    path = f"/vcenter/vm/{rest.moid('vm0')}/hardware"
    assert rest.send("PATCH", f"/api{path}/cpu", {"count": 4}).status == 204
    assert rest.send("PATCH", f"/api{path}/memory", {"size_MiB": 512}).status == 204
    assert rest.get(f"{path}/cpu")["count"] == 4
    assert rest.get(f"{path}/memory")["size_MiB"] == 512
    runs = f"/api/vcenter/vm/{rest.moid('vm1')}/hardware/cpu"
    for changes in ({"count": 8}, {"hot_add_enabled": True}):
        assert rest.send("PATCH", runs, changes).error == (400, "NOT_ALLOWED_IN_CURRENT_STATE")
    memory = f"{path_of(rest, 'vm1')}/memory"
    for changes in ({"size_MiB": 8}, {"hot_add_enabled": True}):
        refusal = rest.refused("PATCH", memory, changes)
        assert refusal == (400, "NOT_ALLOWED_IN_CURRENT_STATE")
    assert rest.refused("PATCH", f"{path}/cpu", {"count": 0}) == (400, "INVALID_ARGUMENT")


def path_of(rest, name):
    return f"/vcenter/vm/{rest.moid(name)}/hardware"


def test_hosts_are_disconnected_and_connected(rest):
    path = "/vcenter/host/host-1"
    assert rest.refused("POST", f"{path}?action=connect") == (400, "ALREADY_IN_DESIRED_STATE")
    assert rest.post(f"{path}?action=disconnect") is None
    assert rest.refused("POST", f"{path}?action=disconnect") == (400, "ALREADY_IN_DESIRED_STATE")
    (found,) = rest.get("/vcenter/host?connection_states=DISCONNECTED")
    assert found["host"] == "host-1"
    answer = rest.send("POST", f"/api/vcenter/vm/{rest.moid('vm0')}/power?action=start")
    assert answer.error == (400, "RESOURCE_INACCESSIBLE")
    assert rest.old("POST", f"{path}/connect") is None
    assert rest.get("/vcenter/host?connection_states=DISCONNECTED") == []
    assert rest.refused("DELETE", path) == (400, "RESOURCE_IN_USE")
    assert rest.refused("POST", "/vcenter/host/x?action=connect") == (404, "NOT_FOUND")


def test_a_host_is_added_and_removed():
    with running(Rest.of(lab()).login()) as rest:
        (host,) = rest.get("/vcenter/host?standalone=true")
        address = rest.vcenter.machines[host["host"]].server.address
        assert rest.send("DELETE", f"/api/vcenter/host/{host['host']}").status == 204
        assert rest.get("/vcenter/host?standalone=true") == []
        spec = {
            "hostname": address,
            "user_name": "root",
            "password": "host-secret",
            "thumbprint_verification": "NONE",
        }
        made = rest.post("/vcenter/host", spec)
        (found,) = rest.get("/vcenter/host?standalone=true")
        assert (found["host"], found["name"]) == (made, host["name"])
        assert rest.refused("POST", "/vcenter/host", spec) == (400, "ALREADY_EXISTS")
        where = rest.refused("POST", "/vcenter/host", spec | {"folder": "group-v1"})
        assert where == (400, "INVALID_ELEMENT_TYPE")
        both = {"thumbprint": "x", "ssl_certificate": "y"}
        assert rest.refused("POST", "/vcenter/host", spec | both) == (400, "INVALID_ARGUMENT")
        answer = rest.send("POST", "/api/vcenter/host", spec | {"hostname": "192.0.2.250"})
        assert answer.error == (500, "ERROR")
        assert answer.json["messages"][-1]["id"] == "vmsg.NoHost.summary"
        assert all("host-secret" not in str(one.params) for one in rest.log.entries())
        lines = b"".join(entry.line() for entry in rest.world.journal.entries)
        assert b"host-secret" not in lines


def test_modules_of_a_cluster(rest):
    path = "/vcenter/cluster/modules"
    made = rest.old("POST", path, {"spec": {"cluster": "domain-c1"}})
    assert rest.get(path) == {"summaries": [{"cluster": "domain-c1", "module": made}]}
    members = f"{path}/vm/{made}/members"
    vms = {"vms": [rest.moid("vm0"), rest.moid("vm1")]}
    for machines in (["vm-99"], ["host-1"], [rest.moid("vm0"), "vm-99"]):
        assert rest.post(f"{members}?action=add", {"vms": machines}) == {"success": False}
    assert rest.post(f"{members}?action=add", vms) == {"success": True}
    assert rest.post(f"{members}?action=add", vms) == {"success": False}
    assert rest.get(members) == vms
    assert rest.post(f"{members}?action=remove", {"vms": vms["vms"][:1]}) == {"success": True}
    assert rest.post(f"{members}?action=remove", vms) == {"success": False}
    assert rest.get(members) == {"vms": vms["vms"][1:]}
    assert rest.refused("POST", f"{members}?action=explode", vms) == (404, "NOT_FOUND")
    assert rest.old("DELETE", f"{path}/{made}") is None
    assert rest.refused("GET", members) == (404, "NOT_FOUND")
    assert rest.refused("POST", path, {"cluster": "x"}) == (404, "NOT_FOUND")


def test_datacenters(rest):
    made = rest.post("/vcenter/datacenter", {"name": "west", "folder": "group-d1"})
    assert rest.get(f"/vcenter/datacenter/{made}")["name"] == "west"
    assert rest.get("/vcenter/datacenter?names=west")[0]["datacenter"] == made
    again = rest.refused("POST", "/vcenter/datacenter", {"name": "west"})
    assert again == (400, "ALREADY_EXISTS")
    wrong = rest.refused("POST", "/vcenter/datacenter", {"name": "x", "folder": "group-v1"})
    assert wrong == (400, "UNSUPPORTED")
    assert rest.send("DELETE", f"/api/vcenter/datacenter/{made}").status == 204
    full = "/vcenter/datacenter/datacenter-1"
    assert rest.refused("DELETE", full) == (400, "RESOURCE_IN_USE")
    runs = rest.send("DELETE", f"/api{full}?force=true")
    assert runs.error == (400, "NOT_ALLOWED_IN_CURRENT_STATE")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/vcenter/vm", specification()),
        ("POST", "/vcenter/vm?action=clone", {"source": "vm-1", "name": "x"}),
        ("DELETE", "/vcenter/vm/vm-1", None),
        ("POST", "/vcenter/vm/vm-1?action=relocate", {}),
        ("POST", "/vcenter/vm/vm-1?action=unregister", None),
        ("PATCH", "/vcenter/vm/vm-1/hardware/cpu", {"count": 2}),
        ("POST", "/vcenter/host/host-1?action=disconnect", None),
        ("DELETE", "/vcenter/host/host-1", None),
        ("POST", "/vcenter/datacenter", {"name": "x"}),
        ("DELETE", "/vcenter/datacenter/datacenter-1", None),
        ("POST", "/vcenter/resource-pool", {"name": "x", "parent": "resgroup-1"}),
        ("PATCH", "/vcenter/resource-pool/resgroup-1", {"name": "x"}),
        ("DELETE", "/vcenter/resource-pool/resgroup-1", None),
    ],
)
def test_a_reader_changes_nothing(rest, method, path, body):
    reader = rest.other().login(READER, READER_PASSWORD)
    before = rest.vcenter.store.generation
    assert reader.refused(method, path, body) == (403, "UNAUTHORIZED")
    assert rest.vcenter.store.generation == before
