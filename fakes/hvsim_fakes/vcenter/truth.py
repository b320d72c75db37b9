"""Ground truth about a vCenter, its hosts and its virtual machines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.vcenter.server import SERVICE_INSTANCE, VCenter
from hvsim_fakes.control.truth import (
    Life,
    TrueGuest,
    TrueHost,
    TrueManager,
    insides_of,
    of_product,
)

if TYPE_CHECKING:
    from hvsim.vcenter.server import Inside
    from hvsim.vcenter.store import ManagedObject

_LIVES: Final = {"poweredOn": Life.RUNNING, "suspended": Life.SUSPENDED}


@insides_of.register
def _insides_of(_: VCenter) -> str:
    return "vcenter.guest."


@of_product.register(VCenter)
def _of_vcenter(vcenter: VCenter) -> TrueManager:
    store = vcenter.store
    clusters = [
        {
            "name": found["name"],
            "ha": bool(found["configurationEx.dasConfig.enabled"]),
            "drs": bool(found["configurationEx.drsConfig.enabled"]),
            "level": found["configurationEx.drsConfig.defaultVmBehavior"],
            "hosts": [store.value(host, "name") for host in found["host"]],
        }
        for found in store.of_type("ClusterComputeResource")
    ]
    return TrueManager(
        name=vcenter.name,
        product="vsphere",
        profile=vcenter.profile,
        native={
            "uuid": store.value(SERVICE_INSTANCE, "content.about.instanceUuid"),
            "answers": vcenter.answers(),
            "address": vcenter.server.address,
            "clusters": clusters,
            "behaviours": list(vcenter.behaviours),
        },
        hosts=[_host(vcenter, host) for host in store.of_type("HostSystem")],
        guests=[_guest(vcenter, vm) for vm in store.of_type("VirtualMachine") if not _template(vm)],
    )


def _template(vm: ManagedObject) -> bool:
    return bool(vm["config.template"])


def _host(vcenter: VCenter, host: ManagedObject) -> TrueHost:
    machine = vcenter.machines[host.moid]
    return TrueHost(
        name=host["name"],
        # All hosts that answer for themselves call themselves alike.
        native_id=f"{host.moid}@{vcenter.server.address}" if vcenter.agent else host.moid,
        server=machine.server.name,
        address=machine.server.address,
        alive=machine.server.runs_own_system,
        answers=machine.silence(),
        maintenance=bool(host["runtime.inMaintenanceMode"]),
        native={
            "connectionState": host["runtime.connectionState"],
            "powerState": host["runtime.powerState"],
            "dasHostState": host["runtime.dasHostState.state"],
            "entering": host.moid in vcenter.entering,
            "overallStatus": host["overallStatus"],
        },
    )


def _guest(vcenter: VCenter, vm: ManagedObject) -> TrueGuest:
    inside = vcenter.insides[vm.moid]
    host = vm["runtime.host"]
    return TrueGuest(
        name=vm["name"],
        native_id=vm["config.instanceUuid"],
        state=_life(vm, inside),
        host=vcenter.store.value(host, "name") if vcenter.store.exists(host) else None,
        home=None,
        inside=_inside(inside),
        native={
            "moid": vm.moid,
            "power_state": inside.power,
            "powerState": vm["runtime.powerState"],
            "connectionState": vm["runtime.connectionState"],
            "toolsRunningStatus": vm["guest.toolsRunningStatus"],
            "hostName": vm["guest.hostName"],
            "uuid": vm["config.uuid"],
            "overallStatus": vm["overallStatus"],
        },
    )


def _life(vm: ManagedObject, inside: Inside) -> Life:
    life = _LIVES.get(inside.power, Life.STOPPED)
    if life is Life.RUNNING and not inside.answers:
        return Life.HUNG
    if life is Life.STOPPED and vm["runtime.powerState"] == "poweredOn":
        # vCenter takes it for running, but the machine under it stopped.
        return Life.LOST
    return life


def _inside(inside: Inside) -> dict[str, Any]:
    return {
        "hostname": inside.hostname,
        "address": inside.address,
        "system": inside.system,
        "tools": inside.tools,
        "announced": inside.announced,
        "boot": inside.boots,
    }
