"""Whether vCenter reaches its hosts: what becomes of them and their guests when it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hvsim.hardware import Power
from hvsim.operations import Stage
from hvsim.vcenter import entity, event, guest, ha, inventory, placement
from hvsim.vcenter.values import Ref, now

if TYPE_CHECKING:
    from hvsim.hardware import Change
    from hvsim.operations import Steps
    from hvsim.vcenter.server import Machine, VCenter

SILENCE: Final = 60.0
"""Seconds without a heartbeat until vCenter shows a host as not responding."""
BOOT: Final = 120.0
"""Seconds from power on until a host answers vCenter."""
RECONNECT: Final = 10.0


def observe(vcenter: VCenter) -> None:
    """Let a vCenter notice what happens to the machines."""
    vcenter.world.hardware.observe(lambda change: _changed(vcenter, change))
    for moid, machine in vcenter.machines.items():
        if machine.server.power is Power.OFF:
            host = Ref("HostSystem", moid)
            for vm in placement.guests_on(vcenter, host, "poweredOn"):
                vcenter.insides[vm.moid].power = "poweredOff"
            lose(vcenter, host)


def _changed(vcenter: VCenter, change: Change) -> None:
    found = vcenter.machine_on(change.server) if change.server else None
    if found is None:
        return
    host, machine = Ref("HostSystem", found[0]), found[1]
    if change.kind == "storage-path":
        _storage_changed(vcenter, host, change.storage)
    elif change.kind in ("crash", "shutdown"):
        _stopped(vcenter, host, machine)
        _watch(vcenter, host, machine)
    elif change.kind in ("link", "boot"):
        if machine.silence() is None:
            _return(vcenter, host, machine, BOOT if change.kind == "boot" else RECONNECT)
        elif change.kind == "link":
            _watch(vcenter, host, machine)


def _stopped(vcenter: VCenter, host: Ref, machine: Machine) -> None:
    """Let the guests of a machine end with it."""
    for vm in placement.guests_on(vcenter, host):
        inside = vcenter.insides[vm.moid]
        if inside.power == "poweredOn":
            inside.power = "poweredOff"
            machine.victims.append(vm.moid)


def _watch(vcenter: VCenter, host: Ref, machine: Machine) -> None:
    """Let vCenter, and HA, find out that a host does not answer."""
    _supersede(vcenter, machine)
    if vcenter.agent or vcenter.store.value(host, "runtime.connectionState") == "disconnected":
        return
    start = vcenter.world.operations.start
    path = vcenter.store.path(host)
    machine.watch = start("HostSystem.lost", path, _losing(vcenter, host), foreground=False)
    maintained = vcenter.store.value(host, "runtime.inMaintenanceMode")
    if ha.is_on(entity.compute_of(vcenter.store, host)) and not maintained:
        start("HostSystem.failover", path, _failing_over(vcenter, host), foreground=False)


def _losing(vcenter: VCenter, host: Ref) -> Steps:
    yield Stage("silence", SILENCE)
    if vcenter.machines[host.moid].silence() is not None:
        lose(vcenter, host)


def _failing_over(vcenter: VCenter, host: Ref) -> Steps:
    judging = ha.watch(vcenter, host)
    # The first stage is the detection: a host that answers again by its end has not failed.
    yield next(judging)
    if vcenter.machines[host.moid].silence() is not None:
        yield from judging


def lose(vcenter: VCenter, host: Ref) -> None:
    """Show a host as not responding and its guests as disconnected."""
    store = vcenter.store
    if store.value(host, "runtime.connectionState") != "connected":
        return
    store.change(host, "runtime.connectionState", "notResponding")
    store.change(host, "runtime.powerState", "unknown")
    store.change(host, "overallStatus", "red")
    show_guests(vcenter, host, "disconnected")
    name = store.value(host, "name")
    event.post(vcenter, "HostConnectionLostEvent", host, f"Host {name} is not responding")
    recount(vcenter, host)


def show_guests(vcenter: VCenter, host: Ref, state: str) -> None:
    """Show the connection of a host's guests."""
    kinds = {"disconnected": "VmDisconnectedEvent", "connected": "VmConnectedEvent"}
    for vm in placement.guests_on(vcenter, host):
        if vcenter.store.value(vm, "runtime.connectionState") == "orphaned":
            continue
        if vcenter.store.change(vm, "runtime.connectionState", state) and state in kinds:
            name = vcenter.store.value(vm, "name")
            event.post(vcenter, kinds[state], vm, f"Virtual machine {name} is {state}")


