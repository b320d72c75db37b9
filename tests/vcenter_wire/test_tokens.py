"""Tokens of single sign-on: issued and renewed over WS-Trust, good to log in with."""

from __future__ import annotations

import pytest

from hvsim import scenario
from hvsim.vcenter import likeness, sso
from hvsim.vcenter.faults import VimFault
from hvsim.vcenter.session import MANAGER
from hvsim_fakes.vcenter import saml, sts
from hvsim_fakes.vcenter.requests import Reader
from vcenter_wire.vim import FaultError, Vim, text
from vclabs import Caller

USER = "administrator@vsphere.local"


@pytest.fixture
def vcenter():
    made = likeness.scenario(likeness.Model(), "127.88.0.1", {USER: "secret"})
    made |= {"clock": {"mode": "stepped"}}
    return scenario.build(scenario.from_data(made), 1).product("vcsim")


def issued(vcenter, password="secret", seconds=300.0):  # noqa: S107 - the lab's
    args = {"userName": USER, "password": password, "seconds": seconds}
    return vcenter.call(Caller(), MANAGER, "IssueToken", args)


def login(vcenter, identifier, user=USER):
    args = {"token": sso.digest(identifier), "userName": user}
    return vcenter.call(Caller(), MANAGER, "LoginByToken", args)


def test_a_token_logs_its_user_in_until_it_expires(vcenter):
    token = issued(vcenter)
    assert login(vcenter, token)["userName"] == "VSPHERE.LOCAL\\Administrator"
    vcenter.world.advance(301)
    with pytest.raises(VimFault, match="InvalidLogin"):
        login(vcenter, token)


def test_a_wrong_password_gets_none(vcenter):
    with pytest.raises(VimFault, match="InvalidLogin"):
        issued(vcenter, password="wrong")


def test_what_was_never_issued_or_names_another_is_refused(vcenter):
    for identifier, user in (("_made-up", USER), (issued(vcenter), "somebody@vsphere.local")):
        with pytest.raises(VimFault, match="InvalidLogin"):
            login(vcenter, identifier, user)


def test_one_is_renewed_while_it_lasts(vcenter):
    args = {"token": sso.digest(issued(vcenter)), "seconds": 900.0}
    renewed = vcenter.call(Caller(), MANAGER, "RenewToken", args)
    vcenter.world.advance(600)
    assert login(vcenter, renewed)["key"]
    with pytest.raises(VimFault, match="InvalidLogin"):
        vcenter.call(Caller(), MANAGER, "RenewToken", args)


def test_a_signed_login_names_no_namespace():
    body = (
        b'<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Header>'
        b'<Assertion ID="_1"><Subject><NameID>me</NameID></Subject></Assertion></soap:Header>'
        b'<soap:Body><LoginByToken><_this type="SessionManager">SessionManager</_this>'
        b"</LoginByToken></soap:Body></soap:Envelope>"
    )
    assert Reader().read(body).method.name == "LoginByToken"
    assert saml.of_envelope(body) == saml.Assertion(sso.digest("_1"), "me")


def test_what_a_rest_client_sends_as_its_token_is_judged():
    for value in ("", 'token="***"', 'token="AAAA"'):
        assert saml.of_authorization(value) is None


@pytest.mark.parametrize(("profile", "told"), [("vsphere-8", True), ("vsphere-4", False)])
def test_clients_are_told_where_tokens_are_issued(profile, told):
    vim = Vim(profile=profile).login()
    asked = "<name>config.vpxd.sso.sts.uri</name>"
    if told:
        found = vim.call("QueryOptions", "OptionManager VpxSettings", asked)
        assert text(found[0], "value") == f"https://127.30.0.9{sts.PATH}/vsphere.local"
        return
    with pytest.raises(FaultError, match="InvalidName"):
        vim.call("QueryOptions", "OptionManager VpxSettings", asked)
