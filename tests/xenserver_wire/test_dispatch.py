"""From name and parameters to result or error, in the product's own order."""

import pytest

from hvsim.xenserver.errors import XenError
from hvsim.xenserver.pool import Role
from hvsim.xenserver.spec import AccountSpec
from labs import vm
from xenserver_wire.wire import Wire, failure


@pytest.fixture
def wire():
    return Wire()


@pytest.fixture
def session(wire):
    return wire.login()


@pytest.fixture
def web(wire):
    return vm(wire.pool, "web")


def test_reads(wire, session, web):
    assert wire.xml("VM.get_name_label", session, web) == "web"
    assert wire.xml("VM.get_record", session, web)["name_label"] == "web"
    assert wire.xml("VM.get_by_name_label", session, "web") == [web]
    uuid = wire.xml("VM.get_uuid", session, web)
    assert wire.xml("VM.get_by_uuid", session, uuid) == web
    assert web in wire.xml("VM.get_all", session)
    assert wire.xml("VM.get_all_records", session)[web]["uuid"] == uuid
    where = 'field "name__label" = "web"'
    assert list(wire.xml("VM.get_all_records_where", session, where)) == [web]
    assert wire.xml("VM.get_all_where", session, where) == [web]


def test_get_all_records_follows_every_change(wire, session, web):
    wire.xml("VM.get_all_records", session)
    wire.xml("VM.set_name_label", session, web, "renamed")
    assert wire.xml("VM.get_all_records", session)[web]["name_label"] == "renamed"
    wire.pool.db.remove("VM", vm(wire.pool, "lost"))
    assert set(wire.xml("VM.get_all_records", session)) == set(wire.pool.db.tables["VM"])


def test_writes(wire, session, web):
    assert wire.xml("VM.set_name_description", session, web, "new") == ""
    assert wire.xml("VM.get_name_description", session, web) == "new"
    wire.xml("VM.add_to_other_config", session, web, "k", "v")
    assert wire.xml("VM.get_other_config", session, web)["k"] == "v"
    wire.xml("VM.remove_from_other_config", session, web, "k")
    wire.xml("VM.remove_from_other_config", session, web, "k")
    assert "k" not in wire.xml("VM.get_other_config", session, web)
    wire.xml("VM.add_tags", session, web, "red")
    wire.xml("VM.add_tags", session, web, "red")
    assert wire.xml("VM.get_tags", session, web) == ["red"]
    wire.xml("VM.remove_tags", session, web, "red")
    assert wire.xml("VM.get_tags", session, web) == []


def test_a_key_is_added_once(wire, session, web):
    wire.xml("VM.add_to_other_config", session, web, "k", "v")
    assert failure(wire.xml, "VM.add_to_other_config", session, web, "k", "w") == [
        "MAP_DUPLICATE_KEY",
        "VM",
        "other_config",
        web,
        "k",
    ]


def test_both_spellings_of_a_name(wire, session, web):
    assert wire.xml("VM_get_name_label", session, web) == "web"
    old = Wire("xenserver-5.5")
    assert failure(old.xml, "VM_get_name_label", old.login(), web) == [
        "MESSAGE_METHOD_UNKNOWN",
        "VM_get_name_label",
    ]


@pytest.mark.parametrize(
    ("args", "expected", "received"),
    [(0, "3", "-1"), (1, "3", "0"), (3, "3", "2"), (5, "3", "4")],
)
def test_wrong_number_of_parameters(wire, args, expected, received):
    assert failure(wire.xml, "VM.start", *["x"] * args) == [
        "MESSAGE_PARAMETER_COUNT_MISMATCH",
        "VM.start",
        expected,
        received,
    ]


def test_parameters_with_defaults_may_be_left_off(wire):
    for more in ((), ("1.3",), ("1.3", "tests"), ("1.3", "tests", "ignored")):
        assert wire.xml("session.login_with_password", "root", "password", *more)
    assert failure(wire.xml, "session.login_with_password", "root") == [
        "MESSAGE_PARAMETER_COUNT_MISMATCH",
        "session.login_with_password",
        "2",
        "1",
    ]


def test_types_are_judged_before_the_session(wire, web):
    description = failure(wire.xml, "VM.start", "no session", web, "false", False)
    assert description == ["INTERNAL_ERROR", "Failure(\"Expected bool, got 'S(false)'\")"]


