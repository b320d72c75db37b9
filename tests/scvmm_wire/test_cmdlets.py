"""VMM's cmdlets: names, states, jobs, errors, what is written."""

from __future__ import annotations

import pytest

from hvsim_fakes.scvmm.cmdlets import CMDLETS, table
from hvsim_fakes.scvmm.enums import ENUMS
from hvsim_fakes.wirelog import WireLog
from scvmm_shell import Shell
from scvmmlabs import do, guest, lab


@pytest.fixture
def shell():
    return Shell(lab())


def test_power_and_what_the_object_shows_afterwards(shell):
    story = """
    $vm = Get-SCVirtualMachine -Name new
    "$($vm.Status) $([int]$vm.Status)"
    $after = Start-SCVirtualMachine -VM $vm
    "$($vm.Status) $([int]$vm.Status) $($after.Name) $($vm.VMHost.Name)"
    $vm | Suspend-SCVirtualMachine | ForEach-Object { "$($_.VirtualMachineState)" }
    $vm | Resume-SCVirtualMachine | Out-Null
    Use-SCSaveStateVM $vm | Select-Object -ExpandProperty Status
    Use-SCDiscardSavedStateVM $vm | Select-Object -ExpandProperty Status
    """
    assert shell.texts(story) == [
        "PowerOff 1",
        "Running 0 new hv3.lab.example",
        "Paused",
        "Saved",
        "PowerOff",
    ]


def test_asynchronously_gives_the_object_at_once(shell):
    story = """
    $vm = Get-SCVirtualMachine web
    $vm = Stop-SCVirtualMachine -VM $vm -Force -RunAsynchronously -JobVariable j
    "$($vm.Status) $($j.Status) $($j.IsCompleted) $($vm.MostRecentTask.Name)"
    Start-Sleep -Seconds 10
    $job = Get-SCJob -ID $j.ID
    "$($vm.Status) $($job.Status) $($job.ProgressValue) $($job.ErrorInfo.Problem)"
    """
    assert shell.texts(story) == [
        "PoweringOff Running False Stop virtual machine",
        "PowerOff Completed 100 ",
    ]


def test_what_stop_does_is_its_parameter_set(shell):
    story = """
    $vm = Get-SCVirtualMachine web
    function jobs { (Get-SCJob -Newest 1).Name }
    "$((Stop-SCVirtualMachine $vm).Status) $(jobs)"
    Start-SCVirtualMachine $vm | Out-Null
    "$((Stop-SCVirtualMachine $vm -SaveState).Status) $(jobs)"
    "$((Stop-SCVirtualMachine $vm -DiscardSavedState).Status) $(jobs)"
    Start-SCVirtualMachine $vm | Out-Null
    "$((Stop-SCVirtualMachine $vm -Force).Status) $(jobs)"
    """
    assert shell.texts(story) == [
        "PowerOff Shut down virtual machine",
        "Saved Save state of virtual machine",
        "PowerOff Discard saved state of virtual machine",
        "PowerOff Stop virtual machine",
    ]
    assert shell.run("Stop-SCVirtualMachine new -Force -SaveState").errors


def test_a_machine_goes_into_the_library_and_comes_back(shell):
    story = """
    $vm = Get-SCVirtualMachine new
    $vm = Save-SCVirtualMachine $vm
    "$($vm.Status) $($vm.LibraryServer.Name) $($vm.VMHost.Name)"
    $vm = Move-SCVirtualMachine $vm -VMHost (Get-SCVMHost hv1)
    "$($vm.Status) $($vm.LibraryServer.Name) $($vm.VMHost.Name)"
    """
    assert shell.texts(story) == ["Stored vmm1.lab.example ", "PowerOff  hv1.lab.example"]
    assert shell.run("Save-SCVirtualMachine web").codes == ["1730"], "it runs"


