"""Hyper-V of one host, as it is used on the host itself: VMM finds out in its own time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hvsim.commands import Command, command
from hvsim.errors import Refusal
from hvsim.operations import Stage
from hvsim.scvmm import guests, power
from hvsim.scvmm.fabric import State
from hvsim.scvmm.server import VmmServer, find

if TYPE_CHECKING:
    from hvsim.operations import Operation, Steps
    from hvsim.scvmm.fabric import Guest, Host
    from hvsim.world import World

_LIVE: Final = (State.RUNNING, State.PAUSED)
FROM: Final = {
    "start": (State.OFF, State.SAVED),
    "shut-down": (State.RUNNING,),
    "turn-off": (State.RUNNING, State.PAUSED, State.SAVED),
    "save": _LIVE,
    "pause": (State.RUNNING,),
    "resume": (State.PAUSED,),
    "reset": _LIVE,
}
"""What Hyper-V does with a guest, and in which of its states."""


class HypervError(Refusal):
    """What Hyper-V refuses with.

    ``reason`` is ``service`` (its own is down), ``missing`` (no such guest here), ``state``,
    ``memory``, ``ready`` (no integration service to ask), ``timeout``, ``size``, ``clustered``,
    ``node``, ``here``, ``destination`` or ``cluster``.
    """

    def __init__(self, reason: str, text: str) -> None:
        self.reason = reason
        super().__init__(text)


@command("scvmm.host.operate")
class Operate(Command, frozen=True, kw_only=True):
    """Somebody operates a guest at its host with Hyper-V's own tools.

    ``guest`` is Hyper-V's GUID of it, ``to`` one of :data:`FROM`.
    """

    vmm: str
    host: str
    guest: str
    to: str

    def apply(self, world: World) -> Operation:
        """Begin; raises :class:`HypervError`."""
        vmm = find(world, self.vmm)
        host = vmm.fabric.host(self.host)
        guest = guest_on(vmm, host, self.guest)
        _demand(vmm, host, guest, self.to)
        subject = vmm.fabric.subject(guest)
        return world.operations.start(self.kind, subject, _steps(vmm, host, guest, self.to))


def demand_service(host: Host) -> None:
    """Raise :class:`HypervError` while Hyper-V's own service, or its host, does not run."""
    if host.hyperv != "running" or not host.alive:
        raise HypervError("service", "the Virtual Machine Management service does not run")


def guest_on(vmm: VmmServer, host: Host, guid: str) -> Guest:
    """Return a guest that is registered on a host; raises :class:`HypervError`."""
    demand_service(host)
    guest = vmm.fabric.guests.get(guid.lower())
    if guest is None or guest.host != host.name:
        raise HypervError("missing", f"no virtual machine {guid}")
    return guest


def _demand(vmm: VmmServer, host: Host, guest: Guest, to: str) -> None:
    if to not in FROM:
        raise HypervError("state", f"there is no operation {to!r}")
    if guest.state not in FROM[to]:
        raise HypervError("state", f"virtual machine {guest.name!r} is {guest.state}")
    if to == "start" and vmm.fabric.free_memory(host) < guest.memory:
        raise HypervError("memory", f"not enough memory for {guest.name!r}")
    if to == "shut-down" and not guest.services:
        raise HypervError("ready", f"no integration service answers in {guest.name!r}")


def _steps(vmm: VmmServer, host: Host, guest: Guest, to: str) -> Steps:
    yield Stage(to, _seconds(vmm, guest, to), 0.9)
    demand_service(host)
    if to == "shut-down" and not guest.answers:
        raise HypervError("timeout", f"{guest.name!r} did not shut down in time")
    _demand(vmm, host, guest_on(vmm, host, guest.guid), to)
    _become(vmm, guest, to)
    vmm.fabric.outside(guest)


def _seconds(vmm: VmmServer, guest: Guest, to: str) -> float:
    if to == "shut-down":
        return guests.SHUTDOWN if guest.answers else power.PATIENCE
    if to == "save":
        return power.QUICK + guest.memory * 2**20 / vmm.bandwidth
    return power.START if to == "start" else power.QUICK


def _become(vmm: VmmServer, guest: Guest, to: str) -> None:
    if to == "start":
        guests.start(vmm, guest)
    elif to == "reset":
        guests.turn_on(vmm, guest)
    elif to == "save":
        guests.save(vmm, guest)
    elif to in ("pause", "resume"):
        vmm.fabric.change(guest, state=State.PAUSED if to == "pause" else State.RUNNING)
    else:
        guests.turn_off(vmm, guest)
