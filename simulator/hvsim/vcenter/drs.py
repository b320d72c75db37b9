"""DRS: where guests go when hosts are to be empty or unequally loaded, and what it recommends.

The automation levels are those of ``DrsBehavior``: fully automated moves by itself, the others
recommend moves of running guests. How unequal a cluster must be is this simulator's own measure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hvsim.operations import Stage
from hvsim.vcenter import entity, move, placement, rules
from hvsim.vcenter.faults import VimFault
from hvsim.vcenter.inventory import is_effective
from hvsim.vcenter.methods import Call, method
from hvsim.vcenter.values import Data, Ref, data, now

if TYPE_CHECKING:
    from hvsim.operations import Steps
    from hvsim.vcenter.server import VCenter
    from hvsim.vcenter.store import ManagedObject

REVIEW: Final = 300.0
"""Seconds between a change and the review that it brings about: DRS looks every five minutes."""
_IMBALANCE: Final = 0.2
"""Difference of the shares of memory in use that DRS does something about."""
AUTOMATED: Final = "fullyAutomated"
_URGENT: Final = ("hostMaint", "vmHostHardAffinity", "jointAffin", "antiAffin")
"""Reasons for a move that DRS gives its highest rating."""


def is_on(compute: ManagedObject | None) -> bool:
    """Whether a cluster has DRS."""
    return compute is not None and bool(compute["configurationEx.drsConfig.enabled"])


def level_of(compute: ManagedObject, vm: Ref) -> str:
    """Return a machine's automation level; ``disabled`` when DRS leaves it alone."""
    own = (c for c in compute["configurationEx.drsVmConfig"] or () if c["key"] == vm)
    config: Data | None = next(own, None)
    if config is not None and config["enabled"] is False:
        return "disabled"
    found = config and config["behavior"]
    return str(found or compute["configurationEx.drsConfig.defaultVmBehavior"])


def evacuate(vcenter: VCenter, host: Ref, *, off_too: bool) -> list[Ref]:
    """Move guests off a host, or recommend it; return the machines that are being moved."""
    compute = entity.compute_of(vcenter.store, host)
    if compute is None or not is_on(compute):
        return []
    moved: dict[Ref, Ref] = {}
    states = ("poweredOn", "suspended", "poweredOff") if off_too else ("poweredOn",)
    for vm in placement.guests_on(vcenter, host, *states):
        targets = placement.candidates(vcenter, vm, but=host)
        if not targets or vm.moid in vcenter.locks:
            continue
        if level_of(compute, vm) == AUTOMATED:
            together = (moved.get(other) for other in rules.partners(vcenter, vm, host))
            joined = next((target for target in together if target in targets), None)
            moved[vm] = joined or targets[len(moved) % len(targets)]
            move.by_vcenter(vcenter, vm, moved[vm])
        else:
            recommend(vcenter, compute, vm, targets[0], reason="hostMaint", text="Host maintenance")
    return list(moved)


def recommend(
    vcenter: VCenter, compute: ManagedObject, vm: Ref, target: Ref, *, reason: str, text: str
) -> Data:
    """Add a recommendation to move a machine."""
    store, key = vcenter.store, str(vcenter.world.streams.number(f"{vcenter.path}/recommendation"))
    action = data(
        "ClusterMigrationAction",
        type="MigrationV1",
        target=vm,
        drsMigration=data(
            "ClusterDrsMigration",
            key=key,
            time=now(vcenter.world),
            vm=vm,
            source=store.value(vm, "runtime.host"),
            destination=target,
        ),
    )
    made = data(
        "ClusterRecommendation",
        key=key,
        type="V1",
        time=now(vcenter.world),
        rating=5 if reason in _URGENT else 3,
        reason=reason,
        reasonText=text,
        action=[action],
        target=compute.ref,
    )
    others = [old for old in compute["recommendation"] or () if old["action"][0]["target"] != vm]
    store.change(compute.ref, "recommendation", [*others, made])
    return made


def changed(vcenter: VCenter, host: Ref) -> None:
    """Let DRS review a host's cluster some time after something changed in it."""
    compute = entity.compute_of(vcenter.store, host)
    if compute is None or not is_on(compute) or compute.moid in vcenter.reviews:
        return
    vcenter.reviews.add(compute.moid)
    vcenter.world.operations.start(
        "ClusterComputeResource.drs",
        vcenter.store.path(compute.ref),
        _review(vcenter, compute.ref),
        foreground=False,
    )


def _review(vcenter: VCenter, cluster: Ref) -> Steps:
    yield Stage("review", REVIEW)
    vcenter.reviews.discard(cluster.moid)
    if not vcenter.store.exists(cluster):
        return
    if correct(vcenter, cluster) or balance(vcenter, cluster):
        changed(vcenter, vcenter.store.value(cluster, "host")[0])


