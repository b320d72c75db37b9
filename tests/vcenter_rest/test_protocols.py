"""The three protocols: what is the same in them, and how each tells what is wrong."""

import pytest

from hvsim_fakes.vcenter.rest import operations
from vcenter_rest.rest import CATEGORY, ON, TAG, Rest, of, running, session
from vclabs import lab


@pytest.fixture(scope="module")
def rest():
    return Rest().login()


def invoke(rest, operation, value, ctx=None):
    service, _, name = operation.rpartition(".")
    params = {"serviceId": service, "operationId": name, "input": value}
    params["ctx"] = {"securityCtx": session(rest.token)} if ctx is None else ctx
    return rest.rpc(method="invoke", params=params)


def structure(name, /, **fields):
    return {"STRUCTURE": {name: fields}}


def test_a_list_in_three_ways(rest):
    plain = rest.get("/vcenter/vm?names=vm1")
    assert rest.old("GET", "/vcenter/vm?filter.names=vm1") == plain
    wanted = structure("com.vmware.vcenter.VM.filter_spec", names={"OPTIONAL": ["vm1"]})
    (found,) = rest.call("com.vmware.vcenter.VM.list", filter={"OPTIONAL": wanted})["output"]
    (expected,) = plain
    assert found == structure(
        "com.vmware.vcenter.VM.summary",
        vm=expected["vm"],
        name="vm1",
        power_state="POWERED_ON",
        cpu_count={"OPTIONAL": expected["cpu_count"]},
        memory_size_MiB={"OPTIONAL": expected["memory_size_MiB"]},
    )


def test_maps_in_three_ways(rest):
    moid = rest.moid("vm0")
    plain = rest.get(f"/vcenter/vm/{moid}")["disks"]
    old = rest.old("GET", f"/vcenter/vm/{moid}")["disks"]
    assert old == [{"key": "2000", "value": plain["2000"]}]
    output = rest.call("com.vmware.vcenter.VM.get", vm=moid)["output"]
    (entry,) = output["STRUCTURE"]["com.vmware.vcenter.VM.info"]["disks"]
    assert entry["STRUCTURE"]["map-entry"]["key"] == "2000"
    disk = entry["STRUCTURE"]["map-entry"]["value"]
    assert list(disk["STRUCTURE"]) == ["com.vmware.vcenter.vm.hardware.disk.info"]


def test_an_error_in_three_ways(rest):
    plain = rest.send("GET", "/api/vcenter/vm/vm-99")
    assert plain.status == 404
    assert set(plain.json) == {"error_type", "messages"}
    old = rest.send("GET", "/rest/vcenter/vm/vm-99")
    assert old.status == 404
    assert old.json == {"type": "com.vmware.vapi.std.errors.not_found", "value": plain.json}
    error = rest.call("com.vmware.vcenter.VM.get", vm="vm-99")["error"]["ERROR"]
    (fields,) = error.values()
    assert list(error) == ["com.vmware.vapi.std.errors.not_found"]
    assert fields["error_type"] == {"OPTIONAL": "NOT_FOUND"}
    (message,) = fields["messages"]
    told = message["STRUCTURE"]["com.vmware.vapi.std.localizable_message"]
    assert {key: told[key] for key in ("id", "default_message", "args")} == plain.json["messages"][
        0
    ]


def test_paths_that_are_none(rest):
    for path, code in (
        ("/api/nothing", "com.vmware.vapi.rest.httpNotFound"),
        ("/api/vcenter/vm/vm-1/power?action=explode", "com.vmware.vapi.rest.httpNotFound"),
        ("/rest/vcenter/nothing", "com.vmware.vapi.rest.httpNotFound"),
        ("/rest/com/vmware/nothing", "com.vmware.vapi.rest.operationsForUrlNotFound"),
        ("/rest", "com.vmware.vapi.rest.httpNotFound"),
        ("/api/", "com.vmware.vapi.rest.httpNotFound"),
    ):
        method = "POST" if "?" in path else "GET"
        answer = rest.send(method, path)
        assert answer.error == (404, "NOT_FOUND"), path
        told = answer.json.get("value", answer.json)
        assert told["messages"][0]["id"] == code
    for path in ("/restful", "/apiary"):
        assert rest.vim.endpoint is not None
        assert rest.send("POST", path).status == 404


def test_a_slash_at_the_end_changes_nothing(rest):
    assert rest.get("/vcenter/vm/") == rest.get("/vcenter/vm")


def test_a_method_that_a_path_has_not(rest):
    answer = rest.send("PUT", "/api/vcenter/vm")
    assert answer.status == 405
    assert answer.headers["allow"] == "GET, POST"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"{", "INVALID_ARGUMENT"),
        (b"[]", "INVALID_ARGUMENT"),
        (b'"x"', "INVALID_ARGUMENT"),
        (b"\xff\xfe", "INVALID_ARGUMENT"),
        (b"[" * 100_000, "INVALID_ARGUMENT"),
        (b"{}", "INVALID_ARGUMENT"),
        (b'{"name": null}', "INVALID_ARGUMENT"),
        (
            b'{"name":"n","description":"","cardinality":"FEW","associable_types":[]}',
            "INVALID_ARGUMENT",
        ),
        (
            b'{"name":"n","description":"","cardinality":"SINGLE","associable_types":[],"x":1}',
            "UNEXPECTED_INPUT",
        ),
    ],
)
def test_bodies_that_do_not_fit(rest, body, error):
    answer = rest.send("POST", f"/api{CATEGORY}", body)
    assert answer.error == (400, error)
    assert rest.get(CATEGORY) == []


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (None, "invalid_argument"),
        ([], "invalid_argument"),
        ("x", "invalid_argument"),
        ({"STRUCTURE": {}}, "invalid_argument"),
        ({"STRUCTURE": {"operation-input": []}}, "invalid_argument"),
        ({"STRUCTURE": {"a": {}, "b": {}}}, "invalid_argument"),
        ({"WRONG": 1}, "invalid_argument"),
        ({"OPTIONAL": None, "SECRET": ""}, "invalid_argument"),
        (structure("operation-input"), "invalid_argument"),
        (structure("operation-input", vm=7), "invalid_argument"),
        (structure("operation-input", vm="vm-1", more=1), "unexpected_input"),
        (structure("operation-input", vm={"OPTIONAL": "vm-99"}), "not_found"),
    ],
)
def test_inputs_of_json_rpc_that_do_not_fit(rest, value, error):
    result = invoke(rest, "com.vmware.vcenter.vm.power.get", value)["result"]
    assert list(result["error"]["ERROR"]) == [f"com.vmware.vapi.std.errors.{error}"]