def test_an_old_release_judges_the_session_first_and_names_the_parameter():
    old = Wire("xenserver-5.5")
    guest, session = vm(old.pool, "web"), old.login()
    call = (guest, "false", False)
    assert failure(old.xml, "VM.start", "no session", *call) == ["SESSION_INVALID", "no session"]
    assert failure(old.xml, "VM.start", session, *call) == ["FIELD_TYPE_ERROR", "start_paused"]
    assert failure(old.xml, "VM.get_all", ["x"]) == ["FIELD_TYPE_ERROR", "session_id"]


def test_an_old_release_takes_digits_and_no_numbers():
    old = Wire("xenserver-5.5")
    guest, session = vm(old.pool, "web"), old.login()
    call = ("VM.set_user_version", session, guest)
    assert failure(old.xml, *call, 5) == ["FIELD_TYPE_ERROR", "value"]
    old.xml(*call, "5")
    assert old.xml("VM.get_user_version", session, guest) == "5"


def test_the_session_is_judged_before_roles_and_handles(wire):
    call = ("VM.start", "no session", "no guest", False, False)
    assert failure(wire.xml, *call) == ["SESSION_INVALID", "no session"]


def test_unknown_handles(wire, session):
    assert failure(wire.xml, "VM.get_record", session, "OpaqueRef:x") == [
        "HANDLE_INVALID",
        "VM",
        "OpaqueRef:x",
    ]
    assert failure(wire.xml, "VM.set_name_label", session, "x", "n") == [
        "HANDLE_INVALID",
        "VM",
        "x",
    ]
    assert failure(wire.xml, "VM.get_by_uuid", session, "u") == ["UUID_INVALID", "VM", "u"]


def test_unknown_methods(wire, session):
    unknown = ["MESSAGE_METHOD_UNKNOWN", "wombat.dig"]
    assert failure(wire.xml, "wombat.dig") == unknown
    assert failure(wire.xml, "wombat.dig", session) == unknown
    assert failure(wire.xml, "Async.wombat.dig", session) == unknown
    # An unknown name is looked for among extensions, which need a session.
    assert failure(wire.xml, "wombat.dig", "no session") == ["SESSION_INVALID", "no session"]


def test_messages_of_later_releases_are_unknown_to_older_ones():
    old = Wire("xenserver-5.5")
    session = old.login()
    assert failure(old.xml, "event.from", session, ["*"], "", 1.0)[0] == "MESSAGE_METHOD_UNKNOWN"
    assert failure(old.xml, "wombat.dig", "no session") == ["MESSAGE_METHOD_UNKNOWN", "wombat.dig"]


def test_removed_messages(wire, session):
    assert failure(wire.xml, "VIF_metrics.get_all", session) == ["MESSAGE_REMOVED"]
    assert failure(wire.xml, "VIF_metrics.get_all", "x") == ["SESSION_INVALID", "x"]
    old = Wire("xenserver-5.5")
    assert isinstance(old.xml("VIF_metrics.get_all", old.login()), list)


def test_no_asynchronous_form(wire, session, web):
    assert failure(wire.xml, "Async.VM.get_record", session, web) == [
        "Fault",
        "No async mode for this operation (rpc: VM.get_record)",
    ]


def test_no_asynchronous_form_is_a_fault_in_old_releases():
    import xmlrpc.client

    old = Wire("xenserver-5.5")
    session = old.login()
    with pytest.raises(xmlrpc.client.Fault) as caught:
        old.xml("Async.VM.get_record", session, vm(old.pool, "web"))
    assert caught.value.faultCode == 0
    assert caught.value.faultString == "No async mode for this operation (rpc: VM.get_record)"


def test_an_asynchronous_call_returns_a_task(wire, session):
    task = wire.xml("Async.VM.start", session, "OpaqueRef:none", False, False)
    record = wire.xml("task.get_record", session, task)
    assert record["name_label"] == "Async.VM.start"
    assert record["status"] == "failure"
    assert record["error_info"]


def test_what_nobody_wrote_says_so(wire, session):
    name = "VMSS.snapshot_now"
    assert failure(wire.xml, name, session, "OpaqueRef:x") == ["NOT_IMPLEMENTED", name]


def test_messages_between_hosts_are_not_for_clients(wire, session):
    assert failure(wire.xml, "pool.sync_bundle", session)[0] != "SESSION_INVALID"
    internal = next(
        m for m in wire.pool.model.messages.values() if m.pool_internal and not m.params
    )
    assert failure(wire.xml, internal.name, session) == [
        "INTERNAL_ERROR",
        f'Internal API "{internal.name}" call attempted with non-pool (external) session',
    ]


