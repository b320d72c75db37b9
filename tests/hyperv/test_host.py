"""Hyper-V hosts as they answer for themselves: PowerShell over WinRM, seen by pywinrm."""

from __future__ import annotations

import pytest
import requests

import winrm
from hvsim.clock import Clock, ClockMode
from hvsim_fakes.lab import Lab
from scvmmlabs import do

PASSWORD = "hvsim"
WMI = "Get-WmiObject -Namespace root\\virtualization -Class Msvm_ComputerSystem"


def scenario(profile="scvmm-2019"):
    guests = [
        {"name": "web", "state": "Running", "host": "solo"},
        {"name": "off", "host": "solo"},
        {"name": "db", "state": "Running", "host": "hv1"},
    ]
    hosts = [{"name": "hv1"}, {"name": "solo", "managed": False}]
    accounts = [
        {"user": "Administrator", "password": PASSWORD},
        {"user": "viewer", "password": PASSWORD, "role": "ReadOnlyAdmin"},
    ]
    table = {"name": "vmm1", "profile": profile, "hosts": hosts, "guests": guests}
    return {"name": "hyperv", "scvmm": [table | {"accounts": accounts}]}


@pytest.fixture
def lab():
    with Lab.from_scenario(scenario(), clock=Clock(ClockMode.SKIP_IDLE)) as found:
        yield found


@pytest.fixture
def old():
    made = scenario("scvmm-2008r2")
    with Lab.from_scenario(made, clock=Clock(ClockMode.SKIP_IDLE)) as found:
        yield found


def run(lab, script, host="solo", user="Administrator"):
    url = lab.member_url("vmm1", host)
    session = winrm.Session(f"{url}/wsman", auth=(user, PASSWORD), transport="ntlm")
    done = session.run_ps(script)
    return done.std_out.decode().split("\r\n")[:-1], done.std_err.decode()


def guest(lab, name):
    found = lab.world.product("vmm1").fabric.guests.values()
    return next(one for one in found if one.name == name)


def test_the_guests_of_this_host_alone(lab):
    lines, errors = run(lab, 'Get-VM | ForEach-Object { "$($_.Name) $($_.State) $($_.Id)" }')
    ids = {name: guest(lab, name).guid for name in ("off", "web")}
    assert (lines, errors) == ([f"off Off {ids['off']}", f"web Running {ids['web']}"], "")
    assert run(lab, "(Get-VM).Name", host="hv1") == (["db"], "")


@pytest.mark.parametrize(
    ("script", "state", "seconds"),
    [
        ("Stop-VM web", "Off", 15),
        ("Stop-VM web -TurnOff", "Off", 1),
        ("Stop-VM web -Save", "Saved", 1),
        ("Save-VM web", "Saved", 1),
        ("Suspend-VM -Name web", "Paused", 1),
        ("Suspend-VM web; Resume-VM web", "Running", 2),
        ("Get-VM web | Stop-VM -TurnOff -Passthru | Start-VM", "Running", 3),
    ],
)
def test_power_takes_simulated_time(lab, script, state, seconds):
    assert run(lab, script) == ([], "")
    assert guest(lab, "web").state == state
    assert lab.world.now >= seconds


def test_a_restart_boots_anew(lab):
    boots = guest(lab, "web").boots
    assert run(lab, "Restart-VM web -Force") == ([], "")
    assert guest(lab, "web").boots == boots + 1


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("Get-VM nobody", "InvalidParameter,Microsoft.HyperV.PowerShell.Commands.GetVM"),
        ("Suspend-VM off", "InvalidState,Microsoft.HyperV.PowerShell.Commands.SuspendVM"),
        ("Move-VM web nowhere", "OperationFailed,Microsoft.HyperV.PowerShell.Commands.MoveVM"),
        (
            "Get-ClusterNode",
            "Get-ClusterNode,Microsoft.FailoverClusters.PowerShell.GetClusterNodeCommand",
        ),
        ("Get-SCVirtualMachine", "CommandNotFoundException"),
    ],
)
def test_errors_are_hypervs_own(lab, script, told):
    stop = "$ErrorActionPreference = 'Stop'"
    caught = f"{stop}; try {{ {script} }} catch {{ $_.FullyQualifiedErrorId }}"
    assert run(lab, caught) == ([told], "")


def test_its_service_stopped(lab):
    do(lab.world.product("vmm1"), "service.stop", server="solo", service="vmms")
    lines, _ = run(lab, "Get-VM -ErrorAction SilentlyContinue; $Error[0].FullyQualifiedErrorId")
    assert lines == ["ObjectNotFound,Microsoft.HyperV.PowerShell.Commands.GetVM"]


def test_what_is_written_stands_in_the_wire_log(lab):
    run(lab, "Get-VM | Out-Null; Stop-VM web -TurnOff")
    seen = [(one.call, one.is_write) for one in lab.wirelog.entries() if one.product == "hyperv"]
    assert seen == [("Get-VM", False), ("Stop-VM", True)]


def test_no_administrator_no_login(lab):
    with pytest.raises(winrm.exceptions.InvalidCredentialsError):
        run(lab, "Get-VM", user="viewer")


def test_a_machine_that_is_off_refuses(lab):
    do(lab.world.product("vmm1"), "server.crash", server="solo", silence="refused")
    with pytest.raises(requests.RequestException):
        run(lab, "Get-VM")


def test_2008_r2_has_wmi_alone(old):
    lines, errors = run(old, f'{WMI} | ForEach-Object {{ "$($_.ElementName) $($_.EnabledState)" }}')
    assert (lines, errors) == (["SOLO 2", "off 3", "web 2"], "")
    lines, _ = run(old, "try { Get-VM } catch { $_.FullyQualifiedErrorId }")
    assert lines == ["CommandNotFoundException"]


@pytest.mark.parametrize(
    ("name", "number", "value", "state"),
    [
        ("web", 3, 4096, "Off"),
        ("web", 32769, 4096, "Saved"),
        ("web", 32768, 4096, "Paused"),
        ("off", 2, 4096, "Running"),
        ("off", 32768, 32775, "Off"),
        ("web", 77, 32773, "Running"),
    ],
)
def test_2008_r2_changes_states_by_wmi(old, name, number, value, state):
    which = f"({WMI} | Where-Object {{ $_.ElementName -eq '{name}' }})"
    script = f"{which}.RequestStateChange({number}).ReturnValue; Start-Sleep 20"
    assert run(old, script) == ([str(value)], "")
    assert guest(old, name).state == state