def recount(vcenter: VCenter, host: Ref) -> None:
    """Bring what depends on a host's state up to date: its cluster's summary and agents."""
    compute = entity.compute_of(vcenter.store, host)
    if compute is not None:
        inventory.count(vcenter, compute.ref)
        if compute.type == "ClusterComputeResource":
            ha.configure(vcenter, compute.ref)


def _return(vcenter: VCenter, host: Ref, machine: Machine, seconds: float) -> None:
    _supersede(vcenter, machine)

    def steps() -> Steps:
        yield Stage("boot" if seconds == BOOT else "reconnect", seconds)
        if machine.silence() is not None:
            return
        if vcenter.store.value(host, "runtime.connectionState") == "disconnected":
            return
        if seconds == BOOT:
            vcenter.store.change(host, "runtime.bootTime", now(vcenter.world))
        connect(vcenter, host)

    machine.watch = vcenter.world.operations.start(
        "HostSystem.return", vcenter.store.path(host), steps(), foreground=False
    )


def _supersede(vcenter: VCenter, machine: Machine) -> None:
    """End what is under way about a machine's silence or return."""
    if machine.watch is not None and not machine.watch.done:
        vcenter.world.operations.interrupt(machine.watch)
    machine.watch = None


def connect(vcenter: VCenter, host: Ref) -> None:
    """Show a host that answers as connected, and its guests as they really are."""
    store = vcenter.store
    before = store.value(host, "runtime.connectionState")
    store.change(host, "runtime.connectionState", "connected")
    store.change(host, "runtime.powerState", "poweredOn")
    store.change(host, "overallStatus", "green")
    if before != "connected":
        name = store.value(host, "name")
        event.post(vcenter, "HostConnectedEvent", host, f"Connected to {name}")
    show_guests(vcenter, host, "connected")
    for vm in placement.guests_on(vcenter, host):
        refresh(vcenter, vm)
    recount(vcenter, host)


def refresh(vcenter: VCenter, vm: Ref) -> None:
    """Show a guest as it really is."""
    if vcenter.store.value(vm, "runtime.connectionState") == "orphaned":
        return
    inside = vcenter.insides[vm.moid]
    if vcenter.store.value(vm, "runtime.powerState") != inside.power:
        guest.note_power(vcenter, vm, inside.power)
    alive = inside.power == "poweredOn" and inside.tools and inside.answers
    guest.show(vcenter, vm, alive=alive)
    ha.protect(vcenter, vm)
    if not _reaches(vcenter, vm):
        vcenter.store.change(vm, "runtime.connectionState", "inaccessible")


def _reaches(vcenter: VCenter, vm: Ref) -> bool:
    host = vcenter.store.value(vm, "runtime.host")
    return placement.datastores_reach(vcenter, vm, host)


def _storage_changed(vcenter: VCenter, host: Ref, storage: str) -> None:
    """Show guests whose files a host cannot reach as inaccessible, and those it can as before."""
    store = vcenter.store
    for ref in store.value(host, "datastore") or ():
        if store.value(ref, "name") == storage:
            _show_mount(vcenter, ref, host)
    if store.value(host, "runtime.connectionState") != "connected":
        return
    for vm in placement.guests_on(vcenter, host):
        if store.value(vm, "runtime.connectionState") == "orphaned":
            continue
        state = "connected" if _reaches(vcenter, vm) else "inaccessible"
        store.change(vm, "runtime.connectionState", state)


def _show_mount(vcenter: VCenter, datastore: Ref, host: Ref) -> None:
    store = vcenter.store
    up = placement.path_up(vcenter, datastore, host)
    mounts = [
        mount.having(mountInfo=mount["mountInfo"].having(accessible=up))
        if mount["key"] == host
        else mount
        for mount in store.value(datastore, "host")
    ]
    store.change(datastore, "host", mounts)
    anywhere = any(mount["mountInfo"]["accessible"] for mount in mounts)
    store.change(datastore, "summary.accessible", anywhere)


def orphan(vcenter: VCenter, vm: Ref) -> None:
    """Show a machine as orphaned: its host knows it no more."""
    store = vcenter.store
    vcenter.insides[vm.moid].power = "poweredOff"
    guest.note_power(vcenter, vm, "poweredOff")
    store.change(vm, "runtime.connectionState", "orphaned")
    name = store.value(vm, "name")
    event.post(vcenter, "VmOrphanedEvent", vm, f"{name} is orphaned: its host knows it no more")
