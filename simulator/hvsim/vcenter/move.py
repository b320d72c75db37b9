"""Moves of virtual machines: vMotion with its phases, cold migration, storage moves.

MIG-VMW-2 and -4. That source and target must be in one cluster is a manager's rule (MIG-VMW-3):
vCenter itself moves between clusters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.operations import Stage
from hvsim.vcenter import entity, event, ha, placement, power, rules, task
from hvsim.vcenter.faults import VimFault, bad_argument
from hvsim.vcenter.methods import Call, Caller, method
from hvsim.vcenter.values import Data, Ref

if TYPE_CHECKING:
    from hvsim.operations import Steps
    from hvsim.vcenter.server import VCenter

CHECK: Final = 1.0
SWITCH: Final = 1.0
COLD: Final = 2.0
MIB: Final = 2**20


@method("VirtualMachine.RelocateVM_Task")
def relocate(call: Call, this: Ref, spec: Data, priority: str = "defaultPriority") -> Ref:
    """Move a machine to another host, pool, datastore or folder, running or not."""
    del priority
    return task.start(call, this, _relocating(call, this, spec), cancelable=True)


@method("VirtualMachine.MigrateVM_Task")
def migrate(call: Call, this: Ref, **wishes: Any) -> Ref:
    """Move a machine to another host; with ``state`` only if it is in that power state."""
    return task.start(call, this, _migrating(call, this, wishes), cancelable=True)


def _migrating(call: Call, vm: Ref, wishes: dict[str, Any]) -> Steps:
    state, host, pool = wishes.get("state"), wishes.get("host"), wishes.get("pool")
    existing = power.require(call.vcenter, vm)
    if state is not None and state != existing:
        raise VimFault("InvalidPowerState", requestedState=state, existingState=existing)
    if host is None and pool is None:
        raise bad_argument("host")
    fields = {"host": host, "pool": pool}
    spec = Data("VirtualMachineRelocateSpec", {k: v for k, v in fields.items() if v is not None})
    return (yield from _relocating(call, vm, spec))


def _relocating(call: Call, vm: Ref, spec: Data) -> Steps:
    vcenter, store = call.vcenter, call.store
    running = power.require(vcenter, vm) == "poweredOn"
    source = power.host_of(vcenter, vm)
    target, pool = _target(vcenter, vm, spec)
    datastore: Ref | None = spec["datastore"]
    disks = datastore is not None and [datastore] != store.value(vm, "datastore")
    if target == source and not disks:
        _settle(vcenter, vm, pool, spec["folder"])
        return
    if target != source:
        _judge(vcenter, vm, source, target, running=running, datastore=datastore)
    if running:
        yield from _hot(call, vm, source, target, datastore if disks else None)
    else:
        yield from _cold(call, vm, source, target, datastore if disks else None)
    _settle(vcenter, vm, pool, spec["folder"])


def _target(vcenter: VCenter, vm: Ref, spec: Data) -> tuple[Ref, Ref | None]:
    """Return the host and the pool that a machine is to be on."""
    store = vcenter.store
    host, pool = spec["host"], spec["pool"]
    here = power.host_of(vcenter, vm)
    if pool is not None:
        owner: Ref = store.value(pool, "owner")
        if host is not None and store.value(host, "parent") != owner:
            raise bad_argument("spec.pool")
        if host is None:
            same = store.value(here, "parent") == owner
            host = here if same else _any_host(vcenter, vm, owner)
    if host is None:
        host = here
    store.get(host)
    return host, pool


def _any_host(vcenter: VCenter, vm: Ref, owner: Ref) -> Ref:
    known: list[Ref] = vcenter.store.value(owner, "host")
    hosts = [ref for ref in known if _usable(vcenter, ref)]
    if not hosts:
        raise VimFault("NoCompatibleHost")
    del vm
    return min(hosts, key=lambda ref: placement.load(vcenter, ref))


def _usable(vcenter: VCenter, host: Ref) -> bool:
    try:
        placement.require_host(vcenter, host)
    except VimFault:
        return False
    return True


def _judge(
    vcenter: VCenter, vm: Ref, source: Ref, target: Ref, *, running: bool, datastore: Ref | None
) -> None:
    """Refuse a target that the machine cannot run on."""
    store = vcenter.store
    placement.require_host(vcenter, target)
    centers = [entity.above(store, host, "Datacenter") for host in (source, target)]
    if running and centers[0] != centers[1] and vcenter.has("vmotion-same-datacenter-only"):
        raise VimFault("MigrationFault", msg="vMotion works within one datacenter only.")
    reached = placement.datastores_reach(vcenter, vm, target)
    if datastore is not None and datastore not in store.value(target, "datastore"):
        raise VimFault("InvalidDatastore", datastore=datastore)
    moves_disks = datastore is not None and not (
        running and vcenter.has("vmotion-needs-shared-storage")
    )
    if not reached and not moves_disks:
        first = store.value(vm, "datastore")[0]
        raise VimFault(
            "CannotAccessVmDisk",
            device="Hard disk 1",
            backing=store.value(first, "name"),
            connected=False,
            fault=VimFault("InvalidDatastore", datastore=first).localized,
            msg="The target host does not reach the datastore that the machine lies on.",
        )
    missing = [
        net for net in store.value(vm, "network") if net not in store.value(target, "network")
    ]
    if missing:
        raise VimFault(
            "CannotAccessNetwork",
            device="Network adapter 1",
            backing=store.value(missing[0], "name"),
            connected=True,
            network=missing[0],
        )
    if running:
        _judge_running(vcenter, vm, target)


def _judge_running(vcenter: VCenter, vm: Ref, target: Ref) -> None:
    if not vcenter.store.value(target, "summary.config.vmotionEnabled"):
        name = vcenter.store.value(target, "name")
        raise VimFault("VMotionNotConfigured", atSourceHost=False, failedHost=name)
    rule = rules.forbidden_on(vcenter, vm, target)
    if rule is not None and (rule.get("mandatory", False) or rule.type.startswith("ClusterAnti")):
        raise VimFault("RuleViolation", host=target, rule=rule)
    placement.admit(vcenter, vm, target)


def _hot(call: Call, vm: Ref, source: Ref, target: Ref, datastore: Ref | None) -> Steps:
    """Move a running machine: check, copy its memory, switch it over (steps)."""
    vcenter = call.vcenter
    _announce(call, vm, target, "VmBeingHotMigratedEvent", "Hot migrating {vm} to {host}")
    try:
        yield Stage("check", CHECK, 0.1)
        yield Stage(
            "copy", power.memory_seconds(vcenter, vm) + _disk_seconds(vcenter, vm, datastore), 0.8
        )
        power.require(vcenter, vm, "poweredOn")
        placement.require_host(vcenter, target)
        yield Stage("switch", SWITCH, 0.95)
        power.require(vcenter, vm, "poweredOn")
        placement.require_host(vcenter, target)
    except VimFault as fault:
        _failed(call, vm, target, fault)
        raise
    _arrive(call, vm, source, target, datastore)
    kind = (
        "DrsVmMigratedEvent"
        if call.caller.background and not call.caller.user
        else "VmMigratedEvent"
    )
    _tell(call, vm, source, kind)


def _cold(call: Call, vm: Ref, source: Ref, target: Ref, datastore: Ref | None) -> Steps:
    """Move a machine that does not run: only its registration, and its files if asked (steps)."""
    vcenter = call.vcenter
    _announce(call, vm, target, "VmBeingMigratedEvent", "Migrating {vm} to {host} off")
    try:
        yield Stage("check", CHECK, 0.1)
        yield Stage("register", COLD + _disk_seconds(vcenter, vm, datastore), 0.9)
        power.require(vcenter, vm, "poweredOff", "suspended")
        placement.require_host(vcenter, target)
    except VimFault as fault:
        _failed(call, vm, target, fault)
        raise
    _arrive(call, vm, source, target, datastore)
    _tell(call, vm, source, "VmMigratedEvent" if target != source else "VmRelocatedEvent")


def _disk_seconds(vcenter: VCenter, vm: Ref, datastore: Ref | None) -> float:
    if datastore is None:
        return 0.0
    used: int = vcenter.store.value(vm, "summary.storage.committed") or 0
    return used / vcenter.choices.bandwidth


def _arrive(call: Call, vm: Ref, source: Ref, target: Ref, datastore: Ref | None) -> None:
    vcenter, store = call.vcenter, call.store
    placement.register_on(vcenter, vm, target)
    if datastore is not None:
        for before in store.value(vm, "datastore"):
            store.discard(before, "vm", vm)
        store.change(vm, "datastore", [datastore])
        store.append(datastore, "vm", vm)
        _rename_files(vcenter, vm, datastore)
    ha.protect(vcenter, vm)
    if store.value(vm, "runtime.powerState") == "poweredOn":
        compute = entity.compute_of(store, target)
        if compute is not None and compute.type == "ClusterComputeResource":
            moves = compute["summary.numVmotions"] or 0
            store.change(compute.ref, "summary.numVmotions", moves + 1)
    placement.note_idle(vcenter, source)


def _rename_files(vcenter: VCenter, vm: Ref, datastore: Ref) -> None:
    store = vcenter.store
    name = store.value(datastore, "name")
    path: str = store.value(vm, "config.files.vmPathName")
    store.change(vm, "config.files.vmPathName", f"[{name}]{path.partition(']')[2]}")


def _settle(vcenter: VCenter, vm: Ref, pool: Ref | None, folder: Ref | None) -> None:
    """Put a machine below the pool and into the folder that were asked for."""
    store = vcenter.store
    if pool is not None and pool != store.value(vm, "resourcePool"):
        before = store.value(vm, "resourcePool")
        if before is not None:
            store.discard(before, "vm", vm)
        store.change(vm, "resourcePool", pool)
        store.append(pool, "vm", vm)
    if folder is not None and folder != store.value(vm, "parent"):
        store.discard(store.value(vm, "parent"), "childEntity", vm)
        store.change(vm, "parent", folder)
        store.append(folder, "childEntity", vm)


def _announce(call: Call, vm: Ref, target: Ref, kind: str, text: str) -> None:
    name, host = call.store.value(vm, "name"), call.store.value(target, "name")
    event.post(
        call.vcenter,
        kind,
        vm,
        text.format(vm=name, host=host),
        user=call.caller.user,
        chain=task.chain(call, vm),
        destHost=event.argument(call.vcenter, target),
    )


def _failed(call: Call, vm: Ref, target: Ref, fault: VimFault) -> None:
    if not call.store.exists(vm):
        return
    event.post(
        call.vcenter,
        "VmFailedMigrateEvent",
        vm,
        f"Cannot migrate {call.store.value(vm, 'name')}: {fault.message}",
        user=call.caller.user,
        chain=task.chain(call, vm),
        destHost=event.argument(call.vcenter, target),
        reason=fault.localized,
    )


def _tell(call: Call, vm: Ref, source: Ref, kind: str) -> None:
    store = call.store
    name = store.value(vm, "name")
    here = store.value(source, "name")
    there = store.value(power.host_of(call.vcenter, vm), "name")
    event.post(
        call.vcenter,
        kind,
        vm,
        f"Migration of virtual machine {name} from {here} to {there} completed",
        user=call.caller.user,
        chain=task.chain(call, vm),
        sourceHost=event.argument(call.vcenter, source),
    )


def by_vcenter(vcenter: VCenter, vm: Ref, target: Ref) -> Ref:
    """Let vCenter itself (DRS) move a machine; return the task."""
    call = Call(vcenter, Caller(background=True), "RelocateVM_Task")
    spec = Data("VirtualMachineRelocateSpec", {"host": target})
    return task.start(call, vm, _relocating(call, vm, spec), cancelable=True)
