"""High availability: the agents of hosts, failure, isolation, and the restart of guests.

HA-VMW-2. A host is declared failed fifteen seconds after its heartbeats cease. When a host that
runs finds itself isolated, and when it acts on its guests then, differs (Broadcom KB 322784;
vSphere API reference, ``ClusterDasVmSettingsIsolationResponse``): see :class:`Isolation`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hvsim.operations import Stage
from hvsim.vcenter import entity, event, guest, placement
from hvsim.vcenter.inventory import is_effective
from hvsim.vcenter.values import Data, Ref, data

if TYPE_CHECKING:
    from hvsim.operations import Steps
    from hvsim.vcenter.server import VCenter
    from hvsim.vcenter.store import ManagedObject


@dataclass(frozen=True, slots=True)
class Isolation:
    """Seconds until a host finds itself isolated, and from then until it acts on its guests."""

    master: float
    other: float
    delay: float


ISOLATION: Final = Isolation(master=5.0, other=30.0, delay=30.0)
OLD_ISOLATION: Final = Isolation(master=12.0, other=12.0, delay=2.0)
DETECT: Final = 15.0
RESTART: Final = 5.0
RETRY: Final = 60.0
SHUTDOWN: Final = 15.0
"""Seconds a guest's own shutdown takes on an isolated host."""
PATIENCE: Final = 300.0
"""Seconds after which a guest that did not shut down is powered off."""
_ATTEMPTS: Final = 5
_ORDER: Final = ("highest", "high", "medium", "low", "lowest")


def is_on(compute: ManagedObject | None) -> bool:
    """Whether a cluster has HA."""
    return compute is not None and bool(compute["configurationEx.dasConfig.enabled"])


def configure(vcenter: VCenter, compute: Ref) -> None:
    """Let the hosts' agents and the guests' protection follow a cluster's configuration."""
    store = vcenter.store
    hosts = [store.get(ref) for ref in store.value(compute, "host")]
    on = is_on(store.get(compute))
    alive = [host for host in hosts if _answers(vcenter, host)]
    for host in hosts:
        store.change(host.ref, "runtime.dasHostState", _state(host, alive) if on else None)
        for vm in placement.guests_on(vcenter, host.ref):
            protect(vcenter, vm)
    store.change(compute, "summary.currentFailoverLevel", max(0, len(alive) - 1) if on else 0)


def _answers(vcenter: VCenter, host: ManagedObject) -> bool:
    """Whether a host's agent takes part: guests can run on it and the others reach it."""
    return is_effective(host) and vcenter.machines[host.moid].silence() is None


def _state(host: ManagedObject, alive: list[ManagedObject]) -> Data | None:
    """Return what an agent is: the first host that lives is the master (``elected``)."""
    if host["runtime.inMaintenanceMode"]:
        return None
    if host not in alive:
        known: Data | None = host["runtime.dasHostState"]
        return known
    role = "master" if host is alive[0] else "connectedToMaster"
    return data("ClusterDasFdmHostState", state=role, stateReporter=alive[0].ref)


def protect(vcenter: VCenter, vm: Ref) -> None:
    """Show whether HA protects a machine."""
    store = vcenter.store
    runtime = store.value(vm, "runtime")
    compute = entity.compute_of(store, runtime["host"]) if runtime["host"] else None
    shown = None
    if is_on(compute) and runtime["powerState"] == "poweredOn":
        protected = priority(vcenter, vm) != "disabled"
        shown = data("VirtualMachineRuntimeInfoDasProtectionState", dasProtected=protected)
    store.change(vm, "runtime.dasVmProtection", shown)


def priority(vcenter: VCenter, vm: Ref) -> str:
    """Return a machine's restart priority: its own or the cluster's."""
    return _setting(vcenter, vm, "restartPriority") or "medium"


def isolation_response(vcenter: VCenter, vm: Ref) -> str:
    """Return what is done to a machine on an isolated host: none, powerOff or shutdown."""
    return _setting(vcenter, vm, "isolationResponse") or "none"


def _setting(vcenter: VCenter, vm: Ref, name: str) -> str | None:
    compute = entity.compute_of(vcenter.store, vcenter.store.value(vm, "runtime.host"))
    if compute is None:
        return None
    own = (c for c in compute["configurationEx.dasVmConfig"] or () if c["key"] == vm)
    config = next(own, None)
    settings = config and config["dasSettings"]
    found = settings and settings[name]
    if not found and config is not None and name == "restartPriority":
        found = config["restartPriority"]
    if found in (None, "clusterRestartPriority", "clusterIsolationResponse"):
        found = compute[f"configurationEx.dasConfig.defaultVmSettings.{name}"]
    return None if found is None else str(found)


def watch(vcenter: VCenter, host: Ref) -> Steps:
    """Judge a host that fell silent, and restart what is to be restarted (steps)."""
    store = vcenter.store
    machine = vcenter.machines[host.moid]
    dead = not machine.server.runs_own_system
    yield Stage("detect", DETECT if dead else _alone_after(vcenter, host))
    compute = entity.compute_of(store, host)
    if compute is None or not is_on(compute):
        return
    if not dead:
        _declare_isolated(vcenter, compute, host)
        configure(vcenter, compute.ref)
        _respond(vcenter, host)
        return
    _declare_failed(vcenter, compute, host)
    victims, machine.victims = machine.victims, []
    configure(vcenter, compute.ref)
    yield from restart(vcenter, host, _protected(vcenter, victims))


def isolation(vcenter: VCenter) -> Isolation:
    """Return the release's times of isolation."""
    return OLD_ISOLATION if vcenter.has("ha-isolation-at-once") else ISOLATION


