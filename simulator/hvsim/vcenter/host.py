"""Hosts: maintenance mode, their connection to vCenter, shutdown, reboot and removal."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any, Final

from hvsim.errors import CommandError
from hvsim.hardware import Power, Server
from hvsim.operations import Stage
from hvsim.vcenter import drs, entity, event, inventory, placement, presence, task
from hvsim.vcenter.faults import VimFault
from hvsim.vcenter.methods import Call, method
from hvsim.vcenter.values import Data, Ref, data

if TYPE_CHECKING:
    from hvsim.operations import Operation, Steps
    from hvsim.vcenter.server import VCenter

PREPARE: Final = 1.0
CONNECT: Final = 5.0
DISCONNECT: Final = 2.0
SHUTDOWN: Final = 30.0
RESTART: Final = 30.0


def post(call: Call, host: Ref, kind: str, text: str, **fields: Any) -> None:
    """Post an event about a host in the chain of its task."""
    event.post(
        call.vcenter,
        kind,
        host,
        text.format(host=call.store.value(host, "name")),
        user=call.caller.user,
        chain=task.chain(call, host),
        **fields,
    )


def require(vcenter: VCenter, host: Ref) -> None:
    """Refuse a host that is not connected."""
    state = vcenter.store.value(host, "runtime.connectionState")
    if state != "connected":
        raise VimFault("HostNotConnected" if state == "disconnected" else "HostNotReachable")


@method("HostSystem.EnterMaintenanceMode_Task")
def enter(
    call: Call,
    this: Ref,
    timeout: int,
    evacuatePoweredOffVms: bool = False,
    maintenanceSpec: Data | None = None,
) -> Ref:
    """Bring a host into maintenance mode, once no guest runs on it (MAINT-VMW-1, -2)."""
    del maintenanceSpec
    steps = _entering(call, this, timeout, off_too=evacuatePoweredOffVms)
    return task.start(call, this, steps, cancelable=True)


def _entering(call: Call, host: Ref, timeout: int, *, off_too: bool) -> Steps:
    vcenter, store = call.vcenter, call.store
    require(vcenter, host)
    if store.value(host, "runtime.inMaintenanceMode") or host.moid in vcenter.entering:
        raise VimFault("InvalidState")
    vcenter.entering[host.moid] = None
    try:
        post(
            call,
            host,
            "EnteringMaintenanceModeEvent",
            "Host {host} has started to enter maintenance mode",
        )
        yield Stage("prepare", PREPARE, 0.1)
        if vcenter.has("maintenance-waits-for-guests"):
            drs.evacuate(vcenter, host, off_too=off_too)
            yield from _empty(call, host, timeout, off_too=off_too)
        require(vcenter, host)
        yield Stage("enter", PREPARE, 0.9)
        store.change(host, "runtime.inMaintenanceMode", value=True)
    except BaseException:
        del vcenter.entering[host.moid]
        text = "The maintenance mode operation was canceled for host {host}"
        post(call, host, "CanceledHostOperationEvent", text)
        raise
    del vcenter.entering[host.moid]
    post(call, host, "EnteredMaintenanceModeEvent", "Host {host} has entered maintenance mode")
    presence.recount(vcenter, host)


def _empty(call: Call, host: Ref, timeout: int, *, off_too: bool) -> Steps:
    """Wait until no guest runs on a host; raise ``Timedout`` when that takes too long."""
    vcenter, engine = call.vcenter, call.world.engine
    late = engine.timeout(timeout) if timeout > 0 else None
    operation = _operation(vcenter, host)
    while placement.guests_on(vcenter, host, "poweredOn"):
        freed = vcenter.entering[host.moid] = engine.event()
        if late is None:
            # Nobody knows how long it takes: the clock need not run for it.
            operation.held = None if drs_moves(vcenter, host) else freed
        try:
            yield freed if late is None else freed | late
        finally:
            operation.held = None
        if late is not None and late.processed and not freed.triggered:
            raise VimFault("Timedout")
    while off_too and _moving(vcenter, host):
        yield vcenter.tasks[vcenter.locks[_moving(vcenter, host)[0].moid].moid]


def drs_moves(vcenter: VCenter, host: Ref) -> bool:
    """Whether something that is under way will change how many guests run on a host."""
    return bool(_moving(vcenter, host))


def _moving(vcenter: VCenter, host: Ref) -> list[Ref]:
    locks, tasks = vcenter.locks, vcenter.tasks
    guests = placement.guests_on(vcenter, host)
    return [vm for vm in guests if vm.moid in locks and locks[vm.moid].moid in tasks]


def _operation(vcenter: VCenter, host: Ref) -> Operation:
    return vcenter.tasks[vcenter.locks[host.moid].moid]


@method("HostSystem.ExitMaintenanceMode_Task")
def leave(call: Call, this: Ref, timeout: int) -> Ref:
    """Let guests run on a host again."""
    del timeout

    def steps() -> Steps:
        require(call.vcenter, this)
        if not call.store.value(this, "runtime.inMaintenanceMode"):
            raise VimFault("InvalidState")
        yield Stage("exit", PREPARE, 0.9)
        require(call.vcenter, this)
        call.store.change(this, "runtime.inMaintenanceMode", value=False)
        post(call, this, "ExitMaintenanceModeEvent", "Host {host} has exited maintenance mode")
        presence.recount(call.vcenter, this)
        drs.changed(call.vcenter, this)

    return task.start(call, this, steps())


@method("HostSystem.DisconnectHost_Task")
def disconnect(call: Call, this: Ref) -> Ref:
    """Let vCenter stop managing a host; its guests run on."""

    def steps() -> Steps:
        vcenter, store = call.vcenter, call.store
        if store.value(this, "runtime.connectionState") == "disconnected":
            raise VimFault("InvalidState")
        yield Stage("disconnect", DISCONNECT, 0.9)
        store.change(this, "runtime.connectionState", "disconnected")
        store.change(this, "overallStatus", "gray")
        presence.show_guests(vcenter, this, "disconnected")
        post(call, this, "HostDisconnectedEvent", "Disconnected from {host}", reason="user")
        presence.recount(vcenter, this)

    return task.start(call, this, steps())


@method("HostSystem.ReconnectHost_Task")
def reconnect(call: Call, this: Ref, **specs: Data) -> Ref:
    """Let vCenter manage a host again; its guests are shown as they are by then."""
    del specs

    def steps() -> Steps:
        vcenter = call.vcenter
        if call.store.value(this, "runtime.connectionState") == "connected":
            raise VimFault("InvalidState")
        yield Stage("connect", CONNECT, 0.9)
        if vcenter.machines[this.moid].silence() is not None:
            name = call.store.value(this, "name")
            text = f"Cannot contact the specified host ({name})"
            post(call, this, "HostReconnectionFailedEvent", "Cannot reconnect to {host}")
            raise VimFault("NoHost", name=name, msg=text)
        presence.connect(vcenter, this)

    return task.start(call, this, steps())


@method("HostSystem.ShutdownHost_Task")
def shut_down(call: Call, this: Ref, force: bool) -> Ref:
    """Shut a host down; unless by force it must be in maintenance mode."""
    return task.start(call, this, _stopping(call, this, force=force, word="shut down"))


@method("HostSystem.RebootHost_Task")
def reboot(call: Call, this: Ref, force: bool) -> Ref:
    """Reboot a host; unless by force it must be in maintenance mode."""

    def steps() -> Steps:
        yield from _stopping(call, this, force=force, word="reboot")
        server = call.vcenter.machines[this.moid].server
        call.world.operations.start(
            "HostSystem.reboot", call.store.path(this), _booting(call, server)
        )

    return task.start(call, this, steps())


def _booting(call: Call, server: Server) -> Steps:
    yield Stage("restart", RESTART)
    if server.power is Power.OFF:
        call.world.hardware.boot(server.name)


def _stopping(call: Call, host: Ref, *, force: bool, word: str) -> Steps:
    vcenter = call.vcenter
    require(vcenter, host)
    if not (force or call.store.value(host, "runtime.inMaintenanceMode")):
        raise VimFault("InvalidState")
    post(call, host, "HostShutdownEvent", f"Host {{host}} will {word}", reason=word)
    yield Stage("shutdown", SHUTDOWN, 0.9)
    try:
        call.world.hardware.shut_down(vcenter.machines[host.moid].server.name)
    except CommandError:
        raise VimFault("HostNotReachable") from None


@method("HostSystem.Destroy_Task")
def destroy(call: Call, this: Ref) -> Ref:
    """Remove a host from the inventory, with the machines registered on it."""

    def steps() -> Steps:
        vcenter, store = call.vcenter, call.store
        runtime = store.value(this, "runtime")
        standalone = store.value(this, "parent").type == "ComputeResource"
        free = runtime["inMaintenanceMode"] or runtime["connectionState"] != "connected"
        if not (free or standalone):
            raise VimFault("InvalidState")
        yield Stage("remove", DISCONNECT, 0.9)
        post(call, this, "HostRemovedEvent", "Removed host {host}")
        remove(vcenter, this)

    return task.start(call, this, steps())


def remove(vcenter: VCenter, host: Ref) -> None:
    """Take a host out of the inventory."""
    store = vcenter.store
    for vm in placement.guests_on(vcenter, host):
        forget_vm(vcenter, vm)
    compute: Ref = store.value(host, "parent")
    for ref in store.value(host, "datastore") or ():
        mounts = [mount for mount in store.value(ref, "host") if mount["key"] != host]
        store.change(ref, "host", mounts)
    for ref in store.value(host, "network") or ():
        store.discard(ref, "host", host)
    store.discard(compute, "host", host)
    del vcenter.machines[host.moid]
    store.remove(host)
    if compute.type == "ComputeResource":
        store.discard(store.value(compute, "parent"), "childEntity", compute)
        store.remove(store.value(compute, "resourcePool"))
        store.remove(compute)
    else:
        inventory.count(vcenter, compute)


def forget_vm(vcenter: VCenter, vm: Ref) -> None:
    """Take a virtual machine out of the inventory; its files stay."""
    store = vcenter.store
    found = store.get(vm)
    holders = [found["parent"], found["resourcePool"], found["runtime.host"]]
    for holder in holders:
        if holder is not None and store.exists(holder):
            store.discard(holder, "childEntity" if holder == found["parent"] else "vm", vm)
    for part in ("datastore", "network"):
        for holder in found[part] or ():
            if store.exists(holder):
                store.discard(holder, "vm", vm)
    for snapshot in [s.ref for s in store.of_type("VirtualMachineSnapshot") if s["vm"] == vm]:
        store.remove(snapshot)
    store.remove(vm)
    vcenter.insides.pop(vm.moid, None)


def server_of(vcenter: VCenter, spec: Data) -> Server:
    """Return the machine that a ``HostConnectSpec`` names, by name or address."""
    wanted = spec["hostName"]
    servers = vcenter.world.hardware.servers.values()
    found = next((s for s in servers if wanted in (s.name, s.address)), None)
    if found is None and vcenter.choices.any_host and wanted:
        return _undescribed(vcenter, wanted)
    if found is None or found.reachable() is not None:
        raise VimFault("NoHost", name=wanted, msg=f"Cannot contact the specified host ({wanted})")
    if any(machine.server is found for machine in vcenter.machines.values()):
        raise VimFault("AlreadyConnected", name=wanted)
    return found


def _is_address(text: str) -> bool:
    try:
        ipaddress.IPv4Address(text)
    except ValueError:
        return False
    return True


def _undescribed(vcenter: VCenter, wanted: str) -> Server:
    """Make the machine of a host that nothing describes; by a name it is where vCenter is."""
    address = wanted if _is_address(wanted) else vcenter.server.address
    made = Server(wanted, address)
    vcenter.world.hardware.servers[wanted] = made
    return made


@method("ClusterComputeResource.AddHost_Task")
def add_to_cluster(call: Call, this: Ref, spec: Data, asConnected: bool, **rest: Any) -> Ref:
    """Add a machine to a cluster as a host."""
    del rest

    def steps() -> Steps:
        yield Stage("connect", CONNECT, 0.5)
        server = server_of(call.vcenter, spec)
        return _join(call, this, server, connected=asConnected)

    return task.start(call, this, steps())


@method("Folder.AddStandaloneHost_Task")
def add_standalone(call: Call, this: Ref, spec: Data, addConnected: bool, **rest: Any) -> Ref:
    """Add a machine as a host that belongs to no cluster."""
    del rest

    def steps() -> Steps:
        if "ComputeResource" not in call.store.value(this, "childType"):
            raise VimFault("NotSupported")
        yield Stage("connect", CONNECT, 0.5)
        server = server_of(call.vcenter, spec)
        compute = inventory.add_compute(call.vcenter, this, server.name, cluster=False)
        _join(call, compute, server, connected=addConnected)
        return compute

    return task.start(call, this, steps(), locks=())


def _join(call: Call, compute: Ref, server: Server, *, connected: bool) -> Ref:
    vcenter, store = call.vcenter, call.store
    datacenter = entity.datacenter_of(store, compute)
    host = inventory.add_host(vcenter, compute, server)
    for ref in datacenter["network"] or ():
        store.append(ref, "host", host)
        inventory.attach(store, host, "network", ref)
    for ref in datacenter["datastore"] or ():
        if len(store.value(ref, "host")) > 1:
            mount = inventory.mount(host, store.value(ref, "summary.url"))
            store.change(ref, "host", [*store.value(ref, "host"), mount])
            inventory.attach(store, host, "datastore", ref)
    post(call, host, "HostAddedEvent", "Added host {host}")
    if not connected:
        store.change(host, "runtime.connectionState", "disconnected")
    presence.recount(vcenter, host)
    return host


@method("HostSystem.QueryHostConnectionInfo")
def connection_info(call: Call, this: Ref) -> Data:
    """Return what a host says of itself before it is added."""
    found = call.store.get(this)
    guests = placement.guests_on(call.vcenter, this)
    return data(
        "HostConnectInfo",
        serverIp=call.vcenter.server.address,
        inDasCluster=found["runtime.dasHostState"] is not None,
        host=found["summary"],
        vm=[call.store.value(vm, "summary") for vm in guests],
        vimAccountNameRequired=True,
        clusterSupported=True,
    )
