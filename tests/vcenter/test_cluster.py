"""Clusters: configuration of HA and DRS, rules, recommendations and balance."""

from __future__ import annotations

import pytest

from hvsim.vcenter.values import data
from vclabs import GIB, call, done, failed, host, kinds, lab, run, vm


def cluster_of(vcenter):
    return vcenter.store.value(host(vcenter, "esx1"), "parent")


def configure(vcenter, run=done, modify=True, **fields):
    spec = data("ClusterConfigSpecEx", **fields)
    return run(
        vcenter, cluster_of(vcenter), "ReconfigureComputeResource_Task", spec=spec, modify=modify
    )


def rule(vcenter, kind, *names, operation="add", **fields):
    vms = [vm(vcenter, name) for name in names] or None
    info = data(kind, name="rule", enabled=True, vm=vms, **fields)
    return data("ClusterRuleSpec", operation=operation, info=info)


def test_only_what_is_given_changes():
    vcenter = lab(cluster={"ha": True})
    before = vcenter.store.value(cluster_of(vcenter), "configurationEx.dasConfig")
    configure(vcenter, dasConfig=data("ClusterDasConfigInfo", admissionControlEnabled=False))
    after = vcenter.store.value(cluster_of(vcenter), "configurationEx.dasConfig")
    assert after == before.having(admissionControlEnabled=False)


def test_without_modify_the_rest_is_reset():
    vcenter = lab(cluster={"ha": True, "drs": "fullyAutomated"})
    configure(vcenter, modify=False, drsConfig=data("ClusterDrsConfigInfo", enabled=True))
    config = vcenter.store.value(cluster_of(vcenter), "configurationEx")
    assert config["dasConfig"]["enabled"] is False
    assert config["drsConfig"]["enabled"] is True


def test_the_failover_level_and_its_policy_agree():
    vcenter = lab(cluster={"ha": True})
    policy = data("ClusterFailoverLevelAdmissionControlPolicy", failoverLevel=2)
    configure(vcenter, dasConfig=data("ClusterDasConfigInfo", admissionControlPolicy=policy))
    das = vcenter.store.value(cluster_of(vcenter), "configurationEx.dasConfig")
    assert das["failoverLevel"] == 2


def test_events_tell_what_was_switched():
    vcenter = lab()
    configure(
        vcenter,
        drsConfig=data("ClusterDrsConfigInfo", enabled=True, defaultVmBehavior="manual"),
    )
    assert kinds(vcenter)[-2:] == ["ClusterReconfiguredEvent", "DrsEnabledEvent"]
    assert vcenter.events[-1]["behavior"] == "manual"


def test_rules_are_added_edited_and_removed():
    vcenter = lab(cluster={"drs": "manual"})
    configure(vcenter, rulesSpec=[rule(vcenter, "ClusterAntiAffinityRuleSpec", "web", "db")])
    (made,) = vcenter.store.value(cluster_of(vcenter), "configurationEx.rule")
    assert (made["key"], made["enabled"]) == (1, True)
    edit = data("ClusterRuleSpec", operation="edit", info=made.having(enabled=False))
    configure(vcenter, rulesSpec=[edit])
    (after,) = vcenter.store.value(cluster_of(vcenter), "configurationEx.rule")
    assert after["enabled"] is False
    configure(vcenter, rulesSpec=[data("ClusterRuleSpec", operation="remove", removeKey=1)])
    assert vcenter.store.value(cluster_of(vcenter), "configurationEx.rule") == []
    again = data("ClusterRuleSpec", operation="remove", removeKey=1)
    assert configure(vcenter, failed, rulesSpec=[again]) == "InvalidArgument"


def test_guests_kept_apart_do_not_meet():
    vcenter = lab(cluster={"drs": "fullyAutomated"})
    configure(vcenter, rulesSpec=[rule(vcenter, "ClusterAntiAffinityRuleSpec", "web", "db")])
    there = data("VirtualMachineRelocateSpec", host=host(vcenter, "esx2"))
    assert failed(vcenter, vm(vcenter, "web"), "RelocateVM_Task", spec=there) == "RuleViolation"
    done(vcenter, host(vcenter, "esx1"), "EnterMaintenanceMode_Task", timeout=0)
    assert vcenter.store.value(vm(vcenter, "web"), "runtime.host") == host(vcenter, "esx3")


def test_guests_bound_to_a_host_group_stay_in_it():
    vcenter = lab(cluster={"drs": "fullyAutomated"})
    groups = [
        data("ClusterVmGroup", name="vms", vm=[vm(vcenter, "spare")]),
        data("ClusterHostGroup", name="hosts", host=[host(vcenter, "esx3")]),
    ]
    configure(
        vcenter,
        groupSpec=[data("ClusterGroupSpec", operation="add", info=group) for group in groups],
        rulesSpec=[
            rule(
                vcenter,
                "ClusterVmHostRuleInfo",
                mandatory=True,
                vmGroupName="vms",
                affineHostGroupName="hosts",
            )
        ],
    )
    done(vcenter, vm(vcenter, "spare"), "PowerOnVM_Task")
    there = data("VirtualMachineRelocateSpec", host=host(vcenter, "esx1"))
    assert failed(vcenter, vm(vcenter, "spare"), "RelocateVM_Task", spec=there) == "RuleViolation"


def bind(vcenter, **fields):
    """Bind guest web to a group of one host, esx3."""
    groups = [
        data("ClusterVmGroup", name="vms", vm=[vm(vcenter, "web")]),
        data("ClusterHostGroup", name="hosts", host=[host(vcenter, "esx3")]),
    ]
    made = rule(
        vcenter,
        "ClusterVmHostRuleInfo",
        vmGroupName="vms",
        affineHostGroupName="hosts",
        **fields,
    )
    specs = [data("ClusterGroupSpec", operation="add", info=group) for group in groups]
    configure(vcenter, groupSpec=specs, rulesSpec=[made])


