"""Shutting guests down and rebooting them, with the guest's help and without."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim.operations import Cancelled, Stage
from hvsim.xenserver import alerts
from hvsim.xenserver.errors import XenError
from hvsim.xenserver.life import agent, domain, image, placement, power, protection, underway
from hvsim.xenserver.messages import Call, message

if TYPE_CHECKING:
    from hvsim.operations import Operation, Steps
    from hvsim.xenserver.life.guests import Work

ACKNOWLEDGE = 60.0
"""Seconds that a guest has to acknowledge the wish that it shut down."""
TIMEOUT = 1200.0
"""Seconds that it has to do so."""
SHUTDOWN = 20.0
"""Seconds that a guest's system takes to shut down."""
DESTROY = 1.0
"""Seconds to destroy a domain."""

_STOPPED_BY_SHUTDOWN = (
    "clean_shutdown", "clean_reboot", "hard_reboot", "pool_migrate", "call_plugin", "shutdown",
    "suspend",
)  # fmt: skip
_STOPPED_BY_REBOOT = ("clean_shutdown", "clean_reboot", "pool_migrate", "call_plugin", "suspend")


@message("VM.clean_shutdown")
def clean_shutdown(call: Call, vm: str) -> Operation:
    """Ask the guest's system to shut down."""

    def prepare(work: Work) -> Steps:
        _reach(call, vm, work)
        protection.before_stop(call.pool, vm)
        if _bound(call) and call.db.row("VM", vm)["actions_after_shutdown"] == "restart":
            return _rebooting(call, vm, clean=True)
        return _shutting_down(call, vm)

    return underway.run(call, vm, "clean_shutdown", prepare)


@message("VM.clean_reboot")
def clean_reboot(call: Call, vm: str) -> Operation:
    """Ask the guest's system to reboot; HA lets a protected guest (POWER-XS-4)."""

    def prepare(work: Work) -> Steps:
        _prepare_reboot(call, vm, work)
        if _bound(call) and call.db.row("VM", vm)["actions_after_reboot"] == "destroy":
            protection.before_stop(call.pool, vm)
            return _shutting_down(call, vm)
        return _rebooting(call, vm, clean=True)

    return underway.run(call, vm, "clean_reboot", prepare)


@message("VM.hard_shutdown")
def hard_shutdown(call: Call, vm: str) -> Operation:
    """Take the guest's power; a suspended one loses its image (POWER-XS-12)."""

    def prepare(work: Work) -> Steps:
        _reach(call, vm, work)
        protection.before_stop(call.pool, vm)
        return _forcing_off(call, vm)

    return underway.run(call, vm, "hard_shutdown", prepare)


@message("VM.hard_reboot")
def hard_reboot(call: Call, vm: str) -> Operation:
    """Take the guest's power and start it anew on its host."""

    def prepare(work: Work) -> Steps:
        _prepare_reboot(call, vm, work)
        return _rebooting(call, vm, clean=False)

    return underway.run(call, vm, "hard_reboot", prepare)


@message("VM.shutdown")
def shutdown(call: Call, vm: str) -> Operation:
    """Shut the guest down cleanly if that works, else take its power."""

    def prepare(work: Work) -> Steps:
        _reach(call, vm, work)
        protection.before_stop(call.pool, vm)
        return _shutting_down_somehow(call, vm)

    return underway.run(call, vm, "shutdown", prepare)


def leave(call: Call, vm: str) -> Steps:
    """Wait until the guest's system has shut down (a part of steps).

    Raises:
        XenError: ``VM_FAILED_SHUTDOWN_ACKNOWLEDGMENT`` when nothing in the guest listens,
            ``VM_SHUTDOWN_TIMEOUT`` [vm, seconds] when it never comes to an end.
    """
    known = agent.inside(call.pool, vm)
    if known.get("silent"):
        yield Stage("acknowledge", ACKNOWLEDGE, 0.25)
        raise XenError("VM_FAILED_SHUTDOWN_ACKNOWLEDGMENT", vm)
    if known["hung"]:
        limit = _limit(call, vm)
        yield Stage("guest-shutdown", limit, 0.5)
        raise XenError("VM_SHUTDOWN_TIMEOUT", vm, f"{limit:g}.")
    yield Stage("guest-shutdown", SHUTDOWN, 0.7)


