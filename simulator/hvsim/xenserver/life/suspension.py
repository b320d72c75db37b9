"""Suspending guests to disk and resuming them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim.operations import Stage
from hvsim.xenserver import alerts
from hvsim.xenserver.life import agent, domain, image, placement, protection, underway
from hvsim.xenserver.messages import Call, message
from hvsim.xenserver.storage import vbd

if TYPE_CHECKING:
    from hvsim.operations import Operation, Steps
    from hvsim.xenserver.life.guests import Work

FREEZE = 1.0
"""Seconds until a guest's system has quiesced its devices."""
DEVICES = 1.0
"""Seconds to attach or detach them."""


@message("VM.suspend")
def suspend(call: Call, vm: str) -> Operation:
    """Save a running guest's memory to disk and take its domain."""

    def prepare(work: Work) -> Steps:
        host = call.db.row("VM", vm)["resident_on"]
        work.hosts.append(host)
        underway.contact(call.pool, host)
        protection.before_stop(call.pool, vm)
        return _suspending(call, vm, image.storage_for(call.pool, vm))

    return underway.run(call, vm, "suspend", prepare)


@message("VM.resume")
def resume(call: Call, vm: str, start_paused: bool, force: bool) -> Operation:
    """Let a suspended guest go on, on a host that the pool chooses."""
    del force

    def prepare(work: Work) -> Steps:
        host = placement.choose(call.pool, vm)
        return _prepare_resume(call, vm, host, work, paused=start_paused)

    return underway.run(call, vm, "resume", prepare)


@message("VM.resume_on")
def resume_on(call: Call, vm: str, host: str, start_paused: bool, force: bool) -> Operation:
    """Let a suspended guest go on, on one host."""
    del force
    call.db.row("host", host)

    def prepare(work: Work) -> Steps:
        placement.check(call.pool, vm, host)
        return _prepare_resume(call, vm, host, work, paused=start_paused)

    return underway.run(call, vm, "resume_on", prepare)


def seconds_to_copy(call: Call, vm: str) -> float:
    """Return how long the guest's memory takes to be copied, in seconds."""
    return float(call.db.row("VM", vm)["memory_target"]) / call.pool.bandwidth


def _suspending(call: Call, vm: str, storage: str) -> Steps:
    yield Stage("freeze", FREEZE, 0.05)
    yield Stage("save", seconds_to_copy(call, vm), 0.9)
    yield Stage("devices", DEVICES, 0.98)
    image.store(call.pool, vm, storage)
    domain.sleep(call.pool, vm)
    alerts.about_guest(call.pool, vm, "VM_SUSPENDED", "suspended")


def _prepare_resume(call: Call, vm: str, host: str, work: Work, *, paused: bool) -> Steps:
    vbd.require_disks(call.pool, vm, host)
    underway.reserve(call.pool, vm, host, work, "vm_resume")
    underway.contact(call.pool, host)
    return _resuming(call, vm, host, paused=paused)


def _resuming(call: Call, vm: str, host: str, *, paused: bool) -> Steps:
    protection.before_start(call.pool, vm)
    yield Stage("devices", DEVICES, 0.05)
    yield Stage("restore", seconds_to_copy(call, vm), 0.95)
    image.discard(call.pool, vm)
    domain.wake(call.pool, vm, host, domain.PAUSED if paused else domain.RUNNING)
    if not paused:
        agent.go_on(call.pool, vm)
    text = f"resumed on host: {alerts.named(call.pool, host)}"
    alerts.about_guest(call.pool, vm, "VM_RESUMED", text)
