"""Failover clusters: heartbeats, nodes that are lost or return, guests started elsewhere.

HA-HV-2. A node that misses as many heartbeats as its release of Windows tolerates is out of the
cluster. Its highly available guests are then started anew on other nodes; from Windows Server 2016
on they are left to a silent node for another four minutes first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hvsim.operations import Stage
from hvsim.scvmm import guests, refresh
from hvsim.scvmm.errors import VmmError
from hvsim.scvmm.fabric import Node, State

if TYPE_CHECKING:
    from hvsim.hardware import Change
    from hvsim.operations import Steps
    from hvsim.scvmm.fabric import Cluster, Guest, Host
    from hvsim.scvmm.server import VmmServer

BOOT: Final = 120.0
"""Seconds from power on until Windows, its services and the agent run."""
REJOIN: Final = 5.0
RESTART: Final = 10.0
"""Seconds from the decision until the guest is turned on elsewhere."""
_BETWEEN: Final = 1.0


def observe(vmm: VmmServer) -> None:
    """Let hosts and clusters follow what happens to the machines."""
    vmm.world.hardware.observe(lambda change: _changed(vmm, change))
    for host in vmm.fabric.hosts.values():
        if not host.server.runs_own_system:
            host.up = False
            _stop_guests(vmm, host)
            _leave(vmm, host)
            refresh.light(vmm, host)


def _changed(vmm: VmmServer, change: Change) -> None:
    if change.server == vmm.server.name:
        _follow_own(vmm, change)
    host = vmm.fabric.host_on(change.server) if change.server else None
    if host is None:
        return
    if change.kind == "crash":
        _crashed(vmm, host)
    elif change.kind == "shutdown":
        _shut_down(vmm, host)
    elif change.kind == "boot":
        _booting(vmm, host)
    elif change.kind == "link":
        _link_changed(vmm, host)


def _follow_own(vmm: VmmServer, change: Change) -> None:
    """Let VMM's service end and begin with the machine it runs on."""
    if change.kind in ("crash", "shutdown"):
        vmm.service = "stopped"
        fail_jobs(vmm)
    elif change.kind == "boot":
        start_service(vmm, BOOT)


def start_service(vmm: VmmServer, seconds: float) -> None:
    """Let VMM's service run after a while; it looks at all its hosts then."""

    def steps() -> Steps:
        yield Stage("start", seconds)
        if not vmm.server.runs_own_system:
            return
        vmm.service = "running"
        for host in vmm.fabric.hosts.values():
            if host.managed:
                refresh.light(vmm, host)

    vmm.world.operations.start("scvmm.start", vmm.path, steps(), foreground=False)


def fail_jobs(vmm: VmmServer) -> None:
    """End the jobs under way, as when VMM's service ends."""
    for operation in list(vmm.jobs.values()):
        vmm.world.operations.interrupt(operation, VmmError(1612, name=vmm.fqdn))


def _crashed(vmm: VmmServer, host: Host) -> None:
    _supersede(vmm, host)
    vmm.fabric.change_host(host, up=False)
    _stop_guests(vmm, host)
    refresh.notice_host(vmm, host)
    _watch(vmm, host)


def _stop_guests(vmm: VmmServer, host: Host) -> None:
    """Let the guests of a host end with it; those of a cluster are to run all the same."""
    for guest in vmm.fabric.guests_on(host.name):
        if guest.state in (State.RUNNING, State.PAUSED):
            host.victims.append(guest.guid)
            guests.turn_off(vmm, guest, keep_online=True)


def _shut_down(vmm: VmmServer, host: Host) -> None:
    """Shut Windows down in good order: guests are saved, or go to other nodes first."""
    _supersede(vmm, host)
    cluster = vmm.fabric.clusters.get(host.cluster)
    for guest in vmm.fabric.guests_on(host.name):
        if guest.state not in (State.RUNNING, State.PAUSED):
            continue
        target = target_for(vmm, cluster, guest) if cluster and guest.clustered else None
        if target is not None and host.windows.drains:
            vmm.fabric.change(guest, host=target.name)
        elif target is not None:
            guests.save(vmm, guest, keep_online=True)
            vmm.fabric.change(guest, host=target.name)
            guests.wake(vmm, guest)
        else:
            guests.save(vmm, guest)
        vmm.fabric.outside(guest)
    vmm.fabric.change_host(host, up=False)
    refresh.notice_host(vmm, host)
    _leave(vmm, host)


