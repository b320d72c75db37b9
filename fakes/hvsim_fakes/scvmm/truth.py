"""Ground truth about a VMM server, its hosts and their guests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.scvmm.fabric import State
from hvsim.scvmm.server import VmmServer
from hvsim_fakes.control.truth import (
    Life,
    TrueGuest,
    TrueHost,
    TrueManager,
    insides_of,
    of_product,
)

if TYPE_CHECKING:
    from hvsim.scvmm.fabric import Guest, Host

_LIVES: Final = {
    State.RUNNING: Life.RUNNING,
    State.PAUSED: Life.PAUSED,
    State.SAVED: Life.SUSPENDED,
    State.OFF: Life.STOPPED,
}


@insides_of.register
def _insides_of(_: VmmServer) -> str:
    return "scvmm.guest."


@of_product.register(VmmServer)
def _of_vmm(vmm: VmmServer) -> TrueManager:
    clusters = [
        {
            "name": cluster.name,
            "nodes": cluster.nodes,
            "voters": cluster.voters,
            "quorum": cluster.quorum,
        }
        for cluster in vmm.fabric.clusters.values()
    ]
    return TrueManager(
        name=vmm.name,
        product="scvmm",
        profile=vmm.profile,
        native={
            "fqdn": vmm.fqdn,
            "address": vmm.server.address,
            "answers": vmm.answers(),
            "service": vmm.service,
            "clusters": clusters,
            "behaviours": list(vmm.behaviours),
        },
        hosts=[_host(vmm, host) for host in vmm.fabric.hosts.values()],
        guests=[_guest(vmm, guest) for guest in vmm.fabric.guests.values()],
    )


def _host(vmm: VmmServer, host: Host) -> TrueHost:
    record = vmm.store.find("VMHost", host.managed)
    shown: dict[str, Any] = {
        key: record[key] if record else None
        for key in ("OverallState", "CommunicationState", "ClusterNodeStatus")
    }
    return TrueHost(
        name=host.name,
        native_id=host.managed or host.fqdn,
        server=host.server.name,
        address=host.server.address,
        alive=host.alive,
        answers=host.silence(),
        maintenance=bool(record and record["MaintenanceHost"]),
        native={
            "fqdn": host.fqdn,
            "windows": host.windows.name,
            "managed": bool(host.managed),
            "cluster": host.cluster,
            "node": host.node,
            "agent": host.agent,
            "hyperv": host.hyperv,
            **shown,
        },
    )


def _guest(vmm: VmmServer, guest: Guest) -> TrueGuest:
    record = vmm.vm_of(guest)
    shown = {
        key: record[key] if record else None
        for key in ("Status", "VirtualMachineState", "ComputerName", "IsHighlyAvailable")
    }
    return TrueGuest(
        name=guest.name,
        native_id=record.id if record else guest.guid,
        state=_life(guest),
        host=guest.host,
        home=None,
        inside={
            "hostname": guest.hostname,
            "address": guest.address,
            "system": guest.system,
            "services": guest.services,
            "reported": guest.reported,
            "boot": guest.boots,
        },
        native={
            "guid": guest.guid,
            "power_state": guest.state,
            "clustered": guest.clustered,
            **shown,
        },
    )


def _life(guest: Guest) -> Life:
    life = _LIVES[State(guest.state)]
    return Life.HUNG if life is Life.RUNNING and not guest.answers else life
