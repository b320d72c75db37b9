"""What VMM merely keeps: its cmdlets make, change and remove each kind."""

from __future__ import annotations

import pytest

from hvsim_fakes.scvmm.keeping import KEPT
from scvmm_shell import Shell
from scvmmlabs import lab

ALL = "(Get-SCVMHostGroup 'All Hosts')"
NETWORK = "(New-SCLogicalNetwork -Name ln)"
DEFINITION = (
    f"(New-SCLogicalNetworkDefinition -Name lnd -LogicalNetwork {NETWORK} -VMHostGroup {ALL}"
    " -SubnetVLan (New-SCSubnetVLan -Subnet 10.1.0.0/24 -VLanID 7))"
)
# What a cmdlet cannot do without, by kind.
NEEDED = {
    "CapabilityProfile": "-FabricCapabilityType HyperV",
    "Cloud": f"-VMHostGroup {ALL}",
    "CustomProperty": "-AddMember VM",
    "MACAddressPool": "-MACAddressRangeStart 00:1D:D8:B7:1C:00 -MACAddressRangeEnd"
    f" 00:1D:D8:B7:1C:09 -VMHostGroup {ALL}",
    "RunAsAccount": "-Credential (New-Object PSCredential('LAB\\u',"
    " (ConvertTo-SecureString x -AsPlainText -Force)))",
    "ServicingWindow": "-WeeklyScheduleDayOfWeek Monday -WeeksToRecur 1 -Category c"
    " -StartDate 2026-11-24 -StartTimeOfDay 10:00 -MinutesDuration 5 -TimeZone 85",
    "StaticIPAddressPool": f"-Subnet 10.1.0.0/24 -LogicalNetworkDefinition {DEFINITION}",
    "UserRole": "-UserRoleProfile SelfServiceUser",
    "VMNetwork": f"-LogicalNetwork {NETWORK} -IsolationType NoIsolation",
    "VMSubnet": "-SubnetVLan (New-SCSubnetVLan -Subnet 10.1.0.0/24 -VLanID 7) -VMNetwork"
    f" (New-SCVMNetwork -Name vn -IsolationType NoIsolation -LogicalNetwork {NETWORK})",
}
CHANGED = {"ServicingWindow": "-WeeklyScheduleDayOfWeek Monday"}
MADE = sorted(
    kind
    for kind, kept in KEPT.items()
    if "New" in kept.verbs and kind != "LogicalNetworkDefinition"  # which takes no description
)


@pytest.mark.parametrize("kind", MADE)
def test_make_change_remove(kind):
    shell = Shell(lab())
    noun = KEPT[kind].noun
    story = f"""
    function thing {{ Get-{noun} | Where-Object Name -eq thing }}
    $it = New-{noun} -Name thing -Description one {NEEDED.get(kind, "")}
    "$((thing).Description)"
    $it = Set-{noun} -{kind} $it -Description two {CHANGED.get(kind, "")}
    "$($it.Description) $((thing).Description)"
    $it | Remove-{noun} -Confirm:$false | Out-Null
    @(thing).Count
    """
    assert shell.texts(story) == ["one", "two two", "0"]


def test_networks_from_top_to_bottom():
    shell = Shell(lab())
    story = """
    $ln = New-SCLogicalNetwork -Name ln -EnableNetworkVirtualization $false -UseGRE $true
    $v = New-SCSubnetVLan -Subnet 10.1.0.0/24 -VLanID 7
    $all = Get-SCVMHostGroup 'All Hosts'
    $d = New-SCLogicalNetworkDefinition -Name d -LogicalNetwork $ln -VMHostGroup $all -SubnetVLan $v
    "$($ln.UseGRE) $($d.LogicalNetwork.Name) $($d.SubnetVLans.VLanID) $($d.HostGroups.Name)"
    $n = New-SCVMNetwork -Name n -LogicalNetwork $ln -IsolationType NoIsolation
    $s = New-SCVMSubnet -Name s -VMNetwork $n -SubnetVLan $v
    "$($n.VMSubnet.Name) $($s.VMNetwork.Name) $(@(Get-SCVMSubnet -VMNetwork $n).Count)"
    $g = New-SCDefaultGateway -IPAddress 10.1.0.1
    $p = New-SCStaticIPAddressPool -Name p -LogicalNetworkDefinition $d -Subnet 10.1.0.0/24 `
        -IPAddressRangeStart 10.1.0.10 -IPAddressRangeEnd 10.1.0.11 -DefaultGateway $g
    $id = [guid]::NewGuid()
    $a = Grant-SCIPAddress -StaticIPAddressPool $p -GrantToObjectType VM -GrantToObjectID $id
    "$($a.Address) $($p.AvailableAddresses) $($p.TotalAddresses)"
    Revoke-SCIPAddress -AllocatedIPAddress $a | Out-Null
    $p.AvailableAddresses
    """
    assert shell.texts(story) == ["True ln 7 All Hosts", "s n 1", "10.1.0.10 1 2", "2"]
    assert shell.run("Remove-SCLogicalNetwork (Get-SCLogicalNetwork ln)").codes == ["25006"]


