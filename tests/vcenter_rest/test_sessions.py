"""Logging in and out; what is open before."""

import pytest

from hvsim.vcenter.session import IDLE
from hvsim_fakes.vcenter.rest import operations
from vcenter_rest.rest import HEADER, PASSWORD, USER, Rest, basic, session

OLD = "/rest/com/vmware/cis/session"
GOOD = basic(USER, PASSWORD)
BAD = (
    basic(USER, "wrong"),
    basic("nobody@vsphere.local", PASSWORD),
    "Basic !!!",
    "Basic " + "Zm9v",
    "Bearer x",
    "",
)
PASSWORD_CONTEXT = {
    "schemeId": "com.vmware.vapi.std.security.user_pass",
    "userName": USER,
    "password": PASSWORD,
}


operations.load()


def fill(path):
    """Return a path with something for each of its variables."""
    return "/".join("x" if "{" in step else step for step in path.split("/"))


def closed():
    """Return every address of what needs a session: method and URL."""
    found = []
    for one in operations.all_operations():
        if one.is_open or one.route is None:
            continue
        action = f"?action={one.route.action}" if one.route.action else ""
        found.append((one.route.method, "/api" + fill(one.route.path) + action))
        if one.route.old_path is not None:
            old = one.route.old_path.replace("id:{", "{").replace("/{", "/id:{")
            old = old if old.startswith("/com/") else one.route.old_path
            path = "/".join(
                ("id:x" if step.startswith("id:") else "x") if "{" in step else step
                for step in old.split("/")
            )
            action = f"?~action={one.route.old_action}" if one.route.old_action else ""
            found.append((one.route.method, "/rest" + path + action))
    return found


@pytest.fixture
def rest():
    return Rest()


@pytest.fixture(scope="module")
def shut():
    """A client that never logs in."""
    return Rest()


@pytest.mark.parametrize(("method", "path"), closed())
def test_nothing_else_is_open_before_a_login(shut, method, path):
    for token in ("", "0" * 32):
        shut.token = token
        answer = shut.send(method, path, {})
        assert answer.error == (401, "UNAUTHENTICATED")
        assert answer.headers["www-authenticate"].startswith("Basic")


def test_a_session_by_either_path(rest):
    new = rest.send("POST", "/api/session", authorization=GOOD)
    assert (new.status, new.headers[HEADER]) == (201, new.json)
    old = rest.send("POST", OLD, authorization=GOOD)
    assert old.status == 200
    assert old.headers["set-cookie"].startswith(f"{HEADER}={old.json['value']};")
    quiet = rest.send("POST", OLD, authorization=GOOD, vmware_use_header_authn="test")
    assert "set-cookie" not in quiet.headers
    tokens = {new.json, old.json["value"], quiet.json["value"]}
    assert len(tokens) == 3
    for token in tokens:
        rest.token = token
        told = rest.get("/session")
        assert told["user"] == USER
        assert told["created_time"] == "2026-01-05T08:00:00.000Z"
        assert rest.old("GET", OLD.removeprefix("/rest")) == told
        assert rest.old("POST", OLD.removeprefix("/rest") + "?~action=get") == told


def test_a_session_by_cookie(rest):
    token = rest.send("POST", OLD, authorization=GOOD).json["value"]
    answer = rest.send("GET", "/rest/vcenter/vm", cookie=f"a=b; {HEADER}={token}")
    assert answer.status == 200
    assert rest.send("GET", "/rest/vcenter/vm", cookie=f"{HEADER}=0").status == 401


@pytest.mark.parametrize("authorization", BAD)
@pytest.mark.parametrize("path", ["/api/session", OLD])
def test_bad_credentials(rest, path, authorization):
    answer = rest.send("POST", path, authorization=authorization)
    assert answer.error == (401, "UNAUTHENTICATED")
    told = answer.json.get("value", answer.json)
    assert told["messages"][0]["id"] == "com.vmware.vapi.endpoint.method.authentication.required"
    assert not rest.vcenter.access.sessions


def test_credentials_are_no_session(rest):
    assert rest.send("GET", "/api/vcenter/vm", authorization=GOOD).status == 401


