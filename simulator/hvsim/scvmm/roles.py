"""What somebody does on a Hyper-V host beside power: machines made, changed, moved; nodes paused.

All of it goes past VMM, which finds out in its own time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec

from hvsim.commands import Command, command
from hvsim.operations import Stage
from hvsim.scvmm import failover, guests, power, refresh
from hvsim.scvmm.console import HypervError, demand_service, guest_on
from hvsim.scvmm.fabric import Guest, Node, State
from hvsim.scvmm.server import VmmServer, find

if TYPE_CHECKING:
    from hvsim.operations import Operation, Steps
    from hvsim.scvmm.fabric import Host
    from hvsim.world import World

SWITCH: Final = 1.0
"""Seconds from the last page of memory until a moved guest runs on its new host."""
_OFF_ONLY: Final = ("memory", "cpus")
Mebibytes = Annotated[int, msgspec.Meta(ge=32, le=12 * 2**20)]


@command("scvmm.host.make")
class Make(Command, frozen=True, kw_only=True):
    """Somebody makes a guest, off and empty, at a host. ``memory`` in MiB, ``disk`` in bytes."""

    vmm: str
    host: str
    name: str
    memory: Mebibytes = 512
    generation: Annotated[int, msgspec.Meta(ge=1, le=2)] = 1
    disk: Annotated[int, msgspec.Meta(ge=0)] = 0

    def apply(self, world: World) -> str:
        """Make it; return its GUID."""
        vmm = find(world, self.vmm)
        host = vmm.fabric.host(self.host)
        demand_service(host)
        made = Guest(
            world.streams.uuid(f"{vmm.path}/guid"),
            self.name,
            host.name,
            memory=self.memory,
            generation=self.generation,
            disk=self.disk,
            services=False,
        )
        vmm.fabric.add(made)
        refresh.notice_host(vmm, host)
        return made.guid


class GuestCommand(Command, frozen=True, kw_only=True):
    """A command about one guest of a host; ``guest`` is Hyper-V's GUID of it."""

    vmm: str
    host: str
    guest: str

    def find(self, world: World) -> tuple[VmmServer, Host, Guest]:
        """Return the VMM server, the host and the guest; raises :class:`HypervError`."""
        vmm = find(world, self.vmm)
        host = vmm.fabric.host(self.host)
        return vmm, host, guest_on(vmm, host, self.guest)


@command("scvmm.host.change")
class Change(GuestCommand, frozen=True, kw_only=True):
    """Somebody changes a guest at its host; what is left out stays as it is."""

    name: str | None = None
    notes: str | None = None
    start_action: str | None = None
    memory: Mebibytes | None = None
    cpus: Annotated[int, msgspec.Meta(ge=1, le=240)] | None = None

    def apply(self, world: World) -> None:
        """Change it; memory and processors only while it is off."""
        vmm, _, guest = self.find(world)
        names = ("name", "notes", "start_action", *_OFF_ONLY)
        given = {one: getattr(self, one) for one in names if getattr(self, one) is not None}
        if guest.state != State.OFF and any(one in given for one in _OFF_ONLY):
            raise HypervError("state", f"virtual machine {guest.name!r} is {guest.state}")
        vmm.fabric.change(guest, **given)
        vmm.fabric.outside(guest)


@command("scvmm.host.remove")
class Remove(GuestCommand, frozen=True, kw_only=True):
    """Somebody removes a guest from its host, but not its disks."""

    def apply(self, world: World) -> None:
        """Remove it; refused while it runs, and while its cluster has it as a role."""
        vmm, _, guest = self.find(world)
        if guest.state in (State.RUNNING, State.PAUSED):
            raise HypervError("state", f"virtual machine {guest.name!r} is {guest.state}")
        if guest.clustered:
            raise HypervError("clustered", f"virtual machine {guest.name!r} is clustered")
        vmm.fabric.outside(guest)
        vmm.fabric.remove(guest)


