"""DRS rules of a cluster: which guests stay together or apart, and on which hosts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim.vcenter import entity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hvsim.vcenter.server import VCenter
    from hvsim.vcenter.values import Data, Ref


def enabled(vcenter: VCenter, host: Ref) -> Iterator[Data]:
    """Give the rules in force in a host's cluster."""
    compute = entity.compute_of(vcenter.store, host)
    if compute is not None:
        yield from (r for r in compute["configurationEx.rule"] or () if r.get("enabled", False))


def forbidden_on(vcenter: VCenter, vm: Ref, host: Ref) -> Data | None:
    """Return a rule that keeps a machine from running on a host, or None."""
    for rule in enabled(vcenter, host):
        if _forbids(vcenter, rule, vm, host):
            return rule
    return None


def partners(vcenter: VCenter, vm: Ref, host: Ref) -> list[Ref]:
    """Return the machines that are to stay on one host with a machine."""
    together = (r for r in enabled(vcenter, host) if r.type == "ClusterAffinityRuleSpec")
    return [other for rule in together if vm in rule["vm"] for other in rule["vm"] if other != vm]


def _forbids(vcenter: VCenter, rule: Data, vm: Ref, host: Ref) -> bool:
    if rule.type == "ClusterAntiAffinityRuleSpec":
        return vm in rule["vm"] and _runs_on(vcenter, rule, vm, host)
    if rule.type != "ClusterVmHostRuleInfo" or not rule.get("mandatory", False):
        return False
    if vm not in _group(vcenter, host, rule["vmGroupName"], "vm"):
        return False
    if rule["affineHostGroupName"]:
        return host not in _group(vcenter, host, rule["affineHostGroupName"], "host")
    return host in _group(vcenter, host, rule["antiAffineHostGroupName"], "host")


def _runs_on(vcenter: VCenter, rule: Data, vm: Ref, host: Ref) -> bool:
    """Whether another machine of a rule runs on a host."""
    store = vcenter.store
    for other in rule["vm"]:
        if other == vm or not store.exists(other):
            continue
        runtime = store.value(other, "runtime")
        if runtime["host"] == host and runtime["powerState"] == "poweredOn":
            return True
    return False


def _group(vcenter: VCenter, host: Ref, name: str | None, part: str) -> list[Ref]:
    compute = entity.compute_of(vcenter.store, host)
    groups = (compute["configurationEx.group"] if compute else None) or ()
    found = next((group for group in groups if group["name"] == name), None)
    return list(found[part] or ()) if found is not None else []
