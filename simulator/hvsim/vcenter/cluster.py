"""Clusters: their configuration of HA and DRS, and its changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.operations import Stage
from hvsim.vcenter import drs, event, ha, placement, task
from hvsim.vcenter.faults import VimFault, bad_argument
from hvsim.vcenter.methods import Call, method
from hvsim.vcenter.values import Data, Ref, data

if TYPE_CHECKING:
    from hvsim.operations import Steps
    from hvsim.vcenter.server import VCenter

RECONFIGURE: Final = 2.0
_LISTS: Final = {
    "rulesSpec": ("rule", "key"),
    "dasVmConfigSpec": ("dasVmConfig", "key"),
    "drsVmConfigSpec": ("drsVmConfig", "key"),
    "groupSpec": ("group", "name"),
    "vmOrchestrationSpec": ("vmOrchestration", "vm"),
}
"""Fields of the configuration's specification that add to, edit or take from a list."""
_PARTS: Final = {
    "dasConfig": "dasConfig",
    "drsConfig": "drsConfig",
    "dpmConfig": "dpmConfigInfo",
    "proactiveDrsConfig": "proactiveDrsConfig",
    "vsanConfig": "vsanConfigInfo",
}
_MONITORING: Final = data(
    "ClusterVmToolsMonitoringSettings",
    enabled=False,
    vmMonitoring="vmMonitoringDisabled",
    clusterSettings=False,
    failureInterval=30,
    minUpTime=120,
    maxFailures=3,
    maxFailureWindow=3600,
)
"""How HA watches guests by their Tools, once it is told to."""


def das_config(
    vcenter: VCenter,
    *,
    enabled: bool = False,
    admission: bool = True,
    level: int = 1,
    isolation: str = "",
) -> Data:
    """Return a configuration of HA; an empty ``isolation`` takes the release's default."""
    default = "shutdown" if vcenter.has("ha-isolation-shuts-down") else "none"
    return data(
        "ClusterDasConfigInfo",
        enabled=enabled,
        vmMonitoring="vmMonitoringDisabled",
        hostMonitoring="enabled",
        failoverLevel=level,
        admissionControlPolicy=data(
            "ClusterFailoverLevelAdmissionControlPolicy", failoverLevel=level
        ),
        admissionControlEnabled=admission,
        defaultVmSettings=data(
            "ClusterDasVmSettings",
            restartPriority="medium",
            isolationResponse=isolation or default,
            vmToolsMonitoringSettings=_MONITORING,
        ),
        heartbeatDatastore=[],
        hBDatastoreCandidatePolicy="allFeasibleDsWithUserPreference",
    )


def set_configuration(vcenter: VCenter, compute: Ref, changes: dict[str, Any]) -> None:
    """Set parts of a cluster's configuration, whole, and let HA follow."""
    store = vcenter.store
    before: Data = store.value(compute, "configurationEx")
    if before.type != "ClusterConfigInfoEx":
        before = _fresh(vcenter)
    after = before.having(**changes)
    store.change(compute, "configurationEx", after)
    kept = ("dasConfig", "dasVmConfig", "drsConfig", "drsVmConfig", "rule")
    older = data("ClusterConfigInfo", **{name: after[name] for name in kept})
    store.change(compute, "configuration", older)
    for name in ("recommendation", "drsRecommendation", "migrationHistory", "actionHistory"):
        if store.value(compute, name) is None:
            store.change(compute, name, [])
    ha.configure(vcenter, compute)


def _fresh(vcenter: VCenter) -> Data:
    return data(
        "ClusterConfigInfoEx",
        vmSwapPlacement="vmDirectory",
        dasConfig=das_config(vcenter),
        dasVmConfig=[],
        drsConfig=data(
            "ClusterDrsConfigInfo",
            enabled=False,
            enableVmBehaviorOverrides=True,
            defaultVmBehavior="fullyAutomated",
            vmotionRate=3,
        ),
        drsVmConfig=[],
        rule=[],
        group=[],
        dpmConfigInfo=data("ClusterDpmConfigInfo", enabled=False, defaultDpmBehavior="automated"),
        dpmHostConfig=[],
        proactiveDrsConfig=data("ClusterProactiveDrsConfigInfo", enabled=False),
        vsanConfigInfo=data(
            "VsanClusterConfigInfo",
            enabled=False,
            defaultConfig=data("VsanClusterConfigInfoHostDefaultInfo", autoClaimStorage=False),
        ),
    )


@method(
    "ComputeResource.ReconfigureComputeResource_Task",
    "ClusterComputeResource.ReconfigureCluster_Task",
)
def reconfigure(call: Call, this: Ref, spec: Data, modify: bool) -> Ref:
    """Change a cluster's configuration; without ``modify`` what is left out is reset."""
    return task.start(call, this, _reconfiguring(call, this, spec, modify=modify))


def _reconfiguring(call: Call, this: Ref, spec: Data, *, modify: bool) -> Steps:
    vcenter, store = call.vcenter, call.store
    if this.type != "ClusterComputeResource":
        swap = spec["vmSwapPlacement"]
        if swap:
            store.change(this, "configurationEx.vmSwapPlacement", swap)
        return
    changes = _changes(vcenter, this, spec, modify=modify)
    yield Stage("reconfigure", RECONFIGURE, 0.9)
    before: Data = store.value(this, "configurationEx")
    set_configuration(vcenter, this, changes)
    after: Data = store.value(this, "configurationEx")
    name = store.value(this, "name")
    user, chain = call.caller.user, task.chain(call, this)
    event.post(
        vcenter,
        "ClusterReconfiguredEvent",
        this,
        f"Reconfigured cluster {name}",
        user=user,
        chain=chain,
    )
    _tell(call, this, before, after)
    for host in store.value(this, "host")[:1]:
        drs.changed(vcenter, host)


