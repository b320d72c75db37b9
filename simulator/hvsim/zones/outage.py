"""What becomes of zones when the machine below them loses its power, and gets it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim.hardware import Change, Power
from hvsim.zones import power
from hvsim.zones.errors import ZoneError
from hvsim.zones.zone import State

if TYPE_CHECKING:
    from hvsim.zones.host import ZoneHost
    from hvsim.zones.zone import Zone


def watch(host: ZoneHost) -> None:
    """Let a host follow its machine from now on."""

    def follow(change: Change) -> None:
        if change.server == host.server.name:
            _follow(host)

    host.world.hardware.observe(follow)


def _follow(host: ZoneHost) -> None:
    lost = host.server.power is Power.OFF
    if lost and host.up:
        host.up = False
        host.ssh = "stopped"
        for zone in list(host.zones.values()):
            _lose(host, zone)
        host.forget_ids()
    elif not lost and not host.up:
        host.up = True
        host.ssh = "running"
        for zone in list(host.zones.values()):
            _return(host, zone)


def _lose(host: ZoneHost, zone: Zone) -> None:
    for operation in (zone.busy, zone.starting):
        if operation is not None and not operation.done:
            host.world.operations.interrupt(operation, ZoneError("host-lost"))
    host.change(zone, serves=False)
    if zone.active:
        host.change(zone, state=State.INSTALLED, id=None)


def _return(host: ZoneHost, zone: Zone) -> None:
    if zone.state is not State.INSTALLED:
        return
    if not zone.storage:
        if "zones-can-be-unavailable" in host.behaviours:
            host.change(zone, state=State.UNAVAILABLE)
        return
    if zone.config.get("autoboot") == "true":
        power.boot(host, zone.name)
