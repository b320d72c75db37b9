"""Who is let in, and what is answered to whom."""

import pytest

from hvsim import journal, scenario
from hvsim_fakes.server import Request
from vcenter_wire.vim import (
    HEAD,
    PASSWORD,
    PROPERTIES,
    READER,
    READER_PASSWORD,
    TAIL,
    USER,
    FaultError,
    Vim,
    contents,
    spec,
    text,
)


@pytest.fixture
def vim():
    return Vim()


def name_of(call):
    with pytest.raises(FaultError) as refusal:
        call()
    return refusal.value.name


def test_before_a_login_only_the_service_is_described(vim):
    service = "ServiceInstance ServiceInstance"
    assert text(vim.call("RetrieveServiceContent", service), "returnval/rootFolder") == "group-d1"
    own = f"<specSet>{spec(service, 'ServiceInstance', 'content')}</specSet>"
    vim.call("RetrieveProperties", PROPERTIES, own)
    folder = f"<specSet>{spec('Folder group-d1', 'Folder', 'name')}</specSet>"
    calls = [
        ("CurrentTime", "ServiceInstance ServiceInstance", ""),
        ("RetrieveProperties", PROPERTIES, folder),
        ("RetrievePropertiesEx", PROPERTIES, f"{folder}<options/>"),
        ("Fetch", "Folder group-d1", "<prop>name</prop>"),
        ("PowerOnVM_Task", vim.vm("vm0"), ""),
        ("Destroy_Task", vim.vm("vm0"), ""),
        ("Logout", "SessionManager SessionManager", ""),
        ("WaitForUpdatesEx", PROPERTIES, ""),
    ]
    for method, this, content in calls:
        assert name_of(lambda m=method, t=this, c=content: vim.call(m, t, c)) == "NotAuthenticated"


def test_login_and_logout(vim):
    assert name_of(lambda: vim.login(password="wrong")) == "InvalidLogin"
    assert name_of(lambda: vim.login(user="nobody")) == "InvalidLogin"
    vim.login()
    assert vim.cookie.startswith('vmware_soap_session="')
    vim.call("CurrentTime", "ServiceInstance ServiceInstance")
    kept = vim.cookie
    vim.call("Logout", "SessionManager SessionManager")
    vim.cookie = kept
    assert name_of(lambda: vim.call("CurrentTime", "ServiceInstance ServiceInstance")) == (
        "NotAuthenticated"
    )


def test_an_unquoted_cookie_is_the_same_cookie(vim):
    vim.login()
    vim.cookie = vim.cookie.replace('"', "")
    vim.call("CurrentTime", "ServiceInstance ServiceInstance")


def test_a_session_unused_for_half_an_hour_is_gone(vim):
    vim.login()
    vim.world.advance(1_700)
    vim.call("CurrentTime", "ServiceInstance ServiceInstance")
    vim.world.advance(1_900)
    assert name_of(lambda: vim.call("CurrentTime", "ServiceInstance ServiceInstance")) == (
        "NotAuthenticated"
    )


def test_a_terminated_session_is_gone(vim):
    other = vim.login().other().login(READER, READER_PASSWORD)
    key = next(k for k, s in vim.vcenter.access.sessions.items() if s.account == READER)
    vim.call("TerminateSession", "SessionManager SessionManager", f"<sessionId>{key}</sessionId>")
    assert name_of(lambda: other.call("CurrentTime", "ServiceInstance ServiceInstance")) == (
        "NotAuthenticated"
    )


def test_who_only_reads_changes_nothing(vim):
    vim.login(READER, READER_PASSWORD)
    with pytest.raises(FaultError) as refusal:
        vim.call("PowerOnVM_Task", vim.vm("vm0"))
    assert refusal.value.name == "NoPermission"
    assert "VirtualMachine.Interact.PowerOn" in [one.text for one in refusal.value.detail]
    asked = f"<specSet>{spec(vim.vm('vm0'), 'VirtualMachine', 'name')}</specSet>"
    answer = vim.call("RetrieveProperties", PROPERTIES, asked)
    assert contents(answer, "returnval")[vim.vm("vm0").moid] == {"name": "vm0"}


def test_each_session_sees_itself(vim):
    vim.login()
    other = vim.other().login(READER, READER_PASSWORD)
    manager = "SessionManager SessionManager"
    own = vim.call("Fetch", manager, "<prop>currentSession</prop>")
    theirs = other.call("Fetch", manager, "<prop>currentSession</prop>")
    assert "Administrator" in str(text(own, "returnval/userName"))
    assert "Reader" in str(text(theirs, "returnval/userName"))


def test_views_of_one_session_are_not_anothers(vim):
    view = vim.login().view()
    other = vim.other().login()
    assert name_of(lambda: other.call("DestroyView", f"ContainerView {view}")) == (
        "ManagedObjectNotFound"
    )


def test_the_wire_log_hides_passwords(vim):
    vim.login()
    exchange = vim.log.newest(1)[0]
    assert (exchange.call, exchange.outcome) == ("Login", "ok")
    assert PASSWORD not in str(exchange.params)
    assert exchange.params["userName"] == USER


def test_versions_and_other_pages(vim):
    page = vim.endpoint(Request("GET", "/sdk/vimServiceVersions.xml"))
    assert page.status == 200
    assert b"<version>8.0.3.0</version>" in page.body
    assert b"<version>7.0</version>" in page.body
    assert vim.endpoint(Request("GET", "/nothing")).status == 404
    assert vim.endpoint(Request("PUT", "/sdk")).status == 405


def test_an_old_profile_offers_an_old_version():
    old = Vim(profile="vsphere-4")
    page = old.endpoint(Request("GET", "/sdk/vimServiceVersions.xml"))
    assert b"<version>4.1</version>" in page.body
    assert b"8.0" not in page.body
    this = '<_this type="ServiceInstance">ServiceInstance</_this>'
    body = f'{HEAD}<RetrieveServiceContent xmlns="urn:vim25">{this}</RetrieveServiceContent>{TAIL}'
    assert b"<apiVersion>4.1</apiVersion>" in old.send(body).body


def test_sessions_replay_with_the_reads_that_the_journal_does_not_tell(vim):
    manager = "SessionManager SessionManager"
    vim.login()
    idle, vim.cookie = vim.cookie, ""
    vim.login()
    for _ in range(3):
        vim.world.advance(1_200)
        vim.call("CurrentTime", "ServiceInstance ServiceInstance")
    used, vim.cookie = vim.cookie, ""
    vim.login()
    vim.cookie = idle
    assert name_of(lambda: vim.call("Logout", manager)) == "NotAuthenticated"
    vim.cookie = used
    vim.call("Logout", manager)
    assert vim.vcenter.events[-1]["callCount"] == 4
    twin = scenario.build(vim.world.origin, vim.world.seed)
    lines = [entry.line() for entry in vim.world.journal.entries]
    twin.replay(journal.parse(lines), vim.world.now)
    assert twin.log.digest == vim.world.log.digest
    assert list(twin.product("vc").access.sessions) == list(vim.vcenter.access.sessions)
