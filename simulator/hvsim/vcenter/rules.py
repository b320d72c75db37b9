"""DRS rules of a cluster: which guests stay together or apart, and on which hosts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hvsim.vcenter import entity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hvsim.vcenter.server import VCenter
    from hvsim.vcenter.store import ManagedObject
    from hvsim.vcenter.values import Data, Ref


@dataclass(frozen=True, slots=True)
class Violation:
    """A machine that runs where a rule does not want it.

    Attributes:
        reason: why it is to move, in the words of ``RecommendationReasonCode``.
        hosts: where the rule wants it; None is anywhere that no rule forbids.
    """

    vm: Ref
    reason: str
    rule: Data
    hosts: list[Ref] | None = None


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


def reluctance(vcenter: VCenter, vm: Ref, host: Ref) -> int:
    """Return how many rules would rather have a machine elsewhere than on a host."""
    store = vcenter.store
    running = [other for other in partners(vcenter, vm, host) if _runs(vcenter, other)]
    apart = [other for other in running if store.value(other, "runtime.host") != host]
    groups = (r for r in enabled(vcenter, host) if r.type == "ClusterVmHostRuleInfo")
    return len(apart) + len([r for r in groups if _misplaces(vcenter, r, vm, host)])


def violations(vcenter: VCenter, compute: ManagedObject) -> Iterator[Violation]:
    """Give the machines of a cluster that break its rules where they run."""
    hosts: list[Ref] = compute["host"]
    for rule in enabled(vcenter, hosts[0]) if hosts else ():
        if rule.type == "ClusterAffinityRuleSpec":
            yield from _parted(vcenter, rule)
        elif rule.type == "ClusterAntiAffinityRuleSpec":
            yield from _crowded(vcenter, rule)
        elif rule.type == "ClusterVmHostRuleInfo":
            yield from _misplaced(vcenter, rule, hosts)


def _parted(vcenter: VCenter, rule: Data) -> Iterator[Violation]:
    """Give the guests that are to come to where most of their rule's are."""
    places = {vm: vcenter.store.value(vm, "runtime.host") for vm in _running(vcenter, rule["vm"])}
    hosts = list(places.values())
    home = max(hosts, key=hosts.count, default=None)
    for vm, host in places.items():
        if home is not None and host != home:
            yield Violation(vm, "jointAffin", rule, [home])


def _crowded(vcenter: VCenter, rule: Data) -> Iterator[Violation]:
    """Give the guests that are to leave a host that another one of their rule's is on."""
    taken: list[Ref] = []
    for vm in _running(vcenter, rule["vm"]):
        host = vcenter.store.value(vm, "runtime.host")
        if host in taken:
            yield Violation(vm, "antiAffin", rule)
        taken.append(host)


def _misplaced(vcenter: VCenter, rule: Data, hosts: list[Ref]) -> Iterator[Violation]:
    """Give the guests that run on hosts which their group is to keep off."""
    reason = "vmHostHardAffinity" if rule.get("mandatory", False) else "vmHostSoftAffinity"
    group = _group(vcenter, hosts[0], rule["vmGroupName"], "vm")
    for vm in _running(vcenter, group):
        if _misplaces(vcenter, rule, vm, vcenter.store.value(vm, "runtime.host")):
            wanted = [host for host in hosts if not _misplaces(vcenter, rule, vm, host)]
            yield Violation(vm, reason, rule, wanted)


def _running(vcenter: VCenter, machines: list[Ref]) -> list[Ref]:
    return [vm for vm in machines if _runs(vcenter, vm)]


def _runs(vcenter: VCenter, vm: Ref) -> bool:
    store = vcenter.store
    return store.exists(vm) and bool(store.value(vm, "runtime.powerState") == "poweredOn")


def _forbids(vcenter: VCenter, rule: Data, vm: Ref, host: Ref) -> bool:
    if rule.type == "ClusterAntiAffinityRuleSpec":
        return vm in rule["vm"] and _runs_on(vcenter, rule, vm, host)
    if rule.type != "ClusterVmHostRuleInfo" or not rule.get("mandatory", False):
        return False
    return _misplaces(vcenter, rule, vm, host)


def _misplaces(vcenter: VCenter, rule: Data, vm: Ref, host: Ref) -> bool:
    """Whether a rule of groups, binding or not, does not want a machine on a host."""
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
