"""Hyper-V hosts by themselves: machines made, changed and moved there; cluster nodes."""

from __future__ import annotations

import pytest

import winrm
from hvsim.clock import Clock, ClockMode
from hvsim_fakes.lab import Lab

NODES = [{"name": name} for name in ("n1", "n2")]
TABLE = {
    "name": "vmm1",
    "hosts": [{"name": "a"}, {"name": "b", "managed": False}],
    "clusters": [{"name": "c1", "hosts": NODES}],
    "guests": [
        {"name": "web", "state": "Running", "host": "a", "disk": 10 * 2**30},
        {"name": "off", "host": "a"},
        {"name": "role", "state": "Running", "host": "n1"},
    ],
    "accounts": [{"user": "Administrator", "password": "hvsim"}],
}


@pytest.fixture
def lab():
    made = {"name": "changes", "scvmm": [TABLE]}
    with Lab.from_scenario(made, clock=Clock(ClockMode.SKIP_IDLE)) as found:
        yield found


def run(lab, script, host="a"):
    url = lab.member_url("vmm1", host)
    session = winrm.Session(f"{url}/wsman", auth=("Administrator", "hvsim"), transport="ntlm")
    done = session.run_ps(script)
    return done.std_out.decode().split("\r\n")[:-1], done.std_err.decode()


def where(lab, name):
    found = lab.world.product("vmm1").fabric.guests.values()
    return next((one.host for one in found if one.name == name), None)


def test_what_a_machine_shows(lab):
    script = """
    $vm = Get-VM web
    "$($vm.Generation) $($vm.Version) $($vm.Uptime.Days) $($vm.Heartbeat) $($vm.ReplicationState)"
    "$($vm.AutomaticStartAction) $($vm.MemoryStartup -gt 0) $($vm.Path)"
    "$(@(Get-VMNetworkAdapter -VMName web).Count) $((Get-VM web | Get-VMHardDiskDrive).Path)"
    (Get-VM off).Uptime.Ticks
    """
    lines, errors = run(lab, script)
    assert errors == ""
    assert lines[0] == "1 9.0 1 OkApplicationsUnknown Disabled"
    assert lines[1].startswith("Nothing True C:\\")
    assert lines[2].startswith("1 C:\\")
    assert lines[3] == "0"


def test_the_table_of_machines(lab):
    lines, _ = run(lab, "Get-VM")
    heads = ["Name", "State", "CPUUsage(%)", "MemoryAssigned(M)", "Uptime", "Status"]
    assert lines[1].split()[:6] == heads
    assert lines[3].split()[:2] == ["off", "Off"]


def test_made_changed_removed(lab):
    script = """
    $vm = New-VM -Name made -MemoryStartupBytes 1GB -Generation 2
    Set-VM made -ProcessorCount 4 -Notes hello -AutomaticStartAction Start
    "$($vm.State) $($vm.Generation) $($vm.ProcessorCount) $($vm.Notes) $($vm.AutomaticStartAction)"
    Rename-VM made -NewName other
    Remove-VM other -Force
    (Get-VM).Name -join ' '
    """
    assert run(lab, script) == (["Off 2 4 hello Start", "off web"], "")


@pytest.mark.parametrize(
    ("host", "script"),
    [
        ("a", "Set-VM web -ProcessorCount 4"),
        ("a", "Remove-VM web -Force"),
        ("n1", "Move-VM role a"),
        ("n1", "Move-ClusterVirtualMachineRole role -Node a"),
        ("n1", "Move-ClusterVirtualMachineRole nobody"),
        ("n1", "Suspend-ClusterNode a"),
    ],
)
def test_what_is_refused_changes_nothing(lab, host, script):
    lines, _ = run(lab, f"$null = {script} 2>$null; $Error.Count", host)
    assert lines == ["1"]
    assert (where(lab, "web"), where(lab, "role")) == ("a", "n1")


def test_a_running_machine_moves_live(lab):
    boots = next(one.boots for one in lab.world.product("vmm1").fabric.guests.values())
    assert run(lab, "Move-VM web b") == ([], "")
    assert where(lab, "web") == "b"
    assert lab.world.now > 8  # ten gibibytes of disk go over the network
    assert run(lab, '"$((Get-VM web).State)"', "b") == (["Running"], "")
    assert next(one.boots for one in lab.world.product("vmm1").fabric.guests.values()) == boots


def test_a_cluster_as_its_nodes_show_it(lab):
    script = """
    (Get-Cluster).Name
    Get-ClusterNode | ForEach-Object { "$($_.Name) $($_.State)" }
    Get-ClusterGroup | ForEach-Object { "$($_.Name) $($_.OwnerNode) $($_.State)" }
    Get-ClusterResource | ForEach-Object { "$($_.Name) $($_.ResourceType)" }
    """
    told = ["c1", "n1 Up", "n2 Up", "role n1 Online", "Virtual Machine role Virtual Machine"]
    assert run(lab, script, "n1") == (told, "")


def test_a_role_moves_and_a_node_is_drained(lab):
    assert run(lab, "$null = Move-ClusterVirtualMachineRole role -Node n2", "n1") == ([], "")
    assert where(lab, "role") == "n2"
    drain = '"$((Suspend-ClusterNode n2 -Drain -Wait).State)"'
    assert run(lab, drain, "n1") == (["Paused"], "")
    assert where(lab, "role") == "n1"
    back = "$null = Move-ClusterVirtualMachineRole role -Node n2 2>$null; $Error.Count"
    assert run(lab, back, "n1") == (["1"], "")
    assert run(lab, '"$((Resume-ClusterNode n2).State)"', "n1") == (["Up"], "")


def test_sizes_that_no_machine_has_are_refused_and_not_journalled(lab):
    for script in ("New-VM tiny -MemoryStartupBytes 1", "Set-VM off -ProcessorCount 0"):
        _, errors = run(lab, script)
        assert "out of range" in errors
    kinds = [one.command.kind for one in lab.world.journal.entries]
    assert not {"scvmm.host.make", "scvmm.host.change"} & set(kinds)


def test_another_cluster_is_not_this_one(lab):
    _, errors = run(lab, "Get-ClusterNode -Cluster elsewhere", "n1")
    assert "elsewhere" in errors
    assert len(run(lab, "(Get-ClusterNode -Cluster c1).Name", "n1")[0]) == 2


def test_a_node_that_was_paused_is_so_when_it_comes_back(lab):
    run(lab, "Suspend-ClusterNode n2", "n1")
    lab.perform("server.crash", server="n2", silence="refused")
    lab.world.advance(600)
    lab.perform("server.boot", server="n2")
    lab.world.advance(600)
    assert run(lab, "(Get-ClusterNode n2).State.ToString()", "n1")[0] == ["Paused"]
    run(lab, "Resume-ClusterNode n2", "n1")
    assert run(lab, "(Get-ClusterNode n2).State.ToString()", "n1")[0] == ["Up"]
