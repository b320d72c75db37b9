"""What tasks and events tell of how an inventory was built, in labs that ask for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim.vcenter import event, power, task
from hvsim.vcenter.methods import Call, Caller

if TYPE_CHECKING:
    from hvsim.vcenter.server import VCenter
    from hvsim.vcenter.values import Ref


def record(vcenter: VCenter, user: str) -> None:
    """Let the tasks and events tell that a user has just made all that there is."""
    store = vcenter.store
    for found in list(store.of_type("VmwareDistributedVirtualSwitch")):
        _ended(vcenter, user, "CreateDVS_Task", found["parent"], found.ref)
    for found in [] if vcenter.agent else list(store.of_type("HostSystem")):
        _add_host(vcenter, user, found.ref)
    for found in list(store.of_type("VirtualMachine")):
        call = _ended(vcenter, user, "CreateVM_Task", found["parent"], found.ref)
        power.post(call, found.ref, "VmCreatedEvent", "Created virtual machine {vm} on {host}")
        if found["runtime.powerState"] == "poweredOn":
            call = _ended(vcenter, user, "PowerOnVM_Task", found.ref)
            power.post(call, found.ref, "VmPoweredOnEvent", "{vm} on {host} is powered on")


def _add_host(vcenter: VCenter, user: str, host: Ref) -> None:
    store = vcenter.store
    compute: Ref = store.value(host, "parent")
    if compute.type == "ClusterComputeResource":
        _ended(vcenter, user, "AddHost_Task", compute, host)
    else:
        _ended(vcenter, user, "AddStandaloneHost_Task", store.value(compute, "parent"), compute)
    text = f"Added host {store.value(host, 'name')}"
    event.post(vcenter, "HostAddedEvent", host, text, user=user)


def _ended(vcenter: VCenter, user: str, name: str, entity: Ref, result: Ref | None = None) -> Call:
    call = Call(vcenter, Caller(user), name)
    task.past(call, entity, result)
    return call
