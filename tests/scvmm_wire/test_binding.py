"""Parameters of VMM's cmdlets: the reference's names and sets, refused as PowerShell refuses."""

from __future__ import annotations

from uuid import UUID

import pytest

from hvsim_fakes.scvmm.cmdlets import CMDLETS
from hvsim_fakes.scvmm.reference import ALSO, documented
from scvmm_shell import Shell
from scvmmlabs import lab


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("Get-SCVirtualMachine -Nonsense 1", "NamedParameterNotFound"),
        ("Get-SCVirtualMachine -ID not-a-guid", "CannotConvertArgumentNoMessage"),
        ("Set-SCVirtualMachine -VM x -ClusterPriority 1", "NamedParameterNotFound"),
        (f"Get-SCVMCheckpoint -VM x -ID {UUID(int=0)}", "AmbiguousParameterSet"),
        ("New-SCVMNetwork -Name n", "MissingMandatoryParameter"),
        ("New-SCCloud -Name n", "MissingMandatoryParameter"),
        ("Set-SCVirtualMachine -VM x -C 1", "AmbiguousParameter"),
    ],
)
def test_wrong_parameters(script, told):
    shell = Shell(lab())
    caught = f"try {{ {script} }} catch {{ $_.FullyQualifiedErrorId }}"
    assert [one.partition(",")[0] for one in shell.texts(caught)] == [told]


@pytest.mark.parametrize("name", sorted(CMDLETS))
def test_every_cmdlet_takes_what_the_reference_says(name):
    found = documented(name)
    assert found is not None
    takes = {one.name for one in CMDLETS[name].takes.parameters}
    assert takes == {one.name for one in found.parameters} | set(ALSO.get(name, ()))
    sets = {one for parameter in found.parameters for one in parameter.sets}
    assert not sets or found.default_set in {"", *sets}


def test_quotas_of_a_user_role():
    story = """
    $r = Get-SCUserRole -Name Administrator
    $q = Get-SCUserRoleQuota -UserRole $r -QuotaPerUser $false
    "$($q.UserRole.Name) $($q.UseVMCountMaximum)"
    $q = Set-SCUserRoleQuota -UserRoleQuota $q -VMCount 5
    "$($q.VMCount) $($q.UseVMCountMaximum) $(@(Get-SCUserRoleQuota -UserRole $r).Count)"
    (Set-SCUserRoleQuota -UserRoleQuota $q -UseVMCountMaximum).UseVMCountMaximum
    """
    assert Shell(lab()).texts(story) == ["Administrator True", "5 False 2", "True"]


def test_no_baseline_no_verdict():
    story = """
    $c = Get-SCVMMManagedComputer -ComputerName hv1
    $s = Get-SCComplianceStatus -VMMManagedComputer $c
    "$(@($s).Count) $($null -eq $s.Baseline) $(@(Get-SCComplianceStatus -All).Count -ge 4)"
    """
    assert Shell(lab()).texts(story) == ["1 True True"]