def test_a_value_nested_too_deeply(rest):
    value = structure("operation-input", vm="vm-1")
    for _ in range(200):
        value = {"OPTIONAL": value}
    result = invoke(rest, "com.vmware.vcenter.vm.power.get", value)["result"]
    assert list(result["error"]["ERROR"]) == ["com.vmware.vapi.std.errors.invalid_argument"]


def test_fields_that_newer_clients_leave_unset_do_no_harm(rest):
    value = structure("operation-input", vm=rest.moid("vm0"), newer={"OPTIONAL": None})
    assert "output" in invoke(rest, "com.vmware.vcenter.vm.power.get", value)["result"]


def test_operations_that_are_none(rest):
    for name in (
        "com.vmware.vcenter.vm.power.explode",
        "com.vmware.vcenter.vm.power.start$task",
        "com.vmware.nothing.get",
        "get",
    ):
        error = rest.call(name)["error"]["ERROR"]
        assert list(error) == ["com.vmware.vapi.std.errors.operation_not_found"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", -32700),
        (b"[]", -32600),
        (b'{"id": "7", "method": "invoke"}', -32600),
        (b'{"jsonrpc": "2.0", "id": "7", "method": "dance", "params": {}}', -32601),
        (b'{"jsonrpc": "2.0", "id": "7", "method": "invoke"}', -32602),
        (b'{"jsonrpc": "2.0", "id": "7", "method": "invoke", "params": []}', -32602),
        (
            b'{"jsonrpc": "2.0", "id": "7", "method": "invoke", "params": {"serviceId": 7}}',
            -32602,
        ),
    ],
)
def test_requests_that_are_no_json_rpc(rest, body, code):
    answer = rest.send("POST", "/api", body)
    assert (answer.status, answer.json["error"]["code"]) == (200, code)


ODD = (None, 0, -1, "", "x", "vm-1", "\0%s%", [], ["vm-1"], {}, True, 2**63, 1.5, "x" * 300)


@pytest.mark.parametrize("value", ODD, ids=str)
def test_every_operation_answers_whatever_it_is_given(value):
    with running(Rest().login()) as rest:
        for one in operations.all_operations():
            if one.service == "com.vmware.cis.session":
                continue
            fields = dict.fromkeys(one.takes.__struct_fields__, value)
            result = rest.call(one.full_name, **fields)
            errors = result.get("error", {}).get("ERROR", {})
            assert "com.vmware.vapi.std.errors.internal_server_error" not in errors, one.full_name
        crashes = [event for event in rest.world.log.since(0) if event.kind == "crash"]
        assert crashes == []


def test_every_exchange_is_on_record():
    with running(Rest.of(lab()).login()) as rest:
        mark = rest.log.last_seq
        category = rest.category()
        rest.get(CATEGORY)
        vm = rest.get("/vcenter/vm?names=spare")[0]["vm"]
        rest.post(f"/vcenter/vm/{vm}/power?action=start")
        rest.send("POST", f"/api/vcenter/vm/{vm}/power?action=start")
        rest.call("com.vmware.cis.tagging.category.delete", category_id=category)
        rest.send("GET", "/api/nothing")
        told = [(one.call, one.is_write, one.outcome) for one in rest.log.entries(mark)]
    power = "com.vmware.vcenter.vm.power.start"
    assert told == [
        ("com.vmware.cis.tagging.category.create", True, "ok"),
        ("com.vmware.cis.tagging.category.list", False, "ok"),
        ("com.vmware.vcenter.VM.list", False, "ok"),
        (power, True, "ok"),
        (power, True, "already_in_desired_state"),
        ("com.vmware.cis.tagging.category.delete", True, "ok"),
        ("GET /api/nothing", False, "not_found"),
    ]


def test_tags_by_json_rpc(rest):
    spec = structure(
        "com.vmware.cis.tagging.category.create_spec",
        name="rpc",
        description="",
        cardinality="SINGLE",
        associable_types=["VirtualMachine"],
        category_id={"OPTIONAL": None},
    )
    made = rest.call("com.vmware.cis.tagging.category.create", create_spec=spec)["output"]
    tag = rest.tag(made)
    vm = structure("com.vmware.vapi.std.dynamic_ID", type="VirtualMachine", id=rest.moid("vm0"))
    association = "com.vmware.cis.tagging.tag_association"
    assert rest.call(f"{association}.attach", tag_id=tag, object_id=vm) == {"output": None}
    assert rest.call(f"{association}.list_attached_tags", object_id=vm)["output"] == [tag]
    assert rest.post(f"{ON}?action=list-attached-tags", of("VirtualMachine", rest.moid("vm0")))
    assert rest.call(f"{association}.list_attached_objects", tag_id=tag)["output"] == [vm]
    assert rest.get(TAG) == [tag]
    rest.call("com.vmware.cis.tagging.category.delete", category_id=made)