def _alone_after(vcenter: VCenter, host: Ref) -> float:
    """Return the seconds after which a host that nobody answers calls itself isolated."""
    times = isolation(vcenter)
    state = vcenter.store.value(host, "runtime.dasHostState.state")
    return times.master if state == "master" else times.other


def _declare_failed(vcenter: VCenter, compute: ManagedObject, host: Ref) -> None:
    name = vcenter.store.value(host, "name")
    state = data(
        "ClusterDasFdmHostState", state="hostDown", stateReporter=_master(vcenter, compute)
    )
    vcenter.store.change(host, "runtime.dasHostState", state)
    text = f"A possible host failure has been detected by HA on {name}"
    failed = event.argument(vcenter, host)
    event.post(vcenter, "DasHostFailedEvent", compute.ref, text, failedHost=failed)
    if not vcenter.has("ha-restart-event-typed"):
        kind = "com.vmware.vc.HA.DasHostFailedEvent"
        event.post_extended(vcenter, kind, host, text, severity="error")


def _declare_isolated(vcenter: VCenter, compute: ManagedObject, host: Ref) -> None:
    name = vcenter.store.value(host, "name")
    state = data(
        "ClusterDasFdmHostState", state="networkIsolated", stateReporter=_master(vcenter, compute)
    )
    vcenter.store.change(host, "runtime.dasHostState", state)
    text = f"Host {name} has been isolated from the cluster"
    isolated = event.argument(vcenter, host)
    event.post(vcenter, "DasHostIsolatedEvent", compute.ref, text, isolatedHost=isolated)


def _master(vcenter: VCenter, compute: ManagedObject) -> Ref | None:
    hosts = (vcenter.store.get(ref) for ref in compute["host"])
    return next((host.ref for host in hosts if _answers(vcenter, host)), None)


def _respond(vcenter: VCenter, host: Ref) -> None:
    """Let an isolated host act on its guests by itself, and HA restart those that are off then.

    A guest that cannot shut down is powered off after five minutes.
    """
    groups: dict[float, list[str]] = {}
    for vm in placement.guests_on(vcenter, host):
        inside = vcenter.insides[vm.moid]
        response = isolation_response(vcenter, vm)
        if inside.power != "poweredOn" or response not in ("powerOff", "shutdown"):
            continue
        heeds = inside.tools and inside.answers
        seconds = 1.0 if response == "powerOff" else SHUTDOWN if heeds else PATIENCE
        groups.setdefault(isolation(vcenter).delay + seconds, []).append(vm.moid)
    for seconds, victims in groups.items():
        steps = _isolating(vcenter, host, seconds, victims)
        path = vcenter.store.path(host)
        vcenter.world.operations.start("HostSystem.isolate", path, steps, foreground=False)


def _isolating(vcenter: VCenter, host: Ref, seconds: float, victims: list[str]) -> Steps:
    yield Stage("isolate", seconds)
    if vcenter.machines[host.moid].silence() is None:
        return
    for moid in victims:
        if moid in vcenter.insides:
            vcenter.insides[moid].power = "poweredOff"
    yield from restart(vcenter, host, _protected(vcenter, victims))


def _protected(vcenter: VCenter, victims: list[str]) -> list[Ref]:
    store = vcenter.store
    found = [store.get(moid).ref for moid in victims if store.exists(moid)]
    return [vm for vm in found if priority(vcenter, vm) in _ORDER]


def restart(vcenter: VCenter, host: Ref, guests: list[Ref]) -> Steps:
    """Restart guests elsewhere, by priority (steps); those without room are tried again."""
    for attempt in range(_ATTEMPTS):
        left: list[Ref] = []
        for rank in _ORDER:
            batch = [vm for vm in guests if _wanted(vcenter, vm, rank)]
            if batch:
                yield Stage("restart", RESTART)
            left += [vm for vm in batch if not _restart(vcenter, vm, host, first=attempt == 0)]
        if not left:
            return
        guests = left
        yield Stage("retry", RETRY)


def _wanted(vcenter: VCenter, vm: Ref, rank: str) -> bool:
    """Whether a machine of a rank is still to be restarted."""
    if not vcenter.store.exists(vm) or vcenter.insides[vm.moid].power == "poweredOn":
        return False
    return priority(vcenter, vm) == rank


def _restart(vcenter: VCenter, vm: Ref, source: Ref, *, first: bool) -> bool:
    """Restart one guest; return whether there was a host for it."""
    store = vcenter.store
    # vCenter may not have noticed yet that a host is gone; the agents have.
    targets = [
        one for one in placement.candidates(vcenter, vm) if _answers(vcenter, store.get(one))
    ]
    name = store.value(vm, "name")
    if not targets:
        if first:
            text = f"HA found no host with the resources to start {name}"
            event.post(vcenter, "NotEnoughResourcesToStartVmEvent", vm, text, reason=text)
        return False
    origin = event.argument(vcenter, source)
    target = targets[0]
    placement.register_on(vcenter, vm, target)
    store.change(vm, "runtime.connectionState", "connected")
    vcenter.insides[vm.moid].power = "poweredOn"
    guest.note_power(vcenter, vm, "poweredOn")
    guest.booting(vcenter, vm)
    protect(vcenter, vm)
    _tell_restart(vcenter, vm, origin, store.value(target, "name"))
    return True


def _tell_restart(vcenter: VCenter, vm: Ref, origin: Data, target: str) -> None:
    name = vcenter.store.value(vm, "name")
    text = f"HA restarted {name} on {target}, since {origin['name']} failed"
    if vcenter.has("ha-restart-event-typed"):
        event.post(vcenter, "VmRestartedOnAlternateHostEvent", vm, text, sourceHost=origin)
        return
    event.post_extended(vcenter, "com.vmware.vc.ha.VmRestartedByHAEvent", vm, text)