def test_an_error_is_not_terminating_and_reads_as_vmm_s_own(shell):
    told = shell.run("Start-SCVirtualMachine -VM (Get-SCVirtualMachine web); 'on'")
    assert told.texts == ["on"]
    error = told.errors[0]
    assert error.full_id == (
        "1730,Microsoft.SystemCenter.VirtualMachineManager.Cmdlets.StartVMCmdlet"
    )
    assert error.exception.ps_type.name == "Microsoft.VirtualManager.Utils.CarmineException"
    assert "(Error ID: 1730, Detailed Error: )" in error.message
    caught = "try { Start-SCVirtualMachine web -ErrorAction Stop } catch { 'caught' }"
    assert shell.texts(caught) == ["caught"]


def test_a_failed_job_says_how_to_restart_it(shell):
    do(shell.vmm, "service.stop", server="hv1", service="vmmagent")
    told = shell.run("Stop-SCVirtualMachine -VM (Get-SCVirtualMachine web)")
    assert told.codes == ["2912"]
    job = shell.vmm.store.of("Job")[-1]
    assert f'$_.ID -eq "{{{job.id}}}"' in told.errors[0].message
    assert shell.texts("(Get-SCJob -Newest 1).ErrorInfo.DisplayableErrorCode") == ["2912"]


def test_a_locked_machine(shell):
    told = shell.run(
        "Use-SCSaveStateVM web -RunAsynchronously | Out-Null; Stop-SCVirtualMachine web"
    )
    assert told.codes == ["2602"]


@pytest.mark.parametrize("name", ["localhost", "vmm1", "VMM1.lab.example", "."])
def test_the_server_by_all_its_names(shell, name):
    story = f"(Get-SCVMMServer -ComputerName {name}).IsConnected"
    assert shell.texts(story) == ["True"]
    assert len(shell.texts(f"Get-SCVirtualMachine -VMMServer {name}")) == 4


def test_another_server_is_not_there(shell):
    assert shell.run("Get-SCVMMServer elsewhere").codes == ["1602"]
    assert shell.run("Get-SCVirtualMachine -VMMServer elsewhere").codes == ["1602"]


def test_the_service_is_stopped_or_hangs():
    shell = Shell(lab())
    do(shell.vmm, "service.stop", server="vmm1", service="vmmservice")
    assert shell.run("Get-SCVirtualMachine").codes == ["1602"]
    shell = Shell(lab())
    do(shell.vmm, "service.hang", server="vmm1", service="vmmservice")
    before = shell.vmm.world.now
    assert shell.run("Get-SCVirtualMachine").codes == ["1602"]
    assert shell.vmm.world.now > before


def test_somebody_without_a_role():
    accounts = [{"user": "x", "password": "y", "role": ""}]
    shell = Shell(lab(accounts=accounts), "LAB\\x")
    assert shell.run("Get-SCVirtualMachine").codes == ["1604"]


def test_what_is_not_there_gives_nothing(shell):
    assert shell.texts("Get-SCVirtualMachine -Name nothing") == []
    assert shell.texts("Get-SCVMHost -ComputerName nothing") == []
    assert shell.run("Start-SCVirtualMachine -VM nothing").codes == ["801"]


def test_machines_by_host_group_and_pipeline(shell):
    assert shell.texts("(Get-SCVirtualMachine -VMHost (Get-SCVMHost hv1)).Name") == ["web"]
    assert shell.texts("(Get-SCVMHost hv9 | Get-SCVirtualMachine).Name") == ["lone"]
    assert shell.texts("@(Get-SCVMHost -VMHostGroup (Get-SCVMHostGroup 'All Hosts')).Count") == [
        "4"
    ]
    assert shell.texts("(Get-SCVMHostCluster).Nodes.ComputerName") == ["hv1", "hv2", "hv3"]


