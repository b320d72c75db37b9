"""Snapshots of virtual machines: a tree of states to return to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.operations import Stage
from hvsim.vcenter import power, task
from hvsim.vcenter.faults import VimFault
from hvsim.vcenter.methods import Call, method
from hvsim.vcenter.values import Data, Ref, data, now

if TYPE_CHECKING:
    from hvsim.operations import Steps
    from hvsim.vcenter.server import VCenter

CREATE: Final = 2.0
REVERT: Final = 2.0
REMOVE: Final = 2.0


@method("VirtualMachine.CreateSnapshot_Task", "VirtualMachine.CreateSnapshotEx_Task")
def create(call: Call, this: Ref, name: str, memory: bool, **more: Any) -> Ref:
    """Keep a machine's present state, with its memory if asked and it runs.

    The newer method has a specification of how the guest is quiesced, the older a flag.
    """
    quiesce = bool(more.get("quiesce")) or more.get("quiesceSpec") is not None
    described = name, more.get("description") or ""
    return task.start(call, this, _creating(call, this, described, memory=memory, quiesce=quiesce))


def _creating(
    call: Call, vm: Ref, described: tuple[str, str], *, memory: bool, quiesce: bool
) -> Steps:
    vcenter, store = call.vcenter, call.store
    if store.value(vm, "runtime.connectionState") != "connected":
        raise power.unreachable(vcenter, vm)
    running = store.value(vm, "runtime.powerState") == "poweredOn"
    seconds = power.memory_seconds(vcenter, vm) if memory and running else 0.0
    yield Stage("snapshot", CREATE + seconds, 0.9)
    state = store.value(vm, "runtime.powerState")
    ref = Ref("VirtualMachineSnapshot", store.new_moid("snapshot-"))
    kept = {"config": store.value(vm, "config"), "vm": vm, "childSnapshot": []}
    store.add(ref.type, ref.moid, kept)
    node = data(
        "VirtualMachineSnapshotTree",
        snapshot=ref,
        vm=vm,
        name=described[0],
        description=described[1],
        id=vcenter.world.streams.number(f"{vcenter.path}/{vm.moid}/snapshot"),
        createTime=now(call.world),
        # Without memory a revert finds the machine off.
        state=state if memory or state != "poweredOn" else "poweredOff",
        quiesced=quiesce,
        childSnapshotList=[],
    )
    info: Data | None = store.value(vm, "snapshot")
    roots = info["rootSnapshotList"] if info else []
    current = info["currentSnapshot"] if info else None
    _set(vcenter, vm, _grown(roots, current, node), ref)
    return ref


def _grown(nodes: list[Data], parent: Ref | None, node: Data) -> list[Data]:
    """Return a tree with a node below a parent, or among the roots."""
    if parent is None:
        return [*nodes, node]
    return [_grown_node(known, parent, node) for known in nodes]


def _grown_node(known: Data, parent: Ref, node: Data) -> Data:
    children: list[Data] = known["childSnapshotList"] or []
    if known["snapshot"] == parent:
        return known.having(childSnapshotList=[*children, node])
    return known.having(childSnapshotList=_grown(children, parent, node) if children else [])


def _set(vcenter: VCenter, vm: Ref, roots: list[Data], current: Ref | None) -> None:
    store = vcenter.store
    info = None
    if roots:
        info = data("VirtualMachineSnapshotInfo", currentSnapshot=current, rootSnapshotList=roots)
    store.change(vm, "snapshot", info)
    store.change(vm, "rootSnapshot", [node["snapshot"] for node in roots])
    for node in _all(roots):
        children = [child["snapshot"] for child in node["childSnapshotList"] or ()]
        store.change(node["snapshot"], "childSnapshot", children)


def _all(nodes: list[Data]) -> list[Data]:
    return [one for node in nodes for one in (node, *_all(node["childSnapshotList"] or []))]


def _roots(vcenter: VCenter, vm: Ref) -> list[Data]:
    info: Data | None = vcenter.store.value(vm, "snapshot")
    return list(info["rootSnapshotList"]) if info else []


def _node(vcenter: VCenter, vm: Ref, ref: Ref) -> Data:
    found = next((n for n in _all(_roots(vcenter, vm)) if n["snapshot"] == ref), None)
    if found is None:
        raise VimFault("NotFound")
    return found


@method("VirtualMachine.RevertToCurrentSnapshot_Task")
def revert_to_current(call: Call, this: Ref, **more: Any) -> Ref:
    """Return a machine to the snapshot that it comes from."""

    def steps() -> Steps:
        info: Data | None = call.store.value(this, "snapshot")
        if info is None or info["currentSnapshot"] is None:
            raise VimFault("NotFound", msg="The machine has no current snapshot.")
        yield from _reverting(call, this, info["currentSnapshot"], more)

    return task.start(call, this, steps())


@method("VirtualMachineSnapshot.RevertToSnapshot_Task")
def revert(call: Call, this: Ref, **more: Any) -> Ref:
    """Return a machine to a snapshot."""
    vm: Ref = call.store.value(this, "vm")
    return task.start(call, vm, _reverting(call, vm, this, more))


def _reverting(call: Call, vm: Ref, ref: Ref, more: dict[str, Any]) -> Steps:
    vcenter, store = call.vcenter, call.store
    node = _node(vcenter, vm, ref)
    if store.value(vm, "runtime.connectionState") != "connected":
        raise power.unreachable(vcenter, vm)
    yield Stage("revert", REVERT, 0.9)
    config: Data = store.value(ref, "config")
    name = store.value(vm, "name")
    store.change(vm, "config", config.having(name=name))
    _set(vcenter, vm, _roots(vcenter, vm), ref)
    state = "poweredOff" if more.get("suppressPowerOn") else node["state"]
    if state == "poweredOn":
        power.turn_on(vcenter, vm)
    elif store.value(vm, "runtime.powerState") != state:
        power.turn_off(vcenter, vm, state)


@method("VirtualMachineSnapshot.RemoveSnapshot_Task")
def remove(call: Call, this: Ref, removeChildren: bool, consolidate: bool = True) -> Ref:
    """Remove a snapshot, and those below it if asked."""
    del consolidate
    vm: Ref = call.store.value(this, "vm")

    def steps() -> Steps:
        _node(call.vcenter, vm, this)
        yield Stage("remove", REMOVE, 0.9)
        _forget(call.vcenter, vm, this, whole=removeChildren)

    return task.start(call, vm, steps())


def _forget(vcenter: VCenter, vm: Ref, ref: Ref, *, whole: bool) -> None:
    node = _node(vcenter, vm, ref)
    gone = [item["snapshot"] for item in (_all([node]) if whole else [node])]
    current: Ref | None = vcenter.store.value(vm, "snapshot.currentSnapshot")
    if current in gone:
        current = _parent(_roots(vcenter, vm), ref)
    _set(vcenter, vm, _without(_roots(vcenter, vm), ref, whole=whole), current)
    for item in gone:
        vcenter.store.remove(item)


def _without(nodes: list[Data], ref: Ref, *, whole: bool) -> list[Data]:
    """Return a tree without a node; its children take its place unless it goes whole."""
    kept: list[Data] = []
    for node in nodes:
        children: list[Data] = node["childSnapshotList"] or []
        if node["snapshot"] == ref:
            kept += [] if whole else children
        else:
            kept.append(node.having(childSnapshotList=_without(children, ref, whole=whole)))
    return kept


def _parent(nodes: list[Data], ref: Ref) -> Ref | None:
    for node in _all(nodes):
        if any(child["snapshot"] == ref for child in node["childSnapshotList"] or ()):
            found: Ref = node["snapshot"]
            return found
    return None


@method("VirtualMachineSnapshot.RenameSnapshot")
def rename(call: Call, this: Ref, name: str | None = None, description: str | None = None) -> None:
    """Rename a snapshot or describe it anew."""
    vm: Ref = call.store.value(this, "vm")
    _node(call.vcenter, vm, this)

    def renamed(node: Data) -> Data:
        children = [renamed(child) for child in node["childSnapshotList"] or ()]
        after = node.having(childSnapshotList=children)
        if node["snapshot"] != this:
            return after
        told = node["description"] if description is None else description
        return after.having(name=name or node["name"], description=told)

    roots = [renamed(node) for node in _roots(call.vcenter, vm)]
    _set(call.vcenter, vm, roots, call.store.value(vm, "snapshot.currentSnapshot"))


@method("VirtualMachine.RemoveAllSnapshots_Task")
def remove_all(call: Call, this: Ref, consolidate: bool = True, **more: Any) -> Ref:
    """Remove every snapshot of a machine."""
    del consolidate, more

    def steps() -> Steps:
        yield Stage("remove", REMOVE, 0.9)
        gone = [node["snapshot"] for node in _all(_roots(call.vcenter, this))]
        _set(call.vcenter, this, [], None)
        for ref in gone:
            call.store.remove(ref)

    return task.start(call, this, steps())
