"""A VMM server in a lab, over WinRM with a real client, and as the control plane sees it."""

from __future__ import annotations

import pytest
import requests

import winrm
from hvsim.clock import Clock, ClockMode
from hvsim_fakes.control.truth import truth
from hvsim_fakes.lab import Lab
from scvmmlabs import GIB, guests

PASSWORD = "hvsim"


def scenario(profile="scvmm-2019"):
    hosts = [{"name": f"hv{n}", "memory": 32 * GIB} for n in (1, 2, 3)]
    table = {
        "name": "vmm1",
        "profile": profile,
        "clusters": [{"name": "c1", "hosts": hosts}],
        "hosts": [{"name": "hv9"}],
        "guests": guests(),
        "accounts": [
            {"user": "Administrator", "password": "hvsim"},
            {"user": "viewer", "password": "look", "role": "ReadOnlyAdmin"},
        ],
    }
    return {"name": "vmm", "scvmm": [table]}


@pytest.fixture
def lab():
    with Lab.from_scenario(scenario(), clock=Clock(ClockMode.SKIP_IDLE)) as found:
        yield found


def session(lab, user="Administrator", password=PASSWORD, transport="ntlm"):
    url = next(url for _, urls in lab.doors() for url in urls if url.startswith("http:"))
    return winrm.Session(f"{url}/wsman", auth=(user, password), transport=transport)


def run(lab, script, **more):
    done = session(lab, **more).run_ps(script)
    return done.std_out.decode().split("\r\n")[:-1], done.std_err.decode()


@pytest.mark.parametrize(
    "user", ["administrator", "LAB\\Administrator", "administrator@lab.example"]
)
def test_a_login_by_every_spelling(lab, user):
    lines, errors = run(lab, "(Get-SCVMMServer localhost).FQDN", user=user)
    assert (lines, errors) == (["vmm1.lab.example"], "")


def test_a_job_is_waited_for_in_simulated_time(lab):
    lines, errors = run(lab, "$v = Get-SCVirtualMachine new; (Start-SCVirtualMachine $v).Status")
    assert (lines, errors) == (["Running"], "")
    assert lab.world.now >= 3


def test_a_client_that_looks_at_errors_alone(lab):
    lines, errors = run(lab, "Start-SCVirtualMachine -VM (Get-SCVirtualMachine web); 'next'")
    assert lines == ["next"]
    assert "(Error ID: 1730, Detailed Error: )" in " ".join(errors.split())
    assert "FullyQualifiedErrorId : 1730,Microsoft.SystemCenter" in errors


def test_power_as_a_command_line_for_cmd(lab):
    with lab.world.access():
        ident = lab.world.product("vmm1").store.named("VM", "web").id
    line = (
        "powershell Import-Module VirtualMachineManager; Get-SCVMMServer localhost;  "
        f"Stop-SCVirtualMachine -VM (Get-SCVirtualMachine -ID {ident}) -Force"
    )
    done = session(lab).run_cmd(line)
    assert (done.status_code, done.std_err) == (0, b"")
    assert truth_of(lab, "web").state == "stopped"


def truth_of(lab, name):
    found = truth(lab.world, "vmm1").managers[0].guests
    return next(guest for guest in found if guest.name == name)


def test_the_truth_beside_what_vmm_shows(lab):
    lab.perform("server.crash", server="hv9")
    lone = truth_of(lab, "lone")
    assert (lone.state, lone.host) == ("stopped", "hv9")
    assert lone.native["Status"] == "Running"
    host = next(h for h in truth(lab.world).managers[0].hosts if h.name == "hv9")
    assert (host.alive, host.answers) == (False, "dropped")


def test_who_may_only_look(lab):
    lines, errors = run(lab, "@(Get-SCVirtualMachine).Count", user="viewer", password="look")
    assert (lines, errors) == (["4"], "")
    _, errors = run(lab, "Stop-SCVirtualMachine web", user="viewer", password="look")
    assert "1604" in errors


def test_a_revoked_account_gets_in_no_more(lab):
    lab.perform("account.revoke", pool="vmm1", user="Administrator")
    with pytest.raises(winrm.exceptions.InvalidCredentialsError):
        run(lab, "1")
    lab.perform("account.restore", pool="vmm1", user="Administrator")
    assert run(lab, "1")[0] == ["1"]


def test_services_of_the_machine(lab):
    lab.perform("service.stop", server="vmm1", service="vmmservice")
    _, errors = run(lab, "Get-SCVirtualMachine")
    assert "(Error ID: 1602," in " ".join(errors.split())
    lab.perform("service.stop", server="vmm1", service="winrm")
    with pytest.raises(requests.exceptions.ConnectionError):
        run(lab, "1")
    lab.perform("service.start", server="vmm1", service="winrm")
    assert run(lab, "1")[0] == ["1"]


def test_the_wire_log_tells_writes_from_reads(lab):
    mark = lab.wirelog.last_seq
    run(lab, "Get-SCVirtualMachine | Out-Null")
    calls = [one.call for one in lab.wirelog.entries(since=mark) if one.call.startswith("Get-SC")]
    assert calls == ["Get-SCVirtualMachine"]
    written = [one.call for one in lab.wirelog.writes(since=mark) if "-" in one.call]
    assert written == []
    run(lab, "Stop-SCVirtualMachine web | Out-Null")
    written = [one.call for one in lab.wirelog.writes(since=mark) if "-" in one.call]
    assert written == ["Stop-SCVirtualMachine"]


def test_a_saved_lab_comes_back_as_it_was(lab):
    run(
        lab,
        "Stop-SCVirtualMachine web | Out-Null; Move-SCVirtualMachine new -VMHost hv1 | Out-Null",
    )
    content = lab.save()
    digest = lab.world.log.digest
    run(lab, "Remove-SCVirtualMachine new | Out-Null")
    lab.restore(content)
    assert lab.world.log.digest == digest
    assert run(lab, "(Get-SCVirtualMachine new).HostName")[0] == ["hv1.lab.example"]


def test_2008_r2_over_the_wire():
    clock = Clock(ClockMode.SKIP_IDLE)
    with Lab.from_scenario(scenario("scvmm-2008r2"), clock=clock) as lab:
        lines, errors = run(lab, "(Get-VM -VMMServer localhost).Name")
        assert (lines, errors) == (["web", "db", "new", "lone"], "")


def test_remoting_misbehaves_on_purpose(lab):
    lab.perform("scvmm.remoting.disturb", vmm="vmm1", latency=30.0)
    before = lab.world.now
    assert run(lab, "1")[0] == ["1"]
    assert lab.world.now >= before + 30
    lab.perform("scvmm.remoting.disturb", vmm="vmm1", deny_after=0)
    with pytest.raises(winrm.exceptions.InvalidCredentialsError):
        run(lab, "1")
    lab.perform("scvmm.remoting.disturb", vmm="vmm1")
    assert run(lab, "1")[0] == ["1"]