def where(vcenter, name):
    place = vcenter.store.value(vm(vcenter, name), "runtime.host")
    return vcenter.store.value(place, "name")


def test_drs_brings_guests_together_that_a_rule_keeps_together():
    vcenter = lab(cluster={"drs": "fullyAutomated"})
    configure(vcenter, rulesSpec=[rule(vcenter, "ClusterAffinityRuleSpec", "web", "db")])
    assert where(vcenter, "web") != where(vcenter, "db")
    vcenter.world.advance(400)
    assert where(vcenter, "web") == where(vcenter, "db")
    moves = vcenter.store.value(cluster_of(vcenter), "summary.numVmotions")
    vcenter.world.advance(4000)
    assert vcenter.store.value(cluster_of(vcenter), "summary.numVmotions") == moves == 1


def test_drs_parts_guests_that_a_rule_keeps_apart():
    vcenter = lab(cluster={"drs": "fullyAutomated"})
    assert where(vcenter, "web") == where(vcenter, "bare") == "esx1"
    configure(vcenter, rulesSpec=[rule(vcenter, "ClusterAntiAffinityRuleSpec", "web", "bare")])
    vcenter.world.advance(400)
    assert where(vcenter, "web") != where(vcenter, "bare")


@pytest.mark.parametrize(
    ("mandatory", "reason"), [(True, "vmHostHardAffinity"), (False, "vmHostSoftAffinity")]
)
def test_drs_recommends_what_a_rule_wants_at_other_levels(mandatory, reason):
    vcenter = lab(cluster={"drs": "partiallyAutomated"})
    bind(vcenter, mandatory=mandatory)
    call(vcenter, cluster_of(vcenter), "RefreshRecommendation")
    vcenter.world.advance(60)
    assert where(vcenter, "web") == "esx1"
    (wanted,) = vcenter.store.value(cluster_of(vcenter), "recommendation")
    assert wanted["reason"] == reason
    call(vcenter, cluster_of(vcenter), "ApplyRecommendation", key=wanted["key"])
    vcenter.world.advance(60)
    assert where(vcenter, "web") == "esx3"


def test_a_guest_is_started_where_those_run_that_it_is_to_be_with():
    vcenter = lab(cluster={"drs": "fullyAutomated"})
    configure(vcenter, rulesSpec=[rule(vcenter, "ClusterAffinityRuleSpec", "spare", "db")])
    done(vcenter, vm(vcenter, "spare"), "PowerOnVM_Task")
    assert where(vcenter, "spare") == where(vcenter, "db") == "esx2"


def test_guests_that_stay_together_leave_a_host_together():
    vcenter = lab(cluster={"drs": "fullyAutomated"})
    configure(vcenter, rulesSpec=[rule(vcenter, "ClusterAffinityRuleSpec", "web", "bare")])
    done(vcenter, host(vcenter, "esx1"), "EnterMaintenanceMode_Task", timeout=0)
    assert where(vcenter, "web") == where(vcenter, "bare") != "esx1"


def crowded(level):
    guests = [
        {"name": f"g{n}", "power_state": "poweredOn", "host": "esx1", "memory": 5 * GIB}
        for n in range(5)
    ]
    return lab(cluster={"drs": level}, guests=guests)


def on_first(vcenter):
    return len(vcenter.store.value(host(vcenter, "esx1"), "vm"))


def test_drs_balances_a_crowded_host():
    vcenter = crowded("fullyAutomated")
    call(vcenter, cluster_of(vcenter), "RefreshRecommendation")
    vcenter.world.advance(60)
    assert on_first(vcenter) == 4
    assert kinds(vcenter)[-1] == "DrsVmMigratedEvent"
    assert vcenter.store.value(cluster_of(vcenter), "summary.numVmotions") == 1


@pytest.mark.parametrize("level", ["manual", "partiallyAutomated"])
def test_drs_only_recommends_at_other_levels(level):
    vcenter = crowded(level)
    call(vcenter, cluster_of(vcenter), "RefreshRecommendation")
    vcenter.world.advance(60)
    assert on_first(vcenter) == 5
    (wanted,) = vcenter.store.value(cluster_of(vcenter), "recommendation")
    call(vcenter, cluster_of(vcenter), "ApplyRecommendation", key=wanted["key"])
    vcenter.world.advance(60)
    assert on_first(vcenter) == 4


def test_a_machines_own_level_overrides_the_clusters():
    vcenter = lab(cluster={"drs": "fullyAutomated"})
    own = data("ClusterDrsVmConfigInfo", key=vm(vcenter, "web"), enabled=True, behavior="manual")
    configure(vcenter, drsVmConfigSpec=[data("ClusterDrsVmConfigSpec", operation="add", info=own)])
    task = call(vcenter, host(vcenter, "esx1"), "EnterMaintenanceMode_Task", timeout=0)
    vcenter.world.advance(60)
    assert vcenter.store.value(task, "info.state") == "running"
    assert vcenter.store.value(host(vcenter, "esx1"), "vm") == [vm(vcenter, "web")]


def test_a_standalone_host_has_no_cluster_configuration():
    vcenter = lab()
    compute = vcenter.store.value(host(vcenter, "esx9"), "parent")
    spec = data("ComputeResourceConfigSpec", vmSwapPlacement="hostLocal")
    shown = run(vcenter, compute, "ReconfigureComputeResource_Task", spec=spec, modify=True)
    assert shown["state"] == "success"
    assert vcenter.store.value(compute, "configurationEx.vmSwapPlacement") == "hostLocal"
