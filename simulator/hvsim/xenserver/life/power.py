"""Starting, pausing and unpausing guests, and declaring their state lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim.operations import Stage
from hvsim.xenserver import alerts
from hvsim.xenserver.errors import XenError
from hvsim.xenserver.life import agent, domain, image, placement, protection, underway
from hvsim.xenserver.messages import Call, message
from hvsim.xenserver.storage import vbd

if TYPE_CHECKING:
    from hvsim.operations import Operation, Steps
    from hvsim.xenserver.life.guests import Work
    from hvsim.xenserver.pool import Pool

BUILD = 2.0
"""Seconds to build a domain."""
DEVICES = 1.0
"""Seconds to attach its devices."""
SWITCH = 0.1
"""Seconds to pause or unpause a domain."""


@message("VM.start")
def start(call: Call, vm: str, start_paused: bool, force: bool) -> Operation:
    """Start a halted guest on a host that the pool chooses.

    ``force`` has nothing to override: the checks it would skip are of upgrades and memory
    settings that cannot occur here.
    """
    del force

    def prepare(work: Work) -> Steps:
        host = placement.choose(call.pool, vm)
        return _prepare_start(call, vm, host, work, paused=start_paused)

    return underway.run(call, vm, "start", prepare)


@message("VM.start_on")
def start_on(call: Call, vm: str, host: str, start_paused: bool, force: bool) -> Operation:
    """Start a halted guest on one host."""
    del force
    row = call.db.row("host", host)
    emptied = "evacuate" in row["current_operations"].values()
    if emptied and call.pool.has("evacuating-host-takes-no-start"):
        raise XenError("HOST_EVACUATE_IN_PROGRESS", host)

    def prepare(work: Work) -> Steps:
        placement.check(call.pool, vm, host)
        return _prepare_start(call, vm, host, work, paused=start_paused)

    return underway.run(call, vm, "start_on", prepare)


@message("VM.pause")
def pause(call: Call, vm: str) -> Operation:
    """Stop a running guest's processors."""
    return _switch(call, vm, "pause", domain.PAUSED)


@message("VM.unpause")
def unpause(call: Call, vm: str) -> Operation:
    """Let a paused guest's processors go on."""
    return _switch(call, vm, "unpause", domain.RUNNING)


@message("VM.power_state_reset")
def power_state_reset(call: Call, vm: str) -> None:
    """Declare a guest halted whose host is lost.

    Raises:
        XenError: ``CANNOT_RESET_CONTROL_DOMAIN``; ``DOMAIN_EXISTS`` on the master's own guests,
            ``HOST_IS_LIVE`` on those of another live host.
    """
    row = call.db.row("VM", vm)
    if row["is_control_domain"] and call.pool.has("control-domain-never-reset"):
        raise XenError("CANNOT_RESET_CONTROL_DOMAIN", vm)
    host = row["resident_on"]
    if row["power_state"] in (domain.RUNNING, domain.PAUSED) and call.db.exists("host", host):
        if host == call.pool.row["master"]:
            domid = (str(row["domid"]),) if call.pool.legacy else ()
            raise XenError("DOMAIN_EXISTS", vm, *domid)
        if placement.is_live(call.pool, host):
            raise XenError("HOST_IS_LIVE", host)
    force_halted(call.pool, vm)


def force_halted(pool: Pool, vm: str) -> None:
    """Take a guest for halted, whatever ran or was under way: its host is lost."""
    lost = XenError("CANNOT_CONTACT_HOST", pool.db.row("VM", vm)["resident_on"])
    for work in pool.guests.work.get(vm, ()):
        if work.operation is not None:
            pool.world.operations.interrupt(work.operation, lost)
    pool.db.change("VM", vm, current_operations={})
    image.discard(pool, vm)
    domain.vanish(pool, vm)


def began(call: Call, vm: str, host: str, *, paused: bool) -> None:
    """Let the guest's fresh domain appear on a host, and its system boot."""
    domain.forget_guest_metrics(call.pool, vm)
    domain.appear(call.pool, vm, host, domain.PAUSED if paused else domain.RUNNING)
    if not paused:
        agent.boot(call.pool, vm, foreground=not call.caller.background)


def _prepare_start(call: Call, vm: str, host: str, work: Work, *, paused: bool) -> Steps:
    work.undo.append(vbd.hold(call, vm, host))
    underway.reserve(call.pool, vm, host, work, "vm_start")
    underway.contact(call.pool, host)
    return _start(call, vm, host, paused=paused)


def _start(call: Call, vm: str, host: str, *, paused: bool) -> Steps:
    protection.before_start(call.pool, vm)
    yield Stage("build", BUILD, 0.6)
    yield Stage("devices", DEVICES, 0.9)
    began(call, vm, host, paused=paused)
    text = f"started on host: {alerts.named(call.pool, host)}"
    alerts.about_guest(call.pool, vm, "VM_STARTED", text)


def _switch(call: Call, vm: str, op: str, state: str) -> Operation:
    def prepare(work: Work) -> Steps:
        work.hosts.append(call.db.row("VM", vm)["resident_on"])
        underway.contact(call.pool, work.hosts[0])
        return _switching(call, vm, op, state)

    return underway.run(call, vm, op, prepare)


def _switching(call: Call, vm: str, op: str, state: str) -> Steps:
    yield Stage(op, SWITCH, 0.9)
    domain.set_state(call.pool, vm, state)
    if state == domain.RUNNING:
        agent.go_on(call.pool, vm)
    else:
        agent.fell_silent(call.pool, vm)
    alerts.about_guest(call.pool, vm, f"VM_{op.upper()}D", f"{op}d")