def _booting(vmm: VmmServer, host: Host) -> None:
    _supersede(vmm, host)

    def steps() -> Steps:
        yield Stage("boot", BOOT)
        vmm.fabric.change_host(host, up=True, agent="running", hyperv="running", clussvc="running")
        _join(vmm, host)
        _start_by_themselves(vmm, host)
        refresh.notice_host(vmm, host)

    host.watch = vmm.world.operations.start(
        "host.boot", _path(vmm, host), steps(), foreground=False
    )


def _start_by_themselves(vmm: VmmServer, host: Host) -> None:
    """Turn on the guests that their host is to turn on after a boot."""
    victims, host.victims = host.victims, []
    for guest in vmm.fabric.guests_on(host.name):
        ran = guest.guid in victims and guest.start_action == "TurnOnVMIfRunningWhenVSStopped"
        wanted = not guest.clustered and (ran or guest.start_action == "AlwaysAutoTurnOnVM")
        if (wanted or guest.online) and guest.state in (State.OFF, State.SAVED):
            guests.start(vmm, guest)
            vmm.fabric.outside(guest)


def _link_changed(vmm: VmmServer, host: Host) -> None:
    refresh.notice_host(vmm, host)
    if not host.alive:
        return
    if host.server.reachable() is not None:
        _watch(vmm, host)
        return
    _supersede(vmm, host)
    if not host.cluster or host.node not in (Node.DOWN, Node.ISOLATED):
        return

    def steps() -> Steps:
        yield Stage("rejoin", REJOIN)
        _join(vmm, host)

    host.watch = vmm.world.operations.start(
        "node.rejoin", _path(vmm, host), steps(), foreground=False
    )


def stop_service(vmm: VmmServer, host: Host) -> None:
    """End a node's cluster service: the node leaves its cluster."""
    vmm.fabric.change_host(host, clussvc="stopped")
    _watch(vmm, host)


def start_cluster_service(vmm: VmmServer, host: Host) -> None:
    """Start a node's cluster service again."""
    vmm.fabric.change_host(host, clussvc="running")
    _supersede(vmm, host)
    _join(vmm, host)


def _watch(vmm: VmmServer, host: Host) -> None:
    """Let the other nodes find out that a node is silent."""
    if not host.cluster or not _silent(host):
        return
    _supersede(vmm, host)
    host.watch = vmm.world.operations.start(
        "node.failover", _path(vmm, host), _failing_over(vmm, host), foreground=False
    )


def _silent(host: Host) -> bool:
    return host.silence() is not None or host.clussvc != "running"


def _failing_over(vmm: VmmServer, host: Host) -> Steps:
    windows = host.windows
    yield Stage("heartbeats", float(windows.threshold))
    if not _silent(host):
        return
    if windows.resilience and vmm.has("compute-resiliency"):
        vmm.fabric.change_host(host, node=Node.ISOLATED)
        _note_cluster(vmm, host)
        yield Stage("isolation", windows.resilience)
        if not _silent(host):
            _join(vmm, host)
            return
    cluster = vmm.fabric.clusters[host.cluster]
    if host.alive:
        # Without its cluster a node may not run what the others are about to start.
        for guest in vmm.fabric.guests_on(host.name):
            if guest.clustered and guest.state in (State.RUNNING, State.PAUSED):
                guests.turn_off(vmm, guest, keep_online=True)
    _leave(vmm, host)
    if not cluster.quorum:
        return
    yield Stage("restart", RESTART)
    yield from _restart_guests(vmm, cluster, host)


def _restart_guests(vmm: VmmServer, cluster: Cluster, lost: Host) -> Steps:
    """Start a lost node's guests on others, the most important first."""
    waiting = [g for g in vmm.fabric.guests_on(lost.name) if g.clustered]
    for guest in sorted(waiting, key=lambda known: -known.priority):
        target = target_for(vmm, cluster, guest)
        if target is None:
            continue
        vmm.fabric.change(guest, host=target.name)
        if guest.online and guest.priority and guest.state != State.RUNNING:
            guests.start(vmm, guest)
        vmm.fabric.outside(guest)
        yield Stage("next", _BETWEEN)


