"""What goes on in guests: boot, key-value exchange, shutdown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hvsim.operations import Stage
from hvsim.scvmm.fabric import State

if TYPE_CHECKING:
    from hvsim.operations import Steps
    from hvsim.scvmm.fabric import Guest
    from hvsim.scvmm.server import VmmServer

BOOT: Final = 30.0
"""Seconds from power on until the guest's system answers and exchanges its name."""
SHUTDOWN: Final = 15.0


def turn_on(vmm: VmmServer, guest: Guest) -> None:
    """Boot a guest's system; its name is exchanged when it has come up."""
    fabric = vmm.fabric
    fabric.change(
        guest,
        state=State.RUNNING,
        boots=guest.boots + 1,
        reported="",
        answers=True,
        online=guest.clustered,
        since=vmm.world.now,
    )
    _stop_booting(vmm, guest)
    guest.booting = vmm.world.operations.start(
        "guest.boot", fabric.subject(guest), _boot(vmm, guest)
    )


def _boot(vmm: VmmServer, guest: Guest) -> Steps:
    boots = guest.boots
    yield Stage("boot", BOOT)
    if guest.boots == boots and guest.state == State.RUNNING and guest.services:
        report(vmm, guest)


def report(vmm: VmmServer, guest: Guest) -> None:
    """Let the integration services give the guest's name to its host (NAME-HV-2)."""
    if guest.reported != guest.hostname:
        vmm.fabric.change(guest, reported=guest.hostname)
        vmm.fabric.outside(guest)


def turn_off(vmm: VmmServer, guest: Guest, *, keep_online: bool = False) -> None:
    """Cut a guest's power; its cluster forgets that it was to run unless told to keep that."""
    _stop_booting(vmm, guest)
    online = guest.online and keep_online
    vmm.fabric.change(guest, state=State.OFF, reported="", online=online)


def save(vmm: VmmServer, guest: Guest, *, keep_online: bool = False) -> None:
    """Write a guest's memory to disk; it goes on from there when it is started."""
    online = guest.online and keep_online
    vmm.fabric.change(guest, state=State.SAVED, online=online)


def wake(vmm: VmmServer, guest: Guest) -> None:
    """Let a saved guest go on."""
    now = vmm.world.now
    vmm.fabric.change(guest, state=State.RUNNING, online=guest.clustered, since=now)


def start(vmm: VmmServer, guest: Guest) -> None:
    """Start a guest from whatever it is in."""
    if guest.state == State.OFF:
        turn_on(vmm, guest)
    elif guest.state != State.RUNNING:
        wake(vmm, guest)


def _stop_booting(vmm: VmmServer, guest: Guest) -> None:
    if guest.booting is not None and not guest.booting.done:
        vmm.world.operations.interrupt(guest.booting)
    guest.booting = None