def test_members_of_a_list_are_added_and_dropped():
    shell = Shell(lab())
    story = """
    $east = New-SCVMHostGroup -Name East
    $c = New-SCCloud -Name red -VMHostGroup (Get-SCVMHostGroup 'All Hosts')
    $c = Set-SCCloud -Cloud $c -AddVMHostGroup $east
    $c.HostGroup.Name -join ','
    $c = Set-SCCloud -Cloud $c -RemoveVMHostGroup $east
    $c.HostGroup.Name -join ','
    $r = New-SCUserRole -Name r -UserRoleProfile SelfServiceUser
    $r = Set-SCUserRole -UserRole $r -AddMember 'LAB\\a','LAB\\b' -RemoveMember 'LAB\\a'
    $r.Members -join ','
    """
    texts = shell.texts(story.replace("\\\\", "\\"))
    assert texts[:2] == ["All Hosts,East", "All Hosts"]


def test_a_secret_is_kept_nowhere():
    shell = Shell(lab())
    story = """
    $p = ConvertTo-SecureString hunter2 -AsPlainText -Force
    $c = New-Object System.Management.Automation.PSCredential('LAB\\u', $p)
    (New-SCRunAsAccount -Name r -Credential $c).UserName
    """.replace("\\\\", "\\")
    assert shell.texts(story) == ["u"]
    lines = b"".join(entry.line() for entry in shell.vmm.world.journal.entries)
    assert b"hunter2" not in lines


def test_capacity_of_a_cloud():
    story = """
    $g = Get-SCVMHostGroup 'All Hosts'
    $c = Get-SCCloudCapacity -Cloud (New-SCCloud -Name c -VMHostGroup $g)
    "$($c.CPUCount) $($c.UseCPUCountMaximum)"
    $c = Set-SCCloudCapacity -CloudCapacity $c -CPUCount 8 -StorageGB 100
    "$($c.CPUCount) $($c.UseCPUCountMaximum) $($c.UseStorageGBMaximum) $($c.UseVMCountMaximum)"
    $c = $c | Set-SCCloudCapacity -UseCPUCountMaximum $true
    "$($c.CPUCount) $($c.UseCPUCountMaximum) $((Get-SCCloudCapacity -Cloud $c.Cloud).StorageGB)"
    """
    assert Shell(lab()).texts(story) == [" True", "8 False False True", " True 100"]


def test_shares_of_a_library():
    shell = Shell(lab())
    story = """
    $at = (Get-SCLibraryServer).Name
    $s = Add-SCLibraryShare -SharePath "\\\\$at\\More" -Description d
    "$($s.Name) $($s.Description) $($s.LibraryServer.Name -eq $at) $(@(Get-SCLibraryShare).Count)"
    ($s | Read-SCLibraryShare).Name
    $s | Remove-SCLibraryShare -Confirm:$false | Out-Null
    @(Get-SCLibraryShare).Count
    """
    assert shell.texts(story) == ["More d True 2", "More", "1"]
    assert shell.run("Add-SCLibraryShare '\\\\elsewhere\\More'").codes == ["50003"]


def test_networks_of_a_hosts_adapter():
    story = """
    $n = @(Get-SCVMHostNetworkAdapter)[0]
    $ln = New-SCLogicalNetwork -Name ln
    $n = Set-SCVMHostNetworkAdapter $n -AddOrSetLogicalNetwork $ln -UsedForManagement $false
    "$($n.LogicalNetworks.Name -contains 'ln') $($n.UsedForManagement)"
    $n.VirtualNetwork.LogicalNetworks.Name -contains 'ln'
    (Set-SCVMHostNetworkAdapter $n -RemoveLogicalNetwork $ln).LogicalNetworks.Name -contains 'ln'
    """
    assert Shell(lab()).texts(story) == ["True False", "True", "False"]


def test_a_guest_profile_runs_a_system_that_vmm_knows():
    story = """
    $p = New-SCGuestOSProfile -Name gp
    @(Get-SCOperatingSystem | Where-Object Name -eq $p.OperatingSystem.Name).Count
    """
    assert Shell(lab()).texts(story) == ["1"]