def target_for(vmm: VmmServer, cluster: Cluster, guest: Guest) -> Host | None:
    """Return the node with the most room for a guest; None when no node has enough."""
    nodes = [vmm.fabric.hosts[name] for name in cluster.nodes if name != guest.host]
    fit = [
        (vmm.fabric.free_memory(node), -order, node)
        for order, node in enumerate(nodes)
        if node.alive and node.node is Node.UP and not _silent(node)
    ]
    fit = [one for one in fit if one[0] >= guest.memory]
    return max(fit, key=lambda one: one[:2])[2] if fit else None


def _leave(vmm: VmmServer, host: Host) -> None:
    """Take a node out of its cluster's membership, and look whether enough are left."""
    cluster = vmm.fabric.clusters.get(host.cluster)
    if cluster is None:
        return
    vmm.fabric.change_host(host, node=Node.DOWN)
    _judge_quorum(vmm, cluster)
    if cluster.quorum and host.windows.dynamic_quorum:
        voters = [name for name in cluster.voters if name != host.name]
        vmm.fabric.change_cluster(cluster, voters=voters)
    _note_cluster(vmm, host)


def _judge_quorum(vmm: VmmServer, cluster: Cluster) -> None:
    up = [name for name in cluster.voters if vmm.fabric.hosts[name].node in (Node.UP, Node.PAUSED)]
    votes = len(cluster.voters) + cluster.witness
    quorum = 2 * (len(up) + cluster.witness) > votes and bool(up)
    lost = cluster.quorum and not quorum
    vmm.fabric.change_cluster(cluster, quorum=quorum)
    if lost:
        _stop_cluster(vmm, cluster)


def _stop_cluster(vmm: VmmServer, cluster: Cluster) -> None:
    """Let a cluster without a majority give its guests up."""
    for name in cluster.nodes:
        for guest in vmm.fabric.guests_on(name):
            if guest.clustered and guest.state in (State.RUNNING, State.PAUSED):
                guests.turn_off(vmm, guest, keep_online=True)
                vmm.fabric.outside(guest)


def _join(vmm: VmmServer, host: Host) -> None:
    """Take a node back into its cluster; guests that were to run do so again."""
    cluster = vmm.fabric.clusters.get(host.cluster)
    if cluster is None or not host.alive or _silent(host):
        return
    vmm.fabric.change_host(host, node=Node.PAUSED if host.paused else Node.UP)
    if host.name not in cluster.voters:
        order = [name for name in cluster.nodes if name in (*cluster.voters, host.name)]
        vmm.fabric.change_cluster(cluster, voters=order)
    before = cluster.quorum
    _judge_quorum(vmm, cluster)
    if cluster.quorum and not before:
        _resume_cluster(vmm, cluster)
    _note_cluster(vmm, host)


def _resume_cluster(vmm: VmmServer, cluster: Cluster) -> None:
    for name in cluster.nodes:
        host = vmm.fabric.hosts[name]
        for guest in vmm.fabric.guests_on(name):
            if host.works() and guest.online and guest.state in (State.OFF, State.SAVED):
                guests.start(vmm, guest)
                vmm.fabric.outside(guest)


def _note_cluster(vmm: VmmServer, host: Host) -> None:
    """Let VMM hear of a node's state from the other nodes, where they tell of events."""
    if vmm.has("refresh-by-events"):
        cluster = vmm.fabric.clusters[host.cluster]
        others = [vmm.fabric.hosts[name] for name in cluster.nodes]
        if any(not _silent(other) for other in others):
            refresh.notice_host(vmm, host, refresh.EVENT)


def _supersede(vmm: VmmServer, host: Host) -> None:
    """End what is under way about a host's silence or return."""
    if host.watch is not None and not host.watch.done:
        vmm.world.operations.interrupt(host.watch)
    host.watch = None


def _path(vmm: VmmServer, host: Host) -> str:
    return f"{vmm.fabric.path}/host/{host.name}"