def _bound(call: Call) -> bool:
    return call.pool.has("actions-after-bind-calls")


def _limit(call: Call, vm: str) -> float:
    if call.message != "VM.shutdown":
        return TIMEOUT
    return float(call.db.row("VM", vm)["shutdown_delay"] or TIMEOUT)


def _reach(call: Call, vm: str, work: Work) -> None:
    row = call.db.row("VM", vm)
    if row["power_state"] == domain.SUSPENDED:
        _find_host_for_image(call, vm)
        return
    work.hosts.append(row["resident_on"])
    underway.contact(call.pool, row["resident_on"])


def _find_host_for_image(call: Call, vm: str) -> None:
    needed = set(placement.storages_of(call.pool, vm))
    for host in call.db.tables["host"]:
        attached = placement.attached_storages(call.pool, host)
        if needed <= attached and placement.is_live(call.pool, host):
            return
    raise XenError("NO_HOSTS_AVAILABLE")


def _prepare_reboot(call: Call, vm: str, work: Work) -> None:
    row = call.db.row("VM", vm)
    if call.pool.has("reboot-needs-memory"):
        placement.check(call.pool, vm, row["resident_on"])
    _reach(call, vm, work)


def _shutting_down(call: Call, vm: str) -> Steps:
    yield from leave(call, vm)
    yield Stage("destroy", DESTROY, 0.95)
    _vanish(call, vm)
    alerts.about_guest(call.pool, vm, "VM_SHUTDOWN", "shutdown")


def _shutting_down_somehow(call: Call, vm: str) -> Steps:
    state = call.db.row("VM", vm)["power_state"]
    if state == domain.SUSPENDED:
        yield from _cut(call, vm)
    else:
        yield from _ask_then_cut(call, vm, paused=state == domain.PAUSED)
    alerts.about_guest(call.pool, vm, "VM_SHUTDOWN", "shutdown")


def _ask_then_cut(call: Call, vm: str, *, paused: bool) -> Steps:
    try:
        if paused:
            # Nothing in it runs that could acknowledge.
            yield Stage("acknowledge", ACKNOWLEDGE, 0.25)
        else:
            yield from leave(call, vm)
    except Cancelled:
        raise
    except XenError as error:
        if error.code == "CANNOT_CONTACT_HOST":
            raise
    yield from _cut(call, vm)


def _forcing_off(call: Call, vm: str) -> Steps:
    if call.pool.has("force-interrupts"):
        yield from underway.stop(call.pool, vm, *_STOPPED_BY_SHUTDOWN)
    yield from _cut(call, vm)
    alerts.about_guest(call.pool, vm, "VM_SHUTDOWN", "shutdown forcibly")


def _cut(call: Call, vm: str) -> Steps:
    """Destroy the domain or the image, whichever the guest has (a part of steps)."""
    yield Stage("destroy", DESTROY, 0.9)
    image.discard(call.pool, vm)
    _vanish(call, vm)


def _vanish(call: Call, vm: str) -> None:
    domain.vanish(call.pool, vm)
    if protection.is_protected(call.pool, vm):
        # Nobody took its protection away: HA is about to find that it does not run.
        for tell in call.pool.guests.on_stopped:
            tell(call.pool, vm, "shutdown")


def _rebooting(call: Call, vm: str, *, clean: bool) -> Steps:
    host = call.db.row("VM", vm)["resident_on"]
    if clean:
        yield from leave(call, vm)
    elif call.pool.has("force-interrupts"):
        yield from underway.stop(call.pool, vm, *_STOPPED_BY_REBOOT)
    yield Stage("destroy", DESTROY, 0.75)
    yield from again(call, vm, host)
    how = "cleanly" if clean else "forcibly"
    alerts.about_guest(call.pool, vm, "VM_REBOOTED", f"rebooted {how}")


def again(call: Call, vm: str, host: str) -> Steps:
    """Start the guest's next domain on the host; it stays running meanwhile (a part of steps)."""
    yield Stage("build", power.BUILD, 0.85)
    yield Stage("devices", power.DEVICES, 0.95)
    power.began(call, vm, host, paused=False)