def test_roles():
    wire = Wire(accounts=[AccountSpec(user="eve", password="p", role="read-only")])
    session = wire.login("eve", "p")
    guest = vm(wire.pool, "web")
    assert wire.xml("VM.get_name_label", session, guest) == "web"
    assert failure(wire.xml, "VM.set_name_label", session, guest, "x") == [
        "RBAC_PERMISSION_DENIED",
        "vm.set_name_label",
        (
            "No permission in user session. (Roles with this permission: "
            "vm-power-admin, vm-admin, pool-admin, pool-operator)"
        ),
    ]
    assert wire.pool.db.row("VM", guest)["name_label"] == "web"


def test_some_keys_of_a_map_need_another_role_than_the_rest():
    wire = Wire(accounts=[AccountSpec(user="eve", password="p", role="vm-operator")])
    session = wire.login("eve", "p")
    guest = vm(wire.pool, "web")
    wire.xml("VM.add_to_other_config", session, guest, "XenCenter.CustomFields.owner", "eve")
    wire.xml("VM.add_to_other_config", session, guest, "folder", "/lab")
    wire.xml("VM.remove_from_other_config", session, guest, "folder")
    refused = failure(wire.xml, "VM.add_to_other_config", session, guest, "note", "x")
    assert refused[:2] == ["RBAC_PERMISSION_DENIED", "vm.add_to_other_config"]
    refused = failure(wire.xml, "VM.add_to_other_config", session, guest, "pci", "x")
    assert refused == [
        "RBAC_PERMISSION_DENIED",
        "vm.add_to_other_config/key:pci",
        "No permission in user session. (Roles with this permission: pool-admin)",
    ]


def test_replacing_a_map_needs_the_roles_of_the_keys_that_change():
    wire = Wire(accounts=[AccountSpec(user="eve", password="p", role="vm-admin")])
    session, guest = wire.login("eve", "p"), vm(wire.pool, "web")
    denied = "No permission in user session. (Roles with this permission: pool-admin)"
    refused = failure(wire.xml, "VM.set_other_config", session, guest, {"pci": "0"})
    assert refused == ["RBAC_PERMISSION_DENIED", "vm.add_to_other_config/key:pci", denied]
    wire.xml("VM.set_other_config", wire.login(), guest, {"pci": "0", "note": "a"})
    wire.xml("VM.set_other_config", session, guest, {"pci": "0", "note": "b"})
    refused = failure(wire.xml, "VM.set_other_config", session, guest, {"note": "b"})
    assert refused == ["RBAC_PERMISSION_DENIED", "vm.remove_from_other_config/key:pci", denied]
    refused = failure(wire.xml, "VM.set_platform", session, guest, {"hvm_serial": "x"})
    assert refused[1] == "vm.add_to_platform/key:hvm_serial"


def test_a_reader_may_not_put_every_key_on_its_task():
    wire = Wire(accounts=[AccountSpec(user="eve", password="p", role="read-only")])
    session = wire.login("eve", "p")
    task = wire.xml("task.create", session, "mine", "")
    wire.xml("task.set_other_config", session, task, {"note": "x"})
    refused = failure(wire.xml, "task.set_other_config", session, task, {"applies_to": "x"})
    assert refused[1] == "task.add_to_other_config/key:applies_to"


def test_tasks_are_their_users_in_whichever_session():
    accounts = [AccountSpec(user=name, password="p", role="read-only") for name in ("eve", "sue")]
    wire = Wire(accounts=accounts)
    first, second, other = wire.login("eve", "p"), wire.login("eve", "p"), wire.login("sue", "p")
    task = wire.xml("task.create", first, "mine", "")
    refused = [
        "RBAC_PERMISSION_DENIED",
        "task.destroy/any",
        "No permission in user session. (Roles with this permission: pool-admin, pool-operator)",
    ]
    assert failure(wire.xml, "task.set_progress", other, task, 0.5) == refused
    assert failure(wire.xml, "task.cancel", other, task) == refused
    wire.xml("task.set_progress", second, task, 0.5)
    wire.xml("session.logout", first)
    # A task whose session has ended is nobody's: only who may end any task may end it.
    assert failure(wire.xml, "task.set_progress", second, task, 0.6) == refused
    wire.xml("task.set_status", wire.login(), task, "success")


def test_roles_travel_as_records(wire, session):
    (reader,) = wire.xml("role.get_by_name_label", session, "read-only")
    record = wire.xml("role.get_all_records", session)[reader]
    assert record["subroles"] == wire.xml("role.get_subroles", session, reader)
    assert wire.xml("role.get_record", session, reader) == record
    assert wire.json("role.get_all_records", session)["result"][reader] == record
    batch = wire.xml("event.from", session, ["role"], "", 0.0)
    assert (batch["events"], batch["valid_ref_counts"]["role"]) == ([], 0)