def test_a_move_and_maintenance(shell):
    story = """
    $vm = Move-SCVirtualMachine -VM (Get-SCVirtualMachine web) -VMHost (Get-SCVMHost hv2)
    "$($vm.HostName) $($vm.Status)"
    $h = Disable-SCVMHost -VMHost (Get-SCVMHost hv2) -MoveWithinCluster
    "$($h.OverallState) $([int]$h.OverallState) $($h.MaintenanceHost) $($vm.HostName)"
    (Get-SCVirtualMachine db).Status
    $h = Enable-SCVMHost $h
    "$($h.OverallState) $([int]$h.OverallState)"
    """
    texts = shell.texts(story)
    assert texts[0] == "hv2.lab.example Running"
    assert texts[1].startswith("InMaintenanceMode 8 True hv")
    assert not texts[1].endswith("hv2.lab.example")
    assert texts[2:] == ["Saved", "OK 0"]


def test_a_dead_node_as_vmm_shows_it(shell):
    do(shell.vmm, "server.crash", server="hv9")
    shell.vmm.world.advance(130)
    story = """
    $h = Get-SCVMHost hv9
    "$($h.CommunicationStateString)|$($h.CommunicationState)|$([int]$h.OverallState)"
    $h.HyperVStateString
    $vm = Get-SCVirtualMachine lone
    "$($vm.Status) $([int]$vm.Status) $($vm.VirtualMachineState)"
    """
    assert shell.texts(story) == [
        "Not Responding|NotResponding|2",
        "Unknown",
        "HostNotResponding 221 Running",
    ]


def test_reading_a_machine_anew(shell):
    do(shell.vmm, "scvmm.guest.set-hostname", vmm="vmm1", guest="web", hostname="shop")
    assert shell.texts("(Get-SCVirtualMachine web).ComputerName") == ["web.lab.example"]
    assert shell.texts("(Read-SCVirtualMachine web).ComputerName") == ["shop"]


def test_a_new_machine_with_its_parts(shell):
    story = """
    $t = Get-SCVMTemplate w2019
    $vm = New-SCVirtualMachine -Name n -VMTemplate $t -VMHost (Get-SCVMHost hv9) -CPUCount 2
    "$($vm.Status) $($vm.CPUCount) $($vm.VirtualHardDisks.Count) $($vm.HostName)"
    $d = New-SCVirtualDiskDrive -VM $vm -SCSI -Bus 0 -LUN 1 -VirtualHardDiskSizeMB 1024 -Dynamic
    "$($d.BusType) $($d.Lun) $($d.VirtualHardDisk.VHDType) $($vm.VirtualDiskDrives.Count)"
    $e = Expand-SCVirtualDiskDrive -VirtualDiskDrive $d -VirtualHardDiskSizeGB 2
    $e.VirtualHardDisk.MaximumSize / 1GB
    Set-SCVirtualDVDDrive $vm.VirtualDVDDrives[0] -ISO (Get-SCISO -Name debian) | % { $_.ISO.Name }
    Remove-SCVirtualMachine $vm -Confirm:$false | Out-Null
    @(Get-SCVirtualMachine n).Count
    """
    assert shell.texts(story) == [
        "PowerOff 2 1 hv9.lab.example",
        "SCSI 1 DynamicallyExpanding 2",
        "2",
        "debian",
        "0",
    ]


def test_a_job_group_gathers_parts_for_a_machine(shell):
    story = """
    $g = [guid]::NewGuid()
    New-SCVirtualDiskDrive -IDE -Bus 0 -LUN 0 -JobGroup $g -VirtualHardDiskSizeMB 2048 -Fixed
    $n = Get-SCVMNetwork Production
    New-SCVirtualNetworkAdapter -JobGroup $g -VMNetwork $n -Synthetic
    $vm = New-SCVirtualMachine -Name n -VMHost (Get-SCVMHost hv9) -JobGroup $g
    "$($vm.VirtualHardDisks[0].VHDType) $($vm.VirtualNetworkAdapters[0].VMNetwork.Name)"
    """
    assert shell.texts(story) == ["FixedSize Production"]


