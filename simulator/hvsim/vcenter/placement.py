"""Where machines are: on which host they are registered and may run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hvsim.vcenter import entity
from hvsim.vcenter.faults import VimFault, bad_argument
from hvsim.vcenter.inventory import is_effective
from hvsim.vcenter.rules import forbidden_on, reluctance

if TYPE_CHECKING:
    from hvsim.vcenter.server import VCenter
    from hvsim.vcenter.values import Ref

_OVERHEAD: Final = 1024
"""MiB that a host keeps for itself."""
MIB: Final = 2**20


def require_host(vcenter: VCenter, host: Ref) -> None:
    """Refuse a host that cannot run guests."""
    found = vcenter.store.get(host)
    state = found["runtime.connectionState"]
    if state == "notResponding":
        raise VimFault("HostNotReachable")
    if state == "disconnected":
        raise VimFault("HostNotConnected")
    if found["runtime.inMaintenanceMode"] or host.moid in vcenter.entering:
        raise VimFault("InvalidState", msg="The host is in maintenance mode, or entering it.")
    if found["runtime.powerState"] != "poweredOn":
        raise VimFault("InvalidHostState", host=host)


def guests_on(vcenter: VCenter, host: Ref, *states: str) -> list[Ref]:
    """Return the machines registered on a host, of some power states if any are named."""
    objects = vcenter.store.objects
    found = [objects[vm.moid] for vm in vcenter.store.value(host, "vm") or () if vm.moid in objects]
    # Read step by step here and below: a host has hundreds, and every power on asks.
    return [
        vm.ref
        for vm in found
        if not states or vm.properties["runtime"].fields["powerState"] in states
    ]


def room(vcenter: VCenter, host: Ref) -> int:
    """Return the MiB of memory that running guests leave on a host."""
    store = vcenter.store
    total: int = store.value(host, "hardware.memorySize") // MIB - _OVERHEAD
    return total - store.occupancy.used(host.moid)


def load(vcenter: VCenter, host: Ref) -> float:
    """Return the share of a host's memory that running guests take."""
    total: int = vcenter.store.value(host, "hardware.memorySize") // MIB
    return 1 - room(vcenter, host) / total


def admit(vcenter: VCenter, vm: Ref, host: Ref) -> None:
    """Refuse to run a machine on a host that has no room for it.

    vSphere lets memory be overcommitted: a host takes guests for twice its memory.
    """
    needed: int = vcenter.store.value(vm, "config.hardware.memoryMB")
    total: int = vcenter.store.value(host, "hardware.memorySize") // MIB
    if room(vcenter, host) + total < needed:
        raise VimFault("InsufficientMemoryResourcesFault", requested=needed * MIB)


def datastores_reach(vcenter: VCenter, vm: Ref, host: Ref) -> bool:
    """Whether a host reaches every datastore that a machine lies on."""
    store = vcenter.store
    mounted = store.value(host, "datastore") or ()
    return all(
        ref in mounted and path_up(vcenter, ref, host) for ref in store.value(vm, "datastore")
    )


def path_up(vcenter: VCenter, datastore: Ref, host: Ref) -> bool:
    """Whether the storage that a datastore lies on is reached by a host's server."""
    name = vcenter.store.value(datastore, "name")
    storage = vcenter.world.hardware.storages.get(name)
    machine = vcenter.machines.get(host.moid)
    return storage is None or machine is None or storage.reached_by(machine.server.name)


def candidates(vcenter: VCenter, vm: Ref, *, but: Ref | None = None) -> list[Ref]:
    """Return the hosts of a machine's cluster that may run it.

    First those that most of its rules want it on, and of these the least loaded.
    """
    store = vcenter.store
    compute = entity.compute_of(store, store.value(vm, "runtime.host"))
    if compute is None:
        return []
    hosts = [ref for ref in compute["host"] if ref != but and _may_run(vcenter, vm, ref)]
    return sorted(hosts, key=lambda ref: (reluctance(vcenter, vm, ref), load(vcenter, ref)))


def _may_run(vcenter: VCenter, vm: Ref, host: Ref) -> bool:
    if not is_effective(vcenter.store.get(host)) or host.moid in vcenter.entering:
        return False
    if not datastores_reach(vcenter, vm, host) or forbidden_on(vcenter, vm, host):
        return False
    needed: int = vcenter.store.value(vm, "config.hardware.memoryMB")
    return room(vcenter, host) >= needed


def for_power_on(vcenter: VCenter, vm: Ref, wanted: Ref | None) -> Ref:
    """Return the host that a machine is to run on; raise what keeps it from running."""
    store = vcenter.store
    here: Ref = store.value(vm, "runtime.host")
    if wanted is not None:
        if entity.compute_of(store, wanted) != entity.compute_of(store, here):
            raise bad_argument("host")
        require_host(vcenter, wanted)
        return wanted
    compute = entity.compute_of(store, here)
    if compute is not None and compute["configurationEx.drsConfig.enabled"]:
        level = compute["configurationEx.drsConfig.defaultVmBehavior"]
        better = candidates(vcenter, vm)
        # Initial placement is DRS's own on every level but the manual one.
        if better and (level != "manual" or not is_effective(store.get(here))):
            return (
                here if here in better and not _worse(vcenter, vm, here, better[0]) else better[0]
            )
    require_host(vcenter, here)
    if not datastores_reach(vcenter, vm, here):
        raise VimFault("InvalidDatastore", msg="The machine's datastore is not accessible.")
    return here


def _worse(vcenter: VCenter, vm: Ref, here: Ref, there: Ref) -> bool:
    if reluctance(vcenter, vm, here) > reluctance(vcenter, vm, there):
        return True
    return load(vcenter, here) > load(vcenter, there) + 0.1


def register_on(vcenter: VCenter, vm: Ref, host: Ref) -> None:
    """Register a machine on another host: it is listed there, and below that host's cluster."""
    store = vcenter.store
    before: Ref | None = store.value(vm, "runtime.host")
    if before == host:
        return
    if before is not None and store.exists(before):
        store.discard(before, "vm", vm)
    store.change(vm, "runtime.host", host)
    store.append(host, "vm", vm)
    pool: Ref | None = store.value(vm, "resourcePool")
    there = store.value(host, "parent")
    if pool is None or entity.compute_of(store, pool) == store.get(there):
        return
    store.discard(pool, "vm", vm)
    target = store.value(there, "resourcePool")
    store.change(vm, "resourcePool", target)
    store.append(target, "vm", vm)


def note_idle(vcenter: VCenter, host: Ref) -> None:
    """Let what waits for a host to have no running guest look again."""
    waiting = vcenter.entering.get(host.moid)
    if waiting is not None and not guests_on(vcenter, host, "poweredOn"):
        event, vcenter.entering[host.moid] = waiting, None
        if event is not None and not event.triggered:
            event.succeed()