def test_old_releases_know_no_roles():
    wire = Wire("xenserver-5.5", accounts=[AccountSpec(user="eve", password="p", role="read-only")])
    session = wire.login("eve", "p")
    wire.xml("VM.set_name_label", session, vm(wire.pool, "web"), "x")


def test_login_and_logout(wire, session):
    assert failure(wire.xml, "session.login_with_password", "root", "wrong")[0] == (
        "SESSION_AUTHENTICATION_FAILED"
    )
    wire.xml("session.logout", session)
    assert failure(wire.xml, "VM.get_all", session) == ["SESSION_INVALID", session]


def test_a_member_names_its_master(wire, session):
    slave = ["HOST_IS_SLAVE", wire.pool.master.server.address]
    assert failure(wire.login, endpoint=wire.slave) == slave
    assert failure(wire.login, password="wrong", endpoint=wire.slave) == slave
    assert failure(wire.xml, "VM.get_all", session, endpoint=wire.slave) == slave
    assert failure(wire.xml, "VM.get_all", "x", endpoint=wire.slave) == ["SESSION_INVALID", "x"]


def test_a_local_session_opens_on_any_member(wire):
    session = wire.xml(
        "session.slave_local_login_with_password", "root", "password", endpoint=wire.slave
    )
    assert session in wire.pool.members[wire.slave_ref].local_sessions
    wire.xml("session.local_logout", session, endpoint=wire.slave)
    assert not wire.pool.members[wire.slave_ref].local_sessions


def test_emergency_mode_lets_only_emergency_messages_through(wire):
    member = wire.pool.members[wire.slave_ref]
    member.emergency = XenError("HOST_MASTER_CANNOT_TALK_BACK", "192.0.2.9")
    stored = ["HOST_MASTER_CANNOT_TALK_BACK", "192.0.2.9"]
    assert failure(wire.login, endpoint=wire.slave) == stored
    assert failure(wire.xml, "wombat.dig", endpoint=wire.slave) == stored
    assert failure(wire.xml, "VM.start", endpoint=wire.slave) == stored
    call = ("session.slave_local_login_with_password", "root", "password")
    assert wire.xml(*call, endpoint=wire.slave)


def test_a_call_to_a_member_hangs_while_its_master_is_away(wire, session):
    """Not an error: the member asks its master again and again. Ends when the client leaves."""
    wire.pool.master.running = False
    from xmlrpc.client import dumps

    from hvsim_fakes.server import Connection, Request

    class Left:
        asked = 0

        def gone(self):
            self.asked += 1
            return True

    peer = Left()
    body = dumps((session,), "VM.get_all").encode()
    wire.slave(Request("POST", "/", body=body, connection=Connection(peer)))
    assert peer.asked == 1


def test_a_member_that_became_master_serves(wire, session):
    wire.pool.members[wire.slave_ref].role = Role.MASTER
    assert wire.xml("VM.get_all", session, endpoint=wire.slave)


def test_list_methods_is_a_bare_array(wire):
    import xmlrpc.client

    response = wire.post(xmlrpc.client.dumps((), "system.listMethods").encode())
    ((names,), _) = xmlrpc.client.loads(response.body)
    assert set(names) == set(wire.pool.model.messages)
    assert wire.json("system.listMethods")["result"] == names


def test_json(wire, session, web):
    assert wire.json("VM.get_record", session, web)["result"]["memory_static_max"] == int(
        wire.xml("VM.get_record", session, web)["memory_static_max"]
    )
    assert set(wire.json("VM.get_all_records", session)["result"]) == set(
        wire.xml("VM.get_all_records", session)
    )
    assert wire.json("VM.set_name_label", session, web, "n")["result"] == ""
    assert wire.json("VM.get_record", session, "x")["error"] == {
        "code": 1,
        "message": "HANDLE_INVALID",
        "data": ["VM", "x"],
    }
    answer = wire.json("VM.get_record", session, "x", version=1)
    assert (answer["result"], answer["error"]) == (None, ["HANDLE_INVALID", "VM", "x"])


def test_a_session_is_noted_when_it_calls_again_after_a_while(wire, session):
    before = wire.pool.db.row("session", session)["last_active"]
    wire.xml("VM.get_all", session)
    assert wire.pool.db.row("session", session)["last_active"] == before
    wire.pool.world.advance(601)
    wire.xml("VM.get_all", session)
    assert wire.pool.db.row("session", session)["last_active"] > before