def test_checkpoints(shell):
    story = """
    $vm = Get-SCVirtualMachine web
    $c = New-SCVMCheckpoint -VM $vm -Name one
    "$($c.Name) $($vm.VMCheckpoints.Count)"
    Restore-SCVMCheckpoint -VMCheckpoint $c | Out-Null
    $vm.Status
    Remove-SCVMCheckpoint -VMCheckpoint $c -Confirm:$false | Out-Null
    @(Get-SCVMCheckpoint -VM $vm).Count
    """
    assert shell.texts(story) == ["one 1", "Saved", "0"]


def test_what_if_does_nothing(shell):
    shell.run("Remove-SCVirtualMachine -VM (Get-SCVirtualMachine new) -WhatIf")
    assert guest(shell.vmm, "new")


def test_the_wire_log_knows_what_writes():
    log = WireLog()
    shell = Shell(lab(), wirelog=log)
    shell.run("Get-SCVirtualMachine | Out-Null; Read-SCVirtualMachine web | Out-Null")
    assert not log.wrote()
    shell.run("Stop-SCVirtualMachine web | Out-Null; Stop-SCVirtualMachine web")
    found = [(one.call, one.is_write, one.outcome) for one in log.entries()][-2:]
    assert found == [
        ("Stop-SCVirtualMachine", True, "ok"),
        ("Stop-SCVirtualMachine", True, "1730"),
    ]


def test_2008_r2_has_its_own_names():
    shell = Shell(lab("scvmm-2008r2"))
    story = """
    $vm = Get-VM -Name new -VMMServer localhost
    $vm = Start-VM -VM $vm
    "$($vm.Status)"
    Shutdown-VM $vm | Out-Null
    "$($vm.Status) $((Refresh-VM $vm).Status)"
    (Get-VMHost hv1 | Disable-VMHost).MaintenanceHost
    """
    assert shell.texts(story) == ["Running", "PowerOff PowerOff", "True"]
    assert shell.run("Get-SCVirtualMachine").errors[0].error_id == "CommandNotFoundException"
    assert shell.run("Get-SCCloud").errors[0].error_id == "CommandNotFoundException"


def test_later_releases_know_the_old_names_too(shell):
    assert shell.texts("(Get-VM new).Name") == ["new"]


def test_every_cmdlet_stands_in_one_table():
    vmm = lab()
    assert len(table(vmm.release).cmdlets) == len(CMDLETS) >= 150
    for known in CMDLETS.values():
        names = [one.name.lower() for one in known.parameters]
        assert len(names) == len(set(names)), known.name


def test_the_states_have_the_numbers_of_real_ones():
    status = ENUMS["VMStatus"]
    told = {
        "Running": 0,
        "PowerOff": 1,
        "PoweringOff": 2,
        "Saved": 3,
        "Saving": 4,
        "Restoring": 5,
        "Paused": 6,
        "DiscardSavedState": 10,
        "Starting": 11,
        "MergingDrives": 12,
        "Deleting": 13,
        "DiscardingDrives": 80,
        "Pausing": 81,
        "UnderCreation": 100,
        "CreationFailed": 101,
        "Stored": 102,
        "CustomizationFailed": 105,
        "UnderUpdate": 106,
        "UpdateFailed": 107,
        "UnderMigration": 200,
        "MigrationFailed": 201,
        "CreatingCheckpoint": 210,
        "DeletingCheckpoint": 211,
        "RecoveringCheckpoint": 212,
        "CheckpointFailed": 213,
        "Missing": 220,
        "HostNotResponding": 221,
        "Unsupported": 222,
        "IncompleteVMConfig": 223,
        "UnsupportedSharedFiles": 224,
        "UnsupportedCluster": 225,
        "P2VCreationFailed": 240,
        "V2VCreationFailed": 250,
    }
    assert {name: status[name].number for name in told} == told