def correct(vcenter: VCenter, cluster: Ref) -> bool:
    """Move, or recommend to move, guests that run where rules do not want them.

    Returns whether any is moved; what cannot be helped stays as it is.
    """
    compute = vcenter.store.get(cluster)
    begun = False
    for found in list(rules.violations(vcenter, compute)) if is_on(compute) else ():
        vm, level = found.vm, level_of(compute, found.vm)
        if vm.moid in vcenter.locks or level == "disabled":
            continue
        here = vcenter.store.value(vm, "runtime.host")
        targets = placement.candidates(vcenter, vm, but=here)
        target = next((one for one in targets if found.hosts is None or one in found.hosts), None)
        if target is None:
            continue
        if level == AUTOMATED:
            move.by_vcenter(vcenter, vm, target)
            begun = True
        else:
            text = f"Satisfy the rule {found.rule['name']}"
            recommend(vcenter, compute, vm, target, reason=found.reason, text=text)
    return begun


def balance(vcenter: VCenter, cluster: Ref) -> bool:
    """Move, or recommend to move, one guest from the fullest host; return whether one moves."""
    store = vcenter.store
    compute = store.get(cluster)
    hosts = [ref for ref in compute["host"] if is_effective(store.get(ref))]
    if not is_on(compute) or len(hosts) < 2:
        return False
    fullest = max(hosts, key=lambda ref: placement.load(vcenter, ref))
    emptiest = min(hosts, key=lambda ref: placement.load(vcenter, ref))
    gap = placement.load(vcenter, fullest) - placement.load(vcenter, emptiest)
    vm = _movable(vcenter, fullest, emptiest, gap) if gap > _IMBALANCE else None
    if vm is None:
        return False
    if level_of(compute, vm) == AUTOMATED:
        move.by_vcenter(vcenter, vm, emptiest)
        return True
    recommend(
        vcenter, compute, vm, emptiest, reason="balanceCpuAvg", text="Balance average memory loads"
    )
    return False


def _movable(vcenter: VCenter, source: Ref, target: Ref, gap: float) -> Ref | None:
    """Return the largest guest whose move makes two hosts more equal."""
    store = vcenter.store
    compute = store.get(store.value(source, "parent"))
    total = store.value(target, "hardware.memorySize") // placement.MIB
    fits = []
    for vm in placement.guests_on(vcenter, source, "poweredOn"):
        share = store.value(vm, "config.hardware.memoryMB") / total
        if share >= gap or vm.moid in vcenter.locks or level_of(compute, vm) == "disabled":
            continue
        worse = rules.reluctance(vcenter, vm, target) > rules.reluctance(vcenter, vm, source)
        if not worse and target in placement.candidates(vcenter, vm, but=source):
            fits.append((share, vm))
    return max(fits, key=lambda fit: fit[0])[1] if fits else None


@method("ClusterComputeResource.RefreshRecommendation")
def refresh(call: Call, this: Ref) -> None:
    """Let DRS review the cluster now."""
    if not is_on(call.store.get(this)):
        raise VimFault("InvalidState")
    if not correct(call.vcenter, this):
        balance(call.vcenter, this)


@method("ClusterComputeResource.ApplyRecommendation")
def apply(call: Call, this: Ref, key: str) -> None:
    """Carry out a recommendation."""
    found = _take(call, this, key)
    for action in found["action"]:
        migration = action["drsMigration"]
        move.by_vcenter(call.vcenter, migration["vm"], migration["destination"])


@method("ClusterComputeResource.CancelRecommendation")
def cancel(call: Call, this: Ref, key: str) -> None:
    """Drop a recommendation."""
    _take(call, this, key)


def _take(call: Call, this: Ref, key: str) -> Data:
    known: list[Data] = call.store.value(this, "recommendation") or []
    found = next((item for item in known if item["key"] == key), None)
    if found is None:
        raise VimFault("InvalidArgument", invalidProperty="key")
    call.store.change(this, "recommendation", [item for item in known if item is not found])
    return found


@method("ClusterComputeResource.RecommendHostsForVm")
def recommend_hosts(call: Call, this: Ref, vm: Ref, pool: Ref | None = None) -> list[Data]:
    """Return the hosts that DRS would run a machine on, best first."""
    del pool
    if not is_on(call.store.get(this)):
        raise VimFault("InvalidState")
    return [
        data("ClusterHostRecommendation", host=host, rating=max(1, 5 - at))
        for at, host in enumerate(placement.candidates(call.vcenter, vm))
    ]