@command("scvmm.host.move")
class Move(GuestCommand, frozen=True, kw_only=True):
    """Somebody moves a guest to another host, running or not.

    Attributes:
        to: the host's name.
        role: whether a cluster's own tools do it, which alone move what a cluster has as a role.
        quick: whether it is saved meanwhile, in place of a live migration.
    """

    to: str
    role: bool = False
    quick: bool = False

    def apply(self, world: World) -> Operation:
        """Begin; raises :class:`HypervError`."""
        vmm, host, guest = self.find(world)
        target = vmm.fabric.host(self.to)
        self._demand(vmm, host, guest, target)
        steps = _moving(vmm, guest, host, target, quick=self.quick)
        return world.operations.start(self.kind, vmm.fabric.subject(guest), steps)

    def _demand(self, vmm: VmmServer, host: Host, guest: Guest, target: Host) -> None:
        if guest.clustered and not self.role:
            raise HypervError("clustered", f"virtual machine {guest.name!r} is clustered")
        if self.role and (not guest.clustered or target.cluster != host.cluster):
            raise HypervError("node", f"{target.name!r} is no node of the cluster")
        if target is host:
            raise HypervError("here", f"virtual machine {guest.name!r} is there already")
        demand_target(vmm, guest, target, cluster=self.role)


def demand_target(vmm: VmmServer, guest: Guest, target: Host, *, cluster: bool) -> None:
    """Raise :class:`HypervError` for a host that cannot take a guest now."""
    if not target.alive or (cluster and target.node != Node.UP):
        raise HypervError("node", f"{target.name!r} takes no guests")
    demand_service(target)
    runs = guest.state in (State.RUNNING, State.PAUSED)
    if runs and vmm.fabric.free_memory(target) < guest.memory:
        raise HypervError("memory", f"not enough memory for {guest.name!r}")


def _moving(vmm: VmmServer, guest: Guest, source: Host, target: Host, *, quick: bool) -> Steps:
    runs = guest.state == State.RUNNING
    if not guest.shared:
        yield Stage("storage", guest.disk / vmm.bandwidth, 0.6)
    if runs:
        yield Stage("memory", guest.memory * 2**20 / vmm.bandwidth, 0.9)
    yield Stage("switch", SWITCH if not quick else power.QUICK + SWITCH, 0.95)
    demand_service(source)
    demand_target(vmm, guest, target, cluster=guest.clustered)
    if guest.host != source.name:
        raise HypervError("missing", f"virtual machine {guest.name!r} has left")
    if quick and runs:
        guests.save(vmm, guest, keep_online=True)
    vmm.fabric.change(guest, host=target.name)
    if quick and runs:
        guests.wake(vmm, guest)
    vmm.fabric.outside(guest)


@command("scvmm.node.pause")
class Pause(Command, frozen=True, kw_only=True):
    """Somebody pauses a cluster's node, with ``drain`` after its roles have gone to others."""

    vmm: str
    host: str
    drain: bool = False

    def apply(self, world: World) -> Operation:
        """Begin; raises :class:`HypervError`."""
        vmm = find(world, self.vmm)
        host = vmm.fabric.host(self.host)
        demand_node(host)
        vmm.fabric.change_host(host, node=Node.PAUSED, paused=True)
        refresh.notice_host(vmm, host, refresh.EVENT)
        steps = _draining(vmm, host) if self.drain else iter(())
        subject = f"{vmm.fabric.path}/host/{host.name}"
        return world.operations.start(self.kind, subject, _all(steps))


def _all(steps: Any) -> Steps:
    yield Stage("pause", SWITCH)
    yield from steps


def _draining(vmm: VmmServer, host: Host) -> Steps:
    cluster = vmm.fabric.clusters[host.cluster]
    for guest in vmm.fabric.guests_on(host.name):
        target = failover.target_for(vmm, cluster, guest) if guest.clustered else None
        if target is not None:
            yield from _moving(vmm, guest, host, target, quick=False)


@command("scvmm.node.resume")
class Resume(Command, frozen=True, kw_only=True):
    """Somebody lets a paused node take roles again; none comes back by that."""

    vmm: str
    host: str

    def apply(self, world: World) -> None:
        """Do it at once; raises :class:`HypervError`."""
        vmm = find(world, self.vmm)
        host = vmm.fabric.host(self.host)
        demand_node(host)
        vmm.fabric.change_host(host, node=Node.UP, paused=False)
        refresh.notice_host(vmm, host, refresh.EVENT)


def demand_node(host: Host) -> None:
    """Raise :class:`HypervError` unless a host is a node that its cluster has up or paused."""
    if not host.cluster or host.node not in (Node.UP, Node.PAUSED) or not host.alive:
        raise HypervError("cluster", f"{host.name!r} is no node that is up")