def _changes(vcenter: VCenter, this: Ref, spec: Data, *, modify: bool) -> dict[str, Any]:
    """Return the parts of a configuration that a specification changes, as they will be."""
    before: Data = vcenter.store.value(this, "configurationEx") if modify else _fresh(vcenter)
    changes: dict[str, Any] = {} if modify else dict(before.fields)
    for given, kept in _PARTS.items():
        if spec[given] is not None:
            changes[kept] = before[kept].having(**spec[given].fields)
    das = changes.get("dasConfig")
    if das is not None and spec["dasConfig"] is not None:
        changes["dasConfig"] = _consistent(das, spec["dasConfig"])
    for given, (kept, key) in _LISTS.items():
        if spec[given]:
            changes[kept] = _edited(before[kept] or [], spec[given], key)
    if spec["vmSwapPlacement"]:
        changes["vmSwapPlacement"] = spec["vmSwapPlacement"]
    if spec["systemVMsConfig"] is not None:
        changes["systemVMsConfig"] = _system_machines(before, spec["systemVMsConfig"])
    return changes


def _system_machines(before: Data, spec: Data) -> Data:
    """Return where the machines of the cluster's own services may lie, after a change."""
    known: Data = before["systemVMsConfig"] or data("ClusterSystemVMsConfigInfo")
    fields: dict[str, Any] = {"deploymentMode": spec["deploymentMode"] or known["deploymentMode"]}
    for name in ("allowedDatastores", "notAllowedDatastores"):
        stores: list[Ref] = list(known[name] or ())
        for one in spec[name] or ():
            if one["operation"] == "remove":
                stores = [ref for ref in stores if ref != one["removeKey"]]
            elif one["datastore"] not in stores:
                stores.append(one["datastore"])
        fields[name] = stores
    if spec["dsTagCategoriesToExclude"]:
        raise VimFault("NotSupported")
    return known.having(**fields)


def _consistent(das: Data, spec: Data) -> Data:
    """Let the older field of the failover level and the policy say the same."""
    policy = das["admissionControlPolicy"]
    if "admissionControlPolicy" in spec and policy["failoverLevel"] is not None:
        return das.having(failoverLevel=policy["failoverLevel"])
    if "failoverLevel" in spec:
        kind = "ClusterFailoverLevelAdmissionControlPolicy"
        return das.having(admissionControlPolicy=data(kind, failoverLevel=spec["failoverLevel"]))
    return das


def _edited(known: list[Data], specs: list[Data], key: str) -> list[Data]:
    """Return a list after operations on it; new rules get the next number as their key."""
    items = list(known)
    for spec in specs:
        info, operation = spec["info"], spec["operation"]
        if info is None and operation != "remove":
            raise bad_argument("spec.info")
        wanted = spec["removeKey"] if operation == "remove" else info and info[key]
        at = next((n for n, item in enumerate(items) if item[key] == wanted), None)
        if operation == "add" and key == "name" and at is not None:
            raise VimFault("DuplicateName", name=wanted)
        if operation == "add":
            items.append(_numbered(info, items) if "Rule" in info.type else info)
        elif at is None:
            raise VimFault("InvalidArgument", invalidProperty=f"spec.{key}")
        elif operation == "remove":
            del items[at]
        else:
            items[at] = items[at].having(**info.fields)
    return items


def _numbered(rule: Data, items: list[Data]) -> Data:
    if rule["vm"] is not None and len(rule["vm"]) < 2 and rule.type.endswith("RuleSpec"):
        raise bad_argument("spec.rulesSpec.info.vm")
    number = max((item["key"] or 0 for item in items), default=0) + 1
    return rule.having(key=number, status="green", enabled=rule.get("enabled", False))


def _tell(call: Call, this: Ref, before: Data, after: Data) -> None:
    """Post what was switched on or off."""
    name = call.store.value(this, "name")
    for part, title in (("das", "HA"), ("drs", "DRS")):
        was = before[f"{part}Config"].get("enabled", False)
        now_on = after[f"{part}Config"].get("enabled", False)
        if was == now_on:
            continue
        more: dict[str, Any] = {}
        if part == "drs" and now_on:
            more["behavior"] = after["drsConfig"]["defaultVmBehavior"]
        event.post(
            call.vcenter,
            f"{part.capitalize()}{'Enabled' if now_on else 'Disabled'}Event",
            this,
            f"{'Enabled' if now_on else 'Disabled'} {title} on cluster {name}",
            user=call.caller.user,
            **more,
        )


@method("ClusterComputeResource.GetResourceUsage")
def usage(call: Call, this: Ref) -> Data:
    """Return what a cluster has and what of it is in use.

    Guests count with the memory that they are configured with.
    """
    store = call.store
    summary: Data = store.value(this, "summary")
    stores = [store.value(ref, "summary") for ref in store.value(this, "datastore") or ()]
    capacity = sum(one["capacity"] for one in stores)
    guests = [
        store.get(vm)
        for host in store.value(this, "host")
        for vm in placement.guests_on(call.vcenter, host, "poweredOn")
    ]
    return data(
        "ClusterResourceUsageSummary",
        cpuUsedMHz=sum(vm["summary.quickStats.overallCpuUsage"] or 0 for vm in guests),
        cpuCapacityMHz=summary["totalCpu"],
        memUsedMB=sum(vm["config.hardware.memoryMB"] for vm in guests),
        memCapacityMB=summary["totalMemory"] // placement.MIB,
        storageUsedMB=(capacity - sum(one["freeSpace"] for one in stores)) // placement.MIB,
        storageCapacityMB=capacity // placement.MIB,
    )
