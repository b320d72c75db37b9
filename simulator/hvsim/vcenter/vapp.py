"""vApps: resource pools whose machines are powered on and off together, in an order.

vSphere API reference, VirtualApp. A machine of a vApp keeps the folder it was made in; a real
vCenter shows it with no parent but ``parentVApp``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.operations import Stage
from hvsim.vcenter import entity, host, inventory, power, task
from hvsim.vcenter.faults import VimFault
from hvsim.vcenter.folder import merged
from hvsim.vcenter.methods import Call, method
from hvsim.vcenter.values import Data, Ref, data

if TYPE_CHECKING:
    from hvsim.operations import Steps
    from hvsim.vcenter.server import VCenter

_DELAY: Final = 120
"""Seconds between the starts of two machines unless the vApp says otherwise."""
_EDITED: Final = ("eula", "ovfEnvironmentTransport", "annotation", "installBootRequired")


def add_app(vcenter: VCenter, pool: Ref, name: str, folder: Ref) -> Ref:
    """Add a vApp without machines to a resource pool; ``folder`` shows it beside machines."""
    store = vcenter.store
    owner: Ref = store.value(pool, "owner")
    ref = inventory.add_pool(store, pool, owner, name, kind="VirtualApp")
    plain: Data = store.value(ref, "summary")
    uuid = vcenter.world.streams.uuid(f"{vcenter.path}/vapp")
    state = {"vAppState": "stopped", "suspended": False, "installBootRequired": False}
    summary = data("VirtualAppSummary", **plain.fields, **state, instanceUuid=uuid)
    properties: dict[str, Any] = {
        "summary": summary,
        "parentFolder": folder,
        "datastore": [],
        "network": [],
        "parentVApp": pool if pool.type == "VirtualApp" else None,
        "childLink": [],
        "vAppConfig": data(
            "VAppConfigInfo",
            property=[],
            product=[],
            ipAssignment=data("VAppIPAssignmentInfo", ipAllocationPolicy="fixedPolicy"),
            eula=[],
            ovfSection=[],
            ovfEnvironmentTransport=[],
            installBootRequired=False,
            installBootStopDelay=0,
            entityConfig=[],
            annotation="",
            instanceUuid=uuid,
        ),
    }
    store.change_many(ref, properties)
    return ref


@method("ResourcePool.CreateVApp")
def create(call: Call, this: Ref, name: str, *, resSpec: Data, **more: Any) -> Ref:
    """Make a vApp in a pool; one in a pool that is no vApp needs a folder of machines."""
    store, given = call.store, more.get("vmFolder")
    if this.type == "VirtualApp" and given is not None:
        raise VimFault("InvalidArgument", invalidProperty="vmFolder")
    folder = given or entity.datacenter_of(store, this)["vmFolder"]
    ref = add_app(call.vcenter, this, entity.free_name(store, this, name), folder)
    config = merged(store.value(ref, "config"), resSpec).having(entity=ref)
    store.change_many(ref, {"config": config, "summary.config": config})
    _apply(call, ref, more["configSpec"])
    return ref


@method("VirtualApp.UpdateVAppConfig")
def update(call: Call, this: Ref, spec: Data) -> None:
    """Change what a vApp is set up as: its note, and how its machines start and stop."""
    _apply(call, this, spec)


def _apply(call: Call, app: Ref, spec: Data) -> None:
    changes = {f"vAppConfig.{name}": spec[name] for name in _EDITED if spec[name] is not None}
    for one in spec["entityConfig"] or ():
        if one["key"] not in (call.store.value(app, "vm") or ()):
            raise VimFault("InvalidArgument", invalidProperty="entityConfig")
    if spec["entityConfig"]:
        known = {one["key"]: one for one in _entities(call, app)}
        for one in spec["entityConfig"]:
            known[one["key"]] = known[one["key"]].having(**one.fields)
        changes["vAppConfig.entityConfig"] = list(known.values())
    if changes:
        call.store.change_many(app, changes)


def _entities(call: Call, app: Ref) -> list[Data]:
    """Return how each machine of a vApp starts and stops, in the order of their starts."""
    known = {one["key"]: one for one in call.store.value(app, "vAppConfig.entityConfig") or ()}
    found = [
        known.get(vm)
        or data(
            "VAppEntityConfigInfo",
            key=vm,
            startOrder=order,
            startDelay=_DELAY,
            waitingForGuest=False,
            startAction="powerOn",
            stopDelay=_DELAY,
            stopAction="powerOff",
        )
        for order, vm in enumerate(call.store.value(app, "vm") or (), 1)
    ]
    return sorted(found, key=lambda one: one["startOrder"] or 0)


def _runs(call: Call, one: Data) -> bool:
    return bool(call.store.value(one["key"], "runtime.powerState") == "poweredOn")


def _starts(call: Call, one: Data) -> bool:
    return not _runs(call, one) and one["startAction"] == "powerOn"


@method("VirtualApp.PowerOnVApp_Task")
def power_on(call: Call, this: Ref) -> Ref:
    """Power the machines of a vApp on, one after the other in the order of their starts.

    After each but the last its delay is waited for.
    """

    def steps() -> Steps:
        if call.store.value(this, "summary.vAppState") != "stopped":
            raise VimFault("InvalidState")
        call.store.change(this, "summary.vAppState", "starting")
        waiting = [one for one in _entities(call, this) if _starts(call, one)]
        try:
            for number, one in enumerate(waiting, 1):
                yield from power.powering_on(call, one["key"], None)
                if number < len(waiting):
                    yield Stage("delay", float(one["startDelay"] or 0))
        except VimFault:
            call.store.change(this, "summary.vAppState", "stopped")
            raise
        call.store.change(this, "summary.vAppState", "started")

    return task.start(call, this, steps())


@method("VirtualApp.PowerOffVApp_Task")
def power_off(call: Call, this: Ref, force: bool) -> Ref:
    """Power the machines of a vApp off, the last started first; ``force`` whatever its state."""

    def steps() -> Steps:
        if not force and call.store.value(this, "summary.vAppState") != "started":
            raise VimFault("InvalidState")
        call.store.change(this, "summary.vAppState", "stopping")
        running = [one for one in reversed(_entities(call, this)) if _runs(call, one)]
        for number, one in enumerate(running, 1):
            yield from power.powering_off(call, one["key"])
            if number < len(running):
                yield Stage("delay", float(one["stopDelay"] or 0))
        call.store.change(this, "summary.vAppState", "stopped")

    return task.start(call, this, steps())


@method("VirtualApp.CreateChildVM_Task")
def create_machine(call: Call, this: Ref, config: Data, **where: Any) -> Ref:
    """Make a machine in a vApp."""
    args: dict[str, Any] = {"config": config, "pool": this} | where
    folder: Ref = call.store.value(this, "parentFolder")
    made: Ref = call.vcenter.perform(Call(call.vcenter, call.caller, "CreateVM_Task"), folder, args)
    return made


@method("VirtualApp.Destroy_Task")
def destroy(call: Call, this: Ref) -> Ref:
    """Remove a vApp with its machines, none of which may run."""

    def steps() -> Steps:
        store = call.store
        machines: list[Ref] = list(store.value(this, "vm") or ())
        for vm in machines:
            state = store.value(vm, "runtime.powerState")
            if state == "poweredOn":
                raise VimFault("InvalidPowerState", existingState=state)
        for vm in machines:
            host.forget_vm(call.vcenter, vm)
        store.discard(store.value(this, "parent"), "resourcePool", this)
        store.remove(this)
        return None
        yield

    return task.start(call, this, steps())
