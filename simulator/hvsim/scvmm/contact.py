"""Whether VMM can talk to a host's agent, and what it is told when it cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hvsim.hardware import Silence
from hvsim.operations import Stage
from hvsim.scvmm.errors import VmmError

if TYPE_CHECKING:
    from hvsim.operations import Steps
    from hvsim.scvmm.fabric import Guest, Host, State
    from hvsim.scvmm.server import VmmServer
    from hvsim.scvmm.store import Record

PATIENCE: Final = 30.0
"""Seconds until VMM gives a host up that does not answer at all."""


def trouble(host: Host) -> VmmError | None:
    """Return what VMM says of a host that it cannot use now; None for a good one."""
    if host.silence() is not None:
        return VmmError(2916, server=host.fqdn, detailed="Unknown error (0x80338126)")
    if host.agent != "running":
        return VmmError(2912, server=host.fqdn, detailed="Unknown error (0x80338126)")
    if host.hyperv != "running":
        detail = "The Hyper-V Virtual Machine Management service is not running."
        return VmmError(12711, server=host.fqdn, detail=detail)
    return None


def reach(host: Host) -> Steps:
    """Get in touch with a host as part of a job; raises :class:`VmmError` when it does not work.

    One that is silent costs the time that VMM waits for it.
    """
    found = trouble(host)
    if found is None:
        return
    if host.silence() is Silence.DROPPED or host.agent == "hung":
        yield Stage("contact", PATIENCE)
    if trouble(host) is not None:
        raise found


def guest_of(vmm: VmmServer, vm: Record, host: Host) -> Guest:
    """Return the guest behind a record on the host where VMM takes it to be.

    Raises:
        VmmError: 12711 when that host knows it no more (it was moved, or removed).
    """
    guest = vmm.fabric.guests.get(vm["VMId"])
    if guest is None or guest.host != host.name:
        detail = f"[Msvm_ComputerSystem.Name={vm['VMId']}] The object was not found (0x80041002)"
        raise VmmError(12711, server=host.fqdn, detail=detail)
    return guest


def demand(host: Host, guest: Guest, *states: State) -> None:
    """Refuse, as Hyper-V does, what a guest's true state does not allow."""
    if guest.state not in states:
        detail = f"[{guest.name}] Invalid state for this operation (32775)"
        raise VmmError(12711, server=host.fqdn, detail=detail)


def demand_room(vmm: VmmServer, host: Host, memory: int) -> None:
    """Refuse a guest for which a host has no memory (in mebibytes)."""
    if vmm.fabric.free_memory(host) < memory:
        raise VmmError(2911, server=host.fqdn)