def test_logging_out(rest):
    rest.login()
    other = rest.other().login()
    assert rest.send("DELETE", "/api/session").status == 204
    assert rest.refused("GET", "/vcenter/vm") == (401, "UNAUTHENTICATED")
    assert rest.refused("DELETE", "/session") == (401, "UNAUTHENTICATED")
    assert other.get("/vcenter/vm")
    assert other.old("DELETE", OLD.removeprefix("/rest")) is None
    assert other.refused("GET", "/session") == (401, "UNAUTHENTICATED")
    assert not rest.vcenter.access.sessions


def test_a_session_that_nobody_uses_ends(rest):
    rest.login()
    for _ in range(3):
        rest.world.advance(IDLE - 1)
        assert rest.get("/session")
    rest.world.advance(IDLE + 1)
    assert rest.refused("GET", "/session") == (401, "UNAUTHENTICATED")


def test_identifiers_of_ended_sessions_are_let_go(rest):
    for number in range(4_100):
        rest.vcenter.access.sessions.clear()
        rest.login()
        assert len(rest.vim.endpoint._rest._sessions.keys) <= 4_000, number
    assert rest.get("/session")


def test_an_administrator_ends_sessions_of_this_api_as_well(rest):
    rest.login()
    (key,) = rest.vcenter.access.sessions
    admin = rest.vim.login()
    found = rest.vcenter.access.sessions
    assert len(found) == 2
    admin.call("TerminateSession", "SessionManager SessionManager", f"<sessionId>{key}</sessionId>")
    assert rest.refused("GET", "/vcenter/vm") == (401, "UNAUTHENTICATED")


def test_json_rpc_logs_in_with_a_password_and_goes_on_with_a_session(rest):
    params = {
        "serviceId": "com.vmware.cis.session",
        "operationId": "create",
        "input": {"STRUCTURE": {"operation-input": {}}},
        "ctx": {"appCtx": {"opId": "1"}, "securityCtx": PASSWORD_CONTEXT},
    }
    made = rest.rpc(method="invoke", params=params)["result"]["output"]
    rest.token = made["SECRET"]
    told = rest.call("com.vmware.cis.session.get")["output"]["STRUCTURE"]
    assert told["com.vmware.cis.session.info"]["user"] == USER
    assert rest.call("com.vmware.cis.session.delete") == {"output": None}
    error = rest.call("com.vmware.cis.session.get")["error"]["ERROR"]
    assert list(error) == ["com.vmware.vapi.std.errors.unauthenticated"]
    assert error["com.vmware.vapi.std.errors.unauthenticated"]["error_type"] == {
        "OPTIONAL": "UNAUTHENTICATED"
    }


@pytest.mark.parametrize(
    "context",
    [
        PASSWORD_CONTEXT | {"password": "wrong"},
        PASSWORD_CONTEXT | {"userName": 7},
        {"schemeId": "com.vmware.vapi.std.security.saml_bearer_token", "samlToken": "x"},
        {},
        None,
    ],
)
def test_json_rpc_refuses_other_credentials(rest, context):
    params = {
        "serviceId": "com.vmware.cis.session",
        "operationId": "create",
        "input": {"STRUCTURE": {"operation-input": {}}},
        "ctx": {"securityCtx": context},
    }
    result = rest.rpc(method="invoke", params=params)["result"]
    assert "com.vmware.vapi.std.errors.unauthenticated" in result["error"]["ERROR"]


@pytest.mark.parametrize("name", [one.full_name for one in operations.all_operations()])
def test_json_rpc_opens_nothing_before_a_login(shut, name):
    result = shut.call(name)
    assert list(result["error"]["ERROR"]) == ["com.vmware.vapi.std.errors.unauthenticated"]


def test_a_context_of_its_own_comes_before_the_header(rest):
    rest.login()
    params = {
        "serviceId": "com.vmware.cis.session",
        "operationId": "get",
        "input": {"STRUCTURE": {"operation-input": {}}},
    }
    assert "output" in rest.rpc(method="invoke", params=params)["result"]
    params["ctx"] = {"securityCtx": session("0" * 32)}
    assert "error" in rest.rpc(method="invoke", params=params)["result"]


def test_the_password_stands_in_no_journal_and_no_log(rest):
    rest.login()
    lines = b"".join(entry.line() for entry in rest.world.journal.entries)
    assert f'"{PASSWORD}"'.encode() not in lines
    assert all(PASSWORD not in str(one.params) for one in rest.log.entries())


def test_an_old_vcenter_has_no_such_api():
    rest = Rest(profile="vsphere-4")
    for path in ("/api/session", OLD, "/api"):
        assert rest.send("POST", path, authorization=GOOD).status == 404
