"""Logins, sessions, privileges, and what a journal keeps of a password."""

from __future__ import annotations

import pytest

from hvsim.commands import encode
from hvsim.vcenter import session
from hvsim.vcenter.faults import VimFault
from hvsim.vcenter.methods import Caller
from vclabs import call, kinds, lab


def login(vcenter, user="administrator@vsphere.local", password="secret"):  # noqa: S107 - a lab's
    return vcenter.call(
        Caller(), session.MANAGER, "Login", {"userName": user, "password": password}
    )


@pytest.mark.parametrize(
    "user",
    ["administrator@vsphere.local", "Administrator@VSPHERE.LOCAL", "vsphere.local\\administrator"],
)
def test_a_login_opens_a_session(user):
    vcenter = lab()
    made = login(vcenter, user)
    assert made["userName"] == "VSPHERE.LOCAL\\Administrator"
    assert session.find(vcenter, made["key"]) is not None
    assert kinds(vcenter)[-1] == "UserLoginSessionEvent"


@pytest.mark.parametrize(
    ("user", "password"), [("administrator@vsphere.local", "wrong"), ("nobody", "secret")]
)
def test_a_bad_login_does_not_say_why(user, password):
    vcenter = lab()
    with pytest.raises(VimFault) as refused:
        login(vcenter, user, password)
    assert refused.value.name == "InvalidLogin"
    assert refused.value.fields == {}
    assert kinds(vcenter)[-1] == "BadUsernameSessionEvent"


def test_the_journal_holds_no_password():
    vcenter = lab()
    login(vcenter)
    text = str([encode(entry.command) for entry in vcenter.world.journal.entries])
    assert "secret" not in text
    assert "pbkdf2" in text


def test_a_logout_ends_the_session_once():
    vcenter = lab()
    key = login(vcenter)["key"]
    caller = Caller("administrator@vsphere.local", key)
    vcenter.call(caller, session.MANAGER, "Logout", {})
    assert session.find(vcenter, key) is None
    with pytest.raises(VimFault, match="NotAuthenticated"):
        vcenter.call(caller, session.MANAGER, "Logout", {})


def test_an_idle_session_is_gone_after_half_an_hour():
    vcenter = lab()
    key = login(vcenter)["key"]
    vcenter.world.advance(session.IDLE - 1)
    assert session.find(vcenter, key) is not None
    vcenter.world.advance(2)
    assert session.find(vcenter, key) is None


def test_a_ticket_clones_a_session_once():
    vcenter = lab()
    key = login(vcenter)["key"]
    ticket = vcenter.call(Caller("", key), session.MANAGER, "AcquireCloneTicket", {})
    made = vcenter.call(Caller(), session.MANAGER, "CloneSession", {"cloneTicket": ticket})
    assert made["key"] != key
    with pytest.raises(VimFault, match="InvalidLogin"):
        vcenter.call(Caller(), session.MANAGER, "CloneSession", {"cloneTicket": ticket})


def test_a_session_of_another_is_ended_but_not_ones_own():
    vcenter = lab()
    mine, other = login(vcenter)["key"], login(vcenter)["key"]
    caller = Caller("administrator@vsphere.local", mine)
    with pytest.raises(VimFault, match="InvalidArgument"):
        vcenter.call(caller, session.MANAGER, "TerminateSession", {"sessionId": [mine]})
    vcenter.call(caller, session.MANAGER, "TerminateSession", {"sessionId": [other]})
    assert list(vcenter.access.sessions) == [mine]


def test_roles_decide_what_a_user_may():
    reader = {"user": "eve@corp.example", "password": "pass", "role": "ReadOnly"}
    vcenter = lab(accounts=[reader])
    may = vcenter.access.may
    assert may("eve@corp.example", "System.Read")
    assert not may("eve@corp.example", "VirtualMachine.Interact.PowerOn")
    assert not may("nobody", "System.View")


def test_the_lab_revokes_accounts():
    from hvsim import commands

    vcenter = lab()
    revoke = {"kind": "account.revoke", "pool": "vc1", "user": "administrator@vsphere.local"}
    vcenter.world.execute(commands.decode(revoke))
    with pytest.raises(VimFault, match="InvalidLogin"):
        login(vcenter)


def test_unknown_methods_are_told():
    vcenter = lab()
    with pytest.raises(VimFault, match="MethodNotFound"):
        call(vcenter, session.MANAGER, "PowerOnVM_Task")
