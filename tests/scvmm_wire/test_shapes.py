"""Objects of VMM: every property of every kind can be read, and shows what a client needs."""

from __future__ import annotations

import json

import pytest

from hvsim_fakes.powershell.objects.nettype import NetObject
from hvsim_fakes.scvmm.objects import TYPES, Bound, wrap
from scvmm_shell import Shell
from scvmmlabs import PROFILES, lab

# What a client's inventory reads of each kind: ManageIQ's, by name.
READ = {
    "VM": (
        "BackupEnabled BiosGuid ComputerName CPUCount CPUType DataExchangeEnabled HeartbeatEnabled"
        " HostName ID LastRestoredCheckpointID Memory Name OperatingSystem"
        " OperatingSystemShutdownEnabled ServerConnection TimeSynchronizationEnabled"
        " VirtualDVDDrives VirtualHardDisks VirtualNetworkAdapters VMCheckpoints VMCPath Status"
        " VirtualMachineState"
    ),
    "VMHost": (
        "CommunicationStateString CoresPerCPU DiskVolumes DVDDriveList HyperVStateString ID"
        " LogicalProcessorCount Name OperatingSystem OverallState PhysicalCPUCount ProcessorFamily"
        " ProcessorManufacturer ProcessorModel ProcessorSpeed RegisteredStorageFileShares"
        " TotalMemory PhysicalMachine HyperVVersion OperatingSystemVersion VirtualizationPlatform"
    ),
    "VirtualNetwork": "ID Name LogicalNetworks VMHostNetworkAdapters VMHost",
    "VMTemplate": (
        "CPUCount Memory Name ID VirtualHardDisks VirtualDVDDrives CPUType OperatingSystem"
    ),
    "VMHostCluster": "ClusterName ID Nodes",
    "VMNetwork": "ID Name LogicalNetwork VMSubnet",
}


@pytest.mark.parametrize("kind", READ)
def test_what_an_inventory_reads_is_there(kind):
    known = {one.name for one in TYPES[kind].properties.values()}
    assert set(READ[kind].split()) <= known


@pytest.mark.parametrize("profile", PROFILES)
def test_every_property_of_every_object_can_be_read(profile):
    vmm = lab(profile)
    kinds = list(vmm.store.kinds())
    assert len(kinds) >= 15
    for kind in kinds:
        for record in vmm.store.of(kind):
            found = wrap(vmm, record)
            assert isinstance(found, NetObject)
            assert isinstance(found.data, Bound)
            for one in found.ps_type.properties.values():
                one.get(found.data)


def test_an_inventory_as_json():
    shell = Shell(lab(guests=20))
    story = """
    $vms = @(Get-SCVirtualMachine -VMMServer localhost -All | Select-Object -Property Name,
        VirtualHardDisks, VirtualNetworkAdapters, OperatingSystem,
        @{name='StatusString';expression={$_.Status -As [string]}},
        @{name='DVDISO';expression={ $_.VirtualDVDDrives.ISO | Select-Object Name }})
    $hosts = @(Get-SCVMHost | Select-Object Name, TotalMemory, OverallState, DiskVolumes,
        @{name='Uuid';expression={$_.PhysicalMachine.SMBiosGUID -As [string]}})
    ConvertTo-Json -InputObject @{ vms = $vms; hosts = $hosts } -Depth 4 -Compress
    """
    told = json.loads(shell.texts(story)[0])
    assert len(told["vms"]) == 20
    vm = told["vms"][0]
    assert vm["StatusString"] in ("Running", "PowerOff")
    assert vm["DVDISO"] == {}
    assert vm["VirtualHardDisks"][0]["VHDFormatType"] == 2
    assert told["hosts"][0]["OverallState"] == 0
    assert told["hosts"][0]["DiskVolumes"][0]["FileSystem"] == "NTFS"


def test_views_list_what_matters_first():
    shell = Shell(lab())
    shown = "\n".join(shell.texts("Get-SCVirtualMachine web | Out-String"))
    lines = [line for line in shown.splitlines() if line.strip()]
    assert lines[0].split() == ["Name", ":", "web"]
    assert any(line.startswith("Status ") and line.endswith("Running") for line in lines)


def test_kept_json_changes_with_what_it_shows():
    shell = Shell(lab())
    story = (
        "Get-SCVirtualMachine web | Select-Object VirtualDVDDrives | ConvertTo-Json -Compress {0}"
    )
    before = shell.texts(story.format("-Depth 2"))
    assert shell.texts(story.format("-Depth 2")) == before
    shell.texts(
        "$d = (Get-SCVirtualMachine web).VirtualDVDDrives[0];"
        "Set-SCVirtualDVDDrive $d -ISO (Get-SCISO -Name debian) | Out-Null"
    )
    after = shell.texts(story.format("-Depth 2"))
    assert '"ISO":"debian"' in after[0]
    shell.texts("Set-SCISO (Get-SCISO -Name debian) -Name other | Out-Null")
    assert '"ISO":"other"' in shell.texts(story.format("-Depth 2"))[0]
    shell.texts("Set-SCISO (Get-SCISO -Name other) -Description seen | Out-Null")
    assert '"Description":"seen"' in shell.texts(story.format("-Depth 3"))[0]
