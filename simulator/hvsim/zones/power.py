"""Booting, halting and rebooting zones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hvsim.operations import Stage
from hvsim.zones.errors import ZoneError
from hvsim.zones.rules import demand, demand_free
from hvsim.zones.zone import State

if TYPE_CHECKING:
    from hvsim.operations import Operation, Steps
    from hvsim.zones.host import ZoneHost
    from hvsim.zones.zone import Zone

READY_SECONDS: Final = 2.0
BOOT_SECONDS: Final = 3.0
SERVICE_SECONDS: Final = 25.0
"""From ``init`` to the login prompt on the console."""
SCRIPT_SECONDS: Final = 15.0
"""What the scripts of an orderly shutdown take."""
HALT_SECONDS: Final = 1.0


def boot(host: ZoneHost, name: str) -> Operation:
    """Boot a zone; raises ZoneError."""
    zone = demand(host, name, "boot")
    demand_free(zone)
    if zone.active and zone.state is not State.READY:
        raise ZoneError("already-booted")
    _demand_storage(host, zone)
    return begin(host, zone, "zone.boot", _booting(host, zone))


def ready(host: ZoneHost, name: str) -> Operation:
    """Make a zone's virtual platform ready, with no process in it; raises ZoneError."""
    zone = demand(host, name, "ready")
    demand_free(zone)
    if zone.state is State.READY:
        raise ZoneError("already-ready")
    _demand_storage(host, zone)
    return begin(host, zone, "zone.ready", _readying(host, zone))


def halt(host: ZoneHost, name: str) -> Operation:
    """Halt a zone without asking its processes; raises ZoneError."""
    zone = demand(host, name, "halt")
    demand_free(zone)
    _demand_manageable(zone, "halt")
    if zone.state is State.INSTALLED:
        raise ZoneError("already-halted")
    return begin(host, zone, "zone.halt", halting(host, zone))


def reboot(host: ZoneHost, name: str) -> Operation:
    """Halt and boot a zone without asking its processes; raises ZoneError."""
    zone = demand(host, name, "reboot")
    demand_free(zone)
    _demand_boots(zone, "reboot")
    return begin(host, zone, "zone.reboot", _rebooting(host, zone))


def shutdown(host: ZoneHost, name: str, *, again: bool = False) -> Operation:
    """Shut a zone down in good order, and boot it again if told so; raises ZoneError."""
    zone = demand(host, name, "shutdown")
    demand_free(zone)
    _demand_boots(zone, "shutdown")
    return begin(host, zone, "zone.shutdown", _in_order(host, zone, again=again))


def begin(host: ZoneHost, zone: Zone, kind: str, steps: Steps) -> Operation:
    """Start an operation that has the zone's lock until it ends."""
    operation = host.world.operations.start(kind, host.subject(zone), steps)
    zone.busy = operation

    def let_go(ended: Operation) -> None:
        if zone.busy is ended:
            zone.busy = None
        host.world.log.wake((host.topic,))

    operation.on_done.append(let_go)
    return operation


def halting(host: ZoneHost, zone: Zone) -> Steps:
    """Take a zone out of the kernel; a stuck one stays down and the operation fails."""
    _stop_services(host, zone)
    if zone.state is not State.DOWN:
        host.change(zone, state=State.SHUTTING_DOWN)
        yield Stage("processes", HALT_SECONDS, 0.5)
        host.change(zone, state=State.DOWN)
    yield Stage("platform", HALT_SECONDS, 1.0)
    if zone.stuck:
        raise ZoneError("unable-to-destroy")
    host.change(zone, state=State.INSTALLED, id=None)


def _in_order(host: ZoneHost, zone: Zone, *, again: bool) -> Steps:
    yield Stage("scripts", SCRIPT_SECONDS, 0.4)
    yield from halting(host, zone)
    if again:
        yield from _booting(host, zone)


def _rebooting(host: ZoneHost, zone: Zone) -> Steps:
    same = zone.id
    yield from halting(host, zone)
    yield from _readying(host, zone, None if "reboot-gives-new-id" in host.behaviours else same)
    yield from _starting(host, zone)


def _booting(host: ZoneHost, zone: Zone) -> Steps:
    if zone.state is not State.READY:
        yield from _readying(host, zone)
    yield from _starting(host, zone)


def _readying(host: ZoneHost, zone: Zone, number: int | None = None) -> Steps:
    if zone.active and zone.state is not State.READY:
        yield from halting(host, zone)
    yield Stage("ready", READY_SECONDS, 0.5)
    host.change(zone, state=State.READY, id=host.next_id() if number is None else number)


def _starting(host: ZoneHost, zone: Zone) -> Steps:
    yield Stage("boot", BOOT_SECONDS, 1.0)
    host.change(zone, state=State.RUNNING, boots=zone.boots + 1)
    start_services(host, zone)


def start_services(host: ZoneHost, zone: Zone) -> None:
    """Let a zone's services come up beside everything else."""
    zone.starting = host.world.operations.start(
        "zone.services", host.subject(zone), _serving(host, zone)
    )


def _serving(host: ZoneHost, zone: Zone) -> Steps:
    yield Stage("services", SERVICE_SECONDS, 1.0)
    host.change(zone, serves=True)


def _stop_services(host: ZoneHost, zone: Zone) -> None:
    if zone.starting is not None and not zone.starting.done:
        host.world.operations.interrupt(zone.starting)
    zone.starting = None
    host.change(zone, serves=False)


def _demand_manageable(zone: Zone, command: str) -> None:
    if zone.state is State.CONFIGURED:
        raise ZoneError("cannot-manage", zone.state)
    if zone.state in (State.INCOMPLETE, State.UNAVAILABLE):
        raise ZoneError("daemon-invalid", command, zone.state)


def _demand_boots(zone: Zone, command: str) -> None:
    if zone.state is State.READY:
        raise ZoneError("daemon-invalid", command, zone.state)


def _demand_storage(host: ZoneHost, zone: Zone) -> None:
    if zone.storage:
        return
    if "zones-can-be-unavailable" in host.behaviours:
        host.change(zone, state=State.UNAVAILABLE)
    raise ZoneError("storage-missing", zone.config.zonepath)
